-- What a value is at run time, and what .NET asks of every object: its type, text, equality, hash, order, and casts.
--
-- string, bool and int are Lua's own; null is nil; long and ulong are int64_t and uint64_t. The other numbers are Lua
-- numbers where the compiler knows their type, and boxes where it does not (`R.box`). Everything else is a table whose
-- metatable says what it is: `type` (a name, or a function of the value), `text`, and, where they are not by identity,
-- `equals`, `hash` and `compare`. `bases` names what else it may be cast to. A table of strings without metatable is
-- string[]: {n = count, ...}.

local ffi = R.ffi
local int64 = ffi.typeof("int64_t")
local istype = ffi.istype
local find, gsub, lower, format = string.find, string.gsub, string.lower, string.format

R.Jwt = { type = "Jwt" }
R.Jwt.__index = R.Jwt

local NULL = "Object reference not set to an instance of an object."

function R.not_null(value)
  if value == nil then R.throw(NULL, "NullReferenceException") end
  return value
end

-- An argument that .NET's methods themselves check.
function R.argument(value, name)
  if value == nil then
    R.throw("Value cannot be null. (Parameter '" .. name .. "')", "ArgumentNullException")
  end
  return value
end

function R.out_of_range(name, message)
  R.throw(
    (message or "Specified argument was out of the range of valid values.") .. " (Parameter '" .. name .. "')",
    "ArgumentOutOfRangeException"
  )
end

function R.item(dictionary, key)
  local value = dictionary[key]
  if value == nil then
    R.throw("The given key '" .. key .. "' was not present in the dictionary.", "KeyNotFoundException")
  end
  return value
end

-- -- boxes

local boxes = setmetatable({}, {
  -- An enumeration whose file is not loaded yet: loading adds it.
  __index = function(boxes, name) return R.enums[name] and rawget(boxes, name) end,
})

local function boxed_type(name)
  local kind = { type = name, is_box = true }
  kind.text = function(box) return R.num_text(box.value, name) end
  -- NaN equals itself: Equals, not the operator.
  kind.equals = function(a, b) return a.value == b.value or (a.value ~= a.value and b.value ~= b.value) end
  kind.hash = function(box) return "\0" .. name .. "\0" .. R.num_text(box.value, name) end
  kind.compare = function(a, b)
    local x, y = a.value, b.value
    if x == y then return 0 end
    if x ~= x then return y ~= y and 0 or -1 end
    return (y ~= y or x > y) and 1 or -1
  end
  boxes[name] = kind
  return kind
end
for _, name in ipairs({ "byte", "sbyte", "short", "ushort", "uint", "char", "float", "double" }) do
  boxed_type(name)
end

-- An enumeration: `names` by value. Values are ints where the compiler knows the type; ToString gives the name.
function R.enum(name, names)
  R.enums[name] = names
  R.defaults[name] = function() return 0 end
  local kind = boxed_type(name)
  kind.text = function(box) return R.enum_text(box.value, name) end
end

function R.enum_text(value, name)
  return R.enums[name][value] or format("%d", value)
end

-- A value of a boxed type that becomes `object`. Types that are told apart as they are stay as they are.
function R.box(name, value)
  local kind = boxes[name]
  if kind == nil or value == nil then return value end
  return setmetatable({ value = value }, kind)
end

-- -- types

local function type_of(value)
  local kind = type(value)
  if kind == "string" then return "string" end
  if kind == "boolean" then return "bool" end
  if kind == "number" then return "int" end
  if kind == "nil" then return "null" end
  if kind == "cdata" then return istype(int64, value) and "long" or "ulong" end
  if kind == "function" then return "Func" end
  local meta = getmetatable(value)
  local name = meta and meta.type
  if name == nil then return "string[]" end
  if type(name) == "function" then return name(value) end
  return name
end
R.type_of = type_of

-- What a sequence may be cast to.
R.array_bases = {
  ["[]"] = true, IEnumerable = true, ICollection = true, IList = true, IReadOnlyCollection = true, IReadOnlyList = true,
}

-- Whether a value that is not null is of the type, one of its bases or interfaces. Type arguments do not count.
local function is_a(value, name)
  if name == "object" or type_of(value) == name then return true end
  if type(value) ~= "table" then return false end
  local meta = getmetatable(value)
  local bases = meta == nil and R.array_bases or meta and meta.bases
  return bases ~= nil and bases[name] == true
end

-- `value is T`
function R.is(value, name)
  return value ~= nil and is_a(value, name)
end

-- `value as T`, for reference types
function R.as(value, name)
  if value ~= nil and is_a(value, name) then return value end
  return nil
end

local value_types = {
  bool = true, int = true, long = true, ulong = true, decimal = true, DateTime = true, DateTimeOffset = true,
  TimeSpan = true, Guid = true,
}
R.value_types = value_types

