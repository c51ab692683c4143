-- MD5 (RFC 1321), SHA-1, SHA-384 and SHA-512 (FIPS 180-4), HMAC (RFC 2104); hash.lua has SHA-256.
--
-- MD5 and SHA-1 are there because policies talk to services that ask for them; nothing here trusts them.

local ffi, bit = R.ffi, R.bit
local band, bxor, bor, bnot, rol, ror = bit.band, bit.bxor, bit.bor, bit.bnot, bit.rol, bit.ror
local rshift, tobit = bit.rshift, bit.tobit
local byte, char, rep = string.byte, string.char, string.rep
local floor = math.floor

-- The eight bytes of a length in bits.
local function length_bytes(size, little)
  local parts, value = {}, size * 8
  for i = 1, 8 do
    parts[little and i or 9 - i] = char(value % 256)
    value = floor(value / 256)
  end
  return table.concat(parts)
end

-- -- MD5 and SHA-1

local words = ffi.new("int32_t[80]")
local sines, shifts = ffi.new("int32_t[64]"), { 7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21 }
for i = 0, 63 do sines[i] = tobit(floor(math.abs(math.sin(i + 1)) * 4294967296)) end

local function md5_block(text, at, a, b, c, d)
  local w = words
  for i = 0, 15 do
    local p, q, r, s = byte(text, at + 4 * i, at + 4 * i + 3)
    w[i] = tobit(p + q * 256 + r * 65536 + s * 16777216)
  end
  for i = 0, 63 do
    local f, g
    if i < 16 then
      f, g = bor(band(b, c), band(bnot(b), d)), i
    elseif i < 32 then
      f, g = bor(band(d, b), band(bnot(d), c)), (5 * i + 1) % 16
    elseif i < 48 then
      f, g = bxor(b, c, d), (3 * i + 5) % 16
    else
      f, g = bxor(c, bor(b, bnot(d))), (7 * i) % 16
    end
    local turned = rol(tobit(a + f + sines[i] + w[g]), shifts[floor(i / 16) * 4 + i % 4 + 1])
    a, b, c, d = d, tobit(b + turned), b, c
  end
  return a, b, c, d
end
jit.on(md5_block)

local function word_bytes(word, little)
  local a, b, c, d = band(word, 255), band(rshift(word, 8), 255), band(rshift(word, 16), 255), rshift(word, 24)
  if little then return char(a, b, c, d) end
  return char(d, c, b, a)
end

