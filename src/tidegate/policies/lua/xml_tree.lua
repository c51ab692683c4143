-- Trees of XML: what their text is, and their writing.

local find, gsub, format = string.find, string.gsub, string.format
local concat = table.concat
local qualified = R.xml_qualified
local XSI = "http://www.w3.org/2001/XMLSchema-instance"
R.XSI_NAMESPACE = XSI

-- Set the metatable of each node by its kind.
function R.xml_typed(node, metas)
  local function walk(each)
    R.tick(1)
    setmetatable(each, metas[each.kind])
    local attributes = each.attributes
    for i = 1, attributes and attributes.n or 0 do setmetatable(attributes[i], metas.attribute) end
    for i = 1, each.n do walk(each[i]) end
  end
  walk(node)
  return node
end

function R.xml_root(document)
  for i = 1, document.n do
    if document[i].kind == "element" then return document[i] end
  end
  return nil
end

-- All text below a node, in order.
function R.xml_value(node)
  local kind = node.kind
  if kind ~= "element" and kind ~= "document" then return node.value or "" end
  if node.n == 1 and (node[1].kind == "text" or node[1].kind == "cdata") then return node[1].value end
  local parts, n = {}, 0
  local function walk(each)
    for i = 1, each.n do
      local child = each[i]
      if child.kind == "text" or child.kind == "cdata" then
        n = n + 1
        parts[n] = child.value
      elseif child.kind == "element" then
        walk(child)
      end
    end
    R.tick(each.n)
  end
  walk(node)
  return concat(parts)
end

function R.xml_attribute(element, name, ns)
  local attributes = element.attributes
  for i = 1, attributes.n do
    if attributes[i].name == name and attributes[i].ns == (ns or "") then return attributes[i] end
  end
  return nil
end

function R.xml_has_elements(element)
  for i = 1, element.n do
    if element[i].kind == "element" then return true end
  end
  return false
end

-- xsi:nil="true"
function R.xml_is_nil(element)
  local attribute = R.xml_attribute(element, "nil", XSI)
  return attribute ~= nil and (attribute.value == "true" or attribute.value == "1")
end

-- -- writing

local in_text = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["\r"] = "&#xD;" }
local in_attribute = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "&#xA;",
  ["\r"] = "&#xD;", ["\t"] = "&#x9;" }

function R.xml_escaped(text)
  if not find(text, "[&<>\r]") then return text end
  return (gsub(text, "[&<>\r]", in_text))
end
local escaped = R.xml_escaped

local function invalid(text)
  local wrong = find(text, "[%z\1-\8\11\12\14-\31]")
  if wrong then
    R.throw(format("'%s', hexadecimal value 0x%02X, is an invalid character.", string.sub(text, wrong, wrong),
      string.byte(text, wrong)), "ArgumentException")
  end
end

local function attributes_text(element, out)
  local attributes = element.attributes
  for i = 1, attributes.n do
    local attribute = attributes[i]
    invalid(attribute.value)
    out[#out + 1] = " " .. qualified(attribute.prefix, attribute.name) .. '="'
      .. gsub(attribute.value, '[&<>"\n\r\t]', in_attribute) .. '"'
  end
end

local write

-- Children of a node. Indentation stops where there is text among them, as XmlWriter's does.
local function write_children(node, out, margin, newline)
  local mixed = margin == nil
  for i = 1, node.n do
    local child = node[i]
    if child.kind == "text" or child.kind == "cdata" then mixed = true end
    if not mixed then out[#out + 1] = newline .. margin end
    write(child, out, not mixed and margin or nil, newline)
  end
  return mixed
end

function write(node, out, margin, newline)
  local kind = node.kind
  R.tick(1)
  if kind == "element" then
    local label = qualified(node.prefix, node.name)
    out[#out + 1] = "<" .. label
    attributes_text(node, out)
    if node.n == 0 then
      -- An element that was given an empty text has two tags; one that was given nothing has one.
      out[#out + 1] = node.empty == false and "></" .. label .. ">" or " />"
      return
    end
    out[#out + 1] = ">"
    local mixed = write_children(node, out, margin and margin .. "  ", newline)
    if not mixed and margin then out[#out + 1] = newline .. margin end
    out[#out + 1] = "</" .. label .. ">"
  elseif kind == "text" then
    invalid(node.value)
    local text = escaped(node.value)
    out[#out + 1] = newline ~= "\n" and gsub(text, "\n", newline) or text
  elseif kind == "cdata" then
    out[#out + 1] = "<![CDATA[" .. gsub(node.value, "]]>", "]]]]><![CDATA[>") .. "]]>"
  elseif kind == "comment" then
    out[#out + 1] = "<!--" .. node.value .. "-->"
  elseif kind == "pi" then
    out[#out + 1] = "<?" .. node.name .. (node.value ~= "" and " " .. node.value or "") .. "?>"
  end
end

-- The text of a node. With `indented`, by two, and the line ends of Windows.
function R.xml_text(node, indented)
  local out = {}
  local newline = indented and "\r\n" or "\n"
  if node.kind == "document" then
    for i = 1, node.n do
      if i > 1 and indented then out[#out + 1] = newline end
      write(node[i], out, indented and "" or nil, newline)
    end
  else
    write(node, out, indented and "" or nil, newline)
  end
  return concat(out)
end

function R.xml_declaration(document)
  local declaration = document.declaration
  if not declaration then return "" end
  local text = '<?xml version="' .. declaration.version .. '"'
  if declaration.encoding then text = text .. ' encoding="' .. declaration.encoding .. '"' end
  if declaration.standalone then text = text .. ' standalone="' .. declaration.standalone .. '"' end
  return text .. "?>"
end
