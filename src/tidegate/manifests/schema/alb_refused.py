"""Kinds of alb.networking.azure.io that are read and refused: what they ask for is Azure's, or is for Ingresses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tidegate.manifests.schema.alb import BackendLoadBalancingPolicySpec, SessionAffinity, TargetRef
from tidegate.manifests.schema.base import PortNumber, Resource, Schema
from tidegate.manifests.schema.durations import GoDuration
from tidegate.manifests.schema.gateway_api.common import HeaderName


class AlbHeader(Schema):
    name: HeaderName
    value: str


class AlbHeaderFilter(Schema):
    set: tuple[AlbHeader, ...] = ()
    add: tuple[AlbHeader, ...] = ()
    remove: tuple[HeaderName, ...] = ()


class AlbPathModifier(Schema):
    type: Literal["ReplaceFullPath", "ReplacePrefixMatch"]
    replace_full_path: str | None = None
    replace_prefix_match: str | None = None


class AlbUrlRewrite(Schema):
    hostname: str | None = None
    path: AlbPathModifier | None = None


class IngressRewrite(Schema):
    type: Literal["RequestHeaderModifier", "ResponseHeaderModifier", "URLRewrite"]
    request_header_modifier: AlbHeaderFilter | None = None
    response_header_modifier: AlbHeaderFilter | None = None
    url_rewrite: AlbUrlRewrite | None = None


class IngressRedirect(Schema):
    scheme: Literal["http", "https"] | None = None
    hostname: str | None = None
    path: AlbPathModifier | None = None
    port: PortNumber | None = None
    status_code: Literal[301, 302, 303, 307, 308] = 302


class IngressRule(Schema):
    host: str
    additional_hostnames: tuple[str, ...] = ()
    rewrites: tuple[IngressRewrite, ...] = ()
    request_redirect: IngressRedirect | None = None


class IngressBackendPort(Schema):
    port: PortNumber | None = None
    name: str | None = None
    protocol: Literal["HTTP", "HTTPS"]


class IngressTimeouts(Schema):
    request_timeout: GoDuration | None = None


class IngressBackendSetting(Schema):
    service: str
    ports: tuple[IngressBackendPort, ...] = ()
    trusted_root_certificate: str | None = None
    session_affinity: SessionAffinity | None = None
    timeouts: IngressTimeouts | None = None
    load_balancing_policy_spec: BackendLoadBalancingPolicySpec | None = None


class IngressExtensionSpec(Schema):
    rules: tuple[IngressRule, ...] = ()
    backend_settings: tuple[IngressBackendSetting, ...] = ()


class IngressExtension(Resource):
    LOST = "redirects, rewrites, timeouts and TLS to backends for Ingresses, which Tidegate does not serve either"
    INSTEAD = "say the same in an HTTPRoute and the policies that attach to it"

    spec: IngressExtensionSpec = IngressExtensionSpec()


class WebApplicationFirewall(Schema):
    id: Annotated[str, Field(min_length=1)]
    """The resource id of an Azure WAF policy."""


class WebApplicationFirewallPolicySpec(Schema):
    target_ref: TargetRef
    web_application_firewall: WebApplicationFirewall | None = None


class WebApplicationFirewallPolicy(Resource):
    LOST = "the rules of Azure's firewall (DRS, bot protection): requests that it would stop reach the backend"
    INSTEAD = "keep a firewall in front of this gateway"

    spec: WebApplicationFirewallPolicySpec
