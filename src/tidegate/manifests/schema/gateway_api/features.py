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
        yes("HTTPRoutePortRedirect"),
        yes("HTTPRouteSchemeRedirect"),
        yes("HTTPRoutePathRedirect"),
        yes("HTTPRouteHostRewrite"),
        yes("HTTPRoutePathRewrite"),
        yes("HTTPRouteRequestMirror"),
        yes("HTTPRouteRequestMultipleMirrors"),
        yes("HTTPRouteRequestPercentageMirror"),
        yes("HTTPRouteRequestTimeout"),
        yes("HTTPRouteBackendTimeout"),
        yes("HTTPRouteParentRefPort"),
        yes("HTTPRouteBackendProtocolH2C"),
        yes("HTTPRouteBackendProtocolWebSocket"),
        yes("HTTPRouteNamedRouteRule"),
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

SUPPORTED: Final = tuple(
    sorted(each.name for rows in FEATURES.values() for each in rows if each.honoured is Honoured.YES)
)
"""What a GatewayClass says of itself (status.supportedFeatures), in the specification's order: ascending by name."""
