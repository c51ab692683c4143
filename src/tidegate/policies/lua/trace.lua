-- The trace of one request: every statement that it met, what that asked the runtime for, what it changed, and how long
-- it took. Who asks from this machine may have it, and who knows the token; nobody else learns that there is one.
--
-- Programs need not know: `q.step = n` is caught by a metatable, and the program of a traced request is the same chunk
-- loaded with a library whose functions write down what they are called with.

local ffi = R.ffi
local C = ffi.C
local sub, match, lower, format, gsub = string.sub, string.match, string.lower, string.format, string.gsub

ffi.cdef([[
int open(const char *, int, ...);
int close(int);
int unlink(const char *);
int rename(const char *, const char *);
long write(int, const void *, size_t);
]])

local HEADER = "tidegate-trace"
local REPLY = "x-tidegate-reply" -- dispatch.lua's own
local DIRECTORY, TOKEN = os.getenv("TIDEGATE_TRACES"), os.getenv("TIDEGATE_TRACE_TOKEN")
local KEPT = 64 -- files of one worker
local MAX_EVENTS, MAX_CALLS, MAX_TEXT = 500, 40, 400
local O_WRONLY_CREAT_TRUNC, MODE = 577, 384 -- 0600

local worker, number = nil, 0

-- -- what is written down

local SENSITIVE = {
  authorization = true, ["proxy-authorization"] = true, cookie = true, ["set-cookie"] = true,
  ["ocp-apim-subscription-key"] = true, ["x-functions-key"] = true, ["api-key"] = true, ["x-api-key"] = true,
  ["x-gateway-proof"] = true, [HEADER] = true,
}

local PARAMETERS = { code = true, sig = true, ["api-key"] = true, ["access_token"] = true, password = true, secret = true }
local SHORTEST = 4 -- of what is taken out of the text wherever it stands

-- Tokens are recognised wherever they stand; a header's name says of some values what they are.
local function plain(text)
  text = gsub(text, "([Bb][Ee][Aa][Rr][Ee][Rr] +)[^%s,]+", "%1(redacted)")
  text = gsub(text, "eyJ[%w_-]+%.[%w_-]+%.?[%w_-]*", "(a token)")
  text = gsub(text, "([Bb][Aa][Ss][Ii][Cc] +)[%w+/=]+", "%1(redacted)")
  if #text > MAX_TEXT then text = sub(text, 1, MAX_TEXT) .. format("... (%d bytes)", #text) end
  return text
end

local function shown(value)
  local kind = type(value)
  if kind == "string" then return '"' .. plain(value) .. '"' end
  if kind == "nil" then return "null" end
  if kind == "number" or kind == "boolean" or kind == "cdata" then return tostring(value) end
  if kind == "function" then return "(...)" end
  if value == R.NULL then return "null" end
  local meta = getmetatable(value)
  if meta == R.Jwt then return "Jwt of " .. plain(tostring(value.subject)) end
  local ok, text = pcall(R.text, value)
  -- Some types are told by the value, as that of a hash algorithm is.
  local named = meta and meta.type
  if type(named) == "function" then named = named(value) end
  return (named and tostring(named) .. " " or "") .. (ok and type(text) == "string" and plain(text) or "(object)")
end

local function headers_of(message)
  local found = {}
  if not message then return found end
  local ok = pcall(function()
    for name, value in pairs(message.lines or message) do
      if type(value) == "table" then value = table.concat(value, ", ") end
      local before = found[name]
      found[name] = before and before .. ", " .. value or value
    end
  end)
  return ok and found or {}
end

-- Variables live in a table, or in locals of the function that runs: `var1_name`.
local function variables_of(q, before)
  local found, seen = {}, false
  for name, value in pairs(type(q.variables) == "table" and q.variables or {}) do found[name] = shown(value) end
  if type(q.variables) == "table" then return found end
  for level = 3, 9 do
    if not debug.getinfo(level, "f") then break end
    local at = 1
    while true do
      local name, value = debug.getlocal(level, at)
      if not name then break end
      local variable = match(name, "^var%d+_(.+)$")
      if variable then
        seen = true
        if value ~= nil then found[variable] = shown(value) end
      end
      at = at + 1
    end
  end
  return seen and found or before
