"""Readers on small imitations of every layout; the index, its groups and folds, and a million rows."""

import io
import os
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from export import readers
from export.index import Tagged, build, folds
from export.sampling import Sampler, shares
from geotag import metadata
from geotag.types import Location, Tag


def _jpeg(path: Path, lat: float | None = None, lon: float = 0.0) -> None:
    exif = Image.Exif()
    if lat is not None:
        place = {
            1: "N" if lat >= 0 else "S",
            2: _sexagesimal(lat),
            3: "E" if lon >= 0 else "W",
            4: _sexagesimal(lon),
        }
        exif.get_ifd(0x8825).update(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (24, 16), (10, 120, 200)).save(path, exif=exif)


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole = abs(degrees)
    return (int(whole), int(whole * 60 % 60), whole * 3600 % 60)


def test_folder_takes_positions_of_cameras_and_not_guesses_of_ours(tmp_path: Path) -> None:
    _jpeg(tmp_path / "a" / "south.jpg", -33.5, 151.25)
    _jpeg(tmp_path / "none.jpg")
    _jpeg(tmp_path / "ours.JPG")
    plain = (tmp_path / "ours.JPG").read_bytes()
    for splice in reversed(metadata.embed(plain, Tag(Location(10.0, 10.0), 500.0, "geovision 1.0"), False)):
        plain = plain[: splice.offset] + splice.data + plain[splice.offset + splice.length :]
    assert metadata.read(plain) is not None
    (tmp_path / "ours.JPG").write_bytes(plain)
    (tmp_path / "text.jpg").write_text("no picture")
    found = list(readers.folder(tmp_path))
    assert [photo.key for photo in found] == ["a/south.jpg"]
    assert (found[0].lat, found[0].lon) == pytest.approx((-33.5, 151.25), abs=1e-4)


def test_blocks_of_a_city_are_groups_when_cells_are_small() -> None:
    corners = [(40.701, -74.001), (40.704, -74.004), (40.706, -74.001), (40.709, -74.009)]
    photos = [Tagged(Path("x.jpg"), str(n), *place, "town") for n, place in enumerate(corners)]
    assert len(np.unique(build(photos).group)) == 1
    blocks = build(photos, 0.005)
    assert blocks.group[0] == blocks.group[1]
    assert len(np.unique(blocks.cell)) == len(np.unique(blocks.group)) == 3
    with pytest.raises(ValueError, match="evenly"):
        build(photos, 0.007)


