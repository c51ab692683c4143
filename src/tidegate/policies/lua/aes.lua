-- AES (FIPS 197) in the modes ECB, CBC (NIST SP 800-38A) and GCM (SP 800-38D); AES key wrap (RFC 3394).
--
-- In tables, so not in constant time: who shares the machine's cache with Envoy could learn of the key. docs say so.

local bit = R.bit
local band, bxor, bor, lshift, rshift = bit.band, bit.bxor, bit.bor, bit.lshift, bit.rshift
local rol, tobit = bit.rol, bit.tobit
local byte, char, sub, rep, concat = string.byte, string.char, string.sub, string.rep, table.concat

local sbox, inverse = R.ffi.new("uint8_t[256]"), R.ffi.new("uint8_t[256]")
local encrypting, decrypting = R.ffi.new("int32_t[256]"), R.ffi.new("int32_t[256]")

local function double(x)
  x = x * 2
  return x > 255 and bxor(x, 0x11b) or x
end

do
  -- Powers and logarithms of 3 give inverses in the field.
  local powers, logarithms, x = {}, {}, 1
  for i = 0, 254 do
    powers[i], logarithms[x] = x, i
    x = bxor(x, double(x))
  end
  local function times(a, b)
    return (a == 0 or b == 0) and 0 or powers[(logarithms[a] + logarithms[b]) % 255]
  end
  for i = 0, 255 do
    local v = i == 0 and 0 or powers[(255 - logarithms[i]) % 255]
    local s = v
    for shift = 1, 4 do s = bxor(s, band(bor(lshift(v, shift), rshift(v, 8 - shift)), 255)) end
    s = bxor(s, 0x63)
    sbox[i], inverse[s] = s, i
  end
  for i = 0, 255 do
    local s, v = sbox[i], inverse[i]
    encrypting[i] = tobit(times(s, 2) * 16777216 + s * 65536 + s * 256 + times(s, 3))
    decrypting[i] = tobit(times(v, 14) * 16777216 + times(v, 9) * 65536 + times(v, 13) * 256 + times(v, 11))
  end
end

local function word(text, at)
  local a, b, c, d = byte(text, at, at + 3)
  return tobit(a * 16777216 + b * 65536 + c * 256 + d)
end

local function word_bytes(w)
  return char(band(rshift(w, 24), 255), band(rshift(w, 16), 255), band(rshift(w, 8), 255), band(w, 255))
end

local function substituted(w)
  return bor(lshift(sbox[rshift(w, 24)], 24), lshift(sbox[band(rshift(w, 16), 255)], 16),
    lshift(sbox[band(rshift(w, 8), 255)], 8), sbox[band(w, 255)])
end

-- Round keys of a key of 16, 24 or 32 bytes, for both directions.
local function expand(key)
  local n = #key / 4
  local rounds = n + 6
  local keys, constant = {}, 1
  for i = 0, n - 1 do keys[i] = word(key, 4 * i + 1) end
  for i = n, 4 * rounds + 3 do
    local w = keys[i - 1]
    if i % n == 0 then
      w = bxor(substituted(rol(w, 8)), lshift(constant, 24))
      constant = double(constant)
    elseif n > 6 and i % n == 4 then
      w = substituted(w)
    end
    keys[i] = bxor(keys[i - n], w)
  end
  local back = {}
  for round = 0, rounds do
    for i = 0, 3 do
      local w = keys[4 * (rounds - round) + i]
      if round > 0 and round < rounds then
        local s = substituted(w)
        w = bxor(decrypting[rshift(s, 24)], rol(decrypting[band(rshift(s, 16), 255)], 24),
          rol(decrypting[band(rshift(s, 8), 255)], 16), rol(decrypting[band(s, 255)], 8))
      end
      back[4 * round + i] = w
    end
  end
  return { rounds = rounds, forward = keys, back = back }
end

