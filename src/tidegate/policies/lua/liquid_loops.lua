-- Liquid: loops, cycles, and the run of a template.

local floor = math.floor
local JObject = R.JObject
local L = R.liquid
local number, native, item, is_sequence, text, Loop = L.number, L.native, L.item, L.is_sequence, L.raw_text, L.Loop

-- -- loops

local MAX_RANGE = 100000

function L.range(low, high)
  local list = { n = 0 }
  low, high = number(low), number(high)
  if not low or not high then return list end
  low, high = floor(tonumber(low)), floor(tonumber(high))
  if high - low >= MAX_RANGE then R.throw("The range has more than " .. MAX_RANGE .. " numbers.") end
  for value = low, high do
    list.n = list.n + 1
    list[list.n] = value
  end
  return list
end

-- A value as a list of values.
function L.list(value)
  if value == nil or value == "" then return { n = 0 } end
  if type(value) ~= "table" then return { n = 1, value } end
  local meta = getmetatable(value)
  if meta == JObject then
    local list = { n = value.n }
    for i = 1, value.n do list[i] = R.pair(value[i].name, native(value[i][1])) end
    return list
  end
  if is_sequence(value) then
    local list = { n = value.n }
    for i = 1, value.n do list[i] = item(value, i - 1) end
    return list
  end
  if meta and meta.items then return meta.items(value) end
  return { n = 1, value }
end

function L.items(s, value, name, offset, limit, reversed)
  local all = L.list(value)
  local first = 0
  if offset == -1 then
    first = s.offsets[name] or 0
  elseif offset ~= nil then
    first = math.max(0, tonumber((number(offset))) or 0)
  end
  local last = all.n
  if limit ~= nil then last = math.min(last, first + math.max(0, tonumber((number(limit))) or 0)) end
  s.offsets[name] = last
  R.tick(all.n)
  local list = { n = math.max(0, last - first) }
  for i = 1, list.n do list[i] = all[reversed and last - i + 1 or first + i] end
  return list
end

function L.loop(list, index, name, rows)
  local loop = {
    name = name, length = list.n, index = index, index0 = index - 1, rindex = list.n - index + 1,
    rindex0 = list.n - index, first = index == 1, last = index == list.n,
  }
  if rows then
    loop.col, loop.col0 = (index - 1) % rows.columns + 1, (index - 1) % rows.columns
    loop.col_first, loop.col_last = loop.col == 1, loop.col == rows.columns
  end
  return setmetatable(loop, Loop)
end

-- tablerow: what stands before and behind each cell.
function L.rows(list, columns)
  columns = math.max(1, floor(tonumber((number(columns))) or math.max(1, list.n)))
  local rows = { columns = columns }
  function rows.before(index)
    return '<td class="col' .. (index - 1) % columns + 1 .. '">'
  end
  function rows.behind(index)
    if index % columns == 0 and index < list.n then
      return "</td></tr>\n<tr class=\"row" .. index / columns + 1 .. '">'
    end
    return "</td>"
  end
  return rows
end

function L.cycle(s, group, values)
  group = text(group)
  local at = s.cycles[group] or 0
  s.cycles[group] = (at + 1) % values.n
  return values[at + 1]
end

function L.changed(s, shown)
  if s.shown == shown then return "" end
  s.shown = shown
  return shown
end

-- -- the policy

-- `body` of a template, read when it is first asked for.
function L.body(s)
  if not s.read then
    s.read = true
    s.value = s.load()
  end
  L.use(s.nil_is_null)
  return s.value
end

-- Assigned names; counters show where nothing was assigned.
local names_meta = { __index = function(names, name) return rawget(names, "\0" .. name) end }

-- The text that a template writes. `load` gives the body, `bound` what the template asks of context.
function R.liquid_text(template, load, bound, options)
  local s = { load = load, offsets = {}, cycles = {}, nil_is_null = options.nil_is_null }
  local out = {}
  template(s, out, setmetatable({}, names_meta), bound)
  return L.joined(out)
end

