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
-- shorter: the limit is never exceeded, with one exception. Where every slot in reach counts something, the one with the
-- fewest calls gives way to a new key: keys are often what anybody may write (a token's subject before it is checked), and
-- refusing new ones would let whoever fills the table shut everybody out. To forget a counter of n calls on purpose takes
-- n calls under each of the keys around it.

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

-- Seconds since the machine started. Tests count in their own time.
local elapsed = nil

local function monotonic()
  if elapsed then return elapsed() end
  C.clock_gettime(1, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end

function R.use_counters(memory, clock_of_test)
  local base = ffi.cast("char *", memory)
  locks, slots, elapsed = base + LOCKS, ffi.cast("tidegate_slot *", base + FIRST_SLOT), clock_of_test
end

local hashes, policy_hashes = R.bounded(8192), R.bounded(8192)

-- A key's place: its hash, its lock, its slot once known. `space` keeps the keys of RateLimitPolicies and those that
-- expressions compute apart: the latter are often what a caller writes, who could otherwise write a policy's.
local function place(known_keys, space, key)
  local a, b, c, d, e = R.sha256_words(space .. key)
  local stripe = band(e, STRIPES - 1)
  local known = {
    a = a, b = b, c = c, d = d,
    first = stripe * SLOTS,
    probe = band(rshift(e, 8), SLOTS - 1),
    lock = ffi.cast("volatile int *", locks + stripe * 64),
    slot = -1,
  }
  known_keys.put(key, known)
  return known
end

local function expired(slot, now)
  if slot.used == 0 then return true end
  local newest = slot.at[band(slot.first + slot.used - 1, ENTRIES - 1)]
  return now - newest >= slot.period or newest - now > STALE
end

local function is(slot, key)
  local own = slot.key
  return own[0] == key.a and own[1] == key.b and own[2] == key.c and own[3] == key.d
end

-- The slot of a key, its own or a free one; else the one that counts fewest. Under the lock.
local function search(key, now)
  local base, free, least, fewest = key.first, -1, -1, math.huge
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

-- Everything under the lock, and the lock itself. nil if the lock was not to be had.
local function locked(key, calls, period, count)
  local lock, spins = key.lock, 0
  while C.pthread_spin_trylock(lock) ~= 0 do
    spins = spins + 1
    if spins > SPINS then return nil, 0, 0 end
    if band(spins, 63) == 0 then C.sched_yield() end
  end
  local now = monotonic()
  local index = key.slot
  if index < 0 or not is(slots[index], key) then
    index = search(key, now)
    key.slot = index
  end
  local allowed, remaining, wait = take(slots[index], now, calls, period, count)
  C.pthread_spin_unlock(lock)
  return allowed, remaining, wait
end

-- These only compute, or call C by itself, which compiled code does well.
for _, compute in ipairs({ monotonic, expired, is, search, take, locked }) do jit.on(compute) end

local function count_at(known, calls, period, count)
  local allowed, remaining, wait = locked(known, calls, period, count)
  if allowed == nil then error("a counter's lock was not given back", 0) end
  return allowed, remaining, wait
end

-- Count `count` calls under `key`. Whether they fit, how many remain, and seconds until they would fit.
-- Raises if the counters cannot be reached: a limit is never silently absent.
function R.count(key, calls, period, count)
  if not slots then map() end
  return count_at(hashes.get(key) or place(hashes, "rate-limit:", key), calls, period, count)
end

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
  if not slots then map() end
  local key = rule.counter
  if value then key = key .. "\0" .. (#value <= MAX_VALUE and value or "\0") end
  local known = policy_hashes.get(key) or place(policy_hashes, "rate-limit-policy:", key)
  local allowed, _, wait = count_at(known, rule.calls, rule.period, 1)
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
