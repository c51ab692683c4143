-- Requests that a policy sends to where it chose itself. Every name is resolved once, before the request goes on, and
-- the address that came of it is the only one that is checked and connected to (egress.py).

local TTL_MS, MOST, RESOLVE_MS = 2000, 512, 5000

local known, count = {}, 0

local function remember(host, address, port, now)
  if count >= MOST then known, count = {}, 0 end
  if not known[host] then count = count + 1 end
  known[host] = { address = address, port = port, good_until = now + TTL_MS }
end

-- The status is one that a forward-request takes for a connection that failed.
local function refuse(h, why)
  h:respond({ [":status"] = "502", ["x-tidegate-reply"] = "gateway", ["content-type"] = "text/plain" }, why)
end

-- -- calls side by side

-- Lua waits for one call at a time. So calls that are to go side by side are started without anybody waiting for them,
-- their answers are kept here under a ticket, and whoever wants one asks for it. Calls of a worker pass the egress of the
-- same worker, so that all of this is in one VM.
local MOST_ANSWERS, KEPT_MS = 256, 300000

local answers, answer_count = {}, 0

local function keep_answer(h, ticket)
  local now = h:timestamp()
  if answer_count >= MOST_ANSWERS then
    for name, answer in pairs(answers) do
      if answer.good_until < now then
        answers[name], answer_count = nil, answer_count - 1
      end
    end
    if answer_count >= MOST_ANSWERS then return end
  end
  local body = h:body()
  local text = body and body:getBytes(0, body:length()) or ""
  local headers, lines = h:headers(), {}
  for name in pairs(headers) do
    local count = headers:getNumValues(name)
    local values = {}
    for i = 1, count do values[i] = headers:getAtIndex(name, i - 1) end
    lines[name] = count == 1 and values[1] or values
  end
  lines["content-length"], lines["transfer-encoding"] = nil, nil
  answers[ticket] = { lines = lines, text = text, good_until = now + KEPT_MS }
  answer_count = answer_count + 1
end

-- The first answer that is there of those that are asked for.
local function collect(h, request)
  local wanted, pause = request:get("x-envoy-tidegate-ticket"), 1
  local deadline = h:timestamp() + (tonumber(request:get("x-envoy-tidegate-wait")) or 0)
  while true do
    for ticket in string.gmatch(wanted, "[^,]+") do
      local answer = answers[ticket]
      if answer then
        answers[ticket], answer_count = nil, answer_count - 1
        answer.lines["x-envoy-tidegate-ticket"] = ticket
        return h:respond(answer.lines, answer.text)
      end
    end
    if h:timestamp() > deadline then
      return h:respond({ [":status"] = "504", ["x-tidegate-reply"] = "gateway" }, "")
    end
    h:httpCall("egress", { [":method"] = "GET", [":path"] = "/", [":authority"] = "sleep",
      ["x-envoy-tidegate-host"] = "sleep", ["x-envoy-tidegate-scheme"] = "sleep",
      ["x-envoy-fault-delay-request"] = tostring(pause) }, nil, 5000)
    pause = math.min(pause * 2, 8)
  end
end

function envoy_on_request(h)
  local request = h:headers()
  if request:get("x-envoy-tidegate-scheme") == "sleep" then return end
  if request:get("x-envoy-tidegate-kind") == "collect" then return collect(h, request) end
  if request:get("x-envoy-tidegate-kind") == "call" then
    -- What a connection manager adds to requests that pass through; here it is the first one.
    request:remove("x-forwarded-proto")
    request:remove("x-request-id")
    local metadata, ticket = h:streamInfo():dynamicMetadata(), request:get("x-envoy-tidegate-ticket")
    metadata:set("tidegate", "call", true)
    if ticket then metadata:set("tidegate", "ticket", ticket) end
  end
  if h:metadata():get("declared") then return end
  local host, now = request:get("x-envoy-tidegate-host") or "", h:timestamp()
  local found = known[host]
  if not found or found.good_until < now then
    local answer, body = h:httpCall("egress-names", { [":method"] = "GET", [":path"] = "/", [":authority"] = host,
      ["x-envoy-tidegate-host"] = host }, nil, RESOLVE_MS)
    local address, port = string.match(body or "", "^address=(%S+):(%d+)%s")
    if not address then
      local refused = string.find(body or "", "rbac_access_denied", 1, true)
      if refused then return refuse(h, "refused") end
      return refuse(h, "unresolved " .. (string.match(body or "", "^%S+ (.-)%s*$") or answer[":status"]))
    end
    remember(host, address, port, now)
    found = known[host]
    -- Handles are gone after a call.
    request = h:headers()
  end
  request:replace("x-envoy-tidegate-address", found.address)
  request:replace("x-envoy-tidegate-port", found.port)
end

function envoy_on_response(h)
  -- A call's answer is held whole by whoever asked: more than the listener's buffer holds ends in a failure here.
  -- The request's own headers no longer say what it is.
  local own = h:streamInfo():dynamicMetadata():get("tidegate")
  if not own then return end
  if own.ticket then return keep_answer(h, own.ticket) end
  if own.call then h:body() end
end
