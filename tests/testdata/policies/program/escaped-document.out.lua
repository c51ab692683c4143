local R = ...
local K = {
  {["retry_header"] = "retry-after"},
}
return {
  abi = 1,
  steps = {
    {["source"] = "rate-limit-by-key", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "forward-request", ["section"] = "backend", ["scope"] = "global"},
  },
  inbound = function(q)
    do
      q.step = 1
      local v1 = ((((q.request:get("a")) ~= nil) and true) and "&" or R.ip_address(q))
      R.rate_limit(q, K[1], v1, 1, 1, 1)
    end
    do
      q.step = 2
      do return false end
    end
  end,
}
