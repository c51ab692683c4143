-- Parse, ParseExact and their Try forms of DateTime, DateTimeOffset and TimeSpan, in the invariant culture.
-- Sources: the .NET pages "Parse date and time strings in .NET", "DateTimeStyles Enum", "TimeSpan.Parse Method".

local find, lower, match, sub = string.find, string.lower, string.match, string.sub
local band = R.bit.band
local int64 = R.ffi.typeof("int64_t")

local MINUTE, DAY = 600000000LL, 864000000000LL
local MAX_LENGTH = 256

R.enum("DateTimeStyles", {
  [0] = "None", "AllowLeadingWhite", "AllowTrailingWhite", [4] = "AllowInnerWhite", [7] = "AllowWhiteSpaces",
  [8] = "NoCurrentDateDefault", [16] = "AdjustToUniversal", [32] = "AssumeLocal", [64] = "AssumeUniversal",
  [128] = "RoundtripKind",
})
local ADJUST, ASSUME_UNIVERSAL, ROUNDTRIP = 16, 64, 128

local months, days = {}, {}
for i, name in ipairs(R.month_names) do
  months[lower(name)], months[lower(sub(name, 1, 3))] = i, i
end
for i = 0, 6 do
  local name = R.day_names[i]
  days[lower(name)], days[lower(sub(name, 1, 3))] = i, i
end

local function full_year(year, digits)
  if digits > 2 then return year end
  return year < 50 and 2000 + year or 1900 + year
end

-- Digits behind the point as ticks; more than seven are rounded.
local function fraction_of(digits)
  return digits and R.double_round(tonumber("0." .. digits) * 10000000) or 0
end

local function offset_of(sign, hours, minutes)
  hours, minutes = tonumber(hours), tonumber(minutes ~= "" and minutes or 0)
  if hours > 14 or minutes > 59 or (hours == 14 and minutes > 0) then return nil end
  local offset = MINUTE * (hours * 60 + minutes)
  return sign == "-" and -offset or offset
end

-- -- what was read: {year, month, day, hour, minute, second, fraction, offset, weekday}; offset nil: none stood there

local function read_iso(text)
  local year, month, day, rest = match(text, "^(%d%d%d%d)%-(%d%d?)%-(%d%d?)(.*)$")
  if not year then return nil end
  local found = { year = tonumber(year), month = tonumber(month), day = tonumber(day) }
  if rest == "" then return found end
  local hour, minute, tail = match(rest, "^[Tt ]%s*(%d%d?):(%d%d)(.*)$")
  if not hour then return nil end
  found.hour, found.minute = tonumber(hour), tonumber(minute)
  local second, after = match(tail, "^:(%d%d)(.*)$")
  if second then
    found.second = tonumber(second)
    local digits, behind = match(after, "^%.(%d+)(.*)$")
    if digits then found.fraction, after = fraction_of(digits), behind end
    tail = after
  end
  if tail == "" then return found end
  if find(tail, "^%s*[Zz]$") then
    found.offset, found.zulu = 0LL, true
    return found
  end
  local sign, hours, minutes = match(tail, "^%s*([+-])(%d%d?):?(%d?%d?)$")
  if not sign then return nil end
  found.offset = offset_of(sign, hours, minutes)
  return found.offset and found
end

-- The time of day anywhere in a text; the text without it.
local function take_time(text, found)
  -- A date, and only an offset.
  local date, only, h, m = match(text, "^(.-)%s([+-])(%d%d?):(%d%d)$")
  if date and not find(date, ":", 1, true) then
    found.offset = offset_of(only, h, m)
    return found.offset and date
  end
  local first, last, hour, minute, tail = find(text, "(%d%d?):(%d%d)(:?%d?%d?)")
  if not first then
    -- "5 PM"
    local a, b, clock, half = find(text, "%f[%d](%d%d?)%s*([AaPp])[Mm]%f[%A]")
    if a then
      found.hour, found.minute, found.half = tonumber(clock), 0, lower(half)
      return sub(text, 1, a - 1) .. " " .. sub(text, b + 1)
    end
    return text
  end
  found.hour, found.minute = tonumber(hour), tonumber(minute)
  if tail ~= "" then
    found.second = tonumber(sub(tail, 2))
    if not found.second then return nil end
  end
  local behind = sub(text, last + 1)
  local digits, after = match(behind, "^%.(%d+)(.*)$")
  if digits then found.fraction, behind = fraction_of(digits), after end
  local half, more = match(behind, "^%s*([AaPp])[Mm]%f[%A](.*)$")
  if half then found.half, behind = lower(half), more end
  local sign, hours, minutes, rest = match(behind, "^%s*([+-])(%d%d?):?(%d?%d?)%f[^%d](.*)$")
  if not sign then sign, hours, minutes, rest = match(behind, "^%s*([+-])(%d%d?):?(%d?%d?)(.*)$") end
  if sign then
    found.offset = offset_of(sign, hours, minutes)
    if not found.offset then return nil end
    behind = rest
  end
  local zone, left = match(behind, "^%s*(%a+)(.*)$")
  zone = zone and lower(zone)
  if zone == "z" or zone == "gmt" or zone == "utc" then
    found.offset, found.zulu = 0LL, true
    behind = left
  end
  local before = sub(text, 1, first - 1)
  -- "2009-06-15T13:45"
  before = match(before, "^(.*%d)[Tt]$") or before
  return before .. " " .. behind
