-- What leaves the gateway on a policy's behalf: send-request and its like, and forward-request where Envoy's router
-- cannot do it. Everything goes through the listener `egress`, which judges destinations (decision 0016).
-- One file, because both write and read the same headers of that listener.
--
-- Every call is a pause: R.resumed renews the handles of headers behind it.

local find, gsub, lower, match = string.find, string.gsub, string.lower, string.match

local EGRESS = "egress"
local TARGET, SCHEME, KIND, ROUTE =
  "x-envoy-tidegate-host", "x-envoy-tidegate-scheme", "x-envoy-tidegate-kind", "x-envoy-tidegate-route"
local TICKET, WAIT = "x-envoy-tidegate-ticket", "x-envoy-tidegate-wait"
local VOUCHED = "x-gateway-headers"
local CLUSTER = "x-envoy-tidegate-cluster"
local REPLY, ANSWERED = "x-tidegate-reply", "x-tidegate-egress"
local LONGEST_MS = 300000

-- -- headers of a call

-- They belong to one connection (RFC 9110 section 7.6.1), or to Envoy.
local DROPPED = {
  ["connection"] = true, ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true, ["content-length"] = true, ["expect"] = true, ["http2-settings"] = true,
  ["x-gateway-authorization"] = true, ["x-gateway-headers"] = true,
}

local function is_dropped(name, named)
  return DROPPED[name] or named[name] or find(name, "^:") or find(name, "^x%-envoy%-") or find(name, "^x%-tidegate%-")
end

-- The headers that Connection names.
local function named_by(connection)
  local named = {}
  for name in string.gmatch(connection or "", "[^%s,]+") do named[lower(name)] = true end
  return named
end

local function outgoing(lines)
  local named, result = named_by(type(lines.connection) == "string" and lines.connection or nil), {}
  for name, value in pairs(lines) do
    if not is_dropped(name, named) and name ~= "host" then
      if type(value) == "table" then
        for i = 1, #value do R.checked(value[i]) end
      else
        R.checked(value)
      end
      result[name] = value
    end
  end
  return result
end

-- -- one call

local function failed(reason, message, status)
  return { reason = reason, message = message, status = status or 500 }
end

-- What went wrong, from the answer of `egress` itself.
local function problem_of(status, body, target, timeout_ms)
  if body == "refused" or find(body or "", "rbac_access_denied", 1, true) then
    return failed("BackendConnectionFailure", target .. " is not a destination that calls may reach: it is inside "
      .. "this machine, link-local or reserved. Allow it with --allow-egress.")
  end
  if status == "504" then
    return failed("Timeout", target .. " did not answer within " .. timeout_ms / 1000 .. " s.", 504)
  end
  local why = gsub(gsub(body or "", "^%S+ ", ""), "%s+$", "")
  return failed("BackendConnectionFailure", "No connection to " .. target .. ": " .. string.sub(why, 1, 200) .. ".")
end

-- `to`: {target, scheme, authority, route}; `headers`: a table of lines.
local function prepared(to, method, path, headers, kind)
  local sent = outgoing(headers)
  sent[":method"], sent[":path"], sent[":authority"] = method, path, R.checked(headers.host or to.authority)
  sent[TARGET], sent[SCHEME], sent[KIND], sent[ROUTE] = to.target, to.scheme, kind, to.route
  if find(sent[":authority"], "[%s/?#@]") then R.throw("The Host header of a request is malformed.") end
  return sent
end

local function bounded_ms(ms)
  return math.max(1, math.min(ms, LONGEST_MS))
end

-- What came back: the answer, or nil and what went wrong.
local function received(answer, text, target, timeout_ms)
  if not answer then return nil, failed("BackendConnectionFailure", "No connection to " .. target .. ".") end
  local status = answer[":status"]
  if answer[REPLY] or not answer[ANSWERED] then return nil, problem_of(status, text, target, timeout_ms) end
  local named = named_by(type(answer.connection) == "string" and answer.connection or nil)
  local lines = {}
  for name, value in pairs(answer) do
    if name == ":status" or name == "content-length" or not is_dropped(name, named) then lines[name] = value end
  end
  return R.new_response(R.new_headers(lines), text or "", R.reason_phrase and R.reason_phrase(tonumber(status)) or false)
end

