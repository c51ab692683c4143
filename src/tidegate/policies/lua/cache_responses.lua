-- cache-lookup and cache-store: whole responses, in the cache that all workers share.
--
-- A response is found again under the request's host, path and query, and what the policy varies by; and only where the
-- request agrees with what the response itself says that it varies by (Vary, RFC 9111 section 4.1), since two clients
-- must not get each other's language or encoding. It is kept as it is where cache-store stands.

local concat, find, lower, sub = table.concat, string.find, string.lower, string.sub

local SPACE = "cache-response:"

-- What belongs to one exchange or to one client, and is not kept. A response with Set-Cookie is not kept at all.
local DROPPED = {
  ["connection"] = true, ["content-length"] = true, ["date"] = true, ["keep-alive"] = true, ["proxy-authenticate"] = true,
  ["proxy-connection"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true, ["age"] = true,
  ["x-request-id"] = true, ["x-envoy-upstream-service-time"] = true, ["cache-control"] = true,
}

-- -- texts of several texts

local function packed(parts)
  local out = {}
  for i = 1, #parts do out[i] = #parts[i] .. ":" .. parts[i] end
  return concat(out)
end

local function unpacked(text)
  local parts, at = {}, 1
  while at <= #text do
    local _, colon, size = find(text, "^(%d+):", at)
    at = colon + tonumber(size) + 1
    parts[#parts + 1] = sub(text, colon + 1, at - 1)
  end
  return parts
end

-- -- keys

-- The query's parameters in the order of their names: all of them, or those of the given names. Parameters of one name
-- stay as they came, since some backends take the first and some the last; and a name is what a backend reads, however
-- it is escaped. Otherwise a caller could put an answer of its own choice under somebody else's URL.
local function query_of(path, names)
  local at = find(path, "?", 1, true)
  local parts = {}
  for part in string.gmatch(at and sub(path, at + 1) or "", "[^&#]+") do
    local name = string.gsub(string.match(part, "^[^=]*"), "+", " ")
    name = lower(R.path_unescaped(name))
    if not names or names[name] then parts[#parts + 1] = { name = name, text = part, place = #parts } end
  end
  table.sort(parts, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.place < b.place
  end)
  local texts = {}
  for i = 1, #parts do texts[i] = parts[i].text end
  return concat(texts, "&")
end

local function key_of(q, rules, by_developer, by_groups)
  local request = q.request
  local path = request:get(":path")
  local parts = {
    request:get(":scheme") or "", lower(request:get(":authority") or ""), string.match(path, "^[^?#]*"),
    query_of(path, rules.query),
  }
  for _, name in ipairs(rules.headers or {}) do parts[#parts + 1] = name .. ":" .. (request:get(name) or "\0") end
  if by_developer or by_groups then
    local facts = R.facts(q)
    local user = facts.user
    if by_developer then
      parts[#parts + 1] = "developer:" .. (user and user.id or facts.subscription and facts.subscription.id or "\0")
    end
    if by_groups then
      local groups = {}
      for i = 1, #(user and user.groups or {}) do groups[i] = tostring(user.groups[i]) end
      table.sort(groups)
      parts[#parts + 1] = "groups:" .. concat(groups, ",")
    end
  end
  return packed(parts)
end

-- -- what a response varies by

local function names_of(vary)
  local names = {}
  for name in string.gmatch(lower(vary or ""), "[^,%s]+") do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function varies_as(request, names)
  local values = {}
  for i = 1, #names do values[i] = request:get(names[i]) or "\0" end
  return packed(values)
end

-- Whether the headers that a response varies by are still what cache-lookup saw. Where a policy has said who calls behind
-- it, lookups would go by the client's own words, and give it what somebody else was answered.
local function varies_by_what_came(q, cached, names)
  for i = 1, #names do
    local before = cached.before[names[i]]
    if before == nil then
      if q.trusts and q.trusts[names[i]] then return false end
    elseif before ~= (q.request:get(names[i]) or false) then
      return false
    end
  end
  return true
end

-- -- the policies

local function downstream(cached, seconds)
  local kind = cached.downstream
  if kind ~= "private" and kind ~= "public" then return "no-store" end
  return kind .. ", max-age=" .. math.max(0, math.floor(seconds)) .. (cached.revalidate and ", must-revalidate" or "")
end

local function answer_of(text, request)
  local parts = unpacked(text)
  local names = names_of(parts[2])
  if parts[3] ~= varies_as(request, names) then return nil end
  local lines = { [":status"] = parts[1] }
  local headers = R.new_headers(lines)
  for i = 5, #parts - 1, 2 do headers:add(parts[i], parts[i + 1]) end
  local encoding = headers:get("content-encoding")
  if encoding and not find(lower(request:get("accept-encoding") or ""), lower(encoding), 1, true) then return nil end
  return R.new_response(headers, parts[4])
end

-- cache-lookup. Whether the request is answered from the cache; its answer is in `q.answer` then.
function R.cache_lookup(q, rules, private, by_developer, by_groups, downstream_type, revalidate)
  local request = q.request
  if request:get(":method") ~= "GET" then return false end
  if not private and request:get("authorization") then return false end
  if downstream_type ~= "none" and downstream_type ~= "private" and downstream_type ~= "public" then
    R.throw("cache-lookup: downstream-caching-type is none, private or public.")
  end
  local before = {}
  for name in pairs(q.program.own or before) do before[name] = request:get(name) or false end
  local cached = {
    key = key_of(q, rules, by_developer, by_groups), downstream = downstream_type, revalidate = revalidate, before = before,
  }
  q.cached = cached
  local text, left, age = R.cache_read(SPACE, cached.key)
  local answer = text and answer_of(text, request)
  if not answer then return false end
  answer.headers:replace("age", tostring(math.floor(age)))
  answer.headers:replace("cache-control", downstream(cached, left))
  q.answer = answer
  return true
end

-- cache-store. `chosen`: what cache-response says, nil where it is not given: then only 200 is kept.
function R.cache_store(q, seconds, chosen)
  local cached, response = q.cached, q.response
  -- Without cache-lookup nothing says under which key.
  if not cached or not response then return end
  local status = response:get(":status")
  if chosen == false or (chosen == nil and status ~= "200") or not (seconds > 0) then return end
  local vary = response:get("vary")
  if response:get("set-cookie") or (vary and find(vary, "*", 1, true)) then return end
  local length = tonumber(response:get("content-length") or nil)
  if length and length > R.cache_most then return end
  local body = R.body(q, "response") or ""
  response = q.response
  local names = names_of(vary)
  if not varies_by_what_came(q, cached, names) then return end
  local parts = { status, concat(names, ","), varies_as(q.request, names), body }
  for name, value in pairs(response.lines or response) do
    if sub(name, 1, 1) ~= ":" and not DROPPED[name] then
      for _, line in ipairs(type(value) == "table" and value or { value }) do
        parts[#parts + 1], parts[#parts + 2] = name, line
      end
    end
  end
  -- Behind the headers something must stand, so that pairs are whole: a text that is too large is not kept at all.
  R.cache_write(SPACE, cached.key, packed(parts), seconds)
  response:replace("cache-control", downstream(cached, seconds))
end
