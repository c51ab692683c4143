-- The rules of validate-jwt where parts of them are expressions.

local match, find, lower = string.match, string.find, string.lower

local sets = { audiences = true, issuers = true, clients = true }

-- One part of the rules set to what its expression gave.
local function set_part(rules, name, value)
  local number = match(name, "^claim (%d+)$")
  if number then
    local claim = rules.claims[tonumber(number)]
    claim.values[#claim.values + 1] = value
  elseif sets[name] then
    rules[name][value] = true
  elseif name == "scheme" then
    rules.scheme = lower(value)
  else
    rules[name] = value
  end
end

local function copied(static)
  local rules = {}
  for name, value in pairs(static) do rules[name] = value end
  for name in pairs(sets) do
    if static[name] then
      rules[name] = {}
      for value in pairs(static[name]) do rules[name][value] = true end
    end
  end
  rules.claims = {}
  for i, claim in ipairs(static.claims) do
    local values = { unpack(claim.values) }
    rules.claims[i] = { name = claim.name, any = claim.any, separator = claim.separator, values = values }
  end
  return rules
end

-- The rules with the values of their expressions, in the order of `static.parts`. Equal values give the same table,
-- since a verified token is remembered by the rules that it passed. null is no value: a list without it, the default.
function R.jwt_rules(static, ...)
  local key = {}
  for i = 1, #static.parts do
    local value = (select(i, ...))
    local text = type(value) .. ":" .. tostring(value)
    key[i] = #text .. ":" .. text
  end
  key = table.concat(key)
  static.variants = static.variants or R.bounded(64)
  local rules = static.variants.get(key)
  if rules then return rules end
  rules = copied(static)
  for i = 1, #static.parts do
    local value = (select(i, ...))
    if value ~= nil then set_part(rules, static.parts[i], value) end
  end
  if rules.status < 400 or rules.status > 599 then
    R.throw("failed-validation-httpcode must be between 400 and 599, not " .. rules.status .. ".")
  end
  if rules.skew < 0 or rules.skew > 86400 then
    R.throw("clock-skew must be between 0 and 86400, not " .. rules.skew .. ".")
  end
  -- A scheme is asked for only in the header that has one.
  if rules.header and lower(rules.header) ~= "authorization" then rules.scheme = nil end
  static.variants.put(key, rules)
  return rules
end

-- The text of the header whose name an expression gives.
function R.named_header(q, name)
  if name == nil or not find(name, "^[%w!#$%%&'*+.^_`|~-]+$") then
    R.throw("header-name is no name of a header.")
  end
  return (q.request:get(name))
end
