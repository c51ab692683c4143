-- JSON Schema, in the form that manifests/apiops/schemas.py makes: whether a token fits, and what is wrong where it does
-- not, in Newtonsoft's words. Depth, steps and the number of findings are bounded.

local floor, format, gsub, sub = math.floor, string.format, string.gsub, string.sub
local MAX_DEPTH = 128

local kinds = {
  String = "string", Integer = "integer", Float = "number", Boolean = "boolean", Null = "null", Undefined = "null",
  Object = "object", Array = "array", Date = "string",
}
local names = {
  string = "String", integer = "Integer", number = "Number", boolean = "Boolean", null = "Null", object = "Object",
  array = "Array",
}

local function number_of(token)
  if token.big then return tonumber(token.big) end
  return tonumber(token.value)
end

local function shown(token)
  local kind = R.json_kind(token)
  if kind == "String" then return '"' .. token.value .. '"' end
  if kind == "Boolean" then return token.value and "true" or "false" end
  if kind == "Integer" or kind == "Float" then return token.big or (gsub(tostring(token.value), "U?LL$", "")) end
  return kind
end

local function scalar(token)
  local kind = R.json_kind(token)
  if kind == "String" then return "s" .. token.value end
  if kind == "Integer" or kind == "Float" then return number_of(token) end
  if kind == "Boolean" then return token.value and "true" or "false" end
  if kind == "Null" then return "null" end
  return nil
end

local function in_enum(schema, token)
  local own = scalar(token)
  if own == nil then return false end
  for _, allowed in ipairs(schema.enum) do
    if type(own) == "number" then
      if sub(allowed, 1, 1) == "n" and tonumber(sub(allowed, 2)) == own then return true end
    elseif allowed == own then
      return true
    end
  end
  return false
end

local function is_type(wanted, kind, token)
  if wanted == kind then return true end
  if wanted == "number" then return kind == "integer" end
  -- 1.0 is an integer (JSON Schema, "integer").
  return wanted == "integer" and kind == "number" and floor(token.value) == token.value
end

-- The length of a text in characters (JSON Schema counts code points).
local function length_of(text)
  local _, extra = gsub(text, "[\128-\191]", "")
  return #text - extra
end

local patterns = R.bounded(512)

local function fits(pattern, text)
  local regex = patterns.get(pattern)
  if regex == nil then
    regex = R.regex(pattern)
    patterns.put(pattern, regex)
  end
  return R.regex_is_match(regex, text)
end

local check

local function at_path(path, name)
  if type(name) == "number" then return path .. "[" .. (name - 1) .. "]" end
  if path == "" then return name end
  return path .. "." .. name
end

