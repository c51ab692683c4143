-- JSON Web Tokens as they read (AsJwt), and basic credentials. Nothing here is believed: validate_jwt.lua verifies.

local MAX_TOKEN = 16384
-- A header's whole text is what a token is remembered under: with spaces behind its scheme, one token has thousands of
-- spellings, each as long as a header may be.
local MAX_TEXT = MAX_TOKEN + 16

local match, sub, format = string.match, string.sub, string.format

local parsed = R.bounded(512)
-- What validate-jwt has verified, under the whole text in which it came.
R.verified_tokens = R.bounded(4096)
local verified = R.verified_tokens

R.MAX_TOKEN_TEXT = MAX_TEXT

-- Claims by name: IReadOnlyDictionary<string, string[]>, enumerated in the order of names.
R.Claims = { type = "claims", bases = { IEnumerable = true, IReadOnlyDictionary = true, IDictionary = true } }

function R.claim_names(claims)
  local names = { n = 0 }
  for name in pairs(claims) do
    names.n = names.n + 1
    names[names.n] = name
  end
  table.sort(names)
  return names
end

function R.claim_lists(claims)
  return R.seq_select(R.claim_names(claims), function(name) return claims[name] end)
end

function R.Claims.items(claims)
  return R.seq_select(R.claim_names(claims), function(name) return R.pair(name, claims[name]) end)
end

function R.claim_try(claims, name)
  local values = claims[R.argument(name, "key")]
  return values ~= nil, values
end

local function claim_value(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return format("%.0f", value) end
  if kind == "boolean" then return tostring(value) end
  if getmetatable(value) == R.number then return value.raw end
  return R.json_encode(value)
end

local function claim_values(value)
  if getmetatable(value) ~= R.json_list then return { n = 1, claim_value(value) } end
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
  local claims = setmetatable({}, R.Claims)
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
    expires = seconds(payload.exp),
    begins = seconds(payload.nbf),
    issued = seconds(payload.iat),
  }, R.Jwt)
  return {
    header = header,
    payload = payload,
    signed = head .. "." .. body,
    signature = signature_bytes,
    jwt = jwt,
  }
end

R.parse_token = parse

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

-- Whether AsJwt, which knows no scheme but Bearer, reads this very token in the text.
function R.reads_plainly(text, token)
  return without_scheme(text) == token
end

function R.try_parse_jwt(text)
  local jwt = R.as_jwt(text)
  return jwt ~= nil, jwt
end

-- NumericDate (RFC 7519 section 2) as DateTime?, in UTC; null where it is none.
function R.jwt_time(seconds_since)
  if seconds_since == nil or seconds_since ~= seconds_since then return nil end
  if seconds_since < -62135596800 or seconds_since > 253402300799 then return nil end
  return R.datetime(621355968000000000LL + math.floor(seconds_since * 1000) * 10000LL, 1)
end

-- AsBasic(): user and password of an Authorization header (RFC 7617), null if it holds none.
R.BasicAuthCredentials = { type = "BasicAuthCredentials" }

function R.as_basic(text)
  local encoded = text and match(text, "^[Bb][Aa][Ss][Ii][Cc] +([%w+/]+=?=?) *$")
  local plain = encoded and R.base64(encoded)
  if not plain or not R.is_utf8(plain) then return nil end
  local user, password = match(plain, "^([^:]*):(.*)$")
  if not user then return nil end
  return setmetatable({ user = user, password = password }, R.BasicAuthCredentials)
end

function R.try_parse_basic(text)
  local credentials = R.as_basic(text)
  return credentials ~= nil, credentials
end