local function exchange(q, to, method, path, headers, body, timeout_ms, kind, vouched)
  local sent, ms = prepared(to, method, path, headers, kind), bounded_ms(timeout_ms)
  sent[VOUCHED] = vouched
  if q.slots then R.slots_wait(q, ms / 1000) end
  local answer, text = q.h:httpCall(EGRESS, sent, body ~= "" and body or nil,
    { timeout_ms = ms, return_duplicate_headers = true, send_xff = false, trace_sampled = false })
  R.resumed(q)
  return received(answer, text, to.target, ms)
end

local function path_of(url)
  return url.query and url.path .. "?" .. url.query or url.path
end

-- Options: url, method, headers (headers.lua), body, timeout_ms. The answer (R.Response), or nil and what went wrong:
-- {reason, message, status}.
function R.send(q, options)
  local url = R.parse_url(options.url)
  return exchange(q, R.marked(url, options.shown), options.method or "GET", path_of(url),
    options.headers and options.headers.lines or {}, options.body, options.timeout_ms or 60000, "call")
end

-- -- send-request

-- A call in the making: `headers` and `body` are what set-header, set-method and set-body change. A copy begins with the
-- current request.
function R.new_call(q, copies)
  local lines = { [":method"] = "GET" }
  local call = R.new_response(R.new_headers(lines), "")
  if not copies then return call end
  local body = R.body(q, "request")
  local named = named_by(q.request:get("connection"))
  for name in pairs(q.request) do
    if not is_dropped(name, named) and name ~= "host" then
      local count = q.request:getNumValues(name)
      if count > 1 then
        local values = {}
        for i = 1, count do values[i] = q.request:getAtIndex(name, i - 1) end
        lines[name] = values
      else
        lines[name] = q.request:get(name)
      end
    end
  end
  lines[":method"] = q.request:get(":method")
  call.url = R.url_text(R.url(q))
  if body then call.body = body end
  return call
end

-- The answer; nil if it is none and errors are to be ignored. `timeout_s` seconds.
function R.call(q, call, timeout_s, ignores_errors)
  local ok, answer, problem
  if call.url == nil then R.throw("send-request has no URL.") end
  local options = { url = call.url, method = call.headers:get(":method"), headers = call.headers, body = call.body,
    timeout_ms = timeout_s * 1000, shown = call.shown }
  if ignores_errors then
    ok, answer, problem = pcall(R.send, q, options)
    if not ok then
      -- Whatever pcall has caught happened before or behind a pause: handles may be old.
      R.resumed(q)
      if not R.is_failure(answer) then error(answer, 0) end
      return nil
    end
    return answer
  end
  answer, problem = R.send(q, options)
  if answer then return answer end
  return R.call_failed(q, problem)
end

function R.call_failed(_, problem)
  local failure = R.failure({ reason = problem.reason, status = problem.status,
    message = problem.status == 504 and "Gateway timeout" or "Internal server error", detail = problem.message,
    activity = true })
  error(failure, 0)
end

-- Begin a call. Nobody waits for it; with a ticket its answer is kept.
local function begin(q, call, timeout_s, ticket)
  if call.url == nil then R.throw("A request has no URL.") end
  local url, ms = R.parse_url(call.url), bounded_ms(timeout_s * 1000)
  local sent = prepared(R.marked(url, call.shown), call.headers:get(":method"), path_of(url), call.headers.lines, "call")
  sent[TICKET] = ticket
  q.h:httpCall(EGRESS, sent, call.body ~= "" and call.body or nil,
    { timeout_ms = ms, asynchronous = true, send_xff = false, trace_sampled = false })
  return { ticket = ticket, target = url.target, timeout_ms = ms, until_ms = q.h:timestamp() + ms }
end

-- send-one-way-request: nobody waits for the answer, and failures are nobody's.
function R.call_one_way(q, call, timeout_s)
  begin(q, call, timeout_s, nil)
end

-- Calls side by side: begin all of them, then ask for their answers.
function R.call_begin(q, call, timeout_s, ignores_errors)
  local ok, begun = pcall(begin, q, call, timeout_s, R.uuid())
  if not ok then
    if not ignores_errors or not R.is_failure(begun) then error(begun, 0) end
    begun = { failed = true }
  end
  begun.ignores_errors = ignores_errors
  return begun
end

