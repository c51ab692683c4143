"""Settings from outside: the only reader of the environment."""

from tidegate.config.environment import Environment, child_environment, read_environment

__all__ = ["Environment", "child_environment", "read_environment"]
