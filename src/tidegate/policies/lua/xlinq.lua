-- System.Xml.Linq: XDocument, XElement and their like over the trees of xml.lua. An XName is its text, `{namespace}local`;
-- an XNamespace is its URI.

local find, match = string.find, string.match
local concat = table.concat

local bases = { XNode = true, XObject = true }
R.XObject = { type = "XObject" }
R.XElement = { type = "XElement", bases = { XContainer = true, XNode = true, XObject = true } }
R.XDocument = { type = "XDocument", bases = { XContainer = true, XNode = true, XObject = true } }
R.XAttribute = { type = "XAttribute", bases = { XObject = true } }
R.XText = { type = "XText", bases = bases }
R.XCData = { type = "XCData", bases = { XText = true, XNode = true, XObject = true } }
R.XComment = { type = "XComment", bases = bases }
R.XProcessingInstruction = { type = "XProcessingInstruction", bases = bases }
local metas = {
  element = R.XElement, document = R.XDocument, attribute = R.XAttribute, text = R.XText, cdata = R.XCData,
  comment = R.XComment, pi = R.XProcessingInstruction,
}
local is_x = {}
for _, meta in pairs(metas) do is_x[meta] = true end

function R.is_xml(value)
  local meta = getmetatable(value)
  return is_x[meta] == true or (meta ~= nil and meta.is_xml == true)
end

-- -- names

local NAME = "^[%a_\128-\255][%w_%.%-\128-\255]*$"

local function checked(name)
  if not find(name, NAME) then
    local first = match(name, "^[%z\1-\127\194-\244][\128-\191]*") or ""
    R.throw("The '" .. first .. "' character, hexadecimal value 0x"
      .. string.format("%02X", string.byte(name) or 0) .. ", cannot be included in a name.", "XmlException")
  end
  return name
end

-- The implicit conversion of a string.
function R.xname(text)
  if text == nil then return nil end
  local ns, name = match(text, "^{([^}]*)}(.*)$")
  if not ns then return checked(text) end
  checked(name)
  return ns == "" and name or text
end

function R.xname_of(ns, name)
  R.argument(name, "localName")
  checked(name)
  if ns == nil or ns == "" then return name end
  return "{" .. ns .. "}" .. name
end

function R.xname_local(name) return match(name, "([^}]*)$") end
function R.xname_namespace(name) return match(name, "^{([^}]*)}") or "" end

-- XNamespace.Xml and Xmlns.
function R.xname_reserved(prefix)
  return prefix == "xml" and R.XML_NAMESPACE or R.XMLNS_NAMESPACE
end

-- XAttribute.IsNamespaceDeclaration
function R.x_declares(attribute)
  return attribute.ns == R.XMLNS_NAMESPACE
end

local function parts_of(name)
  R.argument(name, "name")
  return R.xname_namespace(name), R.xname_local(name)
end

function R.x_name(node)
  return node.ns == "" and node.name or "{" .. node.ns .. "}" .. node.name
end

local function fits(node, ns, name)
  return name == nil or (node.name == name and node.ns == ns)
end

-- -- making nodes

-- XmlConvert.ToString of a value.
local function text_of(value)
  if type(value) == "boolean" then return value and "true" or "false" end
  local meta = type(value) == "table" and getmetatable(value)
  if meta and meta == R.DateTime then return R.date_to_iso(value) end
  return R.text(value)
end

local function copy(node)
  R.tick(1)
  local made = { kind = node.kind, name = node.name, prefix = node.prefix, ns = node.ns, value = node.value,
    empty = node.empty, n = node.n, declaration = node.declaration }
  if node.attributes then
    local attributes = { n = node.attributes.n }
    for i = 1, attributes.n do
      attributes[i] = copy(node.attributes[i])
      attributes[i].parent = made
    end
    made.attributes = attributes
  end
  for i = 1, node.n do
    local child = copy(node[i])
    made[i], child.parent = child, made
  end
  return setmetatable(made, getmetatable(node))
end
R.x_copy = copy

local function insert(parent, node, at)
  R.tick(1 + math.floor((parent.n - at) / 16))
  if node.parent then node = copy(node) end
  for i = parent.n, at, -1 do parent[i + 1] = parent[i] end
  parent[at], node.parent, parent.n = node, parent, parent.n + 1
end

local function add_attribute(element, attribute)
  if attribute.parent then attribute = copy(attribute) end
  local list = element.attributes
  for i = 1, list.n do
    if list[i].name == attribute.name and list[i].ns == attribute.ns then
      R.throw("Duplicate attribute.", "InvalidOperationException")
    end
  end
  list.n = list.n + 1
  list[list.n], attribute.parent = attribute, element
end

