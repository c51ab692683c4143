-- Who is inside a limit-concurrency: leases, counted over all workers, and given back whatever becomes of a request.
--
-- A lease ends when its element ends, when its request fails or is answered, and, should its client go away while the
-- request waits for another server, with the first of these: the worker's collector finds the abandoned request; a worker
-- that finds no room collects at once what it has itself; the time within which that wait would have ended, and PAUSE.
-- Nothing waits longer than LONGEST without saying so (R.slots_wait).

local ffi, bit = R.ffi, R.bit

ffi.cdef([[
typedef struct { int32_t key[4]; double ends; int32_t worker, number; } tidegate_lease;
typedef struct { int32_t used, unused[15]; } tidegate_lease_head;
]])

local STRIPES, LEASES = 64, 4096
local HEAD = ffi.sizeof("tidegate_lease_head")
local STRIPE = HEAD + LEASES * ffi.sizeof("tidegate_lease")
local PAUSE, LONGEST = 10, 310 -- seconds

local area = R.shared_area({ suffix = ".slots", magic = "TGLEASES", version = 1, bytes = STRIPES * STRIPE })
R.slots_size = area.size

local place_of = R.places(area, STRIPES)
local base

local function ready()
  base = area.ready().base
end

function R.use_slots(memory, clock_of_test)
  area.use(memory)
  ready()
  R.use_clock(clock_of_test)
end

local worker, numbers = R.sha256_words(R.uuid()), 0

local function head_of(place)
  return ffi.cast("tidegate_lease_head *", base + place.stripe * STRIPE)
end

local function leases_of(place)
  return ffi.cast("tidegate_lease *", base + place.stripe * STRIPE + HEAD)
end

-- A place for one more, if fewer than `most` hold one: its index; -1 if there are that many; -2 if the table is full; nil
-- if the lock was not to be had.
local function enter(place, most, now, ends, number)
  if not R.lock_take(place.lock) then return nil end
  local head, leases = head_of(place), leases_of(place)
  local inside, free, last = 0, -1, -1
  for i = 0, head.used - 1 do
    local lease = leases[i]
    if lease.ends > now then
      last = i
      local own = lease.key
      if own[0] == place.a and own[1] == place.b and own[2] == place.c and own[3] == place.d then inside = inside + 1 end
    elseif free < 0 then
      free = i
    end
  end
  if free < 0 and head.used < LEASES then free = head.used end
  local index = inside >= most and -1 or free < 0 and -2 or free
  if index >= 0 then
    local lease = leases[index]
    lease.key[0], lease.key[1], lease.key[2], lease.key[3] = place.a, place.b, place.c, place.d
    lease.worker, lease.number, lease.ends = worker, number, ends
    if index > last then last = index end
  end
  head.used = last + 1
  R.lock_give(place.lock)
  return index
end

-- Move the end of a lease that is still this one's; 0 gives it back.
local function move(place, index, number, ends)
  if not R.lock_take(place.lock) then return end
  local lease = leases_of(place)[index]
  if lease.worker == worker and lease.number == number then lease.ends = ends end
  R.lock_give(place.lock)
end

for _, compute in ipairs({ head_of, leases_of, enter, move }) do jit.on(compute) end

-- What this worker holds, by the lease's number. Each request's lease hangs on a value whose end the collector tells; it
-- may do so while a lock is held, so what it tells is noted, and given back when no lock is.
local leases = {}
local held, over = setmetatable({}, { __mode = "k" }), {}
local proxy = newproxy(true)
getmetatable(proxy).__gc = function(own)
  over[#over + 1] = held[own]
end

local function give_back(number)
  local lease = leases[number]
  if not lease then return end
  leases[number] = nil
  move(lease.place, lease.index, number, 0)
end

local function give_back_abandoned()
  while #over > 0 do give_back(table.remove(over)) end
end

-- Collecting everything takes long, so it may take a fiftieth of the time.
local collect_again = 0

local function collect(now)
  collectgarbage()
  collectgarbage()
  collect_again = now + math.max(0.1, 50 * (R.monotonic() - now))
  give_back_abandoned()
end

-- Enter the element of `key`; what it returns leaves it. Raises if `most` requests are inside.
function R.slot_acquire(q, key, most)
  if not base then ready() end
  give_back_abandoned()
  local place = place_of("limit-concurrency:", key or "")
  numbers = bit.tobit(numbers + 1)
  local number, now = numbers, R.monotonic()
  local index = enter(place, most, now, now + LONGEST, number)
  if index and index < 0 and now >= collect_again then
    -- Requests whose clients went away may be among those inside.
    collect(now)
    index = enter(place, most, now, now + LONGEST, number)
  end
  if index == nil then R.lock_lost() end
  if index < 0 then R.fail("ConcurrencyLimitExceeded", 429, "Concurrency limit is exceeded.") end
  leases[number] = { place = place, index = index }
  local slot = { number = number, proxy = newproxy(proxy) }
  held[slot.proxy] = number
  local slots = q.slots
  if not slots then
    slots = {}
    q.slots = slots
  end
  slots[#slots + 1] = slot
  return slot
end

function R.slot_release(q, slot)
  local slots = q.slots
  for i = #slots, 1, -1 do
    if slots[i] == slot then table.remove(slots, i) end
  end
  give_back(slot.number)
end

local function until_then(q, ends)
  local slots = q.slots
  for i = 1, #slots do
    local number = slots[i].number
    local lease = leases[number]
    if lease then move(lease.place, lease.index, number, ends) end
  end
end

-- The request, which holds some, is going to wait for at most so many seconds; and: it goes on.
function R.slots_wait(q, seconds)
  until_then(q, R.monotonic() + seconds + PAUSE)
end

function R.slots_resumed(q)
  until_then(q, R.monotonic() + LONGEST)
end

-- The request is over, or its section has failed: whatever it holds is given back.
function R.slots_end(q)
  local slots = q.slots
  if not slots then return end
  q.slots = nil
  for i = 1, #slots do give_back(slots[i].number) end
end
