"""Calls a function in a process of its own: what breaks down there breaks nothing here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")

_RESERVED_BYTES = 4 << 30
"""Threads and allocators take addresses that they never use."""


class DiedError(Exception):
    """The process came to no end of its own; the message says how it ended."""


def call(function: Callable[..., T], *arguments: object, seconds: float) -> T:
    """What a function of a module gives for arguments, all of which can be pickled.

    Raises what it raises, and DiedError when its process dies or takes longer than so many seconds.
    """
    # Where there is no forking, each process starts anew; elsewhere one that has imported it all is forked,
    # and not this one, which has threads.
    name = "spawn" if os.name == "nt" else "forkserver"
    context: Any = multiprocessing.get_context(name)
    context.set_forkserver_preload([function.__module__, "onnxruntime"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, function, arguments), daemon=True)
    process.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise DiedError(f"it came to no end in {seconds:g} s")
        outcome = here.recv()
    except EOFError:
        process.join()
        raise DiedError(_how(process.exitcode)) from None
    finally:
        process.kill()
        process.join()
        here.close()
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


def _work(there: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    try:
        _take_no_more_than_there_is()
        outcome = function(*arguments)
    except Exception as error:  # noqa: BLE001
        # Whatever it is, it is raised again where it was called.
        outcome = error
    there.send(outcome)


def _how(status: int | None) -> str:
    if status is None or status >= 0:
        return f"it ended with exit status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
