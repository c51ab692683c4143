"""Masking and policy documents, for any expressions."""

from __future__ import annotations
