-- validate-content, validate-parameters, validate-headers, validate-status-code: messages against what the API's
-- specification says of the operation (`contract` of its facts: a chunk that is loaded once per worker).
--
-- A `prevent` ends the request with 400, or a response with 502 and nothing that tells of it; what exactly was wrong is
-- for LastError and the errors variable. No check that could not be made passes anything.

local find, floor, format, gmatch, gsub, lower, match, sub = string.find, math.floor, string.format, string.gmatch,
  string.gsub, string.lower, string.match, string.sub

local GENERIC = "The request could not be processed due to an internal error. Contact the API owner."

local function contract_of(q)
  R.facts(q)
  local facts = q.facts
  if not facts or not facts.contract then return nil end
  local known = facts.loaded
  if not known then
    local chunk, problem = load(facts.contract, "=contract", "t", {})
    if not chunk then error(problem, 0) end
    known = chunk()
    facts.loaded = known
  end
  return known
end

-- -- findings

local ACTIONS = { ignore = true, prevent = true, detect = true }

local function action_of(text)
  local action = text and lower(text)
  if not ACTIONS[action] then R.throw("The action is neither ignore nor prevent nor detect.") end
  return action
end

-- Keep what was found under the variable, and end the request where one of them is to prevent it.
local function conclude(q, errors, variable, response)
  if #errors == 0 then return end
  local variables = q.variables
  if variable and variables then
    local list = {}
    for i, each in ipairs(errors) do
      list[i] = '{"Name":' .. R.json_string(each.name) .. ',"Type":' .. R.json_string(each.type) .. ',"ValidationRule":'
        .. R.json_string(each.rule) .. ',"Details":' .. R.json_string(each.details) .. ',"Action":'
        .. R.json_string(each.action) .. "}"
    end
    variables[variable] = R.json_parse("[" .. table.concat(list, ",") .. "]", "JArray", false)
  end
  for _, each in ipairs(errors) do
    if each.action == "prevent" then
      error(R.failure({
        reason = response and "Response not allowed" or "Bad request",
        status = response and 502 or 400,
        message = response and GENERIC or each.shown or each.details,
        detail = each.details,
      }), 0)
    end
  end
end

