"""Random inputs that change step by step: every kind of object and file, whose names are few, so that references meet.

A step adds, replaces, breaks, mends or removes files. Not a test by itself; see test_incremental.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def _quoted(pem: bytes) -> str:
    return '"' + pem.decode().replace("\n", "\\n") + '"'


def _pair(name: str) -> tuple[str, str]:
    """A certificate with its key, and the certificate as an authority, as entries of a mapping."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain = _quoted(made.public_bytes(Encoding.PEM))
    secret = _quoted(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"tls.crt: {chain}, tls.key: {secret}", f"ca.crt: {chain}"


_PAIRS, _AUTHORITIES = zip(_pair("a.example.com"), _pair("*.example.com"), strict=True)

GATEWAY_API = "gateway.networking.k8s.io/v1"
ALB = "alb.networking.azure.io/v1"


class Author:
    """Writes documents at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def maybe(self, text: str, *, often: float = 0.3) -> str:
        return text if self.chance.random() < often else ""

    def head(self, api: str, kind: str, *, namespaced: bool = True, names: str = "abc") -> str:
        name = self.pick(*names)
        namespace = f", namespace: {self.pick('sea', 'sky')}" if namespaced else ""
        age = self.maybe(f', creationTimestamp: "2026-0{self.pick(*"123")}-01T00:00:00Z"')
        return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}{namespace}{age}}}\n"

    def namespace(self) -> str:
        label = self.pick("blue", "green")
        name = self.pick("sea", "sky")
        return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{team: {label}}}}}\n"

    def gateway_class(self) -> str:
        controller = self.pick("tidegate.dev/gateway-controller", "example.com/other")
        name = self.pick("tidegate", "mine")
        return (
            f"apiVersion: {GATEWAY_API}\nkind: GatewayClass\nmetadata: {{name: {name}}}\n"
            f"spec: {{controllerName: {controller}}}\n"
        )

    def _allowed(self) -> str:
        return self.pick(
            "",
            ", allowedRoutes: {namespaces: {from: All}}",
            ", allowedRoutes: {namespaces: {from: All}}",
            ", allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: blue}}}}",
            ", allowedRoutes: {namespaces: {from: All}, kinds: [{kind: GRPCRoute}]}",
            ", allowedRoutes: {namespaces: {from: None}}",
        )

    def _listener(self, name: str) -> str:
        port = self.pick("80", "80", "81", "443")
        host = self.pick("", "", ", hostname: '*.example.com'", ", hostname: a.example.com")
        secret = f"certificateRefs: [{{name: {self.pick(*'abc')}{self.maybe(', namespace: sky')}}}]"
        return (
            "{"
            + self.pick(
                f"name: {name}, port: {port}, protocol: HTTP{host}",
                f"name: {name}, port: {port}, protocol: HTTP{host}",
                f"name: {name}, port: 443, protocol: HTTPS{host}, tls: {{{secret}}}",
                f"name: {name}, port: 443, protocol: TLS{host}, tls: {{mode: Passthrough}}",
                f"name: {name}, port: 8443, protocol: TLS{host}, tls: {{mode: Terminate, {secret}}}",
                f"name: {name}, port: {port}, protocol: TCP",
                f"name: {name}, port: 53, protocol: UDP",
                f"name: {name}, port: 82, protocol: SCTP",
            )
            + self._allowed()
            + "}"
        )

    def _listeners(self) -> str:
        names = [*self.chance.sample("pqr", k=self.chance.randint(1, 3)), *self.maybe("p", often=0.1)]
        return f"  listeners: [{', '.join(self._listener(name) for name in names)}]\n"

    def gateway(self) -> str:
        spec = f"spec:\n  gatewayClassName: {self.pick('tidegate', 'tidegate', 'azure-alb-external', 'mine')}\n"
        spec += self._listeners()
        spec += self.maybe(f"  addresses: [{{value: {self.pick('127.0.0.7', '192.0.2.1')}}}]\n", often=0.15)
        spec += self.maybe(f"  allowedListeners: {{namespaces: {{from: {self.pick('All', 'Same')}}}}}\n", often=0.6)
        authority = f"{{group: '', kind: ConfigMap, name: {self.pick(*'ab')}}}"
        spec += self.pick(
            "",
            "",
            f"  tls: {{frontend: {{default: {{validation: {{caCertificateRefs: [{authority}]}}}}}}}}\n",
            f"  tls: {{backend: {{clientCertificateRef: {{name: {self.pick(*'ab')}}}}}}}\n",
        )
        return self.head(GATEWAY_API, "Gateway", names="ab") + spec

    def listener_set(self) -> str:
        parent = f"{{name: {self.pick(*'ab')}{self.maybe(', namespace: sea')}}}"
        return self.head(GATEWAY_API, "ListenerSet", names="ab") + f"spec:\n  parentRef: {parent}\n" + self._listeners()

    def _parents(self) -> str:
        parents = []
        for _ in range(self.chance.randint(1, 2)):
            kind = self.maybe("kind: ListenerSet, ")
            section = self.maybe(f", sectionName: {self.pick(*'pqr')}")
            parents.append(f"{{{kind}name: {self.pick(*'ab')}{self.maybe(', namespace: sea', often=0.9)}{section}}}")
        return f"  parentRefs: [{', '.join(parents)}]\n"

    def _backend(self, *, filters: str = "") -> str:
        namespace = self.maybe(f", namespace: {self.pick('sea', 'sky')}")
        weight = self.maybe(f", weight: {self.pick(*'012')}")
        return f"{{name: {self.pick(*'abcd')}, port: {self.pick('80', '80', '81')}{namespace}{weight}{filters}}}"

    def _hostnames(self) -> str:
        host = self.pick("a.example.com", "b.example.com", "'*.example.com'")
        return self.maybe(f"  hostnames: [{host}]\n")

    def http_route(self) -> str:
        rules = []
        for _ in range(self.chance.randint(1, 2)):
            path = self.pick("/", "/a", "/a/b")
            kind = self.pick("PathPrefix", "Exact", "RegularExpression")
            filters = self.pick(
                "",
                "",
                "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [x-a]}}], ",
                "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}}}], ",
                "filters: [{type: RequestRedirect, requestRedirect: {hostname: c.example.com}}], ",
                "timeouts: {request: 3s}, ",
            )
            backends = "" if "Redirect" in filters else f"backendRefs: [{self._backend()}]"
            name = self.maybe(f"name: {self.pick('one', 'two')}, ")
            rules.append(f"{{{name}matches: [{{path: {{type: {kind}, value: {path}}}}}], {filters}{backends}}}")
        body = f"spec:\n{self._parents()}{self._hostnames()}  rules: [{', '.join(rules)}]\n"
        return self.head(GATEWAY_API, "HTTPRoute") + body

    def grpc_route(self) -> str:
        rule = f"{{matches: [{{method: {{service: {self.pick('s.A', 's.B')}}}}}], backendRefs: [{self._backend()}]}}"
        return self.head(GATEWAY_API, "GRPCRoute") + f"spec:\n{self._parents()}{self._hostnames()}  rules: [{rule}]\n"

    def stream_route(self) -> str:
        kind = self.pick("TLSRoute", "TCPRoute", "UDPRoute")
        hosts = "  hostnames: [a.example.com]\n" if kind == "TLSRoute" else ""
        return (
            self.head(GATEWAY_API, kind)
            + f"spec:\n{self._parents()}{hosts}  rules: [{{backendRefs: [{self._backend()}]}}]\n"
        )

    def service(self) -> str:
        protocol = self.pick("", ", appProtocol: kubernetes.io/h2c", ", appProtocol: https", ", protocol: UDP")
        notes = self.maybe(", annotations: {tidegate.dev/endpoints: '127.0.0.1:9001'}", often=0.5)
        head = self.head("v1", "Service", names="abcd").replace("}\n", f"{notes}}}\n")
        return head + f"spec: {{selector: {{app: {self.pick(*'ab')}}}, ports: [{{name: http, port: 80{protocol}}}]}}\n"

    def slice(self) -> str:
        label = f", labels: {{kubernetes.io/service-name: {self.pick(*'abcd')}}}"
        head = self.head("discovery.k8s.io/v1", "EndpointSlice").replace("}\n", f"{label}}}\n")
        ready = self.pick("true", "true", "false")
        return head + (
            f"addressType: IPv4\nports: [{{name: http, port: {self.pick('8001', '8002')}}}]\n"
            f"endpoints: [{{addresses: [127.0.0.{self.pick(*'123')}], conditions: {{ready: {ready}}}}}]\n"
        )

    def secret(self) -> str:
        kind = self.pick("Opaque", "kubernetes.io/tls", "kubernetes.io/tls")
        data = self.pick(*_PAIRS, "tls.crt: nothing")
        return self.head("v1", "Secret") + f"type: {kind}\nstringData: {{{data}}}\n"

    def config_map(self) -> str:
        return self.head("v1", "ConfigMap") + f"data: {{{self.pick(*_AUTHORITIES)}}}\n"

    def grant(self) -> str:
        kind = self.pick("HTTPRoute", "GRPCRoute", "Gateway", "TCPRoute")
        to = self.pick("Service", "Secret", "ConfigMap")
        where = self.pick("sea", "sky")
        return self.head("gateway.networking.k8s.io/v1beta1", "ReferenceGrant") + (
            f"spec: {{from: [{{group: gateway.networking.k8s.io, kind: {kind}, namespace: {where}}}], "
            f"to: [{{group: '', kind: {to}{self.maybe(', name: a')}}}]}}\n"
        )

    def backend_tls(self) -> str:
        return self.head(GATEWAY_API, "BackendTLSPolicy") + (
            f"spec: {{targetRefs: [{{group: '', kind: Service, name: {self.pick(*'abcd')}}}], "
            + self.pick(
                "validation: {hostname: b.example.com, wellKnownCACertificates: System}}\n",
                "validation: {hostname: b.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: a}]}}\n",
            )
        )

    def alb_policy(self) -> str:
        target = f"targetRef: {{group: '', kind: Service, name: {self.pick(*'abcd')}}}"
        route = f"targetRef: {{group: gateway.networking.k8s.io, kind: HTTPRoute, name: {self.pick(*'abc')}}}"
        gateway = f"targetRef: {{group: gateway.networking.k8s.io, kind: Gateway, name: {self.pick(*'ab')}}}"
        strategy = self.pick("round-robin", "least-request", "ring-hash")
        sticks = "sessionAffinity: {affinityType: managed-cookie}"
        verify = "verify: {caCertificateRef: {name: a}}"
        kind, spec = self.chance.choice(
            [
                ("HealthCheckPolicy", f"{target}, default: {{interval: {self.pick('5s', '7s')}, http: {{path: /up}}}}"),
                ("RoutePolicy", f"{route}, default: {{timeouts: {{routeTimeout: {self.pick('5s', '7s')}}}}}"),
                ("RoutePolicy", f"{route}, default: {{{sticks}}}"),
                (
                    "BackendTLSPolicy",
                    f"{target}, default: {{sni: {self.pick('a', 'b')}.test{self.maybe(', ' + verify)}}}",
                ),
                ("FrontendTLSPolicy", f"{gateway}, default: {{{verify}}}"),
                ("FrontendTLSPolicy", f"{gateway}, default: {{policyType: {{type: predefined, name: 2023-06-S}}}}"),
                (
                    "BackendLoadBalancingPolicy",
                    f"targetRefs: [{{{target}}}], loadBalancing: {{strategy: {strategy}}}",
                ),
            ]
        )
        return self.head(ALB, kind) + f"spec: {{{spec}}}\n"

    def _policy_target(self) -> str:
        kind = self.pick("Gateway", "HTTPRoute", "HTTPRoute", "GRPCRoute")
        section = self.maybe(f", sectionName: {self.pick('one', 'two')}") if kind == "HTTPRoute" else ""
        return f"{{group: gateway.networking.k8s.io, kind: {kind}, name: {self.pick(*'abc')}{section}}}"

    def policy(self) -> str:
        document = self.pick("{file: p.xml}", "{file: q.xml}", f"{{inline: '{self.document()}'}}")
        body = f"spec:\n  targetRefs: [{self._policy_target()}]\n  policy: {document}\n"
        return self.head("tidegate.dev/v1alpha1", "ApimPolicy") + body

    def rate_limit(self) -> str:
        body = (
            f"spec: {{targetRefs: [{self._policy_target()}], limits: [{{calls: {self.pick('1', '2')}, period: 1m}}]}}\n"
        )
        return self.head("tidegate.dev/v1alpha1", "RateLimitPolicy") + body

    def deployment(self) -> str:
        app = self.pick(*"ab")
        probe = self.maybe(", readinessProbe: {httpGet: {port: 80}}")
        return self.head("apps/v1", "Deployment") + (
            f"spec: {{selector: {{matchLabels: {{app: {app}}}}}, template: {{metadata: {{labels: {{app: {app}}}, "
            f"annotations: {{tidegate.dev/run: serve}}}}, spec: {{containers: [{{name: c{probe}}}]}}}}}}\n"
        )

    def organization(self) -> str:
        return (
            "apiVersion: graph.microsoft.com/v1.0\nkind: Organization\n"
            f"metadata: {{name: {self.pick('contoso', 'fabrikam')}, namespace: sea}}\n"
            "spec: {id: 10000000-0000-4000-8000-00000000000" + self.pick(*"12") + ", displayName: c}\n"
        )

    def document(self) -> str:
        value = self.pick(*"12")
        header = f'<set-header name="X-A" exists-action="override"><value>{value}</value></set-header>'
        inbound = self.pick(header, header, "<teleport />", "")
        return f"<policies><inbound><base />{inbound}</inbound><backend><forward-request /></backend></policies>"

    def documents(self) -> Iterator[str]:
        often = [
            self.http_route,
            self.http_route,
            self.http_route,
            self.gateway,
            self.gateway,
            self.service,
            self.service,
        ]
        rare = [
            self.namespace, self.gateway_class, self.listener_set, self.grpc_route, self.stream_route, self.slice,
            self.secret, self.config_map, self.grant, self.backend_tls, self.alb_policy, self.policy, self.rate_limit,
            self.deployment, self.organization,
        ]  # fmt: skip
        while True:
            yield self.chance.choice(often if self.chance.random() < 0.45 else rare)()


BASE = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a, namespace: sea, creationTimestamp: "2026-01-01T00:00:00Z"}
spec:
  gatewayClassName: tidegate
  allowedListeners: {namespaces: {from: All}}
  listeners:
    - {name: p, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
    - {name: q, port: 5432, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}
"""
"""Something that most routes can attach to, until a step takes it away."""
_SERVICES = "---\n".join(
    f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}, "
    "annotations: {tidegate.dev/endpoints: '127.0.0.1:9001'}}\nspec: {ports: [{name: http, port: 80}]}\n"
    for name in "abc"
    for namespace in ("sea", "sky")
)
FIRST = {"base.yaml": BASE, "services.yaml": _SERVICES}
PATHS = [*(f"{n}.yaml" for n in range(8)), "p.xml", "q.xml"]
BREAKS = [
    ("port: 80", "port: eighty"),
    ("name: a", "name: A_"),
    ("rules:", "rule:"),
    ("targetRefs: [", "targetRefs: wrong # ["),
    ("spec: ", "spec: 5 # "),
    ("kind: G", "kind: H"),
    (", ", ",, "),
]
APIM = {
    "art/apis/orders/apiInformation.json": '{"properties": {"displayName": "o", "path": "orders", '
    '"protocols": ["http"], "subscriptionRequired": false, "serviceUrl": "http://a.sea.svc"}}',
    "art/apis/orders/specification.yaml": "openapi: 3.0.0\ninfo: {title: o, version: '1'}\npaths:\n"
    "  /list: {get: {operationId: list, responses: {}}}\n",
    "art/policy.xml": "<policies><inbound /><backend><forward-request /></backend></policies>",
}


