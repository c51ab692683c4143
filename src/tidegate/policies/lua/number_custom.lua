-- Custom formats of numbers: `#,##0.00;(0)`. Source: the .NET page "Custom numeric format strings".

local find, match, sub = string.find, string.match, string.sub
local concat, max, min, huge = table.concat, math.max, math.min, math.huge

local exact, rounded, to_digits = R.number_digits.exact, R.number_digits.rounded, R.number_digits.to_digits
local is_floating, exponent_text = R.number_digits.is_floating, R.number_digits.exponent_text

-- Where a section begins: the first, if the one asked for is absent or empty. Quoted text holds no separators.
local function section_at(pattern, section)
  if section == 0 then return 1 end
  local at, size = 1, #pattern
  while at <= size do
    local c = sub(pattern, at, at)
    if c == "'" or c == '"' then
      at = find(pattern, c, at + 1, true) or size
    elseif c == "\\" then
      at = at + 1
    elseif c == ";" then
      section = section - 1
      if section == 0 then
        local after = sub(pattern, at + 1, at + 1)
        return (after ~= "" and after ~= ";") and at + 1 or 1
      end
    end
    at = at + 1
  end
  return 1
end

-- What a section asks for, and its pieces: placeholders and literal text.
local function section_of(pattern, at)
  local s = { count = 0, first = huge, last = 0, adjust = 0, pieces = {} }
  local pieces, thousand_at, thousands, size = s.pieces, -1, 0, #pattern
  while at <= size do
    local c = sub(pattern, at, at)
    if c == ";" then break end
    if c == "#" or c == "0" then
      if c == "0" then
        s.first = min(s.first, s.count)
        s.last = s.count + 1
      end
      s.count = s.count + 1
      pieces[#pieces + 1] = c
    elseif c == "." then
      s.point = s.point or s.count
      pieces[#pieces + 1] = c
    elseif c == "," then
      if s.count > 0 and not s.point then
        if thousand_at == s.count then
          thousands = thousands + 1
        else
          if thousand_at >= 0 then s.groups = true end
          thousand_at, thousands = s.count, 1
        end
      end
    elseif c == "%" then
      s.adjust = s.adjust + 2
      pieces[#pieces + 1] = { c }
    elseif sub(pattern, at, at + 2) == "‰" then
      s.adjust = s.adjust + 3
      pieces[#pieces + 1] = { "‰" }
      at = at + 2
    elseif c == "'" or c == '"' then
      local stop = find(pattern, c, at + 1, true) or size + 1
      pieces[#pieces + 1] = { sub(pattern, at + 1, stop - 1) }
      at = stop
    elseif c == "\\" then
      at = at + 1
      pieces[#pieces + 1] = { sub(pattern, at, at) }
    else
      local sign, zeros = match(pattern, "^[eE]([+-]?)(0+)", at)
      if zeros then
        if s.exponent then
          pieces[#pieces + 1] = { c .. sign .. zeros }
        else
          s.exponent = true
          pieces[#pieces + 1] = { exponent = c, sign = sign, least = min(#zeros, 10) }
        end
        at = at + #sign + #zeros
      else
        pieces[#pieces + 1] = { c }
      end
    end
    at = at + 1
  end
  s.point = s.point or s.count
  if thousand_at >= 0 then
    if thousand_at == s.point then
      s.adjust = s.adjust - thousands * 3
    else
      s.groups = true
    end
  end
  return s
end

function R.num_custom(v, kind, pattern)
  local digits, point, negative
  local floating = is_floating(kind)
  if floating then
    digits, point, negative = to_digits(v, kind, kind == "float" and 7 or 15)
  else
    digits, point, negative = exact(v, kind)
  end
  local section = digits == "" and 2 or negative and 1 or 0
  local at = section_at(pattern, section)
  local s = section_of(pattern, at)
  if digits ~= "" then
    point = point + s.adjust
    digits, point = rounded(digits, point, s.exponent and s.count - point or s.count - s.point)
    if digits == "" then
      local other = section_at(pattern, 2)
      if other ~= at then
        at = other
        s = section_of(pattern, at)
      end
    end
  end
  if digits == "" then
    point = 0
    negative = negative and floating
  end
  local shows_sign = negative and at == 1

  local first = s.first < s.point and s.point - s.first or 0
  local last = s.last > s.point and s.point - s.last or 0
  local place, surplus = s.point, 0
  if not s.exponent then
    place = max(point, s.point)
    surplus = point - s.point
  end
  local out, n, next_digit, dotted = {}, 0, 1, false
  local function put(text)
    n = n + 1
    out[n] = text
  end
  local function digit(text)
    put(text)
    if s.groups and place > 1 and (place - 1) % 3 == 0 then put(",") end
  end
  local function taken()
    local text = sub(digits, next_digit, next_digit)
    if text ~= "" then next_digit = next_digit + 1 end
    return text
  end
  if shows_sign and point ~= 0 then put("-") end
  for _, piece in ipairs(s.pieces) do
    if type(piece) == "string" then
      while surplus > 0 do
        local text = taken()
        digit(text ~= "" and text or "0")
        place, surplus = place - 1, surplus - 1
      end
      if piece == "." then
        if place == 0 and not dotted and (last < 0 or (s.point < s.count and next_digit <= #digits)) then
          put(".")
          dotted = true
        end
      else
        local text
        if surplus < 0 then
          surplus = surplus + 1
          text = place <= first and "0" or ""
        else
          text = taken()
          if text == "" and place > last then text = "0" end
        end
        if text ~= "" then digit(text) end
        place = place - 1
      end
    elseif piece.exponent then
      local exponent = digits == "" and 0 or point - s.point
      local text = exponent_text(piece.exponent, exponent, piece.least)
      if exponent >= 0 and piece.sign ~= "+" then text = string.gsub(text, "%+", "", 1) end
      put(text)
    else
      put(piece[1])
    end
  end
  if shows_sign and point == 0 and n > 0 then table.insert(out, 1, "-") end
  return concat(out)
end
