-- List<T>, Queue<T> and Stack<T>: sequences that change. A stack's top is its first element, as it enumerates.

local function outside()
  R.out_of_range("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
end

local bases = {}
for name in string.gmatch("IEnumerable ICollection IReadOnlyCollection", "%a+") do bases[name] = true end
R.Queue = { type = "Queue", bases = bases }
R.Stack = { type = "Stack", bases = bases }

-- -- List<T>

function R.new_list(source)
  if source == nil then return setmetatable({ n = 0 }, R.List) end
  local items = R.items(source)
  local n = items.n
  R.tick(n)
  local list = setmetatable({ n = n }, R.List)
  for i = 1, n do list[i] = items[i] end
  return list
end

function R.list_add(list, value)
  R.tick(1)
  local n = list.n + 1
  list.n = n
  list[n] = value
end

function R.list_add_range(list, source)
  local items = R.items(source)
  local n, count = list.n, items.n
  R.tick(count)
  for i = 1, count do list[n + i] = items[i] end
  list.n = n + count
end

function R.list_insert(list, index, value)
  local n = list.n
  if index < 0 or index > n then
    R.out_of_range("index", "Index must be within the bounds of the List.")
  end
  R.tick(n - index + 1)
  for i = n, index + 1, -1 do list[i + 1] = list[i] end
  list[index + 1] = value
  list.n = n + 1
end

function R.list_remove_at(list, index)
  local n = list.n
  if index < 0 or index >= n then outside() end
  R.tick(n - index)
  for i = index + 1, n do list[i] = list[i + 1] end
  list.n = n - 1
end

function R.list_remove(list, value)
  local index = R.seq_index_of(list, value)
  if index < 0 then return false end
  R.list_remove_at(list, index)
  return true
end

function R.list_remove_all(list, test)
  local kept, n = 0, list.n
  R.tick(n)
  for i = 1, n do
    local value = list[i]
    if not test(value) then
      kept = kept + 1
      list[kept] = value
    end
  end
  for i = kept + 1, n do list[i] = nil end
  list.n = kept
  return n - kept
end

function R.list_clear(list)
  for i = 1, list.n do list[i] = nil end
  list.n = 0
end

function R.list_range(list, index, count)
  if index < 0 or count < 0 or index + count > list.n then
    R.throw("Offset and length were out of bounds for the array or count is greater than the number of elements from "
      .. "index to the end of the source collection.", "ArgumentException")
  end
  R.tick(count)
  local range = setmetatable({ n = count }, R.List)
  for i = 1, count do range[i] = list[index + i] end
  return range
end

function R.list_insert_range(list, index, source)
  if index < 0 or index > list.n then
    R.out_of_range("index", "Index must be within the bounds of the List.")
  end
  local items, n = R.items(source), list.n
  local count = items.n
  R.tick(count + n - index)
  local copy = {}
  for i = 1, count do copy[i] = items[i] end
  for i = n, index + 1, -1 do list[i + count] = list[i] end
  for i = 1, count do list[index + i] = copy[i] end
  list.n = n + count
end

function R.list_remove_range(list, index, count)
  local n = list.n
  if index < 0 or count < 0 or index + count > n then
    R.throw("Offset and length were out of bounds for the array or count is greater than the number of elements from "
      .. "index to the end of the source collection.", "ArgumentException")
  end
  R.tick(n - index)
  for i = index + 1, n do list[i] = list[i + count] end
  for i = n - count + 1, n do list[i] = nil end
  list.n = n - count
end

-- -- ICollection<T>, whatever it is

local function changeable(collection)
  local meta = getmetatable(collection)
  if meta ~= R.List and meta ~= R.HashSet then
    R.throw("Collection was of a fixed size.", "NotSupportedException")
  end
  return meta == R.List
end

function R.collection_add(collection, value)
  if changeable(collection) then R.list_add(collection, value) else R.set_add(collection, value) end
end

function R.collection_remove(collection, value)
  if changeable(collection) then return R.list_remove(collection, value) end
  return R.set_remove(collection, value)
end

function R.collection_clear(collection)
  if changeable(collection) then R.list_clear(collection) else R.set_clear(collection) end
end

-- -- Queue<T> and Stack<T>

local function filled(source, meta)
  local list = R.new_list(source)
  return setmetatable(list, meta)
end

function R.new_queue(source)
  return filled(source, R.Queue)
end

function R.new_stack(source)
  return filled(source and R.seq_reverse(source), R.Stack)
end

function R.stack_push(stack, value)
  R.list_insert(stack, 0, value)
end

-- The first element; with `keep` it stays.
function R.take_first(list, keep)
  if list.n == 0 then
    R.throw(getmetatable(list) == R.Stack and "Stack empty." or "Queue empty.", "InvalidOperationException")
  end
  local value = list[1]
  if not keep then R.list_remove_at(list, 0) end
  return value
end

-- TryDequeue, TryPop, TryPeek
function R.try_take_first(list, kind, keep)
  if list.n == 0 then return false, R.default_of(kind) end
  return true, R.take_first(list, keep)
end