-- One block as four words. `t` and `box` are of the direction; `turn` is 1 forward and 3 back: which columns rows take.
local function cipher(keys, rounds, t, box, turn, a, b, c, d)
  a, b, c, d = bxor(a, keys[0]), bxor(b, keys[1]), bxor(c, keys[2]), bxor(d, keys[3])
  for round = 1, rounds - 1 do
    local b1, c1, d1, a1 = b, c, d, a
    local d3, a3, b3, c3 = d, a, b, c
    if turn == 3 then b1, c1, d1, a1, d3, a3, b3, c3 = d, a, b, c, b, c, d, a end
    local k = 4 * round
    local e = bxor(t[rshift(a, 24)], rol(t[band(rshift(b1, 16), 255)], 24), rol(t[band(rshift(c, 8), 255)], 16),
      rol(t[band(d3, 255)], 8), keys[k])
    local f = bxor(t[rshift(b, 24)], rol(t[band(rshift(c1, 16), 255)], 24), rol(t[band(rshift(d, 8), 255)], 16),
      rol(t[band(a3, 255)], 8), keys[k + 1])
    local g = bxor(t[rshift(c, 24)], rol(t[band(rshift(d1, 16), 255)], 24), rol(t[band(rshift(a, 8), 255)], 16),
      rol(t[band(b3, 255)], 8), keys[k + 2])
    local h = bxor(t[rshift(d, 24)], rol(t[band(rshift(a1, 16), 255)], 24), rol(t[band(rshift(b, 8), 255)], 16),
      rol(t[band(c3, 255)], 8), keys[k + 3])
    a, b, c, d = e, f, g, h
  end
  local b1, c1, d1, a1 = b, c, d, a
  local d3, a3, b3, c3 = d, a, b, c
  if turn == 3 then b1, c1, d1, a1, d3, a3, b3, c3 = d, a, b, c, b, c, d, a end
  local function last(p, q, r, s, key)
    return bxor(bor(lshift(box[rshift(p, 24)], 24), lshift(box[band(rshift(q, 16), 255)], 16),
      lshift(box[band(rshift(r, 8), 255)], 8), box[band(s, 255)]), key)
  end
  local k = 4 * rounds
  return last(a, b1, c, d3, keys[k]), last(b, c1, d, a3, keys[k + 1]), last(c, d1, a, b3, keys[k + 2]),
    last(d, a1, b, c3, keys[k + 3])
end
jit.on(cipher, true)

local function encrypt_words(schedule, a, b, c, d)
  return cipher(schedule.forward, schedule.rounds, encrypting, sbox, 1, a, b, c, d)
end

local function decrypt_words(schedule, a, b, c, d)
  return cipher(schedule.back, schedule.rounds, decrypting, inverse, 3, a, b, c, d)
end

local schedules = R.bounded(32)

local function schedule_of(key)
  local schedule = schedules.get(key)
  if not schedule then
    schedule = expand(key)
    schedules.put(key, schedule)
  end
  return schedule
end

local function block_bytes(a, b, c, d)
  return word_bytes(a) .. word_bytes(b) .. word_bytes(c) .. word_bytes(d)
end

