-- Tokens to JSON text, as JsonTextWriter writes it.

local find, gsub, byte, format = string.find, string.gsub, string.byte, string.format
local concat = table.concat
local JObject, JArray, JProperty = R.JObject, R.JArray, R.JProperty

local escaped = {
  ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\",
}

-- The quoted string, with what StringEscapeHandling.Default escapes.
function R.json_quoted(text)
  if not find(text, '[%z\1-\31"\\\194\226]') then return '"' .. text .. '"' end
  text = gsub(text, '[%z\1-\31"\\]', function(sign)
    return escaped[sign] or format("\\u%04x", byte(sign))
  end)
  -- Next line and the two separators end a line in JavaScript.
  text = gsub(text, "\194\133", "\\u0085")
  text = gsub(text, "\226\128([\168\169])", { ["\168"] = "\\u2028", ["\169"] = "\\u2029" })
  return '"' .. text .. '"'
end
local quoted = R.json_quoted

-- A floating number always has a point or an exponent.
local function with_point(text)
  return find(text, "[%.eE]") and text or text .. ".0"
end

local function float(value)
  if type(value) ~= "number" then return with_point(R.text(value)) end -- decimal
  if value ~= value then return '"NaN"' end
  if value == math.huge then return '"Infinity"' end
  if value == -math.huge then return '"-Infinity"' end
  return with_point(R.num_text(value, "double"))
end

local function scalar(token)
  local kind, value = token.kind, token.value
  if kind == "String" then return quoted(value) end
  if kind == "Integer" then return R.json_digits(token) end
  if kind == "Boolean" then return value and "true" or "false" end
  if kind == "Null" then return "null" end
  if kind == "Float" then return float(value) end
  if kind == "Undefined" then return "undefined" end
  if kind == "Date" then return '"' .. R.json_date_text(value) .. '"' end
  if kind == "Bytes" then return '"' .. R.base64_text(value.data) .. '"' end
  if kind == "Raw" then return value end
  return quoted(R.text(value)) -- Guid, TimeSpan, Uri
end

local write

-- `margin` is the white space before a line of this token, nil without indentation.
local function children(out, token, open, close, margin, depth)
  if token.n == 0 then
    out[#out + 1] = open .. close
    return
  end
  if depth > R.JSON_DEPTH then R.throw("The JSON is nested too deep.") end
  R.tick(token.n)
  local inner = margin and margin .. "  "
  out[#out + 1] = open
  for i = 1, token.n do
    if i > 1 then out[#out + 1] = "," end
    if inner then out[#out + 1] = inner end
    write(out, token[i], inner, depth + 1)
  end
  if margin then out[#out + 1] = margin end
  out[#out + 1] = close
end

function write(out, token, margin, depth)
  local meta = getmetatable(token)
  if meta == JObject then
    children(out, token, "{", "}", margin, depth)
  elseif meta == JArray then
    children(out, token, "[", "]", margin, depth)
  elseif meta == JProperty then
    out[#out + 1] = quoted(token.name) .. (margin and ": " or ":")
    write(out, token[1], margin, depth)
  else
    out[#out + 1] = scalar(token)
  end
end

-- ToString(Formatting): indented by two, with the line ends of Windows, on which API Management runs.
function R.json_text(token, plain)
  local out = {}
  write(out, token, not plain and "\r\n" or nil, 0)
  return concat(out)
end

-- ToString(): a value's own text, everything else indented.
function R.json_shown(token)
  if getmetatable(token) ~= R.JValue then return R.json_text(token) end
  local kind, value = token.kind, token.value
  if kind == "String" then return value end
  if kind == "Integer" then return R.json_digits(token) end
  if kind == "Null" or kind == "Undefined" then return "" end
  if kind == "Boolean" then return value and "True" or "False" end
  if kind == "Float" and type(value) == "number" then return R.num_text(value, "double") end
  return R.text(value)
end

for _, meta in ipairs({ JObject, JArray, JProperty, R.JValue }) do meta.text = R.json_shown end

for _, compute in ipairs({ scalar, children, write, quoted }) do jit.on(compute) end
