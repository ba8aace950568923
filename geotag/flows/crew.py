"""A run's work on other machines, seen from the run that was started.

It keeps what there may be only one of: the scan, the order of photos, the journal, the names of files.
Workers (`geotag/flows/worker.py`) read, decode, predict, decide and write their own shard: verified temporary
files beside their targets. What comes back are small values; the run commits its intents to the journal, lets
the temporary files take their places and settles. A worker that is killed loses its unfinished windows, which
the cluster gives to another one, and leaves temporary files, which the run sweeps at its end.
"""

from __future__ import annotations

import os
import pkgutil
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from types import TracebackType

from geotag import __version__, cluster, parallel, teams
from geotag.errors import ClusterError, UsageError
from geotag.files import objects
from geotag.flows import worker
from geotag.flows.plan import Step
from geotag.flows.worker import Done, Job, Standing
from geotag.observer import Observer
from geotag.types import Settings


def check(settings: Settings) -> None:
    """Raises UsageError where the options for a cluster contradict each other."""
    if settings.backend != "dask":
        if settings.scheduler:
            raise UsageError("--scheduler names a Dask cluster: add --backend dask")
    elif not settings.scheduler:
        raise UsageError("--backend dask needs a cluster: name its scheduler, --scheduler tcp://HOST:8786")
    elif settings.jobs:
        raise UsageError(
            "--jobs counts threads of this machine; those of a Dask worker are chosen where it is started "
            "(dask worker --nthreads N): leave --jobs out"
        )
    elif settings.writes and any(map(objects.remote, settings.archive)) and not _on_disks(settings):
        raise UsageError(
            "--backend dask does not write into buckets: add --only-sidecar --sidecar-dir DIR, a folder that "
            "every worker sees, or leave --backend dask out"
        )


def _on_disks(settings: Settings) -> bool:
    """Whether nothing is written but sidecars in a folder of their own."""
    return settings.sidecar_dir is not None and not settings.embeds


@dataclass
class Crew:
    """The workers of one run, met when there is something to do; a context manager.

    `lost` tells at the end whether one of them vanished, which may still be writing somewhere.
    """

    job: Job
    observer: Observer
    batches: Mapping[str, int]
    lost: bool = False
    _cluster: cluster.Cluster | None = None
    _told: set[str] = field(default_factory=set)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cluster is None:
            return
        with self._cluster as team:
            if kind is not None:
                # Where the cluster itself is gone, the next run sweeps.
                with suppress(OSError):
                    team.everywhere(worker.dismiss, self.job.writer.mark)
            self.lost = team.lost()

    def locate(self, steps: Iterator[Step]) -> Generator[tuple[list[Step], Done], None, None]:
        """Windows of photos with what workers made of them, in order; without photos nobody is asked.

        Raises UsageError when Dask is missing, ClusterError when the cluster cannot help.
        """
        first = next(steps, None)
        if first is None:
            return
        assert self.job.settings.scheduler is not None
        self._cluster = team = cluster.Cluster(self.job.settings.scheduler)
        gpu = self._meet(team, first.record.photo.path)
        batch = self.job.settings.batch_size or self.batches["cuda" if gpu else "cpu"]
        self.observer.note(
            f"cluster {team.address}: {len(team.workers())} workers with {team.threads} threads, batches of "
            f"{batch}"
        )
        yield from self._spread(team, replace(self.job, batch=batch), chain([first], steps))

    def _spread(
        self, team: cluster.Cluster, job: Job, steps: Iterable[Step]
    ) -> Generator[tuple[list[Step], Done], None, None]:
        begun: deque[list[Step]] = deque()

        def windows() -> Iterator[list[Step]]:
            for window in parallel.windows(steps, job.batch):
                begun.append(window)
                yield window

        with closing(teams.spread(partial(worker.work, job), windows(), team)) as results:
            try:
                for done in results:
                    self._tell(done)
                    yield begun.popleft(), done
            except cluster.DeadlyError as error:
                first, last = begun[0][0].record.photo.path, begun[0][-1].record.photo.path
                raise ClusterError(f"{first} to {last}: {error}") from error

    def _meet(self, team: cluster.Cluster, photo: str) -> bool:
        """Ask every worker whether it can do the job; whether one of them has a GPU for it.

        Raises ClusterError with the first trouble: another geotag, another archive, another model.
        """
        for address, version in team.everywhere(pkgutil.resolve_name, "geotag:__version__").items():
            if version != __version__:
                there = version if isinstance(version, str) else f"none ({version})"
                raise ClusterError(
                    f"worker {address} has geotag {there}, this machine {__version__}; install the same"
                )
        answers = team.everywhere(worker.stand, self.job, photo, worker.identity(self.job.base, photo))
        for address, standing in answers.items():
            trouble = standing.trouble if isinstance(standing, Standing) else str(standing)
            if trouble:
                raise ClusterError(f"worker {address}: {trouble}")
        return any(isinstance(standing, Standing) and standing.gpu for standing in answers.values())

    def _tell(self, done: Done) -> None:
        """Pass on what workers have to say, each thing once: many say the same."""
        for text, tell in ((done.warning, self.observer.warn), (done.device, self.observer.note)):
            if text and text not in self._told:
                self._told.add(text)
                tell(text)


def portable(settings: Settings) -> Settings:
    """Settings whose paths mean the same wherever a worker was started."""
    return replace(
        settings,
        model=tuple(os.path.abspath(name) if os.path.isfile(name) else name for name in settings.model),
        sidecar_dir=settings.sidecar_dir and os.path.abspath(settings.sidecar_dir),
        backup=settings.backup and os.path.abspath(settings.backup),
    )
