"""Archives in a bucket: read where they lie, written only as asked and never over somebody else's work."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geotag.files import objects
from geotag.flows import examine, upkeep
from geotag.models import shelf
from geotag.renderings import report
from geotag.types import Written
from tests.archives import picture, run, snapshot
from tests.buckets import NAMES, Bucket, Environ, go, take_back
from tests.maps import watched
from tests.reviewers import name, progress

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_answers_are_those_for_a_folder_and_each_object_is_read_once(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    expected = run(tmp_path / "local" / "old photos", tiny, output=str(tmp_path / "local out")).rows
    sizes = {name: len(content) for name, content in bucketed.content().items()}
    bucketed.server.count()
    ran = go(bucketed, tmp_path, tiny)
    got = [asked for asked in bucketed.server.asked if asked.what == "GET"]
    assert {asked.path.partition("/")[2]: asked.sent for asked in got} == sizes
    # One to tell a folder from an object, one for the archive, one for the sidecars of each photo.
    assert bucketed.server.count() == {"GET": 5, "LIST": 2 + 5}
    assert ran.rows == expected
    assert set(bucketed.content()) == set(sizes), "nothing was written"


def test_a_finished_archive_is_confirmed_by_its_listing_alone(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(bucketed, tmp_path, tiny)
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    bucketed.server.count()
    again = go(bucketed, tmp_path, tiny)
    assert (len(again.ears.known), again.summary.predicted) == (5, 0)
    assert bucketed.server.count() == {"LIST": 1 + 3}, "a page for two objects, and no request for a photo"


def test_what_changed_is_done_again_and_what_went_is_gone(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    before = go(bucketed, tmp_path, tiny).rows
    bucketed.put("old photos/e.bmp", picture(9, "BMP"))
    bucketed.call("delete_object", Key="old photos/a.jpg")
    bucketed.put("old photos/new.jpg", picture(10))
    ran = go(bucketed, tmp_path, tiny)
    assert set(ran.ears.fresh) == {"e.bmp", "new.jpg"}, "of the same size, in the same second"
    assert set(ran.rows) == {*NAMES, "new.jpg"} - {"a.jpg"}
    assert ran.rows["e.bmp"] != before["e.bmp"]
    assert set(go(bucketed, tmp_path, tiny, include=("b/*",)).rows) == set(ran.rows), (
        "not asked for, not gone"
    )


def test_keys_that_are_no_photos_or_no_paths(store: Bucket, tmp_path: Path, tiny: str) -> None:
    for key in ("x/a.jpg", "x/.b.jpg", "x/.c/d.jpg", "x/e.txt", "x/f/", "x//g.jpg", "x/../h.jpg", "xy.jpg"):
        store.put(key, picture())
    ran = run(f"{store.url}/x/", tiny, output=str(tmp_path / "out"))
    assert list(ran.rows) == ["a.jpg"]
    assert ran.summary.failed == 1
    (warning,) = ran.ears.warnings
    assert warning.startswith(f"{store.url}/x//g.jpg: ")


def test_a_single_object_and_a_whole_bucket_are_archives_too(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    one = run(f"{bucketed.url}/old photos/a.jpg", tiny, output=str(tmp_path / "one"))
    assert list(one.rows) == ["a.jpg"]
    every = run(bucketed.url, tiny, output=str(tmp_path / "all"))
    assert list(every.rows) == [f"old photos/{name}" for name in NAMES]


def test_a_single_object_is_inspected(bucketed: Bucket, tiny: str) -> None:
    names = ("a.jpg", "none.jpg")
    urls = [f"{bucketed.url}/old photos/{name}" for name in names]
    found, missing = examine.inspect(urls, shelf.gather([tiny], "cpu", 1), 2500)
    assert found.record is not None
    assert found.record.prediction is not None
    assert (found.trouble, missing.trouble) == ("", "cannot be read: no such file or directory")


def test_objects_are_asked_for_while_others_are_waited_for(
    bucketed: Bucket, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four photos at once on one core: each of the first four waits until all of them are asked for."""
    monkeypatch.setattr("geotag.parallel.cores", lambda: 1)
    bucketed.call("delete_object", Key="old photos/e.bmp")
    together = threading.Barrier(4)

    def waits(environ: Environ) -> None:
        if environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]:
            together.wait(60)

    bucketed.server.trouble = waits
    assert go(bucketed, tmp_path, tiny, jobs=None).summary.failed == 0
    assert not together.broken


