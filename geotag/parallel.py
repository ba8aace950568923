"""Bounded windows: work in threads, a little ahead of its user, never the whole archive.

Work is cut into windows, and no more than a fixed number of finished windows lies ready.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_CPU_MAX = "/sys/fs/cgroup/cpu.max"


def cores() -> int:
    """How many cores this process may use: those it is bound to, and no more than its container pays for."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(bound, _paid(bound)))


def _paid(most: int) -> int:
    """The cores that a control group grants (Linux, cgroup v2: cpu.max), at most as many as given."""
    try:
        with open(_CPU_MAX, encoding="ascii") as file:
            quota, period = file.read().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return most


def windows(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists of `size` items; the last may be shorter."""
    stream = iter(items)
    while window := list(islice(stream, size)):
        yield window


class Stopwatch:
    """Adds up how long threads were busy with what, in seconds."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, what: str) -> Iterator[None]:
        """Count the time spent inside towards `what`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._gate:
                self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start


class Pool:
    """A team of threads that stays together from window to window; a context manager."""

    def __init__(self, jobs: int) -> None:
        self._jobs, self._team = jobs, ThreadPoolExecutor(jobs)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._team.shutdown(wait=True, cancel_futures=True)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The results of `function` for each item, in order; what it raises comes out, and nothing more
        begins.
        """
        waiting, found = list(items), dict[int, R]()
        places = deque(range(len(waiting)))

        def work() -> None:
            # Threads help themselves: to hand over every item would wake somebody each time.
            while (place := _taken(places)) is not None:
                found[place] = function(waiting[place])

        hands = [self._team.submit(work) for _ in range(min(self._jobs, len(waiting)))]
        try:
            wait(hands, return_when=FIRST_EXCEPTION)
        finally:
            places.clear()
        for hand in hands:
            hand.result()
        return [found[place] for place in range(len(waiting))]


def _taken(places: deque[int]) -> int | None:
    try:
        return places.popleft()
    except IndexError:
        return None


def staged(stage: Callable[[T], R], items: Iterable[T], ahead: int) -> Generator[R, None, None]:
    """Put each item through `stage` in a thread of the stage's own, `ahead` items before they are needed.

    Results come in order. What `items` or `stage` raises comes out where it happened; on closing, what is
    under way ends and nothing more begins.
    """
    source = iter(items)
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(1) as thread:
        try:
            for item in source:
                waiting.append(thread.submit(stage, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            thread.shutdown(wait=True, cancel_futures=True)
