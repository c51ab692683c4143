-- Newtonsoft.Json.Linq: the tokens. A container holds its children in [1..n], so that each is a sequence as it stands;
-- a JObject also finds its properties by name. Every token knows its parent: Path, Remove and Replace need it, and a
-- token that has one is copied when it is put elsewhere, as Newtonsoft does.

local concat = table.concat

R.JToken = { type = "JToken" }
R.JObject = { type = "JObject", kind = "Object" }
R.JArray = { type = "JArray", kind = "Array" }
R.JProperty = { type = "JProperty", kind = "Property" }
R.JValue = { type = "JValue" }

local JObject, JArray, JProperty, JValue = R.JObject, R.JArray, R.JProperty, R.JValue
local JSON = "Newtonsoft.Json.Linq."

-- How deep tokens that a program builds may nest: what is read stops at 64.
R.JSON_DEPTH = 512

local function is_token(value)
  local meta = getmetatable(value)
  return meta == JValue or meta == JObject or meta == JArray or meta == JProperty
end
R.is_token = is_token

-- -- making tokens

-- A value of a JTokenType: String, Integer (a number, or an int64 beyond 2^53, or `big`, its digits), Float, Boolean,
-- Null, Undefined, Date, Guid, Uri, TimeSpan, Bytes, Raw.
function R.json_value(kind, value)
  return setmetatable({ kind = kind, value = value, n = 0 }, JValue)
end
local new_value = R.json_value

function R.json_null()
  return setmetatable({ kind = "Null", n = 0 }, JValue)
end
local null = R.json_null

function R.json_object()
  return setmetatable({ n = 0, map = {} }, JObject)
end

function R.json_array()
  return setmetatable({ n = 0 }, JArray)
end

function R.json_property(name, value)
  if name == nil then R.throw("Value cannot be null. (Parameter 'name')") end
  local property = setmetatable({ name = name, n = 1 }, JProperty)
  value = R.json_adopted(value, property)
  property[1] = value
  return property
end

local function kind_of(token)
  local meta = getmetatable(token)
  return meta == JValue and token.kind or meta.kind
end
R.json_kind = kind_of

-- A copy without a parent.
local function copy(token, depth)
  depth = depth or 0
  if depth > R.JSON_DEPTH then R.throw("The JSON is nested too deep.") end
  R.tick(1)
  local meta = getmetatable(token)
  if meta == JValue then
    return setmetatable({ kind = token.kind, value = token.value, big = token.big, n = 0 }, JValue)
  end
  local made = { n = token.n, name = token.name }
  if meta == JObject then made.map = {} end
  for i = 1, token.n do
    local child = copy(token[i], depth + 1)
    child.parent = made
    made[i] = child
    if meta == JObject then made.map[child.name] = child end
  end
  return setmetatable(made, meta)
end
R.json_copy = copy

local function root_of(token)
  while token.parent do token = token.parent end
  return token
end
R.json_root = root_of

-- The token to be put under `parent`: a copy if it stands somewhere already, or would contain itself.
function R.json_adopted(value, parent)
  if value == nil then
    value = null()
  elseif value.parent or (value.n > 0 and value == root_of(parent)) then
    value = copy(value)
  end
  value.parent = parent
  return value
end
local adopted = R.json_adopted

local function not_content(value, container)
  R.throw("Can not add " .. JSON .. getmetatable(value).type .. " to " .. JSON .. getmetatable(container).type .. ".")
end

-- -- children

local function insert(container, index, token)
  R.tick(1 + math.floor((container.n - index) / 16))
  for i = container.n, index, -1 do container[i + 1] = container[i] end
  container[index] = token
  container.n = container.n + 1
end

local function index_of(parent, token)
  R.tick(1 + math.floor(parent.n / 16))
  for i = 1, parent.n do
    if parent[i] == token then return i end
  end
  return 0
end
R.json_index_of = index_of

function R.json_property_of(object, name)
  return object.map[name]
end

local function add_property(object, property, index)
  if getmetatable(property) ~= JProperty then not_content(property, object) end
  if object.map[property.name] then
    R.throw("Can not add property " .. property.name .. " to " .. JSON
      .. "JObject. Property with the same name already exists on object.")
  end
  property = adopted(property, object)
  insert(object, index or object.n + 1, property)
  object.map[property.name] = property
