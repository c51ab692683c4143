-- json-to-xml and xml-to-json, after XmlNodeConverter of Newtonsoft.Json.

local find, gsub, format, match = string.find, string.gsub, string.format, string.match
local JObject, JArray, JValue = R.JObject, R.JArray, R.JValue
local qualified = R.xml_qualified
local XSI, XMLNS = R.XSI_NAMESPACE, R.XMLNS_NAMESPACE

-- -- XML to JSON

-- `friendly`: names that JavaScript takes for one word, `soap$Envelope`.
local function label_of(node, friendly)
  local kind = node.kind
  if kind == "text" then return "#text" end
  if kind == "cdata" then return "#cdata-section" end
  if kind == "pi" then return "?" .. node.name end
  local name = qualified(node.prefix, node.name)
  if friendly then name = gsub(name, ":", "$") end
  if kind == "attribute" then return "@" .. name end
  return name
end

local element_token

-- Children of one name become an array, at the place of the first.
local function group_children(node, object, options)
  local labels, groups = {}, {}
  for i = 1, node.n do
    local child = node[i]
    if child.kind ~= "comment" then
      local label = label_of(child, options.friendly)
      if not groups[label] then
        groups[label] = {}
        labels[#labels + 1] = label
      end
      table.insert(groups[label], child)
    end
  end
  R.tick(node.n)
  for _, label in ipairs(labels) do
    local group = groups[label]
    local function token(child)
      if child.kind == "element" then return element_token(child, options) end
      return R.json_value("String", child.value)
    end
    if #group == 1 and not (options.arrays and group[1].kind == "element" and node.kind == "element") then
      R.json_set(object, label, token(group[1]))
    else
      local array = R.json_array()
      for i, child in ipairs(group) do
        local each = token(child)
        each.parent, array[i] = array, each
      end
      array.n = #group
      R.json_set(object, label, array)
    end
  end
end

function element_token(element, options)
  local attributes = element.attributes
  if attributes.n == 0 then
    if element.n == 0 then
      if element.empty then return R.json_null() end
      return R.json_value("String", "")
    end
    if element.n == 1 and element[1].kind == "text" then return R.json_value("String", element[1].value) end
  end
  local object = R.json_object()
  for i = 1, attributes.n do
    R.json_set(object, label_of(attributes[i], options.friendly), R.json_value("String", attributes[i].value))
  end
  group_children(element, object, options)
  return object
end

-- The token of a document or element. `options`: friendly, arrays (always-array-child-elements).
function R.xml_to_token(node, options)
  local object = R.json_object()
  if node.kind ~= "document" then
    R.json_set(object, label_of(node, options.friendly), element_token(node, options))
    return object
  end
  local declaration = node.declaration
  if declaration then
    local inner = options.friendly and object or R.json_object()
    local sign = options.friendly and "" or "@"
    for _, name in ipairs({ "version", "encoding", "standalone" }) do
      if declaration[name] then R.json_set(inner, sign .. name, R.json_value("String", declaration[name])) end
    end
    if inner ~= object then R.json_set(object, "?xml", inner) end
  end
  group_children(node, object, options)
  return object
end

function R.xml_to_json(node, options)
  return R.json_text(R.xml_to_token(node, options), true)
end

-- -- JSON to XML

-- A name that XML takes: what it does not becomes _xHHHH_, as XmlConvert.EncodeLocalName writes it.
local function encoded(name)
  if find(name, "^[%a_\128-\255][%w_%.%-\128-\255]*$") then return name end
  local first = true
  name = gsub(name, "[%z\1-\127\194-\244][\128-\191]*", function(sign)
    local fine = find(sign, first and "^[%a_\128-\255]" or "^[%w_%.%-\128-\255]")
    first = false
    return not fine and format("_x%04X_", string.byte(sign)) or nil
  end)
  return name ~= "" and name or "_"
end

local function new_element(prefix, name, ns)
  return { kind = "element", prefix = prefix, name = name, ns = ns, attributes = { n = 0 }, n = 0 }
end

local function add_attribute(element, prefix, name, ns, value)
  local attributes = element.attributes
  for i = 1, attributes.n do
    if attributes[i].prefix == prefix and attributes[i].name == name then
      attributes[i].value = value
      return
    end
  end
  attributes.n = attributes.n + 1
  attributes[attributes.n] = { kind = "attribute", prefix = prefix, name = name, ns = ns, value = value, n = 0,
    parent = element }
end

local function append(parent, node)
  parent.n = parent.n + 1
  parent[parent.n], node.parent = node, parent
end

local function scalar(token)
  if token.kind == "Boolean" then return token.value and "true" or "false" end
  if token.kind == "Date" then return R.json_date_text(token.value) end
  return R.json_shown(token)
end

-- A property's name as prefix and name, by the prefixes that are declared around it.
local function split(name, scope, options)
  local separator = options.separator
  if separator ~= "" then
    local at = find(name, separator, 2, true)
    if at then
      local prefix = string.sub(name, 1, at - 1)
      if scope[prefix] then return encoded(prefix), encoded(string.sub(name, at + #separator)), scope[prefix] end
    end
  end
  return "", encoded(name), scope[""] or ""
end

-- Whether a property declares a namespace, and which prefix it does.
local function declared(name, options)
  local prefix = options.namespace_prefix
  if name == "@xmlns" then return "" end
  if match(name, "^@xmlns:.") then return string.sub(name, 8) end
  if not prefix or prefix == "" then return nil end
  if name == prefix then return "" end
  if string.sub(name, 1, #prefix) ~= prefix then return nil end
  local rest = string.sub(name, #prefix + 1)
  local separator = options.separator
  if separator ~= "" and string.sub(rest, 1, #separator) == separator then return string.sub(rest, #separator + 1) end
  return nil
end

local fill

local function is_attribute(name, value, options)
  return string.sub(name, 1, 1) == "@" and #name > 1 and getmetatable(value) == JValue
    and name ~= options.attribute_block
end

local function build(parent, name, value, scope, options, depth)
  if depth > 128 then R.throw("The JSON is nested too deep.") end
  R.tick(2)
  if getmetatable(value) == JArray then
    if value.n == 0 then
      local prefix, own, ns = split(name, scope, options)
      append(parent, new_element(prefix, own, ns))
    end
    for i = 1, value.n do build(parent, name, value[i], scope, options, depth + 1) end
    return
  end
  local inner = scope
  if getmetatable(value) == JObject then
    for i = 1, value.n do
      local property = value[i]
      local prefix = getmetatable(property[1]) == JValue and declared(property.name, options)
      if prefix then
        if inner == scope then inner = setmetatable({}, { __index = scope }) end
        inner[prefix] = R.json_shown(property[1])
      end
    end
  end
  local prefix, own, ns = split(name, inner, options)
  local element = new_element(prefix, own, ns)
  append(parent, element)
  fill(element, value, inner, options, depth)
end

function fill(element, value, scope, options, depth)
  local meta = getmetatable(value)
  if meta == JValue then
    if value.kind == "Null" or value.kind == "Undefined" then
      add_attribute(element, "xsi", "nil", XSI, "true")
      add_attribute(element, "xmlns", "xsi", XMLNS, XSI)
    else
      local text = scalar(value)
      element.empty = text ~= ""
      if text ~= "" then append(element, { kind = "text", value = text, n = 0 }) end
    end
    return
  end
  for i = 1, value.n do
    local name, inner = value[i].name, value[i][1]
    local prefix = getmetatable(inner) == JValue and declared(name, options)
    if prefix then
      add_attribute(element, prefix ~= "" and "xmlns" or "", prefix ~= "" and prefix or "xmlns", XMLNS,
        R.json_shown(inner))
    elseif options.attribute_block and name == options.attribute_block and getmetatable(inner) == JObject then
      for j = 1, inner.n do
        local own_prefix, own, ns = split(inner[j].name, scope, options)
        add_attribute(element, own_prefix, own, own_prefix ~= "" and ns or "", R.json_shown(inner[j][1]))
      end
    elseif is_attribute(name, inner, options) then
      local own_prefix, own, ns = split(string.sub(name, 2), scope, options)
      add_attribute(element, own_prefix, own, own_prefix ~= "" and ns or "", scalar(inner))
    elseif name == "#text" and getmetatable(inner) == JValue then
      append(element, { kind = "text", value = scalar(inner), n = 0 })
    elseif name == "#cdata-section" and getmetatable(inner) == JValue then
      append(element, { kind = "cdata", value = scalar(inner), n = 0 })
    else
      build(element, name, inner, scope, options, depth + 1)
    end
  end
end

-- The document of a token. One property is the root; anything else stands in `<Document>`.
function R.token_to_xml(token, options)
  local document = { kind = "document", n = 0 }
  if getmetatable(token) == JObject then
    local roots, root = 0, nil
    for i = 1, token.n do
      if string.sub(token[i].name, 1, 4) ~= "?xml" then
        roots, root = roots + 1, token[i]
      end
    end
    if roots == 1 and getmetatable(root[1]) ~= JArray and not is_attribute(root.name, root[1], options) then
      build(document, root.name, root[1], {}, options, 1)
      return document
    end
  end
  if getmetatable(token) == JArray then
    local wrapper = R.json_object()
    R.json_set(wrapper, "Array", token)
    token = wrapper
  end
  build(document, "Document", token, {}, options, 1)
  return document
end
