"""`make bench`: measure, print the table, write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import latency, machine, throughput
from benchmarks.load import Load
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import Results, render

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main() -> int:
    """Run everything; 0 also where wrk or HAProxy is missing, with a note on how to get them."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each variant is measured (7)")
    parser.add_argument("--seconds", type=int, default=4, help="how long one measurement takes (4)")
    parser.add_argument("--connections", type=int, default=32, help="open connections of wrk (32)")
    parser.add_argument("--starts", type=int, default=5, help="how often `tidegate up` is started (5)")
    parser.add_argument("--edits", type=int, default=100, help="how many changes of a file are timed (100)")
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()

    if absent := machine.missing():
        print(f"make bench needs {', '.join(absent)}: apt-get install wrk haproxy util-linux. Nothing was measured.")
        return 0
    load = Load(seconds=options.seconds, connections=options.connections)
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as directory:
            rounds = throughput.measure(Path(directory), load=load, rounds=options.rounds, say=_say)
            fresh, again = latency.first_answers(Path(directory), starts=options.starts, say=_say)
            change = latency.changes(Path(directory), edits=options.edits, say=_say)
    except BenchmarkFailed as reason:
        print(f"make bench: {reason}", file=sys.stderr)
        return 1
    page = render(Results(machine.description(), load, rounds, throughput.TOKENS, fresh, again, change))
    print(page)
    if not options.print_only:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
