"""Policy documents of a plan, each read once for as long as nothing that it is filled with changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Diagnostic, Found
from tidegate.manifests import Plan, PolicySource
from tidegate.model.entities import CertificateEntity
from tidegate.policies import NamedValue, PolicyDocument, limit_document, read_document
from tidegate.sources import Source


@dataclass(frozen=True, slots=True)
class Read:
    """What one document came to."""

    key: object
    """Of the text, its place, and the named values and fragments that it may hold: equal, and nothing need be read
    again."""
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Filling:
    """What documents are filled with."""

    values: Mapping[str, NamedValue]
    fragments: Mapping[str, Source]
    values_key: object
    fragments_key: object
    certificates: Mapping[str, CertificateEntity] = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan) -> Filling:
        """The named values and fragments of a plan."""
        values = {name: NamedValue(name, v.value, v.secret) for name, v in plan.named_values.items()}
        fragments = {name: each.source for name, each in plan.fragments.items() if each.source is not None}
        return Filling(
            values,
            fragments,
            tuple((v.name, v.value, v.secret) for _, v in sorted(values.items())),
            tuple((name, _place(each)) for name, each in sorted(fragments.items())),
            plan.certificates,
        )

    def key(self, source: Source) -> object:
        """What a document depends on beside its text. A fragment may name values, too."""
        includes = "include-fragment" in source.text
        return (
            _place(source),
            self.values_key if includes or "{{" in source.text else None,
            self.fragments_key if includes else None,
            tuple(self.certificates.values()) if includes or "authentication-certificate" in source.text else None,
        )


def read_policy(policy: PolicySource, filling: Filling, before: Read | None) -> Read:
    """One document; `before` is what it came to the last time."""
    if policy.limits:
        key: object = (policy.limits, policy.span)
    elif policy.source is not None:
        key = filling.key(policy.source)
    else:
        return Read(None, None, ())
    if before is not None and before.key == key:
        return before
    if policy.limits:
        return Read(key, limit_document(policy.limits, span=policy.span), ())
    if policy.source is None:
        return Read(key, None, ())
    found = Found()
    document = read_document(
        policy.source,
        named_values=filling.values,
        fragments=filling.fragments,
        certificates=filling.certificates,
        found=found,
    )
    return Read(key, document, found.sorted())


def _place(source: Source) -> tuple[object, ...]:
    return (source.path, source.digest, source.lines_before, source.columns_before, source.within)
