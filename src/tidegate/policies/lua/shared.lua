-- Memory that all of Envoy's workers share: files beside the one that TIDEGATE_SHARED_MEMORY names, mapped MAP_SHARED.
-- policies/shared_memory.py makes them and is the twin of their layout; tests hold the two together. Each file is
--
--   0      header: magic, version, and three sizes of its layout (little-endian uint32 each)
--   4096   64 spin locks, 64 bytes apart
--   8192   what counters.lua, quotas.lua, slots.lua and cache.lua keep there
--
-- Under a lock nothing allocates and nothing can fail: an error there would leave the lock taken for good.

local ffi, bit = R.ffi, R.bit
local band, rshift = bit.band, bit.rshift
local C = ffi.C

ffi.cdef([[
typedef struct { char magic[8]; uint32_t version, a, b, c; } tidegate_header;
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

local LOCKS, FIRST = 4096, 8192
local SPINS = 200000

local function map(area)
  local path = os.getenv("TIDEGATE_SHARED_MEMORY")
  if not path then error("TIDEGATE_SHARED_MEMORY is not set", 0) end
  local file = C.open(path .. area.suffix, 2)
  if file < 0 then error("the shared memory cannot be opened", 0) end
  local size = tonumber(C.lseek(file, 0, 2))
  -- A shorter file would end the process with SIGBUS at the first touch.
  local memory = size == area.size and C.mmap(nil, area.size, 3, 1, file, 0)
  C.close(file)
  if not memory or ffi.cast("intptr_t", memory) == -1 then error("the shared memory has another size", 0) end
  local header = ffi.cast("tidegate_header *", memory)
  if ffi.string(header.magic, 8) ~= area.magic or header.version ~= area.version then
    error("the shared memory is of another version", 0)
  end
  return memory
end

-- One file. `size` is of what stands behind the locks. `base` and `locks` are there once `ready` was called.
function R.shared_area(area)
  area.size = FIRST + area.bytes
  function area.use(memory)
    local start = ffi.cast("char *", memory)
    area.locks = start + LOCKS
    area.base = start + FIRST
  end
  -- Raises if the file cannot be mapped: what is counted there is never silently absent.
  function area.ready()
    if not area.base then area.use(map(area)) end
    return area
  end
  function area.lock(stripe)
    return ffi.cast("volatile int *", area.locks + stripe * 64)
  end
  return area
end

-- Whether the lock was to be had.
local function take(lock)
  local spins = 0
  while C.pthread_spin_trylock(lock) ~= 0 do
    spins = spins + 1
    if spins > SPINS then return false end
    if band(spins, 63) == 0 then C.sched_yield() end
  end
  return true
end

local function give(lock)
  C.pthread_spin_unlock(lock)
end

local clock = ffi.new("tidegate_time")
local of_test = nil

-- Seconds since the machine started, and seconds since 1970. Tests move both by themselves.
local function monotonic()
  if of_test then return of_test() end
  C.clock_gettime(1, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end

local function wall()
  if of_test then return of_test() end
  C.clock_gettime(0, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end

function R.use_clock(clock_of_test)
  of_test = clock_of_test
end

for _, compute in ipairs({ take, give, monotonic, wall }) do jit.on(compute) end
R.lock_take, R.lock_give, R.monotonic, R.wall_clock = take, give, monotonic, wall

-- Where keys lie: 128 bits of their SHA-256 stand for them, the next word says which stripe and where in it. The memory
-- holds no keys, and nobody who chooses keys can choose where they lie together with somebody else's.
-- `space`, one of a few constants, keeps apart what is counted for different reasons: keys that expressions compute are
-- often a caller's own words, who could otherwise write another policy's.
function R.places(area, stripes)
  local spaces = {}
  return function(space, key)
    local known = spaces[space]
    if not known then
      known = R.bounded(8192)
      spaces[space] = known
    end
    local place = known.get(key)
    if place then return place end
    local a, b, c, d, e = R.sha256_words(space .. key)
    local stripe = band(e, stripes - 1)
    place = { a = a, b = b, c = c, d = d, stripe = stripe, probe = rshift(e, 8), lock = area.lock(stripe), slot = -1 }
    -- Long keys would fill the worker's own memory.
    if #key <= 1024 then known.put(key, place) end
    return place
  end
end

function R.lock_lost()
  error("a lock of the shared memory was not given back", 0)
end