end

local function compare(changes, what, before, after, hide)
  for name, value in pairs(after) do
    if before[name] ~= value and name ~= REPLY then
      local known = hide and SENSITIVE[lower(name)]
      changes[#changes + 1] = { what, name, before[name] and (known and "(redacted)" or plain(before[name])) or false,
        known and "(redacted)" or plain(value) }
    end
  end
  for name, value in pairs(before) do
    if after[name] == nil then
      changes[#changes + 1] = { what, name, hide and SENSITIVE[lower(name)] and "(redacted)" or plain(value), false }
    end
  end
end

local function picture(q, before)
  return { request = headers_of(q.request), response = headers_of(q.response), variables = variables_of(q, before) }
end

-- The statement that ran until now is done.
local function close(q, trace)
  local event = trace.open
  if not event then return end
  local now, after = R.monotonic(), picture(q, trace.before.variables)
  event.us = (now - trace.since) * 1e6
  compare(event.changes, "request header", trace.before.request, after.request, true)
  compare(event.changes, "response header", trace.before.response, after.response, true)
  compare(event.changes, "variable", trace.before.variables, after.variables, false)
  table.sort(event.changes, function(a, b) return a[1] .. a[2] < b[1] .. b[2] end)
  trace.before, trace.open = after, nil
end

local function begin(q, trace, step)
  close(q, trace)
  trace.step = step
  local events = trace.events
  if step ~= 0 and #events < MAX_EVENTS then
    local event = { step = step, calls = {}, changes = {}, us = 0 }
    events[#events + 1], trace.open = event, event
  end
  -- Looking takes longer than the statements: it is not counted as their time.
  trace.since = R.monotonic()
end

-- A library that writes down how it is called. Its functions' own calls of each other are not the policy's.
local function listening(trace)
  local wrapped = {}
  return setmetatable({}, {
    __index = function(_, name)
      local known = wrapped[name]
      if known ~= nil then return known end
      local value = R[name]
      if type(value) ~= "function" then return value end
      local function call(...)
        local event = trace.open
        if not event or #event.calls >= MAX_CALLS then return value(...) end
        local inputs = {}
        for i = 1, select("#", ...) do
          local input = select(i, ...)
          local kind = type(input)
          if kind ~= "userdata" and (kind ~= "table" or (getmetatable(input) or trace).type) then
            inputs[#inputs + 1] = shown(input)
          end
        end
        local entry = { name = name, inputs = inputs }
        event.calls[#event.calls + 1] = entry
        local results = { n = 0 }
        local function keep(...)
          results.n = select("#", ...)
          for i = 1, results.n do results[i] = select(i, ...) end
        end
        keep(value(...))
        if results.n > 0 then entry.result = shown(results[1]) end
        return unpack(results, 1, results.n)
      end
      wrapped[name] = call
      return call
    end,
  })
end

-- -- who may

local function is_allowed(q, asked)
  if TOKEN and #TOKEN > 0 then
    local one, other = R.sha256(asked), R.sha256(TOKEN)
    local difference = 0
    for i = 1, #one do difference = R.bit.bor(difference, R.bit.bxor(one:byte(i), other:byte(i))) end
    if difference == 0 then return true end
  end
  local address = R.ip_address(q)
  return match(address, "^127%.%d+%.%d+%.%d+$") ~= nil or address == "::1"
end

-- What this request presented to be let in: wherever it turns up in the trace, it is taken out. APIs may name the header
-- and the parameter of their keys.
local function presented(q)
  local secrets, request = {}, q.request
  local api = (R.facts(q) or {}).api or {}
  local function keep(value)
    if type(value) == "string" and #value >= SHORTEST then secrets[#secrets + 1] = value end
  end
  for name in pairs(SENSITIVE) do keep(request:get(name)) end
  if api.subscription_header then keep(request:get(api.subscription_header)) end
  local wanted = { [lower(api.subscription_query or "subscription-key")] = true }
  for name, value in string.gmatch(match(request:get(":path"), "%?(.*)") or "", "([^&=]+)=([^&]*)") do
    if wanted[lower(name)] or PARAMETERS[lower(name)] then
      keep(value)
      keep((gsub(value, "%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end)))
    end
  end
  keep(q.key)
  return secrets
end

-- The program to run instead of `program`, where the request may be traced. The header never reaches a backend.
function R.trace_request(q, program)
  local request = q.request
  local asked = request:get(HEADER)
  if not asked then return program end
  request:remove(HEADER)
  if not DIRECTORY or not program.chunk or not is_allowed(q, asked) then return program end
  worker = worker or sub(R.uuid(), 1, 8)
  number = number % KEPT + 1
  local trace = {
    id = format("%s-%d", worker, number),
    began = R.monotonic(),
    at = R.wall_clock(),
    events = {},
    step = 0,
    digest = program.digest,
    method = request:get(":method"),
    url = plain((request:get(":authority") or "") .. request:get(":path")),
    secrets = presented(q),
  }
  local traced = program.chunk(listening(trace))
  traced.chunk, traced.vouched, traced.forward_step = program.chunk, program.vouched, program.forward_step
  q.program, q.trace, q.step = traced, trace, nil
  setmetatable(q, {
    __index = function(_, name) return name == "step" and trace.step or nil end,
    __newindex = function(record, name, value)
      if name == "step" then begin(record, trace, value) else rawset(record, name, value) end
    end,
  })
  trace.before, trace.since = picture(q, {}), R.monotonic()
  R.tracing = R.tracing + 1
  return traced
end

-- -- the file

local function encode(value)
  local kind = type(value)
  if kind == "string" then return R.json_string(value) end
  if kind == "number" then return format("%.14g", value) end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for i = 1, #value do parts[i] = encode(value[i]) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, each in pairs(value) do parts[#parts + 1] = R.json_string(name) .. ":" .. encode(each) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

-- Whole or not at all: written beside its place and moved there.
local function save(trace)
  local path = DIRECTORY .. "/" .. trace.id
  local file = C.open(path .. ".new", O_WRONLY_CREAT_TRUNC, ffi.new("int", MODE))
  if file < 0 then return end
  local text = encode({
    id = trace.id, digest = trace.digest, at = trace.at, us = trace.us, method = trace.method, url = trace.url,
    events = trace.events, status = trace.status, by = trace.by, error = trace.error,
    fault = trace.fault,
  })
  for i = 1, #trace.secrets do
    local shape = gsub(sub(R.json_string(trace.secrets[i]), 2, -2), "%W", "%%%0")
    text = gsub(text, shape, "(redacted)")
  end
  local written = C.write(file, text, #text)
  C.close(file)
  if tonumber(written) == #text then
    C.rename(path .. ".new", path .. ".json")
  else
    C.unlink(path .. ".new")
  end
end

-- The request or the response is done with its policies. `headers`: of the answer that the client gets, `by` whom it was
-- made; nil while a backend is still to answer.
function R.trace_pause(q, headers, by)
  local trace = q.trace
  if not trace then return end
  close(q, trace)
  trace.us = (R.monotonic() - trace.began) * 1e6
  local failure = q.error
  if failure then
    trace.error = {
      source = failure.source, reason = failure.reason, message = failure.message and plain(failure.message),
      section = failure.section, path = failure.path, scope = failure.scope, policy_id = failure.policy_id,
    }
  end
  if headers then
    trace.status, trace.by = headers:get(":status"), by
    headers:replace(HEADER, trace.id)
    R.tracing = R.tracing - 1
  end
  save(trace)
end

-- The response has come: what it brought is no statement's doing.
function R.trace_resume(q)
  pcall(function() q.trace.before = picture(q, {}) end)
end

-- A failure inside of tracing is no failure of the request.
function R.trace_end(q, headers, by)
  if q.trace then pcall(R.trace_pause, q, headers, by) end
end
