"""Clusters of separate processes on this machine, whose workers note what they do and die when told to."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import distributed
import pytest

from geotag import write
from geotag.flows import locator


class Arm(distributed.WorkerPlugin):  # type: ignore[misc]
    """Has a worker note the photos of every batch in `folder`/predicted, and die of SIGKILL when it has
    prepared the photo that `folder`/deadly names: always, or only the first one where `folder`/once is there.
    """

    name = "arm"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def setup(self, worker: distributed.Worker) -> None:
        """Called in every worker process, those that take a dead one's place too."""
        predict, prepare = locator.Locator.predict, write.Writer.prepare

        def noted(run, window):  # type: ignore[no-untyped-def]
            paths = [frame.record.photo.path for _, frame in window if frame is not None]
            handle = os.open(self.folder / "predicted", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(handle, "".join(f"{path}\0" for path in paths).encode())
            os.close(handle)
            return predict(run, window)

        def deadly(writer, record):  # type: ignore[no-untyped-def]
            prepared = prepare(writer, record)
            if self._is_deadly(record.photo.path):
                os.kill(os.getpid(), signal.SIGKILL)
            return prepared

        locator.Locator.predict = noted  # type: ignore[method-assign]
        write.Writer.prepare = deadly  # type: ignore[method-assign]

    def _is_deadly(self, path: str) -> bool:
        try:
            if (self.folder / "deadly").read_text() != path:
                return False
            if (self.folder / "once").exists():
                (self.folder / "once").unlink()
                (self.folder / "deadly").unlink()
        except FileNotFoundError:
            return False
        return True


class Cluster:
    """A scheduler in this process and workers in processes of their own."""

    def __init__(self, local: distributed.LocalCluster, folder: Path) -> None:
        self.local, self.folder = local, folder

    @property
    def address(self) -> str:
        """What `--scheduler` takes."""
        return str(self.local.scheduler_address)

    def kill_at(self, path: str, *, once: bool) -> None:
        """Have the worker die that prepares a photo."""
        if once:
            (self.folder / "once").touch()
        (self.folder / "deadly").write_text(path)

    def predicted(self) -> list[str]:
        """The photos that workers were about to predict since the last call."""
        notes = self.folder / "predicted"
        paths = notes.read_text(encoding="utf-8").split("\0")[:-1] if notes.exists() else []
        notes.unlink(missing_ok=True)
        return paths


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster of `workers` processes with one thread each; `folder` is theirs to talk to tests.

    Skips unless it is asked for: Dask gives its own threads and processes fixed times to come up, which a
    busy machine does not keep.
    """
    if "GEOTAG_CLUSTER" not in os.environ:
        pytest.skip("starts a cluster of processes: GEOTAG_CLUSTER=1 runs it")
    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as local:
        with distributed.Client(local, set_as_default=False) as client:
            client.register_plugin(Arm(folder))
        yield Cluster(local, folder)
