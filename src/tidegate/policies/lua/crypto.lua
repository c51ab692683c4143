-- System.Security.Cryptography: hashes, HMAC, AES, random bytes. byte[] is R.Bytes.
--
-- Sources: the .NET reference of these classes; for Encrypt and Decrypt of byte[], the page "API Management policy
-- expressions". Exceptions are .NET's; a CryptographicException never says more than .NET's does.

local byte, char, rep, sub = string.byte, string.char, string.rep, string.sub

local function bytes(value, name)
  return R.argument(value, name).data
end

local function refused(message)
  R.throw(message, "CryptographicException")
end

-- -- hashes

local function named(value)
  return value.name
end

R.HashAlgorithm = {
  type = named,
  bases = { HashAlgorithm = true, KeyedHashAlgorithm = true, HMAC = true },
  text = function(value) return "System.Security.Cryptography." .. value.name end,
}

-- SHA256.Create() and its like.
function R.hash_algorithm(digest)
  return setmetatable({ name = digest, digest = digest, key = false }, R.HashAlgorithm)
end

-- HashAlgorithm.Create(name) and HMAC.Create(name); null for a name that is none.
function R.hash_by_name(name)
  local plain = string.upper(R.argument(name, "hashName")):gsub("^SYSTEM%.SECURITY%.CRYPTOGRAPHY%.", ""):gsub("%-", "")
  local keyed, digest = string.match(plain, "^(H?M?A?C?)([MS][DH]A?%d+)$")
  if not digest or not R.digest_size(digest) then return nil end
  if keyed == "HMAC" then return R.hmac_algorithm(digest) end
  return keyed == "" and R.hash_algorithm(digest) or nil
end

-- new HMACSHA256(key); without a key, a random one of the hash's block.
function R.hmac_algorithm(digest, key)
  local data = key and key.data or R.random_data(R.digest_block(digest))
  return setmetatable({ name = "HMAC" .. digest, digest = digest, key = data }, R.HashAlgorithm)
end

function R.hmac_key(algorithm)
  return R.bytes(algorithm.key)
end

function R.hmac_set_key(algorithm, key)
  algorithm.key = bytes(key, "value")
end

local function computed(algorithm, data)
  if algorithm.key then return R.hmac(algorithm.digest, algorithm.key, data) end
  return R.digest(algorithm.digest, data)
end

-- ComputeHash(buffer) and ComputeHash(buffer, offset, count)
function R.compute_hash(algorithm, buffer, offset, count)
  local data = bytes(buffer, "buffer")
  if offset then
    if offset < 0 then R.out_of_range("offset", "Non-negative number required.") end
    if count < 0 or offset + count > #data then
      R.throw("Value was invalid.", "ArgumentException")
    end
    data = sub(data, offset + 1, offset + count)
  end
  algorithm.last = computed(algorithm, data)
  return R.bytes(algorithm.last)
end

function R.last_hash(algorithm)
  return algorithm.last and R.bytes(algorithm.last)
end

function R.hash_data(digest, source)
  return R.bytes(R.digest(digest, bytes(source, "source")))
end

function R.hmac_data(digest, key, source)
  return R.bytes(R.hmac(digest, bytes(key, "key"), bytes(source, "source")))
end

function R.hash_size(algorithm)
  return R.digest_size(algorithm.digest) * 8
end

-- -- AES

R.enum("CipherMode", { "CBC", "ECB" })
R.enum("PaddingMode", { "None", "PKCS7", "Zeros", "ANSIX923", "ISO10126" })
local CBC, ECB = 1, 2
local NONE, PKCS7, ZEROS, ANSI, ISO = 1, 2, 3, 4, 5

R.Aes = {
  type = "Aes",
  bases = { SymmetricAlgorithm = true, AesManaged = true, AesCryptoServiceProvider = true, RijndaelManaged = true },
  text = function() return "System.Security.Cryptography.Aes" end,
}
R.CryptoTransform = { type = "ICryptoTransform" }

local function check_key(key)
  if #key ~= 16 and #key ~= 24 and #key ~= 32 then
    refused("Specified key is not a valid size for this algorithm.")
  end
  return key
end

local function check_iv(iv)
  if #iv ~= 16 then
    refused("Specified initialization vector (IV) does not match the block size for this algorithm.")
  end
  return iv
end

-- Aes.Create(): CBC, PKCS7, a random key of 256 bits and a random IV.
function R.new_aes()
  return setmetatable({ mode = CBC, padding = PKCS7, key = R.random_data(32), iv = R.random_data(16) }, R.Aes)
end

local names = {}
for name in string.gmatch("aes aesmanaged aescryptoserviceprovider rijndael rijndaelmanaged", "%a+") do
  names[name] = true
  names["system.security.cryptography." .. name] = true
end

