-- Headers: what set-header calls, the headers of answers that are still being made, and trusted names.

local find, gsub, lower = string.find, string.gsub, string.lower

-- Envoy 1.40 takes CR and LF in a value without a word, so everything that was computed passes here.
-- Values come again with every request of a user: looking one up is ten times faster than looking through it.
local clean, clean_count = {}, 0

local function checked(value)
  if value == nil then return "" end
  if clean[value] then return value end
  if find(value, "[%z\1-\8\10-\31\127]") then
    R.throw("The header value contains a control character.")
  end
  if #value <= 256 then
    if clean_count >= 4096 then clean, clean_count = {}, 0 end
    clean[value], clean_count = true, clean_count + 1
  end
  return value
end
R.checked = checked

function R.set(headers, name, value)
  headers:replace(name, checked(value))
end

-- Several lines of one name (Set-Cookie and its like).
function R.set_lines(headers, name, values)
  for i = 1, values.n do checked(values[i]) end
  headers:remove(name)
  for i = 1, values.n do headers:add(name, values[i] or "") end
end

function R.append(headers, name, value)
  local before = headers:get(name)
  headers:replace(name, before and (before .. "," .. checked(value)) or checked(value))
end

function R.append_lines(headers, name, values)
  for i = 1, values.n do checked(values[i]) end
  for i = 1, values.n do headers:add(name, values[i] or "") end
end

-- -- set-header with a name or an action that is worked out

local separate = {}
for name in string.gmatch("user-agent www-authenticate proxy-authenticate cookie set-cookie warning date expires "
  .. "if-modified-since if-unmodified-since last-modified retry-after", "%S+") do
  separate[name] = true
end

