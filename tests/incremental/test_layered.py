"""Tables in layers hold what dicts hold, and copies do not see each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.incremental.layered import Layered

_STEPS = st.lists(st.tuples(st.sampled_from(["set", "pop", "settle", "copy"]), st.integers(0, 12), st.integers(1, 9)))


@given(_STEPS)
def test_a_layered_table_is_a_dict(steps: list[tuple[str, int, int]]) -> None:
    """After any steps; and older copies are what they were."""
    table: Layered[int, int] = Layered()
    plain: dict[int, int] = {}
    older: list[tuple[Layered[int, int], dict[int, int]]] = []
    for step, key, value in steps:
        match step:
            case "set":
                table[key] = plain[key] = value
            case "pop":
                assert table.pop(key) == plain.pop(key, None)
            case "settle":
                table.settle()
            case _:
                older.append((table, dict(plain)))
                table = table.copy()
        for each, expected in (*older, (table, plain)):
            assert dict(each.items()) == expected
            assert len(each) == len(expected)
            assert set(each) == set(expected)
            assert sorted(each.values()) == sorted(expected.values())
            assert all((number in each) == (number in expected) for number in range(13))
