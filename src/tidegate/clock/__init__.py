"""Time and randomness, passed in. The only package that reads either."""

from tidegate.clock.clock import Clock, ManualClock, SystemClock
from tidegate.clock.randomness import Randomness, SeededRandomness, SystemRandomness

__all__ = ["Clock", "ManualClock", "Randomness", "SeededRandomness", "SystemClock", "SystemRandomness"]
