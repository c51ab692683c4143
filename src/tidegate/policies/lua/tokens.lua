-- JSON Web Tokens: reading them (AsJwt), and validate-jwt.
--
-- A token is verified once per worker, rules and key set: what passed is remembered under the whole text of the header,
-- and answers until the token's time is over. RFC 8725 is followed throughout: the algorithm is the key's, not the
-- token's choice; nothing in a token's header names a key other than by kid; unknown critical headers refuse.

local MAX_TOKEN = 16384
-- A header's whole text is what a token is remembered under: with spaces behind its scheme, one token has thousands of
-- spellings, each as long as a header may be.
local MAX_TEXT = MAX_TOKEN + 16
local digests = { RS256 = "sha256", RS384 = "sha384", RS512 = "sha512" }

local match, find, sub, lower, format = string.match, string.find, string.sub, string.lower, string.format
local time = os.time

local verified = R.bounded(4096)
local parsed = R.bounded(512)
local key_sets = R.bounded(64)

local function claim_value(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return format("%.0f", value) end
  if kind == "boolean" then return tostring(value) end
  if getmetatable(value) == R.number then return value.raw end
  return R.json_encode(value)
end

local function claim_values(value)
  if getmetatable(value) ~= R.array then return { n = 1, claim_value(value) } end
  local list = { n = 0 }
  for i = 1, value.n do
    if value[i] ~= R.null then
      list.n = list.n + 1
      list[list.n] = claim_value(value[i])
    end
  end
  return list
end

local function text_or_nil(value)
  return type(value) == "string" and value or nil
end

local function seconds(value)
  if getmetatable(value) == R.number then return value.value end
  return type(value) == "number" and value or nil
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) == nil
end

-- The token in its parts; nil and the reason if it is none. Nothing about it is believed yet.
local function parse(token)
  if #token > MAX_TOKEN then return nil, "it is too long" end
  local head, body, signature = match(token, "^([%w_-]+)%.([%w_-]+)%.([%w_-]*)$")
  if not head then return nil, "it is not in JWS compact form" end
  local head_json, body_json, signature_bytes = R.base64url(head), R.base64url(body), R.base64url(signature)
  if not (head_json and body_json and signature_bytes) then return nil, "it is not base64url" end
  local ok, header = pcall(R.json_decode, head_json)
  if not ok or not is_object(header) then return nil, "its header is not a JSON object" end
  local ok_body, payload = pcall(R.json_decode, body_json)
  if not ok_body or not is_object(payload) then return nil, "its payload is not a JSON object" end
  local claims = {}
  for name, value in pairs(payload) do
    if value ~= R.null then claims[name] = claim_values(value) end
  end
  local jwt = setmetatable({
    id = text_or_nil(payload.jti),
    issuer = text_or_nil(payload.iss),
    subject = text_or_nil(payload.sub),
    algorithm = text_or_nil(header.alg),
    type = text_or_nil(header.typ),
    audiences = claims.aud or { n = 0 },
    claims = claims,
  }, R.Jwt)
  return {
    header = header,
    payload = payload,
    signed = head .. "." .. body,
    signature = signature_bytes,
    jwt = jwt,
  }
end

local function without_scheme(text)
  return match(text, "^[Bb][Ee][Aa][Rr][Ee][Rr] +(.+)$") or text
end

-- AsJwt(): what the text says, unchecked; null if it is no token.
function R.as_jwt(text)
  if text == nil or text == "" or #text > MAX_TEXT then return nil end
  local known = verified.get(text)
  if known and known.is_plain then return known.jwt end
  local jwt = parsed.get(text)
  if jwt then return jwt end
  local token = parse(without_scheme(text))
  if not token then return nil end
  parsed.put(text, token.jwt)
  return token.jwt
end

-- -- validate-jwt

-- The keys that came with the route, prepared once per key set.
local function key_set(q)
  local digest = q.keys_digest
  local set = digest and key_sets.get(digest)
  if set then return set end
  set = {}
  for url, metadata in pairs(digest and R.library(q.h, "keys:" .. digest) or {}) do
    local keys = {}
    for i, key in ipairs(metadata.keys or {}) do
      local algorithms = {}
      for _, name in ipairs(key.algorithms or {}) do algorithms[name] = true end
      keys[i] = { kid = key.kid, algorithms = algorithms, der = R.base64(key.der) or "" }
    end
    set[url] = { issuer = metadata.issuer, keys = keys }
  end
  if digest then key_sets.put(digest, set) end
  return set
