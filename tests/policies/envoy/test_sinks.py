"""Events and metrics of policies: lines of JSON, whole, the owner's alone."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


def lines(lab: Lab, name: str) -> list[Any]:
    """What was written to one file."""
    file = lab.folder / "events" / f"{name}.jsonl"
    assert file.stat().st_mode & 0o077 == 0
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_event_for_a_logger(lab: Lab) -> None:
    """With its partition; in outbound too, and whatever bytes it holds."""
    policy = (
        '<log-to-eventhub logger-id="audit" partition-key="@(context.Request.Method)">'
        '@(context.Request.Headers.GetValueOrDefault("X-What", "") + "\\n\\"")</log-to-eventhub>'
    )
    route = lab.serve(document_text(policy, outbound='<log-to-eventhub logger-id="audit">done</log-to-eventhub>'))
    assert route.get(("X-What", "tea")).status == 200
    first, second = lines(lab, "eventhub-audit")
    assert (first["body"], first["properties"]) == ('tea\n"', {"partition-key": "GET"})
    assert (second["body"], second["properties"]) == ("done", {})
    assert 1e9 < first["at"] <= second["at"]


def test_a_message_for_a_queue(lab: Lab) -> None:
    """With its properties."""
    policy = (
        '<send-service-bus-message queue-name="orders"><message-properties>'
        '<message-property name="kind">new</message-property></message-properties>'
        "<payload>@(context.Request.Method)</payload></send-service-bus-message>"
    )
    assert lab.serve(document_text(policy)).get().status == 200
    (message,) = lines(lab, "servicebus-queue-orders")
    assert (message["body"], message["properties"]) == ("GET", {"kind": "new"})


def test_a_metric(lab: Lab) -> None:
    """1 unless it says otherwise; a default dimension that is not known is left out; what is no number is an error."""
    policy = (
        '<emit-metric name="calls" namespace="shop"><dimension name="Gateway ID" /><dimension name="API ID" />'
        '<dimension name="who" value="@(context.Request.Headers.GetValueOrDefault("X-Who", "-"))" />'
        '</emit-metric><emit-metric name="size" '
        'value="@(context.Request.Headers.GetValueOrDefault("X-Size", "2.5"))">'
        '<dimension name="who" value="x" /></emit-metric>'
    )
    route = lab.serve(document_text(policy))
    assert route.get(("X-Who", "ada")).status == 200
    calls, size = (m for m in lines(lab, "metrics") if m["name"] in ("calls", "size"))
    assert (calls["namespace"], calls["name"], calls["value"]) == ("shop", "calls", 1)
    assert calls["dimensions"] == {"Gateway ID": "local", "who": "ada"}
    assert (size["namespace"], size["value"]) == ("API Management", 2.5)
    assert route.get(("X-Size", "many")).status == 500


def test_lines_of_many_workers_do_not_mix(lab: Lab) -> None:
    """Each is written at once."""
    route = lab.serve(document_text(f'<log-to-eventhub logger-id="busy">{"x" * 5000}</log-to-eventhub>'))
    threads = [threading.Thread(target=lambda: [route.get() for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(line["body"]) for line in lines(lab, "eventhub-busy")] == [5000] * 80


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ('<log-to-eventhub logger-id="../x">a</log-to-eventhub>', "`../x` is not letters, digits"),
        ("<log-to-eventhub>a</log-to-eventhub>", "needs the attribute `logger-id`"),
        ('<emit-metric name="a" />', "needs 1 to 10 `<dimension>`s"),
        ('<emit-metric name="a"><dimension name="x" /></emit-metric>', "`x` is not one of API ID"),
        (
            "<send-service-bus-message><payload>x</payload></send-service-bus-message>",
            "needs the attribute `queue-name`",
        ),
        ('<send-service-bus-message queue-name="q" />', "needs a `<payload>`"),
    ],
)
def test_mistakes(policy: str, said: str) -> None:
    """Each with its place."""
    assert any(said in line for line in problems(document_text(policy)))
