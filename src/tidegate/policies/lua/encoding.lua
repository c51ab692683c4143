-- Bytes and texts: System.Text.Encoding, base64 and hexadecimal of System.Convert, System.BitConverter.
-- byte[] is R.Bytes: {data = a Lua string}.

local ffi = R.ffi
local band, bor, lshift, rshift = R.bit.band, R.bit.bor, R.bit.lshift, R.bit.rshift
local byte, char, find, format, gsub, rep, sub =
  string.byte, string.char, string.find, string.format, string.gsub, string.rep, string.sub
local concat, floor = table.concat, math.floor

local is_ascii, units, from_units = R.is_ascii, R.units, R.from_units
local REPLACEMENT = 0xFFFD

-- -- bytes to text

-- How many bytes from `at` belong to one character, and whether they are one. Unicode, chapter 3, table 3-7: of what is
-- none, the longest beginning of one becomes one U+FFFD.
local function character(data, at)
  local a, b, c, d = byte(data, at, at + 3)
  local low, high, size = 0x80, 0xBF, nil
  if a < 0x80 then return 1, true end
  if a >= 0xC2 and a <= 0xDF then
    size = 2
  elseif a >= 0xE0 and a <= 0xEF then
    size = 3
    if a == 0xE0 then low = 0xA0 elseif a == 0xED then high = 0x9F end
  elseif a >= 0xF0 and a <= 0xF4 then
    size = 4
    if a == 0xF0 then low = 0x90 elseif a == 0xF4 then high = 0x8F end
  else
    return 1, false
  end
  if not b or b < low or b > high then return 1, false end
  if size == 2 then return 2, true end
  if not c or c < 0x80 or c > 0xBF then return 2, false end
  if size == 3 then return 3, true end
  if not d or d < 0x80 or d > 0xBF then return 3, false end
  return 4, true
end

