"""Bounded windows: work in parallel through joblib, a little ahead of its user, never the whole archive.

joblib's own generators read their input without end, so parallel work is cut into windows, and no more than
a fixed number of finished windows lies ready.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeVar

import joblib
from joblib.parallel import ParallelBackendBase

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


class Team(Protocol):
    """Whoever does work elsewhere, such as a cluster: how much at a time, and how to ask for it."""

    @property
    def threads(self) -> int:
        """How many pieces of work are done at the same time."""

    def begin(self, work: Callable[[], Any]) -> Any:
        """Have some work done; returns what stands for it."""

    def result(self, begun: Any) -> Any:
        """Wait until begun work is done; raises what the work raised, or why it will never be done."""

    def abandon(self, begun: list[Any]) -> None:
        """Nobody waits for this work any more."""


class _Elsewhere(ParallelBackendBase):  # type: ignore[misc]
    """A team as a backend of joblib, which hears that work is done only when its user wants the result.

    So no more is begun than is used. Joblib's own backend for Dask waits for ever when the work itself kills
    its workers, and takes all work on itself where a cluster has a single thread (joblib 1.6).
    """

    supports_retrieve_callback = True

    def __init__(self, team: Team) -> None:
        super().__init__(nesting_level=0)
        self._team = team
        self._begun: deque[tuple[Any, Callable[[Any], None]]] = deque()

    def effective_n_jobs(self, _: int) -> int:
        return max(2, self._team.threads)

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Any:
        begun = self._team.begin(func)
        self._begun.append((begun, callback))
        return begun

    def settle(self) -> bool:
        """Wait for the oldest work and tell joblib, which then begins more; False when nothing is begun."""
        if self._begun:
            begun, callback = self._begun.popleft()
            callback(begun)
            return True
        return False

    def retrieve_result_callback(self, out: Any) -> Any:
        return self._team.result(out)

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002
        self._team.abandon([begun for begun, _ in self._begun])
        self._begun.clear()


def spread(function: Callable[[T], R], items: Iterable[T], team: Team) -> Generator[R, None, None]:
    """The results of `function` for each item, in order, worked out by a team.

    Two items for each of its threads are under way, one being worked on and one waiting; no more are begun
    before their results are used. What `function` or `items` raises comes out; then, and on closing, the rest
    is abandoned.
    """
    backend = _Elsewhere(team)
    ahead = 2 * team.threads
    work = joblib.Parallel(backend=backend, batch_size=1, pre_dispatch=ahead, return_as="generator")
    results = work(joblib.delayed(function)(item) for item in items)
    try:
        while backend.settle():
            yield next(results)
        yield from results
    finally:
        with warnings.catch_warnings():
            # Joblib wonders about results that nobody wanted.
            warnings.simplefilter("ignore")
            results.close()
