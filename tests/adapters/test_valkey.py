"""The connection to Valkey, against a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.adapters.valkey import Valkey, ValkeyAddress, ValkeyError
from valkey_server import running_valkey


async def test_scripts_and_their_answers(tmp_path: Path) -> None:
    """Each kind of answer; the second run of a script sends its digest only."""
    with running_valkey(tmp_path) as address:
        valkey = Valkey(address, timeout_s=30)
        for _ in range(2):
            script = "return {1, 'two', {3, false}, ARGV[1], KEYS[1]}"
            assert await valkey.run(script, ("k",), "ä") == [1, b"two", [3, None], "ä".encode(), b"k"]
        assert await valkey.run("return redis.status_reply('fine')", ()) == b"fine"
        with pytest.raises(ValkeyError, match=r"valkey.sock: .*wrong"):
            await valkey.run("return redis.error_reply('wrong')", ())
        assert await valkey.run("return 1", ()) == 1
        valkey.close()
        assert await valkey.run("return 2", ()) == 2
        valkey.close()


async def test_passwords_and_databases(tmp_path: Path) -> None:
    """Entered before the first command; what is wrong says so, without the password."""
    with running_valkey(tmp_path, "--requirepass", "s3cret") as address:
        good = Valkey(ValkeyAddress("", 0, path=address.path, password="s3cret", database=3), timeout_s=30)
        assert await good.run("return 1", ()) == 1
        good.close()
        bad = Valkey(ValkeyAddress("", 0, path=address.path, password="guess"), timeout_s=30)
        with pytest.raises(ValkeyError) as refused:
            await bad.run("return 1", ())
        assert "guess" not in str(refused.value)
        bad.close()


async def test_that_is_away_and_comes_back(tmp_path: Path) -> None:
    """Each call fails by itself, and the next one tries anew."""
    with running_valkey(tmp_path) as address:
        valkey = Valkey(address, timeout_s=30)
        assert await valkey.run("return 1", ()) == 1
    with pytest.raises(ValkeyError):
        await valkey.run("return 1", ())
    with running_valkey(tmp_path):
        assert await valkey.run("return 1", ()) == 1
        valkey.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("valkey://host", ValkeyAddress("host", 6379)),
        ("redis://u:p%40@host:1/2", ValkeyAddress("host", 1, user="u", password="p@", database=2)),
        ("valkeys://:p@[::1]:7", ValkeyAddress("::1", 7, tls=True, password="p")),
        ("unix:///run/valkey.sock", ValkeyAddress("", 0, path="/run/valkey.sock")),
    ],
)
def test_addresses(url: str, expected: ValkeyAddress) -> None:
    """As other programs write them; a password is not shown."""
    parsed = ValkeyAddress.parse(url)
    assert parsed == expected
    assert "p@" not in repr(parsed)


@pytest.mark.parametrize("url", ["", "host:6379", "http://host", "valkey://", "valkey://host/x", "unix://"])
def test_what_is_no_address(url: str) -> None:
    """Told before anything runs."""
    with pytest.raises(ValueError, match="expected valkey://"):
        ValkeyAddress.parse(url)
