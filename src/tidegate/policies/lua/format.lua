-- ToString with a format, string.Format and interpolation. Source: the .NET page "Composite formatting".

local find, match, sub = string.find, string.match, string.sub

-- More than any text needs; a format is often a literal, but what it asks for is made here.
local MAX_ALIGNMENT = 1000000

local numbers = {
  byte = true, sbyte = true, short = true, ushort = true, int = true, uint = true, long = true, ulong = true,
  char = true, float = true, double = true, decimal = true,
}

-- A value of a type that the compiler knows (`kind`, or "object"), as the format asks for it; null is nothing.
function R.format(value, kind, pattern)
  if value == nil then return "" end
  if kind == "object" or not numbers[kind] then
    if type(value) == "table" and getmetatable(value) and getmetatable(value).is_box then
      kind, value = R.type_of(value), value.value
    elseif not R.enums[kind] then
      kind = R.type_of(value)
    end
  end
  if pattern == nil or pattern == "" then return R.text_as(value, kind) end
  if numbers[kind] then return R.num_format(value, kind, pattern) end
  if R.enums[kind] then
    local letter = string.upper(pattern)
    if letter == "G" or letter == "F" then return R.enum_text(value, kind) end
    if letter == "D" then return string.format("%d", value) end
    if letter == "X" then return R.num_format(value, "int", "X8") end
    R.throw(
      'Format string can be only "G", "g", "X", "x", "F", "f", "D" or "d".', "FormatException"
    )
  end
  local meta = type(value) == "table" and getmetatable(value)
  if meta and meta.format then return meta.format(value, pattern) end
  -- What is not IFormattable ignores formats.
  return R.text(value)
end

-- A piece of an interpolated string: `{value,alignment:pattern}`.
function R.format_piece(value, kind, alignment, pattern)
  local text = R.format(value, kind, pattern)
  if alignment == nil or alignment == 0 then return text end
  if alignment > MAX_ALIGNMENT or alignment < -MAX_ALIGNMENT then
    R.throw("Input string was not in a correct format.", "FormatException")
  end
  if alignment > 0 then return R.pad_left(text, alignment) end
  return R.pad_right(text, -alignment)
end

local function malformed()
  R.throw("Input string was not in a correct format.", "FormatException")
end

-- string.Format; `values` are objects, {n = count, ...}.
function R.string_format(pattern, values)
  R.argument(pattern, "format")
  R.argument(values, "args")
  local parts, n, at, size = {}, 0, 1, 0
  local function put(text)
    n = n + 1
    parts[n] = text
    size = size + #text
    R.check_size(size)
  end
  while true do
    local brace = find(pattern, "[{}]", at)
    if not brace then break end
    put(sub(pattern, at, brace - 1))
    local sign, twin = sub(pattern, brace, brace), sub(pattern, brace + 1, brace + 1)
    if sign == twin then
      put(sign)
      at = brace + 2
    elseif sign == "}" then
      malformed()
    else
      local index, behind = match(pattern, "^(%d+) *()", brace + 1)
      if not index or #index > 6 then malformed() end
      local alignment = nil
      if sub(pattern, behind, behind) == "," then
        local text
        text, behind = match(pattern, "^, *(-?%d+) *()", behind)
        if not text or #text > 8 then malformed() end
        alignment = tonumber(text)
      end
      local item
      if sub(pattern, behind, behind) == ":" then
        -- A brace in a format ends it, or is no format.
        item, behind = match(pattern, "^:([^{}]*)()", behind)
      end
      if sub(pattern, behind, behind) ~= "}" then malformed() end
      index = tonumber(index)
      if index >= values.n then
        R.throw(
          "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
          "FormatException"
        )
      end
      put(R.format_piece(values[index + 1], "object", alignment, item))
      at = behind + 1
    end
  end
  put(sub(pattern, at))
  return table.concat(parts)
end

-- -- cultures: there is one

local invariant = setmetatable({}, { type = "CultureInfo", text = function() return "" end })

-- CultureInfo.InvariantCulture, and new CultureInfo(name).
function R.culture(name)
  if name ~= nil and name ~= "" then
    R.throw("Culture is not supported: only the invariant culture is. (Parameter 'name')", "CultureNotFoundException")
  end
  return invariant
end
