"""Regular expressions, LINQ, hashes and ciphers inside real Envoy: its LuaJIT gives what that of the tests gives, and
no pattern holds a worker."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import pytest

from policy_envoy import Lab
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

IN = 'context.Request.Headers.GetValueOrDefault("X-In", "")'
BYTES = f"Encoding.UTF8.GetBytes({IN})"
KEY = 'Encoding.UTF8.GetBytes("0123456789abcdef")'


def test_what_expressions_compute(lab: Lab) -> None:
    """One request after another, so that compiled traces run too."""
    values = {
        "x-match": f'@(Regex.Match({IN}, @"(?<word>\\w+)-(\\d+)").Groups["word"].Value)',
        "x-replace": f'@(Regex.Replace({IN}, "[aeiou]", m => m.Value.ToUpper()))',
        "x-sorted": f"@(string.Join(\",\", {IN}.Split('-').OrderByDescending(x => x.Length).ThenBy(x => x)))",
        "x-sha512": f"@(Convert.ToBase64String(SHA512.Create().ComputeHash({BYTES})))",
        "x-hmac": f"@(Convert.ToBase64String(new HMACSHA256({KEY}).ComputeHash({BYTES})))",
        "x-back": f'@(Encoding.UTF8.GetString({BYTES}.Encrypt("Aes", {KEY}, {KEY}).Decrypt("Aes", {KEY}, {KEY})))',
    }
    route = lab.serve(document_text("".join(set_header(name, value) for name, value in values.items())))
    for number in range(60):
        text = f"word{'o' * (number % 40)}-{number}"
        answer = route.get(("X-In", text))
        assert answer.status == 200
        assert answer.got("x-match") == [text.split("-")[0]]
        assert answer.got("x-replace") == [text.replace("o", "O")]
        assert answer.got("x-sorted") == [",".join(sorted(text.split("-"), key=lambda x: (-len(x), x)))]
        assert answer.got("x-sha512") == [base64.b64encode(hashlib.sha512(text.encode()).digest()).decode()]
        assert answer.got("x-hmac") == [
            base64.b64encode(hmac.digest(b"0123456789abcdef", text.encode(), "sha256")).decode()
        ]
        assert answer.got("x-back") == [text]


def test_no_pattern_holds_a_worker(lab: Lab) -> None:
    """Catastrophic backtracking over what a client sends is a failed expression, soon; the next request is served."""
    route = lab.serve(document_text(set_header("X-Out", f'@(Regex.IsMatch({IN}, "^(a+)+$").ToString())')))
    assert route.get(("X-In", "aaaa")).got("x-out") == ["True"]
    started = time.monotonic()
    for _ in range(3):
        assert route.get(("X-In", "a" * 2000 + "!")).status == 500
    assert time.monotonic() - started < 60
    assert route.get(("X-In", "aaaa")).status == 200


def test_a_pattern_of_the_client(lab: Lab) -> None:
    """What is no pattern is an exception of the expression, whatever was sent."""
    route = lab.serve(document_text(set_header("X-Out", f'@(Regex.IsMatch("abc", {IN}).ToString())')))
    for pattern in ("(", "[", "*", "\\", "(?<", "a{2,1}", "(" * 100, "\\p{X}", "(?(a)b)", "x" * 20_000):
        assert route.get(("X-In", pattern)).status == 500
    assert route.get(("X-In", "b.")).got("x-out") == ["True"]
