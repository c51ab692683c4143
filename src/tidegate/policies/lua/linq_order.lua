-- System.Linq.Enumerable, the part that orders, groups and folds; linq.lua has the rest.

local NO_ELEMENTS = "Sequence contains no elements"

local function sequence(source)
  local items = R.items(source)
  R.tick(items.n)
  return items, items.n
end

-- -- order

-- Comparer<T>.Default; NaN comes before all other numbers.
local function compare(a, b)
  if type(a) == "number" and type(b) == "number" then
    if a < b then return -1 end
    if a > b then return 1 end
    if a == b then return 0 end
    return a ~= a and (b ~= b and 0 or -1) or 1
  end
  return R.compare(a, b)
end

-- The order of indices 1..n by `before`, which says whether index b must stand before index a; stable.
local function merge_sort(n, before)
  local from, to = {}, {}
  for i = 1, n do from[i] = i end
  local width = 1
  while width < n do
    R.tick(n)
    local at = 1
    for low = 1, n, 2 * width do
      local middle, high = math.min(low + width, n + 1), math.min(low + 2 * width, n + 1)
      local i, j = low, middle
      while at < high do
        if i < middle and (j >= high or not before(from[i], from[j])) then
          to[at], i = from[i], i + 1
        else
          to[at], j = from[j], j + 1
        end
        at = at + 1
      end
    end
    from, to = to, from
    width = 2 * width
  end
  return from
end

local function permuted(items, order, n)
  local out = { n = n }
  for i = 1, n do out[i] = items[order[i]] end
  return out
end

function R.seq_sorted(items)
  local n = items.n
  return permuted(items, merge_sort(n, function(a, b) return compare(items[a], items[b]) > 0 end), n)
end

-- By a Comparison<T>.
function R.seq_sorted_with(items, comparison)
  local n = items.n
  return permuted(items, merge_sort(n, function(a, b) return comparison(items[a], items[b]) > 0 end), n)
end

R.Ordered = { type = "IOrderedEnumerable" }

local function ordered(items, n, criteria)
  local order = merge_sort(n, function(a, b)
    for i = 1, #criteria do
      local keys = criteria[i].keys
      local result = criteria[i].compare(keys[a], keys[b])
      if result ~= 0 then return (result > 0) ~= criteria[i].descending end
    end
    return false
  end)
  local out = permuted(items, order, n)
  out.source, out.criteria = items, criteria
  return setmetatable(out, R.Ordered)
end

local function criterion(items, n, f, descending, comparer)
  local keys = {}
  for i = 1, n do keys[i] = f(items[i]) end
  return { keys = keys, descending = descending, compare = comparer and comparer.compare or compare }
end

function R.seq_order_by(source, f, descending, comparer)
  local items, n = sequence(source)
  return ordered(items, n, { criterion(items, n, f, descending, comparer) })
end

