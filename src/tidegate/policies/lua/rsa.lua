-- RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 sections 8.2.2 and 8.1.2) in Lua.
--
-- Envoy 1.40 imports one public key for each request, and knows no PSS. When two policies of one request need different
-- keys, or a token without kid has to be tried with several, the others are checked here: about a hundred times slower
-- than Envoy, and only the first time that a worker meets a token. Only public values are touched: time tells nothing.

local byte, sub, rep, char = string.byte, string.sub, string.rep, string.char
local floor = math.floor

local BITS, BASE = 24, 16777216 -- limbs of 24 bits: products and sums of 128 of them fit a double exactly

-- DigestInfo around a digest: the hash's object identifier and size.
local function prefix(identifier, size)
  return "\48" .. char(17 + size) .. "\48\13\6\9\96\134\72\1\101\3\4\2" .. char(identifier) .. "\5\0\4" .. char(size)
end

local algorithms = {
  RS256 = { hash = "SHA256", prefix = prefix(1, 32) },
  RS384 = { hash = "SHA384", prefix = prefix(2, 48) },
  RS512 = { hash = "SHA512", prefix = prefix(3, 64) },
  PS256 = { hash = "SHA256" },
  PS384 = { hash = "SHA384" },
  PS512 = { hash = "SHA512" },
}

-- Bytes to limbs, lowest first.
local function limbs(text)
  local list, n = {}, 0
  for at = #text, 1, -3 do
    local c, b, a = byte(text, at) or 0, at > 1 and byte(text, at - 1) or 0, at > 2 and byte(text, at - 2) or 0
    n = n + 1
    list[n] = a * 65536 + b * 256 + c
  end
  return list, n
end

-- Whether a < b; both of n limbs.
local function less(a, b, n)
  for i = n, 1, -1 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end

-- a * b / BASE^n modulo m (Montgomery).
local function multiply(a, b, m, n, inverse)
  local t = {}
  for i = 1, n + 2 do t[i] = 0 end
  for i = 1, n do
    local carry, x = 0, a[i]
    for j = 1, n do
      local sum = t[j] + x * b[j] + carry
      carry = floor(sum / BASE)
      t[j] = sum - carry * BASE
    end
    local sum = t[n + 1] + carry
    t[n + 2] = t[n + 2] + floor(sum / BASE)
    t[n + 1] = sum % BASE
    -- inverse * t[1] may need 48 bits, which a double holds.
    local u = (t[1] * inverse) % BASE
    carry = floor((t[1] + u * m[1]) / BASE)
    for j = 2, n do
      sum = t[j] + u * m[j] + carry
      carry = floor(sum / BASE)
      t[j - 1] = sum - carry * BASE
    end
    sum = t[n + 1] + carry
    t[n] = sum % BASE
    t[n + 1] = t[n + 2] + floor(sum / BASE)
    t[n + 2] = 0
  end
  if t[n + 1] ~= 0 or not less(t, m, n) then
    local borrow = 0
    for i = 1, n do
      local d = t[i] - m[i] - borrow
      borrow = d < 0 and 1 or 0
      t[i] = d + borrow * BASE
    end
    t[n + 1] = t[n + 1] - borrow
  end
  return t
end
jit.on(multiply)

-- BASE^(2n) modulo m, by doubling.
local function square_of_base(m, n)
  local square = {}
  for i = 1, n do square[i] = 0 end
  square[1] = 1
  for _ = 1, 2 * n * BITS do
    local carry = 0
    for i = 1, n do
      local d = square[i] * 2 + carry
      carry = d >= BASE and 1 or 0
      square[i] = d - carry * BASE
    end
    if carry == 1 or not less(square, m, n) then
      local borrow = 0
      for i = 1, n do
        local d = square[i] - m[i] - borrow
        borrow = d < 0 and 1 or 0
        square[i] = d + borrow * BASE
      end
    end
  end
  return square
end
jit.on(square_of_base)