-- The answer of one of the calls that were begun, the first that is there: its place in the list, and the answer or nil
-- where its errors are to be ignored.
function R.call_end(q, begun)
  local tickets, by_ticket, last = {}, {}, 0
  for i = 1, #begun do
    if begun[i].failed then return i, nil end
    tickets[i], by_ticket[begun[i].ticket] = begun[i].ticket, i
    last = math.max(last, begun[i].until_ms)
  end
  local wait = math.max(1, last - q.h:timestamp() + 50)
  if q.slots then R.slots_wait(q, wait / 1000 + 5) end
  local answer, text = q.h:httpCall(EGRESS, { [":method"] = "GET", [":path"] = "/", [":authority"] = "collect",
    [TARGET] = "collect", [SCHEME] = "http", [KIND] = "collect", [TICKET] = table.concat(tickets, ","),
    [WAIT] = tostring(wait) }, nil,
    { timeout_ms = wait + 5000, return_duplicate_headers = true, send_xff = false, trace_sampled = false })
  R.resumed(q)
  local place = by_ticket[answer[TICKET]] or 1
  local response, problem = received(answer, text, begun[place].target, begun[place].timeout_ms)
  if not response and not begun[place].ignores_errors then return R.call_failed(q, problem) end
  return place, response
end

function R.authenticate_basic(headers, user, password)
  user, password = user or "", password or ""
  if find(user, ":", 1, true) then R.throw("A user name of Basic authentication holds no colon.") end
  headers:replace("authorization", "Basic " .. R.base64_text(user .. ":" .. password))
end

-- -- waiting

-- Wait, at most five minutes.
function R.sleep(q, ms)
  ms = math.floor(math.min(ms, LONGEST_MS))
  if ms < 1 then return end
  if q.slots then R.slots_wait(q, ms / 1000 + 5) end
  q.h:httpCall(EGRESS, { [":method"] = "GET", [":path"] = "/", [":authority"] = "sleep", [TARGET] = "sleep",
    [SCHEME] = "sleep", ["x-envoy-fault-delay-request"] = tostring(ms) }, nil,
    { timeout_ms = ms + 5000, send_xff = false, trace_sampled = false })
  R.resumed(q)
end

-- -- forward-request

local REDIRECTS = { ["301"] = true, ["302"] = true, ["303"] = true, ["307"] = true, ["308"] = true }
local MOST_REDIRECTS = 10

local function lines_of(headers)
  if headers.lines then return headers.lines end
  local lines = {}
  for name in pairs(headers) do
    local count = headers:getNumValues(name)
    if count > 1 then
      local values = {}
      for i = 1, count do values[i] = headers:getAtIndex(name, i - 1) end
      lines[name] = values
    else
      lines[name] = headers:get(name)
    end
  end
  return lines
end

-- A reference of Location against the URL that answered (RFC 3986 section 5.3).
local function located(base, location)
  if find(location, "^[%a][%w+.-]*://") then return R.parse_url(location) end
  if string.sub(location, 1, 2) == "//" then return R.parse_url(base.scheme .. ":" .. location) end
  local root = base.scheme .. "://" .. base.target
  if string.sub(location, 1, 1) == "/" then return R.parse_url(root .. location) end
  if string.sub(location, 1, 1) == "?" then return R.parse_url(root .. base.path .. location) end
  return R.parse_url(root .. match(base.path, "^.*/") .. location)
end

-- What proves who is asking is for the first host only; whoever answers there chooses the next. `own`: headers that the
-- backend's entity gives.
local PROOFS = {
  "authorization", "proxy-authorization", "cookie", "ocp-apim-subscription-key", "x-functions-key", "api-key", "x-api-key",
}

local function without_proofs(q, headers, own)
  for i = 1, #PROOFS do headers[PROOFS[i]] = nil end
  for name in pairs(own or {}) do headers[lower(name)] = nil end
  local api = R.facts(q).api
  if api and api.subscription_header then headers[lower(api.subscription_header)] = nil end
end

