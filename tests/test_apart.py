"""Functions called in a process of their own: what they give, what they raise, how they die."""

from __future__ import annotations

import os
import signal
import time

import pytest

from geotag.errors import ModelError
from geotag.models import apart

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes end by signals elsewhere")


def process() -> int:
    return os.getpid()


def refuse(what: str) -> None:
    raise ModelError(what)


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(status: int) -> None:
    os._exit(status)


def test_it_is_another_process() -> None:
    assert apart.call(process, seconds=60) not in (os.getpid(), os.getppid())


def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(ModelError, match="not today"):
        apart.call(refuse, "not today", seconds=60)


def test_its_death_is_told() -> None:
    with pytest.raises(apart.DiedError, match="it was ended by SIGSEGV"):
        apart.call(die, int(signal.SIGSEGV), seconds=60)
    with pytest.raises(apart.DiedError, match="it ended with exit status 3"):
        apart.call(leave, 3, seconds=60)


def test_it_is_not_waited_for_without_end() -> None:
    with pytest.raises(apart.DiedError, match=r"it came to no end in 0\.2 s"):
        apart.call(time.sleep, 3600.0, seconds=0.2)
