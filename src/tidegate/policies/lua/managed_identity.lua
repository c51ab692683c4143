-- authentication-managed-identity: tokens of the gateway's own identity, from the token service behind a cluster of the
-- bootstrap. No metadata address is ever asked.

local CLUSTER = "tidegate-identity"
local TIMEOUT_MS = 10000
-- A token that is about to expire would do so on its way.
local MARGIN_MS = 120000

local tokens = R.bounded(512)

local function fail(message)
  error(R.failure({ reason = "ManagedIdentityFailure", status = 500, message = "Internal server error", detail = message,
    activity = true }), 0)
end

local function ask(q, resource, client)
  local path = "/internal/managed-identity?resource=" .. R.escape_data(resource)
  if client then path = path .. "&client_id=" .. R.escape_data(client) end
  local ok, headers, body = pcall(q.h.httpCall, q.h, CLUSTER,
    { [":method"] = "GET", [":path"] = path, [":authority"] = "identity" }, nil,
    { timeout_ms = TIMEOUT_MS, send_xff = false, trace_sampled = false })
  if not ok then fail("This gateway has no token service to get a token from.") end
  R.resumed(q)
  local read, answer = pcall(R.json_decode, body or "")
  if not read or type(answer) ~= "table" then answer = {} end
  if headers[":status"] ~= "200" or type(answer.access_token) ~= "string" then
    fail("No token for '" .. string.sub(resource, 1, 200) .. "': "
      .. tostring(answer.error_description or "the token service answered " .. headers[":status"]))
  end
  return answer.access_token, tonumber(answer.expires_in) or 0
end

-- The token; nil where there is none and errors are to be ignored.
function R.managed_identity(q, resource, client, ignores_errors)
  if resource == nil or resource == "" then R.throw("authentication-managed-identity has no resource.") end
  if client == "" then client = nil end
  local key, now = resource .. "\0" .. (client or ""), q.h:timestamp()
  local known = tokens.get(key)
  if known and known.good_until > now then return known.token end
  local ok, token, lives_s = pcall(ask, q, resource, client)
  if not ok then
    R.resumed(q)
    if ignores_errors and R.is_failure(token) then return nil end
    error(token, 0)
  end
  tokens.put(key, { token = token, good_until = now + lives_s * 1000 - MARGIN_MS })
  return token
end