-- Add contents as XContainer.Add does; `at` is where the next node goes. Where the one behind goes.
local function add(container, content, at, depth)
  if content == nil then return at end
  R.tick(1)
  local meta = getmetatable(content)
  if meta == R.XAttribute then
    add_attribute(container, content)
    return at
  end
  if is_x[meta] then
    if meta == R.XDocument then R.throw("An XDocument cannot be content.", "ArgumentException") end
    insert(container, content, at)
    return at + 1
  end
  if type(content) == "table" and content.n and (meta == nil or meta == R.Array or meta == R.List) then
    if depth > 32 then R.throw("The content is nested too deep.") end
    for i = 1, content.n do at = add(container, content[i], at, depth + 1) end
    return at
  end
  local text = text_of(content)
  local before = container[at - 1]
  if before and before.kind == "text" then
    before.value = before.value .. text
    return at
  end
  if text == "" then
    if container.n == 0 then container.empty = false end
    return at
  end
  insert(container, setmetatable({ kind = "text", value = text, n = 0 }, R.XText), at)
  return at + 1
end

function R.x_add(container, content)
  add(container, content, container.n + 1, 0)
end

function R.x_add_first(container, content)
  add(container, content, 1, 0)
end

function R.x_element(name, contents)
  local ns, own = parts_of(name)
  local element = setmetatable(
    { kind = "element", prefix = "", name = own, ns = ns, attributes = { n = 0 }, n = 0, empty = true }, R.XElement)
  for i = 1, contents.n do R.x_add(element, contents[i]) end
  return element
end

function R.x_document(contents)
  local document = setmetatable({ kind = "document", n = 0 }, R.XDocument)
  for i = 1, contents.n do
    if type(contents[i]) == "table" and contents[i].version then
      document.declaration = contents[i]
    else
      R.x_add(document, contents[i])
    end
  end
  return document
end

function R.x_attribute_of(name, value)
  local ns, own = parts_of(name)
  R.argument(value, "value")
  local prefix = ns == R.XMLNS_NAMESPACE and "xmlns" or ns == R.XML_NAMESPACE and "xml" or ""
  if own == "xmlns" and ns == "" then ns = R.XMLNS_NAMESPACE end
  return setmetatable({ kind = "attribute", prefix = prefix, name = own, ns = ns, value = text_of(value), n = 0 },
    R.XAttribute)
end

function R.x_leaf(kind, value, name)
  return setmetatable({ kind = kind, value = value or "", name = name, n = 0 }, metas[kind])
end

-- Parse(text[, LoadOptions]): 1 keeps white space.
function R.x_parse(text, options)
  return R.xml_parse(text, options ~= nil and options % 2 == 1, metas)
end

function R.x_parse_element(text, options)
  local root = R.xml_root(R.x_parse(text, options))
  root.parent = nil
  return root
end

R.body_types.XDocument = function(text) return R.x_parse(text) end
R.body_types.XElement = function(text) return R.x_parse_element(text) end
R.body_types.XNode = R.body_types.XElement

R.x_parts = { add = add, add_attribute = add_attribute, text_of = text_of, parts_of = parts_of, fits = fits }

-- -- text

-- ToString(SaveOptions): 1 is DisableFormatting.
function R.x_text(node, options)
  if node.kind == "attribute" then
    local value = string.gsub(R.xml_escaped(node.value), '"', "&quot;")
    local prefix = node.prefix
    return R.xml_qualified(prefix, node.name) .. '="' .. value .. '"'
  end
  return R.xml_text(node, (options or 0) % 2 == 0, true)
end
for _, meta in pairs(metas) do meta.text = R.x_text end

-- -- casts: (string)element, (int)attribute

local takes = { bool = true, int = true, long = true, double = true, decimal = true, float = true, uint = true,
  ulong = true }

-- As XmlConvert reads them.
function R.x_cast(node, name)
  local base = match(name, "^(.*)%?$")
  if node == nil then
    if name == "string" or base then return nil end
    R.argument(nil, node and node.kind or "element")
  end
  local text = node.kind == "attribute" and node.value or R.xml_value(node)
  base = base or name
  if base == "string" then return text end
  text = R.liquid_filters.Strip(text)
  if base == "bool" then
    if text == "true" or text == "1" then return true end
    if text == "false" or text == "0" then return false end
    R.throw("The string '" .. text .. "' is not a valid Boolean value.", "FormatException")
  end
  if takes[base] then return R["convert_" .. base](text) end
  if base == "DateTime" then return R.parse_date(text) end
  if base == "DateTimeOffset" then return R.parse_offset(text) end
  if base == "Guid" then return R.parse_guid(text) end
  return R.parse_span(text)
end

function R.x_concat(nodes)
  local parts = {}
  for i = 1, nodes.n do parts[i] = R.x_text(nodes[i]) end
  return concat(parts)
end

function R.x_declaration(version, encoding, standalone)
  return { version = version or "1.0", encoding = encoding, standalone = standalone }
end

-- XNode.DeepEquals
function R.x_equals(a, b)
  if a == nil or b == nil then return a == b end
  return R.xml_text(a, false, true) == R.xml_text(b, false, true)
end
