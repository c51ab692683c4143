"""What `tidegate check --steps` lists."""

from __future__ import annotations

from apim_files import api, document, product
from compiling import compiled
from tidegate.pipeline import step_lines
from tidegate.pipeline.traces import program_of

FORWARDS = """<policies>
  <inbound />
  <backend><forward-request timeout="7" /></backend>
  <outbound />
  <on-error />
</policies>"""
API = """<policies>
  <inbound>
    <base />
    <choose><when condition="@(true)"><set-method>PUT</set-method></when></choose>
  </inbound>
  <backend><base /></backend>
</policies>"""
AGAIN = """<policies>
  <inbound />
  <backend>
    <retry condition="@(context.Response.StatusCode == 503)" count="1" interval="0">
      <forward-request />
    </retry>
  </backend>
</policies>"""


def test_each_program_once_with_the_places_of_its_statements() -> None:
    """Two operations have one program; what calls in the context of a product meet is another."""
    files = {
        "policy.xml": FORWARDS,
        **api("shop", {"list": "GET /", "one": "GET /{id}"}, policy=API),
        **product(
            "gold",
            "shop",
            policy=document('<base /><set-query-parameter name="a"><value>1</value></set-query-parameter>'),
        ),
    }
    lines = list(step_lines(compiled(files).world))
    plain = lines[: lines.index("")]
    assert plain == [
        "apim/shop/list  (GET /shop/?)",
        "apim/shop/one  (GET /shop/[^/]+)",
        "  inbound",
        "    program  choose: when @(true)  (apis/shop/policy.xml:4:6)",
        "    program    set-method PUT  (apis/shop/policy.xml:4:40)",
        "  backend",
        "    router   forward-request within 7 s  (policy.xml:3:13)",
    ]
    in_product = lines[lines.index("") + 1 :]
    assert in_product[0] == "apim/shop/list  (GET /shop/?) in product gold"
    assert any("set-query-parameter a" in line and "products/gold/policy.xml" in line for line in in_product)


def test_who_calls_the_backend() -> None:
    """Envoy's router where nothing of the program stands behind it; the program itself inside `retry`."""
    lines = list(step_lines(compiled(api("shop", policy=AGAIN)).world))
    assert any(line.startswith("    program    forward-request") for line in lines)
    assert not any(line.startswith("    router") for line in lines)


def test_preflights_are_not_listed_beside_their_operations() -> None:
    """They run the same program."""
    cors = "<cors><allowed-origins><origin>https://a.example</origin></allowed-origins></cors>"
    world = compiled(api("shop", policy=document(f"<base />{cors}"))).world
    assert any(
        route.id.startswith("apim/shop/get:preflight-")
        for g in world.gateways
        for x in g.listeners
        for route in x.routes
    )
    assert not any("preflight" in line for line in step_lines(world))


def test_nothing_without_policies() -> None:
    assert list(step_lines(compiled("").world)) == []


def test_a_product_s_program_is_found_again_for_traces() -> None:
    """A trace names the program that ran, which for a call with a key may be the product's."""
    files = {
        **api("shop", policy=API),
        **product("gold", "shop", policy=document("<base /><set-method>PUT</set-method>")),
    }
    world = compiled(files).world
    (product_program,) = {p.program for g in world.gateways for x in g.listeners for r in x.routes for p in r.products}
    assert product_program is not None
    assert program_of(world, product_program.digest) is product_program