local function found(errors, name, kind, rule, details, action, shown)
  errors[#errors + 1] = { name = name, type = kind, rule = rule, details = details, action = action, shown = shown }
end

-- -- validate-content

local function plain_type(value)
  -- Up to the first white space behind its end: looking for the last takes the square of a client's white space.
  return value and lower(match(value, "^%s*([^;%s]*)")) or ""
end

local function mapped(rules, given, whens)
  for i, each in ipairs(rules.types or {}) do
    if each.from and plain_type(each.from) == given then return plain_type(each.to) end
    if whens and whens[i] then return plain_type(each.to) end
  end
  if rules.any then return plain_type(rules.any) end
  if given == "" and rules.missing then return plain_type(rules.missing) end
  return given
end

local function body_for(bodies, media)
  return bodies[media] or bodies[(gsub(media, "/.*$", "/*"))] or bodies["*/*"]
end

local function response_of(contract, headers)
  local status = tostring(headers:get(":status"))
  local responses = contract.responses or {}
  return responses[status] or responses[sub(status, 1, 1) .. "XX"] or responses.default, status
end

-- `rules`: unspecified, too_large (actions), limit (bytes), variable, types, any, missing, contents ({type, action,
-- more}). `whens`: what the conditions of `type when` came to, by their place.
function R.validate_content(q, rules, whens)
  local response = rules.response
  local kind = response and "ResponseBody" or "RequestBody"
  local word = response and "response" or "request"
  local errors = {}
  -- Reading a body waits, and handles of headers that were taken before are dead then.
  local text = R.body(q, word)
  local headers = response and q.response or q.request
  local given = plain_type(headers:get("content-type"))
  local contract = contract_of(q)
  local part = contract and (response and response_of(contract, headers) or not response and contract.request)
  if text == nil or text == "" then
    if not response and part and part.required then
      found(errors, given, kind, "IncorrectMessage", "The body of the request is required and missing.", "prevent")
      for _, each in ipairs(rules.contents) do errors[1].action = each.action end
    end
    if #errors > 0 and errors[1].action ~= "ignore" then conclude(q, errors, rules.variable, response) end
    return
  end
  if #text > rules.limit and rules.too_large ~= "ignore" then
    local owner = response and "Response" or "Request"
    found(errors, "", kind, "SizeLimit",
      format("%s's body is %d bytes long and it exceeds the configured limit of %d bytes.", owner, #text, rules.limit),
      rules.too_large,
      format("Request's body is %d bytes long and it exceeds the limit of %d bytes.", #text, rules.limit))
    conclude(q, errors, rules.variable, response)
    return
  end
  local media = mapped(rules, given, whens)
  local body = part and part.bodies and body_for(part.bodies, media)
  if not body then
    if rules.unspecified ~= "ignore" then
      found(errors, media, kind, "Unspecified", "Unspecified content type " .. media .. " is not allowed.",
        rules.unspecified)
    end
    conclude(q, errors, rules.variable, response)
    return
  end
  for _, content in ipairs(rules.contents) do
    if (content.type == nil or plain_type(content.type) == media) and content.action ~= "ignore" then
      local ok, token = pcall(R.json_parse, text, "JToken", false)
      local sentences
      if not ok then
        if not R.is_failure(token) then error(token, 0) end
        sentences = { token.detail or token.message }
      elseif body.schema then
        sentences = R.schema_errors(body.schema, contract.schemas, token, content.more)
      else
        sentences = {}
      end
      for _, sentence in ipairs(sentences) do
        found(errors, media, kind, "IncorrectMessage", "Body of the " .. word .. " does not conform to the definition "
          .. (body.name or "") .. ", which is associated with the content type " .. media .. ".\n\n" .. sentence,
          content.action)
      end
    end
  end
  conclude(q, errors, rules.variable, response)
end

-- -- validate-parameters and validate-headers

local WORDS = { query = "query parameter", path = "path parameter", header = "header" }
local TYPES = { query = "QueryParameter", path = "PathParameter", header = "RequestHeader" }

-- A text as the token that its schema expects.
local function token_of(schema, schemas, text, depth)
  depth = depth or 0
  while schema.ref and schemas and schemas[schema.ref] and depth < 16 do
    schema, depth = schemas[schema.ref], depth + 1
  end
  for _, wanted in ipairs(schema.types or {}) do
    if (wanted == "integer" or wanted == "number") and find(text, "^[-+]?%d+%.?%d*[eE]?[-+]?%d*$") then
      local number = tonumber(text)
      if number then
        local whole = floor(number) == number and not find(text, "[.eE]")
        return R.json_value(whole and "Integer" or "Float", number)
      end
    end
    if wanted == "boolean" then
      local flag = lower(text)
      if flag == "true" or flag == "false" then return R.json_value("Boolean", flag == "true") end
    end
  end
  return R.json_value("String", text)
end

local function judged_value(errors, parameter, contract, values, kind, word, action)
  local schema = parameter.schema
  local token
  if parameter.list then
    local inner = schema
    local depth = 0
    while inner.ref and contract.schemas and contract.schemas[inner.ref] and depth < 16 do
      inner, depth = contract.schemas[inner.ref], depth + 1
    end
    token = R.json_array()
    for _, value in ipairs(values) do
      local parts = parameter.repeats and { value } or {}
      if not parameter.repeats then
        for part in gmatch(value .. ",", "([^,]*),") do parts[#parts + 1] = part end
      end
      for _, part in ipairs(parts) do
        R.tick(1)
        token.n = token.n + 1
        token[token.n] = token_of(inner.items or {}, contract.schemas, part)
      end
    end
  else
    if #values > 1 then
      local text = (kind == "ResponseHeader" and "Response" or "Request") .. " cannot contain multiple values for the "
        .. word .. " " .. parameter.name .. "."
      found(errors, parameter.name, kind, "IncorrectMessage", text, action)
      return
    end
    token = token_of(schema, contract.schemas, values[1])
  end
  for _, sentence in ipairs(R.schema_errors(schema, contract.schemas, token)) do
    found(errors, parameter.name, kind, "IncorrectMessage",
      "Value of the " .. word .. " " .. parameter.name .. " does not conform to the definition.\n\n" .. sentence, action,
      "The value of the " .. word .. " " .. parameter.name .. " does not conform to the definition.\n\n" .. sentence)
  end
end

local function query_values(path)
  local values, order = {}, {}
  local at = find(path, "?", 1, true)
  if not at then return values, order end
  for part in gmatch(sub(path, at + 1), "[^&#]+") do
    R.tick(1)
    local name, value = match(part, "^([^=]*)=?(.*)$")
    name, value = R.path_unescaped((gsub(name, "+", " "))), R.path_unescaped((gsub(value, "+", " ")))
    local key = lower(name)
    if not values[key] then
      values[key] = { name = name }
      order[#order + 1] = key
    end
    table.insert(values[key], value)
  end
  return values, order
end

-- Headers that the gateway or the connection adds, which no client is asked about.
local OWN_HEADERS = {
  ["x-forwarded-for"] = true, ["x-forwarded-proto"] = true, ["x-request-id"] = true, ["x-gateway-headers"] = true,
  ["x-envoy-internal"] = true, ["x-envoy-expected-rq-timeout-ms"] = true, ["x-envoy-external-address"] = true,
  ["x-tidegate-reply"] = true,
}

local function header_values(headers)
  local values, order = {}, {}
  for name, value in pairs(headers) do
    if sub(name, 1, 1) ~= ":" and not OWN_HEADERS[name] then
      if not values[name] then
        values[name] = { name = name }
        order[#order + 1] = name
      end
      if type(value) == "table" then
        for i = 1, #value do table.insert(values[name], value[i]) end
      else
        table.insert(values[name], value)
      end
    end
  end
  table.sort(order)
  return values, order
end

local function check_values(errors, group, parameters, contract, values, order, place, skipped)
  local kind, word = group.kind or TYPES[place], WORDS[place]
  local specified = {}
  for _, parameter in ipairs(parameters) do
    local key = place == "path" and parameter.name or lower(parameter.name)
    specified[key] = true
    local action = group.named[key] or group.specified
    if action ~= "ignore" then
      local given = values[key]
      if given then
        judged_value(errors, parameter, contract, given, kind, word, action)
      elseif parameter.required then
        found(errors, parameter.name, kind, "Required", "The required " .. word .. " " .. parameter.name .. " is missing.",
          action)
      end
    end
  end
  if not group.unspecified then return end
  for _, key in ipairs(order) do
    local action = group.named[key] or group.unspecified
    if not specified[key] and not skipped[key] and action ~= "ignore" then
      found(errors, values[key].name, kind, "Unspecified",
        "Unspecified " .. word .. " " .. values[key].name .. " is not allowed.", action)
    end
  end
end

local function actions(group)
  local named = {}
  for name, action in pairs(group.named) do named[name] = action_of(action) end
  return {
    specified = action_of(group.specified), unspecified = group.unspecified and action_of(group.unspecified),
    named = named, kind = group.kind,
  }
end

-- `groups`: query, header and path: {specified, unspecified, named = {[name in lower case] = action}}.
function R.validate_parameters(q, groups, variable)
  local contract, errors = contract_of(q), {}
  if not contract or not contract.parameters then
    found(errors, "", "ApiSchema", "", "API's schema does not exist or it could not be resolved.", "prevent", GENERIC)
    conclude(q, errors, variable, false)
  end
  local by_place = { query = {}, header = {}, path = {} }
  for _, parameter in ipairs(contract.parameters) do table.insert(by_place[parameter["in"]], parameter) end
  local api = R.facts(q).api
  local skipped = { [lower(api.subscription_header)] = true, [lower(api.subscription_query)] = true }
  local values, order = header_values(q.request)
  check_values(errors, actions(groups.header), by_place.header, contract, values, order, "header", skipped)
  values, order = query_values(q.original_path or q.request:get(":path") or "")
  check_values(errors, actions(groups.query), by_place.query, contract, values, order, "query", skipped)
  local names_, texts = R.matched_parameters(q)
  values = {}
  for i, name in ipairs(names_) do values[name] = { name = name, texts[i] } end
  check_values(errors, actions(groups.path), by_place.path, contract, values, {}, "path", skipped)
  conclude(q, errors, variable, false)
end

-- Headers that every answer has, whatever a specification says.
local ANSWER_HEADERS = {
  ["content-length"] = true, ["content-type"] = true, date = true, connection = true, ["transfer-encoding"] = true,
  server = true, ["x-envoy-upstream-service-time"] = true,
}

function R.validate_headers(q, group, variable)
  local contract, errors = contract_of(q), {}
  local response = contract and response_of(contract, q.response)
  local listed = {}
  for _, header in pairs(response and response.headers or {}) do listed[#listed + 1] = header end
  table.sort(listed, function(a, b) return a.name < b.name end)
  local values, order = header_values(q.response)
  group = actions(group)
  group.kind = "ResponseHeader"
  check_values(errors, group, listed, contract or {}, values, order, "header", ANSWER_HEADERS)
  conclude(q, errors, variable, true)
end

-- `named`: actions by status, for those that the specification does not have.
function R.validate_status_code(q, unspecified, named, variable)
  local contract, errors = contract_of(q), {}
  local known, status = response_of(contract or {}, q.response)
  if known then return end
  local action = action_of(named[status] or unspecified)
  if action == "ignore" then return end
  found(errors, status, "StatusCode", "Unspecified", "Response status code " .. status .. " is not allowed.", action)
  conclude(q, errors, variable, true)
end
