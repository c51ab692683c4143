"""Documents are read again only when something that they hold has changed."""

from __future__ import annotations

from tidegate.diagnostics import Span
from tidegate.manifests.plan import FragmentSource, NamedValueText, Plan, PolicySource
from tidegate.pipeline.reading import Filling, read_policy
from tidegate.sources import Source

PLACE = Span("a", 1, 1, 1, 1)
PLAIN = PolicySource(Source("p.xml", "<policies><inbound /></policies>"), None, PLACE)
VALUE = '<set-header name="a" exists-action="override"><value>{{v}}</value></set-header>'
NAMING = PolicySource(Source("v.xml", f"<policies><inbound>{VALUE}</inbound></policies>"), None, PLACE)
INCLUDED = '<include-fragment fragment-id="f" />'
INCLUDING = PolicySource(Source("f.xml", f"<policies><inbound>{INCLUDED}</inbound></policies>"), None, PLACE)


def filling(value: str, fragment: str = "<fragment />") -> Filling:
    return Filling.of(
        Plan(
            named_values={"v": NamedValueText("v", value, secret=False, span=PLACE)},
            fragments={"f": FragmentSource("f", Source("fragment.xml", fragment), PLACE)},
        )
    )


def test_only_what_holds_a_value_is_read_again() -> None:
    """Values reach documents by name, and those that include fragments in any case."""
    before, after = filling("1"), filling("2")
    for policy, again in ((PLAIN, False), (NAMING, True), (INCLUDING, True)):
        first = read_policy(policy, before, None)
        assert first.document is not None
        assert read_policy(policy, before, first) is first
        assert (read_policy(policy, after, first) is not first) == again


def test_only_what_includes_fragments_is_read_again() -> None:
    """When a fragment has changed."""
    before, after = filling("1"), filling("1", "<fragment><base /></fragment>")
    for policy, again in ((PLAIN, False), (NAMING, False), (INCLUDING, True)):
        first = read_policy(policy, before, None)
        assert (read_policy(policy, after, first) is not first) == again


def test_a_file_that_cannot_be_read() -> None:
    """Comes to nothing, without a word: reading has told."""
    read = read_policy(PolicySource(None, None, PLACE), filling("1"), None)
    assert (read.document, read.diagnostics) == (None, ())
