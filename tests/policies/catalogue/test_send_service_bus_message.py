"""send-service-bus-message: a queue or a topic, and what it becomes. What is written: envoy/test_sinks.py."""

from __future__ import annotations

import re

import pytest

from policy_programs import document_text, problems, program

PAYLOAD = "<payload>x</payload>"


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        (f'<send-service-bus-message queue-name="a" topic-name="b">{PAYLOAD}</send-service-bus-message>', ["TG2010"]),
        (f'<send-service-bus-message topic-name="a/b">{PAYLOAD}</send-service-bus-message>', ["TG2012"]),
        (f"<send-service-bus-message>{PAYLOAD}</send-service-bus-message>", ["TG2011"]),
        (f'<send-service-bus-message queue-name="a">{PAYLOAD * 2}</send-service-bus-message>', ["TG2007"]),
        (
            '<send-service-bus-message queue-name="a"><message-properties><message-property>1</message-property>'
            f"</message-properties>{PAYLOAD}</send-service-bus-message>",
            ["TG2011"],
        ),
        (
            f'<send-service-bus-message queue-name="a" namespace="n" client-id="c">{PAYLOAD}'
            "</send-service-bus-message>",
            [],
        ),
    ],
)
def test_findings(policy: str, codes: list[str]) -> None:
    assert [problem.split(" ")[1] for problem in problems(document_text(policy))] == codes


def test_queues_and_topics_are_different_files() -> None:
    """With the properties in their order, an equal name twice kept."""
    properties = "".join(f'<message-property name="p">{value}</message-property>' for value in ("1", "2"))
    inside = f"<message-properties>{properties}</message-properties>{PAYLOAD}"
    for kind in ("queue", "topic"):
        built = program(document_text(f'<send-service-bus-message {kind}-name="a">{inside}</send-service-bus-message>'))
        assert f'R.send_event(q, "servicebus-{kind}-a", v1, {{{{"p", v2}}, {{"p", v3}}}})' in built.lua
        assert re.search(r'v1 = "x"\s+local v2 = "1"\s+local v3 = "2"', built.lua)
        assert built.steps[0].text == f"send-service-bus-message {kind}-a: x"
