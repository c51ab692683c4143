"""Feature names of the Gateway API: each that is claimed is shown by a test through a real Envoy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiling import compiled, key
from tidegate.manifests.schema.gateway_api.features import FEATURES, SUPPORTED
from tidegate.manifests.schema.support import Honoured, Support

TESTS = Path(__file__).parent.parent / "gateway"

SHOWN = {
    "Gateway": "status::everything_is_well",
    "GatewayPort8080": "attachment::section_names_and_ports",
    "GatewayStaticAddresses": "status::addresses",
    "GatewayHTTPListenerIsolation": "hostnames::listeners_on_one_port_are_isolated",
    "GatewayHTTPSListenerDetectMisdirectedRequests": "https_listeners::misdirected_requests_are_421",
    "GatewayAddressEmpty": "status::addresses",
    "ListenerSet": "attachment::listener_sets_add_listeners",
    "GatewayBackendClientCertificate": "backend_tls::the_gateway_presents_its_certificate",
    "GatewayFrontendClientCertificateValidation": "https_listeners::clients_must_present_a_certificate",
    "GatewayFrontendClientCertificateValidationInsecureFallback": "https_listeners::clients_must_present_a_certificate",
    "ReferenceGrant": "http_backends::a_grant_opens_a_service_of_another_namespace",
    "HTTPRoute": "http_matching::precedence_between_routes",
    "HTTPRouteDestinationPortMatching": "attachment::section_names_and_ports",
    "HTTPRouteBackendRequestHeaderModification": "filter_headers::headers_of_one_backend",
    "HTTPRouteQueryParamMatching": "http_matching::query_parameters_match_exactly_or_by_expression",
    "HTTPRouteMethodMatching": "http_matching::methods",
    "HTTPRouteResponseHeaderModification": "filter_headers::response_headers",
    "HTTPRoutePortRedirect": "filter_redirect::locations",
    "HTTPRouteSchemeRedirect": "filter_redirect::http_to_https",
    "HTTPRoutePathRedirect": "filter_redirect::replaced_prefixes",
    "HTTPRouteHostRewrite": "filter_rewrite::hostname",
    "HTTPRoutePathRewrite": "filter_rewrite::prefixes",
    "HTTPRouteRequestMirror": "filter_mirror::several_mirrors",
    "HTTPRouteRequestMultipleMirrors": "filter_mirror::several_mirrors",
    "HTTPRouteRequestPercentageMirror": "filter_mirror::a_share_is_mirrored",
    "HTTPRouteRequestTimeout": "timeouts_and_retries::a_backend_that_takes_too_long_is_504",
    "HTTPRouteBackendTimeout": "timeouts_and_retries::a_backend_that_takes_too_long_is_504",
    "HTTPRouteParentRefPort": "attachment::section_names_and_ports",
    "HTTPRouteBackendProtocolH2C": "http_protocols::h2c_backends",
    "HTTPRouteBackendProtocolWebSocket": "http_protocols::websockets_to_a_service_that_says_so",
    "HTTPRouteNamedRouteRule": "http_matching::named_rules_are_served",
    "HTTPRouteCORS": "filter_cors::preflights_are_answered_by_the_gateway",
    "HTTPRoute303RedirectStatusCode": "filter_redirect::statuses",
    "HTTPRoute307RedirectStatusCode": "filter_redirect::statuses",
    "HTTPRoute308RedirectStatusCode": "filter_redirect::statuses",
    "HTTPRouteRetry": "timeouts_and_retries::listed_codes_are_tried_again",
    "HTTPRouteRetryBackendTimeout": "timeouts_and_retries::a_try_that_takes_too_long_is_tried_again",
    "HTTPRouteRetryConnectionError": "timeouts_and_retries::broken_connections_are_tried_again",
    "HTTPRouteBackendURLRewrite": "filter_rewrite::a_backends_own_rewrite",
    "HTTPRouteBackendRequestRedirect": "rarer_features::a_backends_own_redirect",
    "GRPCRoute": "grpc::methods_match_exactly",
    "GRPCRouteNamedRouteRule": "rarer_features::named_rules_of_grpc_routes",
    "GRPCRouteRequestHeaderModifier": "grpc::filters",
    "TLSRoute": "stream_routes::tls_passes_through_by_server_name",
    "TLSRouteModeTerminate": "stream_routes::tls_is_terminated_here",
    "TLSRouteModeMixed": "rarer_features::both_tls_modes_on_one_port",
    "TCPRoute": "stream_routes::tcp_by_weight",
    "UDPRoute": "stream_routes::udp",
    "BackendTLSPolicy": "backend_tls::a_backend_is_verified",
    "BackendTLSPolicySANValidation": "backend_tls::subject_alternative_names",
}
"""File and name of one test below tests/gateway."""


def test_every_claimed_feature_is_shown() -> None:
    """And nothing else is."""
    assert set(SUPPORTED) == set(SHOWN)


@pytest.mark.parametrize(("feature", "shown"), SHOWN.items())
def test_the_test_is_there(feature: str, shown: str) -> None:
    """It has not been renamed or taken away."""
    file, _, name = shown.partition("::")
    text = (TESTS / f"test_{file}.py").read_text(encoding="utf-8")
    assert re.search(rf"^def test_{name}\(", text, re.M), f"{feature} is claimed, and {shown} is gone"


def test_names_stand_once_and_in_the_order_of_the_status() -> None:
    """GatewayClassStatus.supportedFeatures: "in ascending alphabetical order"."""
    names = [each.name for rows in FEATURES.values() for each in rows]
    assert len(set(names)) == len(names)
    assert list(SUPPORTED) == sorted(SUPPORTED)


def test_what_is_not_honoured_in_full_says_why() -> None:
    """A row without a reason cannot be written."""
    with pytest.raises(ValueError, match="does not say why"):
        Support("a", Honoured.NO)


def test_gateway_classes_say_what_they_support() -> None:
    """status.supportedFeatures, which conformance profiles read."""
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: tidegate}
spec: {controllerName: tidegate.dev/gateway-controller}
"""
    status = compiled(text).statuses[key("GatewayClass", "tidegate", namespace="")]
    assert status["supportedFeatures"] == [{"name": name} for name in SUPPORTED]
