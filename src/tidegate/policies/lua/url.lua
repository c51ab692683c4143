-- URLs: where a request goes, as policies see and change it. While policies run, `:path` is still the gateway's own (with
-- the API's path in front), since the route replaces that by the backend's; only a backend that a policy has chosen makes
-- the whole URL here, at the end (`R.depart`).

local find, gsub, lower, match, sub = string.find, string.gsub, string.lower, string.match, string.sub

local function bad(text)
  R.throw("Invalid URI: '" .. gsub(sub(text, 1, 200), "%c", "?") .. "'.")
end

-- -- escaping

local function escape_byte(c)
  return string.format("%%%02X", string.byte(c))
end

-- Uri.EscapeDataString: everything but RFC 3986's unreserved characters.
function R.escape_data(text)
  return (gsub(text, "[^%w%-._~]", escape_byte))
end

-- What may not stand in a path or query as it is; what is escaped already stays.
local function escape_path(text)
  text = gsub(text, "%%(%x?%x?)", function(code)
    if #code < 2 then return "%25" .. code end
    return nil
  end)
  return (gsub(text, "[^%w%-._~!$&'()*+,;=:@/%%]", escape_byte))
end

local function escape_query(text)
  text = gsub(text, "%%(%x?%x?)", function(code)
    if #code < 2 then return "%25" .. code end
    return nil
  end)
  return (gsub(text, "[^%w%-._~!$&'()*+,;=:@/%%?%[%]]", escape_byte))
end