end

local function read_loose(text)
  local found = {}
  text = take_time(text, found)
  if not text then return nil end
  local numbers, digits, n, month_at = {}, {}, 0, nil
  for token in string.gmatch(text, "[^%s,]+") do
    local word = match(token, "^(%a+)%.?$")
    if word then
      word = lower(word)
      if months[word] and not found.month then
        found.month, month_at = months[word], n
      elseif days[word] and not found.weekday then
        found.weekday = days[word]
      else
        return nil
      end
    elseif n == 0 and find(token, "^%d+[/.-]%d+[/.-]%d+$") or find(token, "^%d+[/-]%d+$") then
      for number in string.gmatch(token, "%d+") do
        n = n + 1
        numbers[n], digits[n] = tonumber(number), #number
      end
    elseif find(token, "^%d+%-%a+%-%d+$") then
      local d, m, y = match(token, "^(%d+)%-(%a+)%-(%d+)$")
      if n > 0 or not months[lower(m)] then return nil end
      found.month, month_at, n = months[lower(m)], 1, 2
      numbers, digits = { tonumber(d), tonumber(y) }, { #d, #y }
    elseif find(token, "^%d+$") then
      n = n + 1
      numbers[n], digits[n] = tonumber(token), #token
    else
      return nil
    end
    if n > 3 then return nil end
  end
  for i = 1, n do
    if digits[i] > 4 then return nil end
  end
  if found.month then
    if n == 2 then
      local day, year = 1, 2
      if digits[1] > 2 then day, year = 2, 1 end
      found.day, found.year = numbers[day], full_year(numbers[year], digits[year])
    elseif n == 1 then
      -- "June 2009", "June 15", "15 June"
      if digits[1] > 2 then
        found.day, found.year = 1, numbers[1]
      else
        found.day = numbers[1]
      end
    elseif n == 0 or month_at then
      return nil
    end
  elseif n == 3 then
    if digits[1] > 2 then
      found.year, found.month, found.day = numbers[1], numbers[2], numbers[3]
    else
      found.month, found.day, found.year = numbers[1], numbers[2], full_year(numbers[3], digits[3])
    end
  elseif n == 2 then
    if digits[1] > 2 then
      found.year, found.month, found.day = numbers[1], numbers[2], 1
    elseif digits[2] > 2 then
      found.month, found.day, found.year = numbers[1], 1, numbers[2]
    else
      found.month, found.day = numbers[1], numbers[2]
    end
  elseif n == 1 or not found.hour then
    return nil
  end
  return found
end

-- The clock's ticks of what was read, with today's date or year where none stood there; nil if there is no such moment.
local function ticks_of(found, styles)
  if not found.year then
    local today = R.now(1)
    if not found.month and band(styles, 8) ~= 0 then
      found.year, found.month, found.day = 1, 1, 1
    else
      found.year = R.year(today)
      if not found.month then found.month, found.day = R.month(today), R.day(today) end
    end
  end
  local hour, half = found.hour or 0, found.half
  if half then
    if hour < 1 or hour > 12 then return nil end
    hour = hour % 12 + (half == "p" and 12 or 0)
  end
  local extra = 0LL
  if hour == 24 and (found.minute or 0) == 0 and (found.second or 0) == 0 then
    hour, extra = 0, DAY
  end
  local ticks = R.ticks_of(
    found.year, found.month, found.day or 1, hour, found.minute or 0, found.second or 0, found.fraction or 0
  )
  if not ticks then return nil end
  ticks = ticks + extra
  if found.weekday and (tonumber(ticks / DAY) + 1) % 7 ~= found.weekday then return nil end
  return ticks
end

local MAX_TICKS = 3155378975999999999LL

-- DateTime: a zone in the text makes it local time, which is UTC here, unless the styles ask for something else.
local function to_datetime(found, styles)
  local ticks = ticks_of(found, styles)
  if not ticks then return nil end
  local kind = 0
  if found.offset then
    ticks = ticks - found.offset
    kind = 2
    if band(styles, ADJUST) ~= 0 or (band(styles, ROUNDTRIP) ~= 0 and found.zulu) then kind = 1 end
  elseif band(styles, ASSUME_UNIVERSAL + 32) ~= 0 then
    kind = band(styles, ADJUST) ~= 0 and 1 or 2
  end
  if ticks < 0 or ticks > MAX_TICKS then return nil end
  return R.datetime(ticks, kind)
end

local function to_offset(found, styles)
  local ticks = ticks_of(found, styles)
  if not ticks then return nil end
  local offset = found.offset or 0LL
  if band(styles, ADJUST) ~= 0 then ticks, offset = ticks - offset, 0LL end
  if ticks < 0 or ticks > MAX_TICKS or ticks - offset < 0 or ticks - offset > MAX_TICKS then return nil end
  return R.offset_from_ticks(ticks, R.timespan(offset))
end

local function read(text)
  if #text > MAX_LENGTH then return nil end
  text = match(text, "^%s*(.-)[%s%z]*$")
  if text == "" then return nil end
  return read_iso(text) or read_loose(text)
end

R.time_reading = { read = read, offset_of = offset_of, fraction_of = fraction_of, full_year = full_year }
R.time_made = { date = to_datetime, offset = to_offset }

-- A date of JSON, as Newtonsoft takes it: ISO 8601 with a time. nil if it is none.
function R.date_from_iso(text)
  if #text > 40 then return nil end
  local found = read_iso(text)
  return found and to_datetime(found, ROUNDTRIP)
end

-- -- TimeSpan: [-][d.]hh:mm[:ss[.fffffff]], d, and d:hh:mm:ss[.fffffff]

local function read_span(text)
  if #text > MAX_LENGTH then return nil end
  text = match(text, "^%s*(.-)%s*$")
  local sign, rest = match(text, "^(-?)(.+)$")
  if not rest then return nil end
  local day, hour, minute, second, fraction
  if find(rest, "^%d+$") then
    day = rest
  else
    local head, clock = match(rest, "^(%d+)%.(%d+:.*)$")
    if head then day, rest = head, clock end
    local body, digits = match(rest, "^(.-)%.(%d+)$")
    if body then rest, fraction = body, digits end
    hour, minute, second = match(rest, "^(%d+):(%d+):?(%d*)$")
    if not hour then
      local d, h, m, s = match(rest, "^(%d+):(%d+):(%d+):(%d+)$")
      if not d or day then return nil end
      day, hour, minute, second = d, h, m, s
    elseif find(rest, ":$") or (fraction and second == "") then
      return nil
    end
  end
  local function number(digits) return digits and digits ~= "" and tonumber(digits) or 0 end
  local d, h, m, s = number(day), number(hour), number(minute), number(second)
  if d > 10675199 or h > 23 or m > 59 or s > 59 or (fraction and #fraction > 7) then return nil, true end
  local ticks = DAY * int64(d) + 10000000LL * int64((h * 60 + m) * 60 + s) + fraction_of(fraction)
  if sign == "-" then ticks = -ticks end
  if (sign == "-" and ticks > 0) or (sign == "" and ticks < 0) then return nil, true end
  return R.timespan(ticks)
end

function R.parse_span(text)
  local value, beyond = read_span(R.argument(text, "s"))
  if value then return value end
  if beyond then
    R.throw("The TimeSpan string '" .. text .. "' could not be parsed because at least one of the numeric components is"
      .. " out of range or contains too many digits.", "OverflowException")
  end
  R.throw("String '" .. text .. "' was not recognized as a valid TimeSpan.", "FormatException")
end

function R.try_parse_span(text)
  local value = text ~= nil and read_span(text)
  return value ~= nil and value ~= false, value or R.time_constant("zero")
end
