-- SelectToken and SelectTokens: the text of a path to its filters. Paths are remembered, since they are mostly the
-- policy's own.

local find, sub, match, gsub = string.find, string.sub, string.match, string.gsub
local parts = R.jsonpath_parts
local field, fields, indexes, every_item = parts.field, parts.fields, parts.indexes, parts.every_item
local slice, scan, query, scan_query = parts.slice, parts.scan, parts.query, parts.scan_query
local run, comparison = parts.run, parts.comparison

local function fail(message)
  R.throw(message, "JsonException")
end

local parsed = R.bounded(128)
local MAX_PATH = 4096

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
    if not stop then fail(what) end
    parts[#parts + 1] = sub(s.text, at, stop - 1)
    if sub(s.text, stop, stop) == quote then
      s.at = stop + 1
      return table.concat(parts)
    end
    local letter = sub(s.text, stop + 1, stop + 1)
    local meaning = ({ b = "\b", t = "\t", n = "\n", f = "\f", r = "\r" })[letter]
    if not meaning then
      if letter == "" or not find(letter, "[\\'\"/]") then
        fail("Unknown escape character: \\" .. letter)
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
      if not stop then fail("Path ended with an open regex.") end
    until sub(s.text, stop - 1, stop - 1) ~= "\\"
    local options = match(s.text, "^%a*", stop + 1)
    s.at = stop + 1 + #options
    value = R.json_value("String", sub(s.text, from, s.at - 1))
  else
    local raw = match(s.text, "^[^ %)=<>!&|]+", s.at)
    if not raw then fail("Unexpected character while parsing path query: " .. first) end
    if raw == "true" or raw == "false" then
      value = R.json_value("Boolean", raw == "true")
    elseif raw == "null" then
      value = R.json_null()
    elseif find(raw, "^-?%d+$") then
      value = R.json_integer(raw)
    elseif find(raw, "^-?%d[%d%.eE+-]*$") and tonumber(raw) then
      value = R.json_value("Float", tonumber(raw))
    else
      fail("Unexpected character while parsing path query: " .. first)
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
  if s.at > #s.text then fail("Path ended with open query.") end
  fail("Could not read query operator.")
end

local function expression(s, depth)
  if depth > 32 then fail("The path is nested too deep.") end
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
      fail(s.at > #s.text and "Path ended with open query."
        or "Unexpected character while parsing path query: " .. sign(s))
    end
    s.at = s.at + 2
  end
end

local function close(s)
  skip(s)
  if sign(s) ~= "]" then
    fail(s.at > #s.text and "Path ended with open indexer."
      or "Unexpected character while parsing path indexer: " .. sign(s))
  end
  s.at = s.at + 1
end

local function indexer(s, scanning)
  s.at = s.at + 1
  skip(s)
  local first = sign(s)
  if first == "" then fail("Path ended with open indexer.") end
  if first == "'" then
    local names = {}
    repeat
      skip(s)
      if sign(s) ~= "'" then fail("Unexpected character while parsing path indexer: " .. sign(s)) end
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
    if sign(s) ~= "(" then fail("Unexpected character while parsing path indexer: " .. sign(s)) end
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
      fail(part == "" and "Array index expected." or "Unexpected character while parsing path indexer: " .. sub(part, 1, 1))
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
      if first == "(" then fail("Unexpected character while parsing path: (") end
      filters[#filters + 1] = indexer(s, scanning)
      dot, scanning = false, false
    elseif first == " " then
      if inside then break end
      s.at = s.at + 1
    elseif first == "." then
      if dot then fail("Unexpected character while parsing path: .") end
      s.at = s.at + 1
      dot = true
      if sign(s) == "." then
        s.at = s.at + 1
        scanning = true
      end
    elseif inside and find(first, "[=<>!&|)]") then
      break
    else
      if #filters > 0 and not dot then fail("Unexpected character following indexer: " .. first) end
      local name = match(s.text, inside and "^[^%.%[ =<>!&|()]+" or "^[^%.%[ ()]+", s.at)
      if not name then fail("Unexpected character while parsing path: " .. first) end
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
  if dot then fail("Unexpected end while parsing path.") end
  return filters
end

local function filters_of(path)
  if path == nil then fail("Value cannot be null. (Parameter 'expression')") end
  local known = parsed.get(path)
  if known then return known end
  if #path > MAX_PATH then fail("The path is longer than " .. MAX_PATH .. " characters.") end
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
  if found.n > 1 then fail("Path returned multiple tokens.") end
  return found[1]
end