-- SymmetricAlgorithm.Create(name)
function R.aes_by_name(name)
  if not names[string.lower(R.argument(name, "alg"))] then
    R.throw("The algorithm '" .. name .. "' is not supported here; AES is.", "NotSupportedException")
  end
  return R.new_aes()
end

function R.aes_key(aes) return R.bytes(aes.key) end
function R.aes_iv(aes) return R.bytes(aes.iv) end
function R.aes_set_key(aes, key) aes.key = check_key(bytes(key, "value")) end
function R.aes_set_iv(aes, iv) aes.iv = check_iv(bytes(iv, "value")) end

function R.aes_set_mode(aes, mode)
  if mode ~= CBC and mode ~= ECB then refused("Specified cipher mode is not valid for this algorithm.") end
  aes.mode = mode
end

function R.aes_set_padding(aes, padding)
  if padding < NONE or padding > ISO then refused("Specified padding mode is not valid for this algorithm.") end
  aes.padding = padding
end

function R.aes_set_key_size(aes, bits)
  if bits ~= 128 and bits ~= 192 and bits ~= 256 then
    refused("Specified key is not a valid size for this algorithm.")
  end
  aes.key = R.random_data(bits / 8)
end

function R.aes_generate(aes, what)
  aes[what] = R.random_data(what == "iv" and 16 or #aes.key)
end

local function padded(data, padding)
  local missing = 16 - #data % 16
  if padding == PKCS7 then return R.pkcs7_pad(data) end
  if padding == NONE then
    if missing ~= 16 then refused("The input data is not a complete block.") end
    return data
  end
  if padding == ZEROS then return missing == 16 and data or data .. rep("\0", missing) end
  if padding == ANSI then return data .. rep("\0", missing - 1) .. char(missing) end
  return data .. R.random_data(missing - 1) .. char(missing)
end

local function unpadded(data, padding)
  if padding == NONE or padding == ZEROS then return data end
  local plain
  if padding == PKCS7 then
    plain = R.pkcs7_unpad(data)
  else
    local count = byte(data, -1) or 0
    if count >= 1 and count <= 16 and (padding == ISO or sub(data, -count, -2) == rep("\0", count - 1)) then
      plain = sub(data, 1, -count - 1)
    end
  end
  if not plain then refused("Padding is invalid and cannot be removed.") end
  return plain
end

-- byte[].Encrypt(alg, key, iv); key and iv are the algorithm's own where they are not given.
function R.aes_encrypt_bytes(input, aes, key, iv)
  local data = padded(bytes(input, "input"), aes.padding)
  key, iv = check_key(key and key.data or aes.key), iv and iv.data or aes.iv
  return R.bytes(R.aes_encrypt(key, data, aes.mode == CBC and check_iv(iv) or nil))
end

function R.aes_decrypt_bytes(input, aes, key, iv)
  local data = bytes(input, "input")
  key, iv = check_key(key and key.data or aes.key), iv and iv.data or aes.iv
  if #data % 16 ~= 0 then refused("The input data is not a complete block.") end
  if data == "" then return R.bytes("") end
  return R.bytes(unpadded(R.aes_decrypt(key, data, aes.mode == CBC and check_iv(iv) or nil), aes.padding))
end

-- CreateEncryptor and CreateDecryptor
function R.aes_transform(aes, decrypts, key, iv)
  return setmetatable({
    decrypts = decrypts,
    key = R.bytes(check_key(key and key.data or aes.key)),
    iv = R.bytes(check_iv(iv and iv.data or aes.iv)),
    aes = { mode = aes.mode, padding = aes.padding },
  }, R.CryptoTransform)
end

function R.transform_final_block(transform, input, offset, count)
  local data = bytes(input, "inputBuffer")
  if offset < 0 then R.out_of_range("inputOffset") end
  if count < 0 or offset + count > #data then R.throw("Value was invalid.", "ArgumentException") end
  local part = R.bytes(sub(data, offset + 1, offset + count))
  local run = transform.decrypts and R.aes_decrypt_bytes or R.aes_encrypt_bytes
  return run(part, transform.aes, transform.key, transform.iv)
end

-- -- random bytes, and comparing secrets

function R.random_bytes(count)
  if count < 0 then R.out_of_range("count") end
  R.tick(count)
  return R.bytes(R.random_data(count))
end

R.RandomNumberGenerator = { type = "RandomNumberGenerator", bases = { RNGCryptoServiceProvider = true } }

function R.new_random_generator()
  return setmetatable({}, R.RandomNumberGenerator)
end

function R.random_fill_bytes(target)
  target.data = R.random_bytes(#bytes(target, "data")).data
end

function R.fixed_time_equal_bytes(left, right)
  return R.fixed_time_equals(left and left.data or "", right and right.data or "")
end

-- What holds nothing that must be given back.
function R.dispose() end
