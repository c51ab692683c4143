-- Tidegate's policy runtime. The files of this directory, in the order of their names, are one chunk; README.md is
-- the contract with the programs and with Envoy. Everything is a field of R or a local of its file.

-- Measured on Envoy 1.40: compiled traces stop at every call into Envoy, which makes such code up to five times
-- slower than interpreted. So the compiler is off here, and each function that only computes turns it on for itself.
jit.off(true, true)

local R = {}

R.ffi = require("ffi")
R.bit = require("bit")

-- An error that a policy answers with: status, message, reason (API Management's LastError.Reason), headers.
local failure = {}
failure.__index = failure

function R.fail(reason, status, message, headers)
  error(setmetatable({ reason = reason, status = status, message = message, headers = headers }, failure), 0)
end

function R.is_failure(value)
  return getmetatable(value) == failure
end

-- A .NET exception in an expression. What it was is for LastError.Message; the client learns nothing of it.
function R.throw(message)
  error(setmetatable({
    reason = "ExpressionValueEvaluationFailure",
    status = 500,
    message = "Internal server error",
    detail = message,
    activity = true,
  }, failure), 0)
end

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