local function say(state, path, message)
  local behind = path == "" and "" or " Path '" .. path .. "'."
  state.errors[#state.errors + 1] = message .. behind
end

local function check_string(state, schema, text, path)
  if schema.min_length and length_of(text) < schema.min_length then
    say(state, path, format("String '%s' is less than minimum length of %d.", text, schema.min_length))
  end
  if schema.max_length and length_of(text) > schema.max_length then
    say(state, path, format("String '%s' exceeds maximum length of %d.", text, schema.max_length))
  end
  if schema.pattern and not fits(schema.pattern, text) then
    say(state, path, "String '" .. text .. "' does not match regex pattern '" .. schema.pattern .. "'.")
  end
end

local function check_number(state, schema, token, kind, path)
  local value, name = number_of(token), names[kind]
  local text = shown(token)
  local function bound(number) return (gsub(format("%.17g", number), "%.0$", "")) end
  if schema.min and value < schema.min then
    say(state, path, name .. " " .. text .. " is less than minimum value of " .. bound(schema.min) .. ".")
  end
  if schema.max and value > schema.max then
    say(state, path, name .. " " .. text .. " exceeds maximum value of " .. bound(schema.max) .. ".")
  end
  if schema.above and value <= schema.above then
    say(state, path, name .. " " .. text .. " is not greater than " .. bound(schema.above) .. ".")
  end
  if schema.below and value >= schema.below then
    say(state, path, name .. " " .. text .. " is not less than " .. bound(schema.below) .. ".")
  end
  if schema.multiple then
    local times = value / schema.multiple
    if math.abs(times - floor(times + 0.5)) > 1e-9 then
      say(state, path, name .. " " .. text .. " is not a multiple of " .. bound(schema.multiple) .. ".")
    end
  end
  -- What compares with nothing (NaN) fits nothing.
  if value ~= value then say(state, path, "NaN is no number.") end
end

local function check_array(state, schema, token, path, depth)
  if schema.min_items and token.n < schema.min_items then
    say(state, path, format("Array item count %d is less than minimum count of %d.", token.n, schema.min_items))
  end
  if schema.max_items and token.n > schema.max_items then
    say(state, path, format("Array item count %d exceeds maximum count of %d.", token.n, schema.max_items))
  end
  local seen = schema.unique and {}
  for i = 1, token.n do
    if schema.items then check(state, schema.items, token[i], at_path(path, i), depth + 1) end
    if seen then
      local key = R.json_text and R.json_text(token[i]) or scalar(token[i]) or i
      if seen[key] then say(state, path, format("Non-unique array item at index %d.", i - 1)) end
      seen[key] = true
    end
  end
end

local function check_object(state, schema, token, path, depth)
  local missing = {}
  for _, name in ipairs(schema.required or {}) do
    if not token.map[name] then missing[#missing + 1] = name end
  end
  if #missing > 0 then
    say(state, path, "Required properties are missing from object: " .. table.concat(missing, ", ") .. ".")
  end
  if schema.min_properties and token.n < schema.min_properties then
    say(state, path, format("Object property count %d is less than minimum count of %d.", token.n, schema.min_properties))
  end
  if schema.max_properties and token.n > schema.max_properties then
    say(state, path, format("Object property count %d exceeds maximum count of %d.", token.n, schema.max_properties))
  end
  local known = schema.properties or {}
  local more = schema.more
  if state.more ~= nil and (schema.properties or more ~= nil) then more = state.more end
  for i = 1, token.n do
    local property = token[i]
    local inner = known[property.name]
    if inner then
      check(state, inner, property[1], at_path(path, property.name), depth + 1)
    elseif more == false then
      say(state, path, "Property '" .. property.name
        .. "' has not been defined and the schema does not allow additional properties.")
    elseif type(more) == "table" then
      check(state, more, property[1], at_path(path, property.name), depth + 1)
    end
  end
end

-- How many of the schemas a token fits.
local function count_fitting(state, schemas, token, path, depth)
  local count = 0
  for _, each in ipairs(schemas) do
    local inner = { errors = {}, schemas = state.schemas, more = state.more }
    check(inner, each, token, path, depth + 1)
    if #inner.errors == 0 then count = count + 1 end
  end
  return count
end

local function check_combined(state, schema, token, path, depth)
  for _, each in ipairs(schema.all or {}) do check(state, each, token, path, depth + 1) end
  if schema.any and count_fitting(state, schema.any, token, path, depth) == 0 then
    say(state, path, "JSON does not match any schemas from 'anyOf'.")
  end
  if schema.one then
    local count = count_fitting(state, schema.one, token, path, depth)
    if count == 0 then
      say(state, path, "JSON is valid against no schemas from 'oneOf'.")
    elseif count > 1 then
      say(state, path, "JSON is valid against more than one schema from 'oneOf'.")
    end
  end
  if schema.no and count_fitting(state, { schema.no }, token, path, depth) == 1 then
    say(state, path, "JSON is valid against schema from 'not'.")
  end
end

function check(state, schema, token, path, depth)
  R.tick(4)
  if depth > MAX_DEPTH then
    say(state, path, "The JSON is nested too deep.")
    return
  end
  if #state.errors >= 50 then return end
  if schema.ref then
    local named = state.schemas and state.schemas[schema.ref]
    if not named then
      say(state, path, "The schema is not there.")
      return
    end
    check(state, named, token, path, depth + 1)
    return
  end
  if schema.nothing then
    say(state, path, "Schema always fails validation.")
    return
  end
  local kind = kinds[R.json_kind(token)]
  if schema.types then
    local fitting = false
    for _, wanted in ipairs(schema.types) do fitting = fitting or is_type(wanted, kind, token) end
    if not fitting then
      local wanted = {}
      for i, each in ipairs(schema.types) do wanted[i] = names[each] end
      say(state, path, "Invalid type. Expected " .. table.concat(wanted, ", ") .. " but got " .. tostring(names[kind]) .. ".")
      return
    end
  end
  if schema.enum and not in_enum(schema, token) then
    say(state, path, "Value " .. shown(token) .. " is not defined in enum.")
  end
  if kind == "string" then check_string(state, schema, token.value, path)
  elseif kind == "integer" or kind == "number" then check_number(state, schema, token, kind, path)
  elseif kind == "array" then check_array(state, schema, token, path, depth)
  elseif kind == "object" then check_object(state, schema, token, path, depth)
  end
  check_combined(state, schema, token, path, depth)
end

-- What is wrong with a token, as a list of sentences. `more`: whether additional properties are allowed, whatever the
-- schema says; nil: as it says.
function R.schema_errors(schema, schemas, token, more)
  local state = { errors = {}, schemas = schemas, more = more }
  check(state, schema, token, "", 0)
  return state.errors
end