local untouchable = {
  connection = true, ["content-length"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true,
  ["x-gateway-authorization"] = true, ["x-gateway-headers"] = true, ["x-tidegate-reply"] = true,
}
local actions = { override = true, append = true, skip = true, delete = true }

function R.set_header(q, headers, name, action, values)
  if name == nil then R.throw("Value cannot be null. Parameter name: name") end
  if not actions[action] then R.throw("'" .. tostring(action) .. "' is no exists-action of set-header.") end
  if #name > 256 or not find(name, "^[%w!#$%%&'*+.^_`|~-]+$") then R.throw("'" .. name .. "' is no header name.") end
  name = lower(name)
  if
    untouchable[name]
    or (name == "server" and action == "delete")
    or find(name, "^x%-envoy%-")
    or find(name, "^x%-tidegate%-")
  then
    R.throw("Policies cannot change the header '" .. name .. "'.")
  end
  if headers == q.request then
    if name == "host" then return R.set_host(q, action, values[1]) end
    if action == "override" or action == "delete" then R.trust(q, name) end
  end
  if action == "delete" then return headers:remove(name) end
  if action == "skip" and headers:get(name) ~= nil then return end
  if separate[name] then
    if action == "append" then return R.append_lines(headers, name, values) end
    return R.set_lines(headers, name, values)
  end
  local parts = {}
  for i = 1, values.n do parts[i] = values[i] or "" end
  local value = table.concat(parts, ",")
  if action == "append" then return R.append(headers, name, value) end
  R.set(headers, name, value)
end

-- The Host of the request that the backend gets. Without one of a policy's own it is that of its URL.
function R.set_host(q, action, value)
  if action == "skip" then return end
  if action == "delete" then
    q.host_set = false
    return
  end
  value = checked(value)
  if value == "" or find(value, "[%s/?#@,]") then R.throw("'" .. value .. "' is no Host.") end
  q.host_set = true
  q.request:replace(":authority", value)
end

-- The headers of an answer in the making, with the methods of Envoy's handle.
local made = {}
made.__index = made

function R.new_headers(initial)
  return setmetatable({ lines = initial }, made)
end

function made:get(name)
  local lines = self.lines[lower(name)]
  return type(lines) == "table" and table.concat(lines, ",") or lines
end

function made:replace(name, value)
  self.lines[lower(name)] = value
end

function made:remove(name)
  self.lines[lower(name)] = nil
end

function made:add(name, value)
  name = lower(name)
  local before = self.lines[name]
  if before == nil then
    self.lines[name] = value
  elseif type(before) == "table" then
    before[#before + 1] = value
  else
    self.lines[name] = { before, value }
  end
end

function made:getNumValues(name)
  local lines = self.lines[lower(name)]
  return type(lines) == "table" and #lines or lines and 1 or 0
end

function made:getAtIndex(name, index)
  local lines = self.lines[lower(name)]
  if type(lines) == "table" then return lines[index + 1] end
  return index == 0 and lines or nil
end

function R.copy_headers(headers)
  local lines = {}
  for name, value in pairs(headers.lines) do
    if type(value) == "table" then
      local copy = {}
      for i = 1, #value do copy[i] = value[i] end
      value = copy
    end
    lines[name] = value
  end
  return R.new_headers(lines)
end

-- -- set-status and set-method

function R.set_status(q, headers, code, reason)
  if not headers then R.throw("Object reference not set to an instance of an object.") end
  if code < 200 or code > 599 then R.throw("The status code " .. code .. " is not between 200 and 599.") end
  headers:replace(":status", tostring(code))
  if headers == q.response then
    q.status_set = true
    q.reason = reason or ""
  end
end

function R.set_method(q, headers, method)
  -- Looking for the end of white space takes the square of its length, and the text may be a client's.
  method = #(method or "") <= 256 and string.match(method or "", "^%s*(.-)%s*$") or ""
  if not find(method, "^[%w!#$%%&'*+.^_`|~-]+$") or #method > 32 then
    R.throw("'" .. method .. "' is no method.")
  end
  -- Whether the client gets a body is decided by what it asked with.
  if headers == q.request and not q.asked_with then q.asked_with = headers:get(":method") end
  headers:replace(":method", method)
end

-- A header of whatever answer the client gets in the end, the backend's or ours.
function R.after(q, name, value)
  local after = q.after
  if not after then
    after = { n = 0 }
    q.after = after
  end
  after[after.n + 1], after[after.n + 2] = name, value
  after.n = after.n + 2
end

function R.apply_after(q, response)
  local after = q.after
  for i = 1, after and after.n or 0, 2 do
    local name, value = after[i], after[i + 1]
    if name == "vary" then
      local before = response:get(name)
      if before then value = before .. ", " .. value end
    end
    response:replace(name, value)
  end
end

-- Design section 8: a header that a policy sets is trusted by what reads it, and some readers (CGI, WSGI, PHP) make no
-- difference between `-`, `_` and `.`. So every other spelling that the client sent goes. One pass over the headers;
-- what a name comes down to is remembered.
local plain_names, plain_count = {}, 0

local function plain(name)
  local known = plain_names[name]
  if known then return known end
  if plain_count >= 4096 then plain_names, plain_count = {}, 0 end
  known = gsub(name, "[_.]", "-")
  plain_names[name], plain_count = known, plain_count + 1
  return known
end

-- This header of the request is the policies' own word now. Programs call it where they do not always set it: what
-- another branch would have set is the client's word in this one.
function R.trust(q, name)
  local trusts = q.trusts
  if not trusts then
    trusts = {}
    q.trusts = trusts
  end
  trusts[name] = true
end

-- What the request's headers come to before it goes on: other spellings of those that policies have set are gone, and
-- which are the gateway's own words is known (the list of their names; nil where there are none).
function R.vouch(q)
  local program, more = q.program, q.trusts
  if not more then
    if not program.trusted then return nil end
    R.remove_spellings(q.request, program.trusted, program.own)
    return program.vouched
  end
  local trusted, own, names = {}, {}, {}
  for name in pairs(program.own or {}) do own[name] = true end
  for name in pairs(more) do own[name] = true end
  local unsure = program.unsure
  for name in pairs(own) do
    trusted[plain(name)] = true
    if more[name] or not unsure or not unsure[name] then names[#names + 1] = name end
  end
  table.sort(names)
  R.remove_spellings(q.request, trusted, own)
  return table.concat(names, ",")
end

-- `trusted`: plain name -> true. `own`: names exactly as policies wrote them, which stay.
function R.remove_spellings(headers, trusted, own)
  local wrong
  for name in pairs(headers) do
    local known = plain_names[name] or plain(name)
    if trusted[known] and not own[name] then
      wrong = wrong or {}
      wrong[#wrong + 1] = name
    end
  end
  if not wrong then return end
  for i = 1, #wrong do headers:remove(wrong[i]) end
end
