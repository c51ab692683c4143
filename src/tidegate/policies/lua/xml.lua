-- XML 1.0 with namespaces: a bounded reader without DTDs, and the tree that XLinq, XmlDocument, Liquid and xml-to-json
-- share. Exceptions say what System.Xml's say.
--
-- A node: `kind` (document, element, text, cdata, comment, pi), `parent`, children in [1..n]. An element: `name` (local),
-- `prefix`, `ns` ("" for none), `attributes` {n, [i] = attribute}, `empty` where it was written `<a/>`. An attribute:
-- `name`, `prefix`, `ns`, `value`, `kind` "attribute"; declarations of namespaces are attributes of the namespace XMLNS.

local find, sub, byte, match, gsub = string.find, string.sub, string.byte, string.match, string.gsub
local concat = table.concat

local XMLNS = "http://www.w3.org/2000/xmlns/"
local XML = "http://www.w3.org/XML/1998/namespace"
R.XML_NAMESPACE, R.XMLNS_NAMESPACE = XML, XMLNS
local MAX_DEPTH = 256
local NAME = "^[%a_\128-\255][%w_%.%-\128-\255]*"

local function position(text, stop)
  local line, start, at = 1, 1, 1
  while true do
    local found = find(text, "\n", at, true)
    if not found or found >= stop then break end
    line, at = line + 1, found + 1
    start = at
  end
  return line, R.length(sub(text, start, stop - 1)) + 1
end

local function bad(s, message, at)
  local line, column = position(s.text, at or s.at)
  R.throw(message .. " Line " .. line .. ", position " .. column .. ".", "XmlException")
end

local function shown(s, at)
  return match(s.text, "^[%z\1-\127\194-\244][\128-\191]*", at) or ""
end

local entities = { lt = "<", gt = ">", amp = "&", quot = '"', apos = "'" }

local function reference(s, at)
  -- `at` is the `&`. The character, and the offset behind.
  local body = match(s.text, "^([^;&<%s]*);", at + 1)
  if not body then bad(s, "An error occurred while parsing EntityName.", at + 1) end
  local behind = at + #body + 2
  if entities[body] then return entities[body], behind end
  local hex, decimal = match(body, "^#x(%x+)$"), match(body, "^#(%d+)$")
  local code = hex and #hex < 8 and tonumber(hex, 16) or decimal and #decimal < 8 and tonumber(decimal)
  if not hex and not decimal then
    if sub(body, 1, 1) == "#" then bad(s, "Invalid syntax for a " .. "decimal numeric entity reference.", at + 2) end
    bad(s, "Reference to undeclared entity '" .. body .. "'.", at + 1)
  end
  if not code or code > 0x10FFFF or (code >= 0xD800 and code <= 0xDFFF) or code == 0xFFFE or code == 0xFFFF
    or (code < 32 and code ~= 9 and code ~= 10 and code ~= 13) then
    bad(s, "'', hexadecimal value 0x" .. string.format("%X", code or 0) .. ", is an invalid character.", at + 2)
  end
  return R.utf8_char(code), behind
end

-- The next place of a sign, remembered until it has been passed: looked for at every text, it would be the whole rest of
-- the document that is looked through each time.
local function next_place(s, field, sign, from)
  local place = s[field]
  if place < from then
    place = find(s.text, sign, from, true) or #s.text + 1
    s[field] = place
  end
  return place
end

