-- JSON (RFC 8259). Strict: no trailing commas, comments, NaN, duplicate keys, lone surrogates or control characters.
-- Depth is limited; arrays are {n = count, ...}; null is R.null. Integers beyond 2^53 and numbers with fractions keep
-- their text beside their value, since a claim is compared as text.

R.json_list = { is_array = true }
R.number = { is_number = true }
R.null = setmetatable({}, { __tostring = function() return "null" end })

local MAX_DEPTH = 16
local find, sub, byte, char, match = string.find, string.sub, string.byte, string.char, string.match
local concat, floor = table.concat, math.floor

local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function bad(what, at)
  error("JSON: " .. what .. " at " .. at, 0)
end

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(
    0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64
  )
end

R.utf8_char = utf8

-- Whether the text is UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
function R.is_utf8(text)
  local at = find(text, "[\128-\255]")
  while at do
    local a, b, c, d = byte(text, at, at + 3)
    local size
    if a >= 0xC2 and a <= 0xDF then
      size = 2
    elseif a >= 0xE0 and a <= 0xEF then
      size = 3
      if not b or (a == 0xE0 and b < 0xA0) or (a == 0xED and b > 0x9F) then return false end
    elseif a >= 0xF0 and a <= 0xF4 then
      size = 4
      if not b or (a == 0xF0 and b < 0x90) or (a == 0xF4 and b > 0x8F) then return false end
    else
      return false
    end
    if not b or b < 0x80 or b > 0xBF then return false end
    if size > 2 and (not c or c < 0x80 or c > 0xBF) then return false end
    if size > 3 and (not d or d < 0x80 or d > 0xBF) then return false end
    at = find(text, "[\128-\255]", at + size)
  end
  return true
end

local function read_string(text, at)
  -- `at` is behind the opening quote.
  local stop = find(text, '["\\%c]', at)
  if stop and sub(text, stop, stop) == '"' then
    return sub(text, at, stop - 1), stop + 1
  end
  local parts = {}
  while true do
    stop = find(text, '["\\%c]', at)
    if not stop then bad("string without end", at) end
    parts[#parts + 1] = sub(text, at, stop - 1)
    local sign = sub(text, stop, stop)
    if sign == '"' then
      return concat(parts), stop + 1
    elseif sign == "\127" then
      parts[#parts + 1] = sign -- DEL is a control character to Lua, not to JSON.
      at = stop + 1
    elseif sign ~= "\\" then
      bad("control character", stop)
    else
      local letter = sub(text, stop + 1, stop + 1)
      if letter == "u" then
        local hex = match(text, "^%x%x%x%x", stop + 2)
        if not hex then bad("escape", stop) end
        local code = tonumber(hex, 16)
        at = stop + 6
        if code >= 0xD800 and code <= 0xDBFF then
          local low = match(text, "^\\u(%x%x%x%x)", at)
          low = low and tonumber(low, 16)
          if not low or low < 0xDC00 or low > 0xDFFF then bad("half of a surrogate pair", stop) end
          code = 0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00)
          at = at + 6
        elseif code >= 0xDC00 and code <= 0xDFFF then
          bad("half of a surrogate pair", stop)
        end
        parts[#parts + 1] = utf8(code)
      else
        local meaning = escapes[letter]
        if not meaning then bad("escape", stop) end
        parts[#parts + 1] = meaning
        at = stop + 2
      end
    end
  end
end

local function read_number(text, at)
  local number = match(text, "^-?%d+", at)
  if not number or match(number, "^-?0%d") then bad("number", at) end
  local fraction = match(text, "^%.%d+", at + #number) or ""
  local exponent = match(text, "^[eE][+-]?%d+", at + #number + #fraction) or ""
  local raw = number .. fraction .. exponent
  local value = tonumber(raw)
  if value == nil or value ~= value or value == math.huge or value == -math.huge then bad("number", at) end
  if raw ~= number or value > 9007199254740991 or value < -9007199254740991 then
    return setmetatable({ raw = raw, value = value }, R.number), at + #raw
  end
  return value, at + #raw
end

local read_value

local function read_object(text, at, depth)
  local object = {}
  at = find(text, "[^ \t\r\n]", at) or bad("object without end", at)
  if sub(text, at, at) == "}" then return object, at + 1 end
  while true do
    if sub(text, at, at) ~= '"' then bad("key", at) end
    local key, value
    key, at = read_string(text, at + 1)
    at = find(text, "[^ \t\r\n]", at)
    if not at or sub(text, at, at) ~= ":" then bad("`:` missing", at or #text) end
    value, at = read_value(text, at + 1, depth)
    -- RFC 8725 section 2.4: parsers differ in which of two equal names they take. So take neither.
    if object[key] ~= nil then bad("key given twice", at) end
    object[key] = value
    at = find(text, "[^ \t\r\n]", at) or bad("object without end", #text)
    local sign = sub(text, at, at)
    if sign == "}" then return object, at + 1 end
    if sign ~= "," then bad("`,` missing", at) end
    at = find(text, "[^ \t\r\n]", at + 1) or bad("object without end", #text)
  end
end

local function read_array(text, at, depth)
  local array, n = {}, 0
  at = find(text, "[^ \t\r\n]", at) or bad("array without end", at)
  if sub(text, at, at) == "]" then
    array.n = 0
    return array, at + 1
  end
  while true do
    n = n + 1
    array[n], at = read_value(text, at, depth)
    at = find(text, "[^ \t\r\n]", at) or bad("array without end", #text)
    local sign = sub(text, at, at)
    if sign == "]" then
      array.n = n
      return array, at + 1
    end
    if sign ~= "," then bad("`,` missing", at) end
    at = at + 1
  end
end

function read_value(text, at, depth)
  if depth == 0 then bad("nested too deep", at) end
  at = find(text, "[^ \t\r\n]", at)
  if not at then bad("value missing", #text) end
  local sign = sub(text, at, at)
  if sign == '"' then return read_string(text, at + 1) end
  if sign == "{" then return read_object(text, at + 1, depth - 1) end
  if sign == "[" then
    local array, behind = read_array(text, at + 1, depth - 1)
    return setmetatable(array, R.json_list), behind
  end
  if sub(text, at, at + 3) == "true" then return true, at + 4 end
  if sub(text, at, at + 4) == "false" then return false, at + 5 end
  if sub(text, at, at + 3) == "null" then return R.null, at + 4 end
  return read_number(text, at)
end

-- The value of a JSON text. Raises a string for anything else.
function R.json_decode(text)
  if not R.is_utf8(text) then bad("not UTF-8", 1) end
  local value, at = read_value(text, 1, MAX_DEPTH)
  if find(text, "[^ \t\r\n]", at) then bad("text behind the value", at) end
  return value
end

local escaped = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

function R.json_string(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return escaped[c] or string.format("\\u%04x", byte(c))
  end) .. '"'
end

-- Objects with sorted keys, without white space.
function R.json_encode(value)
  local kind = type(value)
  if kind == "string" then return R.json_string(value) end
  if kind == "number" then return string.format(value == floor(value) and "%.0f" or "%.17g", value) end
  if kind == "boolean" then return tostring(value) end
  if value == R.null then return "null" end
  if kind ~= "table" then error("JSON: a " .. kind .. " has no JSON", 0) end
  if getmetatable(value) == R.number then return value.raw end
  local parts = {}
  if getmetatable(value) == R.json_list then
    for i = 1, value.n do parts[i] = R.json_encode(value[i]) end
    return "[" .. concat(parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = R.json_string(key) .. ":" .. R.json_encode(value[key]) end
  return "{" .. concat(parts, ",") .. "}"
end
