-- System.Xml.Linq: looking around in trees and changing them.

local add, add_attribute, text_of, parts_of, fits = R.x_parts.add, R.x_parts.add_attribute, R.x_parts.text_of,
  R.x_parts.parts_of, R.x_parts.fits

-- -- reading

local function sequence(list)
  return setmetatable(list, R.Array)
end

-- Child elements of a name (all without one).
function R.x_elements(container, name)
  local list, ns, own = { n = 0 }, nil, nil
  if name ~= nil then ns, own = parts_of(name) end
  R.tick(container.n)
  for i = 1, container.n do
    local child = container[i]
    if child.kind == "element" and fits(child, ns, own) then
      list.n = list.n + 1
      list[list.n] = child
    end
  end
  return sequence(list)
end

function R.x_element_named(container, name)
  local ns, own = parts_of(name)
  for i = 1, container.n do
    local child = container[i]
    if child.kind == "element" and fits(child, ns, own) then return child end
  end
  return nil
end

-- Descendants of a name; `which`: "elements" or "nodes"; `itself`: this node first.
function R.x_descendants(node, name, which, itself)
  local list, ns, own = { n = 0 }, nil, nil
  if name ~= nil then ns, own = parts_of(name) end
  local function walk(each)
    R.tick(1)
    if (which == "nodes" or each.kind == "element") and fits(each, ns, own) then
      list.n = list.n + 1
      list[list.n] = each
    end
    for i = 1, each.n do walk(each[i]) end
  end
  if itself then
    walk(node)
  else
    for i = 1, node.n do walk(node[i]) end
  end
  return sequence(list)
end

function R.x_ancestors(node, name, itself)
  local list, ns, own = { n = 0 }, nil, nil
  if name ~= nil then ns, own = parts_of(name) end
  local each = itself and node or node.parent
  while each and each.kind == "element" do
    if fits(each, ns, own) then
      list.n = list.n + 1
      list[list.n] = each
    end
    each = each.parent
  end
  return sequence(list)
end

function R.x_nodes(container)
  local list = { n = container.n }
  for i = 1, container.n do list[i] = container[i] end
  return sequence(list)
end

function R.x_attributes(element, name)
  local list, ns, own = { n = 0 }, nil, nil
  if name ~= nil then ns, own = parts_of(name) end
  for i = 1, element.attributes.n do
    if fits(element.attributes[i], ns, own) then
      list.n = list.n + 1
      list[list.n] = element.attributes[i]
    end
  end
  return sequence(list)
end

function R.x_attribute(element, name)
  local ns, own = parts_of(name)
  if own == "xmlns" and ns == "" then ns = R.XMLNS_NAMESPACE end
  return R.xml_attribute(element, own, ns)
end

local function siblings(node, step, elements, name)
  local list, ns, own = { n = 0 }, nil, nil
  if name ~= nil then ns, own = parts_of(name) end
  local parent = node.parent
  if parent then
    local at = R.json_index_of(parent, node)
    for i = at + step, step > 0 and parent.n or 1, step do
      local each = parent[i]
      if not elements or (each.kind == "element" and fits(each, ns, own)) then
        list.n = list.n + 1
        list[list.n] = each
      end
    end
  end
  return list
end

-- ElementsAfterSelf (1), ElementsBeforeSelf (-1, in the order of the document).
function R.x_siblings(node, step, name)
  local list = siblings(node, step, true, name)
  if step < 0 then
    for i = 1, math.floor(list.n / 2) do list[i], list[list.n - i + 1] = list[list.n - i + 1], list[i] end
  end
  return sequence(list)
end

function R.x_sibling(node, step)
  return siblings(node, step, false)[1]
end

function R.x_parent(node)
  local parent = node.parent
  return parent and parent.kind == "element" and parent or nil
end

function R.x_document_of(node)
  while node.parent do node = node.parent end
  return node.kind == "document" and node or nil
end

-- The namespace that a prefix has where the element stands, and back.
function R.x_namespace_of_prefix(element, prefix)
  local each = element
  while each and each.kind == "element" do
    for i = 1, each.attributes.n do
      local attribute = each.attributes[i]
      if attribute.ns == R.XMLNS_NAMESPACE and (attribute.prefix == "" and "" or attribute.name) == prefix then
        return attribute.value
      end
    end
    each = each.parent
  end
  return prefix == "xml" and R.XML_NAMESPACE or nil
end

-- -- changing

local function at_home(node)
  if not node.parent then R.throw("The parent is missing.", "InvalidOperationException") end
  return node.parent
end

function R.x_remove(node)
  local parent = at_home(node)
  local list = node.kind == "attribute" and parent.attributes or parent
  for i = R.json_index_of(list, node), list.n do list[i] = list[i + 1] end
  list.n = list.n - 1
  node.parent = nil
end

-- Remove() of a sequence.
function R.x_remove_all(nodes)
  local list = R.items(nodes)
  local kept = { n = list.n }
  for i = 1, list.n do kept[i] = list[i] end
  for i = 1, kept.n do R.x_remove(kept[i]) end
end

function R.x_replace(node, content)
  local parent = at_home(node)
  local at = R.json_index_of(parent, node)
  R.x_remove(node)
  add(parent, content, at, 0)
end

function R.x_add_beside(node, content, offset)
  local parent = at_home(node)
  add(parent, content, R.json_index_of(parent, node) + offset, 0)
end

function R.x_clear(container)
  for i = 1, container.n do
    container[i].parent = nil
    container[i] = nil
  end
  container.n = 0
end

function R.x_replace_nodes(container, content)
  R.x_clear(container)
  R.x_add(container, content)
end

function R.x_remove_attributes(element)
  for i = 1, element.attributes.n do element.attributes[i].parent = nil end
  element.attributes = { n = 0 }
end

-- Value = text, SetValue(value)
function R.x_set_value(node, value)
  R.argument(value, "value")
  if node.kind ~= "element" then
    node.value = text_of(value)
    return
  end
  R.x_clear(node)
  node.empty = false
  R.x_add(node, value)
end

function R.x_set_attribute(element, name, value)
  local known = R.x_attribute(element, name)
  if known then
    if value == nil then R.x_remove(known) else known.value = text_of(value) end
  elseif value ~= nil then
    add_attribute(element, R.x_attribute_of(name, value))
  end
end

function R.x_set_element(container, name, value)
  local known = R.x_element_named(container, name)
  if known then
    if value == nil then R.x_remove(known) else R.x_set_value(known, value) end
  elseif value ~= nil then
    R.x_add(container, R.x_element(name, { n = 1, value }))
  end
end

function R.x_rename(element, name)
  element.ns, element.name = parts_of(name)
end

-- Elements(), Descendants() and Attributes() of every element of a sequence.
function R.x_each(nodes, method, name)
  local source, list = R.items(nodes), { n = 0 }
  for i = 1, source.n do
    local found = R[method](source[i], name)
    for j = 1, found.n do list[list.n + j] = found[j] end
    list.n = list.n + found.n
  end
  return sequence(list)
end

-- Whether it is written with one tag.
function R.x_is_empty(element)
  return element.n == 0 and element.empty ~= false
end

function R.x_remove_everything(element)
  R.x_clear(element)
  if element.attributes then R.x_remove_attributes(element) end
end
