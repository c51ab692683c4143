-- Tidegate's policy runtime. README.md is the contract with the programs and with Envoy; what is loaded when is
-- loading.lua's. Everything is a field of R or a local of its file.

-- Measured on Envoy 1.40: compiled traces stop at every call into Envoy, which makes such code up to five times
-- slower than interpreted. So the compiler is off here, and each function that only computes turns it on for itself.
jit.off(true, true)

local R = {}

R.ffi = require("ffi")
R.bit = require("bit")

-- An error that a policy answers with: status, message, reason (API Management's LastError.Reason), headers.
local failure = {}
failure.__index = failure

-- `source` is what LastError.Source says where it is no policy but a step of the gateway's own.
function R.fail(reason, status, message, headers, source)
  error(setmetatable({ reason = reason, status = status, message = message, headers = headers, source = source }, failure), 0)
end

-- A failure that is not raised: what came back from outside instead of a response.
function R.failure(fields)
  return setmetatable(fields, failure)
end

function R.is_failure(value)
  return getmetatable(value) == failure
end

-- A .NET exception in an expression. What it was is for LastError.Message; the client learns nothing of it.
function R.throw(message, kind)
  error(setmetatable({
    kind = kind,
    reason = "ExpressionValueEvaluationFailure",
    status = 500,
    message = "Internal server error",
    detail = message,
    activity = true,
  }, failure), 0)
end

-- Every engine that loops over what users write counts its steps here: a worker thread that never comes back serves
-- nobody. The budget is a hook's; what it is worth depends on the step, some tens of nanoseconds each.
R.OUT_OF_STEPS = "OutOfSteps"
local BUDGET = 5000000
local left = BUDGET

function R.tick(n)
  left = left - (n or 1)
  if left < 0 then
    -- on-error has to run yet.
    left = BUDGET
    -- A kind that no expression can catch: whoever caught it could loop on.
    R.throw("The policies of this request take too many steps.", R.OUT_OF_STEPS)
  end
end

function R.refill()
  left = BUDGET
end

-- What context.Variables holds where a variable was set to null: the variable is there.
R.NULL = {}

function R.held(value)
  if value == nil then return R.NULL end
  return value
end

-- Three tables that every file may add to, by name; loading.lua finds the file that does.
-- What As<T> makes of a body's text, by the name of T.
R.body_types = {}
-- The names of an enumeration's values.
R.enums = {}
-- default(T) of types whose default is not null: functions, by name.
R.defaults = {}

-- A table that keeps at most 2 * limit entries: when the young half is full, the old half is forgotten.
-- What is used stays: a hit in the old half moves to the young one.
function R.bounded(limit)
  local young, old, count = {}, {}, 0
  local self = {}
  function self.put(key, value)
    if young[key] == nil then
      count = count + 1
      if count > limit then
        young, old, count = {}, young, 1
      end
    end
    young[key] = value
  end
  function self.get(key)
    local value = young[key]
    if value == nil then
      value = old[key]
      if value ~= nil then
        self.put(key, value)
      end
    end
    return value
  end
  return self
end
