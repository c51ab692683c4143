-- Looking for texts in texts, and comparing them: System.String's methods with StringComparison.
--
-- Comparisons that ask for a culture look for the same units as ordinal ones do; where they put texts in order, they do it
-- as the root collation of Unicode does for Latin text: letters before accents before case (compare_text).

local byte, find, reverse, sub, upper = string.byte, string.find, string.reverse, string.sub, string.upper
local length, slice, units, is_ascii = R.length, R.slice, R.units, R.is_ascii

R.enum("StringComparison", {
  [0] = "CurrentCulture", "CurrentCultureIgnoreCase", "InvariantCulture", "InvariantCultureIgnoreCase", "Ordinal",
  "OrdinalIgnoreCase",
})

local function ignores_case(comparison)
  if comparison == nil then return false end
  if comparison < 0 or comparison > 5 then
    R.throw("The string comparison type passed in is currently not supported. (Parameter 'comparisonType')",
      "ArgumentException")
  end
  return comparison % 2 == 1
end

-- Equal but for case have equal folds of as many units.
local function fold(text)
  return R.upper(text)
end

-- -- finding

-- Looking for a text takes its length times that of the text in which it is looked for, where both are made for that: a
-- body of a megabyte and a header of 60 kB stop a worker for seconds. Half a kilobyte of comparing is a step.
function R.seeking(text, part)
  -- And a long text takes its own time, which counts where each of a body's parts is looked for in the body.
  if #text > 4096 then R.tick(#text / 64) end
  if #part > 64 and #part < #text then R.tick((#text - #part) * #part / 512) end
end

-- The first place, counted in units, or -1.
local function first_place(text, part)
  if R.has_half(part) then
    local all, wanted = units(text), units(part)
    for at = 0, all.n - wanted.n do
      R.tick(1)
      local i = 1
      while i <= wanted.n and all[at + i] == wanted[i] do i = i + 1 end
      if i > wanted.n then return at end
    end
    return -1
  end
  R.seeking(text, part)
  local at = find(text, part, 1, true)
  if not at then return -1 end
  return R.unit_index(text, at)
end

