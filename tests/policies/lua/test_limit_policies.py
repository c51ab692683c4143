"""rate-limit and quota over what is known of the caller: whose counters count."""

from __future__ import annotations

from typing import Any

import pytest

from expression_lab import runtime

_USE = b"""
local ffi = require("ffi")
ffi.cdef("int pthread_spin_init(int *, int);")
local function memory(size)
  local made = ffi.new("char[?]", size)
  for i = 0, 63 do ffi.C.pthread_spin_init(ffi.cast("int *", made + 4096 + i * 64), 1) end
  return made
end
kept = { memory(R.counters_size), memory(R.quotas_size) }
R.use_counters(kept[1])
R.use_quotas(kept[2], function() return 1000000 end)
local facts = nil
R.facts = function() return facts end
function call(subscription, api, operation, run, product)
  facts = {
    subscription = subscription and { id = subscription }, product = product and { id = product },
    api = { id = api, name = api .. " name" }, operation = { id = operation, name = operation .. " name" },
  }
  local q = { variables = {}, after = false }
  local ok, problem = pcall(RUN[run], q)
  if ok then return 200, q end
  if not R.is_failure(problem) then error(problem, 0) end
  return problem.status, q
end
local function limit(calls, more)
  local made = { calls = calls, period = 300, first = 0 }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end
local function rate(rules)
  rules.retry_header = "retry-after"
  return function(q) R.rate_limit_subscription(q, rules) end
end
local function quota(rules) return function(q) R.quota_subscription(q, rules) end end
RUN = {}
for name, make in pairs({ rate = rate, quota = quota }) do
  RUN[name] = make(limit(2, { scope = "global" }))
  RUN[name .. "-api"] = make(limit(2, { scope = "api" }))
  RUN[name .. "-product"] = make(limit(2, { scope = "product" }))
  RUN[name .. "-inside"] = make(limit(3, {
    scope = "global",
    apis = { limit(9, { id = "a", operations = { limit(1, { name = "o name" }) } }), limit(1, { name = "b name" }) },
  }))
end
RUN["rate-remaining"] = rate(limit(5, {
  scope = "global", remaining_variable = "left", apis = { limit(2, { id = "a" }) },
}))
"""


class Calls:
    """Calls by a subscription's key."""

    def __init__(self) -> None:
        self.vm = runtime()
        self.vm.execute(_USE)
        self._call: Any = self.vm.globals().call

    def __call__(
        self, run: str, subscription: str | None = "s", api: str = "a", operation: str = "o", product: str | None = None
    ) -> int:
        given = (None if each is None else each.encode() for each in (subscription, api, operation, run, product))
        return int(self._call(*given)[0])


@pytest.fixture
def call() -> Calls:
    return Calls()


REFUSED = {"rate": 429, "quota": 403}


@pytest.mark.parametrize("kind", ["rate", "quota"])
def test_by_subscription(call: Calls, kind: str) -> None:
    """Each has its own counter, over all APIs; calls without a key are not limited."""
    assert [call(kind, "one", api) for api in "abc"] == [200, 200, REFUSED[kind]]
    assert call(kind, "two") == 200
    assert [call(kind, None) for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("kind", ["rate", "quota"])
def test_by_scope(call: Calls, kind: str) -> None:
    """In an API's policy the counter is of the API, in a product's of the product."""
    assert [call(f"{kind}-api", api=api) for api in "aaab"] == [200, 200, REFUSED[kind], 200]
    assert [call(f"{kind}-product", product=p) for p in "pppq"] == [200, 200, REFUSED[kind], 200]


@pytest.mark.parametrize("kind", ["rate", "quota"])
def test_limits_inside(call: Calls, kind: str) -> None:
    """An operation's, an API's and the whole limit hold each by itself."""
    refused = REFUSED[kind]
    assert call(f"{kind}-inside", operation="o") == 200
    assert call(f"{kind}-inside", operation="o") == refused
    assert call(f"{kind}-inside", operation="other") == 200
    assert call(f"{kind}-inside", api="b") == 200
    assert call(f"{kind}-inside", operation="other") == refused


@pytest.mark.parametrize("kind", ["rate", "quota"])
def test_refused_calls_count_nowhere(call: Calls, kind: str) -> None:
    """A call that the operation's limit refuses leaves the whole limit's count alone."""
    for _ in range(6):
        call(f"{kind}-inside", operation="o")
    assert [call(f"{kind}-inside", operation="other") for _ in range(3)] == [200, 200, REFUSED[kind]]


def test_what_remains_is_the_least(call: Calls) -> None:
    """Of all limits that hold."""
    variables = call.vm.globals().call(b"s", b"a", b"o", b"rate-remaining")[1][b"variables"]
    assert variables[b"left"] == 1
