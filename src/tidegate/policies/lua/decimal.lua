-- System.Decimal: a sign, an integer of 96 bits, and a scale of 0 to 28. 1.50 and 1.5 are equal and have different texts.
--
-- A value is a table {limbs..., n = count, scale, negative}: limbs of seven decimal digits, the lowest first, none for
-- zero. Seven digits, because products of two limbs, five of them added, are exact in a Lua number, and because scaling
-- and texts are decimal. Values never change.

local floor, max = math.floor, math.max
local format, rep, sub, match, concat = string.format, string.rep, string.sub, string.match, table.concat

local BASE, DIGITS, MAX_SCALE = 10000000, 7, 28
local TOO_LARGE = "Value was either too large or too small for a Decimal."

local Decimal = { type = "decimal" }
R.Decimal = Decimal

local powers = {}
for k = 0, DIGITS - 1 do powers[k] = 10 ^ k end

-- -- natural numbers

local function trimmed(a, n)
  while n > 0 and a[n] == 0 do
    a[n] = nil
    n = n - 1
  end
  a.n = n
  return a
end

local function natural(digits)
  local a, n = {}, 0
  for last = #digits, 1, -DIGITS do
    n = n + 1
    a[n] = tonumber(sub(digits, max(1, last - DIGITS + 1), last))
  end
  return trimmed(a, n)
end

