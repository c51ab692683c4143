-- C#'s arithmetic of whole numbers, casts between the types of numbers, System.Math and System.Convert.
--
-- int, uint, short, ushort, byte, sbyte and char are whole Lua numbers; float and double are Lua numbers; long and ulong
-- are int64_t and uint64_t, whose + - * wrap by themselves; decimal is decimal.lua's.

local ffi, bit = R.ffi, R.bit
local int64, uint64 = ffi.typeof("int64_t"), ffi.typeof("uint64_t")
local istype = ffi.istype
local tobit, band, bor, bxor, bnot = bit.tobit, bit.band, bit.bor, bit.bxor, bit.bnot
local lshift, rshift, arshift = bit.lshift, bit.rshift, bit.arshift
local floor, ceil, fmod, abs, huge = math.floor, math.ceil, math.fmod, math.abs, math.huge

local TWO31, TWO32, TWO51, TWO53, TWO63, TWO64 = 2 ^ 31, 2 ^ 32, 2 ^ 51, 2 ^ 53, 2 ^ 63, 2 ^ 64
local MIN_LONG = bit.lshift(1LL, 63)
local MAX_LONG = bit.bnot(MIN_LONG)

local function overflow()
  R.throw("Arithmetic operation resulted in an overflow.", "OverflowException")
end

local function by_zero()
  R.throw("Attempted to divide by zero.", "DivideByZeroException")
end

local function truncated(v)
  return v < 0 and ceil(v) or floor(v)
end

-- -- int: 32 bits that wrap around

local function int_mul(a, b)
  local p = a * b
  -- What tobit takes exactly.
  if p < TWO51 and p > -TWO51 then return tobit(p) end
  -- The high half of `a` by itself: both products stay exact.
  local low = band(a, 0xFFFF)
  return tobit(tobit((a - low) / 65536 * b % 65536 * 65536) + tobit(low * b))
end

function R.int_add(a, b) return tobit(a + b) end
function R.int_sub(a, b) return tobit(a - b) end
R.int_mul = int_mul
function R.int_neg(a) return tobit(-a) end

-- -0 is no int, hence + 0.
function R.int_div(a, b)
  if b == 0 then by_zero() end
  local q = truncated(a / b) + 0
  if q == TWO31 then overflow() end
  return q
end

function R.int_rem(a, b)
  if b == 0 then by_zero() end
  if b == -1 and a == -TWO31 then overflow() end
  return fmod(a, b) + 0
end

local function checked_int(v)
  if v >= TWO31 or v < -TWO31 then overflow() end
  return v
end

function R.int_add_checked(a, b) return checked_int(a + b) end
function R.int_sub_checked(a, b) return checked_int(a - b) end
-- A product beyond 2^53 may be inexact, but is out of range all the same.
function R.int_mul_checked(a, b) return checked_int(a * b) + 0 end
function R.int_neg_checked(a) return checked_int(-a) + 0 end

function R.int_and(a, b) return band(a, b) end
function R.int_or(a, b) return bor(a, b) end
function R.int_xor(a, b) return bxor(a, b) end
function R.int_not(a) return bnot(a) end
-- Only the low five bits of the count matter, as in C#.
function R.int_shl(a, n) return lshift(a, n) end
function R.int_shr(a, n) return arshift(a, n) end

-- -- uint

function R.uint_add(a, b) return (a + b) % TWO32 end
function R.uint_sub(a, b) return (a - b) % TWO32 end
function R.uint_mul(a, b) return int_mul(tobit(a), tobit(b)) % TWO32 end

function R.uint_div(a, b)
  if b == 0 then by_zero() end
  return floor(a / b)
end

function R.uint_rem(a, b)
  if b == 0 then by_zero() end
  return fmod(a, b)
end

local function checked_uint(v)
  if v >= TWO32 or v < 0 then overflow() end
  return v
end

function R.uint_add_checked(a, b) return checked_uint(a + b) end
function R.uint_sub_checked(a, b) return checked_uint(a - b) end
function R.uint_mul_checked(a, b) return checked_uint(a * b) end
function R.uint_and(a, b) return band(a, b) % TWO32 end
function R.uint_or(a, b) return bor(a, b) % TWO32 end
function R.uint_xor(a, b) return bxor(a, b) % TWO32 end
function R.uint_not(a) return bnot(a) % TWO32 end
function R.uint_shl(a, n) return lshift(a, n) % TWO32 end
function R.uint_shr(a, n) return rshift(a, n) % TWO32 end

-- -- long and ulong: + - * and comparisons are Lua's own

function R.long_div(a, b)
  if b == 0 then by_zero() end
  if b == -1 and a == MIN_LONG then overflow() end
  return a / b
end

function R.long_rem(a, b)
  if b == 0 then by_zero() end
  if b == -1 then
    if a == MIN_LONG then overflow() end
    return 0LL
  end
  return a % b
end

function R.long_add_checked(a, b)
  local s = a + b
  if (b >= 0 and s < a) or (b < 0 and s >= a) then overflow() end
  return s
end

function R.long_sub_checked(a, b)
  local s = a - b
  if (b >= 0 and s > a) or (b < 0 and s <= a) then overflow() end
  return s
