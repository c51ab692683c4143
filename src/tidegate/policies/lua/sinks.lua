-- Where events and metrics of policies go: a file of JSON lines for each logger, queue or namespace, in the folder that
-- TIDEGATE_EVENTS names. One write a line, appended, so that lines of several workers never mix. A full disk or a missing
-- folder is a line in Envoy's log and no failure of the request: API Management sends these without waiting, too.

local ffi = R.ffi
local C = ffi.C
local format = string.format

ffi.cdef([[
int open(const char *, int, ...);
int close(int);
long lseek(int, long, int);
int fchmod(int, unsigned int);
int rename(const char *, const char *);
long write(int, const void *, size_t);
]])

local DIRECTORY = os.getenv("TIDEGATE_EVENTS")
local FLAGS = 1089 -- O_WRONLY | O_CREAT | O_APPEND
local MOST_BYTES, MOST_LINE = 64 * 1024 * 1024, 256 * 1024
local LOOK_EVERY = 64 -- lines between looks at the file's size

local files = {}

local function opened(name)
  local known = files[name]
  if known and known.left > 0 then
    known.left = known.left - 1
    return known.file
  end
  local path = DIRECTORY .. "/" .. name .. ".jsonl"
  if known then
    if tonumber(C.lseek(known.file, 0, 2)) > MOST_BYTES then C.rename(path, path .. ".1") end
    C.close(known.file)
  end
  local file = C.open(path, FLAGS, ffi.new("int", 384))
  if file < 0 then
    files[name] = nil
    return nil
  end
  files[name] = { file = file, left = LOOK_EVERY }
  return file
end

local function append(q, name, line)
  if not DIRECTORY then
    q.h:logErr("tidegate: there is no folder for events; " .. name .. " lost one")
    return
  end
  if #line > MOST_LINE then R.throw("The event is larger than 200 KB.") end
  local file = opened(name)
  if not file or tonumber(C.write(file, line, #line)) ~= #line then
    q.h:logErr("tidegate: an event of " .. name .. " could not be written")
  end
end

local function pairs_of(list)
  local parts = {}
  for i = 1, #list do
    local value = list[i][2]
    if value ~= nil then parts[#parts + 1] = R.json_string(list[i][1]) .. ":" .. R.json_string(R.text(value)) end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function now()
  return format("%.6f", R.wall_clock())
end

-- log-to-eventhub, send-service-bus-message: `fields` are {name, value} pairs, nil values are left out.
function R.send_event(q, name, body, fields)
  append(q, name, '{"at":' .. now() .. ',"properties":' .. pairs_of(fields) .. ',"body":' .. R.json_string(body or "") .. "}\n")
end

-- What a dimension says that has no value of its own, by its name ("emit-metric policy", default dimensions).
local function default(q, name)
  local facts = R.facts(q) or {}
  if name == "API ID" then return facts.api and facts.api.id end
  if name == "Operation ID" then return facts.operation and facts.operation.id end
  if name == "Product ID" then return q.product and q.product.id end
  if name == "Subscription ID" then return q.subscription and q.subscription.id end
  if name == "User ID" then return q.subscription and q.subscription.owner end
  if name == "Location" or name == "Gateway ID" then return "local" end
  if name == "Backend ID" then return q.backend_id end
  return nil
end

local function metric(namespace, name, number, dimensions)
  return format('{"at":%s,"namespace":%s,"name":%s,"value":%.17g,"dimensions":%s}\n',
    now(), R.json_string(namespace), R.json_string(name), number, dimensions)
end

local function listed(q, dimensions)
  local list = {}
  for i = 1, #dimensions do
    local given = dimensions[i][2]
    if given == nil and not dimensions[i][3] then given = default(q, dimensions[i][1]) end
    list[i] = { dimensions[i][1], given }
  end
  return pairs_of(list)
end

-- emit-metric: `dimensions` are {name, value} pairs; a value that is missing is the default of its name.
function R.emit_metric(q, name, namespace, value, dimensions)
  local number = tonumber(value)
  if not number or number ~= number or number == math.huge or number == -math.huge then
    R.throw("The metric's value is not a number.")
  end
  append(q, "metrics", metric(namespace, name, number, listed(q, dimensions)))
end

-- llm-emit-token-metric: defaults are looked up when the answer is there, as the backend is known only then.
function R.emit_token_metric(q, namespace, dimensions)
  R.when_used(q, nil, function(total, prompt, completion)
    local by = listed(q, dimensions)
    append(q, "metrics", metric(namespace, "Total Tokens", total, by) .. metric(namespace, "Prompt Tokens", prompt, by)
      .. metric(namespace, "Completion Tokens", completion, by))
  end)
end
