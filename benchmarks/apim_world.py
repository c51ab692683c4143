"""A large world of API Management artifacts: many APIs with policies of their own, as a compiler meets them."""

from __future__ import annotations

import json
from pathlib import Path

_GLOBAL = """<policies>
    <inbound>
        <set-header name="X-Correlation" exists-action="override">
            <value>@(context.Request.Headers.GetValueOrDefault("X-Correlation", "none"))</value>
        </set-header>
    </inbound>
    <backend><forward-request /></backend>
    <outbound><set-header name="X-Powered-By" exists-action="delete" /></outbound>
    <on-error />
</policies>
"""
_API = """<policies>
    <inbound>
        <base />
        <rate-limit-by-key calls="{calls}" renewal-period="60" counter-key="@(context.Request.IpAddress)" />
        <set-header name="X-Api" exists-action="override"><value>api {number}</value></set-header>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
"""
_OPERATION = """<policies>
    <inbound>
        <base />
        <set-header name="X-Operation" exists-action="override">
            <value>@(context.Request.Method + " {number}/{operation}")</value>
        </set-header>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
"""
_PRODUCT = _API.replace("api {number}", "product {number}").replace("rate-limit-by-key", "rate-limit-by-key")


def apim_world(
    apis: int = 500, operations: int = 10, *, own_policies: int = 1, service_url: str = "http://127.0.0.1:9"
) -> dict[str, str]:
    """Files by path: each API with a policy, `own_policies` of its operations with one, and ten products.

    Every API is in one product, whose policy stands around the API's for those who have subscribed to it.
    """
    files = {"apim/policy.xml": _GLOBAL}
    for number in range(apis):
        files |= _api(number, operations, own_policies, service_url)
    for number in range(10):
        folder = f"apim/products/product-{number}"
        files[f"{folder}/productInformation.json"] = _json({"displayName": f"Product {number}", "state": "published"})
        if number % 2:
            files[f"{folder}/policy.xml"] = _PRODUCT.format(calls=1000 + number, number=number)
        files |= {
            f"{folder}/apis/api-{api}/productApiInformation.json": "{}" for api in range(apis) if api % 10 == number
        }
        key = {"scope": f"/products/product-{number}", "displayName": f"of {number}", "primaryKey": f"key-{number}"}
        files[f"apim/subscriptions/sub-{number}/subscriptionInformation.json"] = _json(key)
    return files


def changed_policy(files: dict[str, str], number: int, mark: str) -> tuple[str, str]:
    """The path of one API's policy, and another text for it."""
    path = f"apim/apis/api-{number}/policy.xml"
    return path, files[path].replace("X-Api", f"X-Api-{mark}")


def write(files: dict[str, str], folder: Path) -> None:
    """Put a world on the disk."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _api(number: int, operations: int, own_policies: int, service_url: str) -> dict[str, str]:
    folder = f"apim/apis/api-{number}"
    information = {"path": f"api-{number}", "displayName": f"API {number}", "serviceUrl": service_url}
    paths = {
        (f"/things{index}" if index % 2 else f"/things{index}/{{id}}"): {
            "get": {
                "operationId": f"op-{index}",
                "summary": f"Operation {index}",
                "responses": {"200": {"description": "ok"}},
            }
        }
        for index in range(operations)
    }
    specification = {"openapi": "3.0.1", "info": {"title": f"API {number}", "version": "1"}, "paths": paths}
    files = {
        f"{folder}/apiInformation.json": _json(information),
        f"{folder}/specification.json": json.dumps(specification),
        f"{folder}/policy.xml": _API.format(calls=100 + number, number=number),
    }
    for index in range(own_policies):
        policy = _OPERATION.format(number=number, operation=index)
        files[f"{folder}/operations/op-{index}/policy.xml"] = policy
    return files


def _json(properties: dict[str, object]) -> str:
    return json.dumps({"properties": properties}, indent=2)
