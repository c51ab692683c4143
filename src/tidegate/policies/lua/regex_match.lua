-- The machine that runs a regular expression's program: backtracking, with a stack of its own, so that no text makes it
-- recurse; every step counts against the request's budget, so that no pattern holds a worker.

local ffi = R.ffi
local sub, char, concat = string.sub, string.char, table.concat

local O = R.regex_ops
local CHAR, FOLDED, SET, ANY, ALL, SPLIT, JUMP, GREEDY, LAZY = O.CHAR, O.FOLDED, O.SET, O.ANY, O.ALL, O.SPLIT, O.JUMP,
  O.GREEDY, O.LAZY
local OPEN, CLOSE, ASSERT, BACK, LOOK, ATOMIC, INIT, LOOP = O.OPEN, O.CLOSE, O.ASSERT, O.BACK, O.LOOK, O.ATOMIC, O.INIT,
  O.LOOP

local MAX_STACK = 2000000
-- What a step costs of the budget: so that the worst pattern holds a worker for a quarter of a second, as measured.
local BATCH, COST = 256, 5

-- -- subjects

local function wtf8(c)
  if c < 0x80 then return char(c) end
  if c < 0x800 then return char(0xC0 + math.floor(c / 64), 0x80 + c % 64) end
  return char(0xE0 + math.floor(c / 4096), 0x80 + math.floor(c / 64) % 64, 0x80 + c % 64)
end

