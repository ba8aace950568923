"""A run on a cluster leaves what a run on one machine leaves, whoever is killed."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from geotag import __version__, cluster, pipeline, predict, write
from geotag.cli import main
from geotag.errors import ClusterError, Exit
from geotag.files import sidecars
from geotag.flows import crew, upkeep, worker
from geotag.flows.plan import Step
from geotag.models import onnxfile
from geotag.renderings import manifest
from geotag.types import Photo, Policy, Record, Settings, Written
from tests import kills
from tests.archives import Ears, Ran, fill, placed, run, snapshot
from tests.disks import left_over

pytest.importorskip("distributed", reason="needs Dask: pip install 'geovision-geotag[dask]'")

from tests import crews

NAMES = [
    f"{folder}/{number:02}{suffix}"
    for folder in ("a", "é c/d")
    for number, suffix in enumerate((".jpg", ".tif", ".png", ".webp", ".bmp") * 3)
]
BATCH = 3
NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[crews.Cluster]:
    """A scheduler, and two workers in processes of their own."""
    with crews.cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if "two" in request.fixturenames:
        request.getfixturevalue("two").predicted()


def archive(folder: Path) -> Path:
    """An archive with a position, a broken file and a file that gets a sidecar among its photos."""
    made = fill(folder / "archive", NAMES)
    (made / "z").mkdir()
    (made / "z" / "placed.jpg").write_bytes(placed(3))
    (made / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    return made


def on(where: crews.Cluster | str, archive: Path, model: str, **chosen: Any) -> Ran:
    """Run as `geotag run --backend dask --scheduler ADDRESS`."""
    address = where if isinstance(where, str) else where.address
    return run(archive, model, jobs=None, batch_size=BATCH, backend="dask", scheduler=address, **chosen)


def files(folder: Path) -> dict[str, bytes]:
    """Every file, sidecars without the second in which they were written."""
    dated = re.compile(rb"georeferencedDate>[^<]*<")
    return {path: dated.sub(b"georeferencedDate><", content) for path, content in snapshot(folder).items()}


def manifests(ran: Ran) -> list[bytes]:
    output = Path(ran.summary.output)
    return [(output / name).read_bytes() for name in (manifest.CSV_NAME, manifest.GEOJSON_NAME)]


def test_files_and_manifests_are_those_of_a_local_run(tmp_path: Path, tiny: str, two: crews.Cluster) -> None:
    here, there = archive(tmp_path / "here"), archive(tmp_path / "there")
    old = snapshot(there)
    local = run(here, tiny, write_exif=True, batch_size=BATCH)
    spread = on(two, there, tiny, write_exif=True)
    assert files(there) == files(here)
    assert manifests(spread) == manifests(local)
    assert (spread.summary.statuses, spread.summary.written) == (
        local.summary.statuses,
        local.summary.written,
    )
    assert list(spread.ears.fresh) == list(local.ears.fresh), "photos settle in order"
    assert spread.summary.predicted == len(two.predicted()) == len(NAMES)
    assert spread.ears.warnings == []
    assert f"cluster {two.address}: 2 workers with 2 threads, batches of {BATCH}" in spread.ears.notes
    assert "model tiny 1 on cpu" in spread.ears.notes

    assert upkeep.verify(spread.summary.output).troubles == ()
    (there / "broken.jpg").unlink()
    again = on(NOBODY, there, tiny, write_exif=True)
    assert again.ears.fresh == {}, "where nothing is to be done, nobody is asked"
    assert upkeep.take_back(spread.summary.output, ()).troubles == ()
    assert snapshot(there) == {path: content for path, content in old.items() if path != "broken.jpg"}


def test_folders_are_named_as_from_here(
    tmp_path: Path, tiny: str, two: crews.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers run in another folder than the command; relative paths are those of the command."""
    trees = {}
    for name in ("here", "there"):
        folder = archive(tmp_path / name)
        monkeypatch.chdir(tmp_path / name)
        shutil.copy(tiny, "model.onnx")
        wanted: dict[str, Any] = {"write_exif": True, "sidecar_dir": "sidecars", "backup": "copies"}
        if name == "there":
            wanted |= {"jobs": None, "backend": "dask", "scheduler": two.address}
        listed = run(Path("archive"), "model.onnx", batch_size=BATCH, dry_run=True, **wanted)
        fresh = listed.ears.fresh.values()
        assert all("dry run: would" in record.message for record in fresh if record.prediction)
        assert not Path("sidecars").exists()
        ran = run(Path("archive"), "model.onnx", batch_size=BATCH, **wanted)
        assert ran.summary.predicted == 0, "the dry run's predictions are kept"
        (tmp_path / name / "sidecars" / sidecars.OWNER).unlink()
        trees[name] = files(tmp_path / name)
        del trees[name]["archive.geotag/journal.sqlite"]
        assert not left_over(folder)
    assert trees["there"] == trees["here"]
    assert any(path.startswith("copies/") for path in trees["there"])
    assert any(path.startswith("sidecars/") for path in trees["there"])


