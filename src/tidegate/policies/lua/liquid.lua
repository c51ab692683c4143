-- What compiled Liquid templates call: values of bodies, comparisons, loops. Filters are in liquid_filters.lua.
--
-- A value is nil, a string, a boolean, a whole number (Lua's or int64), a box of double, or what a .NET type is
-- otherwise; tokens of JSON and elements of XML stay what they are until they are shown.

local floor = math.floor
local find, gsub, lower, match = string.find, string.gsub, string.lower, string.match
local concat = table.concat
local JObject, JArray, JValue, JProperty = R.JObject, R.JArray, R.JValue, R.JProperty

local L = {}
R.liquid = L

-- Texts longer than this are not made: a template could double one in a loop.
L.MAX_TEXT = 4 * 1024 * 1024

local Empty = { type = "empty" }
L.empty = setmetatable({}, Empty)
local Loop = { type = "loop" }

function L.double(value)
  return R.box("double", value)
end

-- -- numbers

-- A number as a Lua number or int64, and whether it is whole; nil for what is none. Texts that spell one count.
local function number(value)
  local kind = type(value)
  if kind == "number" then return value, true end
  if kind == "cdata" then return value, true end
  if kind == "string" then
    if #value > 40 then return nil end
    if find(value, "^%s*[-+]?%d+%s*$") and #value < 16 then return tonumber(value), true end
    if find(value, "^%s*[-+]?%d*%.?%d+[eE]?[-+]?%d*%s*$") then return tonumber(value), false end
    return nil
  end
  if kind ~= "table" then return nil end
  local meta = getmetatable(value)
  if meta == R.Decimal then return R.decimal_to_double(value), false end
  if meta and meta.is_box then return value.value, meta.type ~= "double" and meta.type ~= "float" end
  return nil
end
L.number = number

-- -- values

-- What a token of JSON is to Liquid.
local function native(token)
  if getmetatable(token) ~= JValue then return token end
  local kind, value = token.kind, token.value
  if kind == "Null" or kind == "Undefined" then return nil end
  if kind == "Float" and type(value) == "number" then return R.box("double", value) end
  if kind == "Integer" and value == nil then return token.big end
  return value
end

-- Of the template that runs: nothing in it waits between one value and the next.
local nil_is_null = false

-- What an element of XML is: its text if it holds nothing else.
local function plain(element)
  if R.xml_is_nil(element) then
    if nil_is_null then return nil end
    return ""
  end
  if element.attributes.n == 0 and not R.xml_has_elements(element) then return R.xml_value(element) end
  return element
end

local function is_element(value)
  return type(value) == "table" and value.kind == "element"
end

-- Children by name: several are a list. Names match whatever their case, as those of the policies do that API
-- Management writes for SOAP (`body.envelope.body`).
local function child(element, key)
  local found, n, wanted = {}, 0, lower(key)
  for exact = 1, 2 do
    for i = 1, element.n do
      local each = element[i]
      if each.kind == "element" and (exact == 1 and each.name == key or exact == 2 and lower(each.name) == wanted) then
        n = n + 1
        found[n] = each
      end
    end
    if n > 0 then break end
  end
  R.tick(element.n)
  if n == 1 then return plain(found[1]) end
  if n > 1 then
    for i = 1, n do found[i] = plain(found[i]) end
    found.n = n
    return found
  end
  local attributes = element.attributes
  for i = 1, attributes and attributes.n or 0 do
    if attributes[i].name == key or "@" .. attributes[i].name == key then return attributes[i].value end
  end
  return nil
end

local function is_sequence(value)
  if type(value) ~= "table" or is_element(value) then return false end
  local meta = getmetatable(value)
  if meta == JArray then return true end
  if meta == JObject or meta == JValue or meta == JProperty or meta == Loop then return false end
  return value.n ~= nil and meta ~= R.Dictionary and meta ~= R.Decimal
end

local function item(value, index)
  if index < 0 then index = value.n + index end
  local found = value[index + 1]
  if getmetatable(value) == JArray and found then return native(found) end
  return found
end

local function count(value)
  if type(value) == "string" then return R.length(value) end
  if is_element(value) then return value.n end
  if type(value) == "table" and value.n then return value.n end
  return 0
end
L.count = count

-- `value.key` and `value[key]`.
function L.get(value, key)
  if value == nil or key == nil then return nil end
  if type(value) == "string" then
    if key == "size" or key == "Size" then return R.length(value) end
    return nil
  end
  if type(value) ~= "table" then return nil end
  local meta = getmetatable(value)
  if meta == JObject then
    local property = type(key) == "string" and value.map[key]
    if property then return native(property[1]) end
  elseif meta == Loop then
    return value[key]
  elseif meta == R.Dictionary then
    if R.dictionary_has(value, key) then return R.dictionary_get(value, key) end
  elseif meta == R.KeyValuePair then
    if key == "Key" or key == 0 then return value.key end
    if key == "Value" or key == 1 then return value.value end
    return nil
  elseif value.kind == "element" or value.kind == "document" then
    local found = child(value, R.text(key))
    if found ~= nil then return found end
    if value.kind == "document" then return nil end
  elseif is_sequence(value) then
    local index = number(key)
    if index then return item(value, tonumber(index)) end
    if key == "first" or key == "First" then return item(value, 0) end
    if key == "last" or key == "Last" then return value.n > 0 and item(value, value.n - 1) or nil end
  end
  if key == "size" or key == "Size" then return count(value) end
  return nil
end

-- The text that `{{ value }}` writes.
local function text(value, depth)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "nil" then return "" end
  if kind == "boolean" then return value and "true" or "false" end
  if kind ~= "table" then return R.text(value) end
  if value == L.empty then return "" end
  local meta = getmetatable(value)
  if value.kind == "element" or value.kind == "document" then return R.xml_value(value) end
  depth = depth or 0
  if depth > 64 then return "" end
  if meta == JObject then
    local parts = {}
    for i = 1, value.n do parts[i] = "[" .. value[i].name .. ", " .. text(native(value[i][1]), depth + 1) .. "]" end
    return concat(parts)
  end
  if meta == JValue then return text(native(value), depth) end
  if meta == R.KeyValuePair then return "[" .. text(value.key, depth + 1) .. ", " .. text(value.value, depth + 1) .. "]" end
  if is_sequence(value) then
    R.tick(value.n)
    local parts = {}
    for i = 1, value.n do parts[i] = text(item(value, i - 1), depth + 1) end
    return concat(parts)
  end
  return R.text(value)
end

function L.text(value)
  return text(value)
end

-- The pieces of a text.
function L.joined(parts)
  local size = 0
  for i = 1, #parts do size = size + #parts[i] end
  R.tick(floor(size / 64))
  if size > L.MAX_TEXT then R.throw("The template's text is too long.") end
  return concat(parts)
end

-- -- names

function L.assign(names, name, value)
  names[name] = value
end

-- Counters are apart from assigned names, which hide them.
local function counter(names, name, first, step)
  local counters = names["\0"]
  if not counters then
    counters = {}
    names["\0"] = counters
  end
  local value = counters[name] or first
  counters[name] = value + step
  if rawget(names, name) == nil then names["\0" .. name] = value + step end
  return value
end

function L.increment(names, name)
  return tostring(counter(names, name, 0, 1))
end

function L.decrement(names, name)
  return tostring(counter(names, name, 0, -1) - 1)
end

-- -- comparisons

local function is_empty(value)
  if value == nil then return true end
  if type(value) == "string" then return value == "" end
  if type(value) == "table" then return count(value) == 0 end
  return false
end

local function equal(a, b)
  if a == L.empty then return is_empty(b) end
  if b == L.empty then return is_empty(a) end
  if a == nil or b == nil then return a == b end
  local x, y = number(a), number(b)
  if x and y and (type(a) ~= "string" or type(b) ~= "string") then return tonumber(x) == tonumber(y) end
  if type(a) ~= type(b) then
    return (type(a) == "string" or type(b) == "string") and lower(text(a)) == lower(text(b)) and type(a) ~= "table"
      and type(b) ~= "table"
  end
  return R.equals(a, b)
end

function L.eq(a, b) return equal(a, b) end
function L.ne(a, b) return not equal(a, b) end

-- Below zero, zero, above; nil for what has no order.
local function order(a, b)
  if a == nil or b == nil then return nil end
  local x, y = number(a), number(b)
  if x and y and (type(a) ~= "string" or type(b) ~= "string") then
    x, y = tonumber(x), tonumber(y)
    return x < y and -1 or x > y and 1 or 0
  end
  if type(a) == "string" and type(b) == "string" then return R.compare_text(a, b) end
  if type(a) == "table" and getmetatable(a) == getmetatable(b) and getmetatable(a) and getmetatable(a).compare then
    return R.compare(a, b)
  end
  return nil
end
L.order = order

function L.lt(a, b) return (order(a, b) or 0) < 0 end
function L.gt(a, b) return (order(a, b) or 0) > 0 end
function L.le(a, b) return (order(a, b) or 1) <= 0 end
function L.ge(a, b) return (order(a, b) or -1) >= 0 end

function L.truth(value)
  return value ~= nil and value ~= false
end

function L.contains(value, part)
  if value == nil or part == nil then return false end
  if type(value) == "string" then return find(value, text(part), 1, true) ~= nil end
  if not is_sequence(value) then return false end
  R.tick(value.n)
  for i = 1, value.n do
    if equal(item(value, i - 1), part) then return true end
  end
  return false
end

local function edge(value, part, from_end)
  if is_sequence(value) then
    return value.n > 0 and equal(item(value, from_end and value.n - 1 or 0), part)
  end
  value, part = text(value), text(part)
  if from_end then return part == "" or string.sub(value, -#part) == part end
  return string.sub(value, 1, #part) == part
end

function L.starts_with(value, part) return edge(value, part, false) end
function L.ends_with(value, part) return edge(value, part, true) end

function L.has_key(value, key)
  if getmetatable(value) == JObject then return value.map[text(key)] ~= nil end
  if getmetatable(value) == R.Dictionary then return R.dictionary_has(value, key) end
  return false
end

function L.has_value(value, wanted)
  if getmetatable(value) == JObject then
    for i = 1, value.n do
      if equal(native(value[i][1]), wanted) then return true end
    end
  end
  return false
end

L.native, L.item, L.is_sequence, L.raw_text, L.Loop = native, item, is_sequence, text, Loop

function L.use(nil_elements_are_null)
  nil_is_null = nil_elements_are_null
end