-- UTF-8 of units[from..to].
function R.regex_units_text(units, from, to)
  local parts, at = {}, from
  while at <= to do
    local c, low = units[at], units[at + 1]
    if c >= 0xD800 and c <= 0xDBFF and at < to and low >= 0xDC00 and low <= 0xDFFF then
      local code = 0x10000 + (c - 0xD800) * 1024 + low - 0xDC00
      parts[#parts + 1] = char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
        0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
      at = at + 2
    else
      parts[#parts + 1] = wtf8(c)
      at = at + 1
    end
  end
  return concat(parts)
end

-- A text with its UTF-16 units: bytes serve where all are ASCII.
function R.regex_subject(text)
  R.argument(text, "input")
  if not text:find("[\128-\255]") then
    return { text = text, s = ffi.cast("const uint8_t *", text), size = #text }
  end
  local items = R.char_items(text)
  local s = ffi.new("uint16_t[?]", items.n + 1)
  for i = 1, items.n do s[i - 1] = items[i] end
  return { text = text, s = s, size = items.n, units = items }
end

-- The text from unit `from` (counted from 0) up to but not including `to`.
function R.regex_slice(subject, from, to)
  if subject.units then return R.regex_units_text(subject.units, from + 1, to) end
  return sub(subject.text, from + 1, to)
end

-- -- the machine

local function accepts(op, operand, c)
  if op == CHAR then return c == operand end
  if op == SET then
    if c < 128 then return operand.low[c] end
    return operand.test(c)
  end
  if op == ANY then return c ~= 10 end
  if op == FOLDED then return R.lower_unit(c) == operand end
  return true
end
jit.on(accepts)

local function is_word_at(s, size, at)
  return at >= 0 and at < size and R.regex_boundary_word(s[at])
end

local function holds(what, s, size, pos, start)
  if what == "start" then return pos == 0 end
  if what == "line start" then return pos == 0 or s[pos - 1] == 10 end
  if what == "end" then return pos == size end
  if what == "near end" then return pos == size or (pos == size - 1 and s[pos] == 10) end
  if what == "line end" then return pos == size or s[pos] == 10 end
  if what == "here" then return pos == start end
  local boundary = is_word_at(s, size, pos - 1) ~= is_word_at(s, size, pos)
  return boundary == (what == "boundary")
end

-- Where a backreference ends, nil if the text differs. A group that has not matched makes it fail.
local function follow(st, capture, fold, pos, dir)
  if not capture then return nil end
  local s, length = st.s, capture.to - capture.from
  local at = dir > 0 and pos or pos - length
  if at < 0 or at + length > st.size then return nil end
  R.tick(length)
  for i = 0, length - 1 do
    local a, b = s[capture.from + i], s[at + i]
    if a ~= b and not (fold and R.lower_unit(a) == R.lower_unit(b)) then return nil end
  end
  return pos + dir * length
end

-- What the stack holds, in fours: what it is, and what to go back to.
local CHOICE, CAPTURE, OPENED, COUNTER, SHRINK, GROW, ITERATE = 1, 2, 3, 4, 5, 6, 7

local run

-- Run another program here; where it ends, or nil. What it captured stays, and is undone if this place is left.
local function inside(program, pos, st)
  local before, captures = {}, st.captures
  for i = 1, #st.order do before[i] = captures[st.order[i]] or false end
  local stop = run(program, pos, st)
  return stop, before
end

function run(program, pos, st)
  local op, a, b, dir = program.op, program.a, program.b, program.dir
  local s, size, captures = st.s, st.size, st.captures
  local stack, base = st.stack, st.sp
  local sp, pc, steps = base, 1, 0
  local failed
  while true do
    steps = steps + 1
    if steps == BATCH then
      steps = 0
      R.tick(BATCH * COST)
      if st.deadline and R.now_ticks() > st.deadline then
        R.throw("The Regex engine has timed out while trying to match a pattern to an input string. This can occur for "
          .. "many reasons, including very large inputs or excessive backtracking caused by nested quantifiers, "
          .. "back-references and other factors.", "RegexMatchTimeoutException")
      end
      if sp > MAX_STACK then R.throw("A regular expression keeps too much in mind.", "RegexMatchTimeoutException") end
    end
    local o = op[pc]
    failed = false
    if o <= ALL then
      local at = dir > 0 and pos or pos - 1
      if at >= 0 and at < size and accepts(o, a[pc], s[at]) then
        pos, pc = pos + dir, pc + 1
      else
        failed = true
      end
    elseif o == GREEDY then
      local loop = a[pc]
      local single, operand, high = loop.op, loop.operand, loop.high
      local count, at = 0, dir > 0 and pos or pos - 1
      while count < high and at >= 0 and at < size and accepts(single, operand, s[at]) do
        count, at = count + 1, at + dir
      end
      steps = steps + math.floor(count / 8)
      if steps >= BATCH then
        R.tick(steps * COST)
        steps = 0
      end
      if count < loop.low then
        failed = true
      else
        local least = pos + dir * loop.low
        pos = pos + dir * count
        if pos ~= least then
          stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = SHRINK, pc + 1, least, pos
          sp = sp + 4
        end
        pc = pc + 1
      end
    elseif o == SPLIT then
      stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = CHOICE, b[pc], pos, false
      sp, pc = sp + 4, a[pc]
    elseif o == JUMP then
      pc = a[pc]
    elseif o == LAZY then
      local loop = a[pc]
      local count, at = 0, dir > 0 and pos or pos - 1
      while count < loop.low and at >= 0 and at < size and accepts(loop.op, loop.operand, s[at]) do
        count, at = count + 1, at + dir
      end
      if count < loop.low then
        failed = true
      else
        pos = pos + dir * count
        if loop.high > count then
          stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = GROW, pc, pos, loop.high - count
          sp = sp + 4
        end
        pc = pc + 1
      end
    elseif o == OPEN then
      local group = a[pc]
      stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = OPENED, group, st.opened[group] or false, false
      sp = sp + 4
      st.opened[group] = pos
      pc = pc + 1
    elseif o == CLOSE then
      local group = a[pc]
      local from, to = st.opened[group], pos
      if from > to then from, to = to, from end
      local before = captures[group] or false
      stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = CAPTURE, group, before, false
      sp = sp + 4
      captures[group] = { from = from, to = to, before = before }
      pc = pc + 1
    elseif o == ASSERT then
      failed = not holds(a[pc], s, size, pos, st.start)
      pc = pc + 1
    elseif o == INIT then
      local register = a[pc]
      stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] =
        COUNTER, register, st.counts[register] or 0, st.places[register] or -1
      sp = sp + 4
      st.counts[register], st.places[register] = 0, -1
      pc = pc + 1
    elseif o == LOOP then
      local loop = a[pc]
      local register = loop.register
      local count, place = st.counts[register], st.places[register]
      local enter = count < loop.low
      if not enter then
        -- An iteration that took nothing is the last one.
        local may = count < loop.high and place ~= pos
        if not may then
          pc = loop.exit
        elseif loop.lazy then
          stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = ITERATE, pc, pos, false
          sp, pc = sp + 4, loop.exit
        else
          stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = CHOICE, loop.exit, pos, false
          sp, enter = sp + 4, true
        end
      end
      if enter then
        stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = COUNTER, register, count, place
        sp = sp + 4
        st.counts[register], st.places[register] = count + 1, pos
        pc = loop.body
      end
    elseif o == BACK then
      local stop = follow(st, captures[a[pc]], b[pc], pos, dir)
      if stop then pos, pc = stop, pc + 1 else failed = true end
    elseif o == LOOK or o == ATOMIC then
      st.sp = sp
      local stop, before = inside(a[pc], pos, st)
      local order = st.order
      if o == LOOK and b[pc] then
        for i = 1, #order do captures[order[i]] = before[i] end
        failed = stop ~= nil
      elseif stop == nil then
        failed = true
      else
        for i = 1, #order do
          if (captures[order[i]] or false) ~= before[i] then
            stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = CAPTURE, order[i], before[i], false
            sp = sp + 4
          end
        end
        if o == ATOMIC then pos = stop end
      end
      pc = pc + 1
    else
      R.tick(steps * COST)
      st.sp = base
      return pos
    end
    while failed do
      if sp == base then
        R.tick(steps * COST)
        return nil
      end
      sp = sp - 4
      local kind, x, y, z = stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4]
      if kind == CHOICE then
        pc, pos, failed = x, y, false
      elseif kind == SHRINK then
        z = z - dir
        if z ~= y then
          stack[sp + 4] = z
          sp = sp + 4
        end
        pc, pos, failed = x, z, false
      elseif kind == CAPTURE then
        captures[x] = y
      elseif kind == OPENED then
        st.opened[x] = y
      elseif kind == COUNTER then
        st.counts[x], st.places[x] = y, z
      elseif kind == GROW then
        local at = dir > 0 and y or y - 1
        local loop = a[x]
        if at >= 0 and at < size and accepts(loop.op, loop.operand, s[at]) then
          pos = y + dir
          if z > 1 then
            stack[sp + 3], stack[sp + 4] = pos, z - 1
            sp = sp + 4
          end
          pc, failed = x + 1, false
        end
      else
        local loop = a[x]
        local register = loop.register
        local count, place = st.counts[register], st.places[register]
        stack[sp + 1], stack[sp + 2], stack[sp + 3], stack[sp + 4] = COUNTER, register, count, place
        sp = sp + 4
        st.counts[register], st.places[register] = count + 1, y
        pc, pos, failed = loop.body, y, false
      end
    end
  end
end
jit.on(run)

-- The first match that begins at unit `from` or behind it: where it begins, where it ends, and its captures. nil if
-- there is none. `timeout` is in ticks of 100 ns, nil for none but the request's budget.
function R.regex_find(regex, subject, from, timeout)
  local s, size = subject.s, subject.size
  local st = {
    s = s, size = size, start = from, captures = {}, opened = {}, counts = {}, places = {}, stack = {}, sp = 0,
    order = regex.order, deadline = timeout and R.now_ticks() + timeout,
  }
  local unit, set, program = regex.first_unit, regex.first_set, regex.program
  local last = regex.anchored and math.min(0, size) or size
  for at = from, last do
    local may = true
    if unit then
      may = at < size and s[at] == unit
    elseif set then
      may = at < size and accepts(SET, set, s[at])
    end
    if may then
      local stop = run(program, at, st)
      if stop then return at, stop, st.captures end
    elseif at % BATCH == 0 then
      R.tick(BATCH / 4)
    end
  end
end

