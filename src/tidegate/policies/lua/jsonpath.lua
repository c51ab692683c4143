-- JSONPath as Newtonsoft's JPath has it: the filters, each a function of the tokens so far, and comparisons of queries.

local match = string.match

local function fail(message)
  R.throw(message, "JsonException")
end
local JObject, JArray, JValue = R.JObject, R.JArray, R.JValue

-- -- filters: (root, tokens, wanted) -> tokens; `wanted` throws where a single step finds nothing.

local function each(apply)
  return function(root, current, wanted)
    local out, n = {}, 0
    local function put(token)
      n = n + 1
      out[n] = token
    end
    for i = 1, current.n do
      R.tick(1)
      apply(current[i], put, wanted, root)
    end
    out.n = n
    return out
  end
end

local function nothing(token, what)
  fail(what .. " not valid on " .. getmetatable(token).type .. ".")
end

local function field(name)
  return each(function(token, put, wanted)
    if getmetatable(token) ~= JObject then
      if wanted then nothing(token, "Property '" .. (name or "*") .. "'") end
    elseif name == nil then
      for i = 1, token.n do put(token[i][1]) end
    elseif token.map[name] then
      put(token.map[name][1])
    elseif wanted then
      fail("Property '" .. name .. "' does not exist on JObject.")
    end
  end)
end

local function fields(names)
  return each(function(token, put, wanted)
    if getmetatable(token) ~= JObject then
      if wanted then nothing(token, "Properties '" .. table.concat(names, "', '") .. "'") end
      return
    end
    for _, name in ipairs(names) do
      if token.map[name] then
        put(token.map[name][1])
      elseif wanted then
        fail("Property '" .. name .. "' does not exist on JObject.")
      end
    end
  end)
end

local function at_index(token, index, put, wanted)
  if getmetatable(token) ~= JArray then
    if wanted then fail("Index " .. index .. " not valid on " .. getmetatable(token).type .. ".") end
  elseif token[index + 1] then
    put(token[index + 1])
  elseif wanted then
    fail("Index " .. index .. " outside the bounds of JArray.")
  end
end

local function indexes(list)
  return each(function(token, put, wanted)
    for _, index in ipairs(list) do at_index(token, index, put, wanted) end
  end)
end

local every_item = each(function(token, put, wanted)
  if getmetatable(token) == JArray then
    for i = 1, token.n do put(token[i]) end
  elseif wanted then
    nothing(token, "Index *")
  end
end)

local function slice(first, last, step)
  if step == 0 then fail("Step cannot be zero.") end
  return each(function(token, put, wanted)
    if getmetatable(token) ~= JArray then
      if wanted then nothing(token, "Array slice is") end
      return
    end
    local count, by = token.n, step or 1
    local from = first or (by > 0 and 0 or count - 1)
    local to = last or (by > 0 and count or -1)
    if first and first < 0 then from = count + first end
    if last and last < 0 then to = count + last end
    from = math.max(from, by > 0 and 0 or -math.huge)
    from = math.min(from, by > 0 and count or count - 1)
    to = math.min(math.max(to, -1), count)
    local found = false
    for index = from, by > 0 and to - 1 or to + 1, by do
      if token[index + 1] then
        found = true
        put(token[index + 1])
      end
    end
    if wanted and not found then
      fail("Array slice of " .. (first or "*") .. " to " .. (last or "*") .. " returned no results.")
    end
  end)
end

local function walk(token, visit, depth)
  if depth > R.JSON_DEPTH then fail("The JSON is nested too deep.") end
  R.tick(1)
  for i = 1, token.n do
    visit(token[i])
    walk(token[i], visit, depth + 1)
  end
end

-- `..name`, `..*` (no name), `..['a', 'b']`.
local function scan(names)
  return each(function(token, put)
    if not names then put(token) end
    walk(token, function(below)
      local name = below.name
      if not names then
        if not name then put(below) end
      elseif name then
        for _, wanted in ipairs(names) do
          if wanted == name then put(below[1]) end
        end
      end
    end, 0)
  end)