local function digits_of(a)
  local n = a.n
  if n == 0 then return "0" end
  local parts = { format("%d", a[n]) }
  for i = n - 1, 1, -1 do parts[#parts + 1] = format("%07d", a[i]) end
  return concat(parts)
end

local function compare(a, b)
  if a.n ~= b.n then return a.n < b.n and -1 or 1 end
  for i = a.n, 1, -1 do
    if a[i] ~= b[i] then return a[i] < b[i] and -1 or 1 end
  end
  return 0
end

local function add(a, b)
  local sum, carry, n = {}, 0, max(a.n, b.n)
  for i = 1, n do
    local s = (a[i] or 0) + (b[i] or 0) + carry
    if s >= BASE then
      sum[i], carry = s - BASE, 1
    else
      sum[i], carry = s, 0
    end
  end
  if carry > 0 then
    n = n + 1
    sum[n] = carry
  end
  sum.n = n
  return sum
end

-- a - b, for a >= b.
local function subtract(a, b)
  local difference, borrow = {}, 0
  for i = 1, a.n do
    local d = a[i] - (b[i] or 0) - borrow
    if d < 0 then
      difference[i], borrow = d + BASE, 1
    else
      difference[i], borrow = d, 0
    end
  end
  return trimmed(difference, a.n)
end

local function multiply(a, b)
  local product = {}
  for i = 1, a.n + b.n do product[i] = 0 end
  for i = 1, a.n do
    local x, carry = a[i], 0
    for j = 1, b.n do
      local t = product[i + j - 1] + x * b[j] + carry
      carry = floor(t / BASE)
      product[i + j - 1] = t - carry * BASE
    end
    product[i + b.n] = carry
  end
  return trimmed(product, a.n + b.n)
end

-- a times 10^k.
local function scaled(a, k)
  if k == 0 or a.n == 0 then return a end
  local limbs, factor = floor(k / DIGITS), powers[k % DIGITS]
  local result, carry = {}, 0
  for i = 1, limbs do result[i] = 0 end
  for i = 1, a.n do
    local t = a[i] * factor + carry
    carry = floor(t / BASE)
    result[limbs + i] = t - carry * BASE
  end
  result[limbs + a.n + 1] = carry
  return trimmed(result, limbs + a.n + 1)
end

-- The quotient and the remainder of a / d, for one limb d.
local function divide_small(a, d)
  local quotient, rest = {}, 0
  for i = a.n, 1, -1 do
    local t = rest * BASE + a[i]
    quotient[i] = floor(t / d)
    rest = t - quotient[i] * d
  end
  return trimmed(quotient, a.n), rest
end

local ONE = { 1, n = 1 }
local ZERO = { n = 0 }

-- Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.
local function divide(a, b)
  if compare(a, b) < 0 then return ZERO, a end
  if b.n == 1 then
    local quotient, rest = divide_small(a, b[1])
    return quotient, rest == 0 and ZERO or { rest, n = 1 }
  end
  local shift = floor(BASE / (b[b.n] + 1))
  local factor = { shift, n = 1 }
  local u, v = multiply(a, factor), multiply(b, factor)
  local n, m = v.n, u.n - v.n
  u[u.n + 1] = 0
  local top, second, quotient = v[n], v[n - 1], {}
  for j = m, 0, -1 do
    local t = u[j + n + 1] * BASE + u[j + n]
    local q = floor(t / top)
    local r = t - q * top
    while q >= BASE or q * second > r * BASE + u[j + n - 1] do
      q, r = q - 1, r + top
      if r >= BASE then break end
    end
    local borrow = 0
    for i = 1, n do
      local d = u[i + j] - q * v[i] - borrow
      borrow = -floor(d / BASE)
      u[i + j] = d + borrow * BASE
    end
    u[j + n + 1] = u[j + n + 1] - borrow
    if u[j + n + 1] < 0 then
      q = q - 1
      local carry = 0
      for i = 1, n do
        local s = u[i + j] + v[i] + carry
        carry = s >= BASE and 1 or 0
        u[i + j] = s - carry * BASE
      end
      u[j + n + 1] = u[j + n + 1] + carry
    end
    quotient[j + 1] = q
  end
  for i = #u, n + 1, -1 do u[i] = nil end
  local rest = divide_small(trimmed(u, n), shift)
  return trimmed(quotient, m + 1), rest
end

for _, compute in ipairs({ trimmed, compare, add, subtract, multiply, scaled, divide_small, divide }) do
  jit.on(compute)
end

local MAXIMUM = natural("79228162514264337593543950335")

-- a / 10^k, with halves to even ("even"), away from zero ("away"), or without rounding (nil). Whether it was exact.
local function unscaled(a, k, mode)
  if k == 0 then return a, true end
  local unit = scaled(ONE, k)
  local quotient, rest = divide(a, unit)
  if rest.n == 0 then return quotient, true end
  if mode then
    local half = compare(add(rest, rest), unit)
    local odd = quotient.n > 0 and quotient[1] % 2 == 1
    if half > 0 or (half == 0 and (odd or mode == "away")) then quotient = add(quotient, ONE) end
  end
  return quotient, false
end

-- -- values

local function made(a, scale, negative)
  local value = { n = a.n, scale = scale, negative = negative and a.n > 0 }
  for i = 1, a.n do value[i] = a[i] end
  return setmetatable(value, Decimal)
end

-- The value, rounded to what 96 bits and 28 places hold.
local function fitted(a, scale, negative)
  if a.n <= 4 and scale <= MAX_SCALE then return made(a, scale, negative) end
  local cut = max(0, scale - MAX_SCALE, #digits_of(a) - 29)
  while true do
    if cut > scale then R.throw(TOO_LARGE, "OverflowException") end
    local rounded = unscaled(a, cut, "even")
    if compare(rounded, MAXIMUM) <= 0 then return made(rounded, scale - cut, negative) end
    cut = cut + 1
  end
end

-- From digits, how many of them stand behind the point (may be negative), and the sign.
function R.decimal_of(digits, scale, negative)
  digits = match(digits, "^0*(.*)$")
  if scale < 0 then
    if digits ~= "" and #digits - scale > 30 then R.throw(TOO_LARGE, "OverflowException") end
    digits, scale = digits == "" and "" or digits .. rep("0", -scale), 0
  end
  if #digits - scale > 29 then R.throw(TOO_LARGE, "OverflowException") end
  -- What lies far behind the last place only says on which side of a half the rest is.
  local keep = #digits - scale + MAX_SCALE + 2
  if scale > MAX_SCALE + 2 and keep < #digits then
    local sticky = keep < 0 and digits ~= "" or match(sub(digits, max(keep, 0) + 1), "[1-9]")
    digits = sub(digits, 1, max(keep, 0)) .. (sticky and "1" or "0")
    scale = MAX_SCALE + 3
  end
  return fitted(natural(digits), scale, negative)
end

-- A literal of a program: `-1.50`.
function R.decimal(text)
  local sign, whole, fraction = match(text, "^(-?)(%d*)%.?(%d*)$")
  return R.decimal_of(whole .. fraction, #fraction, sign == "-")
end

function R.defaults.decimal()
  return made(ZERO, 0, false)
end

-- The digits without the point, the scale, the sign.
function R.decimal_parts(value)
  return digits_of(value), value.scale, value.negative
end

function Decimal.text(value)
  local digits, scale = digits_of(value), value.scale
  if scale > 0 then
    if #digits <= scale then digits = rep("0", scale + 1 - #digits) .. digits end
    digits = sub(digits, 1, -scale - 1) .. "." .. sub(digits, -scale)
  end
  return value.negative and "-" .. digits or digits
end

-- Both at the larger of their scales.
local function aligned(a, b)
  if a.scale == b.scale then return a, b, a.scale end
  if a.scale < b.scale then return scaled(a, b.scale - a.scale), b, b.scale end
  return a, scaled(b, a.scale - b.scale), a.scale
end

local function sum(a, b, b_negative)
  local x, y, scale = aligned(a, b)
  if a.negative == b_negative then return fitted(add(x, y), scale, a.negative) end
  if compare(x, y) >= 0 then return fitted(subtract(x, y), scale, a.negative) end
  return fitted(subtract(y, x), scale, b_negative)
end

function R.decimal_add(a, b)
  return sum(a, b, b.negative)
end

function R.decimal_sub(a, b)
  return sum(a, b, not b.negative)
end

function R.decimal_mul(a, b)
  return fitted(multiply(a, b), a.scale + b.scale, a.negative ~= b.negative)
end

function R.decimal_neg(a)
  return made(a, a.scale, not a.negative)
end

function R.decimal_abs(a)
  return a.negative and made(a, a.scale, false) or a
end

-- As many places as the exact quotient has, but not fewer than the operands ask for; 28 or 29 digits if it has no end.
function R.decimal_div(a, b)
  if b.n == 0 then R.throw("Attempted to divide by zero.", "DivideByZeroException") end
  local negative, scale = a.negative ~= b.negative, a.scale - b.scale
  local least = max(scale, 0)
  -- Enough places that the first 29 digits of the quotient are among them, and one more; what is left is their sticky.
  local places = max(least, MAX_SCALE + 1)
  local quotient, rest = divide(scaled(a, places - scale), b)
  if rest.n > 0 then
    -- A digit that only says that something follows: rounding then never meets a false half.
    quotient = add(scaled(quotient, 1), ONE)
    places = places + 1
  end
  local result = fitted(quotient, places, negative)
  -- Zeros behind what the operands ask for are only there because more places were tried.
  local shorter, kept = result, result.scale
  while kept > least do
    local q, r = divide_small(shorter, 10)
    if r ~= 0 then break end
    shorter, kept = q, kept - 1
  end
  return made(shorter, kept, negative)
end

function R.decimal_rem(a, b)
  if b.n == 0 then R.throw("Attempted to divide by zero.", "DivideByZeroException") end
  local x, y, scale = aligned(a, b)
  local _, rest = divide(x, y)
  return fitted(rest, scale, a.negative)
end

local function order(a, b)
  if a.negative ~= b.negative then return a.negative and -1 or 1 end
  local x, y = aligned(a, b)
  local c = compare(x, y)
  return a.negative and -c or c
end
R.decimal_compare = order
Decimal.compare = order

function R.decimal_eq(a, b) return order(a, b) == 0 end
function R.decimal_lt(a, b) return order(a, b) < 0 end
function R.decimal_le(a, b) return order(a, b) <= 0 end
Decimal.equals = R.decimal_eq

function Decimal.hash(value)
  local text = Decimal.text(value)
  if value.scale > 0 then text = match(text, "^(.-)%.?0*$") end
  return "\0decimal\0" .. text
end

-- -- rounding

-- `mode` as in `unscaled`; nil cuts off.
function R.decimal_round(value, places, mode)
  if places < 0 or places > MAX_SCALE then
    R.out_of_range("decimals", "Decimal can only round to between 0 and 28 digits of precision.")
  end
  if value.scale <= places then return value end
  return made((unscaled(value, value.scale - places, mode)), places, value.negative)
end

local function whole(value, up)
  local quotient, exact = unscaled(value, value.scale)
  if not exact and value.negative ~= up then quotient = add(quotient, ONE) end
  return made(quotient, 0, value.negative)
end

function R.decimal_floor(value)
  return whole(value, false)
end

function R.decimal_ceiling(value)
  return whole(value, true)
end

-- -- from and to other numbers

-- From an int, a long, a ulong.
function R.decimal_from_integer(value)
  local text = R.text(value)
  local sign, digits = match(text, "^(-?)(.*)$")
  return made(natural(digits), 0, sign == "-")
end

-- From a double to 15 significant digits, from a float (`digits` 7) to 7, as the casts do.
function R.decimal_from_double(value, digits)
  if value ~= value or value >= 7.9228162514264338e28 or value <= -7.9228162514264338e28 then
    R.throw(TOO_LARGE, "OverflowException")
  end
  local sign, first, rest, exponent = match(format("%." .. (digits or 15) - 1 .. "e", value), "^(-?)(%d)%.(%d*)e(.*)$")
  local significant = match(first .. rest, "^(.-)0*$")
  local result = R.decimal_of(significant, #significant - 1 - tonumber(exponent), sign == "-")
  return result.n > 0 and result or made(ZERO, 0, false)
end

function R.decimal_to_double(value)
  return tonumber(Decimal.text(value))
end

-- The digits of the whole part, and the sign. Halves to even with `mode` "even", else cut off.
function R.decimal_whole(value, mode)
  return digits_of((unscaled(value, value.scale, mode))), value.negative
end
