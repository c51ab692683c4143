local R = ...
local K = {
  {["openid"] = {"https://login.example.com/t/v2.0/.well-known/openid-configuration"}, ["scheme"] = "bearer", ["status"] = 401, ["skew"] = 0, ["require_expiration"] = true, ["audiences"] = {["api://tasks"] = true}, ["claims"] = {{["name"] = "roles", ["values"] = {"Admin", "Reader"}, ["any"] = true}}},
}
return {
  abi = 1,
  steps = {
    {["source"] = "validate-jwt", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "set-header", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "forward-request", ["section"] = "backend", ["scope"] = "global"},
  },
  keys = true,
  trusted = {["x-user-roles"] = true},
  own = {["x-user-roles"] = true},
  inbound = function(q)
    local var1_jwt
    do
      q.step = 1
      var1_jwt = R.validate_jwt(q, K[1], (q.request:get("authorization")))
    end
    do
      q.step = 2
      R.set(q.request, "x-user-roles", R.join(",", (var1_jwt.claims["roles"] or {n = 1, ""})))
    end
    do
      q.step = 3
      do return false end
    end
  end,
}