local function md5(text)
  local padded = text .. "\128" .. rep("\0", (55 - #text) % 64) .. length_bytes(#text, true)
  local a, b, c, d = 0x67452301, tobit(0xefcdab89), tobit(0x98badcfe), 0x10325476
  for at = 1, #padded, 64 do
    local p, q, r, s = md5_block(padded, at, a, b, c, d)
    a, b, c, d = tobit(a + p), tobit(b + q), tobit(c + r), tobit(d + s)
  end
  return word_bytes(a, true) .. word_bytes(b, true) .. word_bytes(c, true) .. word_bytes(d, true)
end

local function sha1_block(text, at, a, b, c, d, e)
  local w = words
  for i = 0, 15 do
    local p, q, r, s = byte(text, at + 4 * i, at + 4 * i + 3)
    w[i] = tobit(p * 16777216 + q * 65536 + r * 256 + s)
  end
  for i = 16, 79 do w[i] = rol(bxor(w[i - 3], w[i - 8], w[i - 14], w[i - 16]), 1) end
  for i = 0, 79 do
    local f, k
    if i < 20 then
      f, k = bor(band(b, c), band(bnot(b), d)), 0x5a827999
    elseif i < 40 then
      f, k = bxor(b, c, d), 0x6ed9eba1
    elseif i < 60 then
      f, k = bor(band(b, c), band(b, d), band(c, d)), 0x8f1bbcdc
    else
      f, k = bxor(b, c, d), 0xca62c1d6
    end
    a, b, c, d, e = tobit(rol(a, 5) + f + e + k + w[i]), a, rol(b, 30), c, d
  end
  return a, b, c, d, e
end
jit.on(sha1_block)

local function sha1(text)
  local padded = text .. "\128" .. rep("\0", (55 - #text) % 64) .. length_bytes(#text)
  local a, b, c, d, e = 0x67452301, tobit(0xefcdab89), tobit(0x98badcfe), 0x10325476, tobit(0xc3d2e1f0)
  for at = 1, #padded, 64 do
    local p, q, r, s, t = sha1_block(padded, at, a, b, c, d, e)
    a, b, c, d, e = tobit(a + p), tobit(b + q), tobit(c + r), tobit(d + s), tobit(e + t)
  end
  return word_bytes(a) .. word_bytes(b) .. word_bytes(c) .. word_bytes(d) .. word_bytes(e)
end

-- -- SHA-384 and SHA-512

-- The first 64 bits of the fractions of the cube roots of the first 80 primes.
local constants = ffi.new("uint64_t[80]", {
  0x428a2f98d728ae22ULL, 0x7137449123ef65cdULL, 0xb5c0fbcfec4d3b2fULL, 0xe9b5dba58189dbbcULL, 0x3956c25bf348b538ULL,
  0x59f111f1b605d019ULL, 0x923f82a4af194f9bULL, 0xab1c5ed5da6d8118ULL, 0xd807aa98a3030242ULL, 0x12835b0145706fbeULL,
  0x243185be4ee4b28cULL, 0x550c7dc3d5ffb4e2ULL, 0x72be5d74f27b896fULL, 0x80deb1fe3b1696b1ULL, 0x9bdc06a725c71235ULL,
  0xc19bf174cf692694ULL, 0xe49b69c19ef14ad2ULL, 0xefbe4786384f25e3ULL, 0x0fc19dc68b8cd5b5ULL, 0x240ca1cc77ac9c65ULL,
  0x2de92c6f592b0275ULL, 0x4a7484aa6ea6e483ULL, 0x5cb0a9dcbd41fbd4ULL, 0x76f988da831153b5ULL, 0x983e5152ee66dfabULL,
  0xa831c66d2db43210ULL, 0xb00327c898fb213fULL, 0xbf597fc7beef0ee4ULL, 0xc6e00bf33da88fc2ULL, 0xd5a79147930aa725ULL,
  0x06ca6351e003826fULL, 0x142929670a0e6e70ULL, 0x27b70a8546d22ffcULL, 0x2e1b21385c26c926ULL, 0x4d2c6dfc5ac42aedULL,
  0x53380d139d95b3dfULL, 0x650a73548baf63deULL, 0x766a0abb3c77b2a8ULL, 0x81c2c92e47edaee6ULL, 0x92722c851482353bULL,
  0xa2bfe8a14cf10364ULL, 0xa81a664bbc423001ULL, 0xc24b8b70d0f89791ULL, 0xc76c51a30654be30ULL, 0xd192e819d6ef5218ULL,
  0xd69906245565a910ULL, 0xf40e35855771202aULL, 0x106aa07032bbd1b8ULL, 0x19a4c116b8d2d0c8ULL, 0x1e376c085141ab53ULL,
  0x2748774cdf8eeb99ULL, 0x34b0bcb5e19b48a8ULL, 0x391c0cb3c5c95a63ULL, 0x4ed8aa4ae3418acbULL, 0x5b9cca4f7763e373ULL,
  0x682e6ff3d6b2b8a3ULL, 0x748f82ee5defb2fcULL, 0x78a5636f43172f60ULL, 0x84c87814a1f0ab72ULL, 0x8cc702081a6439ecULL,
  0x90befffa23631e28ULL, 0xa4506cebde82bde9ULL, 0xbef9a3f7b2c67915ULL, 0xc67178f2e372532bULL, 0xca273eceea26619cULL,
  0xd186b8c721c0c207ULL, 0xeada7dd6cde0eb1eULL, 0xf57d4f7fee6ed178ULL, 0x06f067aa72176fbaULL, 0x0a637dc5a2c898a6ULL,
  0x113f9804bef90daeULL, 0x1b710b35131c471bULL, 0x28db77f523047d84ULL, 0x32caab7b40c72493ULL, 0x3c9ebe0a15c9bebcULL,
  0x431d67c49c100d4cULL, 0x4cc5d4becb3e42b6ULL, 0x597f299cfc657e2aULL, 0x5fcb6fab3ad6faecULL, 0x6c44198c4a475817ULL,
})
-- Of the square roots of the first 8 primes, and of the next 8.
local initial_512 = ffi.new("uint64_t[8]", {
  0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL, 0x510e527fade682d1ULL,
  0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL,
})
local initial_384 = ffi.new("uint64_t[8]", {
  0xcbbb9d5dc1059ed8ULL, 0x629a292a367cd507ULL, 0x9159015a3070dd17ULL, 0x152fecd8f70e5939ULL, 0x67332667ffc00b31ULL,
  0x8eb44a8768581511ULL, 0xdb0c2e0d64f98fa7ULL, 0x47b5481dbefa4fa4ULL,
})

local schedule, state = ffi.new("uint64_t[80]"), ffi.new("uint64_t[8]")

local function sha512_block(text, at)
  local w, h = schedule, state
  for i = 0, 15 do
    local a, b, c, d, e, f, g, z = byte(text, at + 8 * i, at + 8 * i + 7)
    w[i] = (a * 16777216 + b * 65536 + c * 256 + d) * 0x100000000ULL + (e * 16777216 + f * 65536 + g * 256 + z)
  end
  for i = 16, 79 do
    local x, y = w[i - 15], w[i - 2]
    w[i] = w[i - 16] + bxor(ror(x, 1), ror(x, 8), rshift(x, 7)) + w[i - 7] + bxor(ror(y, 19), ror(y, 61), rshift(y, 6))
  end
  local a, b, c, d, e, f, g, z = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
  for i = 0, 79 do
    local t1 = z + bxor(ror(e, 14), ror(e, 18), ror(e, 41)) + bxor(band(e, f), band(bnot(e), g)) + constants[i] + w[i]
    local t2 = bxor(ror(a, 28), ror(a, 34), ror(a, 39)) + bxor(band(a, b), band(a, c), band(b, c))
    z, g, f, e, d, c, b, a = g, f, e, d + t1, c, b, a, t1 + t2
  end
  h[0], h[1], h[2], h[3] = h[0] + a, h[1] + b, h[2] + c, h[3] + d
  h[4], h[5], h[6], h[7] = h[4] + e, h[5] + f, h[6] + g, h[7] + z
end
jit.on(sha512_block)

local function sha512_family(text, initial, size)
  ffi.copy(state, initial, 64)
  local padded = text .. "\128" .. rep("\0", (111 - #text) % 128 + 8) .. length_bytes(#text)
  for at = 1, #padded, 128 do sha512_block(padded, at) end
  local parts = {}
  for i = 0, size / 8 - 1 do
    local high, low = tonumber(rshift(state[i], 32)), tonumber(band(state[i], 0xffffffffULL))
    parts[i + 1] = word_bytes(tobit(high)) .. word_bytes(tobit(low))
  end
  return table.concat(parts)
end

-- -- by name

local digests = {
  MD5 = { hash = md5, block = 64, size = 16 },
  SHA1 = { hash = sha1, block = 64, size = 20 },
  SHA256 = { hash = R.sha256, block = 64, size = 32 },
  SHA384 = { hash = function(text) return sha512_family(text, initial_384, 48) end, block = 128, size = 48 },
  SHA512 = { hash = function(text) return sha512_family(text, initial_512, 64) end, block = 128, size = 64 },
}

-- The digest of a Lua string, as bytes.
function R.digest(name, data)
  R.tick(floor(#data / 2) + 100)
  return digests[name].hash(data)
end

function R.digest_size(name)
  return digests[name] and digests[name].size
end

function R.digest_block(name)
  return digests[name].block
end

local function masked(key, mask)
  local bytes = {}
  for i = 1, #key do bytes[i] = char(bxor(byte(key, i), mask)) end
  return table.concat(bytes)
end

function R.hmac(name, key, data)
  local block = digests[name].block
  if #key > block then key = R.digest(name, key) end
  key = key .. rep("\0", block - #key)
  return R.digest(name, masked(key, 0x5c) .. R.digest(name, masked(key, 0x36) .. data))
end

-- Whether two strings of bytes are equal, in a time that says nothing of where they differ.
function R.fixed_time_equals(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do difference = bor(difference, bxor(byte(a, i), byte(b, i))) end
  return difference == 0
end
