-- Patterns of .NET's regular expressions: text to a tree.
--
-- Nodes: char, set, any, all, cat, alt, group, atomic, look, loop, assert, back.

local format = string.format

local MAX_PATTERN, MAX_DEPTH, MAX_COUNT = 10000, 60, 2147483647

local Parser = R.regex_parser

local flags = { [105] = "i", [109] = "m", [110] = "n", [115] = "s", [120] = "x" }

-- -- what is not a character

function Parser:backreference(name)
  if not self.final then return { kind = "cat" } end
  local number = type(name) == "number" and self.numbers[name] and name or self.names[name]
  if not number then
    self:fail(format("Reference to undefined group %s %s.", type(name) == "number" and "number" or "name", name))
  end
  return { kind = "back", group = number, fold = self.i }
end

local asserts = { [65] = "start", [66] = "inside", [71] = "here", [90] = "near end", [98] = "boundary", [122] = "end" }

-- Behind a backslash.
function Parser:escape()
  local c = self:peek()
  if not c then self:fail("Illegal \\ at end of pattern.") end
  if asserts[c] then
    self.at = self.at + 1
    return { kind = "assert", what = asserts[c] }
  end
  local class, negated = self:class_escape()
  if class then
    return { kind = "set", set = { ranges = {}, classes = { { class = class, negated = negated } } } }
  end
  if c == 107 then
    self.at = self.at + 1
    local stop = self:take("<") and ">" or self:take("'") and "'"
    if not stop then self:fail("Malformed \\k<...> named back reference.") end
    return self:backreference(self:name(stop))
  end
  if c >= 49 and c <= 57 then
    local from = self.at
    local number = self:number()
    -- One digit is always a reference; more are one where there is such a group, and octal otherwise.
    if number <= 9 or not self.final or self.numbers[number] then return self:backreference(number) end
    self.at = from
    if c > 55 then self:fail(format("Reference to undefined group number %d.", number)) end
  end
  return { kind = "char", unit = self:char_escape(), fold = self.i }
end

-- Options behind "(?"; returns whether they hold for a group of their own.
function Parser:inline_options()
  local on = true
  while true do
    local c = self:peek()
    if c == 45 or c == 43 then
      on = c == 43
    elseif c and flags[c] then
      self[flags[c]] = on
    elseif c == 58 then
      self.at = self.at + 1
      return true
    elseif c == 41 then
      self.at = self.at + 1
      return false
    else
      self:fail("Unrecognized grouping construct.")
    end
    self.at = self.at + 1
  end
end