end

function R.long_mul_checked(a, b)
  if a == 0 or b == 0 then return 0LL end
  if (a == -1 and b == MIN_LONG) or (b == -1 and a == MIN_LONG) then overflow() end
  local p = a * b
  if p / b ~= a then overflow() end
  return p
end

function R.long_neg_checked(a)
  if a == MIN_LONG then overflow() end
  return -a
end

function R.ulong_div(a, b)
  if b == 0 then by_zero() end
  return a / b
end

function R.ulong_rem(a, b)
  if b == 0 then by_zero() end
  return a % b
end

function R.ulong_add_checked(a, b)
  local s = a + b
  if s < a then overflow() end
  return s
end

function R.ulong_sub_checked(a, b)
  if b > a then overflow() end
  return a - b
end

function R.ulong_mul_checked(a, b)
  if a == 0 or b == 0 then return 0ULL end
  local p = a * b
  if p / b ~= a then overflow() end
  return p
end

for _, kind in ipairs({ "long", "ulong" }) do
  R[kind .. "_and"], R[kind .. "_or"], R[kind .. "_xor"], R[kind .. "_not"] = band, bor, bxor, bnot
  R[kind .. "_shl"] = lshift
end
R.long_shr, R.ulong_shr = arshift, rshift

-- The remainder of float, double: the sign of the dividend.
R.double_rem = fmod

-- -- casts

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

-- -- System.Math

-- Halves to even.
local function round(v)
  if abs(v) >= TWO53 or v ~= v then return v end
  local f = floor(v)
  local rest = v - f
  if rest > 0.5 or (rest == 0.5 and f % 2 == 1) then f = f + 1 end
  return f
end
R.double_round = round

local round_modes = {
  [0] = round,
  [1] = function(v) return v < 0 and ceil(v - 0.5) or floor(v + 0.5) end,
  [2] = truncated, [3] = floor, [4] = ceil,
}
-- 0.49999999999999994 + 0.5 is 1: halves must be looked at by themselves.
round_modes[1] = function(v)
  local t = truncated(v)
  if abs(v - t) >= 0.5 then return t + (v < 0 and -1 or 1) end
  return t
end

-- Math.Round(double, digits, mode)
function R.math_round(v, digits, mode)
  local rounded = round_modes[mode or 0]
  if not rounded then
    R.throw("The value '" .. mode .. "' is not valid for this usage of the type MidpointRounding. (Parameter 'mode')",
      "ArgumentException")
  end
  digits = digits or 0
  if digits < 0 or digits > 15 then
    R.out_of_range("digits", "Rounding digits must be between 0 and 15, inclusive.")
  end
  if abs(v) >= 1e16 or v ~= v then return v end
  if digits == 0 then return rounded(v) end
  local power = 10 ^ digits
  return rounded(v * power) / power
end

local decimal_modes = { [0] = "even", [1] = "away" }
function R.decimal_math_round(v, digits, mode)
  mode = mode or 0
  if mode < 2 then return R.decimal_round(v, digits or 0, decimal_modes[mode]) end
  R.throw("Decimals round to even or away from zero here.", "NotSupportedException")
end

function R.math_truncate(v) return truncated(v) end

function R.int_abs(v)
  if v == -TWO31 then
    R.throw("Negating the minimum value of a twos complement number is invalid.", "OverflowException")
  end
  return abs(v)
end

function R.long_abs(v)
  if v == MIN_LONG then
    R.throw("Negating the minimum value of a twos complement number is invalid.", "OverflowException")
  end
  return v < 0 and -v or v
end

-- NaN wins, as IEEE 754:2019's maximum has it.
function R.double_max(a, b)
  if a ~= a then return a end
  if b ~= b then return b end
  return a > b and a or b
end

function R.double_min(a, b)
  if a ~= a then return a end
  if b ~= b then return b end
  return a < b and a or b
end

function R.math_max(a, b) return a >= b and a or b end
function R.math_min(a, b) return a <= b and a or b end
function R.decimal_max(a, b) return R.decimal_compare(a, b) >= 0 and a or b end
function R.decimal_min(a, b) return R.decimal_compare(a, b) <= 0 and a or b end

function R.math_sign(v)
  if v ~= v then R.throw("Function does not accept floating point Not-a-Number values.", "ArithmeticException") end
  return v > 0 and 1 or v < 0 and -1 or 0
end

function R.decimal_sign(v)
  return v.n == 0 and 0 or v.negative and -1 or 1
end

function R.math_clamp(v, low, high)
  if low > high then
    R.throw("'" .. R.text(low) .. "' cannot be greater than " .. R.text(high) .. ".", "ArgumentException")
  end
  return v < low and low or v > high and high or v
end

function R.math_log(v, base)
  if base == nil then return math.log(v) end
  if base == 1 then return 0 / 0 end
  return math.log(v) / math.log(base)
end

R.math = { pow = math.pow, sqrt = math.sqrt, floor = floor, ceil = ceil }

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

for _, compute in ipairs({ truncated, int_mul, round, R.int_div, R.int_rem, R.to_int }) do jit.on(compute) end
