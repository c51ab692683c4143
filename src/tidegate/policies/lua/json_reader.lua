-- JSON text to tokens, as JsonTextReader and JToken.Load take it: single quotes, names without quotes, comments, a comma
-- too many, NaN, 0x10 and 010 are accepted, the last of two equal names wins, and text that looks like an ISO date is
-- one. Exceptions say what Newtonsoft's say, with path, line and position.

local find, sub, byte, match, char = string.find, string.sub, string.byte, string.match, string.char
local concat = table.concat
local JObject, JArray, JProperty, JValue = R.JObject, R.JArray, R.JProperty, R.JValue

-- JsonReader.MaxDepth's default since Newtonsoft.Json 13.
local MAX_DEPTH = 64

local escapes = { b = "\b", t = "\t", n = "\n", f = "\f", r = "\r", ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["/"] = "/" }

-- Lines and the characters of the last one before an offset, as Newtonsoft counts them.
local function position(text, stop)
  local line, start, at = 1, 1, 1
  while true do
    local found = find(text, "[\r\n]", at)
    if not found or found >= stop then break end
    at = found + 1
    if sub(text, found, at) == "\r\n" and at < stop then at = at + 1 end
    line, start = line + 1, at
  end
  return line, R.length(sub(text, start, stop - 1))
end

