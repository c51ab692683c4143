-- LINQ to JSON, the rarer half: constructors from lists, Merge, ToObject<T>, enumerators.

local match, find = string.match, string.find
local JObject, JArray, JProperty, JValue = R.JObject, R.JArray, R.JProperty, R.JValue
local is_token = R.is_token

local types = {
  Object = 1, Array = 2, Property = 4, Integer = 6, Float = 7, String = 8, Boolean = 9, Null = 10, Undefined = 11,
  Date = 12, Raw = 13, Bytes = 14, Guid = 15, Uri = 16, TimeSpan = 17,
}
local type_names = { [0] = "None", [3] = "Constructor", [5] = "Comment" }
for name, value in pairs(types) do type_names[value] = name end
R.enum("JTokenType", type_names)
R.enum("Formatting", { [0] = "None", "Indented" })
R.enum("MergeArrayHandling", { [0] = "Concat", "Union", "Replace", "Merge" })
R.enum("NullValueHandling", { [0] = "Include", "Ignore" })
R.enum("DateParseHandling", { [0] = "None", "DateTime" })
R.enum("MergeNullValueHandling", { [0] = "Ignore", "Merge" })

JValue.bases = { JToken = true, IEnumerable = true }
for _, meta in ipairs({ JObject, JArray, JProperty }) do
  meta.bases = { JToken = true, JContainer = true, IEnumerable = true, ICollection = true }
end
JArray.bases.IList, JObject.bases.IDictionary = true, true

function R.json_type(token)
  return types[R.json_kind(token)]
end

-- Children<T>(): those that are a T.
function R.json_children_of(token, name)
  local list = setmetatable({ n = 0 }, R.Array)
  for i = 1, token.n do
    local child = token[i]
    if name == "JToken" or getmetatable(child).type == name or (name == "JContainer" and child.n > 0) then
      list.n = list.n + 1
      list[list.n] = child
    end
  end
  return list
end

function R.json_last(token)
  return token[token.n]
end

-- The constructors that take contents: arrays among these are taken apart, as JContainer.AddInternal does.
function R.json_of(container, contents)
  for i = 1, contents.n do
    local content = contents[i]
    if contents.n == 1 and not is_token(content) and type(content) == "table" and content.n then
      for j = 1, content.n do R.json_add(container, content[j]) end
    else
      R.json_add(container, content)
    end
  end
  return container
end

function R.json_replace_all(container, content)
  R.json_clear(container)
  R.json_of(container, { n = 1, content })
end

-- JObject.FromObject and its kin: an exception where the value has another shape.
function R.json_from_as(value, name)
  if value == nil and name ~= "JValue" then R.throw("Value cannot be null. (Parameter 'o')") end
  local token = R.json_from(value)
  local meta = getmetatable(token)
  if meta.type ~= name then
    if name == "JValue" then
      R.throw("Could not determine JSON object type for type " .. R.type_of(value) .. ".", "ArgumentException")
    end
    R.throw("Object serialized to " .. R.json_kind(token) .. ". " .. name .. " instance expected.", "ArgumentException")
  end
  return token
end

-- JValue.Value = value
function R.json_assign(token, value)
  local new = R.json_from_as(value, "JValue")
  token.kind, token.value, token.big = new.kind, new.value, new.big
end

function R.json_try(object, name)
  local property = name ~= nil and object.map[name]
  if property then return true, property[1] end
  return false, nil
end

-- What foreach gives of a JObject: KeyValuePair<string, JToken>.
function R.json_pairs(object)
  local list = setmetatable({ n = object.n }, R.Array)
  for i = 1, object.n do list[i] = R.pair(object[i].name, object[i][1]) end
  return list
end

-- -- Merge

function R.json_setting(settings, name, value)
  settings[name] = value
end

local merge

local function merge_object(object, other, settings)
  for i = 1, other.n do
    local name, value = other[i].name, other[i][1]
    local own = object.map[name]
    if not own then
      R.json_add_named(object, name, value)
    elseif getmetatable(own[1]) ~= JValue and getmetatable(own[1]) == getmetatable(value) then
      merge(own[1], value, settings)
    elseif R.json_kind(value) ~= "Null" or settings.nulls == 1 then
      R.json_set(object, name, value)
    end
  end
