-- check-header, ip-filter, validate-client-certificate.

local byte, char, find, gsub, lower, match, sub = string.byte, string.char, string.find, string.gsub, string.lower,
  string.match, string.sub
local bit = R.bit

local function refuse(reason, status, message, detail)
  error(R.failure({ reason = reason, status = status, message = message, detail = detail }), 0)
end

-- -- check-header

-- `rules`: name as written, key in lower case, status, message, ignore_case. `values`: those that are allowed, nil: any.
function R.check_header(q, rules, values)
  local value = q.request:get(rules.key)
  if value == nil then
    refuse("HeaderNotFound", rules.status, rules.message,
      "Header " .. rules.name .. " was not found in the request. Access denied.")
  end
  if not values then return end
  for i = 1, values.n do
    local allowed = values[i]
    if value == allowed then return end
    if rules.ignore_case and allowed ~= nil and lower(value) == lower(allowed) then return end
  end
  refuse("HeaderValueNotAllowed", rules.status, rules.message,
    "Header " .. rules.name .. " value of " .. value .. " is not allowed. Access denied.")
end

-- -- ip-filter

local function ipv4(text)
  local a, b, c, d = match(text, "^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
  if not a then return nil end
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  if a > 255 or b > 255 or c > 255 or d > 255 then return nil end
  return char(a, b, c, d)
end

local function groups(text)
  local bytes = {}
  if text == "" then return "" end
  for group in string.gmatch(text .. ":", "([^:]*):") do
    if not match(group, "^%x%x?%x?%x?$") then return nil end
    local number = tonumber(group, 16)
    bytes[#bytes + 1] = char(bit.rshift(number, 8), bit.band(number, 255))
  end
  return table.concat(bytes)
end

local MAPPED = string.rep("\0", 10) .. "\255\255"

-- The bytes of an address, 4 or 16; nil if it is none. An IPv4 address in IPv6's clothes is the IPv4 address.
function R.ip_bytes(text)
  -- The longest address with a zone is shorter, and white space would take the square of its length.
  if #text > 256 then return nil end
  text = match(text, "^%s*(.-)%s*$")
  if not find(text, ":", 1, true) then return ipv4(text) end
  text = gsub(text, "%%.*$", "")
  local head, last = match(text, "^(.*:)([%d.]+)$")
  if head and find(last, ".", 1, true) then
    local four = ipv4(last)
    if not four then return nil end
    text = string.format("%s%x:%x", head, byte(four, 1) * 256 + byte(four, 2), byte(four, 3) * 256 + byte(four, 4))
  end
  local left, right = match(text, "^(.-)::(.*)$")
  local bytes
  if left then
    if find(right, "::", 1, true) then return nil end
    local before, behind = groups(left), groups(right)
    if not before or not behind or #before + #behind > 14 then return nil end
    bytes = before .. string.rep("\0", 16 - #before - #behind) .. behind
  else
    bytes = groups(text)
    if not bytes or #bytes ~= 16 then return nil end
  end
  if sub(bytes, 1, 12) == MAPPED then return sub(bytes, 13) end
  return bytes
end

local known_addresses = R.bounded(4096)

local function address_of(text)
  if text == nil then R.throw("Value cannot be null. Parameter name: address") end
  local bytes = known_addresses.get(text)
  if bytes == nil then
    bytes = R.ip_bytes(text)
    if not bytes then R.throw("An invalid IP address was specified: " .. text) end
    known_addresses.put(text, bytes)
  end
  return bytes
end

-- `addresses`: a list of texts, of which the first n are single and the rest, in pairs, ranges.
local function listed(own, single, ranges)
  for i = 1, single.n do
    if address_of(single[i]) == own then return true end
  end
  for i = 1, ranges.n, 2 do
    local from, to = address_of(ranges[i]), address_of(ranges[i + 1])
    if #from == #own and #to == #own and from <= own and own <= to then return true end
  end
  return false
end

-- The caller is the peer of the connection: what X-Forwarded-For says is the caller's own word.
function R.ip_filter(q, action, single, ranges)
  local text = R.ip_address(q)
  local own = R.ip_bytes(text)
  if not own then
    refuse("FailedToParseCallerIP", 403, "Forbidden", "Failed to establish IP address for the caller. Access denied.")
  end
  local mode = action and lower(action)
  local found = listed(own, single, ranges)
  if mode == "allow" then
    if found then return end
    refuse("CallerIpNotAllowed", 403, "Forbidden", "Caller IP address " .. text .. " is not allowed. Access denied.")
  elseif mode == "forbid" then
    if not found then return end
    refuse("CallerIpBlocked", 403, "Forbidden", "Caller IP address is blocked. Access denied.")
  end
  R.throw("ip-filter's action is neither allow nor forbid.")
end

-- -- validate-client-certificate

local rol, band, bor, bxor, bnot, tobit = bit.rol, bit.band, bit.bor, bit.bxor, bit.bnot, bit.tobit

-- SHA-1 (FIPS 180-4), as thumbprints are: of the certificate's DER. It names a certificate that TLS has verified already.
local function sha1(text)
  local length = #text
  local padded = text .. "\128" .. string.rep("\0", (55 - length) % 64) .. "\0\0\0\0"
    .. char(band(bit.rshift(length * 8, 24), 255), band(bit.rshift(length * 8, 16), 255),
      band(bit.rshift(length * 8, 8), 255), band(length * 8, 255))
  local h0, h1, h2, h3, h4 = 0x67452301, tobit(0xEFCDAB89), tobit(0x98BADCFE), 0x10325476, tobit(0xC3D2E1F0)
  local w = {}
  for start = 1, #padded, 64 do
    for i = 0, 15 do
      local a, b, c, d = byte(padded, start + i * 4, start + i * 4 + 3)
      w[i] = bor(bit.lshift(a, 24), bit.lshift(b, 16), bit.lshift(c, 8), d)
    end
    for i = 16, 79 do w[i] = rol(bxor(w[i - 3], w[i - 8], w[i - 14], w[i - 16]), 1) end
    local a, b, c, d, e = h0, h1, h2, h3, h4
    for i = 0, 79 do
      local f, k
      if i < 20 then f, k = bor(band(b, c), band(bnot(b), d)), 0x5A827999
      elseif i < 40 then f, k = bxor(b, c, d), 0x6ED9EBA1
      elseif i < 60 then f, k = bor(band(b, c), band(b, d), band(c, d)), tobit(0x8F1BBCDC)
      else f, k = bxor(b, c, d), tobit(0xCA62C1D6) end
      a, b, c, d, e = tobit(rol(a, 5) + f + e + k + w[i]), a, rol(b, 30), c, d
    end
    h0, h1, h2, h3, h4 = tobit(h0 + a), tobit(h1 + b), tobit(h2 + c), tobit(h3 + d), tobit(h4 + e)
  end
  return bit.tohex(h0) .. bit.tohex(h1) .. bit.tohex(h2) .. bit.tohex(h3) .. bit.tohex(h4)
end

R.sha1_hex = sha1

local thumbprints = R.bounded(256)

local function thumbprint_of(pem)
  local known = thumbprints.get(pem)
  if known then return known end
  local text = match(R.path_unescaped(pem), "%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-(.-)%-%-%-%-%-END")
  known = text and sha1(R.base64((gsub(text, "%s", ""))) or "") or ""
  thumbprints.put(pem, known)
  return known
end

-- SHA-1 of a certificate, lower-case hexadecimal.
R.certificate_thumbprint = thumbprint_of

-- The parts of a distinguished name, sorted: writers order them differently.
function R.name_parts(text)
  local parts, at = {}, 1
  while at <= #text do
    local name, from = match(text, "^%s*([^=,]+)=()", at)
    if not name then return nil end
    local value, behind
    if sub(text, from, from) == '"' then
      value, behind = match(text, '^"([^"]*)"()', from)
      if not value then return nil end
    else
      local out, i = {}, from
      while i <= #text do
        local c = sub(text, i, i)
        if c == "\\" then
          i = i + 1
          c = sub(text, i, i)
        elseif c == "," then
          break
        end
        out[#out + 1] = c
        i = i + 1
      end
      value, behind = table.concat(out), i
    end
    parts[#parts + 1] = string.upper(match(name, "^%s*(.-)%s*$")) .. "=" .. match(value, "^%s*(.-)%s*$")
    at = match(text, "^%s*,()", behind) or #text + 1
  end
  table.sort(parts)
  return table.concat(parts, "\0")
end

local function plain_serial(text)
  return (gsub(gsub(lower(text), "[^%x]", ""), "^0+", ""))
end

local function common_name(subject)
  for part in string.gmatch((R.name_parts(subject) or "") .. "\0", "([^%z]*)%z") do
    local value = match(part, "^CN=(.*)$")
    if value then return value end
  end
  return nil
end

local function is_named(ssl, name)
  for _, san in ipairs(ssl:dnsSansPeerCertificate() or {}) do
    if lower(san) == lower(name) then return true end
  end
  return false
end

local function is_identity(ssl, identity)
  local subject = ssl:subjectPeerCertificate()
  if identity.thumbprint and thumbprint_of(ssl:urlEncodedPemEncodedPeerCertificate()) ~= identity.thumbprint then
    return false
  end
  if identity.serial and plain_serial(ssl:serialNumberPeerCertificate()) ~= plain_serial(identity.serial) then
    return false
  end
  if identity.common_name and common_name(subject) ~= identity.common_name then return false end
  if identity.subject and R.name_parts(subject) ~= R.name_parts(identity.subject) then return false end
  if identity.dns_name and not is_named(ssl, identity.dns_name) then return false end
  if identity.issuer and R.name_parts(ssl:issuerPeerCertificate()) ~= R.name_parts(identity.issuer) then return false end
  return true
end

-- What is wrong with the client's certificate; nil if nothing is.
local function judged(q, rules)
  local ssl = q.h:streamInfo():downstreamSslConnection()
  if ssl == nil or not ssl:peerCertificatePresented() then return "No client certificate was presented." end
  if rules.trust and not ssl:peerCertificateValidated() then return "The client certificate is not trusted." end
  local now = os.time()
  if rules.not_before and now < ssl:validFromPeerCertificate() then return "The client certificate is not valid yet." end
  if rules.not_after and now > ssl:expirationPeerCertificate() then return "The client certificate has expired." end
  if not rules.identities then return nil end
  for _, identity in ipairs(rules.identities) do
    if is_identity(ssl, identity) then return nil end
  end
  return "The client certificate is none of the identities that are allowed."
end

function R.validate_client_certificate(q, rules)
  local wrong = judged(q, rules)
  if wrong and not rules.ignore then refuse("InvalidClientCertificate", 403, "Invalid client certificate", wrong) end
end
