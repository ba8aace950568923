"""Objects that are given positions: nothing else about them changes, and nobody else's work is lost."""

from __future__ import annotations

import re
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geotag.changes import State
from geotag.files import objects
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from geotag.types import Status, Written
from tests import kills
from tests.archives import picture, placed, rows, run, snapshot
from tests.buckets import Bucket, Environ, go, take_back

DESCRIBED = {
    "ContentType": "image/jpeg",
    "CacheControl": "max-age=60",
    "ContentDisposition": "inline",
    "ContentLanguage": "fr",
    "Metadata": {"shelf": "12 b"},
    "StorageClass": "STANDARD_IA",
    "Expires": datetime(2031, 5, 4, tzinfo=UTC),
    "ServerSideEncryption": "AES256",
}


@pytest.fixture(autouse=True)
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known yet of what a store keeps to."""
    monkeypatch.setattr(objects, "_trusted", {})
    monkeypatch.setattr(objects, "_tried", set())


def described(store: Bucket, key: str) -> dict[str, object]:
    """All that is said about an object, but for its content and its time."""
    head = store.call("head_object", Key=key)
    return {name: head.get(name) for name in DESCRIBED} | {
        "tags": store.call("get_object_tagging", Key=key)["TagSet"],
        "grants": store.call("get_object_acl", Key=key)["Grants"],
    }


def expected(tmp_path: Path, model: str) -> dict[str, bytes]:
    """What a run makes of the same files in a folder."""
    folder = tmp_path / "local" / "old photos"
    run(folder, model, output=str(tmp_path / "local out"), write_exif=True)
    return {f"old photos/{name}": content for name, content in snapshot(folder).items()}


def undated(content: bytes) -> bytes:
    """A sidecar without the second in which it was written."""
    return re.sub(rb"georeferencedDate>[^<]*<", b"georeferencedDate><", content)


def test_positions_go_into_objects_as_into_files_and_out_again(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    old, new = bucketed.content(), expected(tmp_path, tiny)
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    assert ran.summary.written == {Written.EXIF: 4, Written.SIDECAR: 1}
    written = bucketed.content()
    assert {key: undated(content) for key, content in written.items()} == {
        key: undated(content) for key, content in new.items()
    }
    assert upkeep.verify(str(tmp_path / "out")).troubles == ()
    bucketed.server.count()
    assert go(bucketed, tmp_path, tiny, write_exif=True).summary.predicted == 0
    assert bucketed.server.count() == {"LIST": 2}
    take_back(tmp_path)
    assert bucketed.content() == old


def test_each_object_is_read_once_more_to_be_written(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    go(bucketed, tmp_path, tiny)
    bucketed.server.count()
    go(bucketed, tmp_path, tiny, write_exif=True, include=("*.jpg",))
    # The put that must fail; for the photo: its content, what describes it, the put, and a look at what came.
    assert bucketed.server.count() == {"GET": 1, "HEAD": 3, "LIST": 3, "PUT": 2, "acl": 1, "tagging": 1}


def test_what_describes_an_object_survives(store: Bucket, tmp_path: Path, tiny: str) -> None:
    store.put("old photos/a.jpg", picture(), **DESCRIBED, Tagging="box=7&who=A%20B")
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    store.call("put_object_acl", Key="old photos/a.jpg", GrantRead=f'uri="{everybody}"')
    before = described(store, "old photos/a.jpg")
    assert {name: before[name] for name in DESCRIBED} == DESCRIBED
    assert before["tags"]
    assert everybody in str(before["grants"])
    assert go(store, tmp_path, tiny, write_exif=True).summary.written == {Written.EXIF: 1}
    assert described(store, "old photos/a.jpg") == before
    take_back(tmp_path)
    assert described(store, "old photos/a.jpg") == before
    assert store.content() == {"old photos/a.jpg": picture()}


def test_what_cannot_be_kept_is_not_touched(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    def refuses(environ: Environ) -> tuple[int, str] | None:
        return (403, "AccessDenied") if environ["QUERY_STRING"] == "acl" else None

    old, bucketed.server.trouble = bucketed.content(), refuses
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    assert ran.summary.written == {Written.SIDECAR: 5}
    assert "its access list cannot be read (access denied) and would be lost" in ran.rows["a.jpg"]["message"]
    assert {key: content for key, content in bucketed.content().items() if key in old} == old


@pytest.mark.parametrize("how", ["write_exif", "sidecar"])
def test_somebody_elses_work_of_this_very_moment_is_kept(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    key = "old photos/a.jpg" + ".xmp" * (how == "sidecar")
    commit = objects.commit

    def late(ready: objects.Upload) -> None:
        if ready.target.endswith(key):
            bucketed.put(key, placed(9))
        commit(ready)

    monkeypatch.setattr(objects, "commit", late)
    ran = go(bucketed, tmp_path, tiny, **{how: True})
    assert ran.rows["a.jpg"]["status"] == "failed"
    assert "changed by another program at this very moment" in ran.rows["a.jpg"]["message"]
    assert bucketed.content()[key] == placed(9)
    assert ran.summary.statuses == {Status.FAILED: 1, Status.LOCATED: 4}
    monkeypatch.undo()
    take_back(tmp_path)
    assert bucketed.content()[key] == placed(9)


def test_a_change_between_listing_and_reading_or_writing(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, times = objects.opened, {"a.jpg": 1, "c.png": 2}

    def disturbed(url: str) -> object:
        name = url.rpartition("/")[2]
        times[name] = times.get(name, 0) - 1
        if times[name] == 0:
            bucketed.put(url.removeprefix(bucketed.url + "/"), placed(9))
        if name == "b.tif":
            bucketed.call("delete_object", Key="old photos/b/b.tif")
        return opened(url)

    monkeypatch.setattr(objects, "opened", disturbed)
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    changed = "changed while the run was at it; run the same command again"
    assert ran.rows["a.jpg"]["message"] == ran.rows["b/c.png"]["message"] == changed
    assert ran.rows["b/b.tif"]["message"] == "cannot be read: no such file or directory"
    assert bucketed.content()["old photos/a.jpg"] == bucketed.content()["old photos/b/c.png"] == placed(9)
    monkeypatch.undo()
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    assert {name: row["status"] for name, row in ran.rows.items() if row["status"] != "located"} == {
        "a.jpg": "kept",
        "b/c.png": "kept",
    }


def test_a_store_that_passes_over_conditions_is_not_written(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    def forgetful(environ: Environ) -> None:
        environ.pop("HTTP_IF_MATCH", None)
        environ.pop("HTTP_IF_NONE_MATCH", None)

    old, bucketed.server.trouble = bucketed.content(), forgetful
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    assert {row["status"] for row in ran.rows.values()} == {"failed"}
    assert all("does not keep to conditions" in row["message"] for row in ran.rows.values())
    assert all("--sidecar-dir DIR" in row["message"] for row in ran.rows.values())
    assert bucketed.content() == old
    ran = go(bucketed, tmp_path, tiny, sidecar=True, sidecar_dir=str(tmp_path / "cars"))
    assert ran.summary.written == {Written.SIDECAR: 5}


def test_an_answer_that_is_lost_is_looked_for(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    """The server writes, but says that it failed: what is there then is ours."""
    store = bucketed.server._store

    def deaf(environ: Environ) -> tuple[int, str] | None:
        if environ["REQUEST_METHOD"] != "PUT" or "/.geotag-" in environ["PATH_INFO"]:
            return None
        list(store(environ, lambda *_: None))
        return 500, "InternalError"

    new, bucketed.server.trouble = expected(tmp_path, tiny), deaf
    ran = go(bucketed, tmp_path, tiny, write_exif=True, include=("a.jpg", "c.png"))
    assert ran.summary.written == {Written.EXIF: 2}
    assert bucketed.content()["old photos/a.jpg"] == new["old photos/a.jpg"]


def test_a_put_of_which_nobody_knows_is_settled_by_the_next_run(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    def silent(environ: Environ) -> tuple[int, str] | None:
        fails = environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith("a.jpg")
        return (500, "InternalError") if fails else None

    old, bucketed.server.trouble = bucketed.content(), silent
    ran = go(bucketed, tmp_path, tiny, write_exif=True, include=("*.jpg",))
    assert "whether it was written cannot be told; run the same command" in ran.rows["a.jpg"]["message"]
    with Journal(str(tmp_path / "out"), create=False) as journal:
        assert len(list(journal.changes(State.INTENDED))) == 1
    bucketed.server.trouble = lambda _: None
    ran = go(bucketed, tmp_path, tiny, write_exif=True, include=("*.jpg",))
    assert (ran.summary.written, ran.summary.predicted) == ({Written.EXIF: 1}, 0)
    take_back(tmp_path)
    assert bucketed.content() == old


@pytest.mark.parametrize(
    "moment", ["geotag.files.objects.commit:before:2", "geotag.files.objects.commit:after:2"]
)
def test_killed_in_the_middle(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    old, new = bucketed.content(), expected(tmp_path, tiny)
    command = ["run", f"{bucketed.url}/old photos", "--output", str(tmp_path / "out"), "--write-exif"]
    ended = kills.geotag(tmp_path, *command, "--model", tiny, "--jobs", "1", moment=moment)
    assert ended.code == -signal.SIGKILL, ended.said
    for key, content in bucketed.content().items():
        assert content in (old.get(key), new[key]) or key.endswith(".xmp"), key
    assert list(scratch.glob(".geotag-*")), "what was verified and not yet sent"
    ran = go(bucketed, tmp_path, tiny, write_exif=True)
    assert (ran.summary.failed, ran.summary.predicted) == (0, 0), "what was predicted is known"
    assert {key: content for key, content in bucketed.content().items() if key in old} == {
        key: new[key] for key in old
    }
    assert {row["written"] for row in rows(tmp_path / "out").values()} == {"exif", "sidecar"}
    assert not list(scratch.glob(".geotag-*"))
    take_back(tmp_path)
    assert bucketed.content() == old


def test_backups_are_files_on_this_machine(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    old = bucketed.content()
    go(bucketed, tmp_path, tiny, write_exif=True, backup=str(tmp_path / "backup"))
    copies = {f"old photos/{name}": content for name, content in snapshot(tmp_path / "backup").items()}
    assert copies == {key: old[key] for key in copies}
    assert len(copies) == 4


def test_some_writes_are_taken_back_by_url_and_what_somebody_changed_stays(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    old = bucketed.content()
    go(bucketed, tmp_path, tiny, write_exif=True)
    bucketed.put("old photos/b/b.tif", picture(9, "TIFF"))
    outcome = upkeep.take_back(str(tmp_path / "out"), (f"{bucketed.url}/old photos/b",))
    (trouble,) = outcome.troubles
    assert trouble.endswith("old photos/b/b.tif: changed by someone else since; left as it is")
    now = bucketed.content()
    assert now["old photos/b/c.png"] == old["old photos/b/c.png"]
    assert now["old photos/a.jpg"] != old["old photos/a.jpg"]
    assert [name for name, row in rows(tmp_path / "out").items() if row["written"] == "none"] == ["b/c.png"]
