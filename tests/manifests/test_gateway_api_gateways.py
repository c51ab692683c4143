"""Gateway and ListenerSet: the rules of their CRDs, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.gateway_api import GROUP, Gateway

CERTIFICATE = "certificateRefs: [{name: c}]"
HTTP = "{name: a, port: 80, protocol: HTTP}"


def listener(text: str) -> str:
    return f"{{gatewayClassName: x, listeners: [{{name: a, port: 1, {text}}}]}}"


def gateway(text: str) -> str:
    return f"{{gatewayClassName: x, listeners: [{HTTP}], {text}}}"


CA = "{group: '', kind: ConfigMap, name: ca}"
FRONTEND = "tls: {frontend: {%s}}"

RULES = [
    Rule(
        listener("protocol: HTTP"),
        "{gatewayClassName: x, listeners: [{name: 'a>', port: 1, protocol: HTTP}]}",
        "DNS name",
    ),
    Rule(
        listener(f"protocol: HTTPS, tls: {{{CERTIFICATE}}}"),
        listener(f"protocol: HTTP, tls: {{{CERTIFICATE}}}"),
        "`spec.listeners[0].tls` must be left out: protocol HTTP has no TLS",
    ),
    Rule(
        listener("protocol: TLS, tls: {mode: Passthrough}"),
        listener("protocol: HTTPS, tls: {mode: Passthrough}"),
        "`spec.listeners[0].tls.mode` must be `Terminate`",
    ),
    Rule(
        listener(f"protocol: TLS, tls: {{mode: Terminate, {CERTIFICATE}}}"),
        listener("protocol: TLS"),
        "`spec.listeners[0].protocol` must be `TLS` beside a `tls`",
    ),
    Rule(listener("protocol: TCP"), listener("protocol: TCP, hostname: a.b"), "protocol TCP knows no host names"),
    Rule(
        listener(f"protocol: HTTPS, tls: {{{CERTIFICATE}}}"),
        listener("protocol: HTTPS, tls: {}"),
        "must be `certificateRefs` with a certificate",
    ),
    Rule(
        gateway("addresses: [{type: IPAddress, value: 127.0.0.2}, {value: 127.0.0.3}]"),
        gateway("addresses: [{value: 127.0.0.2}, {value: 127.0.0.2}]"),
        "`spec.addresses[1]` must be an address that is not in the list already",
    ),
    Rule(
        gateway(
            "addresses: [{type: alb.networking.azure.io/alb-frontend, value: f}, {type: Hostname}, {type: Hostname}]"
        ),
        gateway("addresses: [{type: Address, value: f}]"),
        "must be text of the form",
    ),
    Rule(gateway("addresses: [{value: '::1'}]"), gateway("addresses: [{value: localhost}]"), "must be an IP address"),
    Rule(
        gateway(FRONTEND % f"default: {{validation: {{caCertificateRefs: [{CA}]}}}}"),
        gateway(FRONTEND % "default: {validation: {caCertificateRefs: []}}"),
        "must be at least one entry",
    ),
    Rule(
        gateway(FRONTEND % "default: {}, perPort: [{port: 1, tls: {}}, {port: 2, tls: {}}]"),
        gateway(FRONTEND % "default: {}, perPort: [{port: 1, tls: {}}, {port: 1, tls: {}}]"),
        "perPort[1]` must be a port that is not in the list already",
    ),
    Rule(
        gateway("tls: {backend: {clientCertificateRef: {name: c, namespace: other}}}"),
        gateway(FRONTEND % "perPort: []"),
        "needs `spec.tls.frontend.default`",
    ),
    Rule(
        gateway("infrastructure: {labels: {a: b}, annotations: {c: d}}"),
        gateway("infrastructure: {labels: {a: 1}}"),
        "must be text",
    ),
    Rule(
        gateway("allowedListeners: {namespaces: {from: Same}}"),
        gateway("allowedListeners: {namespaces: {from: Some}}"),
        "must be `All` or `Selector` or `Same` or `None`",
    ),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "Gateway", each)


def test_listener_set_asks_the_same_of_its_listeners() -> None:
    """ListenerEntry has a Listener's fields and rules; the parent is needed."""
    kept = f"{{parentRef: {{name: g}}, listeners: [{HTTP}]}}"
    holds(GROUP, "ListenerSet", Rule(kept, f"{{listeners: [{HTTP}]}}", "needs `spec.parentRef`"))
    broken = f"{{parentRef: {{name: g}}, listeners: [{HTTP[:-1]}, tls: {{{CERTIFICATE}}}}}]}}"
    holds(GROUP, "ListenerSet", Rule(kept, broken, "protocol HTTP has no TLS"))


def test_nobody_may_add_listeners_unless_the_gateway_says_so() -> None:
    """GEP-1713: allowedListeners defaults to None."""
    body, _ = read(GROUP, "Gateway", gateway(""))
    assert isinstance(body, Gateway)
    assert body.spec.allowed_listeners.namespaces.from_ == "None"
