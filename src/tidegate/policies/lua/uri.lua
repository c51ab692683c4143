-- System.Uri of absolute and relative references (RFC 3986), as far as http, https and their like need it.

local find, gsub, lower, match, sub = string.find, string.gsub, string.lower, string.match, string.sub

local MAX_URI = 65519
local default_ports = {
  http = 80, https = 443, ftp = 21, ws = 80, wss = 443, ldap = 389, file = -1, mailto = 25, gopher = 70, nntp = 119,
  ["net.tcp"] = 808,
}

local Uri = { type = "Uri" }
R.Uri = Uri

R.enum("UriKind", { [0] = "RelativeOrAbsolute", "Absolute", "Relative" })
R.enum("UriPartial", { [0] = "Scheme", "Authority", "Path", "Query" })

local function bad(why)
  R.throw("Invalid URI: " .. why, "UriFormatException")
end

-- -- reading

-- Escapes what must not stand as it is; what is escaped stays, and what need not be is not.
local function normal(text, kept)
  text = gsub(text, "%%(%x%x)", function(code)
    local letter = string.char(tonumber(code, 16))
    return find(letter, "[%w%-._~]") and letter or nil
  end)
  text = gsub(text, "%%(%X)", "%%25%1")
  text = gsub(gsub(text, "%%(%x%X)", "%%25%1"), "%%(%x?)$", "%%25%1")
  return (gsub(R.utf8_data(text), "[^" .. kept .. "]", function(b) return string.format("%%%02X", string.byte(b)) end))
end

