-- What the cache-value policies keep: values with their .NET types, as texts.
--
-- A text begins with the name of the type and a line break; what follows is the value's. Types are those that variables
-- hold and that a text can stand for: the basic ones, decimal, dates, Guid, byte[], JSON, and arrays of strings.

local find, sub, format = string.find, string.sub, string.format
local ffi = R.ffi

local SPACE = "cache-value:"
local LONGEST = 4096 -- bytes of a key

local NUMBERS = {
  byte = true, sbyte = true, short = true, ushort = true, uint = true, char = true, float = true, double = true,
}

local function list_text(values)
  local parts = { tostring(values.n) }
  for i = 1, values.n do
    local value = values[i]
    if value ~= nil and type(value) ~= "string" then return nil end
    parts[#parts + 1] = value == nil and "-" or #value .. ":" .. value
  end
  return table.concat(parts, " ")
end

local function list_of(text)
  local _, at, count = find(text, "^(%d+)")
  local values = { n = tonumber(count) }
  for i = 1, values.n do
    at = at + 2
    if sub(text, at, at) ~= "-" then
      local _, colon, size = find(text, "^(%d+):", at)
      at = colon + tonumber(size)
      values[i] = sub(text, colon + 1, at)
    end
  end
  return values
end

local function digits(number)
  return (string.gsub(tostring(number), "U?LL$", ""))
end

-- The text of a value. Raises for what has none.
function R.cache_text(value)
  if value == nil or value == R.NULL then return "null\n" end
  local kind, name = type(value), R.type_of(value)
  if kind == "string" then return "string\n" .. value end
  if kind == "boolean" then return value and "bool\n1" or "bool\n0" end
  if kind == "number" then return format("int\n%d", value) end
  if kind == "cdata" then return name .. "\n" .. digits(value) end
  local meta = getmetatable(value)
  if meta == nil then
    local text = list_text(value)
    if text then return "string[]\n" .. text end
  elseif meta == R.Bytes then
    return "byte[]\n" .. value.data
  elseif NUMBERS[name] and meta.is_box then
    return name .. "\n" .. format("%.17g", value.value)
  elseif name == "JObject" or name == "JArray" or name == "JValue" then
    return name .. "\n" .. R.json_text(value, true)
  elseif name == "decimal" then
    return "decimal\n" .. meta.text(value)
  elseif meta == R.Array and name == "string[]" then
    local text = list_text(value)
    if text then return "string[]\n" .. text end
  elseif meta == R.Guid then
    return "Guid\n" .. value.digits
  elseif meta == R.DateTime or meta == R.DateTimeOffset or meta == R.TimeSpan then
    local second = meta == R.DateTime and value.kind or meta == R.DateTimeOffset and value.offset or 0
    return name .. "\n" .. digits(value.ticks) .. " " .. digits(second)
  end
  R.throw("A value of type '" .. name .. "' cannot be cached.")
end

local function long_of(text, unsigned)
  local value = unsigned and ffi.new("uint64_t", 0) or ffi.new("int64_t", 0)
  local negative = sub(text, 1, 1) == "-"
  for digit in string.gmatch(text, "%d") do
    value = value * 10 + (negative and -tonumber(digit) or tonumber(digit))
  end
  return value
end

R.cached_types = {
  null = function() return nil end,
  string = function(text) return text end,
  bool = function(text) return text == "1" end,
  int = tonumber,
  long = function(text) return long_of(text, false) end,
  ulong = function(text) return long_of(text, true) end,
  decimal = function(text) return R.decimal(text) end,
  ["byte[]"] = function(text) return R.bytes(text) end,
  ["string[]"] = list_of,
  JObject = function(text) return R.json_parse(text, "JObject") end,
  JArray = function(text) return R.json_parse(text, "JArray") end,
  JValue = function(text) return R.json_parse(text, "JToken") end,
}
R.cached_types.Guid = function(text) return setmetatable({ digits = text }, R.Guid) end
for _, name in ipairs({ "DateTime", "DateTimeOffset", "TimeSpan" }) do
  R.cached_types[name] = function(text)
    local ticks, second = string.match(text, "^(%S+) (%S+)$")
    local value = { ticks = long_of(ticks, false) }
    if name == "DateTime" then value.kind = tonumber(second) end
    if name == "DateTimeOffset" then value.offset = long_of(second, false) end
    return setmetatable(value, R[name])
  end
end
for name in pairs(NUMBERS) do
  R.cached_types[name] = function(text)
    -- %.17g writes what tonumber reads, but for these.
    local value = text == "inf" and math.huge or text == "-inf" and -math.huge or tonumber(text) or 0 / 0
    return R.box(name, value)
  end
end

-- The value of a text.
function R.cached_value(text)
  local at = find(text, "\n", 1, true)
  local name = sub(text, 1, at - 1)
  local read = R.cached_types[name]
  if not read then return nil, false end
  return read(sub(text, at + 1)), true
end

local function checked(key)
  if key == nil then R.argument(nil, "key") end
  if #key > LONGEST then R.throw("The cache key is longer than " .. LONGEST .. " bytes.") end
  return key
end

-- Whether there is one, the value, and for how many seconds it has been and will be there.
function R.cache_get(key)
  local text, left, age = R.cache_read(SPACE, checked(key))
  if text == nil then return false, nil end
  local value, known = R.cached_value(text)
  if not known then return false, nil end
  return true, value, left, age
end

-- Larger values are not kept, and what was kept before is forgotten.
function R.cache_put(key, value, seconds)
  checked(key)
  local kept = R.cache_write(SPACE, key, R.cache_text(value), seconds)
  return kept
end

function R.cache_forget(key)
  R.cache_remove(SPACE, checked(key))
end

-- cache-value: whether the variable has the cached value now. One that is older than `refresh` seconds is worked out anew,
-- and so is one that is not there; nothing of an earlier variable of the name is taken for it.
function R.cache_fresh(variables, name, key, refresh)
  local found, value, _, age = R.cache_get(key)
  if found and not (refresh and age >= refresh) then
    variables[name] = R.held(value)
    return true
  end
  variables[name] = nil
  return false
end

-- Keep what the policies inside have set; nothing where they have not.
function R.cache_keep(variables, name, key, seconds)
  local value = variables[name]
  if value ~= nil then R.cache_put(key, value, seconds) end
end
