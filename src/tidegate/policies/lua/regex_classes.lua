-- Classes of characters in .NET's regular expressions: \d, \w, \s, \p{...}, and sets with brackets.
--
-- Source: "Character Classes in .NET Regular Expressions". A class is a function of a UTF-16 unit; categories are
-- numbers in the order of .NET's UnicodeCategory.

local gmatch, sub = string.gmatch, string.sub

local names = {}
do
  local number = 0
  local all = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Cn"
  for name in gmatch(all, "%a+") do
    names[number] = name
    number = number + 1
  end
end

-- Named blocks that policies may well use; others are refused as unknown.
local blocks = {
  IsBasicLatin = { 0x0000, 0x007F }, ["IsLatin-1Supplement"] = { 0x0080, 0x00FF },
  ["IsLatinExtended-A"] = { 0x0100, 0x017F }, ["IsLatinExtended-B"] = { 0x0180, 0x024F },
  IsIPAExtensions = { 0x0250, 0x02AF }, IsSpacingModifierLetters = { 0x02B0, 0x02FF },
  IsCombiningDiacriticalMarks = { 0x0300, 0x036F }, IsGreek = { 0x0370, 0x03FF }, IsGreekandCoptic = { 0x0370, 0x03FF },
  IsCyrillic = { 0x0400, 0x04FF }, IsCyrillicSupplement = { 0x0500, 0x052F }, IsArmenian = { 0x0530, 0x058F },
  IsHebrew = { 0x0590, 0x05FF }, IsArabic = { 0x0600, 0x06FF }, IsDevanagari = { 0x0900, 0x097F },
  IsThai = { 0x0E00, 0x0E7F }, IsGeorgian = { 0x10A0, 0x10FF }, IsHangulJamo = { 0x1100, 0x11FF },
  IsLatinExtendedAdditional = { 0x1E00, 0x1EFF }, IsGreekExtended = { 0x1F00, 0x1FFF },
  IsGeneralPunctuation = { 0x2000, 0x206F }, IsCurrencySymbols = { 0x20A0, 0x20CF }, IsArrows = { 0x2190, 0x21FF },
  IsMathematicalOperators = { 0x2200, 0x22FF }, IsBoxDrawing = { 0x2500, 0x257F }, IsHiragana = { 0x3040, 0x309F },
  IsKatakana = { 0x30A0, 0x30FF }, IsCJKUnifiedIdeographs = { 0x4E00, 0x9FFF }, IsHangulSyllables = { 0xAC00, 0xD7AF },
  IsPrivateUse = { 0xE000, 0xF8FF }, IsHighSurrogates = { 0xD800, 0xDB7F }, IsLowSurrogates = { 0xDC00, 0xDFFF },
}

-- Whether a category's name begins with one of these.
local function of_categories(list)
  local wanted = {}
  for name in gmatch(list, "%a+") do
    for number, full in pairs(names) do
      if sub(full, 1, #name) == name then wanted[number] = true end
    end
  end
  return function(c) return wanted[R.category(c)] == true end
end

local is_letter = of_categories("L Mn Nd Pc")

local function is_space(c)
  return (c >= 9 and c <= 13) or c == 32 or c == 133 or (c > 127 and sub(names[R.category(c)], 1, 1) == "Z")
end

local function is_word(c)
  if c < 128 then return c == 95 or (c >= 48 and c <= 57) or (c >= 65 and c <= 90) or (c >= 97 and c <= 122) end
  return is_letter(c)
end

R.regex_is_word = is_word

local function is_digit(c)
  if c < 128 then return c >= 48 and c <= 57 end
  return R.category(c) == 8
end

local function opposite(class)
  return function(c) return not class(c) end
end

local letters = { d = is_digit, w = is_word, s = is_space }
for _, letter in ipairs({ "d", "w", "s" }) do letters[letter:upper()] = opposite(letters[letter]) end

function R.regex_class(letter)
  return letters[letter]
end

-- The joiners U+200C and U+200D are of a word where \b asks, and nowhere else.
function R.regex_boundary_word(c)
  return is_word(c) or c == 0x200C or c == 0x200D
end

local properties = {}

-- The class of \p{name}, nil for a name that is none.
function R.regex_property(name)
  local class = properties[name]
  if class then return class end
  local block = blocks[name]
  if block then
    local low, high = block[1], block[2]
    class = function(c) return c >= low and c <= high end
  else
    local known = #name == 1 and name:find("[LMNPSZC]") ~= nil
    for _, full in pairs(names) do known = known or full == name end
    if not known then return nil end
    class = of_categories(name)
  end
  properties[name] = class
  return class
end

local function in_ranges(ranges, c)
  for i = 1, #ranges do
    local range = ranges[i]
    if c >= range[1] and c <= range[2] then return true end
  end
  return false
end

local function in_classes(classes, c)
  for i = 1, #classes do
    if classes[i].class(c) ~= (classes[i].negated or false) then return true end
  end
  return false
end

-- Case is ignored in ranges; a category is what it is.
local function contains(set, c)
  local ranges = set.ranges
  local inside = in_ranges(ranges, c) or in_classes(set.classes, c)
  if set.fold and not inside then
    inside = in_ranges(ranges, R.lower_unit(c)) or in_ranges(ranges, R.upper_unit(c))
  end
  if set.negated then inside = not inside end
  return inside and not (set.minus and contains(set.minus, c))
end

-- A function of a unit for the parsed set; ASCII is looked up.
function R.regex_set_test(set)
  local low = {}
  for c = 0, 127 do low[c] = contains(set, c) end
  return { low = low, test = function(c) return contains(set, c) end }
end
