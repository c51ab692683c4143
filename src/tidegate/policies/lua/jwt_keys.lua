-- The keys that tokens are verified and deciphered with: those of metadata documents, and those that stand in a policy.
--
-- RFC 8725 section 3.1: a key is used with the algorithms that it is bound to, whatever a token names. Keys of metadata
-- say theirs; a modulus is for RSA's, a secret for HMAC's. Nothing in a token's header names a key other than by kid.

local match, sub = string.match, string.sub

local key_sets = R.bounded(64)

local envoy_hashes = { RS256 = "sha256", RS384 = "sha384", RS512 = "sha512" }
local hmac_hashes = { HS256 = "SHA256", HS384 = "SHA384", HS512 = "SHA512" }

local known = { PS256 = true, PS384 = true, PS512 = true }
for name in pairs(envoy_hashes) do known[name] = true end
for name in pairs(hmac_hashes) do known[name] = true end

-- Whether signatures of this algorithm can be checked at all.
function R.jwt_algorithm_is_known(name)
  return type(name) == "string" and known[name] == true
end

-- The keys that came with the route, prepared once per key set: by url of the metadata document.
function R.jwt_key_set(q)
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

local rsa_algorithms, hmac_algorithms = {}, {}
for name in pairs(known) do
  local target = hmac_hashes[name] and hmac_algorithms or rsa_algorithms
  target[name] = true
end

-- The keys that stand in a policy, ready for use: a secret is for HMAC (or deciphers), a public key is RSA's.
function R.jwt_policy_keys(list)
  if not list or list.ready then return list or {} end
  for _, key in ipairs(list) do
    if key.base64 then
      key.secret, key.algorithms = R.base64(key.base64), hmac_algorithms
    else
      key.der, key.algorithms = R.base64(key.public), rsa_algorithms
    end
  end
  list.ready = true
  return list
end

local function rsa_is_valid(q, der, algorithm, token)
  local hash = envoy_hashes[algorithm]
  -- Envoy 1.40 keeps one public key for each request: importing a second one silently returns the first.
  -- A key other than that one is therefore tried here, and so is PSS, which Envoy does not know.
  if not hash or (q.imported and q.imported ~= der) then
    return R.rsa_verify(der, algorithm, token.signed, token.signature)
  end
  q.imported = der
  local name = q.h:importPublicKey(der, #der):get()
  if name == nil or name == "" then return false end
  return (q.h:verifySignature(hash, name, token.signature, #token.signature, token.signed, #token.signed)) == true
end

-- Whether the token's signature is this key's, by an algorithm of the key.
function R.jwt_signature_is_valid(q, key, algorithm, token)
  if not key.algorithms[algorithm] then return false end
  if key.secret then
    local hash = hmac_hashes[algorithm]
    return hash ~= nil and R.fixed_time_equals(R.hmac(hash, key.secret, token.signed), token.signature)
  end
  if hmac_hashes[algorithm] then return false end
  return rsa_is_valid(q, key.der, algorithm, token)
end

-- -- encrypted tokens (RFC 7516), compact form

local encryptions = {
  ["A128CBC-HS256"] = { hash = "SHA256", half = 16 },
  ["A192CBC-HS384"] = { hash = "SHA384", half = 24 },
  ["A256CBC-HS512"] = { hash = "SHA512", half = 32 },
  A128GCM = { gcm = 16 },
  A192GCM = { gcm = 24 },
  A256GCM = { gcm = 32 },
}
local wrappings = { A128KW = 16, A192KW = 24, A256KW = 32 }

-- The content encryption key, nil if the key does not give it.
local function content_key(algorithm, key, wrapped)
  if algorithm == "dir" then
    if wrapped ~= "" then return nil end
    return key
  end
  if wrappings[algorithm] ~= #key then return nil end
  return R.aes_unwrap(key, wrapped)
end

-- RFC 7518 section 5.2.2.2: the tag first, then the text; whoever changed either learns only that it failed.
local function open_cbc(encryption, key, iv, data, tag, head)
  local half = encryption.half
  if #key ~= 2 * half or #iv ~= 16 or #data == 0 or #data % 16 ~= 0 then return nil end
  local bits = #head * 8
  local size = string.char(0, 0, 0, 0, math.floor(bits / 16777216) % 256, math.floor(bits / 65536) % 256,
    math.floor(bits / 256) % 256, bits % 256)
  local expected = sub(R.hmac(encryption.hash, sub(key, 1, half), head .. iv .. data .. size), 1, half)
  if not R.fixed_time_equals(expected, tag) then return nil end
  return R.pkcs7_unpad(R.aes_decrypt(sub(key, half + 1), data, iv))
end

local function open_gcm(encryption, key, iv, data, tag, head)
  if #key ~= encryption.gcm or #iv ~= 12 or #tag ~= 16 then return nil end
  local plain, expected = R.aes_gcm(key, iv, data, head, true)
  return R.fixed_time_equals(expected, tag) and plain or nil
end

function R.is_encrypted_token(token)
  return match(token, "^[%w_-]+%.[%w_-]*%.[%w_-]+%.[%w_-]*%.[%w_-]+$") ~= nil
end

-- The signed token inside an encrypted one; nil if no key opens it.
function R.jwt_decrypted(keys, token)
  local head, wrapped, iv, data, tag = match(token, "^([%w_-]+)%.([%w_-]*)%.([%w_-]+)%.([%w_-]*)%.([%w_-]+)$")
  local json = head and R.base64url(head)
  local ok, header = pcall(R.json_decode, json or "")
  if not ok or type(header) ~= "table" or getmetatable(header) ~= nil then return nil end
  -- Compression would let a small token become a large one; what is critical is not known here.
  if header.zip ~= nil or header.crit ~= nil then return nil end
  local encryption = encryptions[header.enc]
  if not encryption or type(header.alg) ~= "string" then return nil end
  wrapped, iv, data, tag = R.base64url(wrapped), R.base64url(iv), R.base64url(data), R.base64url(tag)
  if not (wrapped and iv and data and tag) then return nil end
  for i = 1, #keys do
    local key = keys[i]
    if key.kid == nil or header.kid == nil or key.kid == header.kid then
      local content = content_key(header.alg, key.secret, wrapped)
      local open = encryption.gcm and open_gcm or open_cbc
      local plain = content and open(encryption, content, iv, data, tag, head)
      if plain then return plain end
    end
  end
end
