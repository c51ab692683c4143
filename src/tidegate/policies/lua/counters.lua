-- Rate-limit counters in memory that all workers share: the file that TIDEGATE_SHARED_MEMORY names, mapped MAP_SHARED.
-- policies/shared_memory.py makes the file and is the twin of this layout; a test holds them together.
--
--   0      header: "TIDEGATE", version, stripes, slots of a stripe, entries of a slot (little-endian uint32 each)
--   4096   one spin lock for each stripe, 64 bytes apart
--   8192   stripes * slots, each `tidegate_slot`
--
-- A key (its SHA-256, never the key itself) belongs to one stripe and to the PROBES slots from one place on. A slot holds a
-- ring of (time, count) entries: a sliding window log. Up to 128 calls each call has an entry, and the window is exact.
-- Above, times are rounded up to 1/126 of the period, so a call may count that much longer than it should, never
-- shorter: the limit is never exceeded. A full neighbourhood refuses new keys until a counter in it expires.

local ffi, bit = R.ffi, R.bit
local band, rshift = bit.band, bit.rshift
local C = ffi.C

ffi.cdef([[
typedef struct {
  int32_t key[4];
  double period;
  int32_t first, used, total, unused[5];
  double at[128];
  int32_t count[128];
} tidegate_slot;
typedef struct { char magic[8]; uint32_t version, stripes, slots, entries; } tidegate_header;
typedef struct { long seconds, nanoseconds; } tidegate_time;
int pthread_spin_trylock(volatile int *);
int pthread_spin_unlock(volatile int *);
int sched_yield(void);
int clock_gettime(int, tidegate_time *);
int open(const char *, int, ...);
int close(int);
long lseek(int, long, int);
void *mmap(void *, size_t, int, int, int, long);
]])

local VERSION, STRIPES, SLOTS, ENTRIES, PROBES = 1, 64, 256, 128, 64
local LOCKS, FIRST_SLOT = 4096, 8192
local SIZE = FIRST_SLOT + STRIPES * SLOTS * ffi.sizeof("tidegate_slot")
local GRAINS = ENTRIES - 2
local SPINS = 200000
local STALE = 10 -- seconds: a time further in the future is from before the machine's last start

R.counters_size = SIZE

local locks, slots

local function map()
  local path = os.getenv("TIDEGATE_SHARED_MEMORY")
  if not path then error("TIDEGATE_SHARED_MEMORY is not set", 0) end
  local file = C.open(path, 2)
  if file < 0 then error("the shared memory cannot be opened", 0) end
  local size = tonumber(C.lseek(file, 0, 2))
  -- A shorter file would end the process with SIGBUS at the first touch.
  local memory = size == SIZE and C.mmap(nil, SIZE, 3, 1, file, 0)
  C.close(file)
  if not memory or ffi.cast("intptr_t", memory) == -1 then error("the shared memory has another size", 0) end
  local header = ffi.cast("tidegate_header *", memory)
  if ffi.string(header.magic, 8) ~= "TIDEGATE" or header.version ~= VERSION then
    error("the shared memory is of another version", 0)
  end
  local base = ffi.cast("char *", memory)
  locks = base + LOCKS
  slots = ffi.cast("tidegate_slot *", base + FIRST_SLOT)
end

local clock = ffi.new("tidegate_time")

local function monotonic()
  C.clock_gettime(1, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end
R.monotonic = monotonic

-- Tests run with their own clock and memory.
function R.use_counters(memory, now)
  local base = ffi.cast("char *", memory)
  locks, slots = base + LOCKS, ffi.cast("tidegate_slot *", base + FIRST_SLOT)
  monotonic = now or monotonic
end

local hashes = R.bounded(8192)

local function hash(key)
  local known = hashes.get(key)
  if known then return known end
  local a, b, c, d, e = R.sha256_words("rate-limit:" .. key)
  known = { a, b, c, d, stripe = band(e, STRIPES - 1), place = band(rshift(e, 8), SLOTS - 1), slot = -1 }
  hashes.put(key, known)
  return known
end

local function expired(slot, now)
  if slot.used == 0 then return true end
  local newest = slot.at[band(slot.first + slot.used - 1, ENTRIES - 1)]
  return now - newest >= slot.period or newest - now > STALE
end

local function same(slot, key)
  local own = slot.key
  return own[0] == key[1] and own[1] == key[2] and own[2] == key[3] and own[3] == key[4]
end

-- The slot of a key, its own or a free one; nil if all of them count something. Under the lock.
local function find(key, now)
  local base, free = key.stripe * SLOTS, -1
  if key.slot >= 0 and same(slots[key.slot], key) then return slots[key.slot] end
  for i = 0, PROBES - 1 do
    local index = base + band(key.place + i, SLOTS - 1)
    local slot = slots[index]
    if same(slot, key) then
      key.slot = index
      return slot
    end
    if free < 0 and expired(slot, now) then free = index end
  end
  if free < 0 then return nil end
  local slot, own = slots[free], slots[free].key
  own[0], own[1], own[2], own[3] = key[1], key[2], key[3], key[4]
  slot.first, slot.used, slot.total, slot.period = 0, 0, 0, 0
  key.slot = free
  return slot
end

-- Count `count` calls if they fit. Whether they did, what remains, seconds until they would. Under the lock.
local function take(slot, now, calls, period, count)
  local first, used, total = slot.first, slot.used, slot.total
  local kept = slot.period
  if period > kept then
    kept = period
    slot.period = period
  end
  while used > 0 do
    local age = now - slot.at[first]
    if age < kept and age > -STALE then break end
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
  if current + count > calls then
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
jit.on(take)

-- Count a call under `key`. Raises if the counters cannot be reached: a limit is never silently absent.
function R.count(key, calls, period, count)
  if not slots then map() end
  local name = hash(key)
  local lock = ffi.cast("volatile int *", locks + name.stripe * 64)
  local spins = 0
  while C.pthread_spin_trylock(lock) ~= 0 do
    spins = spins + 1
    if spins > SPINS then error("a counter's lock was not given back", 0) end
    if spins % 64 == 0 then C.sched_yield() end
  end
  local now = monotonic()
  local slot = find(name, now)
  local allowed, remaining, wait = false, 0, period
  if slot then allowed, remaining, wait = take(slot, now, calls, period, count) end
  C.pthread_spin_unlock(lock)
  return allowed, remaining, wait
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
  R.fail(
    "RateLimitExceeded", 429, "Rate limit is exceeded. Try again in " .. seconds .. " seconds.",
    { [rules.retry_header] = tostring(seconds) }
  )
end
