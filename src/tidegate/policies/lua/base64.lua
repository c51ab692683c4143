-- base64url without padding (RFC 7515 section 2) and base64 (RFC 4648 section 4), decoding only.

local byte, char, concat = string.byte, string.char, table.concat
local band, rshift = R.bit.band, R.bit.rshift

local function alphabet(last)
  local values = {}
  local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" .. last
  for i = 1, 64 do values[byte(letters, i)] = i - 1 end
  return values
end

local url, standard = alphabet("-_"), alphabet("+/")

local function decode(text, values)
  local parts, n = {}, 0
  local size = #text
  local rest = size % 4
  if rest == 1 then return nil end
  for i = 1, size - rest, 4 do
    local a, b, c, d = byte(text, i, i + 3)
    a, b, c, d = values[a], values[b], values[c], values[d]
    if not (a and b and c and d) then return nil end
    local word = a * 262144 + b * 4096 + c * 64 + d
    n = n + 1
    parts[n] = char(rshift(word, 16), band(rshift(word, 8), 255), band(word, 255))
  end
  if rest > 0 then
    local a, b, c = byte(text, size - rest + 1, size)
    a, b, c = values[a], values[b], c == nil and 0 or values[c]
    if not (a and b and c) then return nil end
    local word = a * 4096 + b * 64 + c
    -- Bits that no byte holds must be zero: one value has one spelling.
    if rest == 2 then
      if band(b, 15) ~= 0 then return nil end
      parts[n + 1] = char(rshift(word, 10))
    else
      if band(c, 3) ~= 0 then return nil end
      parts[n + 1] = char(rshift(word, 10), band(rshift(word, 2), 255))
    end
  end
  return concat(parts)
end

-- The bytes, or nil.
function R.base64url(text)
  return decode(text, url)
end

function R.base64(text)
  return decode((text:gsub("=?=$", "")), standard)
end
