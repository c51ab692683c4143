-- MD5 (RFC 1321), SHA-1, SHA-384 and SHA-512 (FIPS 180-4), HMAC (RFC 2104); hash.lua has SHA-256.
--
-- MD5 and SHA-1 are there because policies talk to services that ask for them; nothing here trusts them.

local ffi, bit = R.ffi, R.bit
local band, bxor, bor, bnot, rol = bit.band, bit.bxor, bit.bor, bit.bnot, bit.rol
local lshift, rshift, tobit = bit.lshift, bit.rshift, bit.tobit
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

-- Halves of words: 64-bit numbers of the FFI are objects here, and fifty times slower, as measured.
local high, low, state = ffi.new("int32_t[80]"), ffi.new("int32_t[80]"), ffi.new("int32_t[16]")
local ring_high, ring_low = ffi.new("int32_t[8]"), ffi.new("int32_t[8]")
local constants_high, constants_low = ffi.new("int32_t[80]"), ffi.new("int32_t[80]")

local function halve(source, count, into_high, into_low)
  for i = 0, count - 1 do
    into_high[i] = tobit(tonumber(rshift(source[i], 32)))
    into_low[i] = tobit(tonumber(band(source[i], 0xffffffffULL)))
  end
end
halve(constants, 80, constants_high, constants_low)

local WORD = 4294967296

local function sha512_block(text, at)
  local wh, wl, kh, kl, st = high, low, constants_high, constants_low, state
  for i = 0, 15 do
    local p, q, r, s, t, u, v, w = byte(text, at + 8 * i, at + 8 * i + 7)
    wh[i] = tobit(p * 16777216 + q * 65536 + r * 256 + s)
    wl[i] = tobit(t * 16777216 + u * 65536 + v * 256 + w)
  end
  for i = 16, 79 do
    local xh, xl, yh, yl = wh[i - 15], wl[i - 15], wh[i - 2], wl[i - 2]
    local ph = bxor(bor(rshift(xh, 1), lshift(xl, 31)), bor(rshift(xh, 8), lshift(xl, 24)), rshift(xh, 7))
    local pl = bxor(bor(rshift(xl, 1), lshift(xh, 31)), bor(rshift(xl, 8), lshift(xh, 24)),
      bor(rshift(xl, 7), lshift(xh, 25)))
    local qh = bxor(bor(rshift(yh, 19), lshift(yl, 13)), bor(lshift(yh, 3), rshift(yl, 29)), rshift(yh, 6))
    local ql = bxor(bor(rshift(yl, 19), lshift(yh, 13)), bor(lshift(yl, 3), rshift(yh, 29)),
      bor(rshift(yl, 6), lshift(yh, 26)))
    local sum = wl[i - 16] % WORD + pl % WORD + wl[i - 7] % WORD + ql % WORD
    wl[i] = tobit(sum)
    wh[i] = tobit(wh[i - 16] + ph + wh[i - 7] + qh + floor(sum / WORD))
  end
  -- The eight working words stand in a ring that turns by one each round: as locals they are too many for the compiler.
  local vh, vl = ring_high, ring_low
  for i = 0, 7 do vh[i], vl[i] = st[2 * i], st[2 * i + 1] end
  for i = 0, 79 do
    local a, b, c, d = band(-i, 7), band(1 - i, 7), band(2 - i, 7), band(3 - i, 7)
    local e, f, g, z = band(4 - i, 7), band(5 - i, 7), band(6 - i, 7), band(7 - i, 7)
    local eh, el, ah, al = vh[e], vl[e], vh[a], vl[a]
    local ph = bxor(bor(rshift(eh, 14), lshift(el, 18)), bor(rshift(eh, 18), lshift(el, 14)),
      bor(rshift(el, 9), lshift(eh, 23)))
    local pl = bxor(bor(rshift(el, 14), lshift(eh, 18)), bor(rshift(el, 18), lshift(eh, 14)),
      bor(rshift(eh, 9), lshift(el, 23)))
    local sum = vl[z] % WORD + pl % WORD + bxor(band(el, vl[f]), band(bnot(el), vl[g])) % WORD + kl[i] % WORD
      + wl[i] % WORD
    local th = tobit(vh[z] + ph + bxor(band(eh, vh[f]), band(bnot(eh), vh[g])) + kh[i] + wh[i] + floor(sum / WORD))
    local tl = tobit(sum)
    local qh = bxor(bor(rshift(ah, 28), lshift(al, 4)), bor(rshift(al, 2), lshift(ah, 30)),
      bor(rshift(al, 7), lshift(ah, 25)))
    local ql = bxor(bor(rshift(al, 28), lshift(ah, 4)), bor(rshift(ah, 2), lshift(al, 30)),
      bor(rshift(ah, 7), lshift(al, 25)))
    local more = tl % WORD + ql % WORD + bxor(band(al, vl[b]), band(al, vl[c]), band(vl[b], vl[c])) % WORD
    vh[z] = tobit(th + qh + bxor(band(ah, vh[b]), band(ah, vh[c]), band(vh[b], vh[c])) + floor(more / WORD))
    vl[z] = tobit(more)
    local fourth = vl[d] % WORD + tl % WORD
    vh[d] = tobit(vh[d] + th + floor(fourth / WORD))
    vl[d] = tobit(fourth)
  end
  for i = 0, 7 do
    local sum = st[2 * i + 1] % WORD + vl[i] % WORD
    st[2 * i + 1] = tobit(sum)
    st[2 * i] = tobit(st[2 * i] + vh[i] + floor(sum / WORD))
  end
end
jit.on(sha512_block)

local function sha512_family(text, initial, size)
  for i = 0, 7 do
    state[2 * i] = tobit(tonumber(rshift(initial[i], 32)))
    state[2 * i + 1] = tobit(tonumber(band(initial[i], 0xffffffffULL)))
  end
  local padded = text .. "\128" .. rep("\0", (111 - #text) % 128 + 8) .. length_bytes(#text)
  for at = 1, #padded, 128 do sha512_block(padded, at) end
  local parts = {}
  for i = 0, size / 4 - 1 do parts[i + 1] = word_bytes(state[i]) end
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