end

local function query(matches)
  return each(function(token, put, _, root)
    for i = 1, token.n do
      if matches(root, token[i]) then put(token[i]) end
    end
  end)
end

local function scan_query(matches)
  return each(function(token, put, _, root)
    if matches(root, token) then put(token) end
    walk(token, function(below)
      if matches(root, below) then put(below) end
    end, 0)
  end)
end

local function run(filters, root, token, wanted)
  local current = { n = 1, token }
  for i = 1, #filters do current = filters[i](root, current, wanted) end
  return current
end

-- -- comparisons of a query

local function number_of(token)
  if token.kind == "Integer" then return tonumber(R.json_digits(token)) end
  if token.kind == "Float" then return type(token.value) == "number" and token.value or tonumber(R.text(token.value)) end
  return nil
end

local texts = { Date = true, Guid = true, Uri = true, TimeSpan = true, Bytes = true }

local function same(a, b, strict)
  local x, y = number_of(a), number_of(b)
  if x and y then return (not strict or a.kind == b.kind) and x == y end
  if a.kind == b.kind then return JValue.equals(a, b) end
  if strict or b.kind ~= "String" or not texts[a.kind] then return false end
  return (a.kind == "Date" and R.json_date_text(a.value) or R.json_shown(a)) == b.value
end

-- Below zero, zero, above; nil where the two have no order.
local function order(a, b)
  local x, y = number_of(a), number_of(b)
  if a.kind == "Null" or b.kind == "Null" then
    return (a.kind == "Null" and 0 or 1) - (b.kind == "Null" and 0 or 1)
  end
  if x and b.kind == "String" then y = nil end
  if a.kind == "String" and y then x = tonumber(a.value) end
  if x and y then return x < y and -1 or x > y and 1 or 0 end
  if a.kind == "Date" and b.kind == "Date" then return R.compare(a.value, b.value) end
  if a.kind == "Boolean" and b.kind == "Boolean" then
    return (a.value and 1 or 0) - (b.value and 1 or 0)
  end
  if a.kind ~= "String" and b.kind ~= "String" then return nil end
  local left, right = R.json_shown(a), R.json_shown(b)
  if a.kind == "Date" then left = R.json_date_text(a.value) end
  if b.kind == "Date" then right = R.json_date_text(b.value) end
  return left < right and -1 or left > right and 1 or 0
end

local compare = {
  ["=="] = function(a, b) return same(a, b) end,
  ["==="] = function(a, b) return same(a, b, true) end,
  ["!="] = function(a, b) return not same(a, b) end,
  ["!=="] = function(a, b) return not same(a, b, true) end,
  ["<"] = function(a, b) return (order(a, b) or 0) < 0 end,
  [">"] = function(a, b) return (order(a, b) or 0) > 0 end,
  ["<="] = function(a, b) return (order(a, b) or 1) <= 0 end,
  [">="] = function(a, b) return (order(a, b) or -1) >= 0 end,
  ["=~"] = function(a, b)
    if a.kind ~= "String" or b.kind ~= "String" then return false end
    local pattern, options = match(b.value, "^/(.*)/(%a*)$")
    if not pattern then return false end
    return R.regex_matches(a.value, pattern, options)
  end,
}
compare["<>"] = compare["!="]

local function comparison(left, operator, right)
  local holds = compare[operator]
  local unequal = operator == "!=" or operator == "<>" or operator == "!=="
  return function(root, token)
    local a = left(root, token)
    if not operator then return a.n > 0 end
    local b = right(root, token)
    R.tick(a.n * b.n)
    for i = 1, a.n do
      for j = 1, b.n do
        local x, y = a[i], b[j]
        if getmetatable(x) == JValue and getmetatable(y) == JValue then
          if holds(x, y) then return true end
        elseif unequal then
          return true
        end
      end
    end
    return false
  end
end

R.jsonpath_parts = { field = field, fields = fields, indexes = indexes, every_item = every_item, slice = slice, scan = scan,
  query = query, scan_query = scan_query, run = run, comparison = comparison }
