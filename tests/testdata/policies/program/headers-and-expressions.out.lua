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
  inbound = function(q)
    do
      q.step = 1
      q.request:replace("x-region", "west")
    end
    do
      q.step = 2
      local v1 = R.as_jwt((q.request:get("Authorization") or ""))
      R.set(q.request, "x-who", ((v1 and v1.subject) or R.ip_address(q)))
    end
    do
      q.step = 3
      local v2 = (q.request:get(":method"))
      R.append(q.request, "x-many", "a" .. "," .. v2)
    end
    do
      q.step = 4
      if q.request:get("x-first") == nil then
        q.request:replace("x-first", "b")
      end
    end
    do
      q.step = 5
      q.request:remove("x-debug")
    end
    do
      q.step = 6
      do return false end
    end
  end,
  outbound = function(q)
    do
      q.step = 7
      R.append_lines(q.response, "set-cookie", {n = 2, ("a=1"), ("b=2")})
    end
  end,
  on_error = function(q)
    do
      q.step = 8
      R.set(q.response, "x-reason", (q.error).reason)
    end
  end,
}
