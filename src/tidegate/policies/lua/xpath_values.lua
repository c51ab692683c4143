-- XPath 1.0: values, comparisons, axes and functions. Node-sets are {n = count, nodes = true, ...} in document order,
-- other values Lua's own.

local find, sub, match = string.find, string.sub, string.match
local floor = math.floor

local function bad(s, what)
  R.throw("'" .. s.text .. "' " .. (what or "has an invalid token."), "XPathException")
end

-- -- values

local function is_nodes(value)
  return type(value) == "table"
end

local function to_string(value)
  if is_nodes(value) then return value.n > 0 and R.xml_value(value[1]) or "" end
  if type(value) == "boolean" then return value and "true" or "false" end
  if type(value) == "string" then return value end
  if value ~= value then return "NaN" end
  if value == math.huge then return "Infinity" end
  if value == -math.huge then return "-Infinity" end
  if value == floor(value) and math.abs(value) < 1e15 then return string.format("%d", value) end
  return R.num_text(value, "double")
end

local function to_number(value)
  if type(value) == "number" then return value end
  if type(value) == "boolean" then return value and 1 or 0 end
  local text = to_string(value)
  if #text > 400 then return 0 / 0 end
  text = match(text, "^[ \t\r\n]*(.-)[ \t\r\n]*$")
  if find(text, "^-?%d+%.?%d*$") or find(text, "^-?%.%d+$") then return tonumber(text) end
  return 0 / 0
end

local function to_boolean(value)
  if is_nodes(value) then return value.n > 0 end
  if type(value) == "number" then return value ~= 0 and value == value end
  if type(value) == "string" then return value ~= "" end
  return value
end

local function holds(sign, a, b)
  if sign == "=" then return a == b end
  if sign == "!=" then return a ~= b end
  if sign == "<" then return a < b end
  if sign == ">" then return a > b end
  if sign == "<=" then return a <= b end
  return a >= b
end

local function compared(sign, a, b)
  if is_nodes(a) and is_nodes(b) then
    R.tick(a.n * b.n)
    for i = 1, a.n do
      for j = 1, b.n do
        local x, y = R.xml_value(a[i]), R.xml_value(b[j])
        if sign ~= "=" and sign ~= "!=" then x, y = to_number(x), to_number(y) end
        if holds(sign, x, y) then return true end
      end
    end
    return false
  end
  if is_nodes(a) or is_nodes(b) then
    local nodes, other = is_nodes(a) and a or b, is_nodes(a) and b or a
    if type(other) == "boolean" then return holds(sign, to_boolean(a), to_boolean(b)) end
    R.tick(nodes.n)
    for i = 1, nodes.n do
      local x, y = R.xml_value(nodes[i]), other
      if type(other) == "number" or (sign ~= "=" and sign ~= "!=") then x, y = to_number(x), to_number(other) end
      if is_nodes(b) then x, y = y, x end
      if holds(sign, x, y) then return true end
    end
    return false
  end
  if sign == "=" or sign == "!=" then
    if type(a) == "boolean" or type(b) == "boolean" then return holds(sign, to_boolean(a), to_boolean(b)) end
    if type(a) == "number" or type(b) == "number" then return holds(sign, to_number(a), to_number(b)) end
    return holds(sign, to_string(a), to_string(b))
  end
  return holds(sign, to_number(a), to_number(b))
end

-- -- axes: (node, put)

local function descend(node, put)
  R.tick(1 + node.n)
  for i = 1, node.n do
    put(node[i])
    descend(node[i], put)
  end
end

local function beside(node, put, step)
  local parent = node.parent
  if not parent or node.kind == "attribute" then return end
  for i = R.json_index_of(parent, node) + step, step > 0 and parent.n or 1, step do put(parent[i]) end
end

local axes = {
  child = function(node, put) for i = 1, node.n do put(node[i]) end end,
  descendant = descend,
  ["descendant-or-self"] = function(node, put) put(node) descend(node, put) end,
  self = function(node, put) put(node) end,
  parent = function(node, put) if node.parent then put(node.parent) end end,
  ancestor = function(node, put)
    while node.parent do
      node = node.parent
      put(node)
    end
  end,
  ["ancestor-or-self"] = function(node, put)
    while node do
      put(node)
      node = node.parent
    end
  end,
  attribute = function(node, put)
    local attributes = node.attributes
    for i = 1, attributes and attributes.n or 0 do
      if attributes[i].ns ~= R.XMLNS_NAMESPACE then put(attributes[i]) end
    end
  end,
  ["following-sibling"] = function(node, put) beside(node, put, 1) end,
  ["preceding-sibling"] = function(node, put) beside(node, put, -1) end,
}
local backwards = { ancestor = true, ["ancestor-or-self"] = true, ["preceding-sibling"] = true }

