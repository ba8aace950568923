"""What a command costs: CPU seconds, peak resident memory, and when it first said how far it is.

    python -m tests.costs COMMAND...     runs it and prints its Cost as JSON on standard output

Linux counts the memory of the process that starts another towards that other's peak, so a command is started
by a small process of its own. CPU seconds, because time on the clock tells mostly what else a machine does.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

PROGRESS = re.compile(r"[\d,]+( of [\d,]+)? photos(,|$)")


@dataclass(frozen=True)
class Cost:
    """CPU and clock in seconds, peak in bytes; seconds on the clock and on the CPU until the first line of
    progress (None: there was none), the exit code, and everything said on stderr.
    """

    cpu_s: float
    clock_s: float
    peak: int
    first_clock_s: float | None
    first_cpu_s: float | None
    code: int
    said: str


def of(command: Sequence[str], **environment: str) -> Cost:
    """Run a command to its end and tell what it cost."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.costs", *command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def geotag(*arguments: str) -> Cost:
    """What `geotag ARGUMENTS` costs; raises RuntimeError where it fails (3, some photos failed, is fine)."""
    cost = of([sys.executable, "-m", "geotag", *arguments])
    if cost.code not in (0, 3):
        raise RuntimeError(f"geotag {' '.join(arguments)} ended with {cost.code}:\n{cost.said}")
    return cost


def _ticks(pid: int) -> float:
    """CPU seconds of a running process (proc(5), /proc/pid/stat, fields 14 and 15)."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _watch(command: Sequence[str]) -> Cost:
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    first: tuple[float, float] | None = None
    lines = []
    assert child.stderr is not None
    for line in child.stderr:
        lines.append(line)
        if first is None and PROGRESS.match(line):
            first = (time.monotonic() - start, _ticks(child.pid))
    _, status, used = os.wait4(child.pid, 0)
    clock = time.monotonic() - start
    cpu = used.ru_utime + used.ru_stime
    clock_first, cpu_first = first or (None, None)
    peak = used.ru_maxrss * 1024
    return Cost(cpu, clock, peak, clock_first, cpu_first, os.waitstatus_to_exitcode(status), "".join(lines))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_watch(sys.argv[1:]))))
