-- The policies that limit: rate-limit-by-key, rate-limit, quota, quota-by-key, and RateLimitPolicy. What they count in is
-- counters.lua and quotas.lua.

local function refuse(header, seconds)
  R.fail(
    "RateLimitExceeded", 429, "Rate limit is exceeded. Try again in " .. seconds .. " seconds.",
    { [header] = tostring(seconds) }
  )
end

-- -- rate-limit-by-key

function R.rate_limit(q, rules, key, calls, period, count)
  if calls < 1 or period < 1 or period > 300 or count < 0 then
    R.throw("rate-limit-by-key: calls, renewal-period or increment-count is out of range")
  end
  local allowed, remaining, wait = R.count(key or "", calls, period, count)
  if remaining < 0 then remaining = 0 end
  if rules.remaining_header then R.after(q, rules.remaining_header, tostring(remaining)) end
  if rules.total_header then R.after(q, rules.total_header, tostring(calls)) end
  if rules.remaining_variable then q.variables[rules.remaining_variable] = remaining end
  if allowed then return end
  local seconds = math.max(1, math.ceil(wait))
  if rules.retry_variable then q.variables[rules.retry_variable] = seconds end
  refuse(rules.retry_header, seconds)
end

-- -- RateLimitPolicy

-- Longer values share one counter: they are nobody's key, and each would be kept and hashed as it is.
local MAX_VALUE = 1024

-- Count one call under a policy's own counter for `value`. No value is a value too: nobody is unlimited for want of one.
function R.limit_calls(rule, value)
  local key = rule.counter
  if value then key = key .. "\0" .. (#value <= MAX_VALUE and value or "\0") end
  local allowed, _, wait = R.count_in("rate-limit-policy:", key, rule.calls, rule.period, 1, R.TAKE)
  if not allowed then refuse("retry-after", math.max(1, math.ceil(wait))) end
end

-- The network that stands for a client: its IPv4 address, or the first half of its IPv6 address, since whoever has one
-- address of a /64 has all of them (RFC 6177).
function R.client_network(q)
  local address = R.ip_address(q)
  if not string.find(address, ":", 1, true) then return address end
  local mapped = string.match(address, "^::ffff:(%d+%.%d+%.%d+%.%d+)$")
  if mapped then return mapped end
  local head, tail = string.match(address, "^(.-)::(.*)$")
  local groups = {}
  for group in string.gmatch(head or address, "%x+") do groups[#groups + 1] = group end
  if head then
    local _, behind = string.gsub(tail, "%x+", "")
    for _ = 1, 8 - #groups - behind do groups[#groups + 1] = "0" end
    for group in string.gmatch(tail, "%x+") do groups[#groups + 1] = group end
  end
  return table.concat(groups, ":", 1, 4) .. "::/64"
end

-- A claim of a token that validate-jwt has verified, with who issued it: another issuer's user of the same name is
-- somebody else. nil when the token lacks it.
function R.claim_of(jwt, name)
  local value = R.claim_text(jwt.claims, name, nil)
  return value and (jwt.issuer or "") .. "\0" .. value
end
