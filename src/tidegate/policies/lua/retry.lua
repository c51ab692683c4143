-- The pauses of the retry policy, and what mock-response finds.

local MOST, LONGEST_S = 50, 300

function R.retry_count(count)
  if count < 1 or count > MOST then
    R.throw("The count of a retry is between 1 and " .. MOST .. ", not " .. count .. ".")
  end
  return count
end

-- Seconds before the `n`th retry (the reference's page "retry"): `interval`; with a delta, growing by it; with a longest
-- interval too, growing exponentially, with chance in it, so that many clients do not come again at once.
function R.retry_pause(n, interval, longest, delta, first_fast, chance)
  if n == 1 and first_fast then return 0 end
  local seconds = interval
  if delta and longest then
    seconds = interval + (2 ^ (n - 1) - 1) * delta * (0.8 + 0.4 * chance)
  elseif delta then
    seconds = interval + (n - 1) * delta
  end
  if longest then seconds = math.min(seconds, longest) end
  return math.max(0, math.min(seconds, LONGEST_S))
end

function R.retry_wait(q, n, interval, longest, delta, first_fast)
  local seconds = R.retry_pause(n, interval, longest, delta, first_fast, math.random())
  -- What one run leaves to the next is what policies keep in variables: the answer of before is no answer yet.
  if seconds > 0 then R.sleep(q, seconds * 1000) end
end

-- -- mock-response

-- The example of the status and media type in the API's description; the first of the status where no type is asked for.
local function example(q, status, content_type)
  local mock = R.facts(q).mock
  for i = 1, mock and #mock or 0 do
    local each = mock[i]
    if tonumber(each.status) == status and (not content_type or string.lower(each.content_type or "") == content_type) then
      return each
    end
  end
  return nil
end

function R.mock(q, status, content_type)
  local answer = R.new_answer(q, status)
  local found = example(q, status, content_type and string.lower(content_type))
  local kind = content_type or found and found.content_type
  if kind then answer.headers:replace("content-type", kind) end
  if found then answer.body = found.body or "" end
  q.answer = answer
  return true
end
