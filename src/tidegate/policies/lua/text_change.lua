-- Texts made from texts: trimming, splitting, replacing, padding, joining, and System.Text.StringBuilder.

local byte, find, rep, sub = string.byte, string.find, string.rep, string.sub
local concat = table.concat
local length, slice, units, from_units, is_ascii = R.length, R.slice, R.units, R.from_units, R.is_ascii
local encode = R.char_text

-- -- trimming

-- The first and last unit that stay, as places in the list; last < first if none does.
local function kept_units(list, from_start, from_end, goes)
  local first, last = 1, list.n
  if from_start then
    while first <= last and goes(list[first]) do first = first + 1 end
  end
  if from_end then
    while last >= first and goes(list[last]) do last = last - 1 end
  end
  return first, last
end

local function trim_white(text, from_start, from_end)
  local first, last = 1, #text
  -- Bytes beyond ASCII may be white space too; looked at only where one stands at an end.
  if from_start then first = find(text, "[^ \t-\r]") or last + 1 end
  if from_end then
    while last >= first do
      local b = byte(text, last)
      if b ~= 32 and (b < 9 or b > 13) then break end
      last = last - 1
    end
  end
  if first > last then return "" end
  local b, e = byte(text, first), byte(text, last)
  if (from_start and b >= 128) or (from_end and e >= 128) then
    local list = units(text)
    return from_units(list, kept_units(list, from_start, from_end, R.is_white_space))
  end
  return sub(text, first, last)
end

local function trimmer(from_start, from_end)
  return function(text, chars)
    if chars == nil or chars.n == 0 then return trim_white(text, from_start, from_end) end
    local set = {}
    for i = 1, chars.n do set[chars[i]] = true end
    local list = units(text)
    local first, last = kept_units(list, from_start, from_end, function(unit) return set[unit] end)
    if first == 1 and last == list.n then return text end
    return from_units(list, first, last)
  end
end

-- Trim, TrimStart, TrimEnd; `chars` absent or empty: white space.
R.trim, R.trim_start, R.trim_end = trimmer(true, true), trimmer(true, false), trimmer(false, true)

-- IsNullOrEmpty, IsNullOrWhiteSpace
function R.is_empty(text)
  return text == nil or text == ""
end

function R.is_white(text)
  return text == nil or trim_white(text, true, true) == ""
end

-- -- splitting

R.enum("StringSplitOptions", { [0] = "None", "RemoveEmptyEntries", "TrimEntries" })

-- The separators' places as a function of the byte to go on from: first and last byte of the next one.
local function finder(text, separators)
  local count = separators.n
  for i = 1, count do R.seeking(text, separators[i]) end
  if count == 1 then
    local only = separators[1]
    return function(at)
      return find(text, only, at, true)
    end
  end
  local first, last = {}, {}
  for i = 1, count do first[i] = 0 end
  return function(at)
    local best
    for i = 1, count do
      if first[i] and first[i] < at then
        -- false: it does not come again.
        first[i], last[i] = find(text, separators[i], at, true)
        first[i] = first[i] or false
      end
      if first[i] and (not best or first[i] < first[best]) then best = i end
    end
    if best then return first[best], last[best] end
  end
end

local function white_finder(text)
  if is_ascii(text) then
    return function(at) return find(text, "[ \t-\r]", at) end
  end
  local spaces = { n = 0 }
  local seen = {}
  for character in string.gmatch(text, "[%z\1-\127\194-\239][\128-\191]*") do
    if not seen[character] then
      seen[character] = true
      if trim_white(character, true, true) == "" then
        spaces.n = spaces.n + 1
        spaces[spaces.n] = character
      end
    end
  end
  if spaces.n == 0 then return function() end end
  return finder(text, spaces)
end