def test_a_killed_worker_costs_only_its_unfinished_photos(
    tmp_path: Path, tiny: str, two: crews.Cluster
) -> None:
    here, there = archive(tmp_path / "here"), archive(tmp_path / "there")
    local = run(here, tiny, write_exif=True, batch_size=BATCH)
    two.kill_at("a/10.jpg", once=True)
    spread = on(two, there, tiny, write_exif=True)
    assert not (two.folder / "once").exists(), "somebody died"
    assert files(there) == files(here)
    assert manifests(spread) == manifests(local)
    assert not left_over(there), "what the dead worker left is swept"
    often = Counter(two.predicted())
    assert set(often) == set(NAMES)
    twice = {path for path, times in often.items() if times > 1}
    assert "a/10.jpg" in twice
    assert len(twice) <= 4 * BATCH, "no more is done again than was under way: two windows for each thread"
    assert spread.summary.predicted == len(NAMES)


def test_work_that_kills_every_worker_ends_the_run(tmp_path: Path, tiny: str, two: crews.Cluster) -> None:
    folder = archive(tmp_path)
    two.local.scheduler.allowed_failures, allowed = 0, two.local.scheduler.allowed_failures
    two.kill_at("a/10.jpg", once=False)
    try:
        with pytest.raises(ClusterError, match=r"a/09\.bmp to a/11\.tif: the workers that tried were killed"):
            on(two, folder, tiny, write_exif=True)
    finally:
        two.local.scheduler.allowed_failures = allowed
        (two.folder / "deadly").unlink()
    assert not left_over(folder)
    finished = kills.finished(Path(f"{folder}.geotag"))
    assert "a/00.jpg" in finished, "what came before is finished"
    assert "a/10.jpg" not in finished
    two.predicted()
    on(two, folder, tiny, write_exif=True)
    assert not set(two.predicted()) & finished


class Hasty(Ears):
    """An observer that interrupts the run when the fifth photo is settled."""

    def settled(self, record: Record, *, fresh: bool) -> None:
        super().settled(record, fresh=fresh)
        if len(self.fresh) == 5:
            raise KeyboardInterrupt


def test_an_interrupt_takes_back_what_is_under_way(tmp_path: Path, tiny: str, two: crews.Cluster) -> None:
    folder = fill(tmp_path / "archive", [f"{number:03}.jpg" for number in range(60)])
    settings = Settings(
        (str(folder),),
        model=(tiny,),
        write_exif=True,
        batch_size=BATCH,
        backend="dask",
        scheduler=two.address,
    )
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(settings, Hasty())
    assert not left_over(folder)
    finished = kills.finished(tmp_path / "archive.geotag")
    assert 5 <= len(finished) < 60
    begun = two.predicted()
    assert len(begun) < 60, "what was waiting is not begun"
    again = on(two, folder, tiny, write_exif=True)
    assert set(two.predicted()) == set(snapshot(folder)) - finished
    assert again.summary.written[Written.EXIF] == 60


def test_another_geotag_is_told(
    tmp_path: Path, tiny: str, two: crews.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "__version__", "0.0.1")
    with pytest.raises(
        ClusterError, match=rf"has geotag {__version__}, this machine 0\.0\.1; install the same"
    ):
        on(two, fill(tmp_path / "archive", ["a.jpg"]), tiny)


def test_another_archive_is_told(
    tmp_path: Path, tiny: str, two: crews.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "archive", ["a.jpg"])
    monkeypatch.setattr(worker, "identity", lambda *_: (1, 2, 3))
    with pytest.raises(
        ClusterError, match=r"worker tcp://\S+: does not see .*/a\.jpg as this machine does; mount"
    ):
        on(two, folder, tiny)


def job(base: Path, model: str, **chosen: Any) -> worker.Job:
    settings = Settings((str(base),), model=(model,), **chosen)
    writer = write.Writer(str(base), settings, "0123-4567", datetime(2026, 11, 23, tzinfo=UTC))
    return worker.Job(settings, str(base), Policy(2500.0), writer, BATCH, onnxfile.digest(model))


