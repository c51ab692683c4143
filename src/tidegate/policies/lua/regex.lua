-- System.Text.RegularExpressions: Regex, Match, Group, Capture and their collections.
--
-- Source: the .NET reference of these classes, and "Substitutions in Regular Expressions".

local concat, format, find, sub = table.concat, string.format, string.find, string.sub

R.Regex = { type = "Regex" }
R.Match = { type = "Match", bases = { Group = true, Capture = true } }
R.Group = { type = "Group", bases = { Capture = true } }
R.Capture = { type = "Capture" }
R.MatchCollection = { type = "MatchCollection", bases = { IEnumerable = true, ICollection = true, IList = true } }
R.GroupCollection = { type = "GroupCollection", bases = { IEnumerable = true, ICollection = true, IList = true } }

R.enum("RegexOptions", {
  [0] = "None", [1] = "IgnoreCase", [2] = "Multiline", [4] = "ExplicitCapture", [8] = "Compiled", [16] = "Singleline",
  [32] = "IgnorePatternWhitespace", [512] = "CultureInvariant",
})

local slice = R.regex_slice

-- A Regex; the pattern is read once per worker. `timeout` is a TimeSpan, -1 ms for none.
function R.regex(pattern, options, timeout)
  R.argument(pattern, "pattern")
  options = options or 0
  local ticks = timeout and timeout.ticks ~= -10000LL and timeout.ticks or nil
  if ticks and (ticks <= 0 or ticks > 21474836460000LL) then R.out_of_range("matchTimeout") end
  return setmetatable({
    pattern = pattern, options = options, compiled = R.regex_program(pattern, options), timeout = ticks,
  }, R.Regex)
end

function R.Regex.text(regex)
  return regex.pattern
end

-- -- matches

local function new_match(regex, subject, from, to, captures)
  return setmetatable({
    success = true, regex = regex, subject = subject, index = from, length = to - from, captures = captures,
  }, R.Match)
end

local EMPTY_SUBJECT = R.regex_subject("")

local function no_match(regex)
  return setmetatable({ success = false, regex = regex, subject = EMPTY_SUBJECT, index = 0, length = 0, captures = {} },
    R.Match)
end

function R.regex_empty()
  return no_match(nil)
end

local function find_from(regex, subject, at)
  if at > subject.size then return nil end
  local from, to, captures = R.regex_find(regex.compiled, subject, at, regex.timeout)
  if from then return new_match(regex, subject, from, to, captures) end
end

-- Where the search goes on behind a match: behind an empty one by one more, so that it is not found again.
local function behind(match)
  local at = match.index + match.length
  return match.length == 0 and at + 1 or at
end

local function start_of(subject, at)
  if at == nil then return 0 end
  if at < 0 or at > subject.size then R.out_of_range("startat", "Start index cannot be less than 0 or greater than "
    .. "input length.") end
  return at
end

function R.regex_match(regex, input, at)
  local subject = R.regex_subject(input)
  return find_from(regex, subject, start_of(subject, at)) or no_match(regex)
end

function R.regex_is_match(regex, input, at)
  local subject = R.regex_subject(input)
  return R.regex_find(regex.compiled, subject, start_of(subject, at), regex.timeout) ~= nil
end

function R.regex_next(match)
  if not match.success then return match end
  return find_from(match.regex, match.subject, behind(match)) or no_match(match.regex)
end

local function all_matches(regex, subject, at, limit)
  local list, n = { n = 0 }, 0
  while n ~= limit do
    local match = find_from(regex, subject, at)
    if not match then break end
    R.tick(20)
    n = n + 1
    list[n] = match
    at = behind(match)
  end
  list.n = n
  return list
end

function R.regex_matches(regex, input, at)
  local subject = R.regex_subject(input)
  return setmetatable(all_matches(regex, subject, start_of(subject, at)), R.MatchCollection)
end

-- -- what a match holds

