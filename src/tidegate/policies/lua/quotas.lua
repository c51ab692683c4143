-- Quotas: calls and bytes of fixed windows, in a file that outlives Envoy, control and the machine.
--
-- Each slot holds two copies of a counter. The older one is written over, its checksum last; so whatever is interrupted,
-- a kill or the loss of power, one copy is whole, and the newer whole one counts. A copy never crosses a disk's sector.
-- Control writes the pages to the disk every second (runtime/counters.py).
--
-- The identity of a counter is its key, its period and its first window's start: a quota of an hour and one of a day over
-- one key are two counters. Times are the wall clock's: windows are of the calendar.

local ffi, bit = R.ffi, R.bit
local band, bxor, rol, tobit = bit.band, bit.bxor, bit.rol, bit.tobit

ffi.cdef([[
typedef struct {
  int32_t key[4];
  double start, ends, calls, bytes;
  int32_t unused[2];
  int32_t turn, check;
} tidegate_quota;
typedef struct { tidegate_quota copy[2]; } tidegate_quota_slot;
]])

local STRIPES, SLOTS, PROBES = 64, 2048, 64
local NEVER = math.huge

local area = R.shared_area({
  suffix = ".quotas", magic = "TGQUOTAS", version = 1, bytes = STRIPES * SLOTS * ffi.sizeof("tidegate_quota_slot"),
})
R.quotas_size = area.size

local place_of = R.places(area, STRIPES)
local slots

local function ready()
  slots = ffi.cast("tidegate_quota_slot *", area.ready().base)
end

function R.use_quotas(memory, clock_of_test)
  area.use(memory)
  ready()
  R.use_clock(clock_of_test)
end

local words_of = ffi.typeof("int32_t *")

local function checksum(copy)
  local words, sum = ffi.cast(words_of, copy), 0x54474154
  for i = 0, 14 do sum = tobit(bxor(rol(sum, 5), words[i]) + 0x3C6EF372) end
  return sum
end

-- The copy that counts: 0 or 1, -1 if neither is whole.
local function newest(slot)
  local first, second = slot.copy[0], slot.copy[1]
  if first.turn == 0 and second.turn == 0 then return -1 end
  local one, two = first.check == checksum(first), second.check == checksum(second)
  if one and two then return tobit(second.turn - first.turn) > 0 and 1 or 0 end
  return one and 0 or two and 1 or -1
end

local function is(copy, key)
  local own = copy.key
  return own[0] == key.a and own[1] == key.b and own[2] == key.c and own[3] == key.d
end

-- Where the key is counted, or may be: a slot that counts nothing any more, else the one that has counted the fewest
-- calls. Whether it is the key's own already. Under the lock.
local function search(key, now)
  local base, free, least, fewest = key.stripe * SLOTS, -1, -1, math.huge
  for i = 0, PROBES - 1 do
    local index = base + band(key.probe + i, SLOTS - 1)
    local at = newest(slots[index])
    if at < 0 then
      if free < 0 then free = index end
    else
      local copy = slots[index].copy[at]
      if is(copy, key) then return index, at end
      if copy.ends <= now then
        if free < 0 then free = index end
      elseif copy.calls < fewest then
        least, fewest = index, copy.calls
      end
    end
  end
  return free < 0 and least or free, -1
end

-- Write what is counted now over the older copy.
local function write(slot, at, key, start, ends, calls, bytes)
  -- A slot that was another key's: its newer copy must lose against what is written now, so it goes by its turn too.
  local before = at >= 0 and at or newest(slot)
  local turn = before >= 0 and slot.copy[before].turn or 0
  local copy = slot.copy[before == 0 and 1 or 0]
  copy.check = 0
  copy.key[0], copy.key[1], copy.key[2], copy.key[3] = key.a, key.b, key.c, key.d
  copy.start, copy.ends, copy.calls, copy.bytes = start, ends, calls, bytes
  copy.unused[0], copy.unused[1] = 0, 0
  copy.turn = tobit(turn + 1)
  local sum = checksum(copy)
  copy.check = sum
