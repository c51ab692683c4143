"""The PolicyTests among the inputs, as their authors wrote them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidegate.diagnostics import Found, Span
from tidegate.manifests.check import check
from tidegate.manifests.schema.policy_test import Case, PolicyTest
from tidegate.model import ObjectKey
from tidegate.pipeline import Compilation
from tidegate.sources.nodes import at


@dataclass(frozen=True, slots=True)
class Suite:
    """One PolicyTest."""

    name: str
    """namespace/name."""
    span: Span
    cases: tuple[tuple[Case, Span], ...]
    """In order, each with its place."""

    def only(self, text: str) -> Suite:
        """With the cases whose name contains a text."""
        return replace(self, cases=tuple(each for each in self.cases if text in each[0].name))


def read_suites(compilation: Compilation) -> tuple[Suite, ...]:
    """Every PolicyTest that was read and is well formed, sorted by file and place."""
    suites: list[Suite] = []
    for key, node in compilation.nodes.items():
        if not _is_policy_test(key):
            continue
        # Whatever is wrong with it was told when the inputs were compiled.
        body = check(node, PolicyTest, subject=str(key), found=Found())[0]
        if body is not None:
            places = [at(node, "spec", "cases", number, "name") for number in range(len(body.spec.cases))]
            suites.append(
                Suite(f"{key.namespace}/{key.name}", node.span, tuple(zip(body.spec.cases, places, strict=True)))
            )
    return tuple(sorted(suites, key=lambda suite: (suite.span.file, suite.span.line)))


def _is_policy_test(key: ObjectKey) -> bool:
    return (key.group, key.kind) == ("tidegate.dev", "PolicyTest")
