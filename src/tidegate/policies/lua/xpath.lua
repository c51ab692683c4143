-- XPath 1.0 over the trees of xml.lua: SelectNodes, SelectSingleNode, XPathSelectElement and their like. An expression
-- becomes functions of (node, position, size), and is remembered. The axes `following` and `preceding` are refused.

local find, sub, match = string.find, string.sub, string.match
local floor = math.floor
local parts = R.xpath_parts
local to_number, to_boolean, compared, axes, backwards = parts.to_number, parts.to_boolean, parts.compared, parts.axes,
  parts.backwards
local functions, is_nodes, bad = parts.functions, parts.is_nodes, parts.bad

local MAX_TEXT, MAX_DEPTH = 4096, 64
local compiled = R.bounded(128)

-- -- reading

local SIGNS = { "!=", "<=", ">=", "//", "::", "..", "/", "[", "]", "(", ")", "@", ",", "|", "+", "-", "=", "<", ">",
  "*", ".", "$", ":" }
local NAME = "^[%a_\128-\255][%w_%.%-\128-\255]*"

local function next_token(s)
  s.at = find(s.text, "[^ \t\r\n]", s.at) or #s.text + 1
  s.kind, s.value = nil, nil
  if s.at > #s.text then
    s.kind = "end"
    return
  end
  local quote = match(s.text, "^[\"']", s.at)
  local taken
  if quote then
    local stop = find(s.text, quote, s.at + 1, true)
    if not stop then bad(s, "This is an unclosed string.") end
    s.kind, s.value, taken = "text", sub(s.text, s.at + 1, stop - 1), stop + 1 - s.at
  else
    local digits = match(s.text, "^%d+%.?%d*", s.at) or match(s.text, "^%.%d+", s.at)
    local name = not digits and match(s.text, NAME, s.at)
    if digits then
      s.kind, s.value, taken = "number", tonumber(digits), #digits
    elseif name then
      s.kind, s.value, taken = "name", name, #name
    else
      for _, sign in ipairs(SIGNS) do
        if sub(s.text, s.at, s.at + #sign - 1) == sign then
          s.kind, s.value, taken = "sign", sign, #sign
          break
        end
      end
      if not taken then bad(s) end
    end
  end
  s.from = s.at
  s.at = s.at + taken
end

local function is(s, value)
  return s.kind == "sign" and s.value == value
end

local function take(s, value)
  if not is(s, value) then return false end
  next_token(s)
  return true
end

local function need(s, value)
  if not take(s, value) then bad(s) end
end

local expression

local function node_test(s, axis)
  -- A function: whether a node passes.
  local principal = axis == "attribute" and "attribute" or "element"
  if take(s, "*") then
    return function(node) return node.kind == principal end
  end
  if s.kind ~= "name" then bad(s) end
  local name = s.value
  next_token(s)
  if is(s, "(") then
    if name ~= "node" and name ~= "text" and name ~= "comment" and name ~= "processing-instruction" then bad(s) end
    next_token(s)
    if name == "processing-instruction" and s.kind == "text" then next_token(s) end
    need(s, ")")
    if name == "node" then return function() return true end end
    if name == "text" then return function(node) return node.kind == "text" or node.kind == "cdata" end end
    local kind = name == "comment" and "comment" or "pi"
    return function(node) return node.kind == kind end
  end
  local ns = ""
  if is(s, ":") then
    ns = s.namespaces and s.namespaces[name] or name == "xml" and R.XML_NAMESPACE or nil
    if not ns then
      R.throw("Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function.",
        "XPathException")
    end
    next_token(s)
    if take(s, "*") then
      return function(node) return node.kind == principal and node.ns == ns end
    end
    if s.kind ~= "name" then bad(s) end
    name = s.value
    next_token(s)
  end
  return function(node) return node.kind == principal and node.name == name and node.ns == ns end
end

local function filtered(list, predicates)
  for _, predicate in ipairs(predicates) do
    local kept = { n = 0, nodes = true }
    for i = 1, list.n do
      R.tick(1)
      local value = predicate(list[i], i, list.n)
      if type(value) == "number" then value = value == i else value = to_boolean(value) end
      if value then
        kept.n = kept.n + 1
        kept[kept.n] = list[i]
      end
    end
    list = kept
  end
  return list
end

local function read_predicates(s)
  local predicates = {}
  while take(s, "[") do
    predicates[#predicates + 1] = expression(s)
    need(s, "]")
  end
  return predicates
end

-- A step: (nodes) -> nodes.
local function step(s)
  if take(s, ".") then
    return function(nodes) return nodes end
  end
  local axis = "child"
  if take(s, "..") then
    return function(nodes)
      local list, seen = { n = 0, nodes = true }, {}
      for i = 1, nodes.n do
        local parent = nodes[i].parent
        if parent and not seen[parent] then
          seen[parent], list.n = true, list.n + 1
          list[list.n] = parent
        end
      end
      return list
    end
  end
  if take(s, "@") then
    axis = "attribute"
  elseif s.kind == "name" and find(s.text, "^[ \t\r\n]*::", s.at) then
    axis = s.value
    if not axes[axis] then bad(s, "The axis '" .. axis .. "' is not supported.") end
    next_token(s)
    next_token(s)
  end
  local walk, test = axes[axis], node_test(s, axis)
  local predicates = read_predicates(s)
  return function(nodes)
    local list, seen = { n = 0, nodes = true }, nodes.n > 1 and {} or nil
    for i = 1, nodes.n do
      local own = { n = 0 }
      R.tick(1)
      walk(nodes[i], function(node)
        if test(node) then
          own.n = own.n + 1
          own[own.n] = node
        end
      end)
      own = filtered(own, predicates)
      if backwards[axis] then
        for j = 1, floor(own.n / 2) do own[j], own[own.n - j + 1] = own[own.n - j + 1], own[j] end
      end
      for j = 1, own.n do
        if not seen or not seen[own[j]] then
          if seen then seen[own[j]] = true end
          list.n = list.n + 1
          list[list.n] = own[j]
        end
      end
    end
    return list
  end
end

local any_descendant = function(nodes)
  local list, seen = { n = 0, nodes = true }, {}
  for i = 1, nodes.n do
    axes["descendant-or-self"](nodes[i], function(node)
      if not seen[node] then
        seen[node], list.n = true, list.n + 1
        list[list.n] = node
      end
    end)
  end
  return list
end

local function steps(s, list)
  list[#list + 1] = step(s)
  while is(s, "/") or is(s, "//") do
    if s.value == "//" then list[#list + 1] = any_descendant end
    next_token(s)
    list[#list + 1] = step(s)
  end
  return list
end

local function along(list, nodes)
  for i = 1, #list do nodes = list[i](nodes) end
  return nodes
end

local function begins_step(s)
  return s.kind == "name" or is(s, "*") or is(s, "@") or is(s, ".") or is(s, "..")
end

local function call(s)
  local name = s.value
  local known = functions[name]
  if not known then bad(s, "The function '" .. name .. "' is not supported.") end
  next_token(s)
  need(s, "(")
  local list = {}
  if not is(s, ")") then
    repeat list[#list + 1] = expression(s) until not take(s, ",")
  end
  need(s, ")")
  if #list < known[1] or #list > known[2] then bad(s, "Function '" .. name .. "' has an invalid number of arguments.") end
  local run = known[3]
  return function(node, position, size)
    local arguments = { n = #list }
    for i = 1, #list do arguments[i] = list[i](node, position, size) end
    return run(arguments, node, position, size)
  end
end

local node_types = { node = true, text = true, comment = true, ["processing-instruction"] = true }

local function primary(s)
  if s.kind == "text" or s.kind == "number" then
    local value = s.value
    next_token(s)
    return function() return value end
  end
  if take(s, "(") then
    local inner = expression(s)
    need(s, ")")
    return inner
  end
  if s.kind == "name" and find(s.text, "^[ \t\r\n]*%(", s.at) and not node_types[s.value] then return call(s) end
  return nil
end

local function path(s)
  local first = primary(s)
  if first then
    local predicates = read_predicates(s)
    local rest = {}
    if is(s, "/") or is(s, "//") then
      if s.value == "//" then rest[1] = any_descendant end
      next_token(s)
      steps(s, rest)
    end
    if #predicates == 0 and #rest == 0 then return first end
    return function(node, position, size)
      local value = first(node, position, size)
      if not is_nodes(value) then bad(s, "Expression must evaluate to a node-set.") end
      return along(rest, filtered(value, predicates))
    end
  end
  local list, rooted = {}, false
  if is(s, "/") or is(s, "//") then
    rooted = true
    if s.value == "//" then list[1] = any_descendant end
    local double = s.value == "//"
    next_token(s)
    if double or begins_step(s) then steps(s, list) end
  else
    if not begins_step(s) then bad(s) end
    steps(s, list)
  end
  return function(node)
    if rooted then
      while node.parent do node = node.parent end
    end
    return along(list, { n = 1, nodes = true, node })
  end
end

local function union(s)
  local first = path(s)
  while take(s, "|") do
    local left, right = first, path(s)
    first = function(node, position, size)
      local a, b = left(node, position, size), right(node, position, size)
      local list, seen = { n = 0, nodes = true }, {}
      for _, nodes in ipairs({ a, b }) do
        for i = 1, nodes.n do
          if not seen[nodes[i]] then
            seen[nodes[i]], list.n = true, list.n + 1
            list[list.n] = nodes[i]
          end
        end
      end
      return list
    end
  end
  return first
end

local function unary(s)
  if take(s, "-") then
    local inner = unary(s)
    return function(...) return -to_number(inner(...)) end
  end
  return union(s)
end

-- Binary operators, the loosest first. Each list: what the token is, and what it does.
local levels = {
  { ["or"] = function(a, b) return function(...) return to_boolean(a(...)) or to_boolean(b(...)) end end },
  { ["and"] = function(a, b) return function(...) return to_boolean(a(...)) and to_boolean(b(...)) end end },
  {}, {},
  {
    ["+"] = function(a, b) return function(...) return to_number(a(...)) + to_number(b(...)) end end,
    ["-"] = function(a, b) return function(...) return to_number(a(...)) - to_number(b(...)) end end,
  },
  {
    ["*"] = function(a, b) return function(...) return to_number(a(...)) * to_number(b(...)) end end,
    ["div"] = function(a, b) return function(...) return to_number(a(...)) / to_number(b(...)) end end,
    ["mod"] = function(a, b) return function(...) return math.fmod(to_number(a(...)), to_number(b(...))) end end,
  },
}
for level, signs in pairs({ [3] = { "=", "!=" }, [4] = { "<", ">", "<=", ">=" } }) do
  for _, sign in ipairs(signs) do
    levels[level][sign] = function(a, b) return function(...) return compared(sign, a(...), b(...)) end end
  end
end

local function binary(s, level)
  if level > #levels then return unary(s) end
  local left = binary(s, level + 1)
  while (s.kind == "sign" or s.kind == "name") and levels[level][s.value] do
    local make = levels[level][s.value]
    next_token(s)
    left = make(left, binary(s, level + 1))
  end
  return left
end

function expression(s)
  s.depth = s.depth + 1
  if s.depth > MAX_DEPTH then bad(s, "is nested too deep.") end
  local made = binary(s, 1)
  s.depth = s.depth - 1
  return made
end

-- The value of an expression at a node. `namespaces`: by prefix, a table that is not changed afterwards, or nil.
function R.xpath(node, text, namespaces)
  R.argument(text, "xpath")
  if #text > MAX_TEXT then R.throw("The XPath expression is longer than " .. MAX_TEXT .. " characters.") end
  local made = not namespaces and compiled.get(text)
  if not made then
    local s = { text = text, at = 1, depth = 0, namespaces = namespaces }
    next_token(s)
    made = expression(s)
    if s.kind ~= "end" then bad(s) end
    if not namespaces then compiled.put(text, made) end
  end
  return made(node, 1, 1)
end

function R.xpath_nodes(node, text, namespaces)
  local value = R.xpath(node, text, namespaces)
  if not is_nodes(value) then
    R.throw("Expression must evaluate to a node-set.", "XPathException")
  end
  return value
end
