"""What attaches to Services, routes and Gateways: Application Gateway for Containers' kinds, and BackendTLSPolicy.

Reading order: `settings` (what comes out), `targets` and `holders` (who names what, who has it), then one file a
subject: `backend_tls`, `health`, `load_balancing`, `affinity` and `routes`, `frontend_tls`, `load_balancers`;
`backends` puts together what concerns a port of a Service; `conditions` and `statuses` say what became of each policy.
"""

from tidegate.manifests.alb.affinity import policies_of_routes, services_with_affinity
from tidegate.manifests.alb.backends import ServiceFacts, backend_settings, says_tls, service_facts
from tidegate.manifests.alb.frontend_tls import GatewayPolicies, frontend_tls, policies_of_gateways
from tidegate.manifests.alb.health import labelled_deployments
from tidegate.manifests.alb.load_balancers import check_load_balancer, product_in_use
from tidegate.manifests.alb.routes import route_settings
from tidegate.manifests.alb.settings import BackendSettings, FrontendTls, RouteSettings
from tidegate.manifests.alb.statuses import policy_status, policy_statuses
from tidegate.manifests.alb.targets import ServicePolicies, policies_of_services

__all__ = [
    "BackendSettings",
    "FrontendTls",
    "GatewayPolicies",
    "RouteSettings",
    "ServiceFacts",
    "ServicePolicies",
    "backend_settings",
    "check_load_balancer",
    "frontend_tls",
    "labelled_deployments",
    "policies_of_gateways",
    "policies_of_routes",
    "policies_of_services",
    "policy_status",
    "policy_statuses",
    "product_in_use",
    "route_settings",
    "says_tls",
    "service_facts",
    "services_with_affinity",
]