def test_csv_is_relative_to_itself(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("path,lat,lon,sequence\npictures/é.jpg,1.5,2.5,walk\n", encoding="utf-8")
    (photo,) = readers.table(table)
    assert photo == Tagged(tmp_path / "pictures/é.jpg", "pictures/é.jpg", 1.5, 2.5, "list", "walk")
    table.write_text("path,lat\n", encoding="utf-8")
    with pytest.raises(readers.LayoutError, match="no column lon"):
        list(readers.table(table))
    with pytest.raises(readers.LayoutError, match="missing"):
        list(readers.table(tmp_path / "other.csv"))


def test_shards_choose_by_licence_precision_and_kind(tmp_path: Path) -> None:
    rows = [
        ("one", "yes", "exact", "photo"),
        ("two", "linked", "city", "street"),
        ("closed", "no", "exact", "photo"),
        ("vague", "yes", "country", "photo"),
        ("old", "yes", "exact", "heritage"),
        ("absent", "yes", "exact", "photo"),
    ]
    lines = [
        f"{name},{at + 1}.5,7.5,src,{clear},{precision},{kind},s{at}"
        for at, (name, clear, precision, kind) in enumerate(rows)
    ]
    header = "id,lat,lon,source,clear,precision,kind,sequence"
    (tmp_path / "photos.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    with tarfile.open(tmp_path / "photos-000.tar", "w") as tar:
        for name, *_ in rows[:-1]:
            member = tarfile.TarInfo(f"{name}.jpg")
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    index = build(readers.shards(tmp_path))
    assert [index.key(row) for row in range(len(index))] == ["one", "two"]
    assert [index.read(row) for row in range(len(index))] == [b"one", b"two"]
    heritage = build(readers.shards(tmp_path, kinds=frozenset({"heritage"})))
    assert [heritage.read(row) for row in range(len(heritage))] == [b"old"]


def test_osv5m_as_its_authors_publish_it(tmp_path: Path) -> None:
    _jpeg(tmp_path / "images/train/00/111.jpg")
    _jpeg(tmp_path / "images/train/07/222.jpg")
    (tmp_path / "train.csv").write_text(
        "id,latitude,longitude,sequence\n222,-1.5,30.25,s\n111,60.5,-20.5,\n333,0.5,0.5,\n", encoding="utf-8"
    )
    assert readers.guess_layout(tmp_path) == "osv5m"
    found = [(photo.key, photo.lat, photo.lon, photo.sequence) for photo in readers.osv5m(tmp_path)]
    assert found == [("222", -1.5, 30.25, "s"), ("111", 60.5, -20.5, "")]


def test_mp16_keeps_the_photographs_of_an_author_together(tmp_path: Path) -> None:
    for name in ("ab/cd/abcd_77@N00.jpg", "ef/01/ef01_77@N00.jpg"):
        _jpeg(tmp_path / "images" / name)
    (tmp_path / "MP16_Pro_places365.csv").write_text(
        "IMG_ID,LAT,LON\nab/cd/abcd_77@N00.jpg,10.5,20.5\nef/01/ef01_77@N00.jpg,-40.5,170.5\nno/ne/x_1.jpg,1,1\n",
        encoding="utf-8",
    )
    assert readers.guess_layout(tmp_path) == "mp16"
    index = build(readers.mp16(tmp_path))
    assert len(index) == 2
    assert index.group[0] == index.group[1]


def test_groups_join_cells_and_sequences_through_each_other() -> None:
    here = Path("x.jpg")
    photos = [
        Tagged(here, "0", 10.5, 10.5, "a", "walk"),
        Tagged(here, "1", 11.5, 10.5, "a", "walk"),
        Tagged(here, "2", 11.6, 10.6, "a"),
        Tagged(here, "3", 40.5, 10.5, "a"),
        Tagged(here, "nowhere", 0.0, 0.0, "a"),
        Tagged(here, "off the map", 95.0, 10.0, "a"),
    ]
    index = build(photos)
    assert len(index) == 4
    assert index.group.tolist() == [0, 0, 0, 1]


def test_a_fold_never_shares_a_cell_or_sequence_with_another() -> None:
    rng = np.random.default_rng(0)
    photos = [
        Tagged(Path("x.jpg"), str(n), rng.uniform(-9, 9), rng.uniform(-9, 9), "a", f"s{rng.integers(300)}")
        for n in range(400)
    ]
    index = build(photos[:150])
    fold = folds(index, 5, seed=1)
    for group in np.unique(index.group):
        assert len(np.unique(fold[index.group == group])) == 1
    assert len(np.unique(fold)) == 5
    with pytest.raises(ValueError, match="cannot be split"):
        folds(build(photos[:1]), 5, seed=1)


def test_a_fingerprint_knows_the_photographs() -> None:
    photos = [Tagged(Path("x.jpg"), str(n), n + 0.5, 0.5, "a") for n in range(5)]
    assert build(photos).fingerprint() == build(photos).fingerprint()
    assert build(photos).fingerprint() != build(photos[:4]).fingerprint()


def test_a_shorter_file_than_the_table_says_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "shard.tar"
    file.write_bytes(b"0123456789")
    index = build([Tagged(file, "a", 1.5, 1.5, "s", "", 4, 3), Tagged(file, "b", 2.5, 1.5, "s", "", 8, 3)])
    assert index.read(0) == b"456"
    with pytest.raises(OSError, match="3 bytes were expected"):
        index.read(1)


def test_a_million_rows_stay_in_bounded_memory() -> None:
    # A tenth of them here, and with GEOTAG_ROWS=1000000 all.
    count = int(os.environ.get("GEOTAG_ROWS", "100000"))

    def many() -> Iterator[Tagged]:
        folders = [Path(f"/set/{n:03d}/x") for n in range(100)]
        for n in range(count):
            lat, lon = (n * 7919 % 17000) / 100 - 85, (n * 104729 % 35900) / 100 - 179.5
            yield Tagged(folders[n % 100], f"{n:08d}", lat + 0.001, lon, "many", f"s{n // 3}")

    tracemalloc.start()
    index = build(many())
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(index) == count
    assert held < 160 * count
    assert peak < 600 * count
    drawn = Sampler(shares(index.cell, 1)).draw(64, np.random.default_rng(0))
    assert [index.key(row) for row in drawn] == [f"{row:08d}" for row in drawn]
