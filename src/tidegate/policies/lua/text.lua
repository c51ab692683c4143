-- System.String: texts of UTF-16 units, kept as UTF-8 (a lone surrogate as the three bytes that UTF-8 would give it).

local find, sub, gsub = string.find, string.sub, string.gsub

function R.join(separator, values)
  if values.n == 1 then return values[1] or "" end
  separator = separator or ""
  local parts = {}
  for i = 1, values.n do parts[i] = values[i] or "" end
  return table.concat(parts, separator, 1, values.n)
end

function R.contains(text, part)
  return find(text, part, 1, true) ~= nil
end

function R.starts_with(text, part)
  return sub(text, 1, #part) == part
end

function R.ends_with(text, part)
  return part == "" or sub(text, -#part) == part
end

function R.is_blank(text, pattern)
  return text == nil or find(text, "^" .. pattern .. "$") ~= nil
end

-- .NET counts UTF-16 units: one for each character, two for those beyond U+FFFF.
function R.length(text)
  if not find(text, "[\128-\255]") then return #text end
  local _, continuation = gsub(text, "[\128-\191]", "")
  local _, beyond = gsub(text, "[\240-\244]", "")
  return #text - continuation + beyond
end
