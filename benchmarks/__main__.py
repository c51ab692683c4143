"""`make bench`: measure, print the table, write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import (
    apis,
    changes,
    continuity,
    latency,
    machine,
    plain,
    policy_costs,
    report_policies,
    size,
    throughput,
)
from benchmarks.load import Load
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import Results, render
from benchmarks.report_gateway import GatewayResults, section

PARTS: Final = ("policies", "costs", "apis", "plain", "changes", "continuity", "size")
PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main() -> int:
    """Run everything, or the parts that were asked for; 0 also where wrk or HAProxy is missing, with a note on that."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to measure, of {', '.join(PARTS)}; not written")
    parser.add_argument("--rounds", type=int, default=7, help="how often each variant is measured (7)")
    parser.add_argument("--seconds", type=int, default=4, help="how long one measurement takes (4)")
    parser.add_argument("--connections", type=int, default=32, help="open connections of wrk (32)")
    parser.add_argument("--starts", type=int, default=5, help="how often `tidegate up` is started (5)")
    parser.add_argument("--edits", type=int, default=100, help="how many changes of a file are timed (100)")
    parser.add_argument("--route-edits", type=int, default=60, help="how many edits are timed at each size (60)")
    parser.add_argument("--routes", type=int, default=3000, help="the most routes; fewer make all sizes smaller (3000)")
    parser.add_argument("--apis", type=int, default=apis.APIS, help=f"how many APIs are compiled ({apis.APIS})")
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    parts = tuple(options.only.split(","))
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"no parts: {', '.join(unknown)}; there are {', '.join(PARTS)}")

    if absent := machine.missing():
        print(f"make bench needs {', '.join(absent)}: apt-get install wrk haproxy util-linux. Nothing was measured.")
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as directory:
            page = _measured(Path(directory), parts, options)
    except BenchmarkFailed as reason:
        print(f"make bench: {reason}", file=sys.stderr)
        return 1
    print(page)
    if not options.print_only and set(parts) == set(PARTS):
        PAGE.write_text(page, encoding="utf-8")
    return 0


def _measured(directory: Path, parts: Sequence[str], options: argparse.Namespace) -> str:
    """Measure these parts, and put what they came to into words."""
    load = Load(seconds=options.seconds, connections=options.connections)
    policies = report_policies.section(
        policy_costs.measure(directory, rounds=options.rounds, say=_say) if "costs" in parts else None,
        apis.measure(directory, say=_say, apis=options.apis) if "apis" in parts else None,
    )
    gateway = section(
        GatewayResults(
            plain=(plain.measure(directory, load=load, rounds=options.rounds, say=_say) if "plain" in parts else None),
            changes=(
                changes.measure(
                    directory, edits=options.route_edits, say=_say, fleets=changes.fleets(most=options.routes)
                )
                if "changes" in parts
                else ()
            ),
            continuity=continuity.measure(directory, routes=options.routes, say=_say) if "continuity" in parts else (),
            size=size.measure(directory, say=_say, wanted=size.amounts(most=options.routes))
            if "size" in parts
            else None,
        )
    )
    if "policies" not in parts:
        return "\n".join((*policies, *gateway))
    rounds = throughput.measure(directory, load=load, rounds=options.rounds, say=_say)
    fresh, again = latency.first_answers(directory, starts=options.starts, say=_say)
    change = latency.changes(directory, edits=options.edits, say=_say)
    return render(
        Results(
            machine.description(), load, rounds, throughput.TOKENS, fresh, again, change, gateway=(*policies, *gateway)
        )
    )


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
