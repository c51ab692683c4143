"""What is measured of policies: one API each, which differs from the empty pipeline by a few statements.

Every case answers 200, whatever the load, and is asked by `GET /<name>/x` unless it says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEY: Final = 'context.Request.Headers.GetValueOrDefault("X-Key", "none")'
BODY: Final = json.dumps({"order": {"id": 17, "lines": [{"item": "tea", "count": 2}, {"item": "cup", "count": 1}]}})


@dataclass(frozen=True, slots=True)
class Case:
    """One document."""

    name: str
    """The path of its API."""
    inbound: str = ""
    outbound: str = ""
    posts: bool = False
    """Asked by POST with BODY."""
    family: str = "policy"
    """`policy` or `expression`."""
    by_hand: str = ""
    """The same meaning as a Lua filter written by hand; "" if it is not compared."""


EMPTY: Final = Case("empty")


def _expression(name: str, code: str, *, posts: bool = False) -> Case:
    return Case(name, f'<set-variable name="v" value="@({code})" />', family="expression", posts=posts)


def _header(name: str, value: str) -> str:
    return f'<set-header name="{name}" exists-action="override"><value>{value}</value></set-header>'


POLICIES: Final[Sequence[Case]] = (
    Case("set-header", _header("X-A", "1")),
    Case("set-header-expression", _header("X-A", f"@({KEY})")),
    Case("set-variable", '<set-variable name="v" value="text" />'),
    Case(
        "choose",
        f"<choose><when condition='@({KEY} == \"other\")'>{_header('X-A', '1')}</when>"
        f"<otherwise>{_header('X-A', '2')}</otherwise></choose>",
    ),
    Case("set-method", "<set-method>GET</set-method>"),
    Case("set-query-parameter", '<set-query-parameter name="a"><value>1</value></set-query-parameter>'),
    Case("rewrite-uri", '<rewrite-uri template="/other/x" />'),
    Case("set-status", outbound='<set-status code="200" reason="OK" />'),
    Case(
        "check-header",
        '<check-header name="X-Key" failed-check-httpcode="401" failed-check-error-message="no" ignore-case="true">'
        "<value>k</value></check-header>",
    ),
    Case("ip-filter", '<ip-filter action="allow"><address-range from="127.0.0.1" to="127.0.0.9" /></ip-filter>'),
    Case(
        "rate-limit-by-key",
        f"<rate-limit-by-key calls='1000000' renewal-period='300' counter-key='@({KEY})' />",
    ),
    Case("quota-by-key", f"<quota-by-key calls='1000000000' renewal-period='3600' counter-key='@({KEY})' />"),
    Case(
        "limit-concurrency",
        f"<limit-concurrency key='@({KEY})' max-count='1000'>{_header('X-A', '1')}</limit-concurrency>",
    ),
    Case("cache-store-value", '<cache-store-value key="k" value="text" duration="60" />'),
    Case("cache-lookup-value", '<cache-lookup-value key="k" variable-name="v" default-value="d" />'),
    Case("set-body", '<set-body>@(context.Request.Body.As&lt;string&gt;() + " ")</set-body>', posts=True),
    Case("find-and-replace", outbound='<find-and-replace from="tasks" to="orders" />'),
    Case("json-to-xml", outbound='<json-to-xml apply="always" consider-accept-header="false" />'),
    Case(
        "return-response",
        "<return-response><set-status code='200' reason='OK' /><set-body>{}</set-body></return-response>",
    ),
    Case(
        "cors",
        "<cors><allowed-origins><origin>https://app.example.com</origin></allowed-origins></cors>",
    ),
)

EXPRESSIONS: Final[Sequence[Case]] = (
    _expression("arithmetic", "(context.RequestId.ToString().Length * 7 + 3) / 2 % 11"),
    _expression("text", f'{KEY}.Trim().ToLowerInvariant().Substring(0, 1).Replace("k", "q")'),
    _expression("interpolation", f'$"{{context.Request.Method}} {{context.Request.Url.Path}} {{{KEY}}}"'),
    _expression(
        "split-and-linq", '"a,b;c,d".Split(\',\', \';\').Where(x =&gt; x != "c").Select(x =&gt; x + "!").First()'
    ),
    _expression("json", 'context.Request.Body.As&lt;JObject&gt;(true)["order"]["lines"][0]["item"]', posts=True),
    _expression(
        "json-path",
        '(string)context.Request.Body.As&lt;JObject&gt;(true).SelectToken("$.order.lines[1].item")',
        posts=True,
    ),
    _expression("regex", 'Regex.IsMatch(context.Request.Url.Path, "^/(\\\\w+)/[a-z]+$")'),
    _expression("date", 'DateTime.UtcNow.AddMinutes(5).ToString("yyyy-MM-ddTHH:mm:ssZ")'),
    _expression("guid", "Guid.NewGuid().ToString()"),
    _expression("base64", f"Convert.ToBase64String(Encoding.UTF8.GetBytes({KEY}))"),
    _expression("sha256", f"BitConverter.ToString(SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes({KEY})))"),
    _expression("decimal", '(decimal.Parse("12.50") * 3m).ToString("F2")'),
)

COMBINATIONS: Final[Sequence[Case]] = (
    Case(
        "headers",
        _header("X-Gateway", "contoso")
        + _header("X-Forwarded-Key", f"@({KEY})")
        + '<set-header name="X-Debug" exists-action="delete" />',
        '<set-header name="X-Powered-By" exists-action="delete" />',
        by_hand="""
