-- Between tokens and .NET's values: casts, Value<T>, ToObject<T>, JToken.FromObject, equality.

local ffi = R.ffi
local find, sub, match, format = string.find, string.sub, string.match, string.format
local JObject, JArray, JProperty, JValue = R.JObject, R.JArray, R.JProperty, R.JValue
local is_token, new_value = R.is_token, R.json_value
local int64 = ffi.typeof("int64_t")
local MOST = "9223372036854775808"

-- -- integers

-- The Integer token of a text of digits, nil for another text. Beyond int64 only the digits are kept (BigInteger).
function R.json_integer(text)
  local sign, digits = match(text, "^([-+]?)0*(%d+)$")
  if not digits then return nil end
  if #digits < 16 then return new_value("Integer", tonumber(sign .. digits)) end
  if #digits < 19 or (#digits == 19 and (digits < MOST or (sign == "-" and digits == MOST))) then
    local value = 0LL
    for i = 1, #digits do value = value * 10LL - (string.byte(digits, i) - 48) end
    return new_value("Integer", sign == "-" and value or -value)
  end
  local token = new_value("Integer")
  token.big = (sign == "-" and "-" or "") .. digits
  return token
end

function R.json_digits(token)
  local value = token.value
  if type(value) == "number" then return format("%.0f", value) end
  if value == nil then return token.big end
  return (string.gsub(tostring(value), "U?LL$", ""))
end

-- -- casts

local names = {
  string = "String", bool = "Boolean", int = "Int32", uint = "UInt32", long = "Int64", ulong = "UInt64",
  short = "Int16", ushort = "UInt16", byte = "Byte", sbyte = "SByte", char = "Char", double = "Double",
  float = "Single", decimal = "Decimal", DateTime = "DateTime", DateTimeOffset = "DateTimeOffset", Guid = "Guid",
  TimeSpan = "TimeSpan", Uri = "Uri", ["byte[]"] = "byte array",
}
local numbers = {
  int = true, uint = true, long = true, ulong = true, short = true, ushort = true, byte = true, sbyte = true,
  char = true, double = true, float = true, decimal = true,
}

local all_numbers = { Integer = true, Float = true, String = true, Boolean = true, Raw = true }
local accepted = {
  string = { Date = true, Integer = true, Float = true, String = true, Boolean = true, Bytes = true, Guid = true,
    TimeSpan = true, Uri = true, Raw = true },
  bool = all_numbers,
  DateTime = { Date = true, String = true, Raw = true },
  DateTimeOffset = { Date = true, String = true, Raw = true },
  Guid = { String = true, Raw = true, Guid = true, Bytes = true },
  TimeSpan = { String = true, Raw = true, TimeSpan = true },
  Uri = { String = true, Raw = true, Uri = true },
  ["byte[]"] = { String = true, Raw = true, Bytes = true, Integer = true },
}
local nullable = { string = true, Uri = true, ["byte[]"] = true }
local parsers = {
  DateTime = function(value)
    if type(value) == "string" then return R.parse_date(value) end
    return getmetatable(value) == R.DateTimeOffset and R.offset_datetime(value, 0) or value
  end,
  DateTimeOffset = function(value)
    if type(value) == "string" then return R.parse_offset(value) end
    return getmetatable(value) == R.DateTime and R.offset_of(value) or value
  end,
  Guid = function(value) return type(value) == "string" and R.parse_guid(value) or value end,
  TimeSpan = function(value) return type(value) == "string" and R.parse_span(value) or value end,
  Uri = function(value) return type(value) == "string" and R.new_uri(value, 0) or value end,
}

-- The value as object: what JValue.Value gives.
function R.json_boxed(token)
  local kind, value = token.kind, token.value
  if kind == "Integer" then
    if value == nil then R.throw("A whole number of more than 64 bits has no value here.") end
    return int64(value)
  end
  if kind == "Float" and type(value) == "number" then return R.box("double", value) end
  return value
end
local boxed = R.json_boxed

local function text_of(token)
  local kind, value = token.kind, token.value
  if kind == "String" or kind == "Raw" then return value end
  if kind == "Bytes" then return R.base64_text(value.data) end
  return R.json_shown(token)
end

