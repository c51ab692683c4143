-- validate-jwt and validate-azure-ad-token.
--
-- A token is verified once per worker, rules and key set: what passed is remembered under the whole text of the header,
-- and answers until the token's time is over. RFC 8725 is followed throughout: see jwt_keys.lua for keys; unknown
-- critical headers refuse.

local match, find, sub, lower = string.match, string.find, string.sub, string.lower
local time = os.time

local verified = R.verified_tokens
local WEAK = { __mode = "k" }
local ALGORITHM = "JWT signature algorithm is not allowed. Access denied."

local function refuse(rules, reason, message)
  R.fail(reason, rules.status, rules.message or message)
end

-- Every key that may have signed the token, with the metadata document that it comes from (nil for keys of the policy);
-- and whether there is one.
local function candidates(q, rules, kid)
  local set, list = R.jwt_key_set(q), {}
  for _, url in ipairs(rules.openid) do
    for _, key in ipairs(set[url] and set[url].keys or {}) do
      if kid == nil or key.kid == kid then list[#list + 1] = { key = key, url = url } end
    end
  end
  for _, key in ipairs(R.jwt_policy_keys(rules.signing)) do
    if kid == nil or key.kid == nil or key.kid == kid then list[#list + 1] = { key = key } end
  end
  return list, set
end

-- The issuers of metadata documents: those whose key this is (two documents may share keys), and the others.
local function issuers_of(rules, set, key)
  local own, others = {}, {}
  for _, url in ipairs(rules.openid) do
    local target = others
    for _, candidate in ipairs(set[url] and set[url].keys or {}) do
      if key == nil or (key.der and candidate.der == key.der) then target = own end
    end
    if set[url] then target[#target + 1] = set[url].issuer end
  end
  return own, others
end

-- Who may have issued the token, by the key that signed it.
local function signers(q, rules, token)
  local algorithm = token.header.alg
  local list, set = candidates(q, rules, token.header.kid)
  local tried, allowed = {}, false
  for _, candidate in ipairs(list) do
    local key = candidate.key
    local same = key.der or key
    if key.algorithms[algorithm] then
      allowed = true
      if tried[same] == nil then tried[same] = R.jwt_signature_is_valid(q, key, algorithm, token) end
      if tried[same] then return issuers_of(rules, set, key) end
    end
  end
  if not list[1] then
    refuse(rules, "TokenSignatureKeyNotFound", "JWT signature key is not known. Access denied.")
  end
  if not allowed then refuse(rules, "TokenSignatureInvalid", ALGORITHM) end
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
  -- Keys of the policy name no issuer: without `<issuers>` there is nothing to compare with.
  if not rules.issuers and not rules.openid[1] then return end
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

-- The client's application (appid of v1 tokens, azp of v2) and the application that the token is for.
local function check_applications(rules, token)
  local claims = token.jwt.claims
  local client = claims.appid or claims.azp
  if rules.clients and not (client and client.n == 1 and rules.clients[client[1]]) then
    refuse(rules, "TokenClaimValueNotAllowed", "JWT client application is not allowed. Access denied.")
  end
end

-- The parts of the signed token; encrypted ones are opened first.
local function read(rules, raw)
  if rules.decryption and R.is_encrypted_token(raw) then
    if #raw > R.MAX_TOKEN_TEXT then refuse(rules, "JwtInvalid", "Invalid JWT.") end
    raw = R.jwt_decrypted(R.jwt_policy_keys(rules.decryption), raw)
    if not raw then refuse(rules, "JwtInvalid", "JWT decryption failed. Access denied.") end
  end
  local token = R.parse_token(raw)
  if not token then refuse(rules, "JwtInvalid", "Invalid JWT.") end
  return token
end

-- Everything but the time; the entry to remember.
local function verify(q, rules, raw)
  local token = read(rules, raw)
  local header, payload = token.header, token.payload
  if header.crit ~= nil then refuse(rules, "JwtInvalid", "Invalid JWT.") end
  local unsigned = rules.require_signed == false and header.alg == "none" and token.signature == ""
  if not unsigned and (token.signature == "" or not R.jwt_algorithm_is_known(header.alg)) then
    refuse(rules, "TokenSignatureInvalid", ALGORITHM)
  end
  -- Rules that expressions made are forgotten by and by, and what remembers them must not keep them.
  local entry = setmetatable({ jwt = token.jwt, expires = token.jwt.expires, begins = token.jwt.begins }, WEAK)
  if (payload.exp ~= nil and not entry.expires) or (payload.nbf ~= nil and not entry.begins) then
    refuse(rules, "JwtInvalid", "Invalid JWT.")
  end
  local own, others
  if unsigned then
    own, others = issuers_of(rules, R.jwt_key_set(q), nil)
  else
    own, others = signers(q, rules, token)
  end
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
  check_applications(rules, token)
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

-- A parameter of the query, decoded. Several of one name, in whatever case, come joined by a comma, as headers do, and are
-- no token then: the backend may read another one than that which was verified.
function R.query_parameter(request, name)
  local query = match(request:get(":path"), "%?([^#]*)")
  if not query then return nil end
  local found, exact, wanted = {}, false, lower(name or "")
  for pair in string.gmatch(query, "[^&]+") do
    local key, value = match(pair, "^([^=]*)=?(.*)$")
    local function plain(text)
      return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
    end
    key = plain(key)
    exact = exact or key == name
    if lower(key) == wanted then found[#found + 1] = plain(value) end
  end
  return exact and table.concat(found, ",") or nil
end

-- The policy. `text` is where the token should be; returns the Jwt or fails.
function R.validate_jwt(q, rules, text)
  if text == nil or text == "" then refuse(rules, "TokenNotPresent", "JWT not present.") end
  if #text > R.MAX_TOKEN_TEXT then refuse(rules, "JwtInvalid", "Invalid JWT.") end
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
    return fresh.jwt
  end
  -- Whether AsJwt reads the same token in this text.
  fresh.is_plain = R.reads_plainly(text, token) and not R.is_encrypted_token(token)
  fresh[rules] = keys
  verified.put(text, fresh)
  return fresh.jwt
end
