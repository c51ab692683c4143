-- What expressions call: .NET's strings, dictionaries and casts, for the values that policies have here.
-- string, bool and int are Lua's own; null is nil; string[] is {n = count, ...}; Jwt is a table of kind R.Jwt.

local find, sub, gsub, lower = string.find, string.sub, string.gsub, string.lower

R.Jwt = { type = "Jwt" }
R.Jwt.__index = R.Jwt

function R.not_null(value)
  if value == nil then R.throw("Object reference not set to an instance of an object.") end
  return value
end

function R.item(dictionary, key)
  local value = dictionary[key]
  if value == nil then R.throw("The given key '" .. key .. "' was not present in the dictionary.") end
  return value
end

local function type_of(value)
  local kind = type(value)
  if kind == "string" then return "string" end
  if kind == "boolean" then return "bool" end
  if kind == "number" then return "int" end
  if getmetatable(value) == R.Jwt then return "Jwt" end
  return "string[]"
end

-- A cast from object.
function R.unbox(value, name)
  if value == nil then
    if name == "bool" or name == "int" then R.throw("Object reference not set to an instance of an object.") end
    return nil
  end
  if type_of(value) ~= name then
    R.throw("Unable to cast object of type '" .. type_of(value) .. "' to type '" .. name .. "'.")
  end
  return value
end

-- Variables.GetValueOrDefault<T>: the default only when the variable is missing; another type is an exception.
function R.variable(variables, name, kind, default)
  local value = variables[name]
  if value == nil then return default end
  if kind == "object" then return value end
  return R.unbox(value, kind)
end

-- ToString of a value, null as nothing.
function R.text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "nil" then return "" end
  if kind == "boolean" then return value and "True" or "False" end
  if kind == "number" then return string.format("%d", value) end
  if getmetatable(value) == R.Jwt then R.throw("A Jwt has no text.") end
  R.throw("An array has no text.")
end

function R.join(separator, values)
  if values.n == 1 then return values[1] or "" end
  separator = separator or ""
  local parts = {}
  for i = 1, values.n do parts[i] = values[i] or "" end
  return table.concat(parts, separator, 1, values.n)
end

-- A claim as one text: its values joined by commas.
function R.claim_text(claims, name, default)
  local values = claims[name]
  if values == nil then return default end
  return values.n == 1 and values[1] or R.join(",", values)
end

function R.first(values)
  if values.n == 0 then R.throw("Sequence contains no elements") end
  return values[1]
end

function R.element(values, index)
  if index < 0 or index >= values.n then R.throw("Index was outside the bounds of the array.") end
  return values[index + 1]
end

function R.has(values, wanted)
  for i = 1, values.n do
    if values[i] == wanted then return true end
  end
  return false
end

function R.contains(text, part)
  return find(text, part, 1, true) ~= nil
end

function R.starts_with(text, part)
  return sub(text, 1, #part) == part
end

function R.ends_with(text, part)
  return part == "" or sub(text, -#part) == part
end

function R.is_blank(text, pattern)
  return text == nil or find(text, "^" .. pattern .. "$") ~= nil
end

-- .NET counts UTF-16 units: one for each character, two for those beyond U+FFFF.
function R.length(text)
  local _, continuation = gsub(text, "[\128-\191]", "")
  local _, beyond = gsub(text, "[\240-\244]", "")
  return #text - continuation + beyond
end

-- -- the request

-- The peer's address, without its port. Not X-Forwarded-For, which anybody can write.
function R.ip_address(q)
  local address = q.h:streamInfo():downstreamDirectRemoteAddress()
  return string.match(address, "^%[(.*)%]:%d+$") or string.match(address, "^(.*):%d+$") or address
end

function R.url_path(request)
  return (gsub(request:get(":path"), "%?.*$", ""))
end

function R.url_query_string(request)
  return string.match(request:get(":path"), "%?.*$") or ""
end

function R.url_host(request)
  return lower((gsub(request:get(":authority") or "", ":%d+$", "")))
end

-- A header's lines. Throws when there is none, as the indexer does.
function R.header_lines(headers, name)
  local count = headers:getNumValues(name)
  if count == 0 then R.throw("The given key '" .. name .. "' was not present in the dictionary.") end
  local lines = { n = count }
  for i = 1, count do lines[i] = headers:getAtIndex(name, i - 1) end
  return lines
end
