"""log-to-eventhub: names that may become a file's, and what it becomes. What is written: envoy/test_sinks.py."""

from __future__ import annotations

import re

import pytest

from policy_programs import document_text, problems, program
from tidegate.policies.catalogue.log_to_eventhub import SINK_NAME


@pytest.mark.parametrize("name", ["a", "audit-2.main_x", "9", "a" * 100])
def test_names_of_files(name: str) -> None:
    assert problems(document_text(f'<log-to-eventhub logger-id="{name}">x</log-to-eventhub>')) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "-a", ".a", "a b", "ä", "a" * 101])
def test_names_that_would_leave_the_folder_or_hide(name: str) -> None:
    assert not SINK_NAME.fullmatch(name)
    (problem,) = problems(document_text(f'<log-to-eventhub logger-id="{name}">x</log-to-eventhub>'))
    assert "2:" in problem
    assert "TG2012" in problem


def test_both_partitions_go_with_the_event() -> None:
    """Worked out after the body."""
    built = program(
        document_text('<log-to-eventhub logger-id="a" partition-id="0" partition-key="k">x</log-to-eventhub>')
    )
    values = r'v1 = "x"\s+local v2 = "0"\s+local v3 = "k"\s+'
    call = r'R.send_event\(q, "eventhub-a", v1, \{\{"partition-id", v2\}, \{"partition-key", v3\}\}\)'
    assert re.search(values + call, built.lua)
    assert built.steps[0].text == "log-to-eventhub a: x"
