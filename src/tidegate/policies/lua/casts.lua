-- Casts between the types of numbers, and System.Convert, which rounds where casts cut off.
--
-- A cast takes whatever a number is at run time: a Lua number, int64_t, uint64_t, or decimal.lua's table. Casts to whole
-- numbers wrap around; those named `_checked`, and all of decimals, throw instead.

local ffi, bit = R.ffi, R.bit
local int64, uint64 = ffi.typeof("int64_t"), ffi.typeof("uint64_t")
local istype = ffi.istype
local tobit, band = bit.tobit, bit.band
local floor, ceil, abs, huge = math.floor, math.ceil, math.abs, math.huge

local TWO31, TWO32, TWO53, TWO63, TWO64 = 2 ^ 31, 2 ^ 32, 2 ^ 53, 2 ^ 63, 2 ^ 64
local MIN_LONG = bit.lshift(1LL, 63)
local MAX_LONG = bit.bnot(MIN_LONG)

local function overflow()
  R.throw("Arithmetic operation resulted in an overflow.", "OverflowException")
end

local function truncated(v)
  return v < 0 and ceil(v) or floor(v)
end

-- Halves to even.
local function round(v)
  if abs(v) >= TWO53 or v ~= v then return v end
  local f = floor(v)
  local rest = v - f
  if rest > 0.5 or (rest == 0.5 and f % 2 == 1) then f = f + 1 end
  return f
end
R.double_round = round

local float_cell = ffi.new("float[1]")
local ranges = {
  sbyte = { -128, 127, "a signed byte" }, byte = { 0, 255, "an unsigned byte" },
  short = { -32768, 32767, "an Int16" }, ushort = { 0, 65535, "a UInt16" }, char = { 0, 65535, "a character" },
  int = { -TWO31, TWO31 - 1, "an Int32" }, uint = { 0, TWO32 - 1, "a UInt32" },
}

local function too_large(name)
  R.throw("Value was either too large or too small for " .. name .. ".", "OverflowException")
end

-- A whole number of any representation as a Lua number, exact if it fits 53 bits; decimals throw beyond 64 bits.
local function decimal_long(v, mode)
  local digits, negative = R.decimal_whole(v, mode)
  if #digits > 19 or (#digits == 19 and digits > (negative and "9223372036854775808" or "9223372036854775807")) then
    too_large("an Int64")
  end
  local result = 0LL
  for i = 1, #digits do result = result * 10 + (string.byte(digits, i) - 48) end
  return negative and -result or result
end

local function decimal_ulong(v, mode)
  local digits, negative = R.decimal_whole(v, mode)
  if #digits > 20 or (#digits == 20 and digits > "18446744073709551615") or (negative and digits ~= "0") then
    too_large("a UInt64")
  end
  local result = 0ULL
  for i = 1, #digits do result = result * 10 + (string.byte(digits, i) - 48) end
  return result
end

local function is_long(v) return type(v) == "cdata" and istype(int64, v) end

-- Casts wrap; a double out of range has no specified result in C#: here it is what x64 gives.
function R.to_int(v)
  if type(v) == "number" then
    local t = truncated(v) + 0
    if t >= -TWO31 and t < TWO31 then return t end
    if t >= TWO32 or t < -TWO32 or t ~= t then return -TWO31 end
    return tobit(t)
  end
  if type(v) == "cdata" then return tobit(tonumber(band(v, 0xFFFFFFFFLL))) end
  return R.to_int_checked(v)
end

local function narrow(name, size, signed)
  local half, to_int = size / 2, R.to_int
  return function(v)
    if type(v) == "table" then return R["to_" .. name .. "_checked"](v) end
    local t = to_int(v) % size
    return signed and t >= half and t - size or t
  end
end
R.to_short, R.to_ushort = narrow("short", 65536, true), narrow("ushort", 65536, false)
R.to_sbyte, R.to_byte = narrow("sbyte", 256, true), narrow("byte", 256, false)
R.to_char = narrow("char", 65536, false)

function R.to_uint(v)
  if type(v) == "number" then
    local t = truncated(v) + 0
    if t >= 0 and t < TWO32 then return t end
    if t >= TWO63 or t < -TWO63 or t ~= t then return 0 end
    return t % TWO32
  end
  if type(v) == "cdata" then return tonumber(band(v, 0xFFFFFFFFLL)) end
  return R.to_uint_checked(v)
