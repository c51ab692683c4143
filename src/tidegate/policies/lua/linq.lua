-- System.Linq.Enumerable. Eager: every operator works through its source at once, so an exception comes where the
-- operator stands and not where its result is read.

local INVALID = "InvalidOperationException"
local NO_ELEMENTS = "Sequence contains no elements"
local NO_MATCH = "Sequence contains no matching element"
local MORE = "Sequence contains more than one element"
local MORE_MATCHES = "Sequence contains more than one matching element"

local function sequence(source)
  local items = R.items(source)
  R.tick(items.n)
  return items, items.n
end

-- -- projection and restriction

function R.seq_select(source, f)
  local items, n = sequence(source)
  local out = { n = n }
  for i = 1, n do out[i] = f(items[i], i - 1) end
  return out
end

function R.seq_where(source, test)
  local items, n = sequence(source)
  local out, count = { n = 0 }, 0
  for i = 1, n do
    local item = items[i]
    if test(item, i - 1) then
      count = count + 1
      out[count] = item
    end
  end
  out.n = count
  return out
end

function R.seq_select_many(source, f, result)
  local items, n = sequence(source)
  local out, count = { n = 0 }, 0
  for i = 1, n do
    local inner, size = sequence(f(items[i], i - 1))
    for j = 1, size do
      count = count + 1
      if result then out[count] = result(items[i], inner[j]) else out[count] = inner[j] end
    end
  end
  out.n = count
  return out
end

function R.seq_zip(first, second, f)
  local a, n = sequence(first)
  local b, m = sequence(second)
  local out = { n = math.min(n, m) }
  for i = 1, out.n do
    if f then out[i] = f(a[i], b[i]) else out[i] = R.tuple(2, a[i], b[i]) end
  end
  return out
end

-- -- one element

local function first_index(items, n, test)
  if not test then return n > 0 and 1 or nil end
  for i = 1, n do
    if test(items[i]) then return i end
  end
end

local function last_index(items, n, test)
  if not test then return n > 0 and n or nil end
  for i = n, 1, -1 do
    if test(items[i]) then return i end
  end
end

function R.seq_first(source, test)
  local items, n = sequence(source)
  local i = first_index(items, n, test)
  if not i then R.throw(test and n > 0 and NO_MATCH or NO_ELEMENTS, INVALID) end
  return items[i]
end

function R.seq_first_or_default(source, kind, test)
  -- What most policies do to a claim: the first of an array's elements.
  if not test and source ~= nil and getmetatable(source) == nil and source.n ~= 0 then
    local first = source[1]
    if first ~= nil then return first end
  end
  local items, n = sequence(source)
  local i = first_index(items, n, test)
  if not i then return R.default_of(kind) end
  return items[i]
end

function R.seq_last(source, test)
  local items, n = sequence(source)
  local i = last_index(items, n, test)
  if not i then R.throw(test and n > 0 and NO_MATCH or NO_ELEMENTS, INVALID) end
  return items[i]
end

function R.seq_last_or_default(source, kind, test)
  local items, n = sequence(source)
  local i = last_index(items, n, test)
  if not i then return R.default_of(kind) end
  return items[i]
end

local function single_index(items, n, test)
  local found
  for i = 1, n do
    if not test or test(items[i]) then
      if found then R.throw(test and MORE_MATCHES or MORE, INVALID) end
      found = i
    end
  end
  return found
end

function R.seq_single(source, test)
  local items, n = sequence(source)
  local i = single_index(items, n, test)
  if not i then R.throw(test and n > 0 and NO_MATCH or NO_ELEMENTS, INVALID) end
  return items[i]
end

function R.seq_single_or_default(source, kind, test)
  local items, n = sequence(source)
  local i = single_index(items, n, test)
  if not i then return R.default_of(kind) end
  return items[i]
end

