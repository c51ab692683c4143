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
R.traces = os.getenv("TIDEGATE_TRACES") ~= nil
R.tracing = 0 -- how many traced requests may still get a response here

-- The library alone is more than a megabyte of objects, and each run of the collector looks at all of them. So it runs
-- half as often as it would, as long as that costs little memory.
local function tune()
  collectgarbage("setpause", collectgarbage("count") > 16384 and 200 or 400)
end

local function load_program(h, digest)
  local source = R.library(h, "program:" .. digest)
  if not source then error("no program " .. digest, 0) end
  local chunk, problem = load(source, "=" .. string.sub(digest, 1, 12), "t")
  if not chunk then error(problem, 0) end
  jit.off(chunk, true)
  local program = chunk(R)
  if program.abi ~= ABI then error("program of another version", 0) end
  program.chunk, program.digest = chunk, digest
  if program.trusted then
    local names = {}
    for name in pairs(program.own) do
      if not (program.unsure and program.unsure[name]) then names[#names + 1] = name end
    end
    table.sort(names)
    program.vouched = #names > 0 and table.concat(names, ",") or nil
  end
  for number = 1, #program.steps do
    if program.steps[number].source == "forward-request" then program.forward_step = number end
  end
  programs.put(digest, program)
  tune()
  return program
end

function R.program(h, digest)
  return programs.get(digest) or load_program(h, digest)
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

-- -- the request

-- Behind inbound and backend where Envoy's router has nothing to do: policies have called the backend, or nobody has.
local function finish_here(q)
  if not q.made then
    q.made = R.new_answer(q, 200)
    q.response = q.made.headers
  end
  local program = q.program
  if program.outbound and program.outbound(q) then return q.answer end
  return q.made
end

-- The answer, or nil: then Envoy forwards the request.
local function run_request(q)
  local h = q.h
  local program, context = program_of(h)
  q.program = program
  local request = h:headers()
  q.request = request
  if program.preflight then
    local answer = R.preflight(q, program.preflight)
    if answer then return R.new_response(R.new_headers(answer)) end
  end
  if context:get("facts") then
    R.admit(q, context)
    program = q.program
  end
  if R.traces then program = R.trace_request(q, program) end
  if program.keys then q.keys_digest = context:get("keys_digest") end
  local changes_origin = program.cors and context:get("changes_origin")
  if program.timed then q.began = R.now_ticks() end
  if program.chooses then
    -- By these the route is found again (calls.lua).
    q.original_path, q.original_authority = q.request:get(":path"), q.request:get(":authority")
  end
  local ended = program.inbound(q)
  if ended then return q.answer end
  if ended == nil then return finish_here(q) end
  if program.trusted or q.trusts then
    local vouched = R.vouch(q)
    if vouched then q.request:replace(VOUCHED, vouched) end
  end
  if q.request_body then R.settle_request(q) end
  if q.base then R.depart(q) end
  -- What cors adds follows from the request alone, so the response works it out anew: that costs less than keeping it.
  local after = q.after
  local anew = after and program.cors and after.n == q.cors_count and not changes_origin
  if q.trace then R.trace_end(q) end
  if program.keeps or (after and not anew) or q.trace or (q.facts and R.admission_lasts(q)) then keep(h, q) end
end

local FALLBACK = '{"statusCode":500,"message":"Internal server error"}'

-- The runtime's record of a request. The fields that most requests use, so that it is made in one piece, and no more:
-- its size is paid by every request. Others come when they are needed; absent is false.
--   made            the R.Response whose headers `response` is, unless they are Envoy's
--   request_body, response_body    see bodies.lua
--   asked_with      the client's method, where policies have changed it
--   status_set      whether a policy has set the response's status; `reason` is its phrase
--   trusts          names of request headers that were worked out and set
--   late, quotas, traffic, watches, slots, cached    what counters and caches wait for
--   facts, subscription, key, product, chosen, known, matched    subscriptions.lua
--   base, host_set, shown, fails, original_path, original_authority     calls.lua, url.lua
--   began           when the request came, where a policy asks
local function new_record(h)
  return {
    h = h,
    step = 0,
    program = false,
    request = false, -- the headers
    response = false, -- the headers
    responding = false, -- in envoy_on_response
    variables = false,
    keys_digest = false,
    origin = false,
    cors_done = false,
    cors_count = 0,
    after = false,
    answer = false,
    error = false,
  }
end

local function answer_request(q, answer)
  R.apply_after(q, answer.headers)
  local lines = answer.headers.lines
  lines[REPLY] = R.mark
  -- Envoy counts what it sends.
  lines["content-length"] = nil
  return lines, R.has_no_body(lines[":status"]) and "" or R.sent_body(answer)
end

function envoy_on_request(h)
  R.refill()
  local q = new_record(h)
  local ok, answer = pcall(run_request, q)
  if q.slots then R.slots_end(q) end
  if ok and not answer then return end
  if not ok then ok, answer = pcall(R.refuse, q, answer) end
  local headers, body
  if ok then ok, headers, body = pcall(answer_request, q, answer) end
  if not ok then
    headers = { [":status"] = "500", ["content-type"] = "application/json", [REPLY] = R.mark }
    body = FALLBACK
  end
  if q.slots then R.slots_end(q) end
  if q.late then R.answered(q, R.new_response(R.new_headers(headers), body)) end
  if q.traffic then R.traffic_made(q, body) end
  if q.trace then R.trace_end(q, R.new_headers(headers), "gateway") end
  h:respond(headers, body)
end

-- -- the response

-- Envoy's own failures carry REPLY (HCM local_reply_config). What they mean to a policy, by their status; what is
-- the client's own fault (too large, malformed) stays as the gateway says it.
local function connection_failure(status)
  if status == "504" then
    return R.failure({ reason = "Timeout", status = 504, message = "Gateway timeout", activity = true,
      source = "forward-request", section = "backend" })
  end
  if status == "503" or status == "502" or status == "500" then
    return R.failure({ reason = "BackendConnectionFailure", status = 500, message = "Internal server error",
      activity = true, source = "forward-request", section = "backend" })
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

-- Give the client another answer than the backend's. `head`: it asked with HEAD, and gets no body.
local function replace_response(q, answer, head)
  q.made = answer
  R.apply_after(q, answer.headers)
  local response = q.h:headers()
  clear(response)
  for name, value in pairs(answer.headers.lines) do
    if type(value) == "table" then
      for i = 1, #value do response:add(name, value[i]) end
    elseif name ~= "content-length" then
      response:replace(name, value)
    end
  end
  if head then return end
  local status = answer.headers:get(":status")
  q.h:body(true):setBytes(R.has_no_body(status) and "" or R.sent_body(answer))
  if R.has_no_body(status) then q.h:headers():remove("content-length") end
end

local function run_outbound(q, problem)
  if problem then error(problem, 0) end
  if q.fails then R.fail_on_status(q, tonumber(q.response:get(":status"))) end
  local outbound = q.program.outbound
  return outbound and outbound(q)
end

-- Whether the client asked with HEAD, and gets no body. The handle may be old behind a pause, so it is a new one.
local function asked_with_head(q)
  return (q.asked_with or q.h:requestHeaders():get(":method")) == "HEAD"
end

local function run_response(h)
  local response = h:headers()
  local reply = response:get(REPLY)
  if reply == R.mark then
    response:remove(REPLY)
    return
  end
  local program, context = program_of(h)
  local before = (program.keeps or program.after or R.tracing > 0 or context:get("facts")) and recall(h)
  -- The product's, where there was one.
  if before and before.program then program = before.program end
  local request = h:requestHeaders()
  local origin = not before and program.cors and request:get("origin")
  if reply == nil and not program.outbound and not before and not origin then return end
  local q = before or new_record(h)
  q.h, q.program, q.request, q.response, q.responding = h, program, request, response, true
  q.variables = q.variables or {}
  if q.trace then R.trace_resume(q) end
  if origin then R.cors_headers(q, program.cors, origin) end
  local problem
  if reply then
    response:remove(REPLY)
    problem = connection_failure(response:get(":status"))
    if not before then q.step = program.forward_step or 0 end
  end
  local ok, ended = pcall(run_outbound, q, problem)
  if not ok then
    replace_response(q, R.refuse(q, ended), asked_with_head(q))
  elseif ended then
    replace_response(q, q.answer, asked_with_head(q))
  else
    R.apply_after(q, q.response)
    if q.response_body or q.status_set or q.asked_with then R.settle_response(q, asked_with_head(q)) end
  end
  if q.slots then R.slots_end(q) end
  if q.late then R.answered(q) end
  if q.traffic or q.watches then R.traffic_passes(q, h, asked_with_head(q)) end
  if q.trace then R.trace_end(q, h:headers(), reply and "gateway" or "backend") end
end

function envoy_on_response(h)
  R.refill()
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
