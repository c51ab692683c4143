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

local function put_attribute(out, label, value)
  invalid(value)
  out[#out + 1] = " " .. label .. '="' .. gsub(value, '[&<>"\n\r\t]', in_attribute) .. '"'
end

local function attributes_text(element, out)
  local attributes = element.attributes
  for i = 1, attributes.n do
    put_attribute(out, qualified(attributes[i].prefix, attributes[i].name), attributes[i].value)
  end
end

-- Prefixes as they are declared in what has been written: by prefix the namespace, in tables that inherit.
local function prefix_of(scope, ns, for_attribute)
  local hidden = {}
  while scope do
    for prefix, uri in pairs(scope.own) do
      if not hidden[prefix] then
        hidden[prefix] = true
        if uri == ns and (prefix ~= "" or not for_attribute) then return prefix end
      end
    end
    scope = scope.outer
  end
  return nil
end

local function bound_to(scope, prefix)
  while scope do
    if scope.own[prefix] then return scope.own[prefix] end
    scope = scope.outer
  end
  return prefix == "" and "" or nil
end

-- The prefix under which a name is written, declared in `scope.own` (and noted in `added`) where it is not yet.
local function name_in(scope, node, added, for_attribute)
  local ns = node.ns
  if ns == R.XML_NAMESPACE then return "xml" end
  if ns == "" then
    if not for_attribute and bound_to(scope, "") ~= "" then
      scope.own[""], added[#added + 1] = "", { "xmlns", "" }
    end
    return ""
  end
  local prefix = node.prefix
  if (prefix ~= "" or not for_attribute) and bound_to(scope, prefix) == ns then return prefix end
  local known = prefix_of(scope, ns, for_attribute)
  if known then return known end
  if prefix == "" and for_attribute or scope.own[prefix] then
    local number = 1
    while bound_to(scope, "p" .. number) do number = number + 1 end
    prefix = "p" .. number
  end
  scope.own[prefix] = ns
  added[#added + 1] = { prefix == "" and "xmlns" or "xmlns:" .. prefix, ns }
  return prefix
end

-- A start tag whose prefixes are worked out anew, as XLinq does; the label, and the scope for what is inside.
local function start_tag(node, out, outer)
  local scope, added = { own = {}, outer = outer }, {}
  local attributes = node.attributes
  for i = 1, attributes.n do
    local attribute = attributes[i]
    if attribute.ns == R.XMLNS_NAMESPACE then
      scope.own[attribute.prefix == "" and "" or attribute.name] = attribute.value
    end
  end
  local label = qualified(name_in(scope, node, added, false), node.name)
  out[#out + 1] = "<" .. label
  for i = 1, attributes.n do
    local attribute = attributes[i]
    local prefix = attribute.prefix
    if attribute.ns ~= R.XMLNS_NAMESPACE then prefix = name_in(scope, attribute, added, true) end
    put_attribute(out, qualified(prefix, attribute.name), attribute.value)
  end
  for i = 1, #added do put_attribute(out, added[i][1], added[i][2]) end
  return label, scope
end

local write

-- Children of a node. Indentation stops where there is text among them, as XmlWriter's does.
local function write_children(node, out, margin, newline, scope)
  local mixed = margin == nil
  for i = 1, node.n do
    local child = node[i]
    if child.kind == "text" or child.kind == "cdata" then mixed = true end
    if not mixed then out[#out + 1] = newline .. margin end
    write(child, out, not mixed and margin or nil, newline, scope)
  end
  return mixed
end

function write(node, out, margin, newline, scope)
  local kind = node.kind
  R.tick(1)
  if kind == "element" then
    local label
    if scope then
      label, scope = start_tag(node, out, scope)
    else
      label = qualified(node.prefix, node.name)
      out[#out + 1] = "<" .. label
      attributes_text(node, out)
    end
    if node.n == 0 then
      -- An element that was given an empty text has two tags; one that was given nothing has one.
      out[#out + 1] = node.empty == false and "></" .. label .. ">" or " />"
      return
    end
    out[#out + 1] = ">"
    local mixed = write_children(node, out, margin and margin .. "  ", newline, scope)
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

-- The text of a node. With `indented`, by two, and the line ends of Windows; with `resolve`, prefixes are worked out.
function R.xml_text(node, indented, resolve)
  local out = {}
  local scope = resolve and { own = {} } or nil
  local newline = indented and "\r\n" or "\n"
  if node.kind == "document" then
    for i = 1, node.n do
      if i > 1 and indented then out[#out + 1] = newline end
      write(node[i], out, indented and "" or nil, newline, scope)
    end
  else
    write(node, out, indented and "" or nil, newline, scope)
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
