"""Verified callers for ASGI services."""
