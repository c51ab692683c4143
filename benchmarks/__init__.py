"""Measures Tidegate's gateway against bare Envoy and against HAProxy: `make bench`."""
