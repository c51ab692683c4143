-- Rate limits over several machines, through the state process (runtime/state_process.py) and Valkey. Decision 0017.
--
-- Far from its limit a key is counted here alone: in this machine's counter, and in a journal that the state process
-- pushes to Valkey every 50 ms. Valkey marks a key as near when all machines together have used half of its limit; the
-- state process puts that into the table of near keys here, and from then on each call of the key is counted in Valkey
-- before it passes. A machine may have so many calls of one key on their way that all machines' together are at most half
-- of the limit, and Valkey lets nobody past the limit before every machine has been told. So the limit is exact.
--
-- The file: a head, a ring of entries, a table of keys. Lua writes the ring's entries and its head; the state process
-- writes everything else.

local ffi, bit = R.ffi, R.bit
local band = bit.band

ffi.cdef([[
typedef struct {
  double synced, epoch, machines, refuses, head, tail, unused[2];
} tidegate_sync_head;
typedef struct { int32_t key[4]; double at, calls, period; int32_t count, unused[3]; } tidegate_pushed;
typedef struct { int32_t key[4]; double ends, unused; } tidegate_near;
]])

local JOURNAL, NEAR, PROBES = 32768, 65536, 32
local HEAD, ENTRY, PLACE = 4096, ffi.sizeof("tidegate_pushed"), ffi.sizeof("tidegate_near")
local FRESH = 0.4 -- seconds: without news for longer, nobody knows what the others count
local CLUSTER, TIMEOUT_MS = "tidegate-state", 2000

local area = R.shared_area({
  suffix = ".sync", magic = "TGSHARED", version = 1, bytes = HEAD + JOURNAL * ENTRY + NEAR * PLACE,
})
R.sync_size = area.size

local head, journal, near, lock

local function use()
  head = ffi.cast("tidegate_sync_head *", area.base)
  journal = ffi.cast("tidegate_pushed *", area.base + HEAD)
  near = ffi.cast("tidegate_near *", area.base + HEAD + JOURNAL * ENTRY)
  lock = area.lock(0)
end

function R.use_sync(memory)
  area.use(memory)
  use()
  R.sharing = true
end

-- Whether limits are shared: TIDEGATE_SHARED_LIMITS says so to Envoy. Without it nothing of this file runs.
R.sharing = os.getenv("TIDEGATE_SHARED_LIMITS") == "1"

local function is_near(place, now)
  for i = 0, PROBES - 1 do
    local own = near[band(place.a + i, NEAR - 1)]
    local key = own.key
    if key[0] == place.a and key[1] == place.b and key[2] == place.c and key[3] == place.d then return own.ends > now end
  end
  return false
end

-- How many calls of one key may be under way to Valkey from here.
local function allowance(calls)
  return math.floor(calls / (4 * math.max(1, head.machines)))
end

-- Note calls for Valkey. Whether there was room.
local function push(place, now, calls, period, count)
  if not R.lock_take(lock) then return false end
  local at = head.head
  local room = at - head.tail < JOURNAL
  if room then
    local entry = journal[at % JOURNAL]
    entry.key[0], entry.key[1], entry.key[2], entry.key[3] = place.a, place.b, place.c, place.d
    entry.at, entry.calls, entry.period, entry.count = now, calls, period, count
    head.head = at + 1
  end
  R.lock_give(lock)
  return room
end

-- What a counter needs to know to count here alone: how many calls may be on their way, and since when they are counted;
-- nil where Valkey has to be asked.
local function alone(place, now, calls)
  if now - head.synced > FRESH or is_near(place, now) then return nil, 0 end
  return allowance(calls), head.epoch
end

for _, compute in ipairs({ is_near, allowance, push, alone }) do jit.on(compute) end

-- `happened`: calls that count in any case wait for nobody.
function R.sync_alone(place, calls, happened)
  if not head then
    area.ready()
    use()
  end
  if happened then return 0, head.epoch end
  return alone(place, R.monotonic(), calls)
end

R.sync_push = push

-- Ask Valkey. allowed, remaining, wait; nil if nobody knows, and then whether such calls are refused.
function R.sync_ask(q, place, calls, period, count, mode)
  local words = {}
  for i, word in ipairs({ place.a, place.b, place.c, place.d }) do words[i] = bit.tohex(word) end
  local body = table.concat({ table.concat(words), calls, period, count, mode }, " ")
  local headers, text = q.h:httpCall(CLUSTER,
    { [":method"] = "POST", [":path"] = "/count", [":authority"] = "state" }, body, TIMEOUT_MS)
  R.resumed(q)
  if headers and headers[":status"] == "200" then
    local allowed, remaining, wait = string.match(text or "", "^(%d) (%-?%d+) ([%d.]+)$")
    if allowed then return allowed == "1", tonumber(remaining), tonumber(wait) end
  end
  return nil, head.refuses == 1
end
