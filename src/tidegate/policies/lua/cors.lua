-- The cors policy. Preflight requests meet only cors policies, wherever they stand in inbound, and never a backend.

local lower, match = string.lower, string.match

-- Both headers are whoever's who asks, before any policy has looked at them. So nothing here may take more than linear
-- time: in these patterns, no two parts that repeat can take the same characters.
local MAX_ORIGIN = 512

local default_ports = { http = "80", https = "443" }

-- Scheme, host and port, with what is implied left out; nil if it is no origin.
local function normal(origin)
  if #origin > MAX_ORIGIN then return nil end
  local scheme, host, rest = match(origin, "^(%a[%w+.-]*)://([^/:%[%]]+)(.*)$")
  if not scheme then
    scheme, host, rest = match(origin, "^(%a[%w+.-]*)://(%[[%x:.]+%])(.*)$")
  end
  local port = rest == "" and rest or match(rest or "", "^:(%d*)$")
  if not port then return nil end
  scheme = lower(scheme)
  if port == "" or port == default_ports[scheme] then return scheme .. "://" .. lower(host) end
  return scheme .. "://" .. lower(host) .. ":" .. port
end

local function allows_origin(rules, origin)
  if rules.any_origin then return true end
  local plain = normal(origin)
  return plain ~= nil and rules.origins[plain] == true
end

local function common(rules, origin)
  local headers = {}
  if rules.any_origin then
    headers["access-control-allow-origin"] = "*"
  else
    headers["access-control-allow-origin"] = origin
    headers["vary"] = "Origin"
  end
  if rules.credentials then headers["access-control-allow-credentials"] = "true" end
  return headers
end

local function allows_headers(rules, requested)
  if rules.any_header or requested == nil then return true end
  -- White space in the middle of a name parts it: each part must be allowed.
  for name in string.gmatch(requested, "[^,%s]+") do
    if not rules.headers[lower(name)] then return false end
  end
  return true
end

-- The rules of a policy with expressions, for one request. `computed`: what replaces the constants.
function R.cors_rules(constant, computed, count, ...)
  local rules = {}
  for name, value in pairs(constant) do rules[name] = value end
  if computed.max_age ~= nil then
    rules.max_age = computed.max_age > 0 and tostring(math.min(computed.max_age, 86400)) or nil
  end
  if computed.credentials ~= nil then rules.credentials = computed.credentials or nil end
  if computed.terminate ~= nil then rules.terminate = computed.terminate end
  if count > 0 then
    rules.origins = {}
    for origin in pairs(constant.origins) do rules.origins[origin] = true end
    for i = 1, count do
      local origin = select(i, ...)
      if origin == "*" then
        rules.any_origin = true
      elseif origin then
        rules.origins[normal(match(origin, "^(.-)/?$")) or origin] = true
      end
    end
  end
  -- Fetch standard section 3.3.5: any origin goes with no credentials.
  if rules.any_origin then rules.credentials = nil end
  return rules
end

-- A preflight request's answer; nil if the request is none. `policies` are the section's cors policies, in order.
function R.preflight(q, policies)
  local request = q.request
  local origin = request:get("origin")
  q.origin = origin or false
  if not origin or request:get(":method") ~= "OPTIONS" then return nil end
  local method = request:get("access-control-request-method")
  if not method then return nil end
  -- An API that has an OPTIONS operation of its own answers it itself.
  local operation = R.facts(q).operation
  if operation and operation.method == "OPTIONS" then return nil end
  local requested = request:get("access-control-request-headers")
  for i = 1, #policies do
    local rules = policies[i]
    if type(rules) == "function" then rules = rules(q, {}) end
    if
      allows_origin(rules, origin)
      and (rules.any_method or rules.methods[method])
      and allows_headers(rules, requested)
    then
      local headers = common(rules, origin)
      headers[":status"] = "200"
      headers["access-control-allow-methods"] = rules.any_method and method or rules.method_list
      if requested then
        headers["access-control-allow-headers"] = rules.any_header and requested or rules.header_list
      end
      if rules.max_age then headers["access-control-max-age"] = rules.max_age end
      return headers
    end
    if rules.terminate then break end
  end
  return { [":status"] = "200" }
end

-- What an allowed origin may read of the answer, whoever makes it. False if the origin is not allowed.
function R.cors_headers(q, rules, origin)
  if not allows_origin(rules, origin) then return false end
  for name, value in pairs(common(rules, origin)) do R.after(q, name, value) end
  if rules.expose then R.after(q, "access-control-expose-headers", rules.expose) end
  return true
end

-- The policy at its place, for requests that are no preflight. True if it ended the request.
function R.cors(q, rules)
  local request, origin = q.request, q.origin
  -- Only the first cors policy counts.
  if not origin or q.cors_done then return false end
  q.cors_done = true
  local already = q.after and q.after.n or 0
  if R.cors_headers(q, rules, origin) then
    q.cors_count = q.after.n - already
    return false
  end
  local method = request:get(":method")
  if rules.terminate and (method == "GET" or method == "HEAD") then
    q.answer = R.new_answer(q, 200)
    return true
  end
  return false
end
