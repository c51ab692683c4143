-- `context`, as expressions see it: variables, URLs, both messages.

local lower, gsub, match = string.lower, string.gsub, string.match

-- -- variables

function R.get_variable(variables, name)
  local value = variables[name]
  if value == nil then R.throw("The given key '" .. name .. "' was not present in the dictionary.", "KeyNotFoundException") end
  if value == R.NULL then return nil end
  return value
end

-- Variables.GetValueOrDefault<T>: the default where the variable is missing or null; another type is an exception.
function R.variable(variables, name, kind, default)
  local value = variables[name]
  if value == nil or value == R.NULL then return default end
  if kind == "object" then return value end
  return R.unbox(value, kind)
end

-- -- headers and parameters as dictionaries: names in any case

local any_case = {
  hash = function(name)
    return lower(name)
  end,
}

function R.header_dictionary(headers)
  local dictionary = R.new_dictionary(nil, any_case)
  local names, seen = {}, {}
  for name in pairs(headers.lines or headers) do
    if string.sub(name, 1, 1) ~= ":" and not seen[name] then
      seen[name], names[#names + 1] = true, name
    end
  end
  -- Envoy gives them in the order in which they came; a table gives them in none.
  if headers.lines then table.sort(names) end
  for i = 1, #names do R.dictionary_set(dictionary, names[i], R.header_lines(headers, names[i])) end
  return dictionary
end

-- IResponse.Headers: looked up one by one where that is enough, since each costs a call into Envoy.
R.Headers = { type = "HeaderDictionary" }
R.Headers.__index = R.Headers

function R.Headers.items(headers)
  return R.items(R.header_dictionary(headers.response.headers))
end

function R.response_headers(response)
  return setmetatable({ response = response }, R.Headers)
end

-- GetValueOrDefault of headers and query parameters: several values are joined by commas.
function R.joined_value(dictionary, name, default)
  local values = R.dictionary_value_or(dictionary, name, nil)
  if values == nil then return default end
  return R.join(",", values)
end

function R.matched_dictionary(q)
  local names, values = R.matched_parameters(q)
  local dictionary = R.new_dictionary(nil, any_case)
  for i = 1, #names do R.dictionary_set(dictionary, names[i], values[i]) end
  return dictionary
end

-- -- IUrl

R.Url = { type = "IUrl" }
R.Url.__index = R.Url

function R.Url.text(url)
  return R.url_text(url)
end

function R.Url.equals(a, b)
  return rawequal(a, b)
end

function R.iurl(url)
  return setmetatable(url, R.Url)
end

-- The URL of a backend as a fact gives it; nil where there is none.
function R.iurl_of(text)
  if text == nil or text == "" then return nil end
  local url = R.parse_url(text)
  return R.iurl({ scheme = url.scheme, host = url.host, port = tonumber(url.port), authority = url.authority, path = url.path,
    query = url.query or "" })
end

function R.url_query_text(url)
  return url.query ~= "" and "?" .. url.query or ""
end

local function unescaped(text)
  return (gsub(gsub(text, "+", " "), "%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

-- Pairs of a query or of a form, in order: a dictionary of lists of values.
local function pairs_of(text, comparer)
  local dictionary = R.new_dictionary(nil, comparer)
  for part in string.gmatch(text, "[^&]+") do
    R.tick(1)
    local name, value = match(part, "^([^=]*)=?(.*)$")
    name = unescaped(name)
    local values = R.dictionary_value_or(dictionary, name, nil)
    if values == nil then
      values = setmetatable({ n = 0 }, R.List)
      R.dictionary_set(dictionary, name, values)
    end
    values.n = values.n + 1
    values[values.n] = unescaped(value)
  end
  return dictionary
end

function R.url_query_dictionary(url)
  return pairs_of(url.query, any_case)
end

-- IMessageBody.AsFormUrlEncodedContent()
function R.body_form(body, preserve)
  return pairs_of(R.body_as(body, "string", preserve), nil)
end

-- -- IResponse

-- context.Response: nil before there is one.
function R.context_response(q)
  if q.made then return q.made end
  if not q.response then return nil end
  local native = q.native
  if not native then
    native = setmetatable({ headers = q.response, q = q, reason = false }, R.Response)
    q.native = native
  end
  return native
end

local phrases = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [203] = "Non-Authoritative Information", [204] = "No Content",
  [205] = "Reset Content", [206] = "Partial Content", [207] = "Multi-Status", [300] = "Multiple Choices",
  [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified", [305] = "Use Proxy",
  [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request", [401] = "Unauthorized",
  [402] = "Payment Required", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [406] = "Not Acceptable", [407] = "Proxy Authentication Required", [408] = "Request Timeout", [409] = "Conflict",
  [410] = "Gone", [411] = "Length Required", [412] = "Precondition Failed", [413] = "Content Too Large",
  [414] = "URI Too Long", [415] = "Unsupported Media Type", [416] = "Range Not Satisfiable",
  [417] = "Expectation Failed", [418] = "I'm a teapot", [421] = "Misdirected Request", [422] = "Unprocessable Content",
  [423] = "Locked", [424] = "Failed Dependency", [425] = "Too Early", [426] = "Upgrade Required",
  [428] = "Precondition Required", [429] = "Too Many Requests", [431] = "Request Header Fields Too Large",
  [451] = "Unavailable For Legal Reasons", [500] = "Internal Server Error", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
  [505] = "HTTP Version Not Supported", [506] = "Variant Also Negotiates", [507] = "Insufficient Storage",
  [508] = "Loop Detected", [511] = "Network Authentication Required",
}

function R.reason_phrase(status)
  return phrases[status] or ""
end

-- The phrase that came is lost in Envoy: it is the standard one of the code, unless a policy has given another.
function R.status_reason(response)
  return response.reason or R.reason_phrase(R.status_of(response))
end

-- -- time

-- context.Timestamp: when the request came, in UTC.
function R.timestamp(q)
  return R.datetime(q.began or R.now_ticks(), 1)
end

-- context.Elapsed
function R.elapsed(q)
  local ticks = R.now_ticks() - (q.began or R.now_ticks())
  return R.timespan(ticks < 0 and 0LL or ticks)
end

-- A date of the facts, which comes as ISO 8601; nil where there is none.
function R.fact_date(text)
  if text == nil or text == "" then return nil end
  return R.date_from_iso(text)
end

-- context.RequestId: one for each request, a Guid. Envoy's own id is one unless the client has sent another.
function R.request_id(q)
  local id = q.request_id
  if not id then
    id = q.request:get("x-request-id")
    if not id or not string.find(id, "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$") then
      id = R.uuid()
    end
    id = R.parse_guid(id)
    q.request_id = id
  end
  return id
end

-- -- API, caller, deployment (subscriptions.lua gives the facts)

local NOTHING = {}

function R.deployment(q)
  return R.facts(q).deployment or NOTHING
end

-- A list of facts, which comes from outside without its length; empty where there is none.
function R.fact_list(list)
  local copy = setmetatable({ n = list and #list or 0 }, R.List)
  for i = 1, copy.n do copy[i] = list[i] end
  return copy
end

-- -- X509Certificate2: the client's, where the listener asks for one

R.Certificate = { type = "X509Certificate2" }
R.Certificate.__index = R.Certificate

-- nil where the client has shown none.
function R.certificate(q)
  local known = q.certificate
  if known ~= nil then return known or nil end
  local ssl = q.h:streamInfo():downstreamSslConnection()
  q.certificate = false
  if ssl == nil or not ssl:peerCertificatePresented() then return nil end
  q.certificate = setmetatable({
    Thumbprint = string.upper(R.certificate_thumbprint(ssl:urlEncodedPemEncodedPeerCertificate())),
    Subject = ssl:subjectPeerCertificate(),
    Issuer = ssl:issuerPeerCertificate(),
    SerialNumber = string.upper(ssl:serialNumberPeerCertificate()),
    valid = ssl:peerCertificateValidated(),
    from = ssl:validFromPeerCertificate(),
    to = ssl:expirationPeerCertificate(),
  }, R.Certificate)
  return q.certificate
end

-- A DateTime of seconds since 1970; the gateway's own time is UTC.
function R.local_time(seconds)
  return R.datetime(621355968000000000LL + seconds * 10000000LL, 2)
end

-- Whether the listener's own validation has accepted it, and it is current.
function R.certificate_verifies(certificate)
  local now = os.time()
  return certificate.valid and now >= certificate.from and now <= certificate.to
end

-- -- trace

local LONGEST = 4096

-- To Envoy's log, at the level of its severity. A request that is traced has it in its trace too.
function R.trace(q, source, severity, message, metadata)
  local parts = { source, ": ", R.text(message) }
  for i = 1, metadata and #metadata or 0 do
    parts[#parts + 1] = " " .. metadata[i][1] .. "=" .. (metadata[i][2] or "")
  end
  local text = gsub(string.sub(table.concat(parts), 1, LONGEST), "%c", " ")
  local h = q.h
  if severity == "error" then
    h:logErr(text)
  elseif severity == "information" then
    h:logInfo(text)
  else
    h:logDebug(text)
  end
end