-- A cast from object. `name` may end in `?` for a nullable value type.
function R.unbox(value, name)
  if value == nil then
    if value_types[name] or boxes[name] then R.throw(NULL, "NullReferenceException") end
    return nil
  end
  if type_of(value) == name then
    if boxes[name] then return value.value end
    return value
  end
  if string.sub(name, -1) == "?" then return R.unbox(value, string.sub(name, 1, -2)) end
  if not is_a(value, name) then
    R.throw(
      "Unable to cast object of type '" .. type_of(value) .. "' to type '" .. name .. "'.", "InvalidCastException"
    )
  end
  return value
end

-- -- what every object has

-- ToString of a value, null as nothing.
function R.text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "nil" then return "" end
  if kind == "boolean" then return value and "True" or "False" end
  if kind == "number" then return format("%d", value) end
  if kind == "cdata" then return (gsub(tostring(value), "U?LL$", "")) end
  if kind == "table" then
    local meta = getmetatable(value)
    if meta == nil then return "System.String[]" end
    if meta.text then return meta.text(value) end
  end
  R.throw("A value of type " .. type_of(value) .. " has no text.", "NotSupportedException")
end

-- Equals of two objects.
function R.equals(a, b)
  local kind = type(a)
  if kind ~= type(b) then return false end
  if kind == "cdata" then return istype(int64, a) == istype(int64, b) and a == b end
  if a == b then return true end
  if kind ~= "table" then return false end
  local meta = getmetatable(a)
  return meta ~= nil and meta == getmetatable(b) and meta.equals ~= nil and meta.equals(a, b)
end

-- What finds an object in a Lua table: equal objects, and only these, have equal keys. Never nil.
local identities, identity = setmetatable({}, { __mode = "k" }), 0

function R.hash(value)
  local kind = type(value)
  if kind == "string" then
    -- The names of other types begin with a zero byte.
    if string.byte(value) == 0 then return "\0string\0" .. value end
    return value
  end
  if kind == "number" or kind == "boolean" then return value end
  if kind == "nil" then return "\0null" end
  if kind == "cdata" then return "\0" .. tostring(value) end
  local meta = kind == "table" and getmetatable(value)
  if meta and meta.hash then return meta.hash(value) end
  local known = identities[value]
  if not known then
    identity = identity + 1
    known = "\0object\0" .. identity
    identities[value] = known
  end
  return known
end

-- Comparer<T>.Default: -1, 0 or 1; null comes first.
function R.compare(a, b)
  if a == nil then return b == nil and 0 or -1 end
  if b == nil then return 1 end
  local kind = type(a)
  if kind == type(b) then
    if kind == "string" then return R.compare_text(a, b) end
    if kind == "number" or (kind == "cdata" and istype(int64, a) == istype(int64, b)) then
      return a == b and 0 or (a < b and -1 or 1)
    end
    if kind == "boolean" then return a == b and 0 or (a and 1 or -1) end
    local meta = getmetatable(a)
    if meta and meta == getmetatable(b) and meta.compare then return meta.compare(a, b) end
  end
  if kind == "table" and not (getmetatable(a) and getmetatable(a).compare) then
    R.throw("At least one object must implement IComparable.", "ArgumentException")
  end
  R.throw("Object must be of type " .. type_of(a) .. ".", "ArgumentException")
end

-- -- byte[]: {data = "..."}

R.Bytes = {
  type = "byte[]",
  bases = R.array_bases,
  text = function() return "System.Byte[]" end,
}

function R.bytes(data)
  return setmetatable({ data = data }, R.Bytes)
end

-- -- sequences of strings

-- A claim as one text: its values joined by commas.
function R.claim_text(claims, name, default)
  local values = claims[name]
  if values == nil then return default end
  return values.n == 1 and values[1] or R.join(",", values)
end

function R.first(values)
  if values.n == 0 then R.throw("Sequence contains no elements", "InvalidOperationException") end
  return values[1]
end

function R.has(values, wanted)
  for i = 1, values.n do
    if values[i] == wanted then return true end
  end
  return false
end

-- -- the request

-- The peer's address, without its port. Not X-Forwarded-For, which anybody can write.
function R.ip_address(q)
  local address = q.h:streamInfo():downstreamDirectRemoteAddress()
  return string.match(address, "^%[(.*)%]:%d+$") or string.match(address, "^(.*):%d+$") or address
end

function R.url_path(request)
  return (gsub(request:get(":path"), "%?.*$", ""))
end

function R.url_query_string(request)
  return string.match(request:get(":path"), "%?.*$") or ""
end

function R.url_host(request)
  return lower((gsub(request:get(":authority") or "", ":%d+$", "")))
end

-- A header's lines. Throws when there is none, as the indexer does.
function R.header_lines(headers, name)
  local count = headers:getNumValues(name)
  if count == 0 then R.throw("The given key '" .. name .. "' was not present in the dictionary.") end
  local lines = { n = count }
  for i = 1, count do lines[i] = headers:getAtIndex(name, i - 1) end
  return lines
end