-- Split at any of `separators` (texts), at most into `count` parts; no separators: white space.
function R.split(text, separators, count, options)
  count, options = count or 2147483647, options or 0
  if count < 0 then R.out_of_range("count", "Count cannot be less than zero.") end
  if options < 0 or options > 3 then R.throw("Illegal enum value: " .. options .. ".", "ArgumentException") end
  local no_empty, trims = options % 2 == 1, options >= 2
  if count == 0 then return { n = 0 } end
  local real = { n = 0 }
  for i = 1, separators and separators.n or 0 do
    local separator = separators[i]
    if separator ~= nil and separator ~= "" then
      real.n = real.n + 1
      real[real.n] = separator
    end
  end
  local next_separator
  if real.n == 0 and (not separators or separators.n == 0 or not separators.sole) then
    next_separator = white_finder(text)
  elseif real.n == 0 then
    next_separator = function() end -- The empty text splits nothing.
  else
    next_separator = finder(text, real)
  end
  local parts, n, at = {}, 0, 1
  R.tick(#text / 16)
  local function put(part)
    if trims then part = trim_white(part, true, true) end
    if not no_empty or part ~= "" then
      n = n + 1
      parts[n] = part
    end
  end
  local first, last
  if count > 1 then first, last = next_separator(at) end
  while first do
    R.tick(1)
    if n < count - 1 then
      put(sub(text, at, first - 1))
      at = last + 1
    elseif no_empty and (trims and trim_white(sub(text, at, first - 1), true, true) or sub(text, at, first - 1)) == "" then
      -- Nothing before the last part is kept that would have been left out.
      at = last + 1
    else
      break
    end
    first, last = next_separator(at)
    if not no_empty and n >= count - 1 then break end
  end
  put(sub(text, at))
  parts.n = n
  return parts
end

-- Split at characters: a char[].
function R.split_chars(text, chars, count, options)
  local separators = { n = chars and chars.n or 0 }
  for i = 1, separators.n do separators[i] = encode(chars[i]) end
  return R.split(text, separators, count, options)
end

-- Split at one character.
function R.split_char(text, unit, count, options)
  return R.split(text, { n = 1, encode(unit) }, count, options)
end

-- Split at one text; null and "" split nothing.
function R.split_text(text, separator, count, options)
  return R.split(text, { n = 1, sole = true, separator }, count, options)
end

-- -- replacing and cutting

function R.replace(text, old, new, comparison)
  if R.argument(old, "oldValue") == "" then
    R.throw("String cannot be of zero length. (Parameter 'oldValue')", "ArgumentException")
  end
  new = new or ""
  local searched, wanted = text, old
  if comparison and comparison % 2 == 1 then
    searched, wanted = R.upper(text), R.upper(old)
    if #searched ~= #text then
      -- Folding moved bytes: places are those of units.
      local parts, n, at = {}, 0, 0
      while true do
        local place = R.text_index(searched, wanted, at)
        if place < 0 then break end
        R.tick(#text / 16)
        n = n + 1
        parts[n] = slice(text, at, place) .. new
        at = place + length(wanted)
      end
      return concat(parts) .. slice(text, at, length(text))
    end
  end
  R.seeking(searched, wanted)
  local first, last = find(searched, wanted, 1, true)
  if not first then return text end
  local parts, n, at, size = {}, 0, 1, #text
  while first do
    n = n + 2
    parts[n - 1], parts[n] = sub(text, at, first - 1), new
    at = last + 1
    size = size + #new - #wanted
    if n % 64 == 0 then R.check_size(size) end
    first, last = find(searched, wanted, at, true)
  end
  R.check_size(size)
  parts[n + 1] = sub(text, at)
  return concat(parts)
end

function R.replace_char(text, old, new)
  return R.replace(text, encode(old), encode(new))
end

function R.insert(text, index, value)
  R.argument(value, "value")
  local size = length(text)
  if index < 0 or index > size then R.out_of_range("startIndex") end
  R.check_size(#text + #value)
  return slice(text, 0, index) .. value .. slice(text, index, size)
end

function R.remove(text, index, count)
  local size = length(text)
  if index < 0 then R.out_of_range("startIndex", "StartIndex cannot be less than zero.") end
  if count == nil then
    if index > size then R.out_of_range("startIndex", "startIndex must be less than length of string.") end
    return slice(text, 0, index)
  end
  if count < 0 then R.out_of_range("count", "Count cannot be less than zero.") end
  if index + count > size then
    R.out_of_range("count", "Index and count must refer to a location within the string.")
  end
  return slice(text, 0, index) .. slice(text, index + count, size)
end

local function padding(text, total, unit)
  if total < 0 then R.out_of_range("totalWidth", "Non-negative number required.") end
  local missing = total - length(text)
  if missing <= 0 then return "" end
  local letter = encode(unit or 32)
  R.check_size(missing * #letter)
  return rep(letter, missing)
end

function R.pad_left(text, total, unit)
  return padding(text, total, unit) .. text
end

function R.pad_right(text, total, unit)
  return text .. padding(text, total, unit)
end

-- -- joining

-- ToString of a value whose type the compiler knows by its name.
function R.text_as(value, kind)
  if kind == "string" then return value or "" end
  if kind == "double" or kind == "float" or kind == "char" then return R.num_text(value, kind) end
  if R.enums[kind] then return R.enum_text(value, kind) end
  return R.text(value)
end

function R.join(separator, values)
  local meta = getmetatable(values)
  if meta and meta.items then values = meta.items(values) end
  if values.n == 1 then return values[1] or "" end
  separator = separator or ""
  local parts, size = {}, #separator * values.n
  for i = 1, values.n do
    parts[i] = values[i] or ""
    size = size + #parts[i]
  end
  R.check_size(size)
  return concat(parts, separator, 1, values.n)
end

-- Join and Concat of any sequence, its elements of type `kind`.
function R.join_as(separator, values, kind)
  local list = R.items and R.items(values) or values
  local parts = { n = list.n }
  for i = 1, list.n do parts[i] = R.text_as(list[i], kind) end
  return R.join(separator, parts)
end

-- Join(separator, string[], start, count)
function R.join_range(separator, values, start, count)
  if start < 0 then R.out_of_range("startIndex", "StartIndex cannot be less than zero.") end
  if count < 0 or start + count > values.n then R.out_of_range("count") end
  local parts = { n = count }
  for i = 1, count do parts[i] = values[start + i] end
  return count == 0 and "" or R.join(separator, parts)
end

-- -- StringBuilder

local StringBuilder = { type = "StringBuilder" }
R.StringBuilder = StringBuilder

function R.string_builder(text)
  return setmetatable({ n = 1, size = #(text or ""), text or "" }, StringBuilder)
end

-- What was appended, as one text.
local function settled(builder)
  if builder.n > 1 then
    builder[1] = concat(builder, "", 1, builder.n)
    for i = builder.n, 2, -1 do builder[i] = nil end
    builder.n = 1
  end
  return builder[1]
end
StringBuilder.text = settled

local function set(builder, text)
  settled(builder)
  builder[1], builder.size = text, #text
  return builder
end

function R.builder_append(builder, text)
  if text ~= nil and text ~= "" then
    builder.size = builder.size + #text
    R.check_size(builder.size)
    builder.n = builder.n + 1
    builder[builder.n] = text
  end
  return builder
end

function R.builder_line(builder, text)
  -- Environment.NewLine, where API Management runs.
  return R.builder_append(builder, (text or "") .. "\r\n")
end

function R.builder_length(builder)
  return length(settled(builder))
end

function R.builder_set_length(builder, count)
  local text = settled(builder)
  local size = length(text)
  if count < 0 then R.out_of_range("value") end
  if count > size then return set(builder, text .. padding("", count - size, 0)) end
  return set(builder, slice(text, 0, count))
end

function R.builder_insert(builder, index, text)
  return set(builder, R.insert(settled(builder), index, text or ""))
end

function R.builder_remove(builder, index, count)
  return set(builder, R.remove(settled(builder), index, count))
end

function R.builder_replace(builder, old, new)
  return set(builder, R.replace(settled(builder), old, new))
end

function R.builder_clear(builder)
  return set(builder, "")
end

function R.builder_at(builder, index)
  return R.char_at(settled(builder), index)
end