end

-- Count under the lock if it fits. What was counted before; whether it fits; nil if the lock was not to be had.
local function locked(key, start, ends, now, limit_calls, limit_bytes, calls, bytes, mode)
  if not R.lock_take(key.lock) then return nil, 0, 0 end
  local index, at = search(key, now)
  local slot = slots[index]
  local had_calls, had_bytes = 0, 0
  if at >= 0 and slot.copy[at].start == start then
    had_calls, had_bytes = slot.copy[at].calls, slot.copy[at].bytes
  end
  local fits = had_calls + calls <= limit_calls and had_bytes < limit_bytes
  if (fits and mode == 0 or mode == 1) and (calls ~= 0 or bytes ~= 0) then
    write(slot, at, key, start, ends, had_calls + calls, had_bytes + bytes)
  end
  R.lock_give(key.lock)
  return fits, had_calls, had_bytes
end

for _, compute in ipairs({ checksum, newest, is, search, write, locked }) do jit.on(compute) end

-- The window that `now` is in: its start and its end. A period of 0 never ends.
local function window(now, first, period)
  if period == 0 then return first, NEVER end
  local start = first + math.floor((now - first) / period) * period
  return start, start + period
end

-- Over several machines a window is a counter of its own there, whose calls never leave it: its key names the window.
-- Bytes are counted in kilobytes, rounded up for each body. What is counted is counted here too, for when nobody can be
-- asked.
local AGES = 10 * 366 * 86400 -- seconds: a window without an end

function R.quota_count_shared(q, space, key, first, period, limit_calls, limit_bytes, calls, bytes, mode)
  local now = R.wall_clock()
  local start, ends = window(now, first, period)
  local name = key .. "\0" .. period .. "\0" .. first .. "\0" .. start
  local length = period == 0 and AGES or period
  local had_calls, had_bytes, fits = 0, 0, true
  if limit_bytes < NEVER then
    local most, kilobytes = math.ceil(limit_bytes / 1024), math.ceil(bytes / 1024)
    local ask = kilobytes == 0
    if ask or mode ~= R.FORCE then kilobytes = 1 end
    local allowed, left = R.count_in(space .. "kB:", name, most, length, kilobytes, ask and R.ASK or mode, q)
    had_bytes, fits = (most - left) * 1024, allowed
  end
  if limit_calls < NEVER and fits and (calls > 0 or bytes == 0) then
    local allowed, left = R.count_in(space .. "calls:", name, limit_calls, length, math.max(calls, 1),
      calls == 0 and R.ASK or mode, q)
    had_calls = limit_calls - left - (allowed and mode ~= R.ASK and calls or 0)
    fits = allowed or had_calls + calls <= limit_calls
  end
  if fits or mode == R.FORCE then
    R.quota_count(space, key, first, period, limit_calls, limit_bytes, calls, bytes, mode == R.ASK and R.ASK or R.FORCE)
  end
  return fits, had_calls, had_bytes, ends - now
end

-- Count `calls` and `bytes` if nothing of it is used up, or see R.FORCE and R.ASK. Limits are math.huge where there is
-- none. Whether it fits, the calls and the bytes of the window before, the seconds until the window ends.
function R.quota_count(space, key, first, period, limit_calls, limit_bytes, calls, bytes, mode)
  if not slots then ready() end
  local now = R.wall_clock()
  local start, ends = window(now, first, period)
  local place = place_of(space, key .. "\0" .. period .. "\0" .. first)
  local fits, had_calls, had_bytes = locked(place, start, ends, now, limit_calls, limit_bytes, calls, bytes, mode)
  if fits == nil then R.lock_lost() end
  return fits, had_calls, had_bytes, ends - now
end

-- The same over all machines, where limits are shared.
function R.quota_count_all(q, ...)
  if R.sharing then return R.quota_count_shared(q, ...) end
  return R.quota_count(...)
end