end

function R.to_long(v)
  if type(v) == "number" then
    if v >= TWO63 or v < -TWO63 or v ~= v then return MIN_LONG end
    return int64(v)
  end
  if type(v) == "cdata" then return ffi.cast(int64, v) end
  return decimal_long(v)
end

function R.to_ulong(v)
  if type(v) == "number" then
    if v < 0 then return ffi.cast(uint64, R.to_long(v)) end
    if v >= TWO64 or v ~= v then return ffi.cast(uint64, MIN_LONG) end
    return uint64(v)
  end
  if type(v) == "cdata" then return ffi.cast(uint64, v) end
  return decimal_ulong(v)
end

local function to_double(v)
  if type(v) == "number" then return v end
  if type(v) == "cdata" then return tonumber(v) end
  return R.decimal_to_double(v)
end
R.to_double, R.to_double_checked = to_double, to_double

function R.to_float(v)
  float_cell[0] = to_double(v)
  return float_cell[0]
end
R.to_float_checked = R.to_float

-- From whole numbers; the cast from double or float is the next two.
function R.to_decimal(v)
  if type(v) == "table" then return v end
  return R.decimal_from_integer(v)
end
function R.double_to_decimal(v) return R.decimal_from_double(v, 15) end
function R.float_to_decimal(v) return R.decimal_from_double(v, 7) end

-- In a checked context; and of decimals always. NaN is in no range.
-- brings: to_byte_checked to_char_checked to_int_checked to_sbyte_checked to_short_checked to_uint_checked to_ushort_checked
for name, range in pairs(ranges) do
  local low, high, shown = range[1], range[2], range[3]
  R["to_" .. name .. "_checked"] = function(v)
    local t
    if type(v) == "number" then
      t = truncated(v) + 0
      if not (t >= low and t <= high) then overflow() end
      return t
    end
    if type(v) == "cdata" then
      if is_long(v) and (v < low or v > high) or not is_long(v) and v > uint64(high) then overflow() end
      return tonumber(v)
    end
    t = decimal_long(v)
    if t < low or t > high then too_large(shown) end
    return tonumber(t)
  end
end

function R.to_long_checked(v)
  if type(v) == "number" then
    if not (v >= -TWO63 and v < TWO63) then overflow() end
    return int64(v)
  end
  if type(v) == "cdata" then
    if not is_long(v) and v > ffi.cast(uint64, MAX_LONG) then overflow() end
    return ffi.cast(int64, v)
  end
  return decimal_long(v)
end

function R.to_ulong_checked(v)
  if type(v) == "number" then
    if not (v > -1 and v < TWO64) then overflow() end
    return uint64(truncated(v) + 0)
  end
  if type(v) == "cdata" then
    if is_long(v) and v < 0 then overflow() end
    return ffi.cast(uint64, v)
  end
  return decimal_ulong(v)
end

-- -- System.Convert

-- Convert.ToInt32 and its kin: halves to even, checked, null is 0, text is parsed, a box is what it holds.
local function number_of(v)
  if type(v) == "boolean" then return v and 1 or 0 end
  if v == nil then return 0 end
  if type(v) == "table" then
    local meta = getmetatable(v)
    if meta.is_box then return v.value end
    if meta ~= R.Decimal then
      R.throw("Unable to cast object of type '" .. R.type_of(v) .. "' to type 'System.IConvertible'.",
        "InvalidCastException")
    end
  end
  return v
end

-- brings: convert_byte convert_char convert_int convert_sbyte convert_short convert_uint convert_ushort
for name, range in pairs(ranges) do
  local low, high, shown = range[1], range[2], range[3]
  R["convert_" .. name] = function(v)
    if type(v) == "string" then return R["parse_" .. name](v) end
    v = number_of(v)
    if type(v) == "table" then v = decimal_long(v, "even") end
    if type(v) == "number" then
      v = round(v) + 0
      if not (v >= low and v <= high) then too_large(shown) end
      return v
    end
    if is_long(v) and (v < low or v > high) or not is_long(v) and v > uint64(high) then too_large(shown) end
    return tonumber(v)
  end
end

