"""Runs of geotag in a process of their own, to be killed at a named or at a random moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from geotag.memory.journal import FILE_NAME, Journal

# Runs the command line; notes the photos of every batch before it is predicted; dies of SIGKILL before or
# after the n-th call of a function, as "module.name:before:n" says, or waits there for a signal ("wait") and
# tells so by a file.
_PROGRAM = """
import importlib, itertools, os, signal, sys, time
from geotag.flows import locator
noted_in, moment, *sys.argv[1:] = sys.argv[1:]
# Whoever runs the tests in the background may have interrupts ignored, for all that is started from there.
signal.signal(signal.SIGINT, signal.default_int_handler)
predict = locator.Locator.predict
def noted(run, window):
    handle = os.open(noted_in, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    paths = [os.fsencode(frame.record.photo.path) for _, frame in window if frame is not None]
    os.write(handle, b"".join(path + b"\\0" for path in paths))
    os.close(handle)
    return predict(run, window)
locator.Locator.predict = noted
if moment:
    name, when, count = moment.split(":")
    owner, _, name = name.rpartition(".")
    module, _, cls = owner.partition("/")
    holder = importlib.import_module(module)
    holder = getattr(holder, cls) if cls else holder
    numbers, function = itertools.count(1), getattr(holder, name)
    def deadly(*args, **kwargs):
        number = next(numbers)
        if when == "before" and number == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        if when == "wait" and number == int(count):
            open(noted_in + ".waiting", "x").close()
            time.sleep(100)
        result = function(*args, **kwargs)
        if when == "after" and number == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(holder, name, deadly)
from geotag.cli import main
main(prog_name="geotag")
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (-9 when killed), what it said, the photos that it predicted."""

    code: int
    said: str
    predicted: list[str]


def start(notes: Path, *args: str, moment: str = "") -> subprocess.Popen[str]:
    """Start `geotag ARGS`; it notes what it predicts in the file `notes`."""
    notes.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(notes), moment, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def ended(process: subprocess.Popen[str], notes: Path) -> Ended:
    """Wait for a process that `start` started."""
    said, _ = process.communicate(timeout=120)
    noted = notes.read_bytes().split(b"\0")[:-1] if notes.exists() else []
    return Ended(process.returncode, said, [os.fsdecode(path) for path in noted])


def geotag(scratch: Path, *args: str, moment: str = "") -> Ended:
    """Run `geotag ARGS` to its end, or until it dies at `moment` ("module.function:before:1")."""
    notes = scratch / "predicted"
    return ended(start(notes, *args, moment=moment), notes)


def kill_after_first_sign(
    scratch: Path, seconds: float, *args: str, how: int = signal.SIGKILL, sign: Path | None = None
) -> Ended:
    """Run `geotag ARGS` and send the signal `how`, `seconds` after it predicted its first batch, or after
    the file `sign` appeared.
    """
    notes = scratch / "predicted"
    process = start(notes, *args)
    while process.poll() is None and not (sign or notes).exists():
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(how)
    return ended(process, notes)


def interrupt_third_batch(scratch: Path, *args: str, how: int) -> Ended:
    """Run `geotag ARGS` and send the signal `how` when it is about to predict its third batch."""
    notes = scratch / "predicted"
    process = start(notes, *args, moment="geotag.flows.locator/Locator.predict:wait:3")
    while process.poll() is None and not (scratch / "predicted.waiting").exists():
        time.sleep(0.002)
    process.send_signal(how)
    return ended(process, notes)


def finished(output: Path) -> set[str]:
    """The photos whose prediction the journal holds; none without a journal."""
    if not (output / FILE_NAME).is_file():
        return set()
    with Journal(str(output), create=False) as journal:
        paths = [record.photo.path for record in journal.records()]
        known = map(journal.record, paths)
        return {record.photo.path for record in known if record is not None and record.prediction is not None}


def moments(seed: int, times: int, longest: float) -> list[float]:
    """Random moments in seconds, the same for a seed."""
    chance = random.Random(seed)
    return [chance.uniform(0, longest) for _ in range(times)]
