-- System.Xml: XmlDocument and its nodes over the trees of xml.lua, XmlNamespaceManager, and a small XmlReader.

local match = string.match

local function meta_of(name, ...)
  local bases = { XmlNode = true }
  for _, each in ipairs({ ... }) do bases[each] = true end
  return { type = name, bases = bases, is_xml = true }
end
R.XmlDocument, R.XmlElement, R.XmlAttribute = meta_of("XmlDocument"), meta_of("XmlElement"), meta_of("XmlAttribute")
local metas = {
  document = R.XmlDocument, element = R.XmlElement, attribute = R.XmlAttribute, text = meta_of("XmlText"),
  cdata = meta_of("XmlCDataSection"), comment = meta_of("XmlComment"), pi = meta_of("XmlProcessingInstruction"),
}
for _, meta in pairs(metas) do
  meta.text = function() return "System.Xml." .. meta.type end
end

function R.xml_document()
  return setmetatable({ kind = "document", n = 0 }, R.XmlDocument)
end

function R.xml_load(document, text)
  local read = R.xml_parse(R.argument(text, "xml"), document.keeps, metas)
  for i = 1, document.n do document[i] = nil end
  document.n, document.declaration = read.n, read.declaration
  for i = 1, read.n do
    document[i] = read[i]
    read[i].parent = document
  end
end

function R.xml_keep_space(document, keeps)
  document.keeps = keeps
end

-- SelectSingleNode and SelectNodes; `manager` is an XmlNamespaceManager or nil.
function R.xml_select(node, path, manager)
  return setmetatable(R.xpath_nodes(node, path, manager and manager.names), R.Array)
end

function R.xml_select_one(node, path, manager)
  return R.xpath_nodes(node, path, manager and manager.names)[1]
end

function R.xml_namespaces()
  return setmetatable({ names = {} }, R.XmlNamespaceManager)
end
R.XmlNamespaceManager = { type = "XmlNamespaceManager" }

function R.xml_add_namespace(manager, prefix, uri)
  -- Expressions that were read keep the table they were read with.
  local names = {}
  for known, value in pairs(manager.names) do names[known] = value end
  names[R.argument(prefix, "prefix")] = R.argument(uri, "uri")
  manager.names = names
end

function R.xml_inner(node)
  local parts = {}
  for i = 1, node.n do parts[i] = R.xml_text(node[i], false, true) end
  return table.concat(parts)
end

function R.xml_outer(node)
  if node.kind == "attribute" then return R.x_text(node) end
  if node.kind == "document" then return R.xml_declaration(node) .. R.xml_text(node, false, true) end
  return R.xml_text(node, false, true)
end

function R.xml_set_text(node, text)
  if node.kind ~= "element" then
    node.value = text or ""
    return
  end
  for i = 1, node.n do
    node[i].parent = nil
    node[i] = nil
  end
  node.n, node.empty = 0, false
  if text ~= nil and text ~= "" then
    node[1] = setmetatable({ kind = "text", value = text, n = 0, parent = node }, metas.text)
    node.n = 1
  end
end

local names = { text = "#text", cdata = "#cdata-section", comment = "#comment", document = "#document" }

function R.xml_node_name(node, is_local)
  local name = names[node.kind]
  if name then return name end
  if is_local then return node.name end
  return R.xml_qualified(node.prefix or "", node.name)
end

function R.xml_node_value(node)
  if node.kind == "element" or node.kind == "document" then return nil end
  return node.value
end

local types = { element = 1, attribute = 2, text = 3, cdata = 4, pi = 7, comment = 8, document = 9 }
R.enum("XmlNodeType", { [0] = "None", "Element", "Attribute", "Text", "CDATA", "EntityReference", "Entity",
  "ProcessingInstruction", "Comment", "Document", "DocumentType", "DocumentFragment", "Notation", "Whitespace",
  "SignificantWhitespace", "EndElement", "EndEntity", "XmlDeclaration" })

function R.xml_node_type(node)
  return types[node.kind]
end

-- An attribute by its name as written.
local function attribute_named(element, name)
  local attributes = element.attributes
  for i = 1, attributes and attributes.n or 0 do
    if R.xml_qualified(attributes[i].prefix, attributes[i].name) == name then return attributes[i] end
  end
  return nil
end
R.xml_attribute_named = attribute_named

function R.xml_get_attribute(element, name)
  local attribute = attribute_named(element, name)
  return attribute and attribute.value or ""
end

function R.xml_set_attribute(element, name, value)
  local attribute = attribute_named(element, name)
  if attribute then
    attribute.value = value or ""
    return
  end
  local prefix, own = match(name, "^([^:]+):(.+)$")
  local attributes = element.attributes
  attributes.n = attributes.n + 1
  local ns = prefix == "xmlns" and R.XMLNS_NAMESPACE or name == "xmlns" and R.XMLNS_NAMESPACE or ""
  attributes[attributes.n] = setmetatable({ kind = "attribute", prefix = prefix or "", name = own or name, ns = ns,
    value = value or "", n = 0, parent = element }, R.XmlAttribute)
