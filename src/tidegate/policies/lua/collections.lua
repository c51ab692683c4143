-- Arrays, List<T>, Dictionary<K, V>, HashSet<T> and what enumerates as a sequence.
--
-- A sequence is {n = count, [1] = ...}; nil elements are allowed. Whatever else can be enumerated has `items` in its
-- metatable: a function from the value to a sequence that nobody changes. Dictionaries and sets keep their order of
-- insertion, as .NET's do until something is removed.

local band, floor = R.bit.band, math.floor
local byte, char, sub, concat = string.byte, string.char, string.sub, table.concat

local CHUNK = 4096

local function bases(names)
  local set = {}
  for name in string.gmatch(names .. " IEnumerable ICollection IReadOnlyCollection", "%S+") do set[name] = true end
  return set
end

R.Array = { type = "[]", bases = bases("IList IReadOnlyList") }
R.List = { type = "List", bases = bases("IList IReadOnlyList") }
R.Dictionary = { type = "Dictionary", counted = true, bases = bases("IDictionary IReadOnlyDictionary") }
R.HashSet = { type = "HashSet", counted = true, bases = bases("ISet") }
R.Grouping = { type = "IGrouping", bases = bases("") }
R.Lookup = { type = "ILookup", bases = bases("") }
R.KeyValuePair = { type = "KeyValuePair" }
R.Tuple = { type = "Tuple" }

-- default(T), by T's name at run time.
local defaults = { bool = false }
for name in string.gmatch("byte sbyte short ushort int uint float double char", "%a+") do defaults[name] = 0 end
-- Types whose default is a value of their own add a function to R.defaults.

function R.default_of(name)
  local value = defaults[name]
  if value ~= nil then return value end
  if name == "long" then return 0LL end
  if name == "ulong" then return 0ULL end
  local make = R.defaults[name]
  return make and make() or nil
end

-- The bytes of a byte[] as a sequence, and back.
local function byte_items(bytes)
  local data = bytes.data
  local n = #data
  R.tick(floor(n / 16))
  local items = { n = n }
  for i = 1, n do items[i] = byte(data, i) end
  return items
end

