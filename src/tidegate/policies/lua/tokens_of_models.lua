-- llm-token-limit and azure-openai-token-limit: tokens of language models, by the `usage` that a model's answer tells.
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

-- The last total of a text, nil if it tells none.
local function usage_of(text)
  local total
  for number in string.gmatch(text, '"total_tokens"%s*:%s*(%d+)') do total = tonumber(number) end
  if total then return total end
  local sum
  for _, name in ipairs({ "input_tokens", "output_tokens" }) do
    for number in string.gmatch(text, '"' .. name .. '"%s*:%s*(%d+)') do sum = (sum or 0) + tonumber(number) end
  end
  return sum
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
  local asked = tonumber(q.request:get("content-length") or nil) or prompt * 4
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
          count(q, rules, key, limits, usage_of(tail) or estimate(asked + passed))
        end
      end)
      return
    end
    local body = R.body(q, "response") or ""
    local tokens = usage_of(body) or estimate(asked + #body)
    tell(q, q.response, rules, "consumed", tokens)
    count(q, rules, key, limits, tokens)
  end)
end
