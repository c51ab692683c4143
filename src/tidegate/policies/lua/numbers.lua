-- C#'s arithmetic of whole numbers, unchecked and checked.
--
-- int, uint, short, ushort, byte, sbyte and char are whole Lua numbers; float and double are Lua numbers; long and ulong
-- are int64_t and uint64_t, whose + - * wrap by themselves; decimal is decimal.lua's.

local bit = R.bit
local tobit, band, bor, bxor, bnot = bit.tobit, bit.band, bit.bor, bit.bxor, bit.bnot
local lshift, rshift, arshift = bit.lshift, bit.rshift, bit.arshift
local floor, ceil, fmod = math.floor, math.ceil, math.fmod

local TWO31, TWO32, TWO51 = 2 ^ 31, 2 ^ 32, 2 ^ 51
local MIN_LONG = lshift(1LL, 63)

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

-- brings: long_and long_or long_xor long_not long_shl ulong_and ulong_or ulong_xor ulong_not ulong_shl
for _, kind in ipairs({ "long", "ulong" }) do
  R[kind .. "_and"], R[kind .. "_or"], R[kind .. "_xor"], R[kind .. "_not"] = band, bor, bxor, bnot
  R[kind .. "_shl"] = lshift
end
R.long_shr, R.ulong_shr = arshift, rshift

-- The remainder of float, double: the sign of the dividend.
R.double_rem = fmod

for _, compute in ipairs({ truncated, int_mul, R.int_div, R.int_rem }) do jit.on(compute) end
