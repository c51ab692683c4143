-- Liquid's filters of numbers and dates, and Default.

local find, lower = string.find, string.lower
local floor, ceil, abs = math.floor, math.ceil, math.abs
local L, F = R.liquid, R.liquid_filters
local text, number, bounded, whole_number = L.text, L.number, L.bounded, L.whole_number

-- -- numbers

local function shown(value, whole)
  if whole then
    if abs(value) < 2 ^ 53 then return value end
    return R.to_long(value)
  end
  return L.double(value)
end

-- Both operands as numbers; null where one is none.
local function calculated(a, b, compute)
  local x, whole_x = number(a)
  local y, whole_y = number(b)
  if not x or not y then return nil end
  return compute(tonumber(x), tonumber(y), whole_x and whole_y)
end

-- A text is continued, as DotLiquid's Plus does.
function F.Plus(a, b)
  if type(a) == "string" then return bounded(a .. text(b)) end
  return calculated(a, b, function(x, y, whole) return shown(x + y, whole) end)
end

function F.Minus(a, b)
  return calculated(a, b, function(x, y, whole) return shown(x - y, whole) end)
end

function F.Times(a, b)
  if type(a) == "string" and not number(a) then
    local times = whole_number(b, 0)
    if times * #a > L.MAX_TEXT then R.throw("The template's text is too long.") end
    return bounded(string.rep(a, times))
  end
  return calculated(a, b, function(x, y, whole) return shown(x * y, whole) end)
end

local function by_zero(y, whole)
  if y == 0 and whole then R.throw("Attempted to divide by zero.", "DivideByZeroException") end
end

function F.DividedBy(a, b)
  return calculated(a, b, function(x, y, whole)
    by_zero(y, whole)
    local quotient = x / y
    if whole then quotient = quotient < 0 and ceil(quotient) or floor(quotient) end
    return shown(quotient, whole)
  end)
end

function F.Modulo(a, b)
  return calculated(a, b, function(x, y, whole)
    by_zero(y, whole)
    return shown(math.fmod(x, y), whole)
  end)
end

function F.Abs(a)
  local x, whole = number(a)
  if not x then return 0 end
  return shown(abs(tonumber(x)), whole)
end

function F.AtLeast(a, b)
  return calculated(a, b, function(x, y, whole) return shown(math.max(x, y), whole) end)
end

function F.AtMost(a, b)
  return calculated(a, b, function(x, y, whole) return shown(math.min(x, y), whole) end)
end

function F.Round(a, digits)
  local x, whole = number(a)
  if not x then return nil end
  if whole then return x end
  digits = whole_number(digits, 0)
  return L.double(R.math_round(tonumber(x), math.max(0, math.min(15, digits)), 0))
end

function F.Ceil(a)
  local x = number(a)
  return x and ceil(tonumber(x)) or nil
end

function F.Floor(a)
  local x = number(a)
  return x and floor(tonumber(x)) or nil
end

function F.Currency(a)
  local x = number(a)
  if not x then return text(a) end
  return R.num_format(tonumber(x), "double", "C")
end

-- -- the rest

function F.Default(value, default)
  if value == nil or value == false or not find(text(value), "%S") then return default end
  return value
end

-- A date by a .NET format; `now` and `today` are the time of the request's rendering. What is no date stays as it is.
function F.Date(value, pattern)
  if value == nil then return nil end
  local date = value
  if type(value) == "string" then
    local word = lower(value)
    if word == "now" or word == "today" then
      date = R.now(2)
    else
      local read, found = R.try_parse_date(value)
      if not read then return value end
      date = found
    end
  end
  local meta = type(date) == "table" and getmetatable(date)
  if meta ~= R.DateTime and meta ~= R.DateTimeOffset then return text(value) end
  pattern = text(pattern)
  if pattern == "" then return text(date) end
  return R.format(date, meta.type, pattern)
end