end

local function merge_array(array, other, settings)
  local how = settings.arrays or 0
  if how == 2 then
    if array == other then return end
    R.json_clear(array)
  elseif how == 3 then
    for i = 1, other.n do
      local own, value = array[i], other[i]
      if not own then
        R.json_add(array, value)
      elseif getmetatable(own) ~= JValue and getmetatable(own) == getmetatable(value) then
        merge(own, value, settings)
      elseif R.json_kind(value) ~= "Null" then
        R.json_set(array, i - 1, value)
      end
    end
    return
  end
  for i = 1, other.n do
    local known = false
    if how == 1 then
      for j = 1, array.n do known = known or R.json_equals(array[j], other[i]) end
    end
    if not known then R.json_add(array, R.json_copy(other[i])) end
  end
end

function merge(container, other, settings)
  R.tick(other.n)
  if getmetatable(container) == JObject then
    if getmetatable(other) == JObject then merge_object(container, other, settings) end
  elseif getmetatable(container) == JArray then
    if getmetatable(other) == JArray then merge_array(container, other, settings) end
  elseif getmetatable(other) == JProperty and R.json_kind(other[1]) ~= "Null" then
    R.json_replace(container[1], other[1])
  end
end

function R.json_merge(container, content, settings)
  if content == nil then return end
  merge(container, R.json_content(content), settings or {})
end

-- -- ToObject<T>, DeserializeObject<T>

local tokens = { JToken = true, JContainer = true, JObject = true, JArray = true, JValue = true, JProperty = true }
local lists = { List = true, IList = true, IEnumerable = true, ICollection = true, IReadOnlyList = true }
local dictionaries = { Dictionary = true, IDictionary = true, IReadOnlyDictionary = true }

local function refused(token, name)
  R.throw("Cannot deserialize the current JSON " .. string.lower(R.json_kind(token)) .. " into type '" .. name .. "'.",
    "JsonSerializationException")
end

local function list_of(token, item, list)
  if getmetatable(token) ~= JArray then refused(token, item .. "[]") end
  R.tick(token.n)
  list.n = token.n
  for i = 1, token.n do list[i] = R.json_to(token[i], item) end
  return list
end

-- The token as a T. Containers give lists and dictionaries; `object` gives tokens and boxed values.
function R.json_to(token, name)
  if token == nil then return R.default_of(name) end
  local meta = getmetatable(token)
  if name == "object" or name == "dynamic" then
    if meta == JValue then return R.json_boxed(token) end
    return token
  end
  if tokens[name] then return R.json_as(token, name) end
  local item = match(name, "^(.*)%[%]$")
  if item and item ~= "byte" then
    if R.json_kind(token) == "Null" then return nil end
    return list_of(token, item, setmetatable({}, R.Array))
  end
  local base, inner = match(name, "^(%a+)<(.*)>$")
  if base then
    if R.json_kind(token) == "Null" then return nil end
    if lists[base] then return list_of(token, inner, setmetatable({}, R.List)) end
    local value = dictionaries[base] and match(inner, "^string,%s*(.*)$")
    if value then
      if meta ~= JObject then refused(token, name) end
      local dictionary = R.new_dictionary()
      for i = 1, token.n do R.dictionary_set(dictionary, token[i].name, R.json_to(token[i][1], value)) end
      return dictionary
    end
  end
  if meta ~= JValue then
    if find(name, "^%l") then R.throw("Can not convert " .. R.json_kind(token) .. " to " .. name .. ".") end
    refused(token, name)
  end
  return R.json_cast(token, name)
end

-- JsonConvert.DeserializeObject<T>: white space alone is null. `settings`: dates (0: texts stay texts).
function R.json_deserialize(text, name, settings)
  if not find(text, "%S") then return R.default_of(name) end
  local token = R.json_parse(text, tokens[name] and name or "JToken", not settings or settings.dates ~= 0)
  if name == "object" and getmetatable(token) == JValue and token.kind == "Null" then return nil end
  if name == "object" then return token end
  return R.json_to(token, name)
end