function envoy_on_request(h)
  local headers = h:headers()
  headers:replace("x-gateway", "contoso")
  headers:replace("x-forwarded-key", headers:get("x-key") or "none")
  headers:remove("x-debug")
end
function envoy_on_response(h)
  h:headers():remove("x-powered-by")
end
""",
    ),
    Case(
        "variable-choose-header",
        f"<set-variable name='key' value='@({KEY})' />"
        '<choose><when condition=\'@((string)context.Variables["key"] == "gold")\'>'
        + _header("X-Tier", "gold")
        + '</when><when condition=\'@(((string)context.Variables["key"]).StartsWith("k"))\'>'
        + _header("X-Tier", "known")
        + "</when><otherwise>"
        + _header("X-Tier", "none")
        + "</otherwise></choose>",
        by_hand="""
function envoy_on_request(h)
  local headers = h:headers()
  local key = headers:get("x-key") or "none"
  if key == "gold" then
    headers:replace("x-tier", "gold")
  elseif string.sub(key, 1, 1) == "k" then
    headers:replace("x-tier", "known")
  else
    headers:replace("x-tier", "none")
  end
end
""",
    ),
    Case(
        "return-response",
        f"<choose><when condition='@({KEY} == \"k\")'><return-response><set-status code='200' reason='OK' />"
        "<set-header name='Content-Type'><value>application/json</value></set-header>"
        f'<set-body>@("{{\\"key\\":\\"" + {KEY} + "\\"}}")</set-body></return-response></when></choose>',
        by_hand="""
function envoy_on_request(h)
  local key = h:headers():get("x-key") or "none"
  if key == "k" then
    h:respond({ [":status"] = "200", ["content-type"] = "application/json" }, '{"key":"' .. key .. '"}')
  end
end
""",
    ),
    Case(
        "query-and-path",
        '<rewrite-uri template="/v2/x" copy-unmatched-params="false" />'
        f"<set-query-parameter name='key' exists-action='override'><value>@({KEY})</value></set-query-parameter>"
        + _header("X-Original-Path", "@(context.Request.OriginalUrl.Path)"),
        by_hand="""
local function escape(text)
  return (string.gsub(text, "[^%w%-._~]", function(c) return string.format("%%%02X", string.byte(c)) end))
end
function envoy_on_request(h)
  local headers = h:headers()
  local path = string.match(headers:get(":path"), "^[^?]*")
  headers:replace(":path", "/v2/x?key=" .. escape(headers:get("x-key") or "none"))
  headers:replace("x-original-path", path)
end
""",
    ),
    Case(
        "body-and-variable",
        '<set-variable name="body" value="@(context.Request.Body.As&lt;string&gt;(true))" />'
        '<choose><when condition=\'@(((string)context.Variables["body"]).Contains("tea"))\'>'
        + _header("X-Tea", '@(((string)context.Variables["body"]).Length.ToString())')
        + "</when></choose>",
        posts=True,
        by_hand="""
function envoy_on_request(h)
  local body = h:body()
  local text = body:getBytes(0, body:length())
  if string.find(text, "tea", 1, true) then
    h:headers():replace("x-tea", tostring(#text))
  end
end
""",
    ),
)


def write(directory: Path, cases: Sequence[Case], *, backend_port: int) -> None:
    """The cases as a repository in the APIOps layout."""
    for case in cases:
        api = directory / "apimartifacts" / "apis" / case.name
        api.mkdir(parents=True)
        properties = {
            "path": case.name,
            "displayName": case.name,
            "serviceUrl": f"http://127.0.0.1:{backend_port}",
            "subscriptionRequired": False,
        }
        (api / "apiInformation.json").write_text(json.dumps({"properties": properties}), encoding="utf-8")
        operations = {m: {"operationId": m, "responses": {"200": {"description": ""}}} for m in ("get", "post")}
        specification = {"openapi": "3.0.1", "info": {"title": "x", "version": "1"}, "paths": {"/x": operations}}
        (api / "specification.json").write_text(json.dumps(specification), encoding="utf-8")
        (api / "policy.xml").write_text(document(case), encoding="utf-8")


def document(case: Case) -> str:
    """The API's policy document."""
    return (
        f"<policies><inbound><base />{case.inbound}</inbound><backend><base /></backend>"
        f"<outbound><base />{case.outbound}</outbound><on-error><base /></on-error></policies>"
    )