-- Convert.To...(value): `name` is the type's C# name.
local function change(token, name)
  local kind, value = token.kind, token.value
  if name == "string" then return text_of(token) end
  if numbers[name] or name == "bool" then
    if kind == "Integer" and name == "int" and type(value) == "number" and value >= -2147483648
      and value <= 2147483647 then
      return value
    end
    if kind == "Boolean" and name == "bool" then return value end
    if kind == "Integer" and name == "double" and type(value) == "number" then return value end
    if kind == "Float" and name == "double" and type(value) == "number" then return value end
    return R["convert_" .. name](boxed(token))
  end
  if kind == name or (kind == "Date" and getmetatable(value) == R[name]) then return value end
  if kind == "Bytes" and name == "byte[]" then return value end
  if name == "byte[]" then return R.bytes(R.from_base64(text_of(token))) end
  return parsers[name](kind == "Date" and value or text_of(token))
end

local function shown_kind(token)
  local kind = R.json_kind(token)
  return kind == "Property" and R.json_kind(token[1]) or kind
end

-- The explicit conversions of JToken: `(int)token`. `(int?)` and the like give null for null.
function R.json_cast(token, name)
  local base = match(name, "^(.*)%?$")
  local takes_null = base or nullable[name]
  base = base or name
  if token == nil then
    if takes_null then return nil end
    R.throw("Value cannot be null. (Parameter 'value')")
  end
  local value = token
  if getmetatable(value) == JProperty then value = value[1] end
  if getmetatable(value) == JValue then
    local kind = value.kind
    if kind == "Null" or kind == "Undefined" then
      if takes_null then return nil end
    elseif (accepted[base] or all_numbers)[kind] then
      return change(value, base)
    end
  end
  R.throw("Can not convert " .. shown_kind(token) .. " to " .. (names[base] or base) .. ".")
end

local kinds = { JObject = JObject, JArray = JArray, JValue = JValue, JProperty = JProperty }
-- Value<T>: the token itself where T is a token, else its value converted.
function R.json_as(token, name)
  if token == nil then return R.default_of(name) end
  if name == "JToken" or name == "object" then return token end
  local meta = getmetatable(token)
  if kinds[name] then
    if kinds[name] == meta then return token end
    if name == "JContainer" and meta ~= JValue then return token end
    R.throw("Cannot cast Newtonsoft.Json.Linq." .. meta.type .. " to Newtonsoft.Json.Linq.JToken.")
  end
  if meta ~= JValue then
    R.throw("Cannot cast Newtonsoft.Json.Linq." .. meta.type .. " to Newtonsoft.Json.Linq.JToken.")
  end
  local base = match(name, "^(.*)%?$")
  if token.kind == "Null" or token.kind == "Undefined" then
    if base or not names[name] or nullable[name] then return nil end
    R.throw("Null object cannot be converted to a value type.")
  end
  return change(token, base or name)
end

-- token.Value<T>(key).
function R.json_value_of(token, key, name)
  return R.json_as(R.json_item(token, key), name)
end

-- Values<T>() of a container: each child converted.
function R.json_values(token, name)
  local list = setmetatable({ n = token.n }, R.Array)
  for i = 1, token.n do
    local child = token[i]
    list[i] = R.json_as(getmetatable(child) == JProperty and name ~= "JProperty" and child[1] or child, name)
  end
  return list
end

-- A static cast among tokens: (JObject)token.
function R.json_down(token, name)
  if token == nil or name == "JToken" then return token end
  local meta = getmetatable(token)
  if meta == kinds[name] or (name == "JContainer" and meta ~= JValue and is_token(token)) then return token end
  R.throw("Unable to cast object of type 'Newtonsoft.Json.Linq." .. meta.type .. "' to type 'Newtonsoft.Json.Linq."
    .. name .. "'.")
end

-- -- dates

-- The DateTime of a text that DateParseHandling.DateTime takes for one, else nil.
function R.json_date(text)
  local first = string.byte(text)
  if first == 47 then
    local milliseconds, zone = match(text, "^/Date%((-?%d+)([-+]?%d*)%)/$")
    if not milliseconds or #milliseconds > 15 or (zone ~= "" and not find(zone, "^[-+]%d%d%d?%d?$")) then return nil end
    return R.date_from_unix(tonumber(milliseconds), zone == "" and "Utc" or "Local")
  end
  if first < 48 or first > 57 or #text < 19 or sub(text, 11, 11) ~= "T" then return nil end
  return R.date_from_iso(text)
end

function R.json_date_text(date)
  return R.date_to_iso(date)
end

-- -- values to tokens

local from
local leaves_out_null = false

local function from_list(list, depth)
  local array = R.json_array()
  R.tick(list.n)
  for i = 1, list.n do
    local token = from(list[i], depth + 1)
    token.parent = array
    array[i] = token
  end
  array.n = list.n
  return array
end

