local R = ...
local K = {
}
return {
  abi = 1,
  steps = {
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api", ["id"] = "region"},
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "forward-request", ["section"] = "backend", ["scope"] = "global"},
    {["source"] = "set-header", ["section"] = "outbound", ["scope"] = "api"},
    {["source"] = "set-header", ["section"] = "on-error", ["scope"] = "api"},
  },
  trusted = {["x-debug"] = true, ["x-region"] = true, ["x-who"] = true},
  own = {["x-debug"] = true, ["x-region"] = true, ["x-who"] = true},
  inbound = function(q, request, response)
    do
      q.step = 1
      request:replace("x-region", "west")
    end
    do
      q.step = 2
      local v1 = R.as_jwt((request:get("Authorization") or ""))
      R.set(request, "x-who", ((v1 and v1.subject) or R.ip_address(q)))
    end
    do
      q.step = 3
      local v2 = (request:get(":method"))
      R.append(request, "x-many", "a" .. "," .. v2)
    end
    do
      q.step = 4
      if request:get("x-first") == nil then
        request:replace("x-first", "b")
      end
    end
    do
      q.step = 5
      request:remove("x-debug")
    end
    do
      q.step = 6
      do return false end
    end
  end,
  outbound = function(q, request, response)
    do
      q.step = 7
      R.append_lines(response, "set-cookie", {n = 2, ("a=1"), ("b=2")})
    end
  end,
  on_error = function(q, request, response)
    do
      q.step = 8
      R.set(response, "x-reason", q.error.reason)
    end
  end,
}
