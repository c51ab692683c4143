-- SelectToken and SelectTokens: JSONPath as Newtonsoft's JPath reads it. A path becomes a list of filters, each a
-- function of the tokens so far; paths are remembered, since they are mostly the policy's own.

local find, sub, match, gsub = string.find, string.sub, string.match, string.gsub
local JObject, JArray, JValue = R.JObject, R.JArray, R.JValue

local parsed = R.bounded(128)
local MAX_PATH = 4096

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
  R.throw(what .. " not valid on " .. getmetatable(token).type .. ".")
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
      R.throw("Property '" .. name .. "' does not exist on JObject.")
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
        R.throw("Property '" .. name .. "' does not exist on JObject.")
      end
    end
  end)
end

local function at_index(token, index, put, wanted)
  if getmetatable(token) ~= JArray then
    if wanted then R.throw("Index " .. index .. " not valid on " .. getmetatable(token).type .. ".") end
  elseif token[index + 1] then
    put(token[index + 1])
  elseif wanted then
    R.throw("Index " .. index .. " outside the bounds of JArray.")
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
  if step == 0 then R.throw("Step cannot be zero.") end
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
      R.throw("Array slice of " .. (first or "*") .. " to " .. (last or "*") .. " returned no results.")
    end
  end)
end

local function walk(token, visit, depth)
  if depth > R.JSON_DEPTH then R.throw("The JSON is nested too deep.") end
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

-- -- reading a path

local read_filters

local function skip(s)
  s.at = find(s.text, "[^ ]", s.at) or #s.text + 1
end

local function sign(s)
  return sub(s.text, s.at, s.at)
end