function R.seq_then_by(source, f, descending, comparer)
  local items = source.source
  local criteria = {}
  for i = 1, #source.criteria do criteria[i] = source.criteria[i] end
  criteria[#criteria + 1] = criterion(items, source.n, f, descending, comparer)
  return ordered(items, source.n, criteria)
end

-- -- groups and tables

-- A key that is null, in the index of groups: a dictionary takes none.
local NULL = setmetatable({}, { type = "null" })

local function groups(source, key, element, comparer)
  local items, n = sequence(source)
  local index, out = R.new_dictionary(nil, comparer), { n = 0 }
  for i = 1, n do
    local name = key(items[i])
    local place = name == nil and NULL or name
    local group = R.dictionary_value_or(index, place)
    if not group then
      group = setmetatable({ n = 0, key = name }, R.Grouping)
      R.dictionary_set(index, place, group)
      out.n = out.n + 1
      out[out.n] = group
    end
    group.n = group.n + 1
    if element then group[group.n] = element(items[i]) else group[group.n] = items[i] end
  end
  return out, index
end

function R.seq_group_by(source, key, element)
  return (groups(source, key, element))
end

function R.seq_group_into(source, key, result)
  return R.seq_select(groups(source, key), function(group) return result(group.key, group) end)
end

function R.seq_to_lookup(source, key, element)
  local list, index = groups(source, key, element)
  list.index = index
  return setmetatable(list, R.Lookup)
end

function R.seq_lookup_get(lookup, key)
  return R.dictionary_value_or(lookup.index, key == nil and NULL or key) or { n = 0 }
end

function R.seq_to_dictionary(source, key, element, comparer)
  local items, n = sequence(source)
  local dictionary = R.new_dictionary(nil, comparer)
  for i = 1, n do
    local value = items[i]
    if element then value = element(value) end
    R.dictionary_add(dictionary, key(items[i]), value)
  end
  return dictionary
end

function R.seq_join(outer, inner, outer_key, inner_key, result)
  local lookup = R.seq_to_lookup(inner, inner_key)
  return R.seq_select_many(outer, function(item) return R.seq_lookup_get(lookup, outer_key(item)) end, result)
end

-- -- folding

function R.seq_aggregate(source, f)
  local items, n = sequence(source)
  if n == 0 then R.throw(NO_ELEMENTS, "InvalidOperationException") end
  local value = items[1]
  for i = 2, n do value = f(value, items[i]) end
  return value
end

function R.seq_aggregate_from(source, seed, f, result)
  local items, n = sequence(source)
  for i = 1, n do seed = f(seed, items[i]) end
  if result then return result(seed) end
  return seed
end

local function overflow()
  R.throw("Arithmetic operation resulted in an overflow.", "OverflowException")
end

-- Each kind's sum so far and one more. Sums of int and long are checked for overflow, as in .NET.
local adding = {
  int = function(a, b)
    local sum = a + b
    if sum > 2147483647 or sum < -2147483648 then overflow() end
    return sum
  end,
  long = function(a, b)
    local sum = a + b
    if (b > 0LL) ~= (sum > a) and b ~= 0LL then overflow() end
    return sum
  end,
  double = function(a, b) return a + b end,
  decimal = function(a, b) return R.decimal_add(a, b) end,
}
adding.float = adding.double

local function projected(source, f)
  if f then return R.seq_select(source, f) end
  return R.items(source)
end

-- The sum of elements (or of what `f` makes of them), which are of `kind`; null counts for nothing.
function R.seq_sum(source, kind, f)
  local items = projected(source, f)
  R.tick(items.n)
  local add, sum = adding[kind], R.default_of(kind)
  for i = 1, items.n do
    if items[i] ~= nil then sum = add(sum, items[i]) end
  end
  if kind == "float" then return R.to_float(sum) end
  return sum
end

-- int and long give a double; decimal a decimal.
function R.seq_average(source, kind, f)
  local items = projected(source, f)
  if items.n == 0 then R.throw(NO_ELEMENTS, "InvalidOperationException") end
  if kind == "int" then
    local sum = 0
    for i = 1, items.n do sum = sum + items[i] end
    return sum / items.n
  end
  local sum = R.seq_sum(items, kind == "float" and "double" or kind)
  if kind == "decimal" then return R.decimal_div(sum, R.decimal_from_int(items.n)) end
  return tonumber(sum) / items.n
end

local function extreme(source, kind, f, sign)
  local items = projected(source, f)
  R.tick(items.n)
  local best
  for i = 1, items.n do
    local item = items[i]
    if item ~= nil and (best == nil or compare(item, best) * sign > 0) then best = item end
  end
  if best == nil and R.default_of(kind) ~= nil then R.throw(NO_ELEMENTS, "InvalidOperationException") end
  return best
end

function R.seq_min(source, kind, f) return extreme(source, kind, f, -1) end
function R.seq_max(source, kind, f) return extreme(source, kind, f, 1) end
