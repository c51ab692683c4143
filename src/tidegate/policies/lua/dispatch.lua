-- What Envoy calls. A route's filter_context names its program and keys by digest, its metadata holds them; each program
-- is loaded once per worker. Envoy 1.40 copies either whole whenever it is asked for, so metadata is asked for rarely.
--
-- An error that left a hook would let the request through to the backend (Envoy 1.40 goes on without the script), so both
-- hooks run guarded, and what guards them does as little as possible.

local REPLY = "x-tidegate-reply"
-- Which headers of the request are the gateway's own words: tidegate_auth believes these beside the proof, and no other.
-- The connection manager takes it from clients before anything else.
local VOUCHED = "x-gateway-headers"
local ABI = 1

local programs = R.bounded(512)
R.mark = R.uuid()

local function load_program(h, digest)
  local chunk, problem = load(h:metadata():get("source"), "=" .. string.sub(digest, 1, 12), "t")
  if not chunk then error(problem, 0) end
  jit.off(chunk, true)
  local program = chunk(R)
  if program.abi ~= ABI then error("program of another version", 0) end
  if program.trusted then
    local names = {}
    for name in pairs(program.own) do names[#names + 1] = name end
    table.sort(names)
    program.vouched = table.concat(names, ",")
  end
  programs.put(digest, program)
  return program
end

local function program_of(h)
  local context = h:filterContext()
  local digest = context:get("program")
  return programs.get(digest) or load_program(h, digest), context
end

-- -- from the request to its response

-- Request handles live until their stream ends, and so does what is kept under them.
local kept = setmetatable({}, { __mode = "v" })
local anchors = setmetatable({}, { __mode = "k" })
local kept_count = 0

-- Most programs never keep anything, and then responses need not look for it. Only the collector knows when a kept
-- request is gone, also those whose client went away: each holds a proxy whose end is counted.
local alive = 0
local proxy = newproxy(true)
getmetatable(proxy).__gc = function(own)
  if own ~= proxy then alive = alive - 1 end
end

local function keep(h, q)
  kept_count = kept_count + 1
  alive = alive + 1
  q.proxy = newproxy(proxy)
  kept[kept_count] = q
  anchors[h] = q
  q.h, q.request = nil, nil
  h:streamInfo():dynamicMetadata():set("tidegate", "request", kept_count)
end

local function recall(h)
  if alive == 0 then return nil end
  local data = h:streamInfo():dynamicMetadata():get("tidegate")
  return data and kept[data.request]
end

-- -- failures

local function describe(q, problem)
  if not R.is_failure(problem) then
    -- A program that is broken or a mistake of the runtime: its text goes to Envoy's log, not to the client.
    q.h:logErr("tidegate: " .. tostring(problem))
    problem = { reason = "ExpressionValueEvaluationFailure", status = 500, message = "Internal server error",
      activity = true }
  end
  local step = q.program and q.program.steps[q.step] or {}
  q.error = {
    source = step.source,
    policy_id = step.id,
    section = step.section,
    scope = step.scope,
    reason = problem.reason,
    message = problem.detail or problem.message,
  }
  return problem
end

local function body_of(problem)
  local body = '{"statusCode":' .. problem.status .. ',"message":' .. R.json_string(problem.message)
  if problem.activity then body = body .. ',"activityId":"' .. R.uuid() .. '"' end
  return body .. "}"
end

local function plain_failure()
  return { reason = "ExpressionValueEvaluationFailure", status = 500, message = "Internal server error",
    activity = true }
end

-- Run on-error over the response that `problem` makes. A failure in there is answered without it.
local function run_on_error(q, response)
  q.response = response
  local program = q.program
  if program and program.on_error then
    local ok, again = pcall(program.on_error, q, q.request, response)
    if not ok then return false, again end
  end
  R.apply_after(q, response)
  return true
end

local function failure_headers(problem)
  local headers = R.new_headers({
    [":status"] = tostring(problem.status),
    ["content-type"] = "application/json",
  })
  for name, value in pairs(problem.headers or {}) do headers:replace(name, value) end
  return headers
end

-- -- the request

local function run_request(q)
  local h = q.h
  local program, context = program_of(h)
  q.program = program
  local request = h:headers()
  q.request = request
  if program.preflight then
    local answer = R.preflight(q, program.preflight)
    if answer then
      q.answer = R.new_headers(answer)
      return
    end
  end
  if program.keys then q.keys_digest = context:get("keys_digest") end
  if program.inbound(q, request) then return end
  if program.trusted then
    R.remove_spellings(request, program.trusted, program.own)
    request:replace(VOUCHED, program.vouched)
  end
  -- What cors adds follows from the request alone, so the response works it out anew: that costs less than keeping it.
  local after = q.after
  local anew = after and program.cors and after.n == q.cors_count and not context:get("changes_origin")
  if program.keeps or (after and not anew) then keep(h, q) end
end

local function refuse_request(q, problem)
  problem = describe(q, problem)
  local response = failure_headers(problem)
  local ok, again = run_on_error(q, response)
  if not ok then
    q.h:logErr("tidegate: on-error: " .. tostring(type(again) == "table" and (again.detail or again.message) or again))
    problem = plain_failure()
    response = failure_headers(problem)
  end
  response.lines[REPLY] = R.mark
  return response.lines, body_of(problem)
end

local FALLBACK = '{"statusCode":500,"message":"Internal server error"}'

-- The runtime's record of a request, with all its fields, so that it is made in one piece.
local function new_record(h)
  return {
    h = h,
    step = 0,
    program = false,
    request = false,
    response = false,
    variables = false,
    keys_digest = false,
    imported = false,
    origin = false,
    cors_done = false,
    cors_count = 0,
    after = false,
    answer = false,
    error = false,
  }
end

function envoy_on_request(h)
  local q = new_record(h)
  local ok, problem = pcall(run_request, q)
  if ok and not q.answer then return end
  local headers, body
  if ok then
    ok, problem = pcall(R.apply_after, q, q.answer)
    headers, body = q.answer.lines, ""
    headers[REPLY] = R.mark
  else
    ok, headers, body = pcall(refuse_request, q, problem)
  end
  if not ok then
    headers = { [":status"] = "500", ["content-type"] = "application/json", [REPLY] = R.mark }
    body = FALLBACK
  end
  h:respond(headers, body)
end

-- -- the response

-- Envoy's own failures carry REPLY (HCM local_reply_config). What they mean to a policy, by their status; what is
-- the client's own fault (too large, malformed) stays as the gateway says it.
local function connection_failure(status)
  if status == "504" then
    return { reason = "Timeout", status = 504, message = "Gateway timeout", activity = true, source = "forward-request" }
  end
  if status == "503" or status == "502" or status == "500" then
    return { reason = "BackendConnectionFailure", status = 500, message = "Internal server error", activity = true,
      source = "forward-request" }
  end
  return nil
end

local function clear(response)
  local names = {}
  for name in pairs(response) do names[#names + 1] = name end
  for i = 1, #names do
    if string.sub(names[i], 1, 1) ~= ":" then response:remove(names[i]) end
  end
end

-- Replace the whole response by the failure's.
local function replace_response(q, problem)
  local h, response = q.h, q.response
  local described = R.is_failure(problem) or problem.source ~= nil
  local source = problem
  if described and problem.source then
    q.error = { source = problem.source, section = "backend", reason = problem.reason, message = problem.message }
  else
    source = describe(q, problem)
  end
  clear(response)
  response:replace(":status", tostring(source.status))
  response:replace("content-type", "application/json")
  local ok, again = run_on_error(q, response)
  if not ok then
    h:logErr("tidegate: on-error: " .. tostring(type(again) == "table" and (again.detail or again.message) or again))
    source = plain_failure()
    clear(response)
    response:replace(":status", "500")
    response:replace("content-type", "application/json")
  end
  if h:requestHeaders():get(":method") ~= "HEAD" then h:body(true):setBytes(body_of(source)) end
end

local function run_response(h)
  local response = h:headers()
  local reply = response:get(REPLY)
  if reply == R.mark then
    response:remove(REPLY)
    return
  end
  local program = program_of(h)
  local before = (program.keeps or program.after) and recall(h)
  local request = h:requestHeaders()
  local origin = not before and program.cors and request:get("origin")
  if reply == nil and not program.outbound and not before and not origin then return end
  local q = new_record(h)
  q.program, q.response, q.request = program, response, request
  q.variables, q.after = before and before.variables or {}, before and before.after
  if origin then R.cors_headers(q, program.cors, origin) end
  if reply then
    response:remove(REPLY)
    local problem = connection_failure(response:get(":status"))
    if problem then
      replace_response(q, problem)
      return
    end
  end
  if program.outbound then
    local ok, problem = pcall(program.outbound, q, q.request, response)
    if not ok then
      replace_response(q, problem)
      return
    end
  end
  R.apply_after(q, response)
end

function envoy_on_response(h)
  local ok, problem = pcall(run_response, h)
  if ok then return end
  -- What the guard itself could not do is logged; the response is emptied of what it was.
  pcall(h.logErr, h, "tidegate: " .. tostring(problem))
  local response = h:headers()
  pcall(clear, response)
  response:replace(":status", "500")
  response:replace("content-type", "application/json")
  pcall(function() h:body(true):setBytes(FALLBACK) end)
end