function R.capture_value(capture)
  return slice(capture.subject, capture.index, capture.index + capture.length)
end

R.Match.text, R.Group.text, R.Capture.text = R.capture_value, R.capture_value, R.capture_value

local function new_group(match, number)
  if number == 0 then return match end
  local capture = match.captures[number]
  local group = setmetatable({ match = match, subject = match.subject, number = number }, R.Group)
  group.success = capture ~= nil and capture ~= false
  group.index = capture and capture.from or 0
  group.length = capture and capture.to - capture.from or 0
  return group
end

local function missing_group()
  return setmetatable({ success = false, subject = EMPTY_SUBJECT, index = 0, length = 0 }, R.Group)
end

local function number_of(regex, name)
  local compiled = regex.compiled
  if compiled.names[name] then return compiled.names[name] end
  local number = tonumber(find(name, "^%d+$") and name or nil)
  for i = 1, #compiled.order do
    if compiled.order[i] == number then return number end
  end
end

-- match.Groups, and its indexer by number or name. What does not exist is a group without success.
function R.match_groups(match)
  return setmetatable({ match = match }, R.GroupCollection)
end

function R.group_by_number(groups, number)
  local regex = groups.match.regex
  if regex and groups.match.success then
    for _, known in ipairs(regex.compiled.order) do
      if known == number then return new_group(groups.match, number) end
    end
  end
  return missing_group()
end

function R.group_by_name(groups, name)
  R.argument(name, "groupname")
  local regex = groups.match.regex
  local number = regex and groups.match.success and number_of(regex, name)
  return number and new_group(groups.match, number) or missing_group()
end

function R.group_has_name(groups, name)
  local regex = groups.match.regex
  return regex ~= nil and groups.match.success and number_of(regex, name) ~= nil
end

function R.group_name(group)
  local match = group.match or group
  if not match.regex then return "" end
  local number = group.number or 0
  return match.regex.compiled.labels[number] or format("%d", number)
end

function R.group_count(groups)
  local regex = groups.match.regex
  return regex and groups.match.success and #regex.compiled.order or 1
end

