-- Who calls, and in whose context: subscription keys, the products that they choose, and what policies can know of the
-- API and the operation (`R.facts`). Decision 0018; README.md has the shapes.
--
-- A key is never compared: its SHA-256 is looked up among those of all subscriptions, so neither what is kept here nor
-- the time that it takes tells anything of a key that somebody else has.

local MISSING = "Access denied due to missing subscription key. "
  .. "Make sure to include subscription key when making requests to an API."
local INVALID = "Access denied due to invalid subscription key. "
  .. "Make sure to provide a valid key for an active subscription."

local library = {}

-- What routes of a virtual host share, by its name; nil where it has none. Envoy copies all of it whenever it is asked
-- (megabytes, for some hundred programs), so what is not known yet is taken with all the rest, once.
function R.library(h, name)
  local value = library[name]
  if value ~= nil then return value end
  library = {}
  for each, content in pairs(h:virtualHost():metadata()) do library[each] = content end
  return library[name]
end

-- -- what a worker has decoded

local facts_by_digest = R.bounded(4096)
local tables = R.bounded(4)

local function facts_of(h, digest)
  local facts = facts_by_digest.get(digest)
  if facts == nil then
    facts = h:metadata():get("facts")
    if facts == nil then error("a route without its facts", 0) end
    facts_by_digest.put(digest, facts)
  end
  return facts
end

-- The subscriptions of a digest: by the digests of their keys, and those that were met by their keys themselves.
local function subscriptions_of(h, digest)
  local known = tables.get(digest)
  if known == nil then
    known = { by_hash = R.library(h, "subscriptions:" .. digest) or {}, met = R.bounded(8192) }
    tables.put(digest, known)
  end
  return known
end

local function hex(text)
  return (string.gsub(text, ".", function(c) return string.format("%02x", string.byte(c)) end))
end

local function subscription_of(h, digest, key)
  local known = subscriptions_of(h, digest)
  local subscription = known.met.get(key)
  if subscription == nil and #key <= 1024 then
    subscription = known.by_hash[hex(R.sha256(key))]
    -- Only keys that are good are remembered: whoever tries others fills nothing.
    if subscription ~= nil then known.met.put(key, subscription) end
  end
  return subscription
end

-- -- the key of a request

