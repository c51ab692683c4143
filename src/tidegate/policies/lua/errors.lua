-- What went wrong, as LastError, and as the answer that the client gets unless on-error makes another one.

local JSON = "application/json"

local function internal()
  return { reason = "ExpressionValueEvaluationFailure", status = 500, message = "Internal server error", activity = true }
end

local LONGEST = 300 -- of what is told of one failure

-- A line for who looks after the gateway: the client learns only the activity's id. What was thrown may quote what the
-- client sent, so it is cut, and nothing in it ends the line.
local function tell(q, problem)
  problem.activity_id = R.uuid()
  local known = q.error
  local place = { known.source or "the gateway", known.section or "", known.scope or "", known.path or "", known.policy_id or "" }
  local said = string.gsub(string.sub(tostring(known.message), 1, LONGEST), "%c", " ")
  pcall(q.h.logWarn, q.h, "tidegate: " .. problem.activity_id .. " " .. known.reason .. " in "
    .. string.gsub(table.concat(place, " "), " +", " ") .. ": " .. said)
end

-- The failure of a program or of the runtime itself, with LastError set. Its own text goes to Envoy's log, not to the
-- client, and neither to on-error.
function R.describe(q, problem)
  if not R.is_failure(problem) then
    q.h:logErr("tidegate: " .. tostring(problem))
    if q.trace then q.trace.fault = tostring(problem) end
    problem = internal()
  end
  local step = q.program and q.program.steps[q.step] or {}
  q.error = {
    source = problem.source or step.source,
    policy_id = step.id,
    section = problem.section or step.section,
    scope = step.scope,
    path = step.path,
    reason = problem.reason,
    message = problem.detail or problem.message,
    status = problem.status,
  }
  if problem.activity then tell(q, problem) end
  return problem
end

local function body_of(problem)
  local body = '{"statusCode":' .. problem.status .. ',"message":' .. R.json_string(problem.message)
  if problem.activity then body = body .. ',"activityId":"' .. (problem.activity_id or R.uuid()) .. '"' end
  return body .. "}"
end

function R.failure_answer(problem)
  local headers = R.new_headers({ [":status"] = tostring(problem.status), ["content-type"] = JSON })
  for name, value in pairs(problem.headers or {}) do headers:replace(name, value) end
  return R.new_response(headers, problem.body or body_of(problem), problem.phrase)
end

-- The answer to a failure: on-error runs over the response that the failure makes. A failure in there is answered
-- without it.
function R.refuse(q, problem)
  problem = R.describe(q, problem)
  local answer = R.failure_answer(problem)
  q.made, q.response = answer, answer.headers
  local program = q.program
  if program and program.on_error then
    R.refill()
    local ok, ended = pcall(program.on_error, q)
    if not ok then
      q.h:logErr("tidegate: on-error: " .. tostring(type(ended) == "table" and (ended.detail or ended.message) or ended))
      return R.failure_answer(internal())
    end
    if ended then answer = q.answer end
  end
  return answer
end
