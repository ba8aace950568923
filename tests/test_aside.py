"""Sidecars that come after a run: a person's position or caption in one is seen by the next run."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geotag.flows.aside import Aside
from tests.archives import fill, run
from tests.captioned import packet

NAMES = ("a.jpg", "b/b.jpg", "b/c.png")
POSITION = (
    ' xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,30.0N" exif:GPSLongitude="2,15.0E"'
)


def put(path: Path, text: bytes) -> None:
    """Write a sidecar as somebody does who comes later: the clock of a file system ticks in milliseconds."""
    time.sleep(0.05)
    path.write_bytes(text)


def test_a_position_and_a_caption_beside_finished_photos_are_seen(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny)
    put(archive / "a.jpg.xmp", packet("", POSITION))
    put(archive / "b" / "c.xmp", packet("<dc:title>The harbour of Bombay</dc:title>"))
    ran = run(archive, tiny)
    assert set(ran.ears.fresh) == {"a.jpg", "b/c.png"}
    assert ran.summary.predicted == 0
    assert ran.rows["a.jpg"]["status"] == "kept"
    assert float(ran.rows["a.jpg"]["latitude"]) == 48.5
    assert "Bombay" in ran.rows["b/c.png"]["evidence"]
    assert not run(archive, tiny).ears.fresh


def test_what_stays_the_same_is_not_written_again(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny, sidecar=True)
    assert not run(archive, tiny, sidecar=True).ears.fresh
    sidecar = archive / "a.jpg.xmp"
    put(sidecar, sidecar.read_bytes() + b"\n")
    changed = sidecar.read_bytes()
    ran = run(archive, tiny, sidecar=True)
    assert set(ran.ears.fresh) == {"a.jpg"}
    assert sidecar.read_bytes() == changed
    assert ran.rows["a.jpg"]["written"] == "sidecar"


def test_a_run_over_a_part_does_not_hide_what_came_beside_the_rest(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny)
    put(archive / "a.jpg.xmp", packet("", POSITION))
    assert not run(archive, tiny, include=("b/*",)).ears.fresh
    assert set(run(archive, tiny).ears.fresh) == {"a.jpg"}


def test_a_folder_of_sidecars_elsewhere_is_asked_too(tmp_path: Path) -> None:
    (tmp_path / "kept" / "b").mkdir(parents=True)
    put(tmp_path / "kept" / "b" / "c.png.XMP", b"")
    made = datetime.fromtimestamp(os.stat(tmp_path / "kept" / "b" / "c.png.XMP").st_ctime, UTC)
    sought = str(tmp_path / "archive"), str(tmp_path / "kept")
    earlier, later = made - timedelta(hours=1), made + timedelta(hours=1)
    assert Aside(*sought, earlier, lambda _: None).changed("b/c.png")
    assert not Aside(*sought, earlier, lambda _: None).changed("b/b.jpg")
    assert not Aside(*sought, later, lambda _: None).changed("b/c.png")
    assert not Aside(*sought, None, lambda _: None).changed("b/c.png")