-- base ^ e modulo m, for odd m; `square` is square_of_base(m, n).
local function power(base, e, m, n, square)
  local inverse = 1
  for _ = 1, 5 do inverse = (inverse * ((2 - m[1] * inverse % BASE) % BASE)) % BASE end
  inverse = (BASE - inverse) % BASE
  local one = {}
  for i = 1, n do one[i] = 0 end
  one[1] = 1
  local x = multiply(base, square, m, n, inverse)
  local result = multiply(one, square, m, n, inverse)
  local bits = {}
  while e > 0 do
    bits[#bits + 1] = e % 2
    e = floor(e / 2)
  end
  for i = #bits, 1, -1 do
    result = multiply(result, result, m, n, inverse)
    if bits[i] == 1 then result = multiply(result, x, m, n, inverse) end
  end
  return multiply(result, one, m, n, inverse)
end

-- One DER element: tag, contents, offset behind it.
local function element(der, at)
  local tag, size = byte(der, at, at + 1)
  if not size then return nil end
  at = at + 2
  if size >= 128 then
    local count = size - 128
    size = 0
    if count < 1 or count > 3 then return nil end
    for i = 0, count - 1 do
      local digit = byte(der, at + i)
      if not digit then return nil end
      size = size * 256 + digit
    end
    at = at + count
  end
  if at + size - 1 > #der then return nil end
  return tag, sub(der, at, at + size - 1), at + size
end

local RSA_ENCRYPTION = "\6\9\42\134\72\134\247\13\1\1\1"

-- Modulus and exponent of a SubjectPublicKeyInfo; nil if it is no RSA key.
local function rsa_key(der)
  local _, info = element(der, 1)
  if not info then return nil end
  local _, algorithm, at = element(info, 1)
  if not algorithm or sub(algorithm, 1, #RSA_ENCRYPTION) ~= RSA_ENCRYPTION then return nil end
  local tag, bits = element(info, at)
  if tag ~= 3 or byte(bits, 1) ~= 0 then return nil end
  local _, pair = element(bits, 2)
  local modulus_tag, modulus, behind = element(pair or "", 1)
  if modulus_tag ~= 2 then return nil end
  local exponent_tag, exponent = element(pair, behind)
  if exponent_tag ~= 2 or #exponent > 4 then return nil end
  local e = 0
  for i = 1, #exponent do e = e * 256 + byte(exponent, i) end
  return (string.gsub(modulus, "^%z+", "")), e
end

-- What depends on the key alone is computed once: anybody may send tokens without kid, each is tried with every key.
local prepared = R.bounded(64)

local function bit_length(modulus)
  local bits, first = (#modulus - 1) * 8, byte(modulus, 1)
  while first > 0 do
    bits, first = bits + 1, floor(first / 2)
  end
  return bits
end

local function prepare(der)
  local key = prepared.get(der)
  if key == nil then
    local modulus, e = rsa_key(der)
    key = false
    if modulus and #modulus <= 512 and #modulus >= 128 and byte(modulus, #modulus) % 2 == 1 and e >= 3 then
      local m, n = limbs(modulus)
      key = { size = #modulus, e = e, m = m, n = n, square = square_of_base(m, n), bits = bit_length(modulus) }
    end
    prepared.put(der, key)
  end
  return key
end

-- Limbs to bytes, highest first; `size` of them.
local function bytes_of(list, n, size)
  local out, at = {}, size
  for i = 1, n do
    local limb = list[i]
    for _ = 1, 3 do
      if at >= 1 then out[at] = char(limb % 256) end
      limb = floor(limb / 256)
      at = at - 1
    end
  end
  for i = 1, at do out[i] = "\0" end
  return table.concat(out)
end

-- RFC 8017 appendix B.2.1.
local function mask(hash, seed, size)
  local parts, made, counter = {}, 0, 0
  while made < size do
    parts[#parts + 1] = R.digest(hash, seed .. "\0\0" .. char(floor(counter / 256), counter % 256))
    made, counter = made + #parts[#parts], counter + 1
  end
  return sub(table.concat(parts), 1, size)
end

-- EMSA-PSS-VERIFY (RFC 8017 section 9.1.2); the salt is as long as the hash (RFC 7518 section 3.5).
local function pss_is_valid(encoded, bits, hash, digest)
  local size, length = math.ceil(bits / 8), #digest
  if size < 2 * length + 2 or byte(encoded, size) ~= 0xbc then return false end
  local masked, h = sub(encoded, 1, size - length - 1), sub(encoded, size - length, size - 1)
  local unused = 8 * size - bits
  if byte(masked, 1) >= 2 ^ (8 - unused) then return false end
  local covering, block = mask(hash, h, #masked), {}
  for i = 1, #masked do block[i] = char(R.bit.bxor(byte(masked, i), byte(covering, i))) end
  block[1] = char(byte(block[1]) % 2 ^ (8 - unused))
  local plain = table.concat(block)
  local zeros = #masked - length - 1
  if sub(plain, 1, zeros) ~= rep("\0", zeros) or byte(plain, zeros + 1) ~= 1 then return false end
  return R.digest(hash, rep("\0", 8) .. digest .. sub(plain, zeros + 2)) == h
end

-- Whether the signature of `text` is the key's; `der` is a SubjectPublicKeyInfo, `algorithm` RS256 to PS512.
function R.rsa_verify(der, algorithm, text, signature)
  local kind, key = algorithms[algorithm], prepare(der)
  if not kind or not key or #signature ~= key.size then return false end
  local m, n = key.m, key.n
  local s = limbs(signature)
  if not less(s, m, n) then return false end
  local result = power(s, key.e, m, n, key.square)
  local digest = R.digest(kind.hash, text)
  if not kind.prefix then
    local bits = key.bits - 1
    local encoded = bytes_of(result, n, key.size)
    if bits % 8 == 0 then
      -- One byte shorter than the modulus.
      if byte(encoded, 1) ~= 0 then return false end
      encoded = sub(encoded, 2)
    end
    return pss_is_valid(encoded, bits, kind.hash, digest)
  end
  local expected = "\0\1" .. rep("\255", key.size - 3 - #kind.prefix - #digest) .. "\0" .. kind.prefix .. digest
  local wanted = limbs(expected)
  for i = 1, n do
    if result[i] ~= wanted[i] then return false end
  end
  return true
end
