"""`tidegate status`."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from tidegate.cli.instance import ask_instance
from tidegate.cli.options import state_option

EPILOG: Final = """\b
Examples:
  tidegate status
  tidegate status -o yaml
  tidegate status -o json | jq '.items[] | select(.kind == "HTTPRoute") | .status'
"""


@click.command("status", epilog=EPILOG)
@state_option
@click.option("-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True)
def command(state: str, output: str) -> int:
    """Show what a running instance serves: a Kubernetes List with .status filled in."""
    listed = ask_instance(state, {"command": "status"})
    match output:
        case "json":
            click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        case "yaml":
            import yaml

            click.echo(yaml.safe_dump(listed, sort_keys=False, allow_unicode=True), nl=False)
        case _:
            click.echo(_table(listed), nl=False)
    return 0


def _table(listed: dict[str, Any]) -> str:
    rows = [("KIND", "NAME", "STATUS", "WHY")]
    for item in listed["items"]:
        conditions = list(_conditions(item))
        if not conditions:
            continue
        metadata = item["metadata"]
        name = "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
        wrong = [one for one in conditions if _is_wrong(one)]
        good = " ".join(dict.fromkeys(one["type"] for one in conditions if one["status"] == "True"))
        bad = " ".join(dict.fromkeys(f"{one['type']}={one['status']}" for one in wrong))
        why = "; ".join(dict.fromkeys(f"{one.get('reason')}: {one.get('message', '')}".rstrip(": ") for one in wrong))
        rows.append((item["kind"], name, bad or good, why))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    return "".join(line.rstrip() + "\n" for line in [*lines, *_serving(listed["tidegate"])])


def _serving(extra: dict[str, Any]) -> list[str]:
    lines = [""]
    serving = extra["serving"]
    for name, gateway in serving["gateways"].items():
        lines += [f"Gateway {name} listener {listener}: {_at(at)}" for listener, at in gateway["listeners"].items()]
    if "apim" in serving:
        lines.append(f"API Management: {_at(serving['apim'])}")
    lines.append(f"token service: {serving['identity']['authority']} (CA {serving['identity']['ca']})")
    lines += [
        f"replicas of {name}: {one['ready']}/{one['wanted']} {' '.join(one['endpoints'])}".rstrip()
        for name, one in extra["replicas"].items()
    ]
    if not extra["programmed"]:
        lines.append("Envoy has not applied the newest configuration yet")
    errors = [one for one in extra["diagnostics"] if one["severity"] == "error"]
    if errors:
        noun = "error" if len(errors) == 1 else "errors"
        lines.append(f"{len(errors)} {noun} in the files; `tidegate check` shows them")
    return lines


def _at(serving: dict[str, Any]) -> str:
    host = serving["address"]
    return f"{f'[{host}]' if ':' in host else host}:{serving['port']}"


def _conditions(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the resource itself and, for routes and policies, for each parent."""
    status = item.get("status") or {}
    holders = [status, *status.get("parents", ()), *status.get("ancestors", ()), *status.get("listeners", ())]
    return [condition for holder in holders for condition in holder.get("conditions", ())]


def _is_wrong(condition: dict[str, Any]) -> bool:
    """Most conditions are good when True; Gateway API's negative ones when False."""
    negative = condition["type"] in {"Conflicted", "PartiallyInvalid", "OverlappingTLSConfig"}
    return bool(condition["status"] != ("False" if negative else "True"))
