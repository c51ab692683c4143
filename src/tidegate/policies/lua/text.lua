-- System.String and System.Char: texts of UTF-16 units, kept as UTF-8; half of a surrogate pair as the three bytes that
-- UTF-8 would give it. Indices and lengths count units. ASCII texts, the usual ones, take a short way through everything.
--
-- Texts from outside may be no UTF-8 at all. Whatever is at hand: each byte that begins a character counts one unit (two
-- from 0xF0 on), as if it did; what cannot be read is U+FFFD.

local byte, char, find, gsub, sub, rep = string.byte, string.char, string.find, string.gsub, string.sub, string.rep
local concat, floor = table.concat, math.floor
local cast, band, rshift = R.ffi.cast, R.bit.band, R.bit.rshift

local REPLACEMENT = 0xFFFD
-- Bytes. .NET stops at two billion; a worker that serves others stops earlier.
local MAX_TEXT = 33554432

-- What is about to be made must not be larger than that.
function R.check_size(size)
  if size > MAX_TEXT then
    R.throw("Insufficient memory to continue the execution of the program.", "OutOfMemoryException")
  end
  R.tick(1 + floor(size / 256))
end

-- A text that was joined where that may happen over and over, if it is no longer than texts may be.
function R.grown(text)
  local size = #text
  if size > 1024 then R.check_size(size) end
  return text
end

-- Lua's patterns take 25 ns for a byte; this loop is compiled, and takes four bytes at once.
local function has_high_bit(text, size)
  local words = cast("const uint32_t *", text)
  for i = 0, rshift(size, 2) - 1 do
    if band(words[i], 0x80808080) ~= 0 then return true end
  end
  for i = size - size % 4 + 1, size do
    if byte(text, i) >= 128 then return true end
  end
  return false
end
jit.on(has_high_bit)

local function is_ascii(text)
  local size = #text
  if size < 16 then return not find(text, "[\128-\255]") end
  return not has_high_bit(text, size)
end
R.is_ascii = is_ascii

-- -- units

local function count_units(text, size)
  local count = 0
  for at = 1, size do
    local b = byte(text, at)
    if b < 128 or b >= 192 then
      count = count + 1
      if b >= 240 and b <= 244 then count = count + 1 end
    end
  end
  return count
end
jit.on(count_units)

