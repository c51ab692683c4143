-- Rate-limit counters in memory that all workers share (shared.lua): the file that TIDEGATE_SHARED_MEMORY names.
-- Its layout: 64 stripes of 256 slots, each `tidegate_slot`.
--
-- A key (its SHA-256, never the key itself) belongs to one stripe and to the PROBES slots from one place on. A slot holds a
-- ring of (time, count) entries: a sliding window log. Up to 128 calls each call has an entry, and the window is exact.
-- Above, times are rounded up to 1/126 of the period, so a call may count that much longer than it should, never
-- shorter: the limit is never exceeded, with one exception. Where every slot in reach counts something, the one with the
-- fewest calls gives way to a new key: keys are often what anybody may write (a token's subject before it is checked), and
-- refusing new ones would let whoever fills the table shut everybody out. To forget a counter of n calls on purpose takes
-- n calls under each of the keys around it.

local ffi, bit = R.ffi, R.bit
local band = bit.band

ffi.cdef([[
typedef struct {
  int32_t key[4];
  double period;
  int32_t first, used, total, unused[5];
  double at[128];
  int32_t count[128];
} tidegate_slot;
]])

local STRIPES, SLOTS, ENTRIES, PROBES = 64, 256, 128, 64
local GRAINS = ENTRIES - 2
local STALE = 10 -- seconds: a time further ahead than this and a rounding is from before the machine's last start

local area = R.shared_area({
  suffix = "", magic = "TIDEGATE", version = 1, bytes = STRIPES * SLOTS * ffi.sizeof("tidegate_slot"),
})
R.counters_size = area.size

local place_of = R.places(area, STRIPES)
local slots

local function ready()
  slots = ffi.cast("tidegate_slot *", area.ready().base)
end

function R.use_counters(memory, clock_of_test)
  area.use(memory)
  ready()
  R.use_clock(clock_of_test)
end

local function expired(slot, now)
  if slot.used == 0 then return true end
  local newest = slot.at[band(slot.first + slot.used - 1, ENTRIES - 1)]
  return now - newest >= slot.period or newest - now > STALE + slot.period / GRAINS
end

local function is(slot, key)
  local own = slot.key
  return own[0] == key.a and own[1] == key.b and own[2] == key.c and own[3] == key.d
end

-- The slot of a key, its own or a free one; else the one that counts fewest. Under the lock.
local function search(key, now)
  local base, free, least, fewest = key.stripe * SLOTS, -1, -1, math.huge
  for i = 0, PROBES - 1 do
    local index = base + band(key.probe + i, SLOTS - 1)
    if is(slots[index], key) then return index end
    if free < 0 and expired(slots[index], now) then free = index end
    if slots[index].total < fewest then least, fewest = index, slots[index].total end
  end
  if free < 0 then free = least end
  local slot = slots[free]
  slot.key[0], slot.key[1], slot.key[2], slot.key[3] = key.a, key.b, key.c, key.d
  slot.first, slot.used, slot.total, slot.period = 0, 0, 0, 0
  return free
end

-- How calls are counted: if they fit; in any case, since they have happened; not at all, whether they would fit is asked.
local TAKE, FORCE, ASK = 0, 1, 2
R.TAKE, R.FORCE, R.ASK = TAKE, FORCE, ASK

-- Count `count` calls. Whether they fit, what remains, seconds until they would. Under the lock.
local function take(slot, now, calls, period, count, mode)
  local first, used, total = slot.first, slot.used, slot.total
  local kept = slot.period
  if period > kept then
    kept = period
    slot.period = period
  end
  while used > 0 do
    local age = now - slot.at[first]
    if age < kept and age > -STALE - kept / GRAINS then break end
    total = total - slot.count[first]
    first = band(first + 1, ENTRIES - 1)
    used = used - 1
  end
  slot.first, slot.used, slot.total = first, used, total
  -- Where the same key is counted over a longer period elsewhere, older entries are not this policy's.
  local oldest, current = 0, total
  while oldest < used do
    local at = band(first + oldest, ENTRIES - 1)
    if now - slot.at[at] < period then break end
    current = current - slot.count[at]
    oldest = oldest + 1
  end
  if current + count > calls and mode ~= FORCE then
    local wait, left = period, current
    for i = oldest, used - 1 do
      local at = band(first + i, ENTRIES - 1)
      left = left - slot.count[at]
      if left + count <= calls then
        wait = slot.at[at] + period - now
        break
      end
    end
    return false, calls - current, wait
  end
  if mode == ASK then return true, calls - current, 0 end
  local stamp = now
  if calls > ENTRIES then
    local grain = period / GRAINS
    stamp = math.ceil(now / grain) * grain
  end
  local newest = band(first + used - 1, ENTRIES - 1)
  if used > 0 and (slot.at[newest] >= stamp or used == ENTRIES) then
    -- The newest entry's own rounding, or a ring that another policy filled: joined, and kept the longer.
    slot.count[newest] = slot.count[newest] + count
    if slot.at[newest] < stamp then slot.at[newest] = stamp end
  else
    local at = band(first + used, ENTRIES - 1)
    slot.at[at], slot.count[at] = stamp, count
    slot.used = used + 1
  end
  slot.total = total + count
  return true, calls - current - count, 0
end

-- Everything under the lock, and the lock itself. nil if the lock was not to be had.
local function locked(key, calls, period, count, mode)
  if not R.lock_take(key.lock) then return nil, 0, 0 end
  local now = R.monotonic()
  local index = key.slot
  if index < 0 or not is(slots[index], key) then
    index = search(key, now)
    key.slot = index
  end
  local allowed, remaining, wait = take(slots[index], now, calls, period, count, mode)
  R.lock_give(key.lock)
  return allowed, remaining, wait
end

-- The same where other machines count too, if no more calls of the key are on their way to them than may be. nil, 1 if
-- they have to be asked; nil, 0 if the lock was not to be had.
local function locked_alone(key, calls, period, count, mode, allowance, epoch)
  if not R.lock_take(key.lock) then return nil, 0, 0 end
  local now = R.monotonic()
  local index = key.slot
  if index < 0 or not is(slots[index], key) then
    index = search(key, now)
    key.slot = index
  end
  local slot = slots[index]
  local under_way = slot.unused[0] == epoch and slot.unused[1] or 0
  local allowed, remaining, wait = nil, 1, 0
  if mode ~= TAKE or under_way + count <= allowance then
    allowed, remaining, wait = take(slot, now, calls, period, count, mode)
    if allowed and mode ~= ASK then
      if R.sync_push(key, now, calls, period, count) or mode == FORCE then
        slot.unused[0], slot.unused[1] = epoch, under_way + count
      else
        -- Nobody would learn of it: Valkey counts it, which is told here afterwards.
        allowed, remaining = nil, 1
      end
    end
  end
  R.lock_give(key.lock)
  return allowed, remaining, wait
end

-- These only compute, or call C by itself, which compiled code does well.
for _, compute in ipairs({ expired, is, search, take, locked, locked_alone }) do jit.on(compute) end

local function here(place, calls, period, count, mode)
  local allowed, remaining, wait = locked(place, calls, period, count, mode)
  if allowed == nil then R.lock_lost() end
  return allowed, remaining, wait
end

-- Counted over all machines.
local function count_shared(q, place, calls, period, count, mode)
  local allowance, epoch = R.sync_alone(place, calls, mode == FORCE)
  if allowance then
    local allowed, remaining, wait = locked_alone(place, calls, period, count, mode, allowance, epoch)
    if allowed ~= nil then return allowed, remaining, wait end
    if remaining == 0 then R.lock_lost() end
  end
  local allowed, remaining, wait = R.sync_ask(q, place, calls, period, count, mode)
  if allowed == nil then
    if remaining then R.fail("RateLimitUnavailable", 503, "Rate limits cannot be counted now.") end
    return here(place, calls, period, count, mode)
  end
  -- What Valkey has counted is counted here too, for the time when nobody can be asked.
  if allowed and mode ~= ASK then here(place, calls, period, count, FORCE) end
  return allowed, remaining, wait
end

-- Count `count` calls under `key`, over all machines where the limit of a request `q` is shared. Whether they fit, how many
-- remain, and seconds until they would fit.
-- Raises if the counters cannot be reached: a limit is never silently absent.
function R.count_in(space, key, calls, period, count, mode, q)
  if not slots then ready() end
  local place = place_of(space, key)
  if q and R.sharing then return count_shared(q, place, calls, period, count, mode) end
  return here(place, calls, period, count, mode)
end

function R.count(key, calls, period, count)
  return R.count_in("rate-limit:", key, calls, period, count, TAKE)
end
