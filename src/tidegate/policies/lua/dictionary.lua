-- Dictionary<K, V> and HashSet<T>: entries in order of insertion, found by a key that is equal where .NET's would be.

-- The key of the index.
local function place_of(store, key)
  local comparer = store.comparer
  if comparer and key ~= nil then return comparer.hash(key) end
  if key ~= key then return "\0NaN" end -- Equal to itself here, and no key of a Lua table.
  return R.hash(key)
end

local function new_store(meta, comparer)
  return setmetatable({ n = 0, keys = {}, values = {}, index = {}, comparer = comparer }, meta)
end

local function find(store, key)
  local place = place_of(store, key)
  return store.index[place], place
end

local function append(store, place, key, value)
  R.tick(1)
  local n = store.n + 1
  store.n = n
  store.keys[n], store.values[n], store.index[place] = key, value, n
end

local function remove(store, key)
  local at, place = find(store, key)
  if not at then return false end
  local n, index = store.n, store.index
  R.tick(n)
  index[place] = nil
  for i = at, n do
    store.keys[i], store.values[i] = store.keys[i + 1], store.values[i + 1]
  end
  store.n = n - 1
  for name, position in pairs(index) do
    if position > at then index[name] = position - 1 end
  end
  return true
end

local function clear(store)
  store.n, store.keys, store.values, store.index = 0, {}, {}, {}
end

local function not_null(key)
  return R.argument(key, "key")
end

-- -- Dictionary<K, V>

-- `source` is a dictionary to copy or nil; `comparer` is a StringComparer or nil.
function R.new_dictionary(source, comparer)
  local dictionary = new_store(R.Dictionary, comparer)
  if source ~= nil then
    local items = R.items(source)
    for i = 1, items.n do R.dictionary_add(dictionary, items[i].key, items[i].value) end
  end
  return dictionary
end

function R.Dictionary.items(dictionary)
  local n = dictionary.n
  R.tick(n)
  local items = { n = n }
  for i = 1, n do items[i] = R.pair(dictionary.keys[i], dictionary.values[i]) end
  return items
end

function R.dictionary_add(dictionary, key, value)
  local at, place = find(dictionary, not_null(key))
  if at then R.throw("An item with the same key has already been added. Key: " .. R.text(key), "ArgumentException") end
  append(dictionary, place, key, value)
end

function R.dictionary_try_add(dictionary, key, value)
  local at, place = find(dictionary, not_null(key))
  if not at then append(dictionary, place, key, value) end
  return not at
end

function R.dictionary_set(dictionary, key, value)
  local at, place = find(dictionary, not_null(key))
  if at then
    dictionary.values[at] = value
  else
    append(dictionary, place, key, value)
  end
  return value
end

function R.dictionary_get(dictionary, key)
  local at = find(dictionary, not_null(key))
  if not at then
    R.throw("The given key '" .. R.text(key) .. "' was not present in the dictionary.", "KeyNotFoundException")
  end
  return dictionary.values[at]
end

-- TryGetValue: whether it is there, and the value or the default.
function R.dictionary_try(dictionary, key, kind)
  local at = find(dictionary, not_null(key))
  if not at then return false, R.default_of(kind) end
  return true, dictionary.values[at]
end

function R.dictionary_value_or(dictionary, key, default)
  local at = find(dictionary, not_null(key))
  if not at then return default end
  return dictionary.values[at]
end

function R.dictionary_has(dictionary, key)
  return find(dictionary, not_null(key)) ~= nil
end

function R.dictionary_has_value(dictionary, value)
  R.tick(dictionary.n)
  for i = 1, dictionary.n do
    if R.equals(dictionary.values[i], value) then return true end
  end
  return false
end

function R.dictionary_remove(dictionary, key)
  return remove(dictionary, not_null(key))
end

R.dictionary_clear = clear

local function copied(list, n)
  R.tick(n)
  local items = { n = n }
  for i = 1, n do items[i] = list[i] end
  return items
end

function R.dictionary_keys(dictionary)
  return copied(dictionary.keys, dictionary.n)
end

function R.dictionary_values(dictionary)
  return copied(dictionary.values, dictionary.n)
end

-- -- HashSet<T>; null may be an element.

function R.new_set(source, comparer)
  local set = new_store(R.HashSet, comparer)
  if source ~= nil then R.set_union(set, source) end
  return set
end

function R.HashSet.items(set)
  return copied(set.keys, set.n)
end

function R.set_add(set, value)
  local at, place = find(set, value)
  if at then return false end
  append(set, place, value, true)
  return true
end

function R.set_has(set, value)
  return find(set, value) ~= nil
end

function R.set_remove(set, value)
  return remove(set, value)
end

R.set_clear = clear

function R.set_union(set, source)
  local items = R.items(source)
  for i = 1, items.n do R.set_add(set, items[i]) end
end

function R.set_except(set, source)
  local items = R.items(source)
  for i = 1, items.n do R.set_remove(set, items[i]) end
end

function R.set_intersect(set, source)
  local other, own = R.new_set(source, set.comparer), R.HashSet.items(set)
  for i = 1, own.n do
    if not R.set_has(other, own[i]) then R.set_remove(set, own[i]) end
  end
end

local function includes(set, items)
  for i = 1, items.n do
    if not R.set_has(set, items[i]) then return false end
  end
  return true
end

function R.set_overlaps(set, source)
  local items = R.items(source)
  for i = 1, items.n do
    if R.set_has(set, items[i]) then return true end
  end
  return false
end

function R.set_is_superset(set, source)
  return includes(set, R.items(source))
end

function R.set_is_subset(set, source)
  return includes(R.new_set(source, set.comparer), R.HashSet.items(set))
end

function R.set_equals(set, source)
  local other = R.new_set(source, set.comparer)
  return other.n == set.n and includes(set, R.HashSet.items(other))
end
