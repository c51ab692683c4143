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

function envoy_on_request(h)
  local request = h:headers()
  if request:get("x-envoy-tidegate-scheme") == "sleep" then return end
  if request:get("x-envoy-tidegate-kind") == "call" then
    -- What a connection manager adds to requests that pass through; here it is the first one.
    request:remove("x-forwarded-proto")
    request:remove("x-request-id")
    h:streamInfo():dynamicMetadata():set("tidegate", "call", true)
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
  if own and own.call then h:body() end
end
