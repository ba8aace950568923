"""Calls a function in a process of its own: what breaks down there breaks nothing here."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST_S = 900.0
"""The largest models answer some pictures on one core in a few minutes; a loop without end never does."""

_RESERVED_BYTES = 4 << 30
"""Threads and allocators take addresses that they never use."""

_LAST_WORDS = 200
"""Of what a process says at its end so many characters are enough."""


class DiedError(Exception):
    """The process came to no end of its own; the message says how it ended."""


def call(function: Callable[..., T], *arguments: object, seconds: float = LONGEST_S) -> T:
    """What a function of a module gives for arguments, all of which can be pickled.

    Raises what it raises, DiedError when its process dies or takes longer than so many seconds, and OSError
    when none can be started.
    """
    # multiprocessing would run the main module of whoever uses geotag as a library once more, and does not
    # let a worker of a cluster have children. -P: what lies in this folder is not imported.
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    with process:
        try:
            said, heard = process.communicate(pickle.dumps((function, arguments)), seconds)
        except subprocess.TimeoutExpired:
            raise DiedError(f"it came to no end in {seconds:g} s") from None
        finally:
            process.kill()
    if process.returncode:
        raise DiedError(_how(process.returncode, heard.decode("utf-8", "backslashreplace")))
    # Code that broke in over there can do here, as the same user, whatever it likes anyway.
    outcome = pickle.loads(said)  # noqa: S301
    if isinstance(outcome, Exception):
        raise outcome
    result: T = outcome
    return result


def _take_no_more_than_there_is() -> None:
    """Let this process run out of memory before the machine does, where that can be had (Linux)."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") + _RESERVED_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))


def _work() -> None:
    """Do what standard input asks for, and leave what came of it on standard output."""
    # Whoever called is interrupted as well, and ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.dup(1), "wb") as there:
        # Libraries that print do so elsewhere.
        os.dup2(2, 1)
        function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301
        try:
            _take_no_more_than_there_is()
            outcome = function(*arguments)
        except Exception as error:  # noqa: BLE001
            # Whatever it is, it is raised again where it was called.
            outcome = error
        there.write(pickle.dumps(outcome))


def _how(status: int, heard: str) -> str:
    """How a process ended, with the last line of what it said."""
    last = "".join(heard.strip().splitlines()[-1:])[:_LAST_WORDS]
    words = f" ({last})" if last else ""
    if status > 0:
        return f"it ended with exit status {status}{words}"
    try:
        return f"it was ended by {signal.Signals(-status).name}{words}"
    except ValueError:
        return f"it was ended by signal {-status}{words}"


if __name__ == "__main__":
    _work()
