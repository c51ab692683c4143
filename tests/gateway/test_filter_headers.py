"""RequestHeaderModifier and ResponseHeaderModifier, of rules and of backends (HTTPHeaderFilter)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab
from recording_backends import Reply

pytestmark = pytest.mark.e2e


def test_request_headers(lab: Lab) -> None:
    """Set replaces, add appends, remove deletes; names have no case."""
    lab.http("v1")
    lab.rules("""
        - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier:
                set: [{name: X-Set, value: ours}]
                add: [{name: X-Add, value: added}]
                remove: [x-remove]
          backendRefs: [{name: v1, port: 80}]
    """)
    answer = lab.get("/", ("x-set", "a"), ("x-set", "b"), ("x-add", "theirs"), ("X-Remove", "gone"), ("x-keep", "kept"))
    assert answer.got("x-set") == "ours"
    assert (answer.got("x-add") or "").replace(", ", ",") == "theirs,added"
    assert answer.got("x-remove") is None
    assert answer.got("x-keep") == "kept"
    assert lab.get().got("x-set") == "ours"


def test_response_headers(lab: Lab) -> None:
    """The same towards the client."""
    (v1,) = lab.http("v1")
    v1.default = Reply(headers=(("x-set", "theirs"), ("x-add", "theirs"), ("x-remove", "gone"), ("x-keep", "kept")))
    lab.rules("""
        - filters:
            - type: ResponseHeaderModifier
              responseHeaderModifier:
                set: [{name: X-Set, value: ours}]
                add: [{name: X-Add, value: added}]
                remove: [X-Remove]
          backendRefs: [{name: v1, port: 80}]
    """)
    answer = lab.get()
    assert answer.all("x-set") == ["ours"]
    assert (answer.header("x-add") or "").replace(", ", ",") == "theirs,added"
    assert answer.header("x-remove") is None
    assert answer.header("x-keep") == "kept"


def test_percent_signs_and_other_text_are_taken_as_they_stand(lab: Lab) -> None:
    """Values are no templates: `%` begins a substitution in Envoy, and must not here."""
    lab.http("v1")
    lab.rules("""
        - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: {set: [{name: x-rate, value: "100%REQ(:path)% of 5%"}]}
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get("/secret").got("x-rate") == "100%REQ(:path)% of 5%"


def test_headers_of_one_backend(lab: Lab) -> None:
    """A backend's filters act on its share only, after the rule's."""
    lab.http("v1", "v2")
    lab.rules("""
        - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: {set: [{name: x-rule, value: rule}, {name: x-both, value: rule}]}
          backendRefs:
            - name: v1
              port: 80
              filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {set: [{name: x-both, value: v1}], add: [{name: x-one, value: only}]}
                - type: ResponseHeaderModifier
                  responseHeaderModifier: {set: [{name: x-from, value: v1}]}
            - name: v2
              port: 80
    """)
    seen = {}
    with lab.session() as session:
        for _ in range(40):
            answer = session.ask()
            seen[answer.who] = (
                answer.got("x-rule"),
                answer.got("x-both"),
                answer.got("x-one"),
                answer.header("x-from"),
            )
    assert seen == {"v1": ("rule", "v1", "only", "v1"), "v2": ("rule", "rule", None, None)}


def test_what_the_gateway_adds_by_itself(lab: Lab) -> None:
    """Who called, how, and under which id; what a client claims about itself is not believed."""
    lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    answer = lab.get("/", ("x-forwarded-for", "6.6.6.6"), ("x-forwarded-proto", "https"))
    assert (answer.got("x-forwarded-for") or "6.6.6.6").split(",")[-1].strip() != "6.6.6.6"
    assert answer.got("x-forwarded-proto") == "http"
    assert answer.got("x-request-id")
    assert not [name for name, _ in answer.json["headers"] if name.startswith("x-envoy")]
    assert not [name for name, _ in answer.headers if name.startswith("x-envoy")]
