local R = ...
local K = {
  {["openid"] = {"https://login.example.com/t/v2.0/.well-known/openid-configuration"}, ["status"] = 401, ["skew"] = 0, ["require_expiration"] = true, ["audiences"] = {["api://tasks"] = true}, ["claims"] = {}},
}
return {
  abi = 1,
  steps = {
    {["source"] = "validate-jwt", ["section"] = "inbound", ["scope"] = "api"},
    {["source"] = "forward-request", ["section"] = "backend", ["scope"] = "global"},
    {["source"] = "set-header", ["section"] = "outbound", ["scope"] = "api"},
  },
  keys = true,
  keeps = true,
  inbound = function(q)
    local variables = {}
    q.variables = variables
    local var1_jwt
    do
      q.step = 1
      var1_jwt = R.validate_jwt(q, K[1], (q.request:get("authorization")))
      variables["jwt"] = var1_jwt
    end
    do
      q.step = 2
      do return false end
    end
  end,
  outbound = function(q)
    local variables = q.variables
    do
      q.step = 3
      R.set(q.response, "x-subject", R.not_null(R.unbox(R.get_variable(variables, "jwt"), "Jwt")).subject)
    end
  end,
}
