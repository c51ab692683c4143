"""Every feature name of the Gateway API's conformance suite, core and extended, and what became of it here.

Names are those of `pkg/features` of the specification's repository (v1.6 and its main branch), in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tidegate.manifests.schema.support import Honoured, Support, differs, no, yes

FEATURES: Final[Mapping[str, tuple[Support, ...]]] = {
    "Gateway": (
        yes("Gateway"),
        yes("GatewayPort8080", "any port; `--port-offset` is added to each"),
        yes("GatewayStaticAddresses", "addresses that this machine has; one for each Gateway"),
        yes("GatewayHTTPListenerIsolation"),
        yes("GatewayHTTPSListenerDetectMisdirectedRequests", "421 where host name and TLS server name disagree"),
        differs("GatewayInfrastructurePropagation", "read and checked; no resource is created that could carry them"),
        yes("GatewayAddressEmpty", "an address is chosen"),
        yes("ListenerSet"),
        yes("GatewayBackendClientCertificate"),
        yes("GatewayFrontendClientCertificateValidation"),
        yes("GatewayFrontendClientCertificateValidationInsecureFallback"),
    ),
    "ReferenceGrant": (yes("ReferenceGrant"),),
    "HTTPRoute": (
        yes("HTTPRoute"),
        yes("HTTPRouteDestinationPortMatching"),
        yes("HTTPRouteBackendRequestHeaderModification"),
        yes("HTTPRouteQueryParamMatching"),
        yes("HTTPRouteMethodMatching"),
        yes("HTTPRouteResponseHeaderModification"),
        yes(
            "HTTPRoutePortRedirect",
            "with neither scheme nor port the one by which the client came (decisions/0006)",
        ),
        yes("HTTPRouteSchemeRedirect", "the port is the scheme's, without the port offset (decisions/0006)"),
        yes("HTTPRoutePathRedirect"),
        yes("HTTPRouteHostRewrite"),
        yes("HTTPRoutePathRewrite"),
        yes(
            "HTTPRouteRequestMirror", "Envoy marks copies with `x-envoy-internal` and adds itself to `X-Forwarded-For`"
        ),
        yes("HTTPRouteRequestMultipleMirrors"),
        yes("HTTPRouteRequestPercentageMirror"),
        yes("HTTPRouteRequestTimeout"),
        yes("HTTPRouteBackendTimeout"),
        yes("HTTPRouteParentRefPort"),
        yes("HTTPRouteBackendProtocolH2C"),
        yes("HTTPRouteBackendProtocolWebSocket", "kubernetes.io/wss needs a BackendTLSPolicy, as GEP-1911 says"),
        yes("HTTPRouteNamedRouteRule", "policies can be attached to it (`sectionName`)"),
        yes("HTTPRouteCORS"),
        yes("HTTPRoute303RedirectStatusCode"),
        yes("HTTPRoute307RedirectStatusCode"),
        yes("HTTPRoute308RedirectStatusCode"),
        yes("HTTPRouteRetry"),
        yes("HTTPRouteRetryBackendTimeout"),
        yes("HTTPRouteRetryConnectionError"),
        yes("HTTPRouteBackendURLRewrite"),
        yes("HTTPRouteBackendRequestRedirect"),
    ),
    "GRPCRoute": (
        yes("GRPCRoute"),
        yes("GRPCRouteNamedRouteRule"),
        yes("GRPCRouteRequestHeaderModifier"),
    ),
    "TLSRoute": (
        yes("TLSRoute"),
        yes("TLSRouteModeTerminate"),
        yes("TLSRouteModeMixed"),
    ),
    "TCPRoute": (yes("TCPRoute"),),
    "UDPRoute": (yes("UDPRoute"),),
    "BackendTLSPolicy": (
        yes("BackendTLSPolicy"),
        yes("BackendTLSPolicySANValidation"),
    ),
    "Mesh": tuple(
        no(name, "Tidegate is a gateway; no mesh")
        for name in (
            "Mesh",
            "MeshClusterIPMatching",
            "MeshConsumerRoute",
            "MeshHTTPRouteRewritePath",
            "MeshHTTPRouteSchemeRedirect",
            "MeshHTTPRouteRedirectPort",
            "MeshHTTPRouteRedirectPath",
            "MeshHTTPRouteBackendRequestHeaderModification",
            "MeshHTTPRouteQueryParamMatching",
            "MeshHTTPRouteNamedRouteRule",
        )
    ),
}
"""By kind."""

BESIDE: Final[tuple[Support, ...]] = (
    differs(
        "HTTPRoute `retry`",
        "codes, attempts; `backoff` is the first pause on average, since Envoy draws each at random; without `retry` "
        "nothing is repeated that a backend may have worked on",
    ),
    differs(
        "HTTPRoute and GRPCRoute `sessionPersistence`",
        "cookies that end with the browser, permanent ones, headers; no `idleTimeout`, and `absoluteTimeout` only of a "
        "permanent cookie, since nothing remembers sessions; a header keeps the endpoint, not one backend of several",
    ),
    differs(
        "rules that are invalid",
        "they answer 500 instead of being dropped: their requests are handed to no wider rule (decisions/0010)",
    ),
    yes("a GRPCRoute and an HTTPRoute of one host", "gRPC requests are the GRPCRoute's first (decisions/0014)"),
    yes("HTTPS and TLS listeners of one port", "where server names tell them apart (decisions/0014)"),
    differs("certificates that have expired", "served, with a warning and ResolvedRefs False (decisions/0014)"),
    no("filters ExtensionRef and ExternalAuth", "what they refer to is another implementation's, or experimental"),
    no("`tls.options` of listeners and of BackendTLSPolicy", "their keys are other implementations'"),
    no("`parametersRef`", "nothing here has parameters"),
    yes(
        "Service `appProtocol`", "of KEP-3726 and IANA: http, https, h2c, ws, wss, grpc and what clouds write for them"
    ),
    differs(
        "Service of type ExternalName",
        "only where its Namespace says `tidegate.dev/external-names: allow` (decisions/0010)",
    ),
    yes("Service `sessionAffinity: ClientIP`", "worked out from the address, so `timeoutSeconds` has nothing to end"),
    yes("Service that is headless", "like any other: endpoints are gone to in any case"),
    differs("EndpointSlice", "IPv4 and IPv6; addressType FQDN is refused"),
    differs(
        "Deployment `readinessProbe`",
        "asked by the gateway where nobody has a HealthCheckPolicy and a kubelet is not needed (decisions/0008)",
    ),
)
"""What no feature name speaks of."""

SUPPORTED: Final = tuple(
    sorted(each.name for rows in FEATURES.values() for each in rows if each.honoured is Honoured.YES)
)
"""What a GatewayClass says of itself (status.supportedFeatures), in the specification's order: ascending by name."""
