"""Work done elsewhere, such as on a cluster, through joblib: a little ahead of its user, never all at once.

joblib's own generators read their input without end, so no more is begun than is used. Only this module knows
joblib, and only a run on a cluster imports it.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol, TypeVar

import joblib
from joblib.parallel import ParallelBackendBase

T = TypeVar("T")
R = TypeVar("R")


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
