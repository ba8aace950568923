"""What goes wrong with a bucket is said in one sentence, and costs no photo that is already known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from geotag.errors import GeotagError, UsageError
from geotag.files import bucket
from geotag.memory.journal import Journal
from geotag.renderings import manifest
from geotag.types import Status, Written
from tests.archives import fill, picture, run, snapshot
from tests.buckets import NAMES, Bucket, Environ, go


@pytest.fixture
def anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Connections are made anew, by a user who has no settings; none of them outlives the test."""

    def forget() -> None:
        bucket._store.cache_clear()
        for kind in {fsspec.get_filesystem_class("s3"), fsspec.get_filesystem_class("memory")}:
            kind.clear_instance_cache()

    forget()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    yield monkeypatch
    forget()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket/x", "s3://no-such-bucket/x: cannot be read: no such bucket"),
        ("{}/x", "{}/x: no such folder or object; check the spelling"),
        ("{}/old photo", "{}/old photo: no such folder or object; check the spelling"),
        ("nope://x/y", "nope://: no such kind of store; s3://BUCKET/FOLDER is one"),
    ],
)
def test_an_archive_that_is_not_there(
    bucketed: Bucket, tmp_path: Path, url: str, said: str, tiny: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(url.format(bucketed.url), tiny, output=str(tmp_path / "out"))
    assert str(caught.value) == said.format(bucketed.url)
    assert not (tmp_path / "out").exists()


def test_what_is_asked_for_wrongly(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    with pytest.raises(UsageError, match=r"name one with --output DIR"):
        run(f"{bucketed.url}/old photos", tiny)
    with pytest.raises(UsageError, match=r"a bucket's folder is an archive of its own; run once for each"):
        run([bucketed.url, tmp_path], tiny, output=str(tmp_path / "out"))  # type: ignore[list-item]


def test_a_listing_that_is_not_allowed(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    bucketed.server.trouble = lambda environ: (403, "AccessDenied") if "list" in str(environ) else None
    with pytest.raises(UsageError, match=r"old photos: cannot be read: access denied"):
        go(bucketed, tmp_path, tiny)


def test_no_credentials(bucketed: Bucket, tmp_path: Path, tiny: str, anew: pytest.MonkeyPatch) -> None:
    anew.delenv("AWS_ACCESS_KEY_ID")
    anew.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match=r"old photos: cannot be read: no credentials; set AWS_PROFILE"):
        go(bucketed, tmp_path, tiny)


def test_nobody_there(bucketed: Bucket, tmp_path: Path, tiny: str, anew: pytest.MonkeyPatch) -> None:
    anew.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UsageError, match=r"old photos: cannot be read: the store does not answer \(\w+\)"):
        go(bucketed, tmp_path, tiny)


def test_without_the_extra(tmp_path: Path, tiny: str, anew: pytest.MonkeyPatch) -> None:
    anew.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"s3://: cannot .* another package; pip install '.*\[s3\]'"):
        run("s3://bucket/x", tiny, output=str(tmp_path / "out"))


def test_one_object_that_may_not_be_read(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    def refuses(environ: Environ) -> tuple[int, str] | None:
        return (403, "AccessDenied") if environ["PATH_INFO"].endswith("c.png") else None

    bucketed.server.trouble = refuses
    ran = go(bucketed, tmp_path, tiny)
    assert ran.summary.statuses == {Status.LOCATED: 4, Status.FAILED: 1}
    assert ran.rows["b/c.png"]["message"] == "cannot be read: access denied"


def test_an_answer_that_breaks_off_is_asked_for_again(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    bucketed.server.cut = 2
    assert go(bucketed, tmp_path, tiny).summary.failed == 0
    bucketed.server.cut = 1000
    ran = go(bucketed, tmp_path, tiny, redo=True)
    assert ran.summary.failed == 5
    assert "cannot be read: the store does not answer" in ran.rows["a.jpg"]["message"]


def test_a_listing_that_breaks_off_makes_nothing_gone(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(bucketed, tmp_path, tiny)
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")

    def breaks(environ: Environ) -> tuple[int, str] | None:
        return (403, "ExpiredToken") if "continuation-token" in environ["QUERY_STRING"] else None

    bucketed.server.trouble = breaks
    with pytest.raises(GeotagError, match=r"cannot be listed to the end: the credentials have expired; run"):
        go(bucketed, tmp_path, tiny)
    with Journal(str(tmp_path / "out"), create=False) as journal:
        assert [record.photo.path for record in journal.records()] == list(NAMES)


def test_an_output_belongs_to_one_bucket(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    go(bucketed, tmp_path, tiny)
    with pytest.raises(GeotagError, match=r"old photos; choose another folder with --output DIR"):
        run(f"{bucketed.url}/old photos/b", tiny, output=str(tmp_path / "out"))


def test_another_kind_of_store_is_only_read(tmp_path: Path, tiny: str, anew: pytest.MonkeyPatch) -> None:
    local = fill(tmp_path / "local", NAMES)
    files = fsspec.filesystem("memory")
    for name, content in snapshot(local).items():
        files.pipe_file(f"/shelf/{name}", content)
    expected = run(local, tiny, output=str(tmp_path / "local out")).rows
    out = str(tmp_path / "out")
    ran = run("memory://shelf", tiny, output=out, sidecar=True, sidecar_dir=str(tmp_path / "cars"))
    assert {name: row["latitude"] for name, row in ran.rows.items()} == {
        name: row["latitude"] for name, row in expected.items()
    }
    assert ran.summary.written == {Written.SIDECAR: 5}
    files.pipe_file("/shelf/a.jpg", picture(7))
    assert set(run("memory://shelf", tiny, output=out).ears.fresh) == {"a.jpg"}
    ran = run("memory://shelf", tiny, output=str(tmp_path / "other"), write_exif=True)
    assert {row["status"] for row in ran.rows.values()} == {"failed"}
    assert all("--sidecar-dir DIR" in row["message"] for row in ran.rows.values())
    assert files.cat_file("/shelf/a.jpg") == picture(7)
    assert manifest.present(str(tmp_path / "other"))
