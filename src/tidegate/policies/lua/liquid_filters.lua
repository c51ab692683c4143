-- Liquid's filters of texts and lists as DotLiquid has them in C# mode, by their names in Pascal case.

local find, gsub, match, sub = string.find, string.gsub, string.match, string.sub
local floor = math.floor
local concat = table.concat
local L = R.liquid
local text, number = L.text, L.number

local F = {}
R.liquid_filters = F

-- A text that may not grow without end.
local function bounded(value)
  R.tick(floor(#value / 64))
  if #value > L.MAX_TEXT then R.throw("The template's text is too long.") end
  return value
end

-- -- texts

function F.Append(value, more) return bounded(text(value) .. text(more)) end
function F.Prepend(value, more) return bounded(text(more) .. text(value)) end
function F.Upcase(value) return value ~= nil and R.upper(text(value)) or nil end
function F.Downcase(value) return value ~= nil and R.lower(text(value)) or nil end

-- Every word's first letter, the rest of the word in lower case, as TextInfo.ToTitleCase does; words of capitals stay.
function F.Capitalize(value)
  if value == nil then return nil end
  return (gsub(text(value), "[^%s%p][^%s]*", function(word)
    if #word > 1 and R.upper(word) == word then return word end
    local first = match(word, "^[%z\1-\127\194-\244][\128-\191]*")
    return R.upper(first) .. R.lower(sub(word, #first + 1))
  end))
end

local function stripped(value, left, right)
  if value == nil then return nil end
  local whole = text(value)
  local first = left and (find(whole, "%S") or #whole + 1) or 1
  local last = #whole
  while right and last >= first and find(whole, "^%s", last) do last = last - 1 end
  return sub(whole, first, last)
end

function F.Strip(value) return stripped(value, true, true) end
function F.Lstrip(value) return stripped(value, true, false) end
function F.Rstrip(value) return stripped(value, false, true) end
function F.StripNewlines(value) return value ~= nil and gsub(text(value), "\r?\n", "") or nil end
function F.NewlineToBr(value) return value ~= nil and bounded((gsub(text(value), "(\r?\n)", "<br />%1"))) or nil end

-- What stands between `<` and the next `>` goes.
function F.StripHtml(value)
  if value == nil then return nil end
  local whole, parts, at = text(value), {}, 1
  while true do
    local first = find(whole, "<", at, true)
    local last = first and find(whole, ">", first, true)
    if not last then break end
    parts[#parts + 1] = sub(whole, at, first - 1)
    at = last + 1
  end
  R.tick(#parts)
  return concat(parts) .. sub(whole, at)
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
function F.Escape(value)
  if value == nil then return nil end
  return bounded((gsub(text(value), "[&<>\"']", entities)))
end
F.H = F.Escape

function F.UrlEncode(value)
  if value == nil then return nil end
  return bounded((gsub(gsub(text(value), "[^%w%-_%.!%*%(%) ]", function(sign)
    return string.format("%%%02X", string.byte(sign))
  end), " ", "+")))
end

function F.UrlDecode(value)
  if value == nil then return nil end
  return (gsub(gsub(text(value), "%+", " "), "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function replaced(value, part, by, times)
  local whole = text(value)
  part, by = text(part), text(by)
  if whole == "" or part == "" then return whole end
  local out, n, at, size = {}, 0, 1, 0
  while n < times do
    local first, last = find(whole, part, at, true)
    if not first then break end
    n = n + 1
    out[n] = sub(whole, at, first - 1) .. by
    size = size + #out[n]
    if size > L.MAX_TEXT then R.throw("The template's text is too long.") end
    at = last + 1
  end
  R.tick(n)
  return bounded(concat(out) .. sub(whole, at))
end

function F.Replace(value, part, by) return replaced(value, part, by, math.huge) end
function F.ReplaceFirst(value, part, by) return replaced(value, part, by, 1) end
function F.Remove(value, part) return replaced(value, part, "", math.huge) end
function F.RemoveFirst(value, part) return replaced(value, part, "", 1) end

local function whole_number(value, default)
  local found = number(value)
  return found and floor(tonumber(found)) or default
end

function F.Truncate(value, length, tail)
  if value == nil then return nil end
  local whole = text(value)
  length = whole_number(length, 50)
  tail = tail == nil and "..." or text(tail)
  if R.length(whole) <= length then return whole end
  return R.substring(whole, 0, math.max(0, length - R.length(tail))) .. tail
end

function F.TruncateWords(value, count, tail)
  if value == nil then return nil end
  local whole = text(value)
  count = whole_number(count, 15)
  tail = tail == nil and "..." or text(tail)
  local words = {}
  for word in string.gmatch(whole, "[^ ]+") do words[#words + 1] = word end
  if #words <= math.max(1, count) then return whole end
  return concat(words, " ", 1, math.max(1, count)) .. tail
end

function F.Slice(value, start, length)
  if value == nil then return nil end
  start, length = whole_number(start, 0), whole_number(length, 1)
  local total = L.count(value)
  if start < 0 then start = total + start end
  if start < 0 then
    length = length + start
    start = 0
  end
  length = math.min(length, total - start)
  if not L.is_sequence(value) then
    if length <= 0 then return "" end
    return R.substring(text(value), start, length)
  end
  local list = { n = math.max(0, length) }
  for i = 1, list.n do list[i] = L.item(value, start + i - 1) end
  return list
end

function F.Split(value, separator)
  local whole = text(value)
  separator = text(separator)
  local list = { n = 0 }
  if separator == "" or not find(whole, "%S") then return { n = 1, whole } end
  local at = 1
  while at do
    local first, last = find(whole, separator, at, true)
    local part = sub(whole, at, first and first - 1)
    if part ~= "" then
      list.n = list.n + 1
      list[list.n] = part
    end
    at = last and last + 1
  end
  R.tick(list.n)
  return list
end

-- -- lists

function F.Size(value) return L.count(value) end

function F.First(value)
  if L.is_sequence(value) then return L.item(value, 0) end
  return nil
end

function F.Last(value)
  if L.is_sequence(value) and value.n > 0 then return L.item(value, value.n - 1) end
  return nil
end

function F.Join(value, glue)
  if value == nil then return nil end
  if not L.is_sequence(value) then return text(value) end
  glue = glue == nil and " " or text(glue)
  R.tick(value.n)
  local parts = {}
  for i = 1, value.n do
    parts[2 * i - 1] = text(L.item(value, i - 1))
    if i < value.n then parts[2 * i] = glue end
  end
  return L.joined(parts)
end

function F.Map(value, key)
  local all = L.list(value)
  R.tick(all.n)
  local list = { n = all.n }
  for i = 1, all.n do list[i] = L.get(all[i], key) end
  return list
end

function F.Where(value, key, wanted)
  local all, list = L.list(value), { n = 0 }
  R.tick(all.n)
  for i = 1, all.n do
    local own = L.get(all[i], key)
    if (wanted == nil and L.truth(own)) or (wanted ~= nil and L.eq(own, wanted)) then
      list.n = list.n + 1
      list[list.n] = all[i]
    end
  end
  return list
end

function F.Compact(value)
  local all, list = L.list(value), { n = 0 }
  for i = 1, all.n do
    if all[i] ~= nil then
      list.n = list.n + 1
      list[list.n] = all[i]
    end
  end
  return list
end

function F.Concat(value, more)
  local list, second = L.list(value), L.list(more)
  R.tick(list.n + second.n)
  local all = { n = list.n + second.n }
  for i = 1, list.n do all[i] = list[i] end
  for i = 1, second.n do all[list.n + i] = second[i] end
  return all
end

function F.Reverse(value)
  local all = L.list(value)
  R.tick(all.n)
  local list = { n = all.n }
  for i = 1, all.n do list[i] = all[all.n - i + 1] end
  return list
end

function F.Uniq(value)
  local all, list, seen = L.list(value), { n = 0 }, {}
  R.tick(all.n)
  for i = 1, all.n do
    local key = all[i]
    if type(key) == "table" and getmetatable(key) and not getmetatable(key).hash then key = text(key) end
    key = R.hash(key)
    if not seen[key] then
      seen[key] = true
      list.n = list.n + 1
      list[list.n] = all[i]
    end
  end
  return list
end

-- Stable, null first; what has no order stays where it is.
function F.Sort(value, key)
  local all = L.list(value)
  local keys, places = {}, {}
  R.tick(all.n * 8)
  for i = 1, all.n do
    places[i] = i
    if key ~= nil then keys[i] = L.get(all[i], key) else keys[i] = all[i] end
  end
  -- Values of many kinds may have no order at all, which sort takes for a mistake: then all stay where they are.
  local sorted = pcall(table.sort, places, function(a, b)
    local x, y = keys[a], keys[b]
    if x == nil or y == nil then
      if (x == nil) ~= (y == nil) then return x == nil end
      return a < b
    end
    local how = L.order(x, y)
    if how == nil or how == 0 then return a < b end
    return how < 0
  end)
  if not sorted then return all end
  local list = { n = all.n }
  for i = 1, all.n do list[i] = all[places[i]] end
  return list
end

L.bounded, L.whole_number = bounded, whole_number