local function last_place(text, part)
  if R.has_half(part) then
    local place, from = -1, 0
    while true do
      R.tick(#text / 16)
      local next_place = first_place(slice(text, from, length(text)), part)
      if next_place < 0 then return place end
      place = from + next_place
      from = place + 1
    end
  end
  R.seeking(text, part)
  local at = find(reverse(text), reverse(part), 1, true)
  if not at then return -1 end
  return R.unit_index(text, #text - at - #part + 2)
end

local function bad_start()
  R.out_of_range("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
end

local function bad_count()
  R.out_of_range("count", "Count must be positive and count must refer to a location within the string/array/collection.")
end

-- IndexOf of a text, in `count` units from `start`.
function R.text_index(text, part, start, count, comparison)
  R.argument(part, "value")
  if ignores_case(comparison) then text, part = fold(text), fold(part) end
  if start == nil then
    if part == "" then return 0 end
    return first_place(text, part)
  end
  local size = length(text)
  if start < 0 or start > size then bad_start() end
  if count and (count < 0 or start + count > size) then bad_count() end
  if part == "" then return start end
  local place = first_place(slice(text, start, count and start + count or size), part)
  return place < 0 and -1 or start + place
end

function R.text_index_char(text, unit, start, count, comparison)
  return R.text_index(text, R.char_text(unit), start, count, comparison)
end

-- LastIndexOf: backwards from unit `start`, over `count` units.
function R.text_last_index(text, part, start, count, comparison)
  R.argument(part, "value")
  if ignores_case(comparison) then text, part = fold(text), fold(part) end
  local size = length(text)
  if start == nil then
    if part == "" then return size end
    return last_place(text, part)
  end
  if size == 0 and (start == -1 or start == 0) then return part == "" and 0 or -1 end
  if start < 0 or start > size then bad_start() end
  if start == size then
    start = start - 1
    if count and count > 0 then count = count - 1 end
  end
  count = count or start + 1
  if count < 0 or start - count + 1 < 0 then bad_count() end
  if part == "" then return start + 1 end
  local from = start - count + 1
  local place = last_place(slice(text, from, start + 1), part)
  return place < 0 and -1 or from + place
end

function R.text_last_index_char(text, unit, start, count)
  return R.text_last_index(text, R.char_text(unit), start, count)
end

local function wanted_units(chars)
  local wanted = {}
  for i = 1, R.argument(chars, "anyOf").n do wanted[chars[i]] = true end
  return wanted
end

function R.text_index_any(text, chars, start, count)
  local wanted, all = wanted_units(chars), units(text)
  start = start or 0
  if start < 0 or start > all.n then bad_start() end
  if count and (count < 0 or start + count > all.n) then bad_count() end
  for i = start + 1, count and start + count or all.n do
    if wanted[all[i]] then return i - 1 end
  end
  return -1
end

function R.text_last_index_any(text, chars)
  local wanted, all = wanted_units(chars), units(text)
  for i = all.n, 1, -1 do
    if wanted[all[i]] then return i - 1 end
  end
  return -1
end

function R.contains(text, part, comparison)
  if ignores_case(comparison) then text, part = fold(text), fold(part) end
  if part ~= "" and R.has_half(part) then return first_place(text, part) >= 0 end
  R.seeking(text, part)
  return find(text, part, 1, true) ~= nil
end

function R.contains_char(text, unit, comparison)
  return R.contains(text, R.char_text(unit), comparison)
end

function R.starts_with(text, part, comparison)
  if ignores_case(comparison) then text, part = fold(text), fold(part) end
  return sub(text, 1, #part) == part
end

function R.ends_with(text, part, comparison)
  if ignores_case(comparison) then text, part = fold(text), fold(part) end
  return part == "" or sub(text, -#part) == part
end

-- -- equality and order

-- Equals with a StringComparison; either may be null.
function R.text_equals(a, b, comparison)
  local ignores = ignores_case(comparison)
  if a == b then return true end
  if not ignores or a == nil or b == nil then return false end
  if #a == #b and is_ascii(a) and is_ascii(b) then return upper(a) == upper(b) end
  return fold(a) == fold(b)
end

-- CompareOrdinal: the difference of the first units that differ, or of the lengths.
local function compare_ordinal(a, b)
  if a == nil or b == nil then return a == b and 0 or (a == nil and -1 or 1) end
  if a == b then return 0 end
  if is_ascii(a) and is_ascii(b) then
    local size = #a < #b and #a or #b
    for i = 1, size do
      local x, y = byte(a, i), byte(b, i)
      if x ~= y then return x - y end
    end
    return #a - #b
  end
  local x, y = units(a), units(b)
  for i = 1, x.n < y.n and x.n or y.n do
    if x[i] ~= y[i] then return x[i] - y[i] end
  end
  return x.n - y.n
end
R.compare_ordinal = compare_ordinal

-- White space, punctuation, symbols and digits in the order of the root collation, before letters.
local weights = {}
for i, sign in ipairs({ 9, 10, 11, 12, 13, 32, byte("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789", 1, -1) }) do
  weights[sign] = i
end
local LETTERS = 1000

-- Latin letters with an accent, behind the letter that they are of.
local accented = {
  "aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľŀł", "nñńņň",
  "oòóôõöøōŏő", "rŕŗř", "sśŝşš", "tţťŧ", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž",
}
local accents

local function lay_out()
  accents = {}
  for _, group in ipairs(accented) do
    local list = units(group)
    for i = 2, list.n do accents[list[i]] = { list[1], i } end
  end
end

-- What a unit is worth on the three levels.
local function levels(unit)
  local low = R.lower_unit(unit)
  local case = low ~= unit and 1 or 0
  if low < 128 then
    local weight = weights[low]
    if weight then return weight, 0, case end
    if low >= 97 then return LETTERS + low, 0, case end
    return 0, 0, 0
  end
  if not accents then lay_out() end
  local accent = accents[low]
  if accent then return LETTERS + accent[1], accent[2], case end
  return LETTERS + low, 0, case
end

-- The order of a culture: -1, 0 or 1.
function R.compare_text(a, b, ignore_case)
  if a == nil or b == nil then return a == b and 0 or (a == nil and -1 or 1) end
  if a == b then return 0 end
  local x, y = units(a), units(b)
  -- Eight microseconds for two short words: sorting those of a megabyte took nine seconds.
  R.tick(16 + 2 * (x.n + y.n))
  local i, j, accent, case = 1, 1, 0, 0
  while true do
    local p, q, p_accent, q_accent, p_case, q_case
    -- Control characters weigh nothing.
    while i <= x.n and (p == nil or p == 0) do
      p, p_accent, p_case = levels(x[i])
      i = i + 1
    end
    while j <= y.n and (q == nil or q == 0) do
      q, q_accent, q_case = levels(y[j])
      j = j + 1
    end
    p, q = p ~= 0 and p or nil, q ~= 0 and q or nil
    if p == nil or q == nil then
      if p ~= nil then return 1 end
      if q ~= nil then return -1 end
      break
    end
    if p ~= q then return p < q and -1 or 1 end
    if accent == 0 and p_accent ~= q_accent then accent = p_accent < q_accent and -1 or 1 end
    if case == 0 and p_case ~= q_case then case = p_case < q_case and -1 or 1 end
  end
  if accent ~= 0 then return accent end
  return ignore_case and 0 or case
end

-- Compare(a, b, StringComparison)
function R.compare_as(a, b, comparison)
  local ignores = ignores_case(comparison)
  if comparison < 4 then return R.compare_text(a, b, ignores) end
  if ignores then return compare_ordinal(a and fold(a), b and fold(b)) end
  return compare_ordinal(a, b)
end

-- -- StringComparer: what equality and order of keys are by

R.StringComparer = { type = "StringComparer" }

-- StringComparer.OrdinalIgnoreCase and its kin, by the value of StringComparison.
local comparers = {}
for comparison = 0, 5 do
  local ignores = comparison % 2 == 1
  comparers[comparison] = setmetatable({
    comparison = comparison,
    equals = function(a, b) return R.text_equals(a, b, comparison) end,
    compare = function(a, b) return R.compare_as(a, b, comparison) end,
    -- A key that equal texts share.
    hash = function(a) return ignores and fold(a) or a end,
  }, R.StringComparer)
end

function R.string_comparer(comparison)
  return comparers[comparison]
end