function Parser:capture(name)
  if type(name) == "number" then
    if name == 0 then self:fail("Capture number cannot be zero.") end
    self.explicit[name] = true
  elseif name and not self.name_order[name] then
    self.name_order[#self.name_order + 1] = name
    self.name_order[name] = true
  elseif not name then
    self.automatic = self.automatic + 1
    name = self.automatic
  end
  local body = self:alternatives()
  local number = type(name) == "number" and name or (self.final and self.names[name]) or 0
  return { kind = "group", number = number, body = body }
end

-- Behind the opening parenthesis; nil for what matches nothing by itself: options, comments.
function Parser:group()
  self.depth = self.depth + 1
  if self.depth > MAX_DEPTH then self:refuse("groups nested so deep") end
  local i, m, n, s, x = self.i, self.m, self.n, self.s, self.x
  local node
  if not self:take("?") then
    if self.n then node = self:alternatives() else node = self:capture() end
  elseif self:take(":") then
    node = self:alternatives()
  elseif self:take(">") then
    node = { kind = "atomic", body = self:alternatives() }
  elseif self:take("=") then
    node = { kind = "look", body = self:alternatives() }
  elseif self:take("!") then
    node = { kind = "look", negated = true, body = self:alternatives() }
  elseif self:looking_at("<=") or self:looking_at("<!") then
    local negated = self:peek(1) == 33
    self.at = self.at + 2
    node = { kind = "look", behind = true, negated = negated, body = self:alternatives() }
  elseif self:take("<") then
    if self:peek() == 45 then self:refuse("balancing groups") end
    node = self:capture(self:name(">"))
  elseif self:take("'") then
    if self:peek() == 45 then self:refuse("balancing groups") end
    node = self:capture(self:name("'"))
  elseif self:peek() == 40 then
    self:refuse("conditional expressions")
  elseif self:inline_options() then
    node = self:alternatives()
  else
    -- (?i) holds to the end of the group around it.
    self.depth = self.depth - 1
    return nil
  end
  if not self:take(")") then self:fail("Not enough )'s.") end
  self.depth = self.depth - 1
  self.i, self.m, self.n, self.s, self.x = i, m, n, s, x
  return node
end

-- White space and comments, where they mean nothing.
function Parser:skip_blank()
  while true do
    local c = self:peek()
    if self:looking_at("(?#") then
      while self:peek() and self:peek() ~= 41 do self.at = self.at + 1 end
      if not self:take(")") then self:fail("Unterminated (?#...) comment.") end
    elseif self.x and c and (c == 32 or (c >= 9 and c <= 13)) then
      self.at = self.at + 1
    elseif self.x and c == 35 then
      while self:peek() and self:peek() ~= 10 do self.at = self.at + 1 end
    else
      return
    end
  end
end

-- min and max of the quantifier that comes next; nil if there is none.
function Parser:quantifier()
  local c = self:peek()
  if c == 42 then self.at = self.at + 1 return 0, MAX_COUNT end
  if c == 43 then self.at = self.at + 1 return 1, MAX_COUNT end
  if c == 63 then self.at = self.at + 1 return 0, 1 end
  if c ~= 123 then return nil end
  local from = self.at
  self.at = from + 1
  local low = self:number()
  local high = low
  if low and self:take(",") then high = self:number() or MAX_COUNT end
  if not low or not self:take("}") then
    self.at = from
    return nil
  end
  if low > high then self:fail("Illegal {x,y} with x > y.") end
  return low, high
end

function Parser:quantified(node)
  self:skip_blank()
  local low, high = self:quantifier()
  if not low then return node end
  local lazy = self:take("?")
  self:skip_blank()
  local from = self.at
  if self:quantifier() then
    self.at = from
    self:fail(format("Nested quantifier '%s'.", R.regex_units_text(self.units, from, from)))
  end
  return { kind = "loop", body = node, low = low, high = high, lazy = lazy }
end

function Parser:atom()
  local c = self:peek()
  self.at = self.at + 1
  if c == 40 then return self:group() end
  if c == 91 then return { kind = "set", set = self:set() } end
  if c == 92 then return self:escape() end
  if c == 46 then return { kind = self.s and "all" or "any" } end
  if c == 94 then return { kind = "assert", what = self.m and "line start" or "start" } end
  if c == 36 then return { kind = "assert", what = self.m and "line end" or "near end" } end
  return { kind = "char", unit = c, fold = self.i }
end

function Parser:sequence()
  local nodes = { kind = "cat" }
  while true do
    self:skip_blank()
    local c = self:peek()
    if c == nil or c == 124 or c == 41 then return nodes end
    local from = self.at
    if self:quantifier() then
      self.at = from
      self:fail(format("Quantifier '%s' following nothing.", R.regex_units_text(self.units, from, from)))
    end
    local node = self:atom()
    if node then nodes[#nodes + 1] = self:quantified(node) end
  end
end

function Parser:alternatives()
  local first = self:sequence()
  if self:peek() ~= 124 then return first end
  local nodes = { kind = "alt", first }
  while self:take("|") do nodes[#nodes + 1] = self:sequence() end
  return nodes
end

local function has(options, flag)
  return math.floor(options / flag) % 2 == 1
end

function Parser:whole(options)
  self.at, self.depth, self.automatic = 1, 0, 0
  self.explicit, self.name_order = {}, {}
  self.i, self.m, self.n = has(options, 1), has(options, 2), has(options, 4)
  self.s, self.x = has(options, 16), has(options, 32)
  local tree = self:alternatives()
  if self:peek() then self:fail("Too many )'s.") end
  return tree
end

-- Numbers of groups: those without a name from the left, then those with one.
function Parser:assign_numbers()
  local numbers, names, order = { [0] = true }, {}, { 0 }
  for number = 1, self.automatic do numbers[number] = true end
  for number in pairs(self.explicit) do numbers[number] = true end
  local next_number = self.automatic + 1
  for _, name in ipairs(self.name_order) do
    while numbers[next_number] do next_number = next_number + 1 end
    names[name], numbers[next_number] = next_number, true
  end
  order = {}
  for number in pairs(numbers) do order[#order + 1] = number end
  table.sort(order)
  self.numbers, self.names, self.order = numbers, names, order
end

-- The tree of a pattern, its groups by name, and the numbers of all groups in order.
function R.regex_parse(text, options)
  if has(options, 64) then R.throw("RegexOptions.RightToLeft is not supported here.", "NotSupportedException") end
  if has(options, 256) then R.throw("RegexOptions.ECMAScript is not supported here.", "NotSupportedException") end
  if has(options, 1024) then R.throw("RegexOptions.NonBacktracking is not supported here.", "NotSupportedException") end
  local units = R.char_items(text)
  local parser = setmetatable({ text = text, units = units, final = false }, Parser)
  if units.n > MAX_PATTERN then R.throw("A pattern of a regular expression is too long.", "NotSupportedException") end
  R.tick(units.n * 4)
  -- Twice: which groups there are decides what a backslash with digits means.
  parser:whole(options)
  parser:assign_numbers()
  parser.final = true
  return parser:whole(options), parser.names, parser.order
end
