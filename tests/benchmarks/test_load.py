"""Reading wrk's report, and the script that it sends."""

from __future__ import annotations

import pytest

from benchmarks.load import Sample, middle, read, request_script
from benchmarks.processes import BenchmarkFailed

REPORT = """\
Running 4s test @ http://127.0.0.1:1/tasks
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.90ms  512.00us  12.00ms   90.00%
    Req/Sec    16.00k     1.00k   18.00k    70.00%
  Latency Distribution
     50%    1.79ms
     75%    2.10ms
     90%  900.00us
     99%    1.20s
  64000 requests in 4.00s, 12.00MB read
Requests/sec:  16000.00
Transfer/sec:      3.00MB
"""


def test_a_report_is_read() -> None:
    """Requests, rate and percentiles in milliseconds; the rate per core comes from the gateway's processor time."""
    sample = read(REPORT, cpu_s=3.2)
    assert sample == Sample(64000, 16000.0, 3.2, 1.79, 1200.0)
    assert sample.requests_per_cpu_s == 20000.0


@pytest.mark.parametrize(
    "line", ["  Non-2xx or 3xx responses: 7", "  Socket errors: connect 0, read 3, write 0, timeout 0"]
)
def test_a_run_with_errors_is_refused(line: str) -> None:
    """What answered with errors was not doing the work that is compared."""
    with pytest.raises(BenchmarkFailed, match="wrk saw errors"):
        read(REPORT + line + "\n", cpu_s=1.0)


def test_anything_else_is_no_report() -> None:
    """An empty output is not a rate of zero."""
    with pytest.raises(BenchmarkFailed, match="no report of wrk"):
        read("", cpu_s=1.0)


def test_the_middle_takes_each_figure_by_itself() -> None:
    """One disturbed round moves no median."""
    samples = [Sample(100, 10.0, 1.0, 1.0, 2.0), Sample(300, 30.0, 3.0, 9.0, 90.0), Sample(200, 20.0, 2.0, 2.0, 3.0)]
    assert middle(samples) == Sample(200, 20.0, 2.0, 2.0, 3.0)


def test_the_script_sends_each_token_in_turn() -> None:
    """One request for each token, made before the run; quotes cannot end the text."""
    script = request_script({"Origin": "http://a'b"}, ["one", "two"])
    assert "headers['Origin'] = 'http://a\\'b'" in script
    assert script.count("wrk.format") == 2
    assert script.index("Bearer one") < script.index("Bearer two")