-- The text of bytes in UTF-8; what is no UTF-8 becomes U+FFFD.
function R.utf8_text(data)
  if is_ascii(data) or R.is_utf8(data) then return data end
  local parts, n, at, start = {}, 0, 1, 1
  R.tick(floor(#data / 8))
  while at <= #data do
    local size, good = character(data, at)
    if not good then
      n = n + 2
      parts[n - 1], parts[n] = sub(data, start, at - 1), "\239\191\189"
      start = at + size
    end
    at = at + size
  end
  parts[n + 1] = sub(data, start)
  return concat(parts)
end

local function utf16_text(data, low_first)
  local list, n = {}, 0
  R.check_size(#data)
  for at = 1, #data - 1, 2 do
    local a, b = byte(data, at, at + 1)
    n = n + 1
    list[n] = low_first and b * 256 + a or a * 256 + b
  end
  if #data % 2 == 1 then
    n = n + 1
    list[n] = REPLACEMENT
  end
  local at = 1
  while at <= n do
    local unit = list[at]
    if R.is_surrogate(unit) then
      if R.is_high_surrogate(unit) and at < n and R.is_low_surrogate(list[at + 1]) then
        at = at + 1
      else
        list[at] = REPLACEMENT
      end
    end
    at = at + 1
  end
  list.n = n
  return from_units(list)
end

local function single_text(highest, other)
  return function(data)
    if is_ascii(data) then return data end
    return (gsub(data, "[\128-\255]", function(b)
      return byte(b) <= highest and R.char_text(byte(b)) or other
    end))
  end
end

-- -- text to bytes

local function utf8_data(text)
  if is_ascii(text) or R.is_utf8(text) then return text end
  local list = units(text)
  local whole = from_units(list)
  -- Halves of pairs that met nobody.
  whole = gsub(whole, "\237[\160-\191][\128-\191]", "\239\191\189")
  return R.utf8_text(whole)
end
R.utf8_data = utf8_data

local function utf16_data(text, low_first)
  local list, parts = units(text), {}
  for i = 1, list.n do
    local unit = list[i]
    if R.is_surrogate(unit) then
      local pair = R.is_high_surrogate(unit) and R.is_low_surrogate(list[i + 1] or 0)
        or R.is_low_surrogate(unit) and R.is_high_surrogate(list[i - 1] or 0)
      if not pair then unit = REPLACEMENT end
    end
    local high, low = floor(unit / 256), unit % 256
    parts[i] = low_first and char(low, high) or char(high, low)
  end
  return concat(parts)
end

local function single_data(highest)
  return function(text)
    if is_ascii(text) then return text end
    local list, parts = units(text), {}
    for i = 1, list.n do parts[i] = list[i] <= highest and char(list[i]) or "?" end
    return concat(parts)
  end
end

local Encoding = { type = "Encoding" }
R.Encoding = Encoding

local function encoding(name, encode, decode)
  return setmetatable({ name = name, encode = encode, decode = decode }, Encoding)
end

local encodings = {
  ["utf-8"] = encoding("utf-8", utf8_data, R.utf8_text),
  ["us-ascii"] = encoding("us-ascii", single_data(127), single_text(127, "?")),
  ["iso-8859-1"] = encoding("iso-8859-1", single_data(255), single_text(255)),
  ["utf-16"] = encoding("utf-16", function(text) return utf16_data(text, true) end,
    function(data) return utf16_text(data, true) end),
  ["utf-16BE"] = encoding("utf-16BE", function(text) return utf16_data(text, false) end,
    function(data) return utf16_text(data, false) end),
}
local names = {
  ["utf-8"] = "utf-8", utf8 = "utf-8", ["us-ascii"] = "us-ascii", ascii = "us-ascii", ["iso-8859-1"] = "iso-8859-1",
  latin1 = "iso-8859-1", ["utf-16"] = "utf-16", ["utf-16le"] = "utf-16", unicode = "utf-16", ["utf-16be"] = "utf-16BE",
}

-- Encoding.GetEncoding(name), and the properties of the class.
function R.encoding(name)
  local known = names[string.lower(R.argument(name, "name"))]
  if not known then
    R.throw("'" .. name .. "' is not a supported encoding name. (Parameter 'name')", "ArgumentException")
  end
  return encodings[known]
end

function R.encoded(own, text)
  return R.bytes(own.encode(R.argument(text, "s")))
end

-- A part of the bytes, checked.
local function part(bytes, index, count, name)
  local data = R.argument(bytes, name or "bytes").data
  if index == nil then return data end
  if index < 0 then R.out_of_range("index") end
  if count < 0 then R.out_of_range("count") end
  if index + count > #data then
    R.out_of_range("bytes", "Index and count must refer to a location within the buffer.")
  end
  return sub(data, index + 1, index + count)
end

function R.decoded(own, bytes, index, count)
  return own.decode(part(bytes, index, count))
end

function R.encoded_size(own, text)
  return #own.encode(R.argument(text, "s"))
end

-- -- base64 (RFC 4648 section 4)

local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local alphabet = ffi.new("uint8_t[64]", { byte(letters, 1, -1) })
local values = ffi.new("int8_t[256]")
for i = 0, 255 do values[i] = -1 end
for i = 0, 63 do values[alphabet[i]] = i end

local function encode_base64(data, out)
  local at, size = 0, #data
  for i = 1, size - size % 3, 3 do
    local a, b, c = byte(data, i, i + 2)
    out[at], out[at + 1] = alphabet[rshift(a, 2)], alphabet[bor(lshift(band(a, 3), 4), rshift(b, 4))]
    out[at + 2], out[at + 3] = alphabet[bor(lshift(band(b, 15), 2), rshift(c, 6))], alphabet[band(c, 63)]
    at = at + 4
  end
  local rest = size % 3
  if rest > 0 then
    local a, b = byte(data, size - rest + 1), rest == 2 and byte(data, size) or 0
    out[at], out[at + 1] = alphabet[rshift(a, 2)], alphabet[bor(lshift(band(a, 3), 4), rshift(b, 4))]
    out[at + 2], out[at + 3] = rest == 2 and alphabet[lshift(band(b, 15), 2)] or 61, 61
    at = at + 4
  end
  return at
end
jit.on(encode_base64)

-- base64 with padding.
function R.base64_text(data)
  R.check_size(#data * 2)
  local out = ffi.new("uint8_t[?]", floor((#data + 2) / 3) * 4 + 1)
  return ffi.string(out, encode_base64(data, out))
end

-- Digits of `text` to bytes; how many, or nil at what is no digit.
local function decode_base64(text, size, out)
  local from, at, all = ffi.cast("const uint8_t *", text), 0, 0
  for i = 0, size - size % 4 - 1, 4 do
    local a, b, c, d = values[from[i]], values[from[i + 1]], values[from[i + 2]], values[from[i + 3]]
    -- One that is no digit leaves its sign in the sum of all.
    all = bor(all, a, b, c, d)
    local word = bor(lshift(a, 18), lshift(b, 12), lshift(c, 6), d)
    out[at], out[at + 1], out[at + 2] = rshift(word, 16), rshift(word, 8), word
    at = at + 3
  end
  local rest = size % 4
  if rest >= 2 then
    local a, b = values[from[size - rest]], values[from[size - rest + 1]]
    local c = rest == 3 and values[from[size - 1]] or 0
    all = bor(all, a, b, c)
    out[at] = bor(lshift(a, 2), rshift(b, 4))
    at = at + 1
    if rest == 3 then
      out[at] = bor(lshift(band(b, 15), 4), rshift(c, 2))
      at = at + 1
    end
  end
  return all >= 0 and rest ~= 1 and at or nil
end
jit.on(decode_base64)

local function read_base64(text)
  if #text % 4 ~= 0 then return nil end
  local size = #text
  if sub(text, -2) == "==" then
    size = size - 2
  elseif sub(text, -1) == "=" then
    size = size - 1
  end
  local out = ffi.new("uint8_t[?]", size + 1)
  local count = decode_base64(text, size, out)
  return count and ffi.string(out, count)
end

-- The bytes of a base64 text, as .NET reads it: white space anywhere, padding wanted; nil if it is none.
function R.base64_data(text)
  R.tick(floor(#text / 256))
  -- White space is rare, and looking for it takes longer than reading.
  return read_base64(text) or (find(text, "%s") and read_base64((gsub(text, "[ \t\r\n]", "")))) or nil
end

-- Convert.FromBase64String, as a Lua string.
function R.from_base64(text)
  local data = R.base64_data(R.argument(text, "s"))
  if not data then
    R.throw(
      "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding "
        .. "characters, or an illegal character among the padding characters.",
      "FormatException"
    )
  end
  return data
end

R.enum("Base64FormattingOptions", { [0] = "None", "InsertLineBreaks" })

-- Convert.ToBase64String; options 1: a line break behind each 76 characters, but not at the end.
function R.to_base64(bytes, index, count, options)
  local text = R.base64_text(part(bytes, index, count, "inArray"))
  if options == 1 then text = gsub(gsub(text, rep(".", 76), "%0\r\n"), "\r\n$", "") end
  return text
end

-- -- hexadecimal

-- Lower-case digits of bytes.
function R.hex(data)
  R.check_size(#data * 2)
  return (gsub(data, ".", function(b) return format("%02x", byte(b)) end))
end

function R.to_hex(bytes, index, count)
  return string.upper(R.hex(part(bytes, index, count, "inArray")))
end

function R.from_hex(text)
  R.argument(text, "s")
  if #text % 2 ~= 0 or find(text, "%X") then
    R.throw("The input is not a valid hex string as it contains a non-hex character.", "FormatException")
  end
  return R.bytes((gsub(text, "%x%x", function(pair) return char(tonumber(pair, 16)) end)))
end

-- -- BitConverter: little-endian

-- "0A-FF"
function R.bits_text(bytes, start, count)
  local data = R.argument(bytes, "value").data
  if start then
    if start < 0 or start > #data then R.out_of_range("startIndex") end
    count = count or #data - start
    if count < 0 or start + count > #data then R.out_of_range("length") end
    data = sub(data, start + 1, start + count)
  end
  return (sub(gsub(string.upper(R.hex(data)), "%x%x", "%0-"), 1, -2))
end

local cells = {}
for name, c_type in pairs({
  short = "int16_t", ushort = "uint16_t", int = "int32_t", uint = "uint32_t", long = "int64_t", ulong = "uint64_t",
  float = "float", double = "double", char = "uint16_t",
}) do
  cells[name] = { ffi.new(c_type .. "[1]"), ffi.sizeof(c_type) }
end

-- BitConverter.GetBytes of a number of a type.
function R.bits_of(value, kind)
  local cell = cells[kind]
  cell[1][0] = value
  return R.bytes(ffi.string(cell[1], cell[2]))
end

-- BitConverter.ToInt32 and its kin.
function R.bits_to(kind, bytes, start)
  local cell, data = cells[kind], R.argument(bytes, "value").data
  if start < 0 or start >= #data then R.out_of_range("startIndex") end
  if start + cell[2] > #data then
    R.throw("Destination array is not long enough to copy all the items in the collection. Check array index and length."
      .. " (Parameter 'value')", "ArgumentException")
  end
  ffi.copy(cell[1], sub(data, start + 1, start + cell[2]), cell[2])
  return cell[1][0]
end

function R.double_bits(value)
  local cell = ffi.new("union { double number; int64_t bits; }")
  cell.number = value
  return cell.bits
end

function R.bits_double(value)
  local cell = ffi.new("union { double number; int64_t bits; }")
  cell.bits = value
  return cell.number
end
