-- ParseExact and TryParseExact of DateTime and DateTimeOffset, and the doors to all of their parsing.
-- Source: the .NET pages "DateTime.ParseExact Method" and "Custom date and time format strings".

local lower, match, sub = string.lower, string.match, string.sub
local band = R.bit.band
local read, offset_of, fraction_of, full_year =
  R.time_reading.read, R.time_reading.offset_of, R.time_reading.fraction_of, R.time_reading.full_year

local MAX_LENGTH = 256

local function digits_at(text, at, least, most)
  local digits = match(text, "^%d+", at)
  if not digits or #digits < least then return nil end
  digits = sub(digits, 1, most)
  return tonumber(digits), at + #digits, #digits
end

local function name_at(text, at, names, first, last, short)
  for i = first, last do
    local name = lower(short and sub(names[i], 1, 3) or names[i])
    if lower(sub(text, at, at + #name - 1)) == name then return i, at + #name end
  end
end

local function zone_at(text, at, count)
  local sign, hours, behind = match(text, "^([+-])(%d%d?)()", at)
  if not sign or (count >= 2 and #hours < 2) then return nil end
  local minutes, rest = "", behind
  if count >= 3 then
    minutes, rest = match(text, "^:?(%d%d)()", behind)
    if not minutes then return nil end
  end
  local offset = offset_of(sign, hours, minutes)
  return offset, rest
end

local fields = { H = "hour", h = "hour", m = "minute", s = "second" }

local function read_exact(text, pattern, styles)
  if #text > MAX_LENGTH or #pattern > MAX_LENGTH then return nil end
  if #pattern == 1 then
    pattern = R.date_formats[pattern]
    if not pattern then return nil end
  end
  if band(styles, 1) ~= 0 then text = match(text, "^%s*(.*)$") end
  if band(styles, 2) ~= 0 then text = match(text, "^(.-)%s*$") end
  local found, at = {}, 1
  for _, piece in ipairs(R.format_pieces(pattern, "dfFghHKmMstyz")) do
    local letter, count, value = piece.letter, piece.count, nil
    if band(styles, 4) ~= 0 then at = match(text, "^%s*()", at) end
    if letter == nil then
      if piece.text ~= " " or band(styles, 4) == 0 then
        if sub(text, at, at + #piece.text - 1) ~= piece.text then return nil end
        at = at + #piece.text
      end
    elseif letter == "y" then
      local size
      value, at, size = digits_at(text, at, count <= 2 and 1 or count, count <= 2 and 2 or count)
      if not value then return nil end
      found.year = full_year(value, count <= 2 and size or 4)
    elseif letter == "M" and count >= 3 then
      found.month, at = name_at(text, at, R.month_names, 1, 12, count == 3)
      if not found.month then return nil end
    elseif letter == "d" and count >= 3 then
      found.weekday, at = name_at(text, at, R.day_names, 0, 6, count == 3)
      if not found.weekday then return nil end
    elseif letter == "M" or letter == "d" or fields[letter] then
      value, at = digits_at(text, at, count == 1 and 1 or 2, 2)
      if not value then return nil end
      if letter == "h" then
        if value < 1 or value > 12 then return nil end
        found.twelve = true
      end
      found[letter == "M" and "month" or letter == "d" and "day" or fields[letter]] = value
    elseif letter == "f" or letter == "F" then
      if count > 7 then return nil end
      local digits = sub(match(text, "^%d*", at), 1, count)
      if letter == "f" and #digits < count then return nil end
      found.fraction = fraction_of(digits ~= "" and digits or nil)
      at = at + #digits
    elseif letter == "t" then
      local half = match(text, count == 1 and "^[AaPp]" or "^[AaPp][Mm]", at)
      if not half then return nil end
      found.half, at = lower(sub(half, 1, 1)), at + #half
    elseif letter == "K" or letter == "z" then
      if letter == "K" and sub(text, at, at) == "Z" then
        found.offset, found.zulu, at = 0LL, true, at + 1
      else
        local offset, behind = zone_at(text, at, letter == "K" and 3 or count)
        if offset then
          found.offset, at = offset, behind
        elseif letter == "z" then
          return nil
        end
      end
    elseif letter == "g" then
      if sub(text, at, at + 3) ~= "A.D." then return nil end
      at = at + 4
    end
  end
  if at <= #text then return nil end
  if found.twelve and not found.half then found.hour = found.hour % 12 end
  found.twelve = nil
  if found.half and found.hour and found.hour > 12 then return nil end
  if not found.year and not found.month and found.day then return nil end
  return found
end

local function exactly(make, text, patterns, styles)
  if type(patterns) == "string" then patterns = { n = 1, patterns } end
  for i = 1, patterns.n do
    local found = read_exact(text, R.argument(patterns[i], "format"), styles)
    local value = found and make(found, styles)
    if value then return value end
  end
end

-- -- the four of each

local function doors(name, make, shown)
  local empty = R.time_constant(name == "date" and "min_date" or "min_offset")
  R["parse_" .. name] = function(text, styles)
    local found = read(R.argument(text, "s"))
    local value = found and make(found, styles or 0)
    if not value then
      R.throw("String '" .. text .. "' was not recognized as a valid " .. shown .. ".", "FormatException")
    end
    return value
  end
  R["try_parse_" .. name] = function(text, styles)
    local found = text ~= nil and read(text)
    local value = found and make(found, styles or 0)
    return value ~= nil and value ~= false, value or empty
  end
  R["parse_" .. name .. "_exact"] = function(text, patterns, styles)
    local value = exactly(make, R.argument(text, "s"), R.argument(patterns, "format"), styles or 0)
    if not value then
      R.throw("String '" .. text .. "' was not recognized as a valid " .. shown .. ".", "FormatException")
    end
    return value
  end
  R["try_parse_" .. name .. "_exact"] = function(text, patterns, styles)
    local value = text ~= nil and patterns ~= nil and exactly(make, text, patterns, styles or 0)
    return value ~= nil and value ~= false, value or empty
  end
end
-- brings: parse_date try_parse_date parse_date_exact try_parse_date_exact
doors("date", R.time_made.date, "DateTime")
-- brings: parse_offset try_parse_offset parse_offset_exact try_parse_offset_exact
doors("offset", R.time_made.offset, "DateTime")