function R.seq_element_at(source, index)
  local items, n = sequence(source)
  if index < 0 or index >= n then
    R.out_of_range("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
  end
  return items[index + 1]
end

function R.seq_element_at_or_default(source, index, kind)
  local items, n = sequence(source)
  if index < 0 or index >= n then return R.default_of(kind) end
  return items[index + 1]
end

-- -- questions

function R.seq_any(source, test)
  local items, n = sequence(source)
  return first_index(items, n, test) ~= nil
end

function R.seq_all(source, test)
  local items, n = sequence(source)
  for i = 1, n do
    if not test(items[i]) then return false end
  end
  return true
end

function R.seq_count_where(source, test)
  local items, n = sequence(source)
  local count = 0
  for i = 1, n do
    if test(items[i]) then count = count + 1 end
  end
  return count
end

function R.seq_has(source, wanted, comparer)
  local items, n = sequence(source)
  if comparer then
    for i = 1, n do
      if comparer.equals(items[i], wanted) then return true end
    end
    return false
  end
  local plain = type(wanted) == "string"
  for i = 1, n do
    local item = items[i]
    if item == wanted or (not plain and R.equals(item, wanted)) then return true end
  end
  return false
end

function R.seq_equal(first, second)
  local a, n = sequence(first)
  local b, m = sequence(second)
  if n ~= m then return false end
  for i = 1, n do
    if not R.equals(a[i], b[i]) then return false end
  end
  return true
end

-- -- parts

local function slice(items, from, to)
  local out = { n = math.max(0, to - from + 1) }
  for i = 1, out.n do out[i] = items[from + i - 1] end
  return out
end

function R.seq_skip(source, count)
  local items, n = sequence(source)
  return slice(items, math.max(0, count) + 1, n)
end

function R.seq_take(source, count)
  local items, n = sequence(source)
  return slice(items, 1, math.min(count, n))
end

function R.seq_skip_last(source, count)
  local items, n = sequence(source)
  return slice(items, 1, n - math.max(0, count))
end

function R.seq_take_last(source, count)
  local items, n = sequence(source)
  return slice(items, math.max(1, n - math.max(0, count) + 1), n)
end

local function leading(items, n, test)
  for i = 1, n do
    if not test(items[i], i - 1) then return i - 1 end
  end
  return n
end

function R.seq_take_while(source, test)
  local items, n = sequence(source)
  return slice(items, 1, leading(items, n, test))
end

function R.seq_skip_while(source, test)
  local items, n = sequence(source)
  return slice(items, leading(items, n, test) + 1, n)
end

-- -- sets

local function unique(items, n, set, keep)
  local out, count = { n = 0 }, 0
  for i = 1, n do
    if keep(set, items[i]) then
      count = count + 1
      out[count] = items[i]
    end
  end
  out.n = count
  return out
end

function R.seq_distinct(source, comparer)
  local items, n = sequence(source)
  return unique(items, n, R.new_set(nil, comparer), R.set_add)
end

function R.seq_distinct_by(source, f)
  local items, n = sequence(source)
  return unique(items, n, R.new_set(), function(set, item) return R.set_add(set, f(item)) end)
end

function R.seq_union(first, second, comparer)
  return R.seq_distinct(R.seq_concat(first, second), comparer)
end

function R.seq_except(first, second, comparer)
  local items, n = sequence(first)
  return unique(items, n, R.new_set(second, comparer), R.set_add)
end

function R.seq_intersect(first, second, comparer)
  local items, n = sequence(first)
  return unique(items, n, R.new_set(second, comparer), R.set_remove)
end

-- -- joining sequences

function R.seq_concat(first, second)
  local a, n = sequence(first)
  local b, m = sequence(second)
  local out = { n = n + m }
  for i = 1, n do out[i] = a[i] end
  for i = 1, m do out[n + i] = b[i] end
  return out
end

function R.seq_append(source, value)
  return R.seq_concat(source, { n = 1, value })
end

function R.seq_prepend(source, value)
  return R.seq_concat({ n = 1, value }, source)
end

function R.seq_default_if_empty(source, value)
  local items, n = sequence(source)
  if n > 0 then return items end
  return { n = 1, value }
end

function R.seq_reverse(source)
  local items, n = sequence(source)
  local out = { n = n }
  for i = 1, n do out[i] = items[n + 1 - i] end
  return out
end

function R.seq_range(start, count)
  if count < 0 or start + count - 1 > 2147483647 then
    R.out_of_range("count")
  end
  R.tick(count)
  local out = { n = count }
  for i = 1, count do out[i] = start + i - 1 end
  return out
end

function R.seq_repeated(value, count)
  if count < 0 then R.out_of_range("count") end
  R.tick(count)
  local out = { n = count }
  for i = 1, count do out[i] = value end
  return out
end

-- Cast<T> and OfType<T>, from elements of whatever type: `kind` is T's name.
function R.seq_cast_all(source, kind)
  local items, n = sequence(source)
  local out = { n = n }
  for i = 1, n do out[i] = R.unbox(items[i], kind) end
  return out
end

function R.seq_of_type(source, kind)
  local items, n = sequence(source)
  local out, count = { n = 0 }, 0
  for i = 1, n do
    if items[i] ~= nil and R.is(items[i], kind) then
      count = count + 1
      out[count] = R.unbox(items[i], kind)
    end
  end
  out.n = count
  return out
end