def test_globs_choose_as_in_a_folder(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    assert list(go(bucketed, tmp_path, tiny, exclude=("b", "e.*")).rows) == ["a.jpg", "d e/é.webp"]


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


def test_sidecars_lie_beside_the_objects_and_go_again(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    old = bucketed.content()
    bucketed.server.count()
    ran = go(bucketed, tmp_path, tiny, sidecar=True)
    assert ran.summary.written == {Written.SIDECAR: 5}
    sent = [asked for asked in bucketed.server.asked if asked.method == "PUT"]
    assert all({"HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"} & asked.headers.keys() for asked in sent)
    new = bucketed.content()
    assert {key for key in new if key not in old} == {f"old photos/{name}.xmp" for name in NAMES}
    assert {key: new[key] for key in old} == old
    assert upkeep.verify(str(tmp_path / "out")).troubles == ()
    bucketed.server.count()
    assert go(bucketed, tmp_path, tiny, sidecar=True).summary.predicted == 0
    assert bucketed.server.count() == {"LIST": 2}
    take_back(tmp_path)
    assert bucketed.content() == old


def test_a_sidecar_directory_is_on_this_machine_and_the_bucket_stays_as_it_is(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    old = bucketed.content()
    bucketed.server.count()
    ran = go(bucketed, tmp_path, tiny, sidecar=True, sidecar_dir=str(tmp_path / "cars"))
    assert ran.summary.written == {Written.SIDECAR: 5}
    assert {f"{name}.xmp" for name in NAMES} <= set(snapshot(tmp_path / "cars"))
    assert set(bucketed.server.count()) == {"GET", "LIST"}
    take_back(tmp_path)
    assert bucketed.content() == old


def test_a_position_in_a_sidecar_stands_and_a_caption_stays(
    bucketed: Bucket, tmp_path: Path, tiny: str
) -> None:
    go(bucketed, tmp_path, tiny, sidecar=True)
    theirs = bucketed.content()["old photos/a.jpg.xmp"].replace(b"geotag", b"a person")
    bucketed.put("old photos/a.jpg.xmp", theirs)
    captioned = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='kept'/>"
        b"</rdf:RDF></x:xmpmeta>"
    )
    bucketed.put("old photos/e.bmp.xmp", captioned)
    ran = go(bucketed, tmp_path, tiny, sidecar=True, redo=True, output=str(tmp_path / "other"))
    assert (ran.rows["a.jpg"]["status"], ran.rows["e.bmp"]["written"]) == ("kept", "sidecar")
    now = bucketed.content()
    assert now["old photos/a.jpg.xmp"] == theirs
    assert b"dc:format='kept'" in now["old photos/e.bmp.xmp"]
    assert b"GPSLatitude" in now["old photos/e.bmp.xmp"]


def test_adobe_names_are_not_shared(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    bucketed.put("old photos/a.tif", picture(1, "TIFF"))
    ran = go(bucketed, tmp_path, tiny, sidecar=True, sidecar_style="adobe")
    assert ran.summary.failed == 0
    made = {key.removeprefix("old photos/") for key in bucketed.content() if key.endswith(".xmp")}
    assert made == {"a.jpg.xmp", "a.tif.xmp", "b/b.xmp", "b/c.xmp", "d e/é.xmp", "e.xmp"}


def test_a_map_is_drawn_without_fetching_the_photos_again_and_says_so(
    bucketed: Bucket, tmp_path: Path, tiny: str, browser: Browser
) -> None:
    page = Path(go(bucketed, tmp_path, tiny, map=True).summary.output) / report.NAME
    assert bucketed.server.count() == {"GET": 5, "LIST": 2 + 5}, "each object once, as without a map"
    upkeep.report(str(page.parent), mapped=True)
    assert bucketed.server.count() == {}
    with watched(browser, page) as opened:
        opened.locator("#count", has_text="5 of 5 photos; no thumbnails").wait_for()
        opened.keyboard.press("j")
        assert opened.locator("#photo h2").inner_text() == "a.jpg"
        assert (opened.locator("#photo img").count(), opened.locator("#original").count()) == (0, 0)
        name(opened)
        opened.keyboard.press("r")
        progress(opened, "1 of 5 reviewed")
