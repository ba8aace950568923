"""Archives in a bucket: read where they lie, written only as asked and never over somebody else's work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geotag import objects, upkeep
from geotag.types import Written
from tests.archives import Ran, fill, picture, run, snapshot
from tests.buckets import ENVIRONMENT, Bucket, Server, serving

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d e/é.webp", "e.bmp")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch, serving() as found:
        for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": found.url}).items():
            patch.setenv(name, value)
        yield found


@pytest.fixture
def store(server: Server, request: pytest.FixtureRequest) -> Bucket:
    """A bucket of its own for each test, and a server that behaves."""
    server.trouble = lambda _: None
    made = Bucket(f"bucket-{abs(hash(request.node.nodeid)):x}", server)
    made.call("create_bucket")
    return made


@pytest.fixture
def archive(store: Bucket, tmp_path: Path) -> Bucket:
    """The bucket with the photos of NAMES below `old photos`; the same files are in the folder `local`."""
    for name, content in snapshot(fill(tmp_path / "local" / "old photos", NAMES)).items():
        store.put(f"old photos/{name}", content)
    store.server.count()
    return store


def go(archive: Bucket, tmp_path: Path, model: str, **chosen: object) -> Ran:
    """Run over the archive."""
    return run(f"{archive.url}/old photos", model, **{"output": str(tmp_path / "out"), **chosen})


def take_back(tmp_path: Path) -> None:
    """Undo everything, without any trouble."""
    assert upkeep.take_back(str(tmp_path / "out"), ()).troubles == ()


def test_the_answers_are_those_for_a_folder_and_each_object_is_read_once(
    archive: Bucket, tmp_path: Path, tiny: str
) -> None:
    expected = run(tmp_path / "local" / "old photos", tiny, output=str(tmp_path / "local out")).rows
    sizes = {name: len(content) for name, content in archive.content().items()}
    archive.server.count()
    ran = go(archive, tmp_path, tiny)
    got = [asked for asked in archive.server.asked if asked.what == "GET"]
    assert {asked.path.partition("/")[2]: asked.sent for asked in got} == sizes
    # One to tell a folder from an object, one for the archive, one for the sidecars of each photo.
    assert archive.server.count() == {"GET": 5, "LIST": 2 + 5}
    assert ran.rows == expected
    assert set(archive.content()) == set(sizes), "nothing was written"


def test_a_finished_archive_is_confirmed_by_its_listing_alone(
    archive: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(archive, tmp_path, tiny)
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    archive.server.count()
    again = go(archive, tmp_path, tiny)
    assert (len(again.ears.known), again.summary.predicted) == (5, 0)
    assert archive.server.count() == {"LIST": 1 + 3}, "a page for two objects, and no request for a photo"


def test_what_changed_is_done_again_and_what_went_is_gone(archive: Bucket, tmp_path: Path, tiny: str) -> None:
    before = go(archive, tmp_path, tiny).rows
    archive.put("old photos/e.bmp", picture(9, "BMP"))
    archive.call("delete_object", Key="old photos/a.jpg")
    archive.put("old photos/new.jpg", picture(10))
    ran = go(archive, tmp_path, tiny)
    assert set(ran.ears.fresh) == {"e.bmp", "new.jpg"}, "of the same size, in the same second"
    assert set(ran.rows) == {*NAMES, "new.jpg"} - {"a.jpg"}
    assert ran.rows["e.bmp"] != before["e.bmp"]
    assert set(go(archive, tmp_path, tiny, include=("b/*",)).rows) == set(ran.rows), "not asked for, not gone"


def test_keys_that_are_no_photos_or_no_paths(store: Bucket, tmp_path: Path, tiny: str) -> None:
    for key in ("x/a.jpg", "x/.b.jpg", "x/.c/d.jpg", "x/e.txt", "x/f/", "x//g.jpg", "x/../h.jpg", "xy.jpg"):
        store.put(key, picture())
    ran = run(f"{store.url}/x/", tiny, output=str(tmp_path / "out"))
    assert list(ran.rows) == ["a.jpg"]
    assert ran.summary.failed == 1
    (warning,) = ran.ears.warnings
    assert warning.startswith(f"{store.url}/x//g.jpg: ")


def test_a_single_object_and_a_whole_bucket_are_archives_too(
    archive: Bucket, tmp_path: Path, tiny: str
) -> None:
    one = run(f"{archive.url}/old photos/a.jpg", tiny, output=str(tmp_path / "one"))
    assert list(one.rows) == ["a.jpg"]
    every = run(archive.url, tiny, output=str(tmp_path / "all"))
    assert list(every.rows) == [f"old photos/{name}" for name in NAMES]


def test_globs_choose_as_in_a_folder(archive: Bucket, tmp_path: Path, tiny: str) -> None:
    assert list(go(archive, tmp_path, tiny, exclude=("b", "e.*")).rows) == ["a.jpg", "d e/é.webp"]


def test_large_objects_are_fetched_in_pieces_and_once(
    store: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture(3, "TIFF", (400, 300))
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "a.tif").write_bytes(content)
    store.put("x/a.tif", content)
    expected = run(tmp_path / "local", tiny, output=str(tmp_path / "local out")).rows
    monkeypatch.setattr(objects, "IN_MEMORY", 1 << 16)
    monkeypatch.setattr(objects, "BLOCK", 1 << 16)
    store.server.count()
    ran = run(f"{store.url}/x", tiny, output=str(tmp_path / "out"), write_exif=True)
    parts = [asked for asked in store.server.asked if "HTTP_RANGE" in asked.headers]
    reading = parts[: -(-len(content) // (1 << 16))]
    assert sum(asked.sent for asked in reading) == len(content)
    assert len({asked.headers["HTTP_RANGE"] for asked in reading}) == len(reading), "no piece twice"
    assert ran.rows["a.tif"]["latitude"] == expected["a.tif"]["latitude"]
    assert ran.rows["a.tif"]["written"] == "sidecar"
    assert "objects of more than" in ran.rows["a.tif"]["message"]
    assert store.content()["x/a.tif"] == content


def test_sidecars_lie_beside_the_objects_and_go_again(archive: Bucket, tmp_path: Path, tiny: str) -> None:
    old = archive.content()
    archive.server.count()
    ran = go(archive, tmp_path, tiny, sidecar=True)
    assert ran.summary.written == {Written.SIDECAR: 5}
    sent = [asked for asked in archive.server.asked if asked.method == "PUT"]
    assert all({"HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"} & asked.headers.keys() for asked in sent)
    new = archive.content()
    assert {key for key in new if key not in old} == {f"old photos/{name}.xmp" for name in NAMES}
    assert {key: new[key] for key in old} == old
    assert upkeep.verify(str(tmp_path / "out")).troubles == ()
    archive.server.count()
    assert go(archive, tmp_path, tiny, sidecar=True).summary.predicted == 0
    assert archive.server.count() == {"LIST": 2}
    take_back(tmp_path)
    assert archive.content() == old


def test_a_sidecar_directory_is_on_this_machine_and_the_bucket_stays_as_it_is(
    archive: Bucket, tmp_path: Path, tiny: str
) -> None:
    old = archive.content()
    archive.server.count()
    ran = go(archive, tmp_path, tiny, sidecar=True, sidecar_dir=str(tmp_path / "cars"))
    assert ran.summary.written == {Written.SIDECAR: 5}
    assert {f"{name}.xmp" for name in NAMES} <= set(snapshot(tmp_path / "cars"))
    assert set(archive.server.count()) == {"GET", "LIST"}
    take_back(tmp_path)
    assert archive.content() == old


def test_a_position_in_a_sidecar_stands_and_a_caption_stays(
    archive: Bucket, tmp_path: Path, tiny: str
) -> None:
    go(archive, tmp_path, tiny, sidecar=True)
    theirs = archive.content()["old photos/a.jpg.xmp"].replace(b"geotag", b"a person")
    archive.put("old photos/a.jpg.xmp", theirs)
    captioned = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='kept'/>"
        b"</rdf:RDF></x:xmpmeta>"
    )
    archive.put("old photos/e.bmp.xmp", captioned)
    ran = go(archive, tmp_path, tiny, sidecar=True, redo=True, output=str(tmp_path / "other"))
    assert (ran.rows["a.jpg"]["status"], ran.rows["e.bmp"]["written"]) == ("kept", "sidecar")
    now = archive.content()
    assert now["old photos/a.jpg.xmp"] == theirs
    assert b"dc:format='kept'" in now["old photos/e.bmp.xmp"]
    assert b"GPSLatitude" in now["old photos/e.bmp.xmp"]


def test_adobe_names_are_not_shared(archive: Bucket, tmp_path: Path, tiny: str) -> None:
    archive.put("old photos/a.tif", picture(1, "TIFF"))
    ran = go(archive, tmp_path, tiny, sidecar=True, sidecar_style="adobe")
    assert ran.summary.failed == 0
    made = {key.removeprefix("old photos/") for key in archive.content() if key.endswith(".xmp")}
    assert made == {"a.jpg.xmp", "a.tif.xmp", "b/b.xmp", "b/c.xmp", "d e/é.xmp", "e.xmp"}
