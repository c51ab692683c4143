-- Patterns of .NET's regular expressions, first part: characters, escapes and sets. regex_parse.lua has the rest.
--
-- Source: "Regular Expression Language - Quick Reference" and its pages in the .NET reference. What is not translated
-- is refused, never read as something else: RightToLeft, ECMAScript, NonBacktracking, balancing groups and conditional
-- expressions. expressions/patterns.py refuses the same in patterns that stand in a policy, when it is compiled.
--
-- A pattern is a list of UTF-16 units.

local byte, char, match, format = string.byte, string.char, string.match, string.format

local MAX_DEPTH, MAX_COUNT = 60, 2147483647

local function is_digit(c) return c ~= nil and c >= 48 and c <= 57 end
local function is_word(c)
  return c ~= nil and R.regex_is_word(c)
end

local Parser = {}
Parser.__index = Parser
R.regex_parser = Parser

function Parser:fail(reason)
  R.throw(format("Invalid pattern '%s' at offset %d. %s", self.text, self.at - 1, reason), "RegexParseException")
end

function Parser:refuse(what)
  R.throw(format("Regular expressions with %s are not supported here: '%s'.", what, self.text), "NotSupportedException")
end

function Parser:peek(offset)
  return self.units[self.at + (offset or 0)]
end

function Parser:take(letter)
  if self.units[self.at] == byte(letter) then
    self.at = self.at + 1
    return true
  end
  return false
end

-- Whether this text comes next.
function Parser:looking_at(text)
  for i = 1, #text do
    if self.units[self.at + i - 1] ~= byte(text, i) then return false end
  end
  return true
end

function Parser:number()
  local value
  while is_digit(self:peek()) do
    value = (value or 0) * 10 + self:peek() - 48
    if value > MAX_COUNT then
      self:fail("Capture group numbers must be less than or equal to Int32.MaxValue.")
    end
    self.at = self.at + 1
  end
  return value
end

function Parser:hexadecimal(count)
  local value = 0
  for _ = 1, count do
    local c = self:peek()
    local digit = c and c < 128 and tonumber(char(c), 16)
    if not digit then self:fail("Insufficient or invalid hexadecimal digits.") end
    value = value * 16 + digit
    self.at = self.at + 1
  end
  return value
end

-- A name of a group up to `stop`; a string or a number.
function Parser:name(stop)
  local from = self.at
  local number = is_digit(self:peek()) and self:number()
  if not number then
    while is_word(self:peek()) do self.at = self.at + 1 end
  end
  if self.at == from then self:fail("Invalid group name: Group names must begin with a word character.") end
  local name = number or R.regex_units_text(self.units, from, self.at - 1)
  if self:peek() == 45 then self:refuse("balancing groups") end -- (?<a-b>...)
  if not self:take(stop) then self:fail("Invalid group name: Group names must begin with a word character.") end
  return name
end

-- -- characters

local simple = {
  [97] = 7, [98] = 8, [101] = 27, [102] = 12, [110] = 10, [114] = 13, [116] = 9, [118] = 11, -- a b e f n r t v
}

-- \p{name}
function Parser:property()
  if not self:take("{") then self:fail("Incomplete \\p{X} character escape.") end
  local from = self.at
  while self:peek() and self:peek() ~= 125 do self.at = self.at + 1 end
  local name = R.regex_units_text(self.units, from, self.at - 1)
  if not self:take("}") then self:fail("Incomplete \\p{X} character escape.") end
  local property = R.regex_property(name)
  if not property then self:fail(format("Unknown property '%s'.", name)) end
  return property
end

-- The class of \d \w \s \p and their opposites, or nil. `self.at` is behind the backslash.
function Parser:class_escape()
  local c = self:peek()
  local letter = c and c < 128 and char(c)
  if letter and match(letter, "[dDwWsS]") then
    self.at = self.at + 1
    return R.regex_class(letter)
  end
  if letter == "p" or letter == "P" then
    self.at = self.at + 1
    return self:property(), letter == "P"
  end
end

-- The unit of an escape that stands for one. `self.at` is behind the backslash.
function Parser:char_escape()
  local c = self:peek()
  if not c then self:fail("Illegal \\ at end of pattern.") end
  if c >= 48 and c <= 55 then
    -- Octal: up to three digits, eight bits.
    local value = 0
    for _ = 1, 3 do
      local digit = self:peek()
      if not digit or digit < 48 or digit > 55 then break end
      value = value * 8 + digit - 48
      self.at = self.at + 1
    end
    return value % 256
  end
  self.at = self.at + 1
  if c == 120 then return self:hexadecimal(2) end
  if c == 117 then return self:hexadecimal(4) end
  if c == 99 then
    local control = self:peek()
    if not control then self:fail("Missing control character.") end
    if control >= 97 and control <= 122 then control = control - 32 end
    if control < 64 or control > 95 then self:fail("Unrecognized control character.") end
    self.at = self.at + 1
    return control - 64
  end
  if simple[c] then return simple[c] end
  if is_word(c) then
    self.at = self.at - 1
    self:fail(format("Unrecognized escape sequence \\%s.", R.regex_units_text({ c }, 1, 1)))
  end
  return c
end

-- [...], behind the opening bracket.
function Parser:set()
  local set = { ranges = {}, classes = {}, fold = self.i }
  set.negated = self:take("^")
  local first = true
  while true do
    local c = self:peek()
    if not c then self:fail("Unterminated [] set.") end
    self.at = self.at + 1
    if c == 93 and not first then return set end
    local class, negated, low
    if c == 45 and self:peek() == 91 and not first then
      self.at = self.at + 1
      self.depth = self.depth + 1
      if self.depth > MAX_DEPTH then self:refuse("sets nested so deep") end
      set.minus = self:set()
      self.depth = self.depth - 1
      if self:peek() ~= 93 then self:fail("A subtraction must be the last element in a character class.") end
      self.at = self.at + 1
      return set
    end
    if c == 92 then
      class, negated = self:class_escape()
      if not class then low = self:char_escape() end
    else
      low = c
    end
    first = false
    if class then
      set.classes[#set.classes + 1] = { class = class, negated = negated }
      if self:peek() == 45 and self:peek(1) and self:peek(1) ~= 93 and self:peek(1) ~= 91 then
        self:fail("Cannot include class in character range.")
      end
    elseif self:peek() == 45 and self:peek(1) and self:peek(1) ~= 93 and self:peek(1) ~= 91 then
      self.at = self.at + 1
      local high = self:peek()
      self.at = self.at + 1
      if high == 92 then
        if self:class_escape() then self:fail("Cannot include class in character range.") end
        high = self:char_escape()
      end
      if high < low then self:fail("[x-y] range in reverse order.") end
      set.ranges[#set.ranges + 1] = { low, high }
    else
      set.ranges[#set.ranges + 1] = { low, low }
    end
  end
end
