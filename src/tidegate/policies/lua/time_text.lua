-- ToString of DateTime, DateTimeOffset and TimeSpan, with standard and custom formats of the invariant culture.
-- Sources: the .NET pages "Standard date and time format strings", "Custom date and time format strings",
-- "Standard TimeSpan format strings" and "Custom TimeSpan format strings".

local find, format, gsub, match, rep, sub = string.find, string.format, string.gsub, string.match, string.rep, string.sub
local concat, floor = table.concat, math.floor

local DateTime, DateTimeOffset, TimeSpan = R.DateTime, R.DateTimeOffset, R.TimeSpan

local months = {
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
  "December",
}
local days = { [0] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
R.month_names, R.day_names = months, days

local standard = {
  d = "MM/dd/yyyy", D = "dddd, dd MMMM yyyy", f = "dddd, dd MMMM yyyy HH:mm", F = "dddd, dd MMMM yyyy HH:mm:ss",
  g = "MM/dd/yyyy HH:mm", G = "MM/dd/yyyy HH:mm:ss", m = "MMMM dd", M = "MMMM dd",
  o = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", O = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
  r = "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", R = "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
  s = "yyyy'-'MM'-'dd'T'HH':'mm':'ss", t = "HH:mm", T = "HH:mm:ss", u = "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
  U = "dddd, dd MMMM yyyy HH:mm:ss", y = "yyyy MMMM", Y = "yyyy MMMM",
}
R.date_formats = standard

local function malformed()
  R.throw("Input string was not in a correct format.", "FormatException")
end

-- The pieces of a custom format: a letter and how often it stands, or literal text. They are few, and used again.
local split_formats = R.bounded(256)

function R.format_pieces(pattern, letters)
  local cache_key = letters .. pattern
  local known = split_formats.get(cache_key)
  if known then return known end
  local pieces, n, at, size = {}, 0, 1, #pattern
  while at <= size do
    local c = sub(pattern, at, at)
    n = n + 1
    if c == "'" or c == '"' then
      local parts, from = {}, at + 1
      while true do
        local stop = find(pattern, "[\\" .. c .. "]", from)
        if not stop then malformed() end
        parts[#parts + 1] = sub(pattern, from, stop - 1)
        if sub(pattern, stop, stop) == c then
          at = stop + 1
          break
        end
        parts[#parts + 1] = sub(pattern, stop + 1, stop + 1)
        from = stop + 2
      end
      pieces[n] = { text = concat(parts), quoted = true }
    elseif c == "\\" then
      if at == size then malformed() end
      local letter = match(pattern, "^[%z\1-\127\192-\255][\128-\191]*", at + 1) or ""
      pieces[n] = { text = letter, quoted = true }
      at = at + 1 + #letter
    elseif c == "%" then
      -- Makes a custom format of one letter.
      if at == size or sub(pattern, at + 1, at + 1) == "%" then malformed() end
      n = n - 1
      at = at + 1
    elseif find(letters, c, 1, true) then
      local run = match(pattern, "^" .. c .. "+", at)
      pieces[n] = { letter = c, count = #run }
      at = at + #run
    else
      pieces[n] = { text = c }
      at = at + 1
    end
  end
  split_formats.put(cache_key, pieces)
  return pieces
end

local LETTERS = "dfFghHKmMstyz"

local function offset_text(value, count)
  local minutes = value.offset and tonumber(value.offset / 600000000LL) or 0
  local sign = minutes < 0 and "-" or "+"
  minutes = minutes < 0 and -minutes or minutes
  local hours = floor(minutes / 60)
  if count == 1 then return sign .. hours end
  if count == 2 then return format("%s%02d", sign, hours) end
  return format("%s%02d:%02d", sign, hours, minutes % 60)
end

local function zone_text(value)
  if value.offset then return offset_text(value, 3) end
  return value.kind == 1 and "Z" or value.kind == 2 and "+00:00" or ""
end

local function padded(number, count)
  return format(count == 1 and "%d" or "%02d", number)
end

local function custom(value, pattern)
  local year, month, day, hour, minute, second, fraction = R.time_parts(value)
  local out, n = {}, 0
  for _, piece in ipairs(R.format_pieces(pattern, LETTERS)) do
    local letter, count, text = piece.letter, piece.count, piece.text
    if letter == "d" then
      text = count <= 2 and padded(day, count) or days[R.day_of_week(value)]
      if count == 3 then text = sub(text, 1, 3) end
    elseif letter == "M" then
      text = count <= 2 and padded(month, count) or months[month]
      if count == 3 then text = sub(text, 1, 3) end
    elseif letter == "y" then
      text = count <= 2 and padded(year % 100, count) or format("%0" .. count .. "d", year)
    elseif letter == "H" then
      text = padded(hour, count)
    elseif letter == "h" then
      text = padded((hour + 11) % 12 + 1, count)
    elseif letter == "m" then
      text = padded(minute, count)
    elseif letter == "s" then
      text = padded(second, count)
    elseif letter == "f" or letter == "F" then
      if count > 7 then malformed() end
      text = sub(format("%07d", fraction), 1, count)
      if letter == "F" then
        text = match(text, "^(.-)0*$")
        -- Nothing behind the point: the point goes, too.
        if text == "" and out[n] == "." then out[n] = "" end
      end
    elseif letter == "t" then
      text = count == 1 and (hour < 12 and "A" or "P") or (hour < 12 and "AM" or "PM")
    elseif letter == "g" then
      text = "A.D."
    elseif letter == "K" then
      text = rep(zone_text(value), count)
    elseif letter == "z" then
      text = offset_text(value, count)
    end
    n = n + 1
    out[n] = text
  end
  return concat(out)
end

local function four(value)
  return format("%04d", value)
end

-- The formats that are used most, without going through their patterns.
local function sortable(value, separator)
  local year, month, day, hour, minute, second, fraction = R.time_parts(value)
  return format("%s-%02d-%02d%s%02d:%02d:%02d", four(year), month, day, separator, hour, minute, second), fraction
end

local function date_format(value, pattern)
  if pattern == nil or pattern == "" then
    if value.offset then return custom(value, "MM/dd/yyyy HH:mm:ss zzz") end
    return custom(value, "MM/dd/yyyy HH:mm:ss")
  end
  if #pattern > 1 then
    R.check_size(#pattern * 16)
    return custom(value, pattern)
  end
  if pattern == "o" or pattern == "O" then
    local text, fraction = sortable(value, "T")
    return format("%s.%07d%s", text, fraction, zone_text(value))
  end
  if pattern == "s" then return (sortable(value, "T")) end
  local known = standard[pattern]
  if not known or (pattern == "U" and value.offset) then malformed() end
  if value.offset and (pattern == "r" or pattern == "R" or pattern == "u") then value = R.to_kind(value, 1) end
  return custom(value, known)
end
DateTime.format, DateTimeOffset.format = date_format, date_format
DateTime.text, DateTimeOffset.text = date_format, date_format

-- What JSON writes: as many digits of the fraction as are needed.
function R.date_to_iso(value)
  local text, fraction = sortable(value, "T")
  if fraction ~= 0 then text = text .. gsub(format(".%07d", fraction), "0+$", "") end
  return text .. zone_text(value)
end

-- -- TimeSpan

local DAY = 864000000000LL

-- Days, hours, minutes, seconds, ticks of the second, and whether the span is negative.
local function span_parts(value)
  local ticks = value.ticks
  local negative = ticks < 0
  -- The smallest span has no opposite: unsigned, it has.
  local size = R.ffi.cast("uint64_t", negative and -ticks or ticks)
  local whole = size / R.ffi.cast("uint64_t", DAY)
  local rest = tonumber(size - whole * R.ffi.cast("uint64_t", DAY))
  local seconds = floor(rest / 10000000)
  return tonumber(whole), floor(seconds / 3600), floor(seconds / 60) % 60, seconds % 60, rest - seconds * 10000000, negative
end

local function span_custom(value, pattern)
  local day, hour, minute, second, fraction = span_parts(value)
  local out = {}
  for i, piece in ipairs(R.format_pieces(pattern, "dhmsfF")) do
    local letter, count, text = piece.letter, piece.count, piece.text
    if letter == nil then
      if not piece.quoted then malformed() end
    elseif letter == "d" then
      if count > 8 then malformed() end
      text = format("%0" .. count .. "d", day)
    elseif letter == "f" or letter == "F" then
      if count > 7 then malformed() end
      text = sub(format("%07d", fraction), 1, count)
      if letter == "F" then text = match(text, "^(.-)0*$") end
    else
      if count > 2 then malformed() end
      text = padded(letter == "h" and hour or letter == "m" and minute or second, count)
    end
    out[i] = text
  end
  return concat(out)
end

function TimeSpan.format(value, pattern)
  if pattern ~= nil and #pattern > 1 then
    R.check_size(#pattern * 16)
    return span_custom(value, pattern)
  end
  local day, hour, minute, second, fraction, negative = span_parts(value)
  local sign = negative and "-" or ""
  if pattern == "g" then
    return sign .. (day > 0 and day .. ":" or "") .. format("%d:%02d:%02d", hour, minute, second)
      .. (fraction > 0 and gsub(format(".%07d", fraction), "0+$", "") or "")
  end
  if pattern == "G" then return format("%s%d:%02d:%02d:%02d.%07d", sign, day, hour, minute, second, fraction) end
  if pattern == nil or pattern == "" or pattern == "c" or pattern == "t" or pattern == "T" then
    return sign .. (day > 0 and day .. "." or "") .. format("%02d:%02d:%02d", hour, minute, second)
      .. (fraction > 0 and format(".%07d", fraction) or "")
  end
  malformed()
end
TimeSpan.text = TimeSpan.format