end

local function refuse(rules, reason, message)
  R.fail(reason, rules.status, rules.message or message)
end

local function signature_is_valid(q, key, algorithm, token)
  local der, digest = key.der, digests[algorithm]
  -- Envoy 1.40 keeps one public key for each request: importing a second one silently returns the first.
  -- A key other than that one is therefore tried here.
  if q.imported and q.imported ~= der then
    return R.rsa_verify(der, algorithm, token.signed, token.signature)
  end
  q.imported = der
  local name = q.h:importPublicKey(der, #der):get()
  if name == nil or name == "" then return false end
  return (q.h:verifySignature(digest, name, token.signature, #token.signature, token.signed, #token.signed)) == true
end

-- The issuers whose key signed the token: by url, since two metadata documents may share keys.
local function signers(q, rules, token)
  local algorithm, kid = token.header.alg, token.header.kid
  local set = key_set(q)
  local tried, known = {}, false
  for _, url in ipairs(rules.openid) do
    for _, key in ipairs(set[url] and set[url].keys or {}) do
      if kid == nil or key.kid == kid then
        known = true
        if key.algorithms[algorithm] and tried[key.der] == nil then
          tried[key.der] = signature_is_valid(q, key, algorithm, token)
        end
        if tried[key.der] then
          local urls, others = {}, {}
          for _, other in ipairs(rules.openid) do
            local target = others
            for _, candidate in ipairs(set[other] and set[other].keys or {}) do
              if candidate.der == key.der then target = urls end
            end
            if set[other] then target[#target + 1] = set[other].issuer end
          end
          return urls, others
        end
      end
    end
  end
  if not known then
    refuse(rules, "TokenSignatureKeyNotFound", "JWT signature key is not known. Access denied.")
  end
  refuse(rules, "TokenSignatureInvalid", "JWT signature is not valid. Access denied.")
end

local function check_issuer(rules, token, own, others)
  local issuer = token.jwt.issuer
  local function is(expected)
    -- Entra's metadata for several tenants names no tenant: the token's own is put in its place.
    if type(expected) ~= "string" or issuer == nil then return false end
    local tenant = token.payload.tid
    if type(tenant) == "string" and find(expected, "{tenantid}", 1, true) then
      local before, behind = match(expected, "^(.-){tenantid}(.*)$")
      expected = before .. tenant .. behind
    end
    return expected == issuer
  end
  for _, expected in ipairs(own) do
    if is(expected) then return end
  end
  -- A listed issuer that is another metadata document's must have been signed with that document's keys
  -- (RFC 8725 section 3.8).
  local foreign = false
  for _, expected in ipairs(others) do
    foreign = foreign or is(expected)
  end
  if not foreign and issuer ~= nil and rules.issuers and rules.issuers[issuer] then return end
  refuse(rules, "TokenIssuerNotAllowed", "JWT issuer is not allowed. Access denied.")
end

local function claim_set(values, separator)
  local set = {}
  for i = 1, values.n do
    if separator then
      local at = 1
      while true do
        local from, to = find(values[i], separator, at, true)
        set[sub(values[i], at, from and from - 1 or nil)] = true
        if not from then break end
        at = to + 1
      end
    else
      set[values[i]] = true
    end
  end
  return set
end

local function check_claims(rules, claims)
  local missing = {}
  for _, rule in ipairs(rules.claims) do
    if not claims[rule.name] then missing[#missing + 1] = rule.name end
  end
  if missing[1] then
    refuse(
      rules, "TokenClaimNotFound",
      "JWT token is missing the following claims: " .. table.concat(missing, ", ") .. ". Access denied."
    )
  end
  for _, rule in ipairs(rules.claims) do
    local given, hits = claim_set(claims[rule.name], rule.separator), 0
    for _, wanted in ipairs(rule.values) do
      if given[wanted] then hits = hits + 1 end
    end
    local enough = #rule.values == 0 or hits == #rule.values or (rule.any and hits > 0)
    if not enough then
      -- The token's own value is not repeated: it would stand unescaped in logs and belongs to somebody.
      refuse(rules, "TokenClaimValueNotAllowed", "Claim " .. rule.name .. " value is not allowed. Access denied.")
    end
  end
end

local function check_times(rules, entry)
  local now = time()
  if entry.expires and now >= entry.expires + rules.skew then
    refuse(rules, "TokenExpired", "JWT has expired. Access denied.")
  end
  if entry.begins and now < entry.begins - rules.skew then
    refuse(rules, "JwtInvalid", "JWT is not valid yet. Access denied.")
  end
end

-- Everything but the time; the entry to remember.
local function verify(q, rules, raw)
  local token = parse(raw)
  if not token then refuse(rules, "JwtInvalid", "Invalid JWT.") end
  local header, payload = token.header, token.payload
  if header.crit ~= nil then refuse(rules, "JwtInvalid", "Invalid JWT.") end
  if type(header.alg) ~= "string" or not digests[header.alg] or token.signature == "" then
    refuse(rules, "TokenSignatureInvalid", "JWT signature algorithm is not allowed. Access denied.")
  end
  local entry = { jwt = token.jwt, expires = seconds(payload.exp), begins = seconds(payload.nbf) }
  if (payload.exp ~= nil and not entry.expires) or (payload.nbf ~= nil and not entry.begins) then
    refuse(rules, "JwtInvalid", "Invalid JWT.")
  end
  local own, others = signers(q, rules, token)
  if rules.require_expiration and not entry.expires then
    refuse(rules, "TokenExpired", "JWT has no expiration time. Access denied.")
  end
  check_times(rules, entry)
  if rules.audiences then
    local allowed = false
    for i = 1, token.jwt.audiences.n do
      allowed = allowed or rules.audiences[token.jwt.audiences[i]]
    end
    if not allowed then
      refuse(rules, "TokenAudienceNotAllowed", "JWT audience is not allowed. Access denied.")
    end
  end
  check_issuer(rules, token, own, others)
  check_claims(rules, token.jwt.claims)
  return entry
end

-- The bare token of the text in which it came.
local function bare(rules, text)
  if rules.scheme then
    local scheme, rest = match(text, "^([^ ]+) +(.+)$")
    if not scheme or lower(scheme) ~= rules.scheme then
      refuse(rules, "TokenNotPresent", "JWT not present.")
    end
    return rest
  end
  return match(text, "^[^ ]+ +(.+)$") or text
end

-- A parameter of the query, decoded; the first if there are several.
function R.query_parameter(request, name)
  local query = match(request:get(":path"), "%?([^#]*)")
  if not query then return nil end
  for pair in string.gmatch(query, "[^&]+") do
    local key, value = match(pair, "^([^=]*)=?(.*)$")
    local function plain(text)
      return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
    end
    if plain(key) == name then return plain(value) end
  end
end

-- The policy. `text` is where the token should be; returns the Jwt or fails.
function R.validate_jwt(q, rules, text)
  if text == nil or text == "" then refuse(rules, "TokenNotPresent", "JWT not present.") end
  if #text > MAX_TEXT then refuse(rules, "JwtInvalid", "Invalid JWT.") end
  local entry = verified.get(text)
  local keys = q.keys_digest or ""
  if entry and entry[rules] == keys then
    local expires, begins = entry.expires, entry.begins
    if expires or begins then
      local now = time()
      if (expires and now >= expires + rules.skew) or (begins and now < begins - rules.skew) then
        check_times(rules, entry)
      end
    end
    return entry.jwt
  end
  local token = bare(rules, text)
  local fresh = verify(q, rules, token)
  if entry then
    -- The same token under other rules or keys: one entry remembers both.
    entry[rules] = keys
    return entry.jwt
  end
  -- Whether AsJwt, which knows no scheme but Bearer, reads the same token in this text.
  fresh.is_plain = without_scheme(text) == token
  fresh[rules] = keys
  verified.put(text, fresh)
  return fresh.jwt
end
