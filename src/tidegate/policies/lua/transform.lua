-- What the policies that change bodies call: set-body by a template, find-and-replace, json-to-xml, xml-to-json, jsonp,
-- redirect-content-urls. `which` is the message, as R.set_body takes it.

local find, lower, match, sub = string.find, string.lower, string.match, string.sub

-- The headers of a message, asked for whenever they are needed: handles do not outlive a wait for a body.
local function headers_of(q, which)
  if type(which) == "table" then return which.headers end
  return which == "request" and q.request or q.response
end

-- A content type without parameters, in lower case.
local function media_type(headers)
  return lower(match(headers:get("content-type") or "", "^%s*([^;%s]*)") or "")
end

local function is_json(kind)
  return kind == "application/json" or kind == "text/json" or find(kind, "^[%w.+-]+/[%w.+-]*%+json$") ~= nil
end

local function is_xml(kind)
  return kind == "application/xml" or kind == "text/xml" or find(kind, "^[%w.+-]+/[%w.+-]*%+xml$") ~= nil
end

-- set-body template="liquid". A template of send-request is given the body of the message that the section is about;
-- one of return-response the answer's own, which is empty.
function R.liquid_body(q, which, template, bound, options)
  local from = which
  if type(which) == "table" and which.url then from = q.responding and "response" or "request" end
  return R.liquid_text(template, function()
    local body = R.body(q, from)
    if body == nil then return nil end
    local kind = media_type(headers_of(q, from))
    if is_json(kind) then return R.liquid.native(R.json_parse(body, "JToken", options.dates)) end
    if is_xml(kind) then return R.xml_parse(body) end
    return body
  end, bound, options)
end

-- -- find-and-replace

function R.find_and_replace(q, which, from, to)
  from = R.argument(from, "oldValue")
  if from == "" then
    R.throw("String cannot be of zero length. (Parameter 'oldValue')", "ArgumentException")
  end
  local body = R.body(q, which)
  if body == nil or not R.contains(body, from) then return end
  R.set_body(q, which, R.replace(body, from, to or ""))
end

-- -- the two conversions

-- Whether the Accept header asks for a media type that `wanted` takes. Wildcards ask for nothing in particular.
local function accepts(request, wanted)
  local accept = request:get("accept")
  if not accept then return false end
  for range in string.gmatch(lower(accept), "[^,]+") do
    local kind = match(range, "^%s*([^;%s]+)")
    local quality = match(range, ";%s*q%s*=%s*([%d.]+)")
    if kind and wanted(kind) and tonumber(quality or "1") ~= 0 then return true end
  end
  return false
end

local function choice(value, name, first, second)
  if value ~= first and value ~= second then
    R.throw("'" .. tostring(value) .. "' is not a value of " .. name .. ": it takes " .. first .. " and " .. second .. ".")
  end
  return value == first
end

local function flag(value, name)
  if type(value) == "boolean" then return value end
  return choice(lower(value or ""), name, "true", "false")
end

function R.json_to_xml(q, which, options)
  local always = choice(options.apply, "apply", "always", "content-type-json")
  if flag(options.accept, "consider-accept-header") and not accepts(q.request, is_xml) then return end
  if not always and not is_json(media_type(headers_of(q, which))) then return end
  local body = R.body(q, which)
  if body == nil then return end
  local token = R.json_parse(body, "JToken", options.dates)
  local document = R.token_to_xml(token, {
    separator = options.separator or "_",
    namespace_prefix = options.namespace_prefix,
    attribute_block = options.attribute_block,
  })
  R.set_body(q, which, R.xml_text(document))
  headers_of(q, which):replace("content-type", "text/xml")
end

function R.xml_to_json_body(q, which, options)
  local friendly = choice(options.kind, "kind", "javascript-friendly", "direct")
  local always = choice(options.apply, "apply", "always", "content-type-xml")
  local arrays = flag(options.arrays, "always-array-child-elements")
  if flag(options.accept, "consider-accept-header") and not accepts(q.request, is_json) then return end
  if not always and not is_xml(media_type(headers_of(q, which))) then return end
  local body = R.body(q, which)
  if body == nil then return end
  local document = R.xml_parse(body)
  R.set_body(q, which, R.xml_to_json(document, { friendly = friendly, arrays = arrays }))
  headers_of(q, which):replace("content-type", "application/json")
end

-- -- jsonp

-- A name, or names joined by dots: what may stand before a call, and nothing that could end it.
local function is_callback(text)
  if #text > 128 then return false end
  for name in string.gmatch(text .. ".", "([^.]*)%.") do
    if not find(name, "^[%a_$][%w_$]*$") then return false end
  end
  return true
end

function R.jsonp(q, which, name)
  R.argument(name, "callback-parameter-name")
  local callback = R.joined_value(R.url_query_dictionary(R.original_url(q)), name, nil)
  if callback == nil or not is_json(media_type(headers_of(q, which))) then return end
  if not is_callback(callback) then
    R.fail("CallbackParameterInvalid", 400,
      "Value of callback parameter " .. name .. " is not a valid JavaScript identifier.")
  end
  R.set_body(q, which, callback .. "(" .. (R.body(q, which) or "") .. ")")
  headers_of(q, which):replace("content-type", "application/javascript")
end

-- -- redirect-content-urls

-- The API as clients address it, and as its backend does; nil where no policy and no API says where that is.
local function bases(q)
  local api = R.facts(q).api
  local backend = q.base and R.url_text({ scheme = q.base.scheme, authority = q.base.authority, path = q.base.path or "",
    query = "" }) or api and api.service_url
  if not backend or backend == "" then return nil end
  local url = R.original_url(q)
  local path = api and api.path or ""
  if path ~= "" and sub(path, 1, 1) ~= "/" then path = "/" .. path end
  return url.scheme .. "://" .. url.authority .. path, backend
end

-- Links of one base URL become links of the other, where they stand whole: `http://a/b` is not in `http://a/bc`.
function R.redirect_urls(q, which)
  local to, from = bases(q)
  if not to then return end
  if which == "request" then to, from = from, to end
  local body = R.body(q, which)
  if body == nil then return end
  from, to = string.gsub(from, "/+$", ""), string.gsub(to, "/+$", "")
  local parts, at, size = {}, 1, 0
  local folded, wanted = lower(body), lower(from)
  while true do
    local first, last = find(folded, wanted, at, true)
    if not first then break end
    local whole = not find(sub(body, last + 1, last + 1), "[%w_.:%-]")
    parts[#parts + 1] = sub(body, at, first - 1) .. (whole and to or sub(body, first, last))
    size = size + #parts[#parts]
    R.check_size(size)
    at = last + 1
  end
  if at == 1 then return end
  R.set_body(q, which, table.concat(parts) .. sub(body, at))
end