function R.bytes_of(items)
  local n, parts = items.n, {}
  R.tick(floor(n / 16))
  for from = 1, n, CHUNK do
    parts[#parts + 1] = char(unpack(items, from, math.min(from + CHUNK - 1, n)))
  end
  return R.bytes(concat(parts))
end

-- What can be enumerated, as a sequence.
function R.items(value)
  R.argument(value, "source")
  local meta = getmetatable(value)
  if type(value) == "string" then return R.char_items(value) end
  if meta == nil or meta == R.List or meta == R.Array then return value end
  if meta == R.Bytes then return byte_items(value) end
  if meta.items then return meta.items(value) end
  return value
end

-- string as IEnumerable<char>: UTF-16 units.
function R.char_items(text)
  local n, items = 0, { n = 0 }
  R.tick(floor(#text / 16))
  local at, size = 1, #text
  while at <= size do
    local a, b, c, d = byte(text, at, at + 3)
    n = n + 1
    if a < 0x80 then
      items[n], at = a, at + 1
    elseif a < 0xE0 then
      items[n], at = band(a, 31) * 64 + band(b, 63), at + 2
    elseif a < 0xF0 then
      items[n], at = band(a, 15) * 4096 + band(b, 63) * 64 + band(c, 63), at + 3
    else
      local code = band(a, 7) * 262144 + band(b, 63) * 4096 + band(c, 63) * 64 + band(d, 63) - 0x10000
      items[n] = 0xD800 + floor(code / 1024)
      n = n + 1
      items[n], at = 0xDC00 + code % 1024, at + 4
    end
  end
  items.n = n
  return items
end

-- Length and Count.
function R.count_of(value)
  local meta = getmetatable(value)
  if meta == R.Bytes then return #value.data end
  -- Claims have names of their own, and "n" may be one.
  if meta and meta.items and not meta.counted then return meta.items(value).n end
  return value.n or R.items(value).n
end

-- -- arrays

local function array_like(items, kind)
  if kind == "byte" then return R.bytes_of(items) end
  return setmetatable(items, R.Array)
end

-- new T[count]
function R.new_array(count, kind)
  if count < 0 then R.throw("Arithmetic operation resulted in an overflow.", "OverflowException") end
  R.tick(count)
  if kind == "byte" then return R.bytes(string.rep("\0", count)) end
  local items = { n = count }
  local value = R.default_of(kind)
  if value ~= nil then
    for i = 1, count do items[i] = value end
  end
  return setmetatable(items, R.Array)
end

-- A copy of the sequence as T[].
function R.to_array(source, kind)
  local items = R.items(source)
  local n = items.n
  R.tick(n)
  local copy = { n = n }
  for i = 1, n do copy[i] = items[i] end
  return array_like(copy, kind)
end

local function outside(values)
  if getmetatable(values) == R.List then
    R.out_of_range("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
  end
  R.throw("Index was outside the bounds of the array.", "IndexOutOfRangeException")
end

function R.element(values, index)
  if getmetatable(values) == R.Bytes then
    local value = index >= 0 and byte(values.data, index + 1)
    if not value then outside(values) end
    return value
  end
  if index < 0 or index >= values.n then outside(values) end
  return values[index + 1]
end

function R.set_element(values, index, value)
  if getmetatable(values) == R.Bytes then
    local data = values.data
    if index < 0 or index >= #data then outside(values) end
    values.data = sub(data, 1, index) .. char(value) .. sub(data, index + 2)
    return value
  end
  if index < 0 or index >= values.n then outside(values) end
  values[index + 1] = value
  return value
end

-- Replace the content of an array or list in place.
local function refill(values, items, from, count)
  if getmetatable(values) == R.Bytes then
    values.data = R.bytes_of(items).data
    return
  end
  for i = 1, items.n do values[from + i] = items[i] end
  for i = from + items.n + 1, from + count do values[i] = nil end
end

function R.array_reverse(values)
  local items = R.items(values)
  refill(values, R.seq_reverse(items), 0, items.n)
end

function R.array_sort(values)
  local items = R.items(values)
  refill(values, R.seq_sorted(items), 0, items.n)
end

function R.sort_by(values, comparison)
  refill(values, R.seq_sorted_with(values, comparison), 0, values.n)
end

-- Array.Copy(source, sourceIndex, destination, destinationIndex, length) and Buffer.BlockCopy of bytes.
function R.array_copy(source, from, target, at, length)
  local items, into = R.items(source), R.items(target)
  if from < 0 or at < 0 or length < 0 or from + length > items.n or at + length > into.n then
    R.throw("Source array was not long enough. Check the source index, length, and the array's lower bounds.",
      "ArgumentException")
  end
  R.tick(length)
  local copy = {}
  for i = 1, length do copy[i] = items[from + i] end
  if into == target then
    for i = 1, length do target[at + i] = copy[i] end
    return
  end
  for i = 1, length do into[at + i] = copy[i] end
  target.data = R.bytes_of(into).data
end

-- The index of the first (or last) element that the test accepts, -1 if there is none.
function R.find_index(values, test)
  local items = R.items(values)
  R.tick(items.n)
  for i = 1, items.n do
    if test(items[i]) then return i - 1 end
  end
  return -1
end

function R.find_last_index(values, test)
  local items = R.items(values)
  R.tick(items.n)
  for i = items.n, 1, -1 do
    if test(items[i]) then return i - 1 end
  end
  return -1
end

function R.find_element(values, test, kind)
  local items = R.items(values)
  local index = R.find_index(items, test)
  if index < 0 then return R.default_of(kind) end
  return items[index + 1]
end

function R.find_last_element(values, test, kind)
  local items = R.items(values)
  local index = R.find_last_index(items, test)
  if index < 0 then return R.default_of(kind) end
  return items[index + 1]
end

function R.seq_index_of(values, wanted)
  return R.find_index(values, function(item) return R.equals(item, wanted) end)
end

function R.seq_last_index_of(values, wanted)
  return R.find_last_index(values, function(item) return R.equals(item, wanted) end)
end

function R.for_each(values, action)
  local items = R.items(values)
  R.tick(items.n)
  for i = 1, items.n do action(items[i]) end
end

-- -- pairs and tuples

function R.pair(key, value)
  return setmetatable({ key = key, value = value }, R.KeyValuePair)
end

function R.KeyValuePair.text(pair)
  return "[" .. R.text(pair.key) .. ", " .. R.text(pair.value) .. "]"
end

function R.KeyValuePair.equals(a, b)
  return R.equals(a.key, b.key) and R.equals(a.value, b.value)
end

-- Keys of parts, so that no two lists of them read the same.
local function joined_hash(kind, ...)
  local parts = { "\0", kind }
  for i = 1, select("#", ...) do
    local key = R.hash((select(i, ...)))
    local text = type(key) .. tostring(key)
    parts[#parts + 1] = #text .. ":" .. text
  end
  return concat(parts)
end

function R.KeyValuePair.hash(pair)
  return joined_hash("pair", pair.key, pair.value)
end

function R.tuple(n, ...)
  return setmetatable({ n = n, ... }, R.Tuple)
end

function R.Tuple.text(tuple)
  local parts = {}
  for i = 1, tuple.n do parts[i] = R.text(tuple[i]) end
  return "(" .. concat(parts, ", ") .. ")"
end

function R.Tuple.equals(a, b)
  for i = 1, a.n do
    if not R.equals(a[i], b[i]) then return false end
  end
  return a.n == b.n
end

function R.Tuple.hash(tuple)
  return joined_hash("tuple", unpack(tuple, 1, tuple.n))
end
