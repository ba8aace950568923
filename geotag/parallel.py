"""Bounded windows: work in parallel through joblib, a little ahead of its user, never the whole archive.

joblib's own generators read their input without end, so parallel work is cut into windows, and no more than
a fixed number of finished windows lies ready.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import joblib

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """How many cores this process may use."""
    return int(joblib.cpu_count())


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
        self._parallel = joblib.Parallel(n_jobs=jobs, backend="threading", batch_size=1)

    def __enter__(self) -> Pool:
        self._parallel.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._parallel.__exit__(None, None, None)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The results of `function` for each item, in order."""
        return list(self._parallel(joblib.delayed(function)(item) for item in items))


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
