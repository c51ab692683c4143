-- System.Guid and System.Random. Randomness is the kernel's (getrandom), for identifiers and for dice alike.

local ffi = R.ffi
local byte, char, find, format, gsub, lower, match, sub, upper = string.byte, string.char, string.find, string.format,
  string.gsub, string.lower, string.match, string.sub, string.upper
local floor = math.floor

-- A value is {digits = 32 lower-case hexadecimal digits}.
local Guid = { type = "Guid" }
R.Guid = Guid

local function made(digits)
  return setmetatable({ digits = digits }, Guid)
end

local EMPTY = made(string.rep("0", 32))

function R.guid_empty()
  return EMPTY
end

R.defaults.Guid = R.guid_empty

local function dashed(digits)
  return sub(digits, 1, 8) .. "-" .. sub(digits, 9, 12) .. "-" .. sub(digits, 13, 16) .. "-" .. sub(digits, 17, 20)
    .. "-" .. sub(digits, 21)
end

function Guid.text(value)
  return dashed(value.digits)
end

function Guid.equals(a, b)
  return a.digits == b.digits
end
R.guid_equals = Guid.equals

function Guid.hash(value)
  return "\0Guid\0" .. value.digits
end

-- GetHashCode: the four 32-bit parts of the bytes in memory, one over the other.
function R.guid_hash_code(value)
  local data, code = R.guid_bytes(value).data, 0
  for at = 1, 13, 4 do
    local a, b, c, d = byte(data, at, at + 3)
    code = R.bit.bxor(code, a + b * 256 + c * 65536 + d * 16777216)
  end
  return code
end

function Guid.compare(a, b)
  if a.digits == b.digits then return 0 end
  return a.digits < b.digits and -1 or 1
end
R.guid_compare = Guid.compare

-- ToString(format): N, D, B, P or X.
function Guid.format(value, pattern)
  local letter, digits = upper(pattern or ""), value.digits
  if letter == "" or letter == "D" then return dashed(digits) end
  if letter == "N" then return digits end
  if letter == "B" then return "{" .. dashed(digits) .. "}" end
  if letter == "P" then return "(" .. dashed(digits) .. ")" end
  if letter == "X" then
    local bytes = gsub(sub(digits, 17), "%x%x", ",0x%0")
    return "{0x" .. sub(digits, 1, 8) .. ",0x" .. sub(digits, 9, 12) .. ",0x" .. sub(digits, 13, 16) .. ",{"
      .. sub(bytes, 2) .. "}}"
  end
  R.throw(
    'Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".', "FormatException"
  )
end

local DASHED = "^" .. gsub("xxxxxxxx%-xxxx%-xxxx%-xxxx%-xxxxxxxxxxxx", "x", "%%x") .. "$"
local shapes = {
  N = function(text) return #text == 32 and not find(text, "%X") and text end,
  D = function(text) return find(text, DASHED) and text end,
  B = function(text) return match(text, "^{(.*)}$") end,
  P = function(text) return match(text, "^%((.*)%)$") end,
}

local function read(text, letter)
  text = match(text, "^%s*(.-)%s*$")
  if letter then
    local inner = shapes[letter](text)
    if not inner or (letter ~= "N" and not find(inner, DASHED)) then return nil end
    return made(lower((gsub(inner, "-", ""))))
  end
  if #text == 32 then return read(text, "N") end
  if #text == 38 then return read(text, byte(text) == 123 and "B" or "P") end
  return read(text, "D")
end

function R.parse_guid(text)
  local is_short = #R.argument(text, "input") <= 256
  local value = is_short and read(text)
  if value then return value end
  if is_short and #match(text, "^%s*(.-)%s*$") == 32 or #text == 36 then
    R.throw("Guid string should only contain hexadecimal characters.", "FormatException")
  end
  R.throw("Unrecognized Guid format.", "FormatException")
end

function R.try_parse_guid(text)
  local value = text ~= nil and #text <= 256 and read(text)
  if value then return true, value end
  return false, EMPTY
end

function R.parse_guid_exact(text, pattern)
  local letter = upper(pattern)
  if not shapes[letter] then
    R.throw('Format string can be only "D", "d", "N", "n", "P", "p", "B", "b".', "FormatException")
  end
  return #R.argument(text, "input") <= 256 and read(text, letter) or R.throw("Unrecognized Guid format.", "FormatException")
end

-- The first three groups are numbers, and little-endian; the others are bytes.
local function swapped(data)
  local a, b, c, d, e, f, g, h = byte(data, 1, 8)
  return char(d, c, b, a, f, e, h, g) .. sub(data, 9)
end

function R.guid_bytes(value)
  return R.bytes(swapped(R.from_hex(value.digits).data))
end

function R.guid_from_bytes(bytes)
  local data = R.argument(bytes, "b").data
  if #data ~= 16 then
    R.throw("Byte array for GUID must be exactly 16 bytes long. (Parameter 'b')", "ArgumentException")
  end
  return made(R.hex(swapped(data)))
end

-- -- Random

ffi.cdef([[ long getrandom(void *, size_t, unsigned); ]])

local Random = { type = "Random" }
R.Random = Random
local pool, drawn = ffi.new("uint32_t[64]"), 64

-- 32 random bits.
local function draw()
  if drawn == 64 then
    if ffi.C.getrandom(pool, 256, 0) ~= 256 then error("getrandom gave too little", 0) end
    drawn = 0
  end
  drawn = drawn + 1
  return tonumber(pool[drawn - 1])
end

-- Guid.NewGuid: version 4 (RFC 9562 section 5.4).
function R.new_guid()
  local b, c = draw(), draw()
  -- The version in the second word, the variant in the third.
  b, c = b - floor(b / 4096) % 16 * 4096 + 0x4000, c % 0x40000000 + 0x80000000
  return made(format("%08x%08x%08x%08x", draw(), b, c, draw()))
end

local source = setmetatable({}, Random)
function R.random()
  return source
end

-- [0, 1), with 53 bits.
local function fraction()
  return (floor(draw() / 32) * 67108864 + floor(draw() / 64)) / 9007199254740992
end
R.random_double = fraction

-- [low, high): without an end, up to int.MaxValue.
function R.random_next(low, high)
  if high < low then
    if low == 0 then R.out_of_range("maxValue", "'maxValue' must be greater than zero.") end
    R.out_of_range("minValue", "'minValue' cannot be greater than maxValue.")
  end
  return low + floor(fraction() * (high - low))
end

function R.random_data(size)
  local out = ffi.new("uint8_t[?]", size + 1)
  local at = 0
  R.tick(floor(size / 16))
  -- The kernel gives at most 256 bytes without being interrupted.
  while at < size do
    local count = math.min(size - at, 256)
    if ffi.C.getrandom(out + at, count, 0) ~= count then error("getrandom gave too little", 0) end
    at = at + count
  end
  return ffi.string(out, size)
end

-- NextBytes fills the array that it is given.
function R.random_fill(bytes)
  R.argument(bytes, "buffer").data = R.random_data(#bytes.data)
end
