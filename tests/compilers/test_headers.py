"""Header changes in a row, and their spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edges import edge, recording
from real_envoy import Client
from tidegate.compilers.headers import composed, envoy_changes
from tidegate.model import HeaderChange, HeaderChanges
from worlds import forward, route

_NAMES = ("a", "b", "C", "c")


@st.composite
def _changes(draw: st.DrawFn) -> HeaderChanges:
    """Each name at most once, as HTTPHeaderFilter wants it."""
    kinds = draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["set", "add", "remove"])))
    values = {
        name: HeaderChange(draw(st.sampled_from([name, name.upper()])), draw(st.text("12", max_size=1)))
        for name in kinds
    }
    return HeaderChanges(
        set=tuple(values[name] for name, kind in kinds.items() if kind == "set"),
        add=tuple(values[name] for name, kind in kinds.items() if kind == "add"),
        remove=tuple(values[name].name for name, kind in kinds.items() if kind == "remove"),
    )


def _applied(changes: HeaderChanges, headers: dict[str, list[str]]) -> dict[str, list[str]]:
    """What Envoy does: remove, set, add."""
    result = {name: list(values) for name, values in headers.items()}
    for name in changes.remove:
        result.pop(name.lower(), None)
    for change in changes.set:
        result[change.name.lower()] = [change.value]
    for change in changes.add:
        result.setdefault(change.name.lower(), []).append(change.value)
    return result


@given(
    first=_changes(),
    then=_changes(),
    headers=st.dictionaries(st.sampled_from("abc"), st.lists(st.text("xy", max_size=1), min_size=1, max_size=2)),
)
def test_composed_changes_do_what_both_do_in_a_row(
    first: HeaderChanges, then: HeaderChanges, headers: dict[str, list[str]]
) -> None:
    """Also through a third."""
    assert _applied(composed(first, then), headers) == _applied(then, _applied(first, headers))
    thrice = _applied(first, _applied(then, _applied(first, headers)))
    assert _applied(composed(composed(first, then), first), headers) == thrice


@pytest.mark.e2e
async def test_no_spelling_of_a_header_that_is_set_passes() -> None:
    """A backend that reads `_` or `.` as `-` finds one value, the gateway's; so for one that is removed."""
    changes = HeaderChanges(
        set=(HeaderChange("X-User-Id", "ours"),), add=(HeaderChange("X-Add", "1"),), remove=("X-Admin",)
    )
    async with recording("v1") as [(v1, to)]:
        shop = route("shop", forward(to), request_headers=changes)
        async with edge(shop, backends=[to]) as port, Client(port) as client:
            forged = (
                "X_User_Id",
                "x.user.id",
                "X-User_Id",
                "x_user.id",
                "X-USER-ID",
                "x_admin",
                "X.Admin",
                "x_add",
                "x-users",
            )
            assert (await client.get("/", *((name, "theirs") for name in forged))).status == 200
            seen = {name: value for name, value in v1.last.headers if name.startswith("x") and "forwarded" not in name}
    for name in ("x-request-id", "x-gateway-authorization"):
        seen.pop(name)
    assert seen == {"x-user-id": "ours", "x_add": "theirs", "x-add": "1", "x-users": "theirs"}


def test_what_a_user_says_of_another_spelling_stays() -> None:
    """Set twice, in two spellings; and responses are the backend's own."""
    both = HeaderChanges(set=(HeaderChange("x-a", "1"), HeaderChange("x_a", "2")), remove=("x.a",))
    assert envoy_changes("request", both)["request_headers_to_remove"] == ["x.a"]
    assert "response_headers_to_remove" not in envoy_changes("response", HeaderChanges(set=(HeaderChange("x-a", "1"),)))


def test_names_of_many_parts_have_few_spellings() -> None:
    """Their number grows threefold with each part."""
    few = envoy_changes("request", HeaderChanges(remove=("a-b-c-d-e",)))["request_headers_to_remove"]
    many = envoy_changes("request", HeaderChanges(remove=("a-b-c-d-e-f-g-h",)))["request_headers_to_remove"]
    assert (len(few), many) == (81, ["a-b-c-d-e-f-g-h", "a.b.c.d.e.f.g.h", "a_b_c_d_e_f_g_h"])