local function quoted(s, quote, what)
  local parts = {}
  local at = s.at + 1
  while true do
    local stop = find(s.text, "[\\" .. quote .. "]", at)
    if not stop then R.throw(what) end
    parts[#parts + 1] = sub(s.text, at, stop - 1)
    if sub(s.text, stop, stop) == quote then
      s.at = stop + 1
      return table.concat(parts)
    end
    local letter = sub(s.text, stop + 1, stop + 1)
    local meaning = ({ b = "\b", t = "\t", n = "\n", f = "\f", r = "\r" })[letter]
    if not meaning then
      if letter == "" or not find(letter, "[\\'\"/]") then
        R.throw("Unknown escape character: \\" .. letter)
      end
      meaning = letter
    end
    parts[#parts + 1] = meaning
    at = stop + 2
  end
end

local function operand(s)
  skip(s)
  local first = sign(s)
  if first == "$" or first == "@" then
    s.at = s.at + 1
    local filters = read_filters(s, true)
    return function(root, token)
      return run(filters, root, first == "$" and root or token)
    end
  end
  local value
  if first == "'" then
    value = R.json_value("String", quoted(s, "'", "Path ended with an open string."))
  elseif first == "/" then
    local from = s.at
    local stop = s.at
    repeat
      stop = find(s.text, "/", stop + 1, true)
      if not stop then R.throw("Path ended with an open regex.") end
    until sub(s.text, stop - 1, stop - 1) ~= "\\"
    local options = match(s.text, "^%a*", stop + 1)
    s.at = stop + 1 + #options
    value = R.json_value("String", sub(s.text, from, s.at - 1))
  else
    local raw = match(s.text, "^[^ %)=<>!&|]+", s.at)
    if not raw then R.throw("Unexpected character while parsing path query: " .. first) end
    if raw == "true" or raw == "false" then
      value = R.json_value("Boolean", raw == "true")
    elseif raw == "null" then
      value = R.json_null()
    elseif find(raw, "^-?%d+$") then
      value = R.json_integer(raw)
    elseif find(raw, "^-?%d[%d%.eE+-]*$") and tonumber(raw) then
      value = R.json_value("Float", tonumber(raw))
    else
      R.throw("Unexpected character while parsing path query: " .. first)
    end
    s.at = s.at + #raw
  end
  local list = { n = 1, value }
  return function() return list end
end

local function operator(s)
  skip(s)
  for _, text in ipairs({ "===", "!==", "==", "!=", "<>", "=~", "<=", ">=", "<", ">" }) do
    if sub(s.text, s.at, s.at + #text - 1) == text then
      s.at = s.at + #text
      return text
    end
  end
  if s.at > #s.text then R.throw("Path ended with open query.") end
  R.throw("Could not read query operator.")
end

local function expression(s, depth)
  if depth > 32 then R.throw("The path is nested too deep.") end
  local word, left
  while true do
    local part
    skip(s)
    if sign(s) == "(" then
      s.at = s.at + 1
      part = expression(s, depth + 1)
    else
      local a = operand(s)
      skip(s)
      local next_sign = sign(s)
      if next_sign == ")" or next_sign == "&" or next_sign == "|" then
        part = comparison(a)
      else
        local how = operator(s)
        part = comparison(a, how, operand(s))
      end
    end
    if not left then
      left = part
    else
      local before, after = left, part
      if word == "&&" then
        left = function(root, token) return before(root, token) and after(root, token) end
      else
        left = function(root, token) return before(root, token) or after(root, token) end
      end
    end
    skip(s)
    if sign(s) == ")" then
      s.at = s.at + 1
      return left
    end
    word = sub(s.text, s.at, s.at + 1)
    if word ~= "&&" and word ~= "||" then
      R.throw(s.at > #s.text and "Path ended with open query."
        or "Unexpected character while parsing path query: " .. sign(s))
    end
    s.at = s.at + 2
  end
end

local function close(s)
  skip(s)
  if sign(s) ~= "]" then
    R.throw(s.at > #s.text and "Path ended with open indexer."
      or "Unexpected character while parsing path indexer: " .. sign(s))
  end
  s.at = s.at + 1
end

local function indexer(s, scanning)
  s.at = s.at + 1
  skip(s)
  local first = sign(s)
  if first == "" then R.throw("Path ended with open indexer.") end
  if first == "'" then
    local names = {}
    repeat
      skip(s)
      if sign(s) ~= "'" then R.throw("Unexpected character while parsing path indexer: " .. sign(s)) end
      names[#names + 1] = quoted(s, "'", "Path ended with an open string.")
      skip(s)
      local more = sign(s) == ","
      if more then s.at = s.at + 1 end
    until not more
    close(s)
    if scanning then return scan(names) end
    return #names == 1 and field(names[1]) or fields(names)
  end
  if first == "?" then
    s.at = s.at + 1
    skip(s)
    if sign(s) ~= "(" then R.throw("Unexpected character while parsing path indexer: " .. sign(s)) end
    s.at = s.at + 1
    local matches = expression(s, 1)
    close(s)
    return scanning and scan_query(matches) or query(matches)
  end
  if first == "*" then
    s.at = s.at + 1
    close(s)
    return every_item
  end
  local body = match(s.text, "^[^%]]*", s.at)
  s.at = s.at + #body
  close(s)
  body = gsub(body, "%s+", "")
  local from, to, by = match(body, "^(-?%d*):(-?%d*):?(-?%d*)$")
  if from then return slice(tonumber(from), tonumber(to), tonumber(by)) end
  local list = {}
  for part in string.gmatch(body .. ",", "([^,]*),") do
    if not find(part, "^%d+$") then
      R.throw(part == "" and "Array index expected." or "Unexpected character while parsing path indexer: " .. sub(part, 1, 1))
    end
    list[#list + 1] = tonumber(part)
  end
  return indexes(list)
end

-- Filters up to the end, or in a query up to what cannot belong to a path.
function read_filters(s, inside)
  local filters = {}
  local dot, scanning = false, false
  while s.at <= #s.text do
    local first = sign(s)
    if first == "[" or first == "(" then
      if first == "(" then R.throw("Unexpected character while parsing path: (") end
      filters[#filters + 1] = indexer(s, scanning)
      dot, scanning = false, false
    elseif first == " " then
      if inside then break end
      s.at = s.at + 1
    elseif first == "." then
      if dot then R.throw("Unexpected character while parsing path: .") end
      s.at = s.at + 1
      dot = true
      if sign(s) == "." then
        s.at = s.at + 1
        scanning = true
      end
    elseif inside and find(first, "[=<>!&|)]") then
      break
    else
      if #filters > 0 and not dot then R.throw("Unexpected character following indexer: " .. first) end
      local name = match(s.text, inside and "^[^%.%[ =<>!&|()]+" or "^[^%.%[ ()]+", s.at)
      if not name then R.throw("Unexpected character while parsing path: " .. first) end
      s.at = s.at + #name
      local one = name ~= "*" and name or nil
      if scanning then
        filters[#filters + 1] = scan(one and { one })
      else
        filters[#filters + 1] = field(one)
      end
      dot, scanning = false, false
    end
  end
  if dot then R.throw("Unexpected end while parsing path.") end
  return filters
end

local function filters_of(path)
  if path == nil then R.throw("Value cannot be null. (Parameter 'expression')") end
  local known = parsed.get(path)
  if known then return known end
  if #path > MAX_PATH then R.throw("The path is longer than " .. MAX_PATH .. " characters.") end
  local s = { text = path, at = 1 }
  if sub(path, 1, 1) == "$" and (#path == 1 or find(path, "^[%.%[]", 2)) then s.at = 2 end
  local filters = read_filters(s, false)
  parsed.put(path, filters)
  return filters
end

-- SelectTokens(path[, errorWhenNoMatch]).
function R.json_select_all(token, path, wanted)
  return setmetatable(run(filters_of(path), R.json_root(token), token, wanted), R.Array)
end

-- SelectToken(path[, errorWhenNoMatch]).
function R.json_select(token, path, wanted)
  local found = run(filters_of(path), R.json_root(token), token, wanted)
  if found.n > 1 then R.throw("Path returned multiple tokens.") end
  return found[1]
end
