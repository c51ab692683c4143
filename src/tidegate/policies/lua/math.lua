-- System.Math. What Lua's math has already, rows of members call by itself.

local floor, ceil, abs = math.floor, math.ceil, math.abs

local TWO31 = 2 ^ 31
local MIN_LONG = R.bit.lshift(1LL, 63)

local function truncated(v)
  return v < 0 and ceil(v) or floor(v)
end

-- 0.49999999999999994 + 0.5 is 1: halves must be looked at by themselves.
local function away_from_zero(v)
  local t = truncated(v)
  if abs(v - t) >= 0.5 then return t + (v < 0 and -1 or 1) end
  return t
end

-- By MidpointRounding.
local round_modes = { [0] = R.double_round, away_from_zero, truncated, floor, ceil }
R.enum("MidpointRounding", { [0] = "ToEven", "AwayFromZero", "ToZero", "ToNegativeInfinity", "ToPositiveInfinity" })

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

-- Math.DivRem: the quotient, and the remainder behind it.
function R.div_rem(a, b)
  if type(a) == "number" then return R.int_div(a, b), R.int_rem(a, b) end
  return R.long_div(a, b), R.long_rem(a, b)
end