def test_a_worker_tells_what_it_lacks(tmp_path: Path, tiny: str, other: str) -> None:
    folder = fill(tmp_path / "archive", ["a.jpg"])
    seen = worker.identity(str(folder), "a.jpg")
    ready = job(folder, tiny)
    assert worker.stand(ready, "a.jpg", seen).trouble == ""
    assert worker.stand(ready, "gone.jpg", None).trouble == "", "what nobody sees is nobody's fault"
    empty = replace(ready, base=str(tmp_path / "elsewhere"))
    assert "there is nothing at " in worker.stand(empty, "a.jpg", seen).trouble
    assert "as this machine does; mount" in worker.stand(ready, "a.jpg", (1, 2, 3)).trouble
    assert (
        "another model than"
        in worker.stand(replace(ready, sha256=onnxfile.digest(other)), "a.jpg", seen).trouble
    )
    missing = replace(ready, settings=replace(ready.settings, model=("no such model",)))
    assert "no such model: no such file" in worker.stand(missing, "a.jpg", seen).trouble
    with pytest.raises(ClusterError, match=r"worker on \S+: there is nothing at "):
        worker.work(replace(empty, writer=replace(empty.writer, mark="0123-89ab")), [])


def test_a_worker_holds_one_session_for_all_runs(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    load = predict.load

    def counting(path: str, *, device: str, threads: int) -> predict.Model:
        loads.append(path)
        return load(path, device=device, threads=threads)

    monkeypatch.setattr(predict, "load", counting)
    folder = fill(tmp_path / "archive", ["a.jpg", "b.jpg"])
    window = [Step(Record(photo), None, look=True) for photo in photos(folder)]
    for mark in ("0123-aaaa", "0123-bbbb", "0123-aaaa", "0123-cccc"):
        wanted = job(folder, tiny, device="cpu")
        done = worker.work(replace(wanted, writer=replace(wanted.writer, mark=mark)), window)
        assert (done.predicted, done.device) == (2, "model tiny 1 on cpu")
    assert len(loads) <= 1


def photos(folder: Path) -> list[Photo]:
    return [Photo.seen(path.name, path.stat()) for path in sorted(folder.iterdir())]


def test_a_run_that_ended_is_not_worked_for(tmp_path: Path, tiny: str) -> None:
    folder = fill(tmp_path / "archive", ["a.jpg"])
    wanted = job(folder, tiny)
    over = replace(wanted, writer=replace(wanted.writer, mark="0123-over"))
    asyncio.run(worker.dismiss("0123-over"))
    window = [Step(Record(photo), None, look=True) for photo in photos(folder)]
    assert worker.work(over, window) == worker.Done([], 0)


def test_no_scheduler_is_told(tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "REACH_S", 0.2)
    folder = fill(tmp_path / "archive", ["a.jpg"])
    for address in (NOBODY, "nonsense"):
        with pytest.raises(ClusterError, match=rf"{address}: no Dask scheduler answers .*; start one with"):
            on(address, folder, tiny)


def test_a_cluster_without_workers_is_told(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.2)
    folder = fill(tmp_path / "archive", ["a.jpg"])
    with (
        crews.cluster(tmp_path, 0) as empty,
        pytest.raises(
            ClusterError, match=r"no workers for 0\.2 seconds; start some with `dask worker tcp://"
        ),
    ):
        on(empty, folder, tiny)


def command(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["run", *words])
    return result.exit_code, result.stderr


def test_without_dask_one_sentence_says_so(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    folder = fill(tmp_path / "archive", ["a.jpg"])
    code, said = command(str(folder), "--model", tiny, "--backend", "dask", "--scheduler", NOBODY)
    assert code == Exit.USAGE
    assert said.splitlines()[-1] == (
        "geotag: --backend dask needs Dask, which is not installed: pip install 'geovision-geotag[dask]'"
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--scheduler", NOBODY], "--scheduler names a Dask cluster: add --backend dask"),
        (
            ["--backend", "dask"],
            "--backend dask needs a cluster: name its scheduler, --scheduler tcp://HOST:8786",
        ),
        (
            ["--backend", "dask", "--scheduler", NOBODY, "--jobs", "2"],
            "--jobs counts threads of this machine",
        ),
        (
            ["--backend", "dask", "--scheduler", NOBODY, "--sidecar", "s3://bucket"],
            "--backend dask does not write into buckets",
        ),
    ],
)
def test_options_that_contradict(tmp_path: Path, words: list[str], reason: str) -> None:
    folder = fill(tmp_path / "archive", ["a.jpg"])
    code, said = command(str(folder), *words)
    assert code == Exit.USAGE
    assert said.startswith(f"geotag: {reason}")
    assert not Path(f"{folder}.geotag").exists()