def edited(files: dict[str, str], author: Author) -> dict[str, str]:
    """The files after one to three edits."""
    files = dict(files)
    documents = author.documents()
    for _ in range(author.chance.randint(1, 3)):
        path = author.pick(*PATHS)
        if path.endswith(".xml"):
            files[path] = author.document()
            continue
        match author.pick(*["write"] * 6, "add", "add", "break", "cut", "remove", "apim", "move", "base"):
            case "write":
                files[path] = "---\n".join(next(documents) for _ in range(author.chance.randint(1, 4)))
                if author.chance.random() < 0.2:  # never good: nothing of it can go on
                    files[path] = files[path].replace(*author.chance.choice(BREAKS))
            case "add":
                files[path] = files.get(path, "# empty\n") + "---\n" + next(documents)
            case "break":
                old, new = author.chance.choice(BREAKS)
                files[path] = files.get(path, "").replace(old, new)
            case "base":
                which = author.pick(*FIRST)
                files[which] = author.pick(FIRST[which], FIRST[which], FIRST[which].replace("80", "81"), "# none")
            case "cut":
                text = files.get(path, "")
                files[path] = text[: author.chance.randint(0, len(text))]
            case "remove":
                files.pop(path, None)
            case "apim":
                which = author.pick(*APIM)
                files[which] = author.pick(APIM[which], APIM[which], "{", "")
            case "move":
                text = files.pop(path, None)
                if text is not None:
                    files[author.pick(*PATHS[:8])] = "# moved\n" + text
    return files
