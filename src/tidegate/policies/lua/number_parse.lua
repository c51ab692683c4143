-- Parse and TryParse of numbers and booleans, with NumberStyles, of the invariant culture.
-- Source: the .NET pages "NumberStyles Enum" and "Parsing numeric strings in .NET".

local ffi, bit = R.ffi, R.bit
local byte, find, gsub, lower, match, sub = string.byte, string.find, string.gsub, string.lower, string.match, string.sub
local band, huge = bit.band, math.huge
local uint64 = ffi.typeof("uint64_t")

R.enum("NumberStyles", {
  [0] = "None", "AllowLeadingWhite", "AllowTrailingWhite", [4] = "AllowLeadingSign", [7] = "Integer",
  [8] = "AllowTrailingSign", [16] = "AllowParentheses", [32] = "AllowDecimalPoint", [64] = "AllowThousands",
  [111] = "Number", [128] = "AllowExponent", [167] = "Float", [256] = "AllowCurrencySymbol", [383] = "Currency",
  [511] = "Any", [512] = "AllowHexSpecifier", [515] = "HexNumber",
})
local LEADING_WHITE, TRAILING_WHITE, LEADING_SIGN, TRAILING_SIGN, PARENTHESES = 1, 2, 4, 8, 16
local POINT, THOUSANDS, EXPONENT, CURRENCY, HEX = 32, 64, 128, 256, 512
local INTEGER, NUMBER, FLOAT = 7, 111, 167 + 64

-- Without white space in front or behind. Byte by byte: a pattern would look at long runs of it again and again.
local function is_white(b)
  return b == 32 or (b ~= nil and b >= 9 and b <= 13)
end

local function stripped(text, from_start, from_end)
  local first, last = 1, #text
  if from_start then
    while is_white(byte(text, first)) do first = first + 1 end
  end
  if from_end then
    while last >= first and is_white(byte(text, last)) do last = last - 1 end
  end
  return sub(text, first, last)
end
for _, compute in ipairs({ is_white, stripped }) do jit.on(compute) end

-- Digits, how many of them stand behind the point, the sign; nothing if the text is no number of that style.
local function scan(text, styles)
  local stop = #text
  -- .NET lets zero characters trail.
  while stop > 0 and byte(text, stop) == 0 do stop = stop - 1 end
  text = stripped(sub(text, 1, stop), band(styles, LEADING_WHITE) ~= 0, band(styles, TRAILING_WHITE) ~= 0)
  local negative, signed = false, false
  if band(styles, PARENTHESES) ~= 0 then
    local inside = match(text, "^%((.*)%)$")
    if inside then text, negative, signed = inside, true, true end
  end
  local currency = false
  local function symbol()
    if band(styles, CURRENCY) ~= 0 and not currency and sub(text, 1, 2) == "¤" then
      text, currency = match(text, "^¤[ \t-\r]*(.*)$"), true
    end
  end
  symbol()
  if band(styles, LEADING_SIGN) ~= 0 and not signed then
    local sign = match(text, "^[+-]")
    if sign then text, negative, signed = sub(text, 2), sign == "-", true end
  end
  symbol()
  if band(styles, TRAILING_SIGN) ~= 0 and not signed then
    local sign = match(sub(text, -1), "[+-]")
    if sign then text, negative = stripped(sub(text, 1, -2), false, true), sign == "-" end
  end
  if band(styles, CURRENCY) ~= 0 and not currency and sub(text, -2) == "¤" then
    text = stripped(sub(text, 1, -3), false, true)
  end
  local exponent = 0
  if band(styles, EXPONENT) ~= 0 then
    local mantissa, e = match(text, "^([^eE]*)[eE]([+-]?%d+)$")
    if e then text, exponent = mantissa, tonumber(e) end
  end
  local whole, fraction = text, ""
  if band(styles, POINT) ~= 0 then
    local w, f = match(text, "^([^.]*)%.(.*)$")
    if w then whole, fraction = w, f end
  end
  if band(styles, THOUSANDS) ~= 0 and byte(whole) ~= 44 then whole = gsub(whole, ",", "") end
  if find(whole, "%D") or find(fraction, "%D") or (whole == "" and fraction == "") then return nil end
  return whole .. fraction, #fraction - exponent, negative
end

local limits = {
  sbyte = { "127", "128", "a signed byte" }, byte = { "255", "0", "an unsigned byte" },
  short = { "32767", "32768", "an Int16" }, ushort = { "65535", "0", "a UInt16" },
  int = { "2147483647", "2147483648", "an Int32" }, uint = { "4294967295", "0", "a UInt32" },
  long = { "9223372036854775807", "9223372036854775808", "an Int64" },
  ulong = { "18446744073709551615", "0", "a UInt64" },
}
local hex_digits = { sbyte = 2, byte = 2, short = 4, ushort = 4, int = 8, uint = 8, long = 16, ulong = 16 }

