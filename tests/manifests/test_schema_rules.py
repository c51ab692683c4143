"""Rules between fields, and when limits on numbers do not count."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from tidegate.manifests.schema.rules import AT, SALVAGE, at_most, distinct, repeated, wrong_at


class Lists(BaseModel):
    few: Annotated[tuple[int, ...], at_most(2)] = ()
    different: Annotated[tuple[str, ...], distinct("a word", str.lower)] = ()


def test_list_that_is_too_long() -> None:
    """An error, but for what is salvaged: that must refuse everything that was written."""
    with pytest.raises(ValidationError) as caught:
        Lists.model_validate({"few": (1, 2, 3)})
    (error,) = caught.value.errors()
    assert (error["type"], error["ctx"]["max_length"]) == ("too_long", 2)
    assert Lists.model_validate({"few": (1, 2, 3)}, context=SALVAGE).few == (1, 2, 3)


def test_entry_that_stands_twice() -> None:
    """The second one is at fault, by its key."""
    with pytest.raises(ValidationError) as caught:
        Lists.model_validate({"different": ("a", "b", "A")})
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"], error["ctx"]["path"]) == (AT, ("different",), (2,))
    assert error["msg"] == "a word that is not in the list already"


def test_first_value_that_stood_before() -> None:
    """Or none."""
    assert repeated("abca") == 3
    assert repeated("abc") is None
    assert repeated(()) is None


def test_error_says_where_and_what_was_expected() -> None:
    """`expected` completes "must be ..."; braces in it are text."""
    problem = wrong_at(("a", 0), "{no} template")
    assert (problem.type, problem.message()) == (AT, "{no} template")
