"""A Dask cluster that somebody else keeps: reached, watched, asked for work. Nobody else knows Dask.

What the cluster does to its workers (restarts, retries on another worker) is its own affair; what it may not
do is keep a run waiting for ever, so whoever waits here looks around from time to time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar

from geotag.errors import ClusterError, UsageError

R = TypeVar("R")

REACH_S = 10.0
"""So long a scheduler may take to answer."""

PATIENCE_S = 30.0
"""So long a cluster may be without any worker: workers that were killed come back in less."""

_LOOK_AROUND_S = 2.0
_EXTRA = "--backend dask needs Dask, which is not installed: pip install 'geovision-geotag[dask]'"


class DeadlyError(ClusterError):
    """Work that kills every worker who tries it."""


class Cluster:
    """The workers behind one scheduler; a context manager, and a `teams.Team`.

    Raises UsageError when Dask is not installed, ClusterError when no scheduler answers at `address` or it
    has no workers.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise UsageError(_EXTRA) from error
        self.address = address
        self._dask = distributed
        self._loud = _hush()
        self._last_seen = time.monotonic()
        try:
            self._client = distributed.Client(address, timeout=REACH_S, set_as_default=False)
        except (OSError, ValueError) as error:
            _restore(self._loud)
            raise ClusterError(
                f"{address}: no Dask scheduler answers ({error}); start one with `dask scheduler`, or name "
                "another with --scheduler tcp://HOST:8786"
            ) from error
        self._executor = self._client.get_executor(pure=False)
        try:
            with suppress(TimeoutError):
                self._client.wait_for_workers(1, timeout=PATIENCE_S)
            self._met = self.workers()
            self.threads = sum(self._met.values())
        except BaseException:
            self.close()
            raise
        if not self._met:
            self.close()
            raise self._deserted()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; whatever this run still has there is dropped."""
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=REACH_S)
        _restore(self._loud)

    def workers(self) -> dict[str, int]:
        """The threads of every worker process that is there now, by its address."""
        return dict(self._client.nthreads())

    def lost(self) -> bool:
        """Whether a worker that was there at the beginning is gone, or cannot be told."""
        try:
            return not self._met.keys() <= self.workers().keys()
        except OSError:
            return True

    def everywhere(self, function: Callable[..., R], *args: object) -> dict[str, R | BaseException]:
        """Have every worker call a function at once, beside its work; answers or exceptions by address.

        The function is sent by its name, so a worker must have the module it is in.
        """
        answers: dict[str, R | BaseException] = self._client.run(function, *args, on_error="return")
        return answers

    def begin(self, work: Callable[[], Any]) -> Future[Any]:
        """Have some work done by a worker, and by another one if that is killed meanwhile."""
        # Futures of Dask's own cannot be waited for in steps: giving up for a moment spoils the next attempt.
        begun: Future[Any] = self._executor.submit(work)
        return begun

    def result(self, begun: Future[Any]) -> Any:
        """Wait for work that was begun; raises what it raised.

        Raises ClusterError when the scheduler is gone or no worker is left, DeadlyError when the work itself
        kills its workers.
        """
        self._last_seen = time.monotonic()
        while not wait([begun], timeout=_LOOK_AROUND_S).done:
            self._look_around()
        try:
            return begun.result()
        except self._dask.KilledWorker as error:
            raise DeadlyError(
                "the workers that tried were killed one after the other; most likely a photo needs more "
                "memory than they have: give workers more (--memory-limit), or leave it out (--exclude)"
            ) from error
        except CancelledError as error:
            raise self._gone() from error

    def abandon(self, begun: list[Future[Any]]) -> None:
        """Take back work that is begun; what runs already goes on to its end."""
        for future in begun:
            future.cancel()

    def _look_around(self) -> None:
        try:
            there = self.workers()
        except OSError as error:
            raise self._gone() from error
        if there:
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > PATIENCE_S:
            raise self._deserted()

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"{self.address}: the Dask scheduler went away; start it again, then run the same command again"
        )

    def _deserted(self) -> ClusterError:
        return ClusterError(
            f"{self.address}: the Dask scheduler has had no workers for {PATIENCE_S:g} seconds; start some "
            f"with `dask worker {self.address}`, then run the same command again"
        )


def _hush() -> dict[str, int]:
    """Silence the remarks of Dask, of which those that matter are made here; returns what to restore."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    loud = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return loud


def _restore(loud: dict[str, int]) -> None:
    for name, level in loud.items():
        logging.getLogger(name).setLevel(level)
