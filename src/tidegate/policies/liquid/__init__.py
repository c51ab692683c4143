"""Liquid templates of `set-body`: read when the policy is compiled, and made a Lua function that writes the text."""

from tidegate.policies.liquid.compiler import read_template
from tidegate.policies.liquid.template import ContextUse, Template

__all__ = ["ContextUse", "Template", "read_template"]
