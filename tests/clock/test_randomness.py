"""Sources of unpredictable values, and the reproducible one."""

from __future__ import annotations

import uuid

import pytest

from tidegate.clock import Randomness, SeededRandomness, SystemRandomness


@pytest.mark.parametrize("source", [SystemRandomness(), SeededRandomness()])
def test_values_have_the_asked_length_and_differ(source: Randomness) -> None:
    """Two draws are not equal."""
    assert len(source.bytes(32)) == 32
    assert source.bytes(32) != source.bytes(32)


@pytest.mark.parametrize("source", [SystemRandomness(), SeededRandomness()])
def test_uuids_are_of_version_4_in_lower_case(source: Randomness) -> None:
    """RFC 9562 section 5.4."""
    text = source.uuid()
    assert uuid.UUID(text).version == 4
    assert text == text.lower()


def test_a_seed_makes_values_reproducible() -> None:
    """Another seed makes others."""
    assert SeededRandomness(7).uuid() == SeededRandomness(7).uuid()
    assert SeededRandomness(7).uuid() != SeededRandomness(8).uuid()