function R.GroupCollection.items(groups)
  local match = groups.match
  if not (match.regex and match.success) then return { n = 1, match } end
  local order = match.regex.compiled.order
  local list = { n = #order }
  for i = 1, #order do list[i] = new_group(match, order[i]) end
  return list
end

-- All captures of a group, the first one first.
function R.group_captures(group)
  if not group.success then return { n = 0 } end
  if group.number == nil then return { n = 1, group } end
  local list, capture = { n = 0 }, group.match.captures[group.number]
  while capture do
    R.tick(1)
    list.n = list.n + 1
    list[list.n] = setmetatable({
      subject = group.subject, index = capture.from, length = capture.to - capture.from,
    }, R.Capture)
    capture = capture.before
  end
  return R.seq_reverse(list)
end

-- -- replacement

-- A replacement pattern as a list of texts and of {kind, number}.
local function read_replacement(regex, text)
  local parts, at = {}, 1
  while true do
    local dollar = find(text, "$", at, true)
    if not dollar then break end
    parts[#parts + 1] = sub(text, at, dollar - 1)
    local sign = sub(text, dollar + 1, dollar + 1)
    local digits = string.match(text, "^%d+", dollar + 1)
    local name, stop = string.match(text, "^{([%w_\128-\255]+)}()", dollar + 1)
    local number = (digits or name) and number_of(regex, digits or name)
    if number then
      parts[#parts + 1] = { "group", number }
      at = name and stop or dollar + 1 + #digits
    elseif sign == "$" then
      parts[#parts + 1] = "$"
      at = dollar + 2
    elseif sign ~= "" and find("&`'+_", sign, 1, true) then
      parts[#parts + 1] = { sign }
      at = dollar + 2
    else
      parts[#parts + 1] = "$"
      at = dollar + 1
    end
  end
  parts[#parts + 1] = sub(text, at)
  return parts
end

local function group_text(match, number)
  return R.capture_value(new_group(match, number))
end

local function substituted(match, parts)
  local out, subject = {}, match.subject
  for i = 1, #parts do
    local part = parts[i]
    if type(part) == "string" then
      out[i] = part
    elseif part[1] == "group" then
      out[i] = group_text(match, part[2])
    elseif part[1] == "&" then
      out[i] = R.capture_value(match)
    elseif part[1] == "`" then
      out[i] = slice(subject, 0, match.index)
    elseif part[1] == "'" then
      out[i] = slice(subject, match.index + match.length, subject.size)
    elseif part[1] == "_" then
      out[i] = subject.text
    else
      local order = match.regex.compiled.order
      out[i] = group_text(match, order[#order])
    end
    R.tick(math.floor(#out[i] / 64) + 1)
  end
  return concat(out)
end

-- match.Result(replacement)
function R.match_result(match, replacement)
  R.argument(replacement, "replacement")
  if not match.success then
    R.throw("Result cannot be called on a failed Match.", "NotSupportedException")
  end
  return substituted(match, read_replacement(match.regex, replacement))
end

local function replaced(regex, input, evaluate, limit)
  local subject = R.regex_subject(input)
  local matches = all_matches(regex, subject, 0, limit)
  if matches.n == 0 then return input end
  local parts, at = {}, 0
  for i = 1, matches.n do
    local match = matches[i]
    parts[#parts + 1] = slice(subject, at, match.index)
    parts[#parts + 1] = evaluate(match) or ""
    at = match.index + match.length
  end
  parts[#parts + 1] = slice(subject, at, subject.size)
  return concat(parts)
end

function R.regex_replace(regex, input, replacement, limit)
  R.argument(replacement, "replacement")
  local parts = read_replacement(regex, replacement)
  return replaced(regex, input, function(match) return substituted(match, parts) end, limit)
end

-- By a MatchEvaluator.
function R.regex_replace_by(regex, input, evaluator, limit)
  R.argument(evaluator, "evaluator")
  return replaced(regex, input, evaluator, limit)
end

-- string[]; what groups captured stands between the parts.
function R.regex_split(regex, input, limit)
  local subject = R.regex_subject(input)
  if limit == 1 then return { n = 1, input } end
  local matches = all_matches(regex, subject, 0, limit and limit > 0 and limit - 1 or nil)
  local parts, n, at = {}, 0, 0
  for i = 1, matches.n do
    local match = matches[i]
    n = n + 1
    parts[n] = slice(subject, at, match.index)
    at = match.index + match.length
    local order = regex.compiled.order
    for j = 2, #order do
      if match.captures[order[j]] then
        n = n + 1
        parts[n] = group_text(match, order[j])
      end
    end
  end
  n = n + 1
  parts[n] = slice(subject, at, subject.size)
  parts.n = n
  return parts
end

-- -- texts that become patterns

local blanks = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\f"] = "\\f" }

function R.regex_escape(text)
  return (string.gsub(R.argument(text, "str"), "[%s\\*+?|{%[()^$.#]", function(c)
    if c == "\v" then return c end
    return blanks[c] or "\\" .. c
  end))
end

function R.regex_unescape(text)
  local parser = setmetatable({ text = text, units = R.char_items(R.argument(text, "str")), at = 1 }, R.regex_parser)
  local units, n = {}, 0
  while parser:peek() do
    n = n + 1
    if parser:take("\\") then
      units[n] = parser:char_escape()
    else
      units[n] = parser:peek()
      parser.at = parser.at + 1
    end
  end
  return R.regex_units_text(units, 1, n)
end

-- -- about the pattern

function R.regex_group_names(regex)
  local compiled = regex.compiled
  local list = { n = #compiled.order }
  for i = 1, list.n do
    list[i] = compiled.labels[compiled.order[i]] or format("%d", compiled.order[i])
  end
  return list
end
