-- The policies that limit: rate-limit-by-key, rate-limit, quota, quota-by-key, and RateLimitPolicy. What they count in is
-- counters.lua and quotas.lua.

local function refuse(header, seconds)
  R.fail(
    "RateLimitExceeded", 429, "Rate limit is exceeded. Try again in " .. seconds .. " seconds.",
    { [header] = tostring(seconds) }
  )
end

-- -- what is counted when the answer is known

-- `late(q)` runs once, when context.Response is the answer that the client gets, whoever made it.
function R.when_answered(q, late)
  local list = q.late
  if not list then
    list = {}
    q.late = list
  end
  list[#list + 1] = late
end

-- The hooks call this for every answer; `made` is the one that leaves without a backend. What fails is logged: the answer
-- stands.
function R.answered(q, made)
  local list = q.late
  if not list then return end
  q.late = false
  if made then q.made, q.response = made, made.headers end
  for i = 1, #list do
    local ok, problem = pcall(list[i], q)
    if not ok then
      if R.is_failure(problem) then problem = problem.detail or problem.message end
      q.h:logErr("tidegate: when the answer was known: " .. tostring(problem))
    end
  end
end

-- How many calls a response-dependent condition makes of one. A condition that fails counts: nobody gets calls for free
-- by making it fail.
local function measured(late, q)
  local ok, count = pcall(late, q)
  if ok then return count end
  if R.is_failure(count) then count = count.detail or count.message end
  q.h:logErr("tidegate: increment-condition or increment-count: " .. tostring(count))
  return 1
end

-- -- rate-limit-by-key and rate-limit

local function tell_rate(q, rules, calls, remaining)
  if remaining < 0 then remaining = 0 end
  if rules.remaining_header then R.after(q, rules.remaining_header, tostring(remaining)) end
  if rules.total_header then R.after(q, rules.total_header, tostring(calls)) end
  if rules.remaining_variable then q.variables[rules.remaining_variable] = remaining end
end

local function refuse_rate(q, rules, wait)
  local seconds = math.max(1, math.ceil(wait))
  if rules.retry_variable then q.variables[rules.retry_variable] = seconds end
  refuse(rules.retry_header, seconds)
end

-- `late`: the count is known with the answer only (`late(q)`, 0 for none). A call that counts nothing
-- is refused all the same where there is no room for one.
function R.rate_limit(q, rules, key, calls, period, count, late)
  if calls < 1 or period < 1 or period > 300 or count < 0 then
    R.throw("rate-limit-by-key: calls, renewal-period or increment-count is out of range")
  end
  key = key or ""
  local mode = (late or count == 0) and R.ASK or R.TAKE
  if count == 0 then count = 1 end
  local allowed, remaining, wait = R.count_in("rate-limit:", key, calls, period, count, mode, q)
  tell_rate(q, rules, calls, remaining)
  if not allowed then refuse_rate(q, rules, wait) end
  if late then
    R.when_answered(q, function()
      local counted = measured(late, q)
      if counted > 0 then R.count_in("rate-limit:", key, calls, period, counted, R.FORCE, q) end
    end)
  end
end

-- -- per subscription

-- Whether an `<api>` or `<operation>` speaks of what is called: by its id, else by its name.
local function means(rule, fact)
  if not fact then return false end
  if rule.id then return rule.id == fact.id end
  return rule.name == fact.name
end

-- The limits that hold for this call, each with its counter's key: of the policy itself, of the API, of the operation.
-- Counters are of a subscription and of the scope that the policy stands in.
local function limits_of(q, rules)
  local facts = R.facts(q)
  local subscription = facts and facts.subscription
  if not subscription then return nil end
  local scope = rules.scope or ""
  local place = scope
  if scope == "product" and facts.product then place = scope .. "\0" .. facts.product.id end
  if (scope == "api" or scope == "operation") and facts.api then place = scope .. "\0" .. facts.api.id end
  if scope == "operation" and facts.operation then place = place .. "\0" .. facts.operation.id end
  local base = subscription.id .. "\0" .. place
  local found = {}
  if rules.period then found[1] = { rule = rules, key = base } end
  for _, api in ipairs(rules.apis or {}) do
    if means(api, facts.api) then
      local key = base .. "\0api\0" .. facts.api.id
      if api.period then found[#found + 1] = { rule = api, key = key } end
      for _, operation in ipairs(api.operations or {}) do
        if means(operation, facts.operation) then
          found[#found + 1] = { rule = operation, key = key .. "\0operation\0" .. facts.operation.id }
        end
      end
    end
  end
  return found
end

-- All limits are asked before one counts, so that a call that one of them refuses is counted under none.
function R.rate_limit_subscription(q, rules)
  local limits = limits_of(q, rules)
  if not limits then return end
  local least, least_calls = math.huge, 0
  for _, mode in ipairs({ R.ASK, R.TAKE }) do
    for _, limit in ipairs(limits) do
      local rule = limit.rule
      local allowed, remaining, wait = R.count_in("rate-limit-subscription:", limit.key, rule.calls, rule.period,
        1, mode, q)
      if not allowed then
        tell_rate(q, rules, rule.calls, remaining)
        refuse_rate(q, rules, wait)
      end
      if mode == R.TAKE and remaining < least then least, least_calls = remaining, rule.calls end
    end
  end
  if #limits > 0 then tell_rate(q, rules, least_calls, least) end
end

-- -- quota-by-key and quota

-- Seconds as .NET writes a TimeSpan ("c"): HH:MM:SS, with days before where there are any.
local function span_text(seconds)
  seconds = math.ceil(seconds)
  local days = math.floor(seconds / 86400)
  local rest = seconds % 86400
  local text = string.format("%02d:%02d:%02d", math.floor(rest / 3600), math.floor(rest / 60) % 60, rest % 60)
  return days > 0 and days .. "." .. text or text
end

local function refuse_quota(what, left)
  local message, headers = "Out of " .. what .. " quota.", nil
  if left < math.huge then
    message = message .. " Quota will be replenished in " .. span_text(left) .. "."
    headers = { ["retry-after"] = tostring(math.max(1, math.ceil(left))) }
  end
  R.fail("QuotaExceeded", 403, message, headers)
end

local KILOBYTE = 1024

local function count_quota(q, space, key, rule, calls, bytes, mode)
  local most, most_bytes = rule.calls or math.huge, rule.bandwidth and rule.bandwidth * KILOBYTE or math.huge
  return R.quota_count_all(q, space, key, rule.first, rule.period, most, most_bytes, calls, bytes, mode)
end

-- `rule`: calls, bandwidth (kB), period, first. Each counter counts a request once, however many policies name it.
local function quota(q, space, key, rule, count, late)
  local calls = rule.calls or math.huge
  local name = space .. key .. "\0" .. rule.period .. "\0" .. rule.first
  local counted = q.quotas
  if not counted then
    counted = {}
    q.quotas = counted
  end
  local once = counted[name]
  local mode = (late or once or count == 0) and R.ASK or R.TAKE
  -- A call that was counted already is refused only where the limit has been passed, not where it was the last one.
  local asked = once and 0 or math.max(count, 1)
  local fits, had_calls, _, left = count_quota(q, space, key, rule, asked, 0, mode)
  if not fits then refuse_quota(had_calls + asked > calls and "call volume" or "bandwidth", left) end
  if once then return end
  counted[name] = true
  if late then
    R.when_answered(q, function()
      local late_count = measured(late, q)
      if late_count > 0 then count_quota(q, space, key, rule, late_count, 0, R.FORCE) end
    end)
  end
  if rule.bandwidth then
    R.count_traffic(q, function(traffic)
      count_quota(q, space, key, rule, 0, traffic, R.FORCE)
    end)
  end
end

function R.quota_by_key(q, key, calls, bandwidth, period, first, count, late)
  if (calls and calls < 1) or (bandwidth and bandwidth < 1) or (period ~= 0 and period < 300) or count < 0 then
    R.throw("quota-by-key: calls, bandwidth, renewal-period or increment-count is out of range")
  end
  quota(q, "quota:", key or "", { calls = calls, bandwidth = bandwidth, period = period, first = first }, count, late)
end

function R.quota_subscription(q, rules)
  local limits = limits_of(q, rules) or {}
  for _, limit in ipairs(limits) do
    local fits, had_calls, _, left = count_quota(q, "quota-subscription:", limit.key, limit.rule, 1, 0, R.ASK)
    if not fits then refuse_quota(had_calls >= (limit.rule.calls or math.huge) and "call volume" or "bandwidth", left) end
  end
  for _, limit in ipairs(limits) do
    quota(q, "quota-subscription:", limit.key, limit.rule, 1, nil)
  end
end

-- -- bandwidth

-- Bytes of bodies: of the request when its headers have come, of the response as it passes. `count` takes each amount.
function R.count_traffic(q, count)
  local request = tonumber(q.request:get("content-length") or nil)
  if request and request > 0 then count(request) end
  local list = q.traffic
  if not list then
    list = {}
    q.traffic = list
  end
  list[#list + 1] = count
end

-- An answer of our own is on its way to the client.
function R.traffic_made(q, body)
  local list = q.traffic
  if not list or #body == 0 then return end
  q.traffic = false
  for i = 1, #list do list[i](#body) end
end

-- `watch(piece)` gets the body of the answer piece by piece as it passes, and nil at its end.
function R.watch_body(q, watch)
  local list = q.watches
  if not list then
    list = {}
    q.watches = list
  end
  list[#list + 1] = watch
end

-- An answer passes to the client, who asked with HEAD or not. The last that a hook does: a body of unknown length is
-- counted piece by piece, and goes on meanwhile.
function R.traffic_passes(q, h, head)
  local list, watches = q.traffic or {}, q.watches
  q.traffic, q.watches = false, false
  local response = h:headers()
  if not (head or R.has_no_body(response:get(":status"))) then
    local length = not watches and tonumber(response:get("content-length") or nil)
    if length then
      for i = 1, #list do list[i](length) end
    else
      for chunk in h:bodyChunks() do
        local size = chunk:length()
        for i = 1, #list do list[i](size) end
        local piece = watches and size > 0 and chunk:getBytes(0, size)
        for i = 1, piece and #watches or 0 do watches[i](piece) end
      end
    end
  end
  for i = 1, watches and #watches or 0 do watches[i](nil) end
end

-- -- RateLimitPolicy

-- Longer values share one counter: they are nobody's key, and each would be kept and hashed as it is.
local MAX_VALUE = 1024

-- Count one call under a policy's own counter for `value`. No value is a value too: nobody is unlimited for want of one.
function R.limit_calls(q, rule, value)
  local key = rule.counter
  if value then key = key .. "\0" .. (#value <= MAX_VALUE and value or "\0") end
  local allowed, _, wait = R.count_in("rate-limit-policy:", key, rule.calls, rule.period, 1, R.TAKE, q)
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