-- .NET counts UTF-16 units: one for each character, two for those beyond U+FFFF.
local function length(text)
  if is_ascii(text) then return #text end
  return count_units(text, #text)
end
R.length = length

-- The byte at which a unit's character begins, and whether the unit is the second one of its character.
local function offset(text, index)
  local size, unit, at = #text, 0, 1
  while at <= size do
    local b = byte(text, at)
    if b < 128 or b >= 192 then
      if unit >= index then return at, false end
      unit = unit + 1
      if b >= 240 and b <= 244 then
        if unit == index then return at, true end
        unit = unit + 1
      end
    end
    at = at + 1
  end
  return size + 1, false
end
jit.on(offset)

local function encode(unit)
  if unit < 0x80 then return char(unit) end
  if unit < 0x800 then return char(0xC0 + floor(unit / 64), 0x80 + unit % 64) end
  if unit < 0x10000 then
    return char(0xE0 + floor(unit / 4096), 0x80 + floor(unit / 64) % 64, 0x80 + unit % 64)
  end
  return char(
    0xF0 + floor(unit / 262144), 0x80 + floor(unit / 4096) % 64, 0x80 + floor(unit / 64) % 64, 0x80 + unit % 64
  )
end
-- The text of a unit, or of a code point.
R.char_text = encode

local function continues(b)
  return b ~= nil and b >= 128 and b < 192
end

-- The code point of the character at a byte, and how many units it counts.
local function decode(text, at)
  local a, b, c, d = byte(text, at, at + 3)
  if a < 0x80 then return a, 1 end
  if a >= 0xC2 and a <= 0xDF then
    return continues(b) and (a - 0xC0) * 64 + b - 0x80 or REPLACEMENT, 1
  end
  if a >= 0xE0 and a <= 0xEF then
    local point = continues(b) and continues(c) and (a - 0xE0) * 4096 + (b - 0x80) * 64 + c - 0x80 or 0
    return point >= 0x800 and point or REPLACEMENT, 1
  end
  if a >= 0xF0 and a <= 0xF4 then
    local point = continues(b) and continues(c) and continues(d)
      and (a - 0xF0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80 or 0
    return point >= 0x10000 and point <= 0x10FFFF and point or REPLACEMENT, 2
  end
  return REPLACEMENT, 1
end

local function add_units(list, text)
  local n = 0
  for at = 1, #text do
    local b = byte(text, at)
    if b < 128 then
      n = n + 1
      list[n] = b
    elseif b >= 192 then
      local point, count = decode(text, at)
      if point >= 0x10000 then
        list[n + 1] = 0xD800 + floor((point - 0x10000) / 1024)
        list[n + 2] = 0xDC00 + point % 1024
      else
        list[n + 1] = point
        if count == 2 then list[n + 2] = REPLACEMENT end
      end
      n = n + count
    end
  end
  return n
end
for _, compute in ipairs({ continues, decode, add_units }) do jit.on(compute) end

-- All units: {n = count, ...}, a char[].
local function units(text)
  R.tick(floor(#text / 16))
  local list = {}
  list.n = add_units(list, text)
  return list
end
R.units = units

-- The text of units; halves that meet become one character.
local function from_units(list, first, last)
  first, last = first or 1, last or list.n
  R.check_size(last - first + 1)
  local parts, n, at = {}, 0, first
  while at <= last do
    local unit, low = list[at], list[at + 1]
    if unit >= 0xD800 and unit < 0xDC00 and at < last and low >= 0xDC00 and low < 0xE000 then
      unit = 0x10000 + (unit - 0xD800) * 1024 + low - 0xDC00
      at = at + 1
    end
    n = n + 1
    parts[n] = encode(unit)
    at = at + 1
  end
  return concat(parts)
end
R.from_units = from_units

-- Units [from, to) of a text; both are known to be inside.
local function slice(text, from, to)
  if is_ascii(text) then return sub(text, from + 1, to) end
  local first, first_half = offset(text, from)
  local last, last_half = offset(text, to)
  if not first_half and not last_half then return sub(text, first, last - 1) end
  local list = units(text)
  return from_units(list, from + 1, to)
end
R.slice = slice

-- A text that begins with the second half of a pair, or ends with the first one, has to be looked for by units.
function R.has_half(text)
  return find(text, "^\237[\176-\191]") ~= nil or find(text, "\237[\160-\175].$") ~= nil
end

-- The unit that a byte's character begins with.
function R.unit_index(text, at)
  return length(sub(text, 1, at - 1))
end

local function outside()
  R.throw("Index was outside the bounds of the array.", "IndexOutOfRangeException")
end

-- text[index]
function R.char_at(text, index)
  if index < 0 then outside() end
  -- In a text that is no UTF-8, there may be more units than bytes.
  if is_ascii(text) then return byte(text, index + 1) or outside() end
  local at, half = offset(text, index)
  if at > #text then outside() end
  local point = decode(text, at)
  if point < 0x10000 then return point end
  if half then return 0xDC00 + point % 1024 end
  return 0xD800 + floor((point - 0x10000) / 1024)
end

-- Substring; `count` absent: to the end.
function R.substring(text, start, count)
  local size = length(text)
  if start < 0 then R.out_of_range("startIndex", "StartIndex cannot be less than zero.") end
  if start > size then R.out_of_range("startIndex", "startIndex cannot be larger than length of string.") end
  if count == nil then return slice(text, start, size) end
  if count < 0 then R.out_of_range("length", "Length cannot be less than zero.") end
  if start + count > size then
    R.out_of_range("length", "Index and length must refer to a location within the string.")
  end
  return slice(text, start, start + count)
end

-- new string(char, count)
function R.text_of_char(unit, count)
  if count < 0 then R.out_of_range("count", "'count' must be non-negative.") end
  local text = encode(unit)
  R.check_size(#text * count)
  return rep(text, count)
end

-- new string(char[]) and new string(char[], start, count)
function R.text_of_chars(chars, start, count)
  if chars == nil then return "" end
  start = start or 0
  count = count or chars.n - start
  if start < 0 then R.out_of_range("startIndex", "StartIndex cannot be less than zero.") end
  if count < 0 then R.out_of_range("length", "Length cannot be less than zero.") end
  if start + count > chars.n then
    R.out_of_range("startIndex", "Index and length must refer to a location within the string.")
  end
  return from_units(chars, start + 1, start + count)
end

-- ToCharArray
function R.to_chars(text, start, count)
  if start ~= nil then text = R.substring(text, start, count) end
  return setmetatable(units(text), R.Array)
end

-- -- case

local function mapped(text, by)
  R.tick(floor(#text / 8))
  return (gsub(text, "[\194-\239][\128-\191]+", function(letter)
    local point = decode(letter, 1)
    -- What is no UTF-8 stays what it is.
    if encode(point) ~= letter then return nil end
    return encode(by(point))
  end))
end

function R.upper(text)
  local simple = string.upper(text)
  if is_ascii(text) then return simple end
  return mapped(simple, R.upper_unit)
end

function R.lower(text)
  local simple = string.lower(text)
  if is_ascii(text) then return simple end
  return mapped(simple, R.lower_unit)
end

-- -- characters: System.Char's questions

local function in_categories(first, last, other)
  return function(unit)
    local category = R.category(unit)
    return category >= first and category <= last or category == other
  end
end

R.is_letter, R.is_letter_or_digit = in_categories(0, 4), in_categories(0, 4, 8)
R.is_upper, R.is_lower = in_categories(0, 0), in_categories(1, 1)
R.is_digit, R.is_number = in_categories(8, 8), in_categories(8, 10)
R.is_separator, R.is_control = in_categories(11, 13), in_categories(14, 14)
R.is_punctuation, R.is_symbol = in_categories(18, 24), in_categories(25, 28)

function R.is_white_space(unit)
  if unit < 128 then return unit == 32 or (unit >= 9 and unit <= 13) end
  if unit == 0x85 then return true end
  local category = R.category(unit)
  return category >= 11 and category <= 13
end

function R.is_high_surrogate(unit) return unit >= 0xD800 and unit < 0xDC00 end
function R.is_low_surrogate(unit) return unit >= 0xDC00 and unit < 0xE000 end
function R.is_surrogate(unit) return unit >= 0xD800 and unit < 0xE000 end
function R.is_surrogate_pair(high, low) return R.is_high_surrogate(high) and R.is_low_surrogate(low) end

-- char.Parse
function R.parse_char(text)
  if length(R.argument(text, "s")) ~= 1 then R.throw("String must be exactly one character long.", "FormatException") end
  return R.char_at(text, 0)
end
R.convert_char_text = R.parse_char

-- char.GetNumericValue of ASCII digits and of other decimal digits, whose ten stand in a row; -1 for others.
function R.numeric_value(unit)
  if R.category(unit) ~= 8 then return -1 end
  local first = unit
  while R.category(first - 1) == 8 do first = first - 1 end
  return (unit - first) % 10
end