-- Text between two offsets, with its references replaced; in attributes, white space becomes spaces.
local function decoded(s, from, to, in_attribute)
  local text = s.text
  local stop = next_place(s, "ampersand", "&", from)
  local raw
  if stop > to then
    raw = sub(text, from, to)
    return in_attribute and gsub(raw, "[\t\n]", " ") or raw
  end
  local parts, at = {}, from
  while stop <= to do
    raw = sub(text, at, stop - 1)
    parts[#parts + 1] = in_attribute and gsub(raw, "[\t\n]", " ") or raw
    parts[#parts + 1], at = reference(s, stop)
    stop = next_place(s, "ampersand", "&", at)
  end
  raw = sub(text, at, to)
  parts[#parts + 1] = in_attribute and gsub(raw, "[\t\n]", " ") or raw
  return concat(parts)
end

local function append(parent, node)
  local n = parent.n + 1
  parent.n, parent[n], node.parent = n, node, parent
end

local function qualified(s, at)
  local first = match(s.text, NAME, at)
  if not first then
    if at > #s.text then bad(s, "Unexpected end of file has occurred.", at) end
    bad(s, "Name cannot begin with the '" .. shown(s, at) .. "' character, hexadecimal value 0x"
      .. string.format("%02X", byte(s.text, at)) .. ".", at)
  end
  at = at + #first
  if byte(s.text, at) ~= 58 then return "", first, at end
  local second = match(s.text, NAME, at + 1)
  if not second then bad(s, "The ':' character, hexadecimal value 0x3A, cannot be included in a name.", at) end
  return first, second, at + 1 + #second
end

local function full(prefix, name)
  return prefix == "" and name or prefix .. ":" .. name
end
R.xml_qualified = full

-- The namespace of a prefix, by the declarations of the elements that are open.
local function namespace_of(s, prefix, at)
  if prefix == "xml" then return XML end
  local scope = s.scope
  while scope do
    local uri = scope.names[prefix]
    if uri then return uri end
    scope = scope.outer
  end
  if prefix == "" then return "" end
  bad(s, "'" .. prefix .. "' is an undeclared prefix.", at)
end

local function read_attributes(s, at)
  local text, list = s.text, { n = 0 }
  local seen, names = {}, nil
  while true do
    local next_at = find(text, "[^ \t\n]", at)
    if not next_at then bad(s, "Unexpected end of file has occurred.", #text + 1) end
    local sign = byte(text, next_at)
    if sign == 62 or sign == 47 then return list, next_at, names end
    if next_at == at then
      bad(s, "'" .. shown(s, at) .. "' is an unexpected token. Expecting white space.", at)
    end
    local prefix, name
    local start = next_at
    prefix, name, at = qualified(s, next_at)
    at = find(text, "[^ \t\n]", at) or #text + 1
    if byte(text, at) ~= 61 then
      bad(s, "'" .. shown(s, at) .. "' is an unexpected token. The expected token is '='.", at)
    end
    at = find(text, "[^ \t\n]", at + 1) or #text + 1
    local quote = sub(text, at, at)
    if quote ~= '"' and quote ~= "'" then
      bad(s, "'" .. shown(s, at) .. "' is an unexpected token. The expected token is '\"' or '''.", at)
    end
    local stop = find(text, quote, at + 1, true)
    if not stop then bad(s, "There is an unclosed literal string.", at) end
    local less = find(text, "<", at + 1, true)
    if less and less < stop then
      bad(s, "'<', hexadecimal value 0x3C, is an invalid attribute character.", less)
    end
    local value = decoded(s, at + 1, stop - 1, true)
    at = stop + 1
    local label = full(prefix, name)
    if seen[label] then bad(s, "'" .. label .. "' is a duplicate attribute name.", start) end
    seen[label] = true
    if label == "xmlns" or prefix == "xmlns" then
      names = names or {}
      names[prefix == "" and "" or name] = value
    end
    list.n = list.n + 1
    list[list.n] = { kind = "attribute", prefix = prefix, name = name, value = value, at = start, n = 0 }
    if list.n > 1024 then bad(s, "An element has more than 1024 attributes.", start) end
  end
end

local function open_element(s, at)
  local element = { kind = "element", n = 0, at = at }
  local start = at + 1
  element.prefix, element.name, at = qualified(s, start)
  local attributes, names
  attributes, at, names = read_attributes(s, at)
  if names then s.scope = { names = names, outer = s.scope, owner = element } end
  element.ns = namespace_of(s, element.prefix, start)
  local expanded = attributes.n > 1 and {} or nil
  for i = 1, attributes.n do
    local attribute = attributes[i]
    attribute.parent = element
    if attribute.prefix == "xmlns" or (attribute.prefix == "" and attribute.name == "xmlns") then
      attribute.ns = XMLNS
    else
      attribute.ns = attribute.prefix == "" and "" or namespace_of(s, attribute.prefix, attribute.at)
    end
    if expanded then
      local key = attribute.ns .. "\0" .. attribute.name
      if expanded[key] then bad(s, "'" .. attribute.name .. "' is a duplicate attribute name.", attribute.at) end
      expanded[key] = true
    end
  end
  element.attributes = attributes
  append(s.parent, element)
  s.count = s.count + 1
  R.tick(2 + attributes.n)
  if byte(s.text, at) == 47 then
    if byte(s.text, at + 1) ~= 62 then
      bad(s, "'" .. shown(s, at + 1) .. "' is an unexpected token. The expected token is '>'.", at + 1)
    end
    element.empty = true
    if names then s.scope = s.scope.outer end
    return at + 2
  end
  s.depth = s.depth + 1
  if s.depth > MAX_DEPTH then bad(s, "Elements are nested more than " .. MAX_DEPTH .. " deep.", start) end
  s.parent = element
  return at + 1
end

local function close_element(s, at)
  local element = s.parent
  local prefix, name, behind = qualified(s, at + 2)
  if element.kind == "document" or prefix ~= element.prefix or name ~= element.name then
    if element.kind == "document" then bad(s, "Unexpected end tag.", at + 2) end
    local line, column = position(s.text, element.at + 1)
    bad(s, "The '" .. full(element.prefix, element.name) .. "' start tag on line " .. line .. " position " .. column
      .. " does not match the end tag of '" .. full(prefix, name) .. "'.", at + 2)
  end
  behind = find(s.text, "[^ \t\n]", behind) or #s.text + 1
  if byte(s.text, behind) ~= 62 then
    bad(s, "'" .. shown(s, behind) .. "' is an unexpected token. The expected token is '>'.", behind)
  end
  if s.scope and s.scope.owner == element then s.scope = s.scope.outer end
  if element.n == 0 then element.empty = false end
  s.parent, s.depth = element.parent, s.depth - 1
  return behind + 1
end

-- A text node; neighbours are one. White space alone between tags is left out unless it is to be kept.
local function add_text(s, value, kind, written)
  local parent = s.parent
  if kind == "text" and not s.keeps and not find(written, "[^ \t\n]") then return end
  append(parent, { kind = kind, value = value, n = 0 })
end

local function read_text(s, at)
  local stop = find(s.text, "<", at, true)
  local last = (stop or #s.text + 1) - 1
  if s.parent.kind == "document" then
    local wrong = find(s.text, "[^ \t\n]", at)
    if wrong and wrong <= last then
      bad(s, s.count == 0 and "Data at the root level is invalid." or "Data at the root level is invalid.", wrong)
    end
    return last + 1
  end
  local marks = next_place(s, "marks", "]]>", at)
  if marks <= last then bad(s, "']]>' is not allowed in character data.", marks) end
  add_text(s, decoded(s, at, last), "text", sub(s.text, at, last))
  return last + 1
end

local function read_markup(s, at)
  local text = s.text
  if sub(text, at, at + 3) == "<!--" then
    local stop = find(text, "--", at + 4, true)
    if not stop then bad(s, "Unexpected end of file has occurred.", #text + 1) end
    if byte(text, stop + 2) ~= 62 then
      bad(s, "An XML comment cannot contain '--', and '-' cannot be the last character.", stop)
    end
    append(s.parent, { kind = "comment", value = sub(text, at + 4, stop - 1), n = 0 })
    return stop + 3
  elseif sub(text, at, at + 8) == "<![CDATA[" and s.parent.kind == "element" then
    local stop = find(text, "]]>", at + 9, true)
    if not stop then bad(s, "Unexpected end of file has occurred.", #text + 1) end
    append(s.parent, { kind = "cdata", value = sub(text, at + 9, stop - 1), n = 0 })
    return stop + 3
  elseif sub(text, at, at + 8) == "<!DOCTYPE" then
    bad(s, "For security reasons DTD is prohibited in this XML document. To enable DTD processing set the "
      .. "DtdProcessing property on XmlReaderSettings to Parse and pass the settings into XmlReader.Create method.", at + 2)
  elseif sub(text, at, at + 1) == "<?" then
    local stop = find(text, "?>", at + 2, true)
    local target = match(text, NAME, at + 2)
    if not stop or not target then bad(s, "Unexpected end of file has occurred.", #text + 1) end
    if string.lower(target) == "xml" then
      if at ~= 1 then
        bad(s, "Unexpected XML declaration. The XML declaration must be the first node in the document, and no white "
          .. "space characters are allowed to appear before it.", at + 2)
      end
      local declaration = {}
      for name, _, value in string.gmatch(sub(text, at, stop), "(%a+)%s*=%s*([\"'])(.-)%2") do
        declaration[name] = value
      end
      if declaration.version ~= "1.0" then
        bad(s, "Version number '" .. tostring(declaration.version) .. "' is invalid.", at + 6)
      end
      s.root.declaration = declaration
    else
      append(s.parent, { kind = "pi", name = target, value = match(sub(text, at + 2 + #target, stop - 1), "^%s*(.*)$"),
        n = 0 })
    end
    return stop + 2
  end
  bad(s, "'" .. shown(s, at + 1) .. "' is an unexpected token.", at + 1)
end

-- The document of a text. `keeps`: white space between tags too. `metas`: metatables by kind.
function R.xml_parse(text, keeps, metas)
  if text == nil then R.throw("Value cannot be null. (Parameter 's')") end
  if sub(text, 1, 3) == "\239\187\191" then text = sub(text, 4) end
  text = gsub(gsub(text, "\r\n", "\n"), "\r", "\n")
  local root = { kind = "document", n = 0 }
  local s = { text = text, at = 1, root = root, parent = root, depth = 0, count = 0, keeps = keeps, ampersand = 0,
    marks = 0 }
  local wrong = find(text, "[%z\1-\8\11\12\14-\31]") or find(text, "\239\191[\190\191]")
  if wrong then
    bad(s, "'" .. sub(text, wrong, wrong) .. "', hexadecimal value 0x" .. string.format("%02X", byte(text, wrong))
      .. ", is an invalid character.", wrong)
  end
  local at, size = 1, #text
  while at <= size do
    R.tick(1)
    local sign = byte(text, at)
    if sign ~= 60 then
      at = read_text(s, at)
    else
      sign = byte(text, at + 1)
      if sign == 47 then
        at = close_element(s, at)
      elseif sign == 33 or sign == 63 then
        at = read_markup(s, at)
      else
        if s.parent.kind == "document" and s.count > 0 then
          bad(s, "There are multiple root elements.", at + 1)
        end
        at = open_element(s, at)
      end
    end
  end
  if s.parent ~= root then
    local open, node = {}, s.parent
    while node.kind == "element" do
      open[#open + 1] = full(node.prefix, node.name)
      node = node.parent
    end
    bad(s, "Unexpected end of file has occurred. The following elements are not closed: " .. concat(open, ", ") .. ".",
      size + 1)
  end
  if s.count == 0 then R.throw("Root element is missing.", "XmlException") end
  return metas and R.xml_typed(root, metas) or root
end