-- RFC 3986 section 5.2.4.
local function without_dots(path)
  if not find(path, "/.", 1, true) then return path end
  local parts = {}
  local last
  for segment in string.gmatch(path, "/([^/]*)") do
    last = segment
    if segment == ".." then
      parts[#parts] = nil
    elseif segment ~= "." then
      parts[#parts + 1] = segment
    end
  end
  local joined = "/" .. table.concat(parts, "/")
  if (last == "." or last == "..") and joined ~= "/" then joined = joined .. "/" end
  return joined
end

local PATH, QUERY = "%w%-._~!$&'()*+,;=:@/%%", "%w%-._~!$&'()*+,;=:@/?%%%[%]"

local function is_port(text)
  return text == "" or (#text <= 5 and tonumber(text) <= 65535)
end

-- The value; or nil and why there is none.
local function absolute(text, original)
  local scheme, rest = match(text, "^(%a[%w+.-]*):(.*)$")
  if not scheme then return nil, "The format of the URI could not be determined." end
  scheme = lower(scheme)
  local before, fragment = match(rest, "^([^#]*)(.*)$")
  local hierarchy, query = match(before, "^([^?]*)(.*)$")
  local authority, path = match(hierarchy, "^[/\\][/\\]([^/\\]*)(.*)$")
  local value = { scheme = scheme, original = original, user = "", host = "", port = -1 }
  if authority then
    local user, place = match(authority, "^(.*)@(.*)$")
    value.user = user or ""
    place = place or authority
    local host, port = match(place, "^(%[[%x:.]+%]):?(%d*)$")
    if not host then host, port = match(place, "^([^:]*):?(%d*)$") end
    if not host then return nil, "Invalid port specified." end
    if not is_port(port) then return nil, "Invalid port specified." end
    if host == "" and scheme ~= "file" then return nil, "The hostname could not be parsed." end
    if find(host, "[%s<>\"{}|\\^`%%]") then return nil, "The hostname could not be parsed." end
    value.host = lower(host)
    value.port = port ~= "" and tonumber(port) or default_ports[scheme] or -1
    path = gsub(path, "\\", "/")
    if path == "" then path = "/" end
    value.path = without_dots(normal(path, PATH))
  else
    if default_ports[scheme] and scheme ~= "mailto" and scheme ~= "file" then
      return nil, "The Authority/Host could not be parsed."
    end
    value.path = normal(hierarchy, PATH)
  end
  value.is_rooted = authority ~= nil
  value.query = query == "" and "" or normal(query, QUERY)
  value.fragment = fragment == "" and "" or "#" .. normal(sub(fragment, 2), QUERY)
  return setmetatable(value, Uri)
end

local function read(text, kind)
  if #text > MAX_URI then return nil, "The Uri string is too long." end
  local trimmed = R.trim(text)
  if kind ~= 2 then
    if trimmed == "" and kind == 1 then return nil, "The URI is empty." end
    local value, why = absolute(trimmed, text)
    if value then return value end
    if kind == 1 or match(trimmed, "^%a[%w+.-]*://") then return nil, why end
  end
  return setmetatable({ relative = true, original = text }, Uri)
end

-- new Uri(text) and new Uri(text, UriKind)
function R.new_uri(text, kind)
  local value, why = read(R.argument(text, "uriString"), kind or 1)
  if value == nil then bad(why) end
  return value
end

-- Uri.TryCreate(text, kind, out value)
function R.try_uri(text, kind)
  local value = text ~= nil and read(text, kind)
  if value then return true, value end
  return false, nil
end

local function authority_of(value)
  if value.port ~= -1 and value.port ~= default_ports[value.scheme] then return value.host .. ":" .. value.port end
  return value.host
end

local function absolute_text(value)
  if not value.is_rooted then return value.scheme .. ":" .. value.path .. value.query .. value.fragment end
  local user = value.user ~= "" and value.user .. "@" or ""
  return value.scheme .. "://" .. user .. authority_of(value) .. value.path .. value.query .. value.fragment
end

-- new Uri(base, relative)
function R.uri_join(base, relative)
  if R.argument(base, "baseUri").relative then R.out_of_range("baseUri") end
  local text = type(relative) == "table" and relative.original or relative or ""
  local own = absolute(text, text)
  if own then return own end
  local root = base.scheme .. "://" .. (base.user ~= "" and base.user .. "@" or "") .. authority_of(base)
  if sub(text, 1, 2) == "//" then return R.new_uri(base.scheme .. ":" .. text) end
  if sub(text, 1, 1) == "/" then return R.new_uri(root .. text) end
  if text == "" then return R.new_uri(root .. base.path .. base.query) end
  if sub(text, 1, 1) == "?" then return R.new_uri(root .. base.path .. text) end
  if sub(text, 1, 1) == "#" then return R.new_uri(root .. base.path .. base.query .. text) end
  return R.new_uri(root .. match(base.path, "^(.*/)") .. text)
end

-- -- members

local function known(value)
  if value.relative then
    R.throw("This operation is not supported for a relative URI.", "InvalidOperationException")
  end
  return value
end

function R.uri_scheme(value) return known(value).scheme end
function R.uri_host(value) return known(value).host end
function R.uri_port(value) return known(value).port end
function R.uri_path(value) return known(value).path end
function R.uri_query(value) return known(value).query end
function R.uri_fragment(value) return known(value).fragment end
function R.uri_user(value) return known(value).user end
function R.uri_authority(value) return authority_of(known(value)) end
function R.uri_path_and_query(value) return known(value).path .. value.query end
function R.uri_absolute(value) return absolute_text(known(value)) end
function R.uri_local_path(value) return R.unescape_data_string(known(value).path) end
function R.uri_is_default_port(value) return known(value).port == (default_ports[value.scheme] or -1) end
function R.uri_is_loopback(value)
  local host = known(value).host
  return host == "localhost" or host == "loopback" or host == "[::1]" or find(host, "^127%.%d+%.%d+%.%d+$") ~= nil
end

function R.uri_segments(value)
  local segments, n = {}, 0
  for segment in string.gmatch(known(value).path, "[^/]*/?") do
    if segment ~= "" then
      n = n + 1
      segments[n] = segment
    end
  end
  segments.n = n
  return segments
end

-- GetLeftPart(UriPartial)
function R.uri_left(value, part)
  local text = known(value).scheme .. (value.is_rooted and "://" or ":")
  if part >= 1 then text = text .. (value.user ~= "" and value.user .. "@" or "") .. authority_of(value) end
  if part >= 2 then text = text .. value.path end
  if part >= 3 then text = text .. value.query end
  return text
end

-- ToString: escapes that can be read without changing the parts are undone.
function Uri.text(value)
  if value.relative then return value.original end
  local text = absolute_text(value)
  if not find(text, "%", 1, true) then return text end
  local shown = gsub(text, "%%(%x%x)", function(code)
    local number = tonumber(code, 16)
    if number >= 128 then return nil end
    local letter = string.char(number)
    if number < 32 or number == 127 or find(letter, "[%%#?/\\:@&=+$,;]") then return nil end
    return letter
  end)
  return R.unescape_beyond_ascii(shown)
end

function Uri.equals(a, b)
  return Uri.hash(a) == Uri.hash(b)
end
R.uri_equals = function(a, b)
  return a == b or (a ~= nil and b ~= nil and Uri.equals(a, b))
end

-- User and fragment do not count.
function Uri.hash(value)
  if value.relative then return "\0Uri\0" .. value.original end
  return "\0Uri\0" .. value.scheme .. "://" .. authority_of(value) .. value.path .. value.query
end

-- Uri.IsWellFormedUriString: nothing had to be escaped.
function R.is_well_formed_uri(text, kind)
  local value = text ~= nil and read(text, kind)
  if not value or find(text, "[%s<>\"{}|\\^`]") or find(gsub(text, "%%%x%x", ""), "%", 1, true) then return false end
  return R.is_ascii(text)
end
