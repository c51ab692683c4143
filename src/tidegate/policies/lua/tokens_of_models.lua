-- llm-token-limit, llm-emit-token-metric and their first names, azure-openai-...: tokens of language models, by the `usage` that a model's answer tells.
--
-- A JSON answer is read as a whole before it goes on; of a stream of events the pieces pass as they come, and the usage is
-- looked for in them (a model sends it last, where it was asked to: stream_options.include_usage). Where an answer tells
-- none, tokens are estimated: a token for every four characters begun, of the request and of the answer.

local SPACE, QUOTA_SPACE = "llm-tokens:", "llm-token-quota:"
local KEPT = 65536 -- bytes of a stream's end that are looked through

local WEEK_BEGINS = 345600 -- Monday, 5 January 1970

local function estimate(bytes)
  return math.ceil(bytes / 4)
end

-- The calendar's window: its start and its length in seconds, UTC.
local function window(period)
  if period == "Hourly" then return 0, 3600 end
  if period == "Daily" then return 0, 86400 end
  if period == "Weekly" then return WEEK_BEGINS, 604800 end
  local date = os.date("!*t", math.floor(R.wall_clock()))
  -- Days since 1970 of the first of a month (proleptic Gregorian).
  local function days(year, month)
    if month < 3 then year, month = year - 1, month + 12 end
    return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
      + math.floor((153 * (month - 3) + 2) / 5) - 719468
  end
  local from, to
  if period == "Monthly" then
    from = days(date.year, date.month)
    to = date.month == 12 and days(date.year + 1, 1) or days(date.year, date.month + 1)
  else
    from, to = days(date.year, 1), days(date.year + 1, 1)
  end
  return from * 86400, (to - from) * 86400
end
R.calendar_window = window

local function last(text, name)
  local value
  for number in string.gmatch(text, '"' .. name .. '"%s*:%s*(%d+)') do value = tonumber(number) end
  return value
end

-- The last usage of a text: total, prompt's and completion's. nil if it tells none; a total alone is the prompt's.
local function usage_of(text)
  local total = last(text, "total_tokens")
  local prompt = last(text, "prompt_tokens") or last(text, "input_tokens")
  local completion = last(text, "completion_tokens") or last(text, "output_tokens")
  if not (total or prompt or completion) then return nil end
  total = total or (prompt or 0) + (completion or 0)
  prompt = prompt or math.max(0, total - (completion or 0))
  return total, prompt, completion or math.max(0, total - prompt)
end

-- Calls `late` with what usage_of says, or the estimate, once an answer with 200 is known or has passed whole. `asked`:
-- bytes of a request without content-length, where they are known. Answers that are held are there before the client gets any of it:
-- the fourth argument of `late` is then true.
function R.when_used(q, asked, late)
  asked = tonumber(q.request:get("content-length") or nil) or asked or 0
  local function used(text, answered, held)
    local total, prompt, completion = usage_of(text)
    if not total then
      total, prompt = estimate(asked + answered), estimate(asked)
      completion = total - prompt
    end
    late(total, prompt, completion, held)
  end
  R.when_answered(q, function()
    local response = q.response
    if response:get(":status") ~= "200" then return end
    if string.find(response:get("content-type") or "", "text/event-stream", 1, true) and not q.made then
      local passed, tail = 0, ""
      R.watch_body(q, function(piece)
        if piece then
          passed = passed + #piece
          tail = string.sub(tail .. piece, -KEPT)
        else
          used(tail, passed, false)
        end
      end)
      return
    end
    local body = R.body(q, "response") or ""
    used(body, #body, true)
  end)
end

local function count(q, rules, key, limits, tokens)
  tokens = math.min(tokens, 2 ^ 30)
  if tokens < 1 then return end
  if limits.rate then R.count_in(SPACE, key, limits.rate, 60, tokens, R.FORCE, q) end
  if limits.quota then
    local first, length = window(rules.period)
    R.quota_count_all(q, QUOTA_SPACE, key, first, length, limits.quota, math.huge, tokens, 0, R.FORCE)
  end
end

local function tell(q, headers, rules, what, value)
  local header, variable = rules[what .. "_header"], rules[what .. "_variable"]
  if variable then q.variables[variable] = value end
  if header then
    if headers then headers:replace(header, tostring(value)) else R.after(q, header, tostring(value)) end
  end
end

local function refuse(rules, q, status, message, seconds)
  seconds = math.max(1, math.ceil(seconds))
  if rules.retry_variable then q.variables[rules.retry_variable] = seconds end
  R.fail(status == 429 and "TokenLimitExceeded" or "TokenQuotaExceeded", status,
    message .. " Try again in " .. seconds .. " seconds.", { [rules.retry_header] = tostring(seconds) })
end

-- `rate`: tokens in a minute; `quota`: tokens in a period of the calendar; nil where there is none.
function R.token_limit(q, rules, key, rate, quota, estimates)
  if (rate and rate < 1) or (quota and quota < 1) then R.throw("llm-token-limit: a limit is out of range") end
  key = key or ""
  local limits, prompt = { rate = rate, quota = quota }, 0
  if estimates then prompt = estimate(#(R.body(q, "request") or "")) end
  if rate then
    local allowed, remaining, wait = R.count_in(SPACE, key, rate, 60, math.max(1, prompt), R.ASK, q)
    tell(q, nil, rules, "remaining", math.max(0, remaining))
    if not allowed then refuse(rules, q, 429, "Token limit is exceeded.", wait) end
  end
  if quota then
    local first, length = window(rules.period)
    local fits, had, _, left =
      R.quota_count_all(q, QUOTA_SPACE, key, first, length, quota, math.huge, math.max(1, prompt), 0, R.ASK)
    tell(q, nil, rules, "quota", math.max(0, quota - had))
    if not fits then refuse(rules, q, 403, "Token quota is exceeded.", left) end
  end
  R.when_used(q, prompt * 4, function(total, _, _, held)
    if held then tell(q, q.response, rules, "consumed", total) end
    count(q, rules, key, limits, total)
  end)
end
