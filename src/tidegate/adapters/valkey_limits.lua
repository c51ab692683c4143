-- Runs inside Valkey: sliding windows over all machines. See docs/decisions/0017.
--
-- KEYS: machines (hash: name -> contact, acknowledged, machines as known), near (sorted set: key -> when it was told last),
--       until (sorted set: key -> when it is near no more)
-- ARGV: what, machine, then by what:
--   push  acknowledged, machines as known there, and for each key: prefix key, calls, period ms, count, age ms
--         -> now, machines, near keys since `acknowledged`: each "key period"
--   count key, calls, period ms, count, mode (0 count if it fits, 1 count in any case, 2 ask)
--         -> 1 fits, 0 does not, -1 ask again soon; remaining; milliseconds to wait
--
-- A window is a hash: time -> calls; up to 128 of them to the millisecond, above rounded up to 1/126 of the period, as in
-- each machine. `near` says since when it is near its limit, `kept` the longest period that it is counted over.

local LIVE = 1000
local clock = redis.call("TIME")
local now = math.floor(clock[1] * 1000 + clock[2] / 1000)
local PREFIX = "{tidegate}:limit:"

local function read(key)
  local flat = redis.call("HGETALL", PREFIX .. key)
  local window = { times = {}, counts = {}, kept = 0 }
  for i = 1, #flat, 2 do
    local name, value = flat[i], tonumber(flat[i + 1])
    if name == "near" or name == "kept" then
      window[name] = value
    else
      window.times[#window.times + 1] = tonumber(name)
      window.counts[tonumber(name)] = value
    end
  end
  table.sort(window.times)
  return window
end

local function total(window, period)
  local sum = 0
  for _, time in ipairs(window.times) do
    if time > now - period then sum = sum + window.counts[time] end
  end
  return sum
end

local function add(key, window, calls, period, count, age)
  local name = PREFIX .. key
  local kept = math.max(window.kept, period)
  for _, time in ipairs(window.times) do
    if time <= now - kept then redis.call("HDEL", name, time) end
  end
  local stamp = now - age
  if calls > 128 or #window.times >= 128 then
    local grain = math.ceil(period / 126)
    stamp = math.ceil(stamp / grain) * grain
  end
  redis.call("HINCRBY", name, string.format("%d", stamp), count)
  if kept ~= window.kept then redis.call("HSET", name, "kept", kept) end
  redis.call("PEXPIRE", name, kept * 2)
end

-- Tell the machines of a key whose limit is half used; not again within a quarter of its period.
local function tell(key, window, period)
  local member = key .. " " .. period
  local told = redis.call("ZSCORE", KEYS[2], member)
  if not window.near then
    window.near = now
    redis.call("HSET", PREFIX .. key, "near", now)
  elseif told and now - tonumber(told) < period / 4 then
    return
  end
  redis.call("ZADD", KEYS[2], now, member)
  redis.call("ZADD", KEYS[3], now + 1.5 * period, member)
end

local function forget_near(key, window, period)
  if not window.near then return end
  redis.call("HDEL", PREFIX .. key, "near")
  redis.call("ZREM", KEYS[2], key .. " " .. period)
  redis.call("ZREM", KEYS[3], key .. " " .. period)
end

-- Calls that machines which have not been told yet may have let through.
local function unknown(window, calls)
  local flat, sum = redis.call("HGETALL", KEYS[1]), 0
  for i = 2, #flat, 2 do
    local contact, acknowledged, machines = string.match(flat[i], "^(%S+) (%S+) (%S+)$")
    if tonumber(contact) > now - LIVE and tonumber(acknowledged) <= window.near then
      sum = sum + 2 * math.floor(calls / (4 * math.max(1, tonumber(machines))))
    end
  end
  return sum
end

if ARGV[1] == "push" then
  local machine, acknowledged, known = ARGV[2], tonumber(ARGV[3]), ARGV[4]
  for i = 5, #ARGV, 5 do
    local key, calls, period, count = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
    local window = read(key)
    add(key, window, calls, period, count, tonumber(ARGV[i + 4]))
    if total(window, period) + count > calls / 2 then tell(key, window, period) end
  end
  redis.call("HSET", KEYS[1], machine, string.format("%d %d %s", now, acknowledged, known))
  local machines, flat = 0, redis.call("HGETALL", KEYS[1])
  for i = 1, #flat, 2 do
    local contact = tonumber(string.match(flat[i + 1], "^%S+"))
    if contact > now - LIVE then
      machines = machines + 1
    elseif contact < now - 3600000 then
      redis.call("HDEL", KEYS[1], flat[i])
    end
  end
  for _, member in ipairs(redis.call("ZRANGEBYSCORE", KEYS[3], "-inf", now, "LIMIT", 0, 1000)) do
    redis.call("ZREM", KEYS[2], member)
    redis.call("ZREM", KEYS[3], member)
  end
  -- What was told in the very millisecond of the last news is told again.
  local near = redis.call("ZRANGEBYSCORE", KEYS[2], acknowledged, "+inf")
  return { now, machines, near }
end

local key, calls, period = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local count, mode = tonumber(ARGV[6]), ARGV[7]
local window = read(key)
local had = total(window, period)
local fits = had + count <= calls
if mode == "2" or (mode == "0" and not fits) then
  local wait, left = period, had
  for _, time in ipairs(window.times) do
    if time > now - period then
      left = left - window.counts[time]
      if left + count <= calls then
        wait = time + period - now
        break
      end
    end
  end
  return { fits and 1 or 0, calls - had, fits and 0 or wait }
end
if had + count > calls / 2 then
  tell(key, window, period)
  if mode == "0" and had + count + unknown(window, calls) > calls then return { -1, calls - had, 0 } end
elseif had + count <= calls / 4 then
  forget_near(key, window, period)
end
add(key, window, calls, period, count, 0)
return { 1, calls - had - count, 0 }
