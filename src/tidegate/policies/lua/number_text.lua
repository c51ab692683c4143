-- ToString of numbers: the shortest texts, standard formats (B C D E F G N P R X) and custom ones, of the invariant culture.
-- Sources: the .NET pages "Standard numeric format strings" and "Custom numeric format strings".
--
-- A number to be formatted is its digits without leading zeros ("" for zero), the place of the point (12.5 is "125", 2;
-- 0.05 is "5", -1), and whether it is negative.

local ffi = R.ffi
local format, gsub, rep, sub, byte, match =
  string.format, string.gsub, string.rep, string.sub, string.byte, string.match
local concat, floor, max, min, abs, huge = table.concat, math.floor, math.max, math.min, math.abs, math.huge

-- .NET allows 999999999; nobody can want the memory that such a text takes.
local MAX_PRECISION = 1000
local float_cell = ffi.new("float[1]")

-- LuaJIT's own %e and %f round the last digit wrongly at times; C's do not.
ffi.cdef([[ int snprintf(char *, size_t, const char *, ...); ]])
local buffer = ffi.new("char[2048]")
local c_int = ffi.typeof("int")

local function c_format(pattern, places, v)
  return ffi.string(buffer, ffi.C.snprintf(buffer, 2048, pattern, c_int(places), v))
end

-- Hexadecimal digits of the type, and 2 to its bits.
local widths = { byte = 2, sbyte = 2, short = 4, ushort = 4, char = 4, int = 8, uint = 8, long = 16, ulong = 16 }

local function invalid()
  R.throw("Format specifier was invalid.", "FormatException")
end

-- -- digits

local function from_scientific(text)
  local sign, first, rest, exponent = match(text, "^(-?)(%d)%.?(%d*)e(.*)$")
  local digits = match(first .. rest, "^(.-)0*$")
  return digits, digits == "" and 0 or tonumber(exponent) + 1, sign == "-"
end

-- The shortest digits that read back as the same number.
local function shortest(v, is_float)
  if v == 0 then return "", 0, 1 / v < 0 end
  local text
  if is_float then
    -- Every 6 digits are told apart by a normal float, every 15 by a double.
    for digits = abs(v) < 1.17549435e-38 and 0 or 5, 8 do
      text = c_format("%.*e", digits, v)
      float_cell[0] = tonumber(text)
      if float_cell[0] == v then break end
    end
  else
    for digits = abs(v) < 2.2250738585072014e-308 and 0 or 14, 16 do
      text = c_format("%.*e", digits, v)
      if tonumber(text) == v then break end
      -- Below a power of two numbers lie closer: there the next digits above may be the ones that read back.
      local head, last, tail = match(text, "^(.*)([0-8])(e.*)$")
      local above = digits == 15 and head and head .. last + 1 .. tail
      if above and tonumber(above) == v then
        text = above
        break
      end
    end
  end
  return from_scientific(text)
end

-- Of a whole number or a decimal: all its digits.
local function exact(v, kind)
  if kind == "decimal" then
    local digits, scale, negative = R.decimal_parts(v)
    if digits == "0" then return "", 0, false end
    return digits, #digits - scale, negative
  end
  local sign, digits = match(R.text(v), "^(-?)0*(%d*)$")
  return digits, #digits, sign == "-"
end

-- To `places` digits behind the point (or in front, if negative): halves away from zero, as .NET does with digits.
local function rounded(digits, point, places)
  local keep = point + places
  if keep >= #digits then return (match(digits, "^(.-)0*$")), point end
  if keep < 0 then return "", 0 end
  local up = byte(digits, keep + 1) >= 53
  local kept = sub(digits, 1, keep)
  if up then
    local head, nines = match(kept, "^(.-)(9*)$")
    if head == "" then
      return "1", point + 1
    end
    kept = sub(head, 1, -2) .. string.char(byte(head, -1) + 1)
    if nines == "" then return kept, point end
  end
  kept = match(kept, "^(.-)0*$")
  if kept == "" then return "", 0 end
  return kept, point
end

local function grouped(whole)
  local first = #whole % 3
  local parts = { first > 0 and sub(whole, 1, first) or nil }
  for i = first + 1, #whole, 3 do parts[#parts + 1] = sub(whole, i, i + 2) end
  return concat(parts, ",")
end

