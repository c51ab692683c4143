"""RequestMirror: copies to other backends, all or a share (HTTPRequestMirrorFilter)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab, parent_conditions
from recording_backends import Reply

pytestmark = pytest.mark.e2e


def test_several_mirrors(lab: Lab) -> None:
    """Each gets every request with its body; the client gets only the backend's answer."""
    _, first, second = lab.http("v1", "m1", "m2")
    lab.rules("""
        - filters:
            - {type: RequestMirror, requestMirror: {backendRef: {name: m1, port: 80}}}
            - {type: RequestMirror, requestMirror: {backendRef: {name: m2, port: 80}}}
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get("/a?b=c", ("x-mine", "1"), method="POST", body=b"hello").who == "v1"
    for mirror in (first, second):
        assert lab.eventually(lambda mirror=mirror: mirror.received)
        (copy,) = mirror.received
        assert (copy.method, copy.path, copy.body, copy.header("x-mine")) == ("POST", "/a?b=c", b"hello", "1")


@pytest.mark.parametrize(
    ("share", "expected"), [("percent: 30", 0.3), ("fraction: {numerator: 1, denominator: 2}", 0.5), ("percent: 0", 0)]
)
def test_a_share_is_mirrored(lab: Lab, share: str, expected: float) -> None:
    """By percent or by fraction."""
    _, mirror = lab.http("v1", "m1")
    lab.rules(f"""
        - filters: [{{type: RequestMirror, requestMirror: {{backendRef: {{name: m1, port: 80}}, {share}}}}}]
          backendRefs: [{{name: v1, port: 80}}]
    """)
    assert lab.count(400) == {"v1": 400}
    wanted = 400 * expected
    assert lab.eventually(lambda: len(mirror.received) >= wanted - 60)
    assert len(mirror.received) <= wanted + 60 * bool(expected)


def test_a_slow_or_failing_mirror_hurts_nobody(lab: Lab) -> None:
    """Its answers are thrown away, whatever they are."""
    _, mirror = lab.http("v1", "m1")
    mirror.default = Reply(hang=True)
    lab.rules("""
        - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: m1, port: 80}}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.count(20) == {"v1": 20}


def test_a_mirror_that_does_not_resolve(lab: Lab) -> None:
    """Requests are served without it, and ResolvedRefs says so."""
    lab.http("v1")
    lab.rules(
        """
        - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: nowhere, port: 80}}}]
          backendRefs: [{name: v1, port: 80}]
        """,
        errors=True,
    )
    assert lab.get().who == "v1"
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"] == "False/BackendNotFound"
    assert "a.yaml:7" in lab.found()
