-- SHA-256 (FIPS 180-4), for names that must not be guessed or stored: rate-limit keys. Random identifiers.

local ffi, bit = R.ffi, R.bit
local band, bxor, bnot, rshift, ror, tobit = bit.band, bit.bxor, bit.bnot, bit.rshift, bit.ror, bit.tobit
local byte, char, rep = string.byte, string.char, string.rep

local constants, initial = {}, {}
do
  -- The first 32 bits of the fractions of the cube and square roots of the first 64 primes.
  local function fraction(x)
    return tobit((x % 1) * 4294967296 - (x % 1) * 4294967296 % 1)
  end
  local n, candidate = 0, 2
  while n < 64 do
    local prime = true
    for d = 2, math.floor(math.sqrt(candidate)) do
      if candidate % d == 0 then prime = false end
    end
    if prime then
      n = n + 1
      -- One step of Newton's method, since pow is not exact to the last bit.
      local root = candidate ^ (1 / 3)
      root = root - (root * root * root - candidate) / (3 * root * root)
      constants[n] = fraction(root)
      if n <= 8 then initial[n] = fraction(math.sqrt(candidate)) end
    end
    candidate = candidate + 1
  end
end

local schedule = ffi.new("int32_t[64]")

local function block(text, at, a, b, c, d, e, f, g, h)
  local w = schedule
  for i = 0, 15 do
    local p, q, r, s = byte(text, at + 4 * i, at + 4 * i + 3)
    w[i] = tobit(p * 16777216 + q * 65536 + r * 256 + s)
  end
  for i = 16, 63 do
    local x, y = w[i - 15], w[i - 2]
    w[i] = tobit(
      w[i - 16] + bxor(ror(x, 7), ror(x, 18), rshift(x, 3)) + w[i - 7] + bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    )
  end
  for i = 0, 63 do
    local t1 = tobit(
      h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + bxor(band(e, f), band(bnot(e), g)) + constants[i + 1] + w[i]
    )
    local t2 = tobit(bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + bxor(band(a, b), band(a, c), band(b, c)))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
  end
  return a, b, c, d, e, f, g, h
end
jit.on(block)

-- The digest as eight signed 32-bit numbers.
function R.sha256_words(text)
  local size = #text
  local padded = text .. "\128" .. rep("\0", (55 - size) % 64) .. "\0\0\0" .. char(
    math.floor(size / 536870912) % 256, band(rshift(size, 21), 255), band(rshift(size, 13), 255),
    band(rshift(size, 5), 255), band(size * 8, 255)
  )
  local a, b, c, d, e, f, g, h = unpack(initial)
  for at = 1, #padded, 64 do
    local i, j, k, l, m, n, o, p = block(padded, at, a, b, c, d, e, f, g, h)
    a, b, c, d = tobit(a + i), tobit(b + j), tobit(c + k), tobit(d + l)
    e, f, g, h = tobit(e + m), tobit(f + n), tobit(g + o), tobit(h + p)
  end
  return a, b, c, d, e, f, g, h
end

local function bytes_of(word)
  return char(band(rshift(word, 24), 255), band(rshift(word, 16), 255), band(rshift(word, 8), 255), band(word, 255))
end

function R.sha256(text)
  local words = { R.sha256_words(text) }
  for i = 1, 8 do words[i] = bytes_of(words[i]) end
  return table.concat(words)
end

ffi.cdef([[ long getrandom(void *, size_t, unsigned); ]])
local random = ffi.new("uint8_t[16]")

-- A version 4 UUID (RFC 9562 section 5.4).
function R.uuid()
  if ffi.C.getrandom(random, 16, 0) ~= 16 then error("getrandom gave too little", 0) end
  random[6] = band(random[6], 0x0F) + 0x40
  random[8] = band(random[8], 0x3F) + 0x80
  local text = {}
  for i = 0, 15 do text[i + 1] = string.format("%02x", random[i]) end
  return (table.concat(text):gsub("^(%x%x%x%x%x%x%x%x)(%x%x%x%x)(%x%x%x%x)(%x%x%x%x)", "%1-%2-%3-%4-"))
end