local function follow(q, url, method, headers, body, timeout_ms, answer)
  local own = url and url.headers
  for _ = 1, MOST_REDIRECTS do
    local status, location = answer.headers:get(":status"), answer.headers:get("location")
    if not REDIRECTS[status] or not location or not url then return answer end
    local next_url = located(url, location)
    if url.scheme == "https" and next_url.scheme == "http" then return answer end
    if status == "303" or ((status == "301" or status == "302") and method == "POST") then
      if method ~= "HEAD" then method = "GET" end
      body = nil
      headers["content-type"] = nil
    end
    if next_url.target ~= url.target or next_url.scheme ~= url.scheme then
      without_proofs(q, headers, own)
    end
    headers.host = nil
    url = next_url
    local problem
    answer, problem = exchange(q, R.shown_to(q, url), method, path_of(url), headers, body, timeout_ms, "again")
    if not answer then return nil, problem end
  end
  return answer
end

-- Call the backend here. The answer is then the response: `q.made`. Options: timeout_ms, follow, fails (whether an error
-- status is an error).
function R.forward(q, options)
  options = options or {}
  local body = R.body(q, "request")
  if q.request_body and q.request_body.consumed then body = nil end
  -- What the gateway says of the caller counts only beside its proof, which nobody outside gets.
  local vouched = R.vouch(q)
  local headers, method = lines_of(q.request), q.request:get(":method")
  local url, path, to = nil, nil, nil
  if q.base then
    url, path = q.base, R.departing_path(q, q.base)
    R.cluster_of(q, url) -- Where a certificate cannot be shown, nothing goes there.
    to = R.shown_to(q, url)
    if not q.host_set then headers.host = nil end
  else
    path = q.request:get(":path")
    -- The route's own action, among the routes of egress.
    to = { target = "route", scheme = "route", authority = q.request:get(":authority"), route = q.h:streamInfo():routeName() }
    url = R.url(q)
    url.target = url.host .. ":" .. url.port
  end
  local timeout_ms = options.timeout_ms or LONGEST_MS
  if url.headers then
    for name, value in pairs(url.headers) do headers[name] = value end
  end
  local answer, problem = exchange(q, to, method, path, headers, body, timeout_ms, "again", vouched)
  if answer and options.follow then
    url = { scheme = url.scheme, target = url.target, authority = url.authority, path = match(path, "^[^?]*"),
      headers = url.headers }
    answer, problem = follow(q, url, method, headers, body, timeout_ms, answer)
  end
  if not answer then return R.call_failed(q, problem) end
  q.made, q.response = answer, answer.headers
  if options.fails then R.fail_on_status(q, tonumber(answer.headers:get(":status"))) end
end

function R.fail_on_status(_, status)
  if status and status >= 400 then
    error(R.failure({ reason = "BackendErrorStatusCode", status = status, message = "Backend returned status " .. status,
      source = "forward-request", section = "backend" }), 0)
  end
end

-- Envoy's router forwards, once the whole request is here.
function R.buffer_request(q)
  q.h:body()
  R.resumed(q)
end

-- Envoy's router forwards: how long it may take.
function R.forward_within(q, timeout_ms)
  q.request:replace("x-envoy-upstream-rq-timeout-ms", tostring(math.max(1, math.floor(timeout_ms))))
end

-- -- where Envoy's router forwards to

-- Before Envoy forwards, where a policy has chosen the backend: the route is matched again as the request came, now with
-- the header that says which cluster, and only then does the request get its path, method and host.
function R.depart(q)
  local h, request, base = q.h, q.request, q.base
  local path, method = R.departing_path(q, base), request:get(":method")
  local host = q.host_set and request:get(":authority") or base.authority
  local cluster = R.cluster_of(q, base)
  request:replace(":path", q.original_path or request:get(":path"))
  if q.asked_with then request:replace(":method", q.asked_with) end
  if q.original_authority then request:replace(":authority", q.original_authority) end
  request:replace(CLUSTER, cluster or EGRESS)
  h:clearRouteCache()
  -- Asking for metadata is what makes Envoy match. It gives what it gave before, though, where somebody has asked in this
  -- request, until there has been a pause.
  if not h:metadata():get("chosen") then
    R.sleep(q, 1)
    request = q.request
    if not h:metadata():get("chosen") then
      error("a program chose a backend, and its route does not let it", 0)
    end
  end
  request:replace(":path", path)
  request:replace(":method", method)
  request:replace(":authority", host)
  if base.headers then
    for name, value in pairs(base.headers) do request:replace(name, value) end
  end
  if not cluster then
    request:replace(TARGET, base.target)
    request:replace(SCHEME, base.scheme)
    request:replace(KIND, "forward")
  end
end
