local R = ...
local K = {
  {["origins"] = {["https://app.example.com"] = true}, ["methods"] = {["GET"] = true, ["POST"] = true}, ["method_list"] = "GET,POST", ["headers"] = {["authorization"] = true}, ["header_list"] = "Authorization", ["credentials"] = true, ["terminate"] = true},
  {["retry_header"] = "retry-after", ["remaining_header"] = "X-Left"},
}
return {
  abi = 1,
  steps = {
    {["source"] = "cors", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "rate-limit-by-key", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "forward-request", ["section"] = "backend", ["scope"] = "global"},
  },
  preflight = {K[1]},
  cors = K[1],
  after = true,
  inbound = function(q)
    do
      q.step = 1
      if R.cors(q, K[1]) then return true end
    end
    do
      q.step = 2
      local v1 = R.ip_address(q)
      R.rate_limit(q, K[2], v1, 10, 60, 1)
    end
    do
      q.step = 3
      do return false end
    end
  end,
}