local function from_hex(digits, kind)
  if #digits <= 8 then
    local v = tonumber(digits, 16) or 0
    if kind == "long" or kind == "ulong" then return R["to_" .. kind](v) end
    if kind == "int" or kind == "short" or kind == "sbyte" then return R["to_" .. kind](v) end
    return v
  end
  local v = uint64(tonumber(sub(digits, 1, -9), 16)) * 4294967296ULL + uint64(tonumber(sub(digits, -8), 16))
  return R["to_" .. kind](v)
end

-- The value; or nil and whether it was out of range.
local function parse_integer(text, kind, styles)
  local limit = limits[kind]
  if band(styles, HEX) ~= 0 then
    local digits = match(text, "^%s*(%x+)%s*%z*$")
    if not digits then return nil, false end
    digits = match(digits, "^0*(.*)$")
    if #digits > hex_digits[kind] then return nil, true end
    return from_hex(digits, kind)
  end
  local digits, scale, negative = scan(text, styles)
  if not digits then return nil, false end
  if scale < 0 then
    if scale < -400 then return nil, not find(digits, "^0*$") end
    digits = digits .. string.rep("0", -scale)
  elseif scale > 0 then
    -- Digits behind the point must be zeros.
    if find(sub(digits, -scale), "[1-9]") then return nil, true end
    digits = sub(digits, 1, -scale - 1)
  end
  digits = match(digits, "^0*(.*)$")
  local most = negative and limit[2] or limit[1]
  if #digits > #most or (#digits == #most and digits > most) then return nil, true end
  if kind ~= "long" and kind ~= "ulong" then
    local v = tonumber(digits) or 0
    return negative and v ~= 0 and -v or v
  end
  local v = kind == "ulong" and 0ULL or 0LL
  for i = 1, #digits do v = v * 10 + (byte(digits, i) - 48) end
  return negative and -v or v
end

local function malformed()
  R.throw("Input string was not in a correct format.", "FormatException")
end

-- brings: parse_byte parse_int parse_long parse_sbyte parse_short parse_uint parse_ulong parse_ushort
-- brings: try_parse_byte try_parse_int try_parse_long try_parse_sbyte try_parse_short try_parse_uint try_parse_ulong try_parse_ushort
for kind, limit in pairs(limits) do
  R["parse_" .. kind] = function(text, styles)
    local value, beyond = parse_integer(R.argument(text, "s"), kind, styles or INTEGER)
    if value ~= nil then return value end
    if beyond then
      R.throw("Value was either too large or too small for " .. limit[3] .. ".", "OverflowException")
    end
    malformed()
  end
  -- Whether it is one, and the value, or zero.
  R["try_parse_" .. kind] = function(text, styles)
    local value = text ~= nil and parse_integer(text, kind, styles or INTEGER)
    if value ~= nil and value ~= false then return true, value end
    return false, (kind == "long" and 0LL) or (kind == "ulong" and 0ULL) or 0
  end
end

local names = { nan = 0 / 0, infinity = huge, ["+infinity"] = huge, ["-infinity"] = -huge, ["∞"] = huge,
  ["-∞"] = -huge, ["+nan"] = 0 / 0, ["-nan"] = 0 / 0 }

local function parse_double(text, styles)
  -- The usual case, without the work for the others.
  if styles == FLOAT and #text < 25 and match(text, "^%-?%d+%.?%d*$") then return tonumber(text) end
  local digits, scale, negative = scan(text, styles)
  if digits then
    local v = tonumber(digits .. "e" .. -scale)
    return negative and -v or v
  end
  return names[lower(stripped(sub(text, 1, 1000), true, true))]
end

function R.try_parse_double(text, styles)
  local value = text ~= nil and parse_double(text, styles or FLOAT)
  if value then return true, value end
  return false, 0
end

function R.parse_double(text, styles)
  return parse_double(R.argument(text, "s"), styles or FLOAT) or malformed()
end

function R.try_parse_float(text, styles)
  local ok, value = R.try_parse_double(text, styles)
  return ok, R.to_float(value)
end

function R.parse_float(text, styles)
  return R.to_float(R.parse_double(text, styles))
end

local function parse_decimal(text, styles)
  local digits, scale, negative = scan(text, styles)
  if not digits then malformed() end
  return R.decimal_of(digits, scale, negative)
end

function R.parse_decimal(text, styles)
  return parse_decimal(R.argument(text, "s"), styles or NUMBER)
end

function R.try_parse_decimal(text, styles)
  if text ~= nil then
    local ok, value = pcall(parse_decimal, text, styles or NUMBER)
    if ok then return true, value end
    if not R.is_failure(value) then error(value, 0) end
  end
  return false, R.decimal("0")
end

-- -- bool

function R.try_parse_bool(text)
  if text == nil then return false, false end
  local word = lower(stripped(match(text, "^%z*(.*)$"), true, true))
  word = match(word, "^(%a+)%z*$")
  if word == "true" then return true, true end
  return word == "false", false
end

function R.parse_bool(text)
  local ok, value = R.try_parse_bool(R.argument(text, "value"))
  if not ok then
    R.throw("String '" .. text .. "' was not recognized as a valid Boolean.", "FormatException")
  end
  return value
end