local function unescape(text)
  return (gsub(gsub(text, "+", " "), "%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

-- RFC 3986 section 5.2.4, also for dots that are escaped: what a caller puts into a parameter must not climb out.
local function without_dots(path)
  if not find(path, "/%.") and not find(path, "/%%2[eE]") then return path end
  local out, n = {}, 0
  local rest = sub(path, 2) .. "/"
  local last = nil
  for segment in string.gmatch(rest, "([^/]*)/") do
    local plain = gsub(segment, "%%2[eE]", ".")
    last = plain
    if plain == ".." then
      if n > 0 then out[n] = nil n = n - 1 end
    elseif plain ~= "." then
      n = n + 1
      out[n] = segment
    end
  end
  local result = "/" .. table.concat(out, "/")
  if (last == "." or last == "..") and sub(result, -1) ~= "/" then result = result .. "/" end
  return result
end

-- -- parsing

local PORTS = { http = 80, https = 443 }
local parsed = R.bounded(512)

local function parse(text)
  if find(text, "[%c%s\\]") then return nil end
  local scheme, rest = match(text, "^([%a][%w+.-]*)://(.*)$")
  scheme = scheme and lower(scheme)
  if not PORTS[scheme] then return nil end
  local authority, after = match(rest, "^([^/?#]*)(.*)$")
  -- Credentials in a URL would go to whoever is meant by what stands behind them.
  if find(authority, "@", 1, true) then return nil end
  local host, port = match(authority, "^%[([%x:.]+)%]:?(%d*)$")
  local six = host ~= nil
  if not six then host, port = match(authority, "^([%w%-._~]+):?(%d*)$") end
  if not host or #host > 253 then return nil end
  if port == "" and sub(authority, -1) == ":" then return nil end
  local number = port == "" and PORTS[scheme] or tonumber(port)
  if number < 1 or number > 65535 then return nil end
  after = match(after, "^[^#]*")
  local path, query = match(after, "^([^?]*)%??(.*)$")
  local has_query = find(after, "?", 1, true) ~= nil
  host = lower(host)
  local shown = six and "[" .. host .. "]" or host
  return {
    scheme = scheme,
    host = host,
    port = number,
    authority = number == PORTS[scheme] and shown or shown .. ":" .. number,
    target = shown .. ":" .. number,
    path = without_dots(escape_path(path == "" and "/" or path)),
    query = has_query and escape_query(query) or nil,
  }
end

-- scheme, host, port, authority (as Host says it), target (with the port always), path, query (nil: none). Only http and
-- https; no credentials.
function R.parse_url(text)
  if text == nil then R.throw("Value cannot be null. Parameter name: uriString") end
  local known = parsed.get(text)
  if not known then
    known = parse(text)
    if not known then bad(text) end
    parsed.put(text, known)
  end
  return known
end

-- -- the request's own

-- The API's path as the client spelt it, what follows, and the query.
local function parts_of(q)
  local whole = q.request:get(":path") or "/"
  local path, query = match(whole, "^([^?]*)%??(.*)$")
  if not find(whole, "?", 1, true) then query = nil end
  local api = R.facts(q).api
  local length = api and api.path and api.path ~= "" and #api.path + 1 or 0
  if length > 0 then
    local prefix = sub(path, 1, length)
    local behind = sub(path, length + 1, length + 1)
    if lower(prefix) == lower("/" .. api.path) and (behind == "" or behind == "/") then
      return prefix, sub(path, length + 1), query
    end
  end
  return "", path, query
end

-- What the request was when it came, before the first change.
local function remember(q)
  if not q.original_path then q.original_path = q.request:get(":path") end
end

local function set_path(q, prefix, path, query)
  remember(q)
  if query then path = path .. "?" .. query end
  if prefix == "" and sub(path, 1, 1) ~= "/" then path = "/" .. path end
  q.request:replace(":path", prefix .. path)
end

local function joined(base, path)
  if base == "/" then return path == "" and "/" or path end
  if sub(base, -1) == "/" then return base .. sub(path, 2) end
  return base .. path
end

local function base_of(q)
  if q.base then return q.base end
  local api = R.facts(q).api
  if api and api.service_url and api.service_url ~= "" then
    local ok, url = pcall(R.parse_url, api.service_url)
    if ok then return url end
  end
  return nil
end

-- The URL towards the backend as changed so far: {scheme, host, port, path, query}.
function R.url(q)
  local _, path, query = parts_of(q)
  local base = base_of(q)
  if base then
    return { scheme = base.scheme, host = base.host, port = base.port, authority = base.authority,
      path = joined(base.path, path), query = query or "" }
  end
  local url = R.original_url(q)
  url.path, url.query = match(q.request:get(":path") or "/", "^[^?]*"), query or ""
  return url
end

-- The URL as the client sent it.
function R.original_url(q)
  local request = q.request
  local scheme = q.original_scheme or request:get("x-forwarded-proto") or request:get(":scheme") or "http"
  local authority = q.original_authority or request:get(":authority") or ""
  local host, port = match(authority, "^%[?([^%]]*)%]?:(%d+)$")
  if not host then host = gsub(authority, "[%[%]]", "") end
  local whole = q.original_path or request:get(":path") or "/"
  return {
    scheme = scheme,
    host = lower(host),
    port = tonumber(port) or PORTS[scheme] or 80,
    authority = authority,
    path = match(whole, "^[^?]*"),
    query = match(whole, "%?(.*)$") or "",
  }
end

-- IUrl.ToString().
function R.url_text(url)
  return url.scheme .. "://" .. url.authority .. url.path .. (url.query ~= "" and "?" .. url.query or "")
end

-- -- query parameters

-- The parameters in order: {name, value, raw}.
local function query_list(query)
  local list = {}
  for part in string.gmatch(query or "", "[^&]+") do
    local name, value = match(part, "^([^=]*)=?(.*)$")
    list[#list + 1] = { lower(unescape(name)), part, unescape(value) }
    R.tick(1)
  end
  return list
end

local function query_text(list)
  local out = {}
  for i = 1, #list do out[i] = list[i][2] end
  return #out > 0 and table.concat(out, "&") or nil
end

local function pair_text(name, value)
  return R.escape_data(name) .. "=" .. R.escape_data(value or "")
end

-- set-query-parameter. `values`: a list with n.
function R.set_query(q, name, action, values)
  if name == nil or name == "" then R.throw("The name of a query parameter is empty.") end
  local prefix, path, query = parts_of(q)
  local list, wanted = query_list(query), lower(name)
  local at
  for i = 1, #list do
    if list[i][1] == wanted then at = i break end
  end
  if action == "skip" and at then return end
  local result = {}
  local function put()
    for i = 1, values.n do result[#result + 1] = { wanted, pair_text(name, values[i]) } end
  end
  for i = 1, #list do
    if action == "append" or list[i][1] ~= wanted then
      result[#result + 1] = list[i]
    elseif i == at and action == "override" then
      put()
    end
  end
  if action ~= "delete" and (not at or action == "append") then put() end
  set_path(q, prefix, path, query_text(result))
end

-- -- rewrite-uri

-- Parameters of the operation's template, by lower-case name: what they stand for, as it was sent.
local function parameters(q)
  local names, values = R.matched_parameters(q)
  local found = {}
  for i = 1, #names do found[lower(names[i])] = values[i] end
  return found
end

-- `whole`: the template was worked out by an expression, so that braces in it may be the text's own.
function R.rewrite(q, template, copy_unmatched, whole)
  if template == nil then R.throw("Value cannot be null. Parameter name: template") end
  if find(template, "%c") then R.throw("The rewritten URI contains a control character.") end
  local prefix, _, query = parts_of(q)
  local matched, list, used = parameters(q), query_list(query), {}
  -- Computed text may be long; each `{name}` of it costs a step.
  local function lookup(name)
    R.tick(1)
    name = lower(gsub(name, "^%*", ""))
    if matched[name] then return matched[name] end
    for i = 1, #list do
      if list[i][1] == name then
        used[name] = true
        return list[i][3]
      end
    end
    return nil
  end
  local path, own = match(template, "^([^?]*)%??(.*)$")
  local missing
  path = gsub(path, "{([^{}]*)}", function(name)
    local value = lookup(name)
    if value == nil then
      missing = missing or name
      return nil
    end
    -- A catch-all stands for several segments.
    if sub(name, 1, 1) == "*" then return escape_path(value) end
    return R.escape_data(value)
  end)
  if missing and not whole then R.throw("The URI template parameter '" .. missing .. "' has no value.") end
  local result = {}
  for part in string.gmatch(own, "[^&]+") do
    local name, value = match(part, "^([^=]*)=?(.*)$")
    local absent = false
    value = gsub(value, "{([^{}]*)}", function(parameter)
      local known = lookup(parameter)
      if known == nil then
        absent = not whole
        return nil
      end
      return R.escape_data(known)
    end)
    if not absent then
      used[lower(unescape(name))] = true
      result[#result + 1] = { name, find(part, "=", 1, true) and escape_query(name .. "=" .. value) or escape_query(name) }
    end
  end
  if copy_unmatched then
    for i = 1, #list do
      if not used[list[i][1]] then result[#result + 1] = list[i] end
    end
  end
  if sub(path, 1, 1) ~= "/" then path = "/" .. path end
  set_path(q, prefix, without_dots(escape_path(path)), query_text(result))
end

-- -- backends

-- set-backend-service. `base`: a parsed URL (a constant of the program, perhaps with a `cluster`), or a text. The last one
-- counts, but for a URL after an entity: that cannot take its place.
function R.set_backend(q, base)
  if type(base) ~= "table" then base = R.parse_url(base) end
  if base.query and base.query ~= "" then R.throw("A backend's URL has no query.") end
  if not q.base_is_entity then q.base = base end
end

-- A backend entity by its id. `entities`: by id, what the compiler knows of each. Of a pool, one of the members with the
-- lowest priority is drawn by weight.
function R.set_backend_entity(q, entities, id)
  local entity = id and entities[id]
  if not entity then R.throw("Backend with id '" .. tostring(id or "") .. "' could not be found.") end
  local members = entity.members
  if members then
    local lowest, total = math.huge, 0
    for i = 1, #members do
      if members[i][3] < lowest then lowest, total = members[i][3], 0 end
      if members[i][3] == lowest then total = total + members[i][2] end
    end
    local drawn = math.random() * total
    for i = 1, #members do
      if members[i][3] == lowest and members[i][2] > 0 then
        entity = entities[members[i][1]]
        drawn = drawn - members[i][2]
        if drawn < 0 then break end
      end
    end
  end
  if not entity or not entity.target then R.throw("Backend with id '" .. id .. "' has no address.") end
  q.base, q.base_is_entity = entity, true
end

-- authentication-certificate. Whoever is shown the certificate has a cluster of its own, whose name ends with the mark.
-- A route that is not an API's has a backend that is no host outside: only one that a policy names can be shown it.
function R.show_certificate(q, mark)
  q.shown = mark
  if not q.base then
    q.base = base_of(q)
    if not q.base then
      q.base = R.original_url(q)
      q.base.path, q.base.target = "/", false
    end
  end
end

-- The cluster of the backend; nil if nobody declared it.
function R.cluster_of(q, base)
  if not q.shown then return base.cluster end
  if base.scheme ~= "https" or not base.target then
    R.throw("The backend is reached without TLS, so that it cannot be shown a client certificate.")
  end
  return "https://" .. base.host .. ":" .. base.port .. q.shown
end

-- Where a call goes, with the mark of the certificate that it shows.
function R.marked(url, mark)
  return { target = url.target, scheme = url.scheme .. (mark or ""), authority = url.authority }
end

-- Where a call of the backend goes: the backend itself is shown the certificate, nobody else is.
function R.shown_to(q, url)
  if not q.shown or not q.base or url.target ~= q.base.target or url.scheme ~= "https" then return url end
  return R.marked(url, q.shown)
end

-- The path and query that go to the backend.
function R.departing_path(q, base)
  local _, path, query = parts_of(q)
  path = joined(base.path, path)
  for i = 1, base.parameters and #base.parameters or 0 do
    local name, values = base.parameters[i][1], base.parameters[i][2]
    for j = 1, #values do
      local own = pair_text(name, values[j])
      query = query and query ~= "" and query .. "&" .. own or own
    end
  end
  return query and path .. "?" .. query or path
end
