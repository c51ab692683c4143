"""Routes and backends in words."""

from __future__ import annotations

from tidegate.diagnostics import Span
from tidegate.model import (
    Backend,
    BackendFilters,
    BackendId,
    BackendProtocol,
    BackendTls,
    CookieHash,
    Cors,
    Forward,
    GrpcProbe,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    HealthCheck,
    HttpProbe,
    LoadBalancing,
    Mirror,
    ObjectKey,
    ObjectName,
    PathMatch,
    PathMatchKind,
    QueryMatch,
    Redirect,
    Retry,
    Rewrite,
    Route,
    RouteMatch,
    SessionPersistence,
    TcpProbe,
    Timeouts,
    ValueMatchKind,
    WeightedBackend,
)
from tidegate.pipeline.describe import backend_notes, match_text, route_filters

CART = BackendId(ObjectName("shop", "cart"), 80)
OWNER = ObjectKey("gateway.networking.k8s.io", "HTTPRoute", "shop", "a")


def route(action: Forward | Redirect, **fields: object) -> Route:
    return Route("shop/a#0.0", (), RouteMatch(), action, OWNER, Span("a.yaml", 1, 1, 1, 1), **fields)  # type: ignore[arg-type]  # tests pass Route's own fields


def test_a_match_in_words() -> None:
    """Everything that is wanted, patterns marked as such."""
    match = RouteMatch(
        PathMatch(PathMatchKind.EXACT, "/a"),
        (HeaderMatch("x-a", "1"), HeaderMatch("x-b", "b+", ValueMatchKind.REGEX)),
        "GET",
        (QueryMatch("q", "1"), QueryMatch("r", "r+", ValueMatchKind.REGEX)),
        grpc=True,
    )
    assert match_text(match) == "GET, Exact /a, x-a: 1, x-b like b+, ?q=1, ?r like r+, gRPC"


def test_everything_that_a_route_does_is_told_in_order() -> None:
    """CORS, request headers, rewrite, mirror, timeouts, retry, affinity, response headers."""
    action = Forward(
        (WeightedBackend(CART, 1),),
        replace_prefix="/b",
        host="b.example.com",
        mirrors=(Mirror(CART, 1, 4),),
        timeouts=Timeouts(2.5, 0),
        retry=Retry((503,), 3),
        affinity=SessionPersistence("s"),
    )
    told = route_filters(
        route(
            action,
            cors=Cors(("https://a.example.com",)),
            request_headers=HeaderChanges((HeaderChange("A", "1"),), (HeaderChange("B", "2"),), ("C",)),
            response_headers=HeaderChanges(remove=("Server",)),
        )
    )
    assert list(told) == [
        "CORS for https://a.example.com",
        "request header A set to 1",
        "request header B added: 2",
        "request header C removed",
        "host becomes b.example.com",
        "the matched prefix becomes /b",
        "copy of 25% to shop/cart:80",
        "request ends after 2.5 s",
        "one try may take any time",
        "retry up to 3 times on 503",
        "session kept by the cookie s",
        "response header Server removed",
    ]
    hashed = route(Forward((), replace_path="/x", retry=Retry(), affinity=CookieHash("c")))
    assert list(route_filters(hashed)) == [
        "path becomes /x",
        "retry again",
        "equal cookies c meet the same endpoint",
    ]


def test_a_redirect_says_what_it_changes() -> None:
    """And only that."""
    assert list(route_filters(route(Redirect(status=307)))) == ["redirect 307"]
    full = Redirect("https", "b.example.com", 8443, "/x", None, 301)
    assert list(route_filters(route(full))) == [
        "redirect 301 with scheme https, host b.example.com, port 8443, path /x"
    ]


def test_how_a_backend_is_spoken_to() -> None:
    """Protocol, TLS, balancing, probes; then what is done for it alone."""
    backend = Backend(
        CART,
        (),
        "cart.shop.svc",
        BackendProtocol.HTTP2,
        tls=BackendTls("cart.example.com", None),
        load_balancing=LoadBalancing(),
        health_check=HealthCheck(HttpProbe("/healthz")),
    )
    filters = BackendFilters(
        HeaderChanges((HeaderChange("A", "1"),)),
        rewrite=Rewrite("b"),
        redirect=Redirect(),
        mirrors=(Mirror(CART),),
        cors=Cors(),
    )
    assert list(backend_notes(backend, filters)) == [
        "spoken to by HTTP/2",
        "over TLS as cart.example.com; its certificate must be for cart.example.com",
        "balanced by least-request",
        "probed by GET /healthz every 5 s",
        "CORS for no origin",
        "request header A set to 1",
        "redirect 302",
        "host becomes b",
        "copy of 100% to shop/cart:80",
    ]
    assert list(backend_notes(None, None)) == []


def test_other_probes() -> None:
    """gRPC's health service, or a connection."""
    for probe, text in ((GrpcProbe("a.B"), "gRPC health of a.B"), (TcpProbe(), "a connection")):
        backend = Backend(CART, (), "", health_check=HealthCheck(probe))
        assert list(backend_notes(backend, None)) == [f"probed by {text} every 5 s"]