function R.path_unescaped(text)
  return (string.gsub(text, "%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

local function unescaped(text)
  return R.path_unescaped((string.gsub(text, "+", " ")))
end

-- The first query parameter of a name, in whatever case; nil where there is none.
local function query_parameter(path, name)
  local at = string.find(path, "?", 1, true)
  if not at then return nil end
  for part in string.gmatch(string.sub(path, at + 1), "[^&#]+") do
    local equals = string.find(part, "=", 1, true)
    local own = equals and string.sub(part, 1, equals - 1) or part
    if string.lower(unescaped(own)) == name then
      return equals and unescaped(string.sub(part, equals + 1)) or ""
    end
  end
  return nil
end

local function key_of(request, access)
  local key = request:get(access.header)
  if key == nil or key == "" then key = query_parameter(request:get(":path") or "", access.query) end
  if key == "" then key = nil end
  return key
end

-- -- admission

local function quoted(text)
  return (string.gsub(text, '[%c"\\]', ""))
end

local function deny(request, facts, reason, message)
  local realm = (request:get(":scheme") or "http") .. "://" .. (request:get(":authority") or "") .. "/" .. (facts.api.path or "")
  local challenge = 'AzureApiManagementKey realm="' .. quoted(realm) .. '",name="' .. quoted(facts.api.subscription_header)
    .. '",type="header"'
  R.fail(reason, 401, message, { ["www-authenticate"] = challenge }, "authorization")
end

local function opens(subscription, facts)
  if subscription.scope == "all" then return true end
  if subscription.scope == "api" then return subscription.target == facts.api.id end
  return facts.access.products[subscription.target] ~= nil
end

-- Check who calls, before any policy runs. What is found stays in the record: `facts`, `subscription`, `key`, `product`,
-- and the program of the product where it has one of its own.
function R.admit(q, context)
  local h, request = q.h, q.request
  local facts = facts_of(h, context:get("facts"))
  q.facts = facts
  if facts.operation == nil then
    error(R.failure({ reason = "OperationNotFound", status = 404, message = "Resource not found",
      detail = "Unable to match incoming request to an operation.", source = "configuration" }), 0)
  end
  local access = facts.access
  local key = key_of(request, access)
  local product
  if key ~= nil then
    local subscription = subscription_of(h, access.subscriptions, key)
    if subscription == nil or not opens(subscription, facts) then
      deny(request, facts, "SubscriptionKeyInvalid", INVALID)
    end
    q.subscription, q.key = subscription, key
    if subscription.scope == "product" then product = access.products[subscription.target] end
  elseif access.open ~= nil then
    product = access.products[access.open]
  elseif access.required then
    deny(request, facts, "SubscriptionKeyNotFound", MISSING)
  end
  if product == nil then return end
  q.product = product
  local own = product.program
  if own == nil then return end
  if own == "closed" then R.fail("PolicyNotAccepted", 503, "Service Unavailable", nil, "configuration") end
  q.program, q.chosen = R.program(h, own), true
end

-- Whether what admission found must be there when the response comes.
function R.admission_lasts(q)
  if q.chosen then return true end
  return (q.product or q.subscription) and (q.program.outbound or q.program.on_error)
end

-- -- context.Api, Operation, Product, Subscription, User, Deployment

local DEPLOYMENT = {
  gateway_id = "tidegate", region = "local", service_id = "tidegate", service_name = "tidegate", sku = "Developer",
}
local NOTHING = {}

-- As a policy sees it: with the key that was sent. The other key is nobody's business, and not known here.
local function seen(subscription, key)
  if not subscription then return nil end
  local known = { key = key }
  for name, value in pairs(subscription) do known[name] = value end
  if subscription.which == "primary" then known.primary_key = key else known.secondary_key = key end
  return known
end

-- What policies can know of what was called and who calls. Tables and their fields are shared: never change them.
function R.facts(q)
  local known = q.known
  if known then return known end
  local facts = q.facts
  if not facts then
    local digest = q.h and q.h:filterContext():get("facts")
    facts = digest and facts_of(q.h, digest) or NOTHING
    q.facts = facts
  end
  known = {
    api = facts.api,
    operation = facts.operation,
    product = q.product or nil,
    subscription = seen(q.subscription, q.key),
    user = q.user or q.subscription and q.subscription.user or nil,
    deployment = DEPLOYMENT,
    mock = facts.mock,
    contract = facts.contract,
  }
  q.known = known
  return known
end

-- -- context.Request.MatchedParameters

local templates = R.bounded(1024)

-- An operation's template as patterns of its segments' texts; the parameters are found by what stands around them.
local function compiled(template)
  local known = templates.get(template)
  if known then return known end
  local names, pattern, at = {}, "^", 1
  local rest = false
  while true do
    local open = string.find(template, "{", at, true)
    local close = open and string.find(template, "}", open, true)
    if not close then break end
    pattern = pattern .. R.literal_pattern(string.lower(string.sub(template, at, open - 1)))
    local name = string.sub(template, open + 1, close - 1)
    if string.sub(name, 1, 1) == "*" then
      names[#names + 1] = string.sub(name, 2)
      pattern = pattern .. "().*()"
    else
      names[#names + 1] = name
      pattern = pattern .. "()[^/]+()"
    end
    at = close + 1
  end
  local tail = string.sub(template, at)
  if string.sub(tail, -2) == "/*" then
    tail, rest = string.sub(tail, 1, -2), true
  end
  pattern = pattern .. R.literal_pattern(string.lower(tail)) .. (rest and "().*()" or "/?") .. "$"
  if rest then names[#names + 1] = "*" end
  known = { names = names, pattern = pattern }
  templates.put(template, known)
  return known
end

function R.literal_pattern(text)
  return (string.gsub(text, "%W", "%%%0"))
end

-- Names and values of the parameters of the operation's template, in its order: two lists. Empty where there are none.
function R.matched_parameters(q)
  if q.matched then return q.matched.names, q.matched.values end
  local facts = R.facts(q)
  local matched = { names = {}, values = {} }
  q.matched = matched
  local operation = facts.operation
  if not operation then return matched.names, matched.values end
  local known = compiled(operation.url_template)
  if #known.names == 0 then return matched.names, matched.values end
  local path = q.original_path or q.request:get(":path") or "/"
  path = string.gsub(path, "[?#].*$", "")
  if facts.api.path then path = string.sub(path, #facts.api.path + 2) end
  local lower = string.lower(path)
  local found = { string.find(lower, known.pattern) }
  if not found[1] then return matched.names, matched.values end
  -- The values keep their case: the same stretches of the path as it came.
  for i, name in ipairs(known.names) do
    matched.names[i] = name
    matched.values[i] = R.path_unescaped(string.sub(path, found[2 * i + 1], found[2 * i + 2] - 1))
  end
  return matched.names, matched.values
end