function R.convert_long(v)
  if type(v) == "string" then return R.parse_long(v) end
  v = number_of(v)
  if type(v) == "table" then return decimal_long(v, "even") end
  if type(v) == "number" then
    v = round(v)
    if not (v >= -TWO63 and v < TWO63) then too_large("an Int64") end
    return int64(v)
  end
  if not is_long(v) and v > ffi.cast(uint64, MAX_LONG) then too_large("an Int64") end
  return ffi.cast(int64, v)
end

function R.convert_ulong(v)
  if type(v) == "string" then return R.parse_ulong(v) end
  v = number_of(v)
  if type(v) == "table" then return decimal_ulong(v, "even") end
  if type(v) == "number" then
    v = round(v)
    if not (v >= 0 and v < TWO64) then too_large("a UInt64") end
    return uint64(v)
  end
  if is_long(v) and v < 0 then too_large("a UInt64") end
  return ffi.cast(uint64, v)
end

function R.convert_double(v)
  if type(v) == "string" then return R.parse_double(v) end
  return to_double(number_of(v))
end

function R.convert_float(v)
  return R.to_float(R.convert_double(v))
end

function R.convert_decimal(v)
  if type(v) == "string" then return R.parse_decimal(v) end
  local float = type(v) == "table" and getmetatable(v).type == "float"
  v = number_of(v)
  if type(v) == "number" and (v ~= floor(v) or abs(v) >= TWO53 or v == huge) then
    return R.decimal_from_double(v, float and 7 or 15)
  end
  return R.to_decimal(v)
end

function R.convert_bool(v)
  if v == nil then return false end
  if type(v) == "boolean" then return v end
  if type(v) == "string" then return R.parse_bool(v) end
  v = number_of(v)
  if type(v) == "table" then return v.n > 0 end
  return v ~= 0
end

-- Convert.ToDateTime: null is the first moment.
function R.convert_date(v)
  if v == nil then return R.time_constant("min_date") end
  if type(v) == "string" then return R.parse_date(v) end
  return R.unbox(v, "DateTime")
end

-- Convert.ToInt32(text, base) and its kin: 2, 8, 10 or 16. Other bases than 10 give the bits.
function R.parse_base(text, base, kind)
  if base == 10 then return R["convert_" .. kind](text) end
  if base ~= 2 and base ~= 8 and base ~= 16 then R.throw("Invalid Base.", "ArgumentException") end
  if text == nil then return R["to_" .. kind](0) end
  if text == "" then
    R.out_of_range("startIndex", "Index was out of range. Must be non-negative and less than the size of the collection.")
  end
  local digits = base == 16 and (string.match(text, "^0[xX](.+)$") or text) or text
  digits = string.match(digits, "^0*(.*)$")
  local bits, width = 0ULL, 64
  local range = ranges[kind]
  if range then width = range[2] - range[1] == 255 and 8 or range[2] - range[1] == 65535 and 16 or 32 end
  local limit = bit.rshift(bit.bnot(0ULL), 64 - width)
  for i = 1, math.min(#digits, 65) do
    local digit = tonumber(string.sub(digits, i, i), base)
    if not digit then R.throw("Could not find any recognizable digits.", "FormatException") end
    if bits > (limit - digit) / base then
      R.throw("Value was either too large or too small for " .. (range and range[3] or "an Int64") .. ".",
        "OverflowException")
    end
    bits = bits * base + digit
  end
  return R["to_" .. kind](bits)
end

-- Convert.ToString(number, base)
function R.to_base(v, base, kind)
  if base == 10 then return R.text(v) end
  if base ~= 2 and base ~= 8 and base ~= 16 then R.throw("Invalid Base.", "ArgumentException") end
  local bits = R.to_ulong(v)
  if kind ~= "long" then
    bits = bit.band(bits, kind == "byte" and 0xFFULL or kind == "short" and 0xFFFFULL or 0xFFFFFFFFULL)
  end
  if bits == 0 then return "0" end
  local digits = {}
  while bits > 0 do
    local digit = tonumber(bits % base)
    table.insert(digits, 1, string.sub("0123456789abcdef", digit + 1, digit + 1))
    bits = bits / base
  end
  return table.concat(digits)
end

for _, compute in ipairs({ truncated, round, R.to_int }) do jit.on(compute) end
