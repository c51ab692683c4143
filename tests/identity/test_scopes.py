"""How a scope parameter is read."""

from __future__ import annotations

import pytest

from tidegate.identity.errors import OAuthError
from tidegate.identity.protocol.scopes import WantedAccess, parse_scope


@pytest.mark.parametrize(
    ("text", "resource", "names"),
    [
        ("api://tasks/.default", "api://tasks", ()),
        ("api://tasks/Tasks.Read", "api://tasks", ("Tasks.Read",)),
        ("api://tasks/A api://tasks/B api://tasks/A", "api://tasks", ("A", "B")),
        ("https://vault.azure.net/.default", "https://vault.azure.net", ()),
        # The slash belongs to the resource: az asks like this.
        ("https://management.core.windows.net//.default", "https://management.core.windows.net/", ()),
        ("https://contoso.com/app/Read", "https://contoso.com/app", ("Read",)),
        ("0000000a-0000-4000-8000-000000000001/.default", "0000000a-0000-4000-8000-000000000001", ()),
        ("  api://tasks/.default  ", "api://tasks", ()),
    ],
)
def test_the_last_slash_separates_resource_and_name(text: str, resource: str, names: tuple[str, ...]) -> None:
    """No names means everything that was granted."""
    assert parse_scope(text) == WantedAccess(resource, names)


def test_scopes_of_openid_are_set_aside() -> None:
    """They belong to no resource."""
    wanted = parse_scope("openid api://tasks/.default profile offline_access email")
    assert wanted == WantedAccess("api://tasks", (), frozenset({"openid", "profile", "offline_access", "email"}))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 900144),
        (" \t", 900144),
        ("openid profile", 70011),
        (".default", 70011),
        ("/.default", 70011),
        ("api://tasks/", 70011),
        ("User.Read", 70011),
        ("api://tasks/A api://other/A", 70011),
        ("api://tasks/.default api://tasks/A", 70011),
        ("api://tasks/A User.Read", 70011),
    ],
)
def test_what_names_no_single_resource_is_refused(text: str, code: int) -> None:
    """Nothing is guessed: no default resource, no first of several."""
    with pytest.raises(OAuthError) as raised:
        parse_scope(text)
    assert raised.value.kind.code == code
