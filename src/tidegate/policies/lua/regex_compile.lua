-- The tree of a regular expression to a program for regex_match.lua.
--
-- A program is {op, a, b, dir, ...}: parallel lists of operations and their operands, and the direction in which it
-- reads, since lookbehind reads from right to left, as .NET does. Positions of operations are numbers in these lists.

local CHAR, FOLDED, SET, ANY, ALL, SPLIT, JUMP, GREEDY, LAZY = 1, 2, 3, 4, 5, 6, 7, 8, 9
local OPEN, CLOSE, ASSERT, BACK, LOOK, ATOMIC, INIT, LOOP, MATCH = 10, 11, 12, 13, 14, 15, 16, 17, 18
R.regex_ops = {
  CHAR = CHAR, FOLDED = FOLDED, SET = SET, ANY = ANY, ALL = ALL, SPLIT = SPLIT, JUMP = JUMP, GREEDY = GREEDY,
  LAZY = LAZY, OPEN = OPEN, CLOSE = CLOSE, ASSERT = ASSERT, BACK = BACK, LOOK = LOOK, ATOMIC = ATOMIC, INIT = INIT,
  LOOP = LOOP, MATCH = MATCH,
}

local MAX_SIZE = 20000

local Writer = {}
Writer.__index = Writer

function Writer:emit(op, a, b)
  local n = self.n + 1
  if n > MAX_SIZE then R.throw("A regular expression is too large.", "NotSupportedException") end
  self.n = n
  self.op[n], self.a[n], self.b[n] = op, a or false, b or false
  return n
end

-- A program of its own for what runs inside another: lookaround, atomic groups.
local function program(node, shared, dir)
  local writer = setmetatable({ n = 0, op = {}, a = {}, b = {}, dir = dir, shared = shared }, Writer)
  writer:compile(node)
  writer:emit(MATCH)
  return writer
end

-- The operation and operand of a node that takes one unit; nil for others.
local function single(node)
  local kind = node.kind
  if kind == "char" then
    local lower = node.fold and R.lower_unit(node.unit)
    if node.fold and (lower ~= node.unit or R.upper_unit(node.unit) ~= node.unit) then return FOLDED, lower end
    return CHAR, node.unit
  end
  if kind == "set" then
    local set = node.set
    node.compiled = node.compiled or R.regex_set_test(set)
    return SET, node.compiled
  end
  if kind == "any" then return ANY, false end
  if kind == "all" then return ALL, false end
  if (kind == "cat" or kind == "alt") and #node == 1 then return single(node[1]) end
end

function Writer:loop(node)
  local op, operand = single(node.body)
  if op then
    if node.low == 1 and node.high == 1 then
      self:emit(op, operand)
      return
    end
    self:emit(node.lazy and LAZY or GREEDY, { op = op, operand = operand, low = node.low, high = node.high })
    return
  end
  if node.high == 0 then return end
  if node.low == 0 and node.high == 1 then
    local split = self:emit(SPLIT)
    self:compile(node.body)
    local behind = self.n + 1
    self.a[split], self.b[split] = split + 1, behind
    if node.lazy then self.a[split], self.b[split] = behind, split + 1 end
    return
  end
  local register = self.shared.loops + 1
  self.shared.loops = register
  self:emit(INIT, register)
  local loop = { register = register, low = node.low, high = node.high, lazy = node.lazy or false }
  local at = self:emit(LOOP, loop)
  loop.body = at + 1
  self:compile(node.body)
  self:emit(JUMP, at)
  loop.exit = self.n + 1
end

function Writer:alternatives(node)
  local jumps = {}
  for i = 1, #node - 1 do
    local split = self:emit(SPLIT)
    self:compile(node[i])
    jumps[i] = self:emit(JUMP)
    self.a[split], self.b[split] = split + 1, self.n + 1
  end
  self:compile(node[#node])
  for i = 1, #jumps do self.a[jumps[i]] = self.n + 1 end
end

function Writer:compile(node)
  local kind = node.kind
  local op, operand = single(node)
  if op then
    self:emit(op, operand)
  elseif kind == "cat" then
    local from, to, step = 1, #node, 1
    if self.dir < 0 then from, to, step = #node, 1, -1 end
    for i = from, to, step do self:compile(node[i]) end
  elseif kind == "alt" then
    self:alternatives(node)
  elseif kind == "loop" then
    self:loop(node)
  elseif kind == "group" then
    self:emit(OPEN, node.number)
    self:compile(node.body)
    self:emit(CLOSE, node.number)
  elseif kind == "assert" then
    self:emit(ASSERT, node.what)
  elseif kind == "back" then
    self:emit(BACK, node.group, node.fold)
  elseif kind == "look" then
    self:emit(LOOK, program(node.body, self.shared, node.behind and -1 or 1), node.negated)
  else
    self:emit(ATOMIC, program(node.body, self.shared, self.dir))
  end
end

-- What every match begins with, where that is known: a unit, or a test of one; saves starting in vain.
local function first_of(node)
  while node.kind == "cat" or node.kind == "group" or node.kind == "atomic" do
    if node.kind == "cat" then
      if not node[1] then return nil end
      node = node[1]
    else
      node = node.body
    end
  end
  if node.kind == "loop" then
    if node.low == 0 then return nil end
    return first_of(node.body)
  end
  local op, operand = single(node)
  if op == CHAR then return operand end
  if op == SET then return nil, operand end
end

-- Whether a match can only begin where the text does.
local function is_anchored(node)
  while node.kind == "cat" or node.kind == "group" do
    node = node.kind == "cat" and node[1] or node.body
    if not node then return false end
  end
  return node.kind == "assert" and node.what == "start"
end

local compiled = R.bounded(256)

-- The regular expression, from the worker's cache if it was met before.
function R.regex_program(pattern, options)
  local key = options .. ":" .. pattern
  local regex = compiled.get(key)
  if regex then return regex end
  local tree, names, order = R.regex_parse(pattern, options)
  local shared = { loops = 0 }
  local main = program(tree, shared, 1)
  local unit, set = first_of(tree)
  regex = {
    program = main,
    names = names,
    order = order,
    loops = shared.loops,
    first_unit = unit,
    first_set = set,
    anchored = is_anchored(tree),
  }
  regex.labels = {}
  for name, number in pairs(names) do regex.labels[number] = name end
  compiled.put(key, regex)
  return regex
end