end

function R.xml_remove_attribute(element, name)
  local attribute = attribute_named(element, name)
  if attribute then R.x_remove(attribute) end
end

-- `name`, `*`, by the name as written; in the order of the document.
function R.xml_by_tag(node, name)
  local list = { n = 0 }
  local function walk(each)
    R.tick(1 + each.n)
    for i = 1, each.n do
      local child = each[i]
      if child.kind == "element" then
        if name == "*" or R.xml_qualified(child.prefix, child.name) == name then
          list.n = list.n + 1
          list[list.n] = child
        end
        walk(child)
      end
    end
  end
  walk(node)
  return setmetatable(list, R.Array)
end

function R.xml_child(node, name)
  for i = 1, node.n do
    if node[i].kind == "element" and R.xml_qualified(node[i].prefix, node[i].name) == name then return node[i] end
  end
  return nil
end

function R.xml_create(kind, name, ns, value)
  local prefix, own
  if name then prefix, own = match(name, "^([^:]+):(.+)$") end
  local node = { kind = kind, prefix = prefix or "", name = own or name, ns = ns or "", value = value, n = 0,
    empty = kind == "element" or nil }
  if kind == "element" then node.attributes = { n = 0 } end
  return setmetatable(node, metas[kind])
end

-- AppendChild, PrependChild, InsertBefore, InsertAfter move the node.
function R.xml_insert(parent, node, at)
  if node.parent then R.x_remove(node) end
  for i = parent.n, at, -1 do parent[i + 1] = parent[i] end
  parent[at], node.parent, parent.n = node, parent, parent.n + 1
  return node
end

function R.xml_remove_child(parent, node)
  if node == nil or node.parent ~= parent then
    R.throw("The node to be removed is not a child of this node.", "ArgumentException")
  end
  R.x_remove(node)
  return node
end

-- -- XmlReader: a tree's nodes one after the other

R.XmlReader = { type = "XmlReader" }

function R.xml_reader(text)
  local document = R.x_parse(text)
  local nodes = { n = 0 }
  local function put(node, ends)
    nodes.n = nodes.n + 1
    nodes[nodes.n] = { node, ends }
  end
  local function walk(node)
    R.tick(1)
    put(node, false)
    for i = 1, node.n do walk(node[i]) end
    if node.kind == "element" and node.n > 0 then put(node, true) end
  end
  for i = 1, document.n do walk(document[i]) end
  return setmetatable({ nodes = nodes, at = 0 }, R.XmlReader)
end

local function current(reader)
  local entry = reader.nodes[reader.at]
  return entry and entry[1], entry and entry[2]
end

function R.reader_read(reader)
  if reader.at <= reader.nodes.n then reader.at = reader.at + 1 end
  return reader.at <= reader.nodes.n
end

function R.reader_eof(reader) return reader.at > reader.nodes.n end

function R.reader_name(reader, is_local)
  local node = current(reader)
  if not node or not node.name then return "" end
  return is_local and node.name or R.xml_qualified(node.prefix or "", node.name)
end

function R.reader_value(reader)
  local node = current(reader)
  return node and node.kind ~= "element" and node.value or ""
end

function R.reader_type(reader)
  local node, ends = current(reader)
  if not node then return 0 end
  return ends and 15 or types[node.kind]
end

-- MoveToContent: past comments and instructions; what kind of node is there.
function R.reader_content(reader)
  if reader.at == 0 then reader.at = 1 end
  while true do
    local node = current(reader)
    if not node or node.kind == "element" or node.kind == "text" or node.kind == "cdata" then break end
    reader.at = reader.at + 1
  end
  return R.reader_type(reader)
end

-- XNode.ReadFrom: the node, and the reader behind it.
function R.reader_node(reader)
  local node, ends = current(reader)
  if not node or ends then R.throw("The XmlReader should not be on a node of this type.", "InvalidOperationException") end
  while true do
    reader.at = reader.at + 1
    local each = current(reader)
    while each and each ~= node do each = each.parent end
    if each ~= node then break end
  end
  return R.x_copy(node)
end

function R.reader_attribute(reader, name)
  local node = current(reader)
  local attribute = node and node.kind == "element" and attribute_named(node, name)
  return attribute and attribute.value or nil
end

-- ReadElementContentAsString: the element's text, and the reader behind it.
function R.reader_element_text(reader)
  local node = R.reader_node(reader)
  if node.kind ~= "element" or R.xml_has_elements(node) then
    R.throw("Unexpected node type " .. node.kind .. ". ReadElementContentAsString method can only be called on "
      .. "elements with simple or empty content.", "InvalidOperationException")
  end
  return R.xml_value(node)
end

function R.xml_append(parent, node)
  if node.parent then R.x_remove(node) end
  return R.xml_insert(parent, node, parent.n + 1)
end

-- Dispose and its like have nothing to let go of.
function R.ignored()
end