local function path_of(s)
  local parts = {}
  for i = 1, s.depth do
    local name = s.names[i]
    if type(name) == "number" then
      parts[#parts + 1] = "[" .. name .. "]"
    elseif name then
      parts[#parts + 1] = R.json_path_step(name, #parts == 0)
    end
  end
  return concat(parts)
end

-- A JsonReaderException. `at` is the offset of the character that Newtonsoft stands before.
local function bad(s, message, at)
  local line, column = position(s.text, at or s.at)
  if column == 0 and line == 1 and s.depth == 0 and not s.begun then line = 0 end
  R.throw(message .. " Path '" .. path_of(s) .. "', line " .. line .. ", position " .. column .. ".",
    "JsonReaderException")
end

local function shown(s, at)
  return match(s.text, "^[%z\1-\127\194-\244][\128-\191]*", at) or sub(s.text, at, at)
end

-- The offset of the next character that is neither white space nor in a comment; nil at the end.
local function skip(s, at)
  local text = s.text
  -- Almost always the next character is it, and comparing bytes is what compiles well.
  local first = byte(text, at)
  if first == 32 or first == 10 or first == 13 or first == 9 then
    repeat
      at = at + 1
      first = byte(text, at)
    until first ~= 32 and first ~= 10 and first ~= 13 and first ~= 9
  end
  if first and first > 32 and first < 128 and first ~= 47 then
    s.at = at
    return at, first
  end
  while true do
    at = find(text, "[^ \t\r\n\v\f]", at)
    if not at then
      s.at = #text + 1
      return nil
    end
    local sign = byte(text, at)
    if sign == 47 then -- /
      local stop
      if byte(text, at + 1) == 42 then -- *
        local _, last = find(text, "*/", at + 2, true)
        if not last then bad(s, "Unexpected end while parsing comment.", #text + 1) end
        stop = last + 1
      elseif byte(text, at + 1) == 47 then
        stop = find(text, "[\r\n]", at + 2) or #text + 1
      elseif at == #text then
        bad(s, "Unexpected end while parsing comment.", #text + 1)
      else
        bad(s, "Error parsing comment. Expected: *, got " .. shown(s, at + 1) .. ".", at + 1)
      end
      at = stop
    elseif sign == 194 and byte(text, at + 1) == 160 then -- No-break space is white space to .NET.
      at = at + 2
    else
      s.at = at
      return at, sign
    end
  end
end

local function escape(s, at)
  -- `at` is the backslash. What it stands for, and the offset behind.
  local text = s.text
  local letter = sub(text, at + 1, at + 1)
  local plain = escapes[letter]
  if plain then return plain, at + 2 end
  if letter == "" then return nil, at end
  if letter ~= "u" then bad(s, "Bad JSON escape sequence: \\" .. shown(s, at + 1) .. ".", at + 2) end
  local hex = match(text, "^%x%x%x%x", at + 2)
  if not hex then
    if #text < at + 5 then bad(s, "Unexpected end while parsing Unicode escape sequence.", #text + 1) end
    bad(s, "Invalid Unicode escape sequence: \\u" .. sub(text, at + 2, at + 5) .. ".", at + 2)
  end
  local code = tonumber(hex, 16)
  if code >= 0xD800 and code <= 0xDBFF then
    local low = match(text, "^\\u([dD][c-fC-F]%x%x)", at + 6)
    if low then
      return R.utf8_char(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), at + 12
    end
  end
  if code >= 0xD800 and code <= 0xDFFF then return "\239\191\189", at + 6 end -- Half of a pair becomes U+FFFD.
  return R.utf8_char(code), at + 6
end

-- The string whose quote is at `at`, and the offset behind it.
local function read_string(s, at)
  local text = s.text
  local quote = byte(text, at)
  -- Where the next backslash is, is looked up once for all strings before it.
  local backslash = s.backslash
  if backslash < at then
    backslash = find(text, "\\", at, true) or #text + 1
    s.backslash = backslash
  end
  local stop = find(text, quote == 34 and '"' or "'", at + 1, true)
  if stop and stop < backslash then return sub(text, at + 1, stop - 1), stop + 1 end
  local set = quote == 34 and '["\\]' or "['\\]"
  stop = find(text, set, at + 1)
  local parts, from = {}, at + 1
  while stop do
    parts[#parts + 1] = sub(text, from, stop - 1)
    if byte(text, stop) == quote then return concat(parts), stop + 1 end
    local plain
    plain, from = escape(s, stop)
    if not plain then break end
    parts[#parts + 1] = plain
    stop = find(text, set, from)
  end
  bad(s, "Unterminated string. Expected delimiter: " .. char(quote) .. ".", #text + 1)
end

local function integer(s, text, at, stop)
  local big = R.json_integer(text)
  if not big then bad(s, "Input string '" .. text .. "' is not a valid number.", stop) end
  return big
end

local function read_number(s, at)
  local text = s.text
  local first = byte(text, at)
  if first >= 49 and first <= 57 then
    -- A whole number of a few digits, and nothing more to look at.
    local value, stop = first - 48, at + 1
    local digit = byte(text, stop)
    while digit and digit >= 48 and digit <= 57 and stop - at < 15 do
      value, stop = value * 10 + (digit - 48), stop + 1
      digit = byte(text, stop)
    end
    if digit == 44 or digit == 125 or digit == 93 then
      return setmetatable({ kind = "Integer", value = value, n = 0 }, JValue), stop
    end
  end
  local _, last = find(text, "^[%-+%.%da-fA-FxX]+", at)
  local raw = sub(text, at, last)
  local behind = byte(text, last + 1)
  -- White space, `,`, `}`, `]`, `)`, `/` end a number.
  if behind and not find(text, "^[%s,}%])/]", last + 1) then
    s.begun = true
    bad(s, "Unexpected character encountered while parsing number: " .. shown(s, last + 1) .. ".", last + 1)
  end
  if find(raw, "^-?%d+$") then
    if #raw < 16 and not find(raw, "^-?0%d") then
      return setmetatable({ kind = "Integer", value = tonumber(raw), n = 0 }, JValue), last + 1
    end
    if find(raw, "^0%d") then
      if find(raw, "[89]") or #raw > 17 then
        bad(s, "Input string '" .. raw .. "' is not a valid number.", last + 1)
      end
      return R.json_value("Integer", tonumber(raw, 8)), last + 1
    end
    return integer(s, raw, at, last + 1), last + 1
  end
  if find(raw, "^0[xX]%x+$") then
    if #raw > 15 then bad(s, "Input string '" .. raw .. "' is not a valid number.", last + 1) end
    return R.json_value("Integer", tonumber(raw)), last + 1
  end
  local value = find(raw, "^[-+]?%d*%.?%d*[eE]?[-+]?%d*$") and find(raw, "^[-+]?%.?%d") and tonumber(raw)
  if not value then bad(s, "Input string '" .. raw .. "' is not a valid number.", last + 1) end
  return setmetatable({ kind = "Float", value = value, n = 0 }, JValue), last + 1
end

local words = {
  { "true", function() return R.json_value("Boolean", true) end, "Error parsing boolean value." },
  { "false", function() return R.json_value("Boolean", false) end, "Error parsing boolean value." },
  { "null", function() return R.json_null() end, "Error parsing null value." },
  { "undefined", function() return R.json_value("Undefined") end, "Error parsing undefined value." },
  { "NaN", function() return R.json_value("Float", 0 / 0) end, "Error parsing NaN value." },
  { "Infinity", function() return R.json_value("Float", math.huge) end, "Error parsing Infinity value." },
  { "-Infinity", function() return R.json_value("Float", -math.huge) end, "Error parsing -Infinity value." },
}
local by_first = { t = words[1], f = words[2], n = words[3], u = words[4], N = words[5], I = words[6] }

local function read_word(s, at, word)
  local text = word[1]
  local stop = at + #text
  if sub(s.text, at, stop - 1) ~= text or find(s.text, "^[^%s,}%])/]", stop) then
    s.begun = true
    bad(s, word[3], at + 1)
  end
  return word[2](), stop
end

local read_value

local function deeper(s)
  s.depth = s.depth + 1
  s.names[s.depth] = false
  s.begun = true
  if s.depth > MAX_DEPTH then
    s.at = s.at + 1
    s.depth = s.depth - 1
    bad(s, "The reader's MaxDepth of " .. MAX_DEPTH .. " has been exceeded.")
  end
end

local function property_name(s, at, sign)
  if sign == 34 or sign == 39 then return read_string(s, at) end
  local name = match(s.text, "^[%w_$\128-\255]+", at)
  if not name then bad(s, "Invalid property identifier character: " .. shown(s, at) .. ".", at) end
  local stop = at + #name
  if stop <= #s.text and not find(s.text, "^[%s:]", stop) then
    bad(s, "Invalid JavaScript property identifier character: " .. shown(s, stop) .. ".", stop)
  end
  return name, stop
end

local function ended(s, what)
  bad(s, "Unexpected end of content while loading " .. what .. ".", #s.text + 1)
end

local function after_value(s, at, close)
  -- Behind a value: whether another follows, and the offset to go on at.
  local sign
  at, sign = skip(s, at)
  if not at then ended(s, close == 125 and "JObject" or "JArray") end
  if sign == 44 then return true, at + 1 end
  if sign == close then return false, at + 1 end
  bad(s, "After parsing a value an unexpected character was encountered: " .. shown(s, at) .. ".", at)
end

local function read_object(s, at)
  local map, n = {}, 0
  local object = setmetatable({ map = map }, JObject)
  deeper(s)
  local depth = s.depth
  local more, sign, name = true, nil, nil
  while more do
    at, sign = skip(s, at)
    if not at then ended(s, "JObject") end
    if sign == 125 then
      at = at + 1
      break
    end
    name, at = property_name(s, at, sign)
    s.names[depth] = name
    at, sign = skip(s, at)
    if not at then ended(s, "JObject") end
    if sign ~= 58 then
      bad(s, "Invalid character after parsing property name. Expected ':' but got: " .. shown(s, at) .. ".", at)
    end
    local value
    value, at = read_value(s, at + 1, "JObject")
    local property = map[name]
    if property then
      property[1] = value
    else
      property = setmetatable({ name = name, value, n = 1, parent = object }, JProperty)
      n = n + 1
      object[n], map[name] = property, property
    end
    value.parent = property
    more, at = after_value(s, at, 125)
  end
  object.n = n
  s.depth = depth - 1
  return object, at
end

local function read_array(s, at)
  local n = 0
  local array = setmetatable({}, JArray)
  deeper(s)
  local depth = s.depth
  local more, sign = true, nil
  while more do
    local next_at
    next_at, sign = skip(s, at)
    if not next_at then ended(s, "JArray") end
    if sign == 93 then
      at = next_at + 1
      break
    end
    local value
    if sign == 44 then -- Nothing between two commas is undefined.
      value, at = R.json_value("Undefined"), next_at
    else
      -- A container's path has its index; a value's own is counted when it has been read.
      if sign == 123 or sign == 91 then s.names[depth] = n end
      value, at = read_value(s, next_at, "JArray")
    end
    s.names[depth] = n
    n = n + 1
    array[n], value.parent = value, array
    more, at = after_value(s, at, 93)
  end
  array.n = n
  s.depth = depth - 1
  return array, at
end

function read_value(s, at, inside)
  local sign
  at, sign = skip(s, at)
  if not at then ended(s, inside) end
  s.steps = s.steps + 1
  if s.steps == 256 then
    s.steps = 0
    R.tick(256)
  end
  if sign == 34 or sign == 39 then
    local text
    text, at = read_string(s, at)
    local size, first = #text, byte(text)
    if s.dates and size >= 9 and size <= 40 and (first == 47 or (first >= 48 and first <= 57)) then
      local date = R.json_date(text)
      if date then return R.json_value("Date", date), at end
    end
    return setmetatable({ kind = "String", value = text, n = 0 }, JValue), at
  end
  if sign == 123 then return read_object(s, at + 1) end
  if sign == 91 then return read_array(s, at + 1) end
  if sign == 45 and byte(s.text, at + 1) == 73 then return read_word(s, at, words[7]) end
  if (sign >= 48 and sign <= 57) or sign == 45 or sign == 46 then return read_number(s, at) end
  local word = by_first[char(sign)]
  if word then return read_word(s, at, word) end
  bad(s, "Unexpected character encountered while parsing value: " .. shown(s, at) .. ".", at)
end

local first_token = { [34] = "String", [39] = "String", [91] = "StartArray", [123] = "StartObject" }
local word_tokens = { [116] = "Boolean", [102] = "Boolean", [110] = "Null", [117] = "Undefined" }

-- The token of a text. `wanted`: JObject, JArray, JToken (or JValue). `dates`: whether ISO dates become Date tokens.
function R.json_parse(text, wanted, dates)
  if text == nil then R.throw("Value cannot be null. (Parameter 's')") end
  wanted = wanted or "JToken"
  if sub(text, 1, 3) == "\239\187\191" then text = sub(text, 4) end
  local s = { text = text, at = 1, depth = 0, names = {}, steps = 0, backslash = 0, dates = dates ~= false, begun = false }
  local at, sign = skip(s, 1)
  if not at then bad(s, "Error reading " .. wanted .. " from JsonReader.", 1) end
  if (wanted == "JObject" and sign ~= 123) or (wanted == "JArray" and sign ~= 91) then
    local token, behind = first_token[sign], at + 1
    if token == nil or token == "String" then
      -- A value is read first: it may be no JSON at all.
      local value
      value, behind = read_value(s, at)
      token = token or word_tokens[sign] or R.json_kind(value)
    end
    s.begun = true
    bad(s, "Error reading " .. wanted .. " from JsonReader. Current JsonReader item is not an "
      .. (wanted == "JObject" and "object" or "array") .. ": " .. token .. ".", behind)
  end
  local value
  value, at = read_value(s, at)
  s.begun = true
  at = skip(s, at)
  if at then
    bad(s, "Additional text encountered after finished reading JSON content: " .. shown(s, at) .. ".", at)
  end
  return value
end

for _, compute in ipairs({ skip, read_string, read_number, deeper, property_name, after_value, read_object, read_array,
  read_value }) do
  jit.on(compute)
end
