-- Cached texts in memory that all workers share: a ring of entries for each of 16 stripes, and a table of where they are.
--
-- An entry is written behind the last one, over the oldest ones; its place in the ring's whole history says whether it has
-- been written over since. So nothing is ever freed or moved, and a writer that is killed leaves nothing half-written
-- behind: first the ring's head moves, then the entry is written, then the table names it.
-- An entry of the older half that is read is written anew, so what is used stays. Lua strings are made outside the lock;
-- whether the entry was whole until then is asked afterwards.

local ffi, bit = R.ffi, R.bit
local band = bit.band

ffi.cdef([[
typedef struct { int32_t key[4]; double at; double ends; double stored; int32_t length, unused; } tidegate_cached;
typedef struct { int32_t key[4]; double at; } tidegate_cache_place;
typedef struct { double head; double unused[7]; } tidegate_cache_head;
]])

local STRIPES, PLACES, PROBES, RING = 16, 4096, 16, 8388608
local HEAD, ENTRY = ffi.sizeof("tidegate_cache_head"), ffi.sizeof("tidegate_cached")
local TABLE = PLACES * ffi.sizeof("tidegate_cache_place")
local STRIPE = HEAD + TABLE + RING
local MOST = 2097152 -- bytes of one entry: API Management's own bound of a cached item is 2 MiB
local MOVES = 65536 -- bytes of an entry that is written anew when it is read
local STALE = 10 -- seconds: an entry from the future is from before somebody set the clock back

local area = R.shared_area({ suffix = ".cache", magic = "TGCACHED", version = 1, bytes = STRIPES * STRIPE })
R.cache_size, R.cache_most = area.size, MOST

local place_of = R.places(area, STRIPES)
local base

local function ready()
  base = area.ready().base
end

function R.use_cache(memory, clock_of_test)
  area.use(memory)
  ready()
  R.use_clock(clock_of_test)
end

local head_type = ffi.typeof("tidegate_cache_head *")
local place_type = ffi.typeof("tidegate_cache_place *")
local entry_type = ffi.typeof("tidegate_cached *")

local function parts(place)
  local start = base + place.stripe * STRIPE
  return ffi.cast(head_type, start), ffi.cast(place_type, start + HEAD), start + HEAD + TABLE
end

local function is(own, key)
  return own[0] == key.a and own[1] == key.b and own[2] == key.c and own[3] == key.d
end

-- Positions begin at 1, so that an empty table names nothing.
local function whole(head, at)
  return at > 0 and at + RING >= head.head
end

-- The key's place in the table, -1 if it has none; and the place that a new entry would take. Under the lock.
local function search(key, head, places)
  local free, oldest, time = -1, -1, math.huge
  for i = 0, PROBES - 1 do
    local index = band(key.probe + i, PLACES - 1)
    local place = places[index]
    if whole(head, place.at) then
      if is(place.key, key) then return index, index end
      if place.at < time then oldest, time = index, place.at end
    elseif free < 0 then
      free = index
    end
  end
  return -1, free < 0 and oldest or free
end

-- Room for an entry behind the head: its position. Entries do not go over the ring's end.
local function reserve(head, size)
  local at = head.head
  if at < 1 then at = 1 end
  at = math.ceil(at / 8) * 8
  if at % RING + size > RING then at = (math.floor(at / RING) + 1) * RING end
  head.head = at + size
  return at
end

-- `moved`: the position of the entry that this is a copy of; where it has been replaced meanwhile, nothing is written.
local function put(key, source, length, now, ends, moved)
  local head, places, ring = parts(key)
  local own, index = search(key, head, places)
  if moved > 0 and (own < 0 or places[own].at ~= moved) then return end
  local at = reserve(head, ENTRY + length)
  local start = ring + at % RING
  local entry = ffi.cast(entry_type, start)
  entry.key[0], entry.key[1], entry.key[2], entry.key[3] = key.a, key.b, key.c, key.d
  entry.at, entry.ends, entry.stored, entry.length = at, ends, now, length
  ffi.copy(start + ENTRY, source, length)
  local place = places[index]
  place.at = 0
  place.key[0], place.key[1], place.key[2], place.key[3] = key.a, key.b, key.c, key.d
  place.at = at
end

-- Write an entry. false if the lock was not to be had.
local function write(key, text, length, now, ends, moved)
  if not R.lock_take(key.lock) then return false end
  put(key, text, length, now, ends, moved)
  R.lock_give(key.lock)
  return true
end

local function remove(key)
  if not R.lock_take(key.lock) then return false end
  local head, places = parts(key)
  local index = search(key, head, places)
  if index >= 0 then places[index].at = 0 end
  R.lock_give(key.lock)
  return true
end

-- Where a living entry of the key is: its position, 0 if there is none. nil if the lock was not to be had.
local function find(key, now)
  if not R.lock_take(key.lock) then return nil, 0 end
  local head, places, ring = parts(key)
  local index = search(key, head, places)
  local at, ends = 0, 0
  if index >= 0 then
    local entry = ffi.cast(entry_type, ring + places[index].at % RING)
    if is(entry.key, key) and entry.at == places[index].at and entry.ends > now and entry.stored <= now + STALE then
      at, ends = entry.at, entry.ends
    end
  end
  R.lock_give(key.lock)
  return at, ends
end

-- Whether what was read at a position was whole until now.
local function still(key, at)
  if not R.lock_take(key.lock) then return false end
  local head = parts(key)
  local good = whole(head, at)
  R.lock_give(key.lock)
  return good
end

local function is_old(key, at)
  local head = parts(key)
  return at + RING / 2 < head.head
end

for _, compute in ipairs({ parts, is, whole, search, reserve, put, write, remove, find, still, is_old }) do
  jit.on(compute)
end

-- The text that is kept under a key and the seconds that it still lives; nil if there is none.
function R.cache_read(space, key)
  if not base then ready() end
  local place, now = place_of(space, key), R.wall_clock()
  local at, ends = find(place, now)
  if at == nil then R.lock_lost() end
  if at == 0 then return nil end
  local _, _, ring = parts(place)
  local start = ring + at % RING
  local entry = ffi.cast(entry_type, start)
  local length, stored = entry.length, entry.stored
  if length < 0 or length > MOST then return nil end
  local text = ffi.string(start + ENTRY, length)
  if not still(place, at) then return nil end
  if #text <= MOVES and is_old(place, at) then write(place, text, #text, stored, ends, at) end
  return text, ends - now, now - stored
end

-- Keep a text for so many seconds. Whether it is kept: one above MOST bytes is not.
function R.cache_write(space, key, text, seconds)
  if not base then ready() end
  local place = place_of(space, key)
  if #text > MOST or not (seconds > 0) then
    if not remove(place) then R.lock_lost() end
    return false
  end
  local now = R.wall_clock()
  if not write(place, text, #text, now, now + seconds, 0) then R.lock_lost() end
  return true
end

function R.cache_remove(space, key)
  if not base then ready() end
  if not remove(place_of(space, key)) then R.lock_lost() end
end
