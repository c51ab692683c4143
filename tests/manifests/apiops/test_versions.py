"""Version sets and revisions: what is wrong with them is told, and such an API is not served."""

from __future__ import annotations

import pytest

from apim_files import api, information
from compiling import codes, compiled

URL = {"serviceUrl": "http://a.test"}


def version_set(**properties: str) -> dict[str, str]:
    return {"version sets/v/versionSetInformation.json": information("v", {"displayName": "v", **properties})}


@pytest.mark.parametrize(
    ("properties", "files", "said"),
    [
        ({"apiVersion": "v1"}, {}, "without `apiVersionSetId`"),
        ({"apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/w"}, version_set(versioningScheme="Segment"), "`w`"),
        (
            {"apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/v"},
            version_set(versioningScheme="Header"),
            "`versionHeaderName`",
        ),
        (
            {"apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/v"},
            version_set(versioningScheme="Query"),
            "`versionQueryName`",
        ),
    ],
)
def test_version_sets_that_say_too_little(properties: dict[str, str], files: dict[str, str], said: str) -> None:
    """Nobody knows which requests are meant."""
    compilation = compiled({**api("shop", **URL, **properties), **files})
    (found,) = compilation.diagnostics
    assert found.code.code == "TG1246"
    assert said in found.message
    assert compilation.world.gateways[0].listeners[0].routes == ()


def test_two_apis_at_one_address() -> None:
    """Versions tell APIs with one path apart; equal ones do not."""
    given = {"path": "shop", "apiVersionSetId": "/apiVersionSets/v", **URL}
    files = {
        **version_set(versioningScheme="Header", versionHeaderName="v"),
        **api("one", **{**given, "apiVersion": "1"}),
        **api("two", **{**given, "apiVersion": "2"}),
    }
    assert codes(compiled(files)) == []
    assert codes(compiled({**files, **api("three", **{**given, "apiVersion": "2"})})) == ["TG1225"]


def test_the_current_revision_is_reached_by_its_number_too() -> None:
    """Where there are other revisions."""
    files = {**api("shop", apiRevision="3", **URL), **api("shop;rev=2", **{**URL, "path": "shop"})}
    compilation = compiled(files)
    paths = sorted(route.match.path.value for route in compilation.world.gateways[0].listeners[0].routes)
    assert codes(compilation) == []
    assert paths == ["/shop/?", "/shop;rev=2/?", "/shop;rev=3/?"]