end

-- Add to a container at an index (1 and on; the end without one). An array of things to an array adds each.
local function add(container, value, index)
  local meta = getmetatable(container)
  if meta == JObject then
    if value == nil then return end
    if not is_token(value) and type(value) == "table" and value.n then
      for i = 1, value.n do add(container, value[i]) end
    else
      add_property(container, R.json_content(value), index)
    end
  elseif meta == JArray then
    value = R.json_content(value)
    if getmetatable(value) == JProperty then not_content(value, container) end
    insert(container, index or container.n + 1, adopted(value, container))
  else
    R.throw(JSON .. "JProperty cannot have multiple values.")
  end
end
R.json_add = add

-- JObject.Add(string, JToken).
function R.json_add_named(object, name, value)
  add_property(object, R.json_property(name, value))
end

function R.json_try_add(object, name, value)
  if object.map[name] then return false end
  add_property(object, R.json_property(name, value))
  return true
end

-- The property's value, or the array's element, becomes `value`.
function R.json_set(container, key, value)
  local meta = getmetatable(container)
  if meta == JObject then
    if type(key) ~= "string" then
      R.throw("Set JObject values with invalid key value: " .. R.text(key) .. ". Object property name expected.")
    end
    local property = container.map[key]
    if not property then
      add_property(container, R.json_property(key, value))
    elseif property[1] ~= value or value == nil then
      property[1].parent = nil
      property[1] = adopted(value, property)
    end
  elseif meta == JArray then
    if type(key) ~= "number" then
      R.throw("Set JArray values with invalid key value: \"" .. R.text(key) .. "\". Int32 array index expected.")
    end
    R.json_at(container, key)
    if container[key + 1] ~= value or value == nil then
      container[key + 1].parent = nil
      container[key + 1] = adopted(value, container)
    end
  else
    R.throw("Cannot set child value on " .. JSON .. meta.type .. ".")
  end
end

function R.json_at(array, index)
  if index < 0 or index >= array.n then
    R.throw("Index was out of range. Must be non-negative and less than the size of the collection."
      .. " (Parameter 'index')")
  end
  return array[index + 1]
end

-- The indexer of any token: null for a property that is not there.
function R.json_item(token, key)
  local meta = getmetatable(token)
  if meta == JObject then
    if type(key) == "string" then
      local property = token.map[key]
      return property and property[1]
    end
    if key == nil then R.throw("Value cannot be null. (Parameter 'key')") end
    R.throw("Accessed JObject values with invalid key value: " .. R.text(key) .. ". Object property name expected.")
  elseif meta == JArray then
    if type(key) == "number" then return R.json_at(token, key) end
    if key == nil then R.throw("Value cannot be null. (Parameter 'key')") end
    R.throw("Accessed JArray values with invalid key value: \"" .. R.text(key) .. "\". Int32 array index expected.")
  end
  R.throw("Cannot access child value on " .. JSON .. meta.type .. ".")
end

-- JObject.GetValue(name[, StringComparison]).
function R.json_get(object, name, ignore_case)
  if name == nil then return nil end
  local property = object.map[name]
  if property then return property[1] end
  if not ignore_case then return nil end
  name = R.upper(name)
  for i = 1, object.n do
    if R.upper(object[i].name) == name then return object[i][1] end
  end
  return nil
end

-- Take the token out of its parent.
function R.json_remove(token)
  local parent = token.parent
  if not parent then R.throw("The parent is missing.") end
  if getmetatable(parent) == JProperty then
    -- A property is never without a value.
    R.throw("Cannot add or remove items from " .. JSON .. "JProperty.")
  end
  local index = index_of(parent, token)
  for i = index, parent.n do parent[i] = parent[i + 1] end
  parent.n = parent.n - 1
  if parent.map then parent.map[token.name] = nil end
  token.parent = nil
end

-- JObject.Remove(name): whether there was such a property.
function R.json_remove_named(object, name)
  local property = name ~= nil and object.map[name]
  if not property then return false end
  R.json_remove(property)
  return true
end

function R.json_remove_at(array, index)
  R.json_remove(R.json_at(array, index))
end