local function from_pairs(dictionary, depth)
  local object = R.json_object()
  for i = 1, dictionary.n do
    R.json_set(object, R.text(dictionary.keys[i]), from(dictionary.values[i], depth + 1))
  end
  return object
end

function from(value, depth)
  if depth > R.JSON_DEPTH then R.throw("Self referencing loop detected.") end
  local kind = type(value)
  if kind == "string" then return new_value("String", value) end
  if kind == "nil" then return R.json_null() end
  if kind == "boolean" then return new_value("Boolean", value) end
  if kind == "number" then return new_value("Integer", value) end
  if kind == "cdata" then return R.json_integer((string.gsub(tostring(value), "U?LL$", ""))) end
  local meta = getmetatable(value)
  if is_token(value) then return value.parent and R.json_copy(value) or value end
  if meta and meta.is_box then
    if meta.type == "char" then return new_value("String", R.text(value)) end
    local number = meta.type == "double" or meta.type == "float"
    return new_value(number and "Float" or "Integer", value.value)
  end
  if meta == R.Decimal then return new_value("Float", value) end
  if meta == R.DateTime or meta == R.DateTimeOffset then return new_value("Date", value) end
  if meta == R.Bytes then return new_value("Bytes", value) end
  if meta == R.Dictionary then return from_pairs(value, depth) end
  if meta and (meta == R.Guid or meta == R.Uri or meta == R.TimeSpan) then return new_value(meta.type, value) end
  if R.is_xml and R.is_xml(value) then return R.xml_to_token(value, {}) end
  if meta == R.Anonymous then
    local object = R.json_object()
    for i = 1, #value.names do
      -- NullValueHandling is about properties of objects; what stands in tokens and dictionaries is written.
      if value.values[i] ~= nil or not leaves_out_null then
        R.json_set(object, value.names[i], from(value.values[i], depth + 1))
      end
    end
    return object
  end
  if meta == R.KeyValuePair then
    local object = R.json_object()
    R.json_set(object, "Key", from(value.key, depth + 1))
    R.json_set(object, "Value", from(value.value, depth + 1))
    return object
  end
  if meta and meta.items then value = meta.items(value) end
  if value.n then return from_list(value, depth) end
  R.throw("There is no JSON of a value of type " .. R.type_of(value) .. ".")
end

-- JToken.FromObject, and what implicit conversions to JToken give.
function R.json_from(value)
  return from(value, 0)
end

-- JsonConvert.SerializeObject with settings: nulls (1: left out), formatting.
function R.json_serialize(value, formatting, settings)
  settings = settings or {}
  leaves_out_null = settings.nulls == 1
  local ok, token = pcall(from, value, 0)
  leaves_out_null = false
  if not ok then error(token, 0) end
  return R.json_text(token, math.max(formatting, settings.formatting or 0) == 0)
end

-- The content of a constructor or Add: tokens as they are.
function R.json_content(value)
  if is_token(value) then return value end
  return from(value, 0)
end

-- Implicit conversions whose static type says more than the Lua value does.
function R.json_number(value, name)
  if value == nil then return R.json_null() end
  if name == "double" or name == "float" then return new_value("Float", value) end
  return new_value("Integer", value)
end

function R.json_text_value(value)
  if value == nil then
    local token = R.json_null()
    return token
  end
  return new_value("String", value)
end

-- -- equality

local function same_value(a, b)
  -- 1 and 1.0 are of different types.
  if a.kind ~= b.kind then return false end
  if a.value == b.value then return a.big == b.big end
  if type(a.value) == "table" and type(b.value) == "table" then return R.equals(a.value, b.value) end
  return false
end

-- JToken.DeepEquals: objects whatever their order.
function R.json_equals(a, b)
  if a == b then return true end
  if a == nil or b == nil or getmetatable(a) ~= getmetatable(b) then return false end
  local meta = getmetatable(a)
  if meta == JValue then return same_value(a, b) end
  if a.n ~= b.n or a.name ~= b.name then return false end
  R.tick(a.n)
  for i = 1, a.n do
    local other = b[i]
    if meta == JObject then other = b.map[a[i].name] end
    if not R.json_equals(a[i], other) then return false end
  end
  return true
end

-- As<T> of a body.
-- brings: body_types.JObject body_types.JArray body_types.JToken
for _, name in ipairs({ "JObject", "JArray", "JToken" }) do
  R.body_types[name] = function(text) return R.json_parse(R.body_types.string(text), name) end
end

JValue.equals = function(a, b)
  return getmetatable(b) == JValue and same_value(a, b)
end

JValue.hash = function(value)
  return "\0JValue\0" .. value.kind .. "\0" .. R.json_shown(value)
end