-- -- functions: (arguments, node, position, size)

local function text_argument(arguments, node)
  if arguments[1] == nil then return R.xml_value(node) end
  return to_string(arguments[1])
end

local function named(arguments, node)
  if arguments[1] == nil then return node end
  return is_nodes(arguments[1]) and arguments[1][1] or nil
end

local functions = {
  last = { 0, 0, function(_, _, _, size) return size end },
  position = { 0, 0, function(_, _, position) return position end },
  count = { 1, 1, function(a) return is_nodes(a[1]) and a[1].n or 0 end },
  ["local-name"] = { 0, 1, function(a, node)
    local own = named(a, node)
    return own and own.name or ""
  end },
  name = { 0, 1, function(a, node)
    local own = named(a, node)
    return own and own.name and R.xml_qualified(own.prefix or "", own.name) or ""
  end },
  ["namespace-uri"] = { 0, 1, function(a, node)
    local own = named(a, node)
    return own and own.ns or ""
  end },
  string = { 0, 1, text_argument },
  concat = { 2, 64, function(a)
    local parts = {}
    for i = 1, a.n do parts[i] = to_string(a[i]) end
    return table.concat(parts)
  end },
  ["starts-with"] = { 2, 2, function(a)
    local part = to_string(a[2])
    return sub(to_string(a[1]), 1, #part) == part
  end },
  contains = { 2, 2, function(a) return find(to_string(a[1]), to_string(a[2]), 1, true) ~= nil end },
  ["substring-before"] = { 2, 2, function(a)
    local at = find(to_string(a[1]), to_string(a[2]), 1, true)
    return at and sub(to_string(a[1]), 1, at - 1) or ""
  end },
  ["substring-after"] = { 2, 2, function(a)
    local _, at = find(to_string(a[1]), to_string(a[2]), 1, true)
    return at and sub(to_string(a[1]), at + 1) or ""
  end },
  substring = { 2, 3, function(a)
    local text, start = to_string(a[1]), R.double_round(to_number(a[2]))
    local stop = a[3] == nil and math.huge or start + R.double_round(to_number(a[3]))
    local size = R.length(text)
    start, stop = math.max(1, start), math.min(size + 1, stop)
    if not (start < stop) then return "" end
    return R.substring(text, start - 1, stop - start)
  end },
  ["string-length"] = { 0, 1, function(a, node) return R.length(text_argument(a, node)) end },
  ["normalize-space"] = { 0, 1, function(a, node)
    local text = string.gsub(text_argument(a, node), "[ \t\r\n]+", " ")
    return match(text, "^ ?(.*[^ ])") or ""
  end },
  translate = { 3, 3, function(a)
    local from, to, map, n = to_string(a[2]), {}, {}, 0
    for sign in string.gmatch(to_string(a[3]), "[%z\1-\127\194-\244][\128-\191]*") do to[#to + 1] = sign end
    for sign in string.gmatch(from, "[%z\1-\127\194-\244][\128-\191]*") do
      n = n + 1
      if map[sign] == nil then map[sign] = to[n] or "" end
    end
    return (string.gsub(to_string(a[1]), "[%z\1-\127\194-\244][\128-\191]*", map))
  end },
  boolean = { 1, 1, function(a) return to_boolean(a[1]) end },
  ["not"] = { 1, 1, function(a) return not to_boolean(a[1]) end },
  ["true"] = { 0, 0, function() return true end },
  ["false"] = { 0, 0, function() return false end },
  number = { 0, 1, function(a, node) return to_number(text_argument(a, node)) end },
  sum = { 1, 1, function(a)
    local total = 0
    for i = 1, is_nodes(a[1]) and a[1].n or 0 do total = total + to_number(R.xml_value(a[1][i])) end
    return total
  end },
  floor = { 1, 1, function(a) return floor(to_number(a[1])) end },
  ceiling = { 1, 1, function(a) return math.ceil(to_number(a[1])) end },
  round = { 1, 1, function(a) return floor(to_number(a[1]) + 0.5) end },
}

R.xpath_parts = { to_number = to_number, to_boolean = to_boolean, compared = compared, axes = axes, backwards = backwards,
  functions = functions, is_nodes = is_nodes, bad = bad }