-- Digits as whole part and `places` of a fraction.
local function fixed(digits, point, places, groups)
  local whole = point > 0 and sub(digits, 1, point) or ""
  whole = point > 0 and whole .. rep("0", point - #whole) or "0"
  if groups then whole = grouped(whole) end
  if places == 0 then return whole end
  local fraction = point >= 0 and sub(digits, point + 1, point + places)
    or sub(rep("0", min(-point, places)) .. digits, 1, places)
  return whole .. "." .. fraction .. rep("0", places - #fraction)
end

local function exponent_text(letter, exponent, least)
  return format("%s%s%0" .. least .. "d", letter, exponent < 0 and "-" or "+", abs(exponent))
end

local function general(digits, point, most, letter, never_scientific)
  if not never_scientific and (point > most or point < -3) then
    local fraction = sub(digits, 2)
    return sub(digits, 1, 1) .. (fraction ~= "" and "." .. fraction or "") .. exponent_text(letter, point - 1, 2)
  end
  return fixed(digits, point, max(#digits - point, 0))
end

-- -- ToString()

local function floating_text(v, is_float)
  if v ~= v then return "NaN" end
  if v == huge then return "Infinity" end
  if v == -huge then return "-Infinity" end
  local digits, point, negative = shortest(v, is_float)
  -- .NET turns to exponents where more digits stand before the point than the type ever needs.
  local text = digits == "" and "0" or general(digits, point, is_float and 9 or 17, "E")
  return negative and "-" .. text or text
end

function R.num_text(v, kind)
  if kind == "double" then
    if v % 1 == 0 and v < 1e15 and v > -1e15 and v ~= 0 then return format("%d", v) end
    return floating_text(v, false)
  end
  if kind == "float" then return floating_text(v, true) end
  if kind == "char" then return R.char_text(v) end
  return R.text(v)
end

-- -- standard formats

local function signed(negative, text)
  return negative and "-" .. text or text
end

local function is_floating(kind)
  return kind == "double" or kind == "float"
end

-- Digits of a number for a format that asks for `places` behind the point. Of floating ones, the exact value is rounded.
local function to_places(v, kind, places)
  if is_floating(kind) then
    local text = c_format("%.*f", places, abs(v))
    local whole, fraction = match(text, "^0*(%d*)%.?(%d*)$")
    local digits = match(whole .. fraction, "^0*(.-)$")
    return digits, #digits - #fraction, v < 0 or 1 / v < 0
  end
  local digits, point, negative = exact(v, kind)
  digits, point = rounded(digits, point, places)
  return digits, point, negative and digits ~= ""
end

-- Rounded to `count` significant digits.
local function to_digits(v, kind, count)
  if is_floating(kind) then
    local digits, point = from_scientific(c_format("%.*e", count - 1, abs(v)))
    return digits, point, v < 0 or 1 / v < 0
  end
  local digits, point, negative = exact(v, kind)
  digits, point = rounded(digits, point, count - point)
  return digits, point, negative
end

local function hexadecimal(v, kind, places, upper)
  local width = widths[kind]
  if not width then invalid() end
  local text
  if type(v) == "cdata" then
    text = R.bit.tohex(v)
  else
    text = sub(R.bit.tohex(R.bit.tobit(v)), -width)
  end
  text = match(text, "^0*(.+)$")
  if upper then text = string.upper(text) end
  return rep("0", places - #text) .. text
end

-- What custom formats are made of, too.
R.number_digits = {
  exact = exact, rounded = rounded, to_digits = to_digits, is_floating = is_floating, exponent_text = exponent_text,
}

local nibbles = {}
for i = 0, 15 do
  nibbles[format("%x", i)] = floor(i / 8) .. floor(i / 4) % 2 .. floor(i / 2) % 2 .. i % 2
end

local standard = {}

function standard.D(v, kind, places)
  if not widths[kind] or kind == "char" then invalid() end
  local digits, _, negative = exact(v, kind)
  if digits == "" then digits = "0" end
  return signed(negative, rep("0", (places or 0) - #digits) .. digits)
end

function standard.X(v, kind, places, letter)
  return hexadecimal(v, kind, places or 0, letter == "X")
end

-- .NET 8
function standard.B(v, kind, places)
  if not widths[kind] then invalid() end
  local digits = gsub(hexadecimal(v, kind, 0, false), "%x", nibbles)
  digits = match(digits, "^0*(.+)$")
  return rep("0", (places or 0) - #digits) .. digits
end

function standard.F(v, kind, places)
  places = places or 2
  local digits, point, negative = to_places(v, kind, places)
  return signed(negative, fixed(digits, point, places))
end

function standard.N(v, kind, places)
  places = places or 2
  local digits, point, negative = to_places(v, kind, places)
  return signed(negative, fixed(digits, point, places, true))
end

function standard.C(v, kind, places)
  places = places or 2
  local digits, point, negative = to_places(v, kind, places)
  local text = "¤" .. fixed(digits, point, places, true)
  return negative and "(" .. text .. ")" or text
end

function standard.P(v, kind, places)
  places = places or 2
  local digits, point, negative = to_places(v, kind, places + 2)
  if digits ~= "" then point = point + 2 end
  return signed(negative, fixed(digits, point, places, true) .. " %")
end

function standard.E(v, kind, places, letter)
  places = places or 6
  local digits, point, negative = to_digits(v, kind, places + 1)
  local fraction = sub(digits, 2)
  local text = (digits == "" and "0" or sub(digits, 1, 1))
    .. (places > 0 and "." .. fraction .. rep("0", places - #fraction) or "")
  return signed(negative, text .. exponent_text(letter, digits == "" and 0 or point - 1, 3))
end

function standard.G(v, kind, places, letter)
  local digits, point, negative
  if places == nil or places == 0 then
    if is_floating(kind) then
      digits, point, negative = shortest(v, kind == "float")
      places = kind == "float" and 9 or 17
    else
      return R.text(v)
    end
  else
    digits, point, negative = to_digits(v, kind, places)
  end
  return signed(negative, digits == "" and "0" or general(digits, point, places, letter))
end

function standard.R(v, kind, _, letter)
  if not is_floating(kind) then invalid() end
  return standard.G(v, kind, nil, letter == "R" and "E" or "e")
end

-- ToString(pattern) of a number of type `kind`.
function R.num_format(v, kind, pattern)
  if pattern == nil or pattern == "" then return R.num_text(v, kind) end
  if kind == "char" then return R.char_text(v) end
  if is_floating(kind) and (v ~= v or v == huge or v == -huge) then return floating_text(v) end
  local letter, places = match(pattern, "^(%a)(%d*)$")
  -- A custom format is read letter by letter.
  if #pattern > 64 then R.tick(#pattern * 10) end
  if not letter then return R.num_custom(v, kind, pattern) end
  local write = standard[string.upper(letter)]
  places = tonumber(places)
  if not write or (places and places > MAX_PRECISION) then invalid() end
  if letter ~= "r" and letter ~= "R" and letter ~= "x" and letter ~= "X" and byte(letter) > 96 then
    letter = letter == "e" and "e" or letter == "g" and "e" or letter
  elseif letter == "G" then
    letter = "E"
  end
  return write(v, kind, places, letter)
end
