"""Envoy's vocabulary: type URLs, resource builders (dicts in Envoy's JSON shape), the checked `Snapshot`, bootstrap.

Only `convert` knows protobuf.
"""