-- Whole blocks; `iv` is nil for ECB.
function R.aes_encrypt(key, data, iv)
  R.tick(#data * 2)
  local schedule, parts, n = schedule_of(key), {}, 0
  local p, q, r, s = 0, 0, 0, 0
  if iv then p, q, r, s = word(iv, 1), word(iv, 5), word(iv, 9), word(iv, 13) end
  for at = 1, #data, 16 do
    local a, b, c, d = word(data, at), word(data, at + 4), word(data, at + 8), word(data, at + 12)
    if iv then a, b, c, d = bxor(a, p), bxor(b, q), bxor(c, r), bxor(d, s) end
    p, q, r, s = encrypt_words(schedule, a, b, c, d)
    n = n + 1
    parts[n] = block_bytes(p, q, r, s)
  end
  return concat(parts)
end

function R.aes_decrypt(key, data, iv)
  R.tick(#data * 2)
  local schedule, parts, n = schedule_of(key), {}, 0
  local p, q, r, s = 0, 0, 0, 0
  if iv then p, q, r, s = word(iv, 1), word(iv, 5), word(iv, 9), word(iv, 13) end
  for at = 1, #data, 16 do
    local a, b, c, d = word(data, at), word(data, at + 4), word(data, at + 8), word(data, at + 12)
    local e, f, g, h = decrypt_words(schedule, a, b, c, d)
    if iv then
      e, f, g, h = bxor(e, p), bxor(f, q), bxor(g, r), bxor(h, s)
      p, q, r, s = a, b, c, d
    end
    n = n + 1
    parts[n] = block_bytes(e, f, g, h)
  end
  return concat(parts)
end

-- -- GCM

-- x * h in GF(2^128), both as four words.
local function field_times(x, h)
  local a, b, c, d = 0, 0, 0, 0
  local p, q, r, s = h[1], h[2], h[3], h[4]
  for i = 0, 127 do
    if band(rshift(x[rshift(i, 5) + 1], 31 - band(i, 31)), 1) == 1 then
      a, b, c, d = bxor(a, p), bxor(b, q), bxor(c, r), bxor(d, s)
    end
    local low = band(s, 1)
    s = bor(rshift(s, 1), lshift(r, 31))
    r = bor(rshift(r, 1), lshift(q, 31))
    q = bor(rshift(q, 1), lshift(p, 31))
    p = rshift(p, 1)
    if low == 1 then p = bxor(p, 0xe1000000) end
  end
  x[1], x[2], x[3], x[4] = a, b, c, d
end
jit.on(field_times)

local function hashed(h, text)
  local x = { 0, 0, 0, 0 }
  for at = 1, #text, 16 do
    for i = 1, 4 do x[i] = bxor(x[i], word(text, at + 4 * i - 4)) end
    field_times(x, h)
  end
  return x
end

local function padded(text)
  return text .. rep("\0", -#text % 16)
end

local function size_bytes(size)
  return "\0\0\0\0" .. word_bytes(tobit(size * 8))
end

-- The plain (or ciphered) text and the tag; the IV has 12 bytes.
function R.aes_gcm(key, iv, data, more, decrypt)
  R.tick(#data * 20 + #more * 16 + 400)
  local schedule = schedule_of(key)
  local h = { encrypt_words(schedule, 0, 0, 0, 0) }
  local p, q, r = word(iv, 1), word(iv, 5), word(iv, 9)
  local parts, n = {}, 0
  for at = 1, #data, 16 do
    n = n + 1
    local mask = block_bytes(encrypt_words(schedule, p, q, r, n + 1))
    local block = {}
    for i = 1, math.min(16, #data - at + 1) do block[i] = char(bxor(byte(data, at + i - 1), byte(mask, i))) end
    parts[n] = concat(block)
  end
  local out = concat(parts)
  local cipher_text = decrypt and data or out
  local x = hashed(h, padded(more) .. padded(cipher_text) .. size_bytes(#more) .. size_bytes(#cipher_text))
  local a, b, c, d = encrypt_words(schedule, p, q, r, 1)
  return out, block_bytes(bxor(a, x[1]), bxor(b, x[2]), bxor(c, x[3]), bxor(d, x[4]))
end

-- -- key wrap

-- The key that was wrapped (RFC 3394 section 2.2.2), nil if it was not wrapped with this one.
function R.aes_unwrap(key, wrapped)
  if #wrapped < 24 or #wrapped > 1024 or #wrapped % 8 ~= 0 then return nil end
  local schedule, n = schedule_of(key), #wrapped / 8 - 1
  R.tick(n * 6 * 60)
  local a, b = word(wrapped, 1), word(wrapped, 5)
  local high, low = {}, {}
  for i = 1, n do high[i], low[i] = word(wrapped, 8 * i + 1), word(wrapped, 8 * i + 5) end
  for j = 5, 0, -1 do
    for i = n, 1, -1 do
      a, b, high[i], low[i] = decrypt_words(schedule, a, bxor(b, n * j + i), high[i], low[i])
    end
  end
  if a ~= tobit(0xA6A6A6A6) or b ~= tobit(0xA6A6A6A6) then return nil end
  local parts = {}
  for i = 1, n do parts[i] = word_bytes(high[i]) .. word_bytes(low[i]) end
  return concat(parts)
end

-- -- padding of blocks (PKCS #7)

function R.pkcs7_pad(data)
  local count = 16 - #data % 16
  return data .. rep(char(count), count)
end

-- nil if the padding is none.
function R.pkcs7_unpad(data)
  local count = byte(data, -1)
  if not count or count < 1 or count > 16 or count > #data then return nil end
  if sub(data, -count) ~= rep(char(count), count) then return nil end
  return sub(data, 1, -count - 1)
end