-- JArray.Remove(token): the same token, not an equal one.
function R.json_remove_item(array, token)
  if token == nil or index_of(array, token) == 0 then return false end
  R.json_remove(token)
  return true
end

function R.json_insert(array, index, value)
  if index < 0 or index > array.n then
    R.throw("Index was out of range. Must be non-negative and less than or equal to the size of the collection."
      .. " (Parameter 'index')")
  end
  add(array, value, index + 1)
end

function R.json_clear(container)
  if getmetatable(container) == JProperty then R.throw("Cannot add or remove items from " .. JSON .. "JProperty.") end
  for i = 1, container.n do
    container[i].parent = nil
    container[i] = nil
  end
  container.n = 0
  if container.map then container.map = {} end
end

-- Put another token in this one's place.
function R.json_replace(token, value)
  local parent = token.parent
  if not parent then R.throw("The parent is missing.") end
  if token == value then return end
  local index = index_of(parent, token)
  if parent.map then
    if getmetatable(value) ~= JProperty then not_content(value or null(), parent) end
    if value.name ~= token.name and parent.map[value.name] then
      R.throw("Can not add property " .. value.name .. " to " .. JSON
        .. "JObject. Property with the same name already exists on object.")
    end
    parent.map[token.name] = nil
  elseif getmetatable(value) == JProperty then
    not_content(value, parent)
  end
  token.parent = nil
  value = adopted(value, parent)
  parent[index] = value
  if parent.map then parent.map[value.name] = value end
end

-- AddBeforeSelf (0) and AddAfterSelf (1).
function R.json_add_beside(token, value, offset)
  local parent = token.parent
  if not parent then R.throw("The parent is missing.") end
  add(parent, value, index_of(parent, token) + offset)
end

-- -- looking around

local function sequence(list)
  return setmetatable(list, R.Array)
end

function R.json_children(token)
  local list = { n = token.n }
  for i = 1, token.n do list[i] = token[i] end
  return sequence(list)
end

function R.json_property_values(object)
  local list = { n = object.n }
  for i = 1, object.n do list[i] = object[i][1] end
  return sequence(list)
end

-- Every token below this one, in the order of the text; with `itself`, this one first.
function R.json_descendants(token, itself)
  local list = { n = 0 }
  local function walk(each, depth)
    if depth > R.JSON_DEPTH then R.throw("The JSON is nested too deep.") end
    R.tick(1)
    list.n = list.n + 1
    list[list.n] = each
    for i = 1, each.n do walk(each[i], depth + 1) end
  end
  if itself then
    walk(token, 0)
  else
    for i = 1, token.n do walk(token[i], 0) end
  end
  return sequence(list)
end

-- The tokens that hold this one, the nearest first; with `itself`, this one before them.
function R.json_ancestors(token, itself)
  local list = { n = 0 }
  local each = itself and token or token.parent
  while each do
    list.n = list.n + 1
    list[list.n] = each
    each = each.parent
  end
  return sequence(list)
end

-- The token `step` places further in its parent: Next (1), Previous (-1).
function R.json_sibling(token, step)
  local parent = token.parent
  if not parent or getmetatable(parent) == JProperty then return nil end
  return parent[index_of(parent, token) + step]
end

-- A name as a path writes it: `a.b`, or `a['b c']` where it holds what a path is made of.
local function path_step(name, first)
  if string.find(name, "[%. '/\"%[%]%(%)\t\n\r\f\b\\]") or string.find(name, "\194\133", 1, true)
    or string.find(name, "\226\128\168", 1, true) or string.find(name, "\226\128\169", 1, true) then
    name = string.gsub(name, "[\\']", "\\%0")
    return "['" .. string.gsub(name, "[\t\n\r\f\b]",
      { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ["\f"] = "\\f", ["\b"] = "\\b" }) .. "']"
  end
  return first and name or "." .. name
end
R.json_path_step = path_step

function R.json_path(token)
  local steps = {}
  while token.parent do
    local parent = token.parent
    local meta = getmetatable(parent)
    if meta == JArray then
      table.insert(steps, 1, "[" .. index_of(parent, token) - 1 .. "]")
    elseif meta == JObject then
      table.insert(steps, 1, path_step(token.name, root_of(token) == parent))
    end
    token = parent
  end
  return concat(steps)
end
