"""Named values: by display name; those of Key Vault need a value here."""

from __future__ import annotations

from apim_files import api, named_value
from compiling import codes, compiled

FILES = api("shop", serviceUrl="http://a.test")


def test_values_of_key_vault() -> None:
    """Nobody asks Key Vault; the way out is told, and a value that was given here is secret."""
    vault = {"secretIdentifier": "https://v.vault.azure.net/secrets/x"}
    compilation = compiled({**FILES, **named_value("a", keyVault=vault)})
    (found,) = compilation.diagnostics
    assert found.code.code == "TG1228"
    assert "Key Vault" in found.message
    assert "--set NAME" in found.help
    assert codes(compiled({**FILES, **named_value("a", keyVault=vault, value="x")})) == []


def test_values_from_the_command_line() -> None:
    """`${NAME}` is filled in before anything is read."""
    assert codes(compiled({**FILES, **named_value("a", value="${A}")})) == ["TG1115"]
    assert codes(compiled({**FILES, **named_value("a", value="${A}")}, values={"A": "x"})) == []
