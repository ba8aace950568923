"""check: positions that files claim, judged without a change to the archive."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from geotag.cli import main
from geotag.errors import Exit, OutputError
from geotag.flows import check
from geotag.models import shelf
from tests import archives
from tests.claims import tagged

ROME = (41.8912, 12.4934)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A roll of seven photos in Rome, the fourth with its coordinates swapped."""
    folder = tmp_path / "archive" / "roll"
    folder.mkdir(parents=True)
    for number in range(7):
        lat, lon = ROME[0] + number / 1000, ROME[1]
        content = tagged(archives.picture(number), *((lon, lat) if number == 3 else (lat, lon)))
        (folder / f"IMG_{number:04}.jpg").write_bytes(content)
    return tmp_path / "archive"


def judged(archive: Path, tiny: str) -> dict[str, check.Checked]:
    return {item.path: item for item in check.check((str(archive),), shelf.load(tiny, "cpu"), 2)}


def test_the_one_that_is_swapped_is_found_and_the_others_are_not_blamed(archive: Path, tiny: str) -> None:
    before = archives.snapshot(archive.parent)
    found = judged(archive, tiny)
    assert [path for path, item in found.items() if item.suspicious] == ["roll/IMG_0003.jpg"]
    row = check.properties(found["roll/IMG_0003.jpg"])
    assert row["kind"] == "swapped"
    assert (row["suggested_latitude"], row["suggested_longitude"]) == pytest.approx((41.8942, 12.4934))
    assert archives.snapshot(archive.parent) == before


def test_no_place_on_the_earth_is_found_although_readers_pass_over_it(archive: Path, tiny: str) -> None:
    (archive / "roll" / "beyond.jpg").write_bytes(tagged(archives.picture(9), 121.5, 31.2))
    found = judged(archive, tiny)["roll/beyond.jpg"]
    assert str(found.suspicion.kind) == "out of range"
    assert check.properties(found)["latitude"] == pytest.approx(121.5)
    assert check.properties(found)["suggested_latitude"] == pytest.approx(31.2)


def test_photos_without_a_position_and_our_own_guesses_are_not_judged(archive: Path, tiny: str) -> None:
    archives.fill(archive, ["plain.jpg"])
    archives.run(archive, tiny, write_exif=True, max_error_km=20100)
    assert "plain.jpg" not in judged(archive, tiny)
    assert len(judged(archive, tiny)) == 7


def test_a_picture_that_cannot_be_decoded_is_judged_by_the_rest(archive: Path, tiny: str) -> None:
    whole = tagged(archives.picture(9), 0.0, 0.0)
    (archive / "roll" / "torn.jpg").write_bytes(whole[:-300])
    found = judged(archive, tiny)["roll/torn.jpg"]
    assert str(found.suspicion.kind) == "0,0"
    assert found.suspicion.picture is None
    assert found.trouble


def test_the_folder_name_is_a_witness(tmp_path: Path, tiny: str) -> None:
    for place, claim in (("Cairo", (30.0512, 31.2434)), ("Lisbon", (30.0512, 31.2434))):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.jpg").write_bytes(tagged(archives.picture(0), *claim))
    cairo = judged(tmp_path / "Cairo", tiny)["a.jpg"]
    lisbon = judged(tmp_path / "Lisbon", tiny)["a.jpg"]
    assert lisbon.suspicion.probability > 5 * cairo.suspicion.probability
    assert str(lisbon.suspicion.kind) == "against the words"


def test_csv_cells_cannot_be_run(tmp_path: Path, tiny: str) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "=cmd.jpg").write_bytes(tagged(archives.picture(0), 0.0, 0.0))
    table = tmp_path / "claims.csv"
    check.write_csv(list(judged(folder, tiny).values()), str(table))
    with open(table, encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["path"] == "'=cmd.jpg"
    assert (row["suspicious"], row["kind"]) == ("yes", "0,0")


def test_a_csv_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="name another --csv"):
        check.write_csv([], str(tmp_path / "missing" / "claims.csv"))


def test_the_command_tells_by_its_exit_code(archive: Path, tiny: str, tmp_path: Path) -> None:
    table = tmp_path / "claims.csv"
    done = CliRunner().invoke(main, ["check", str(archive), "--model", tiny, "--csv", str(table)])
    assert done.exit_code == Exit.SOME_FAILED
    assert "swapped" in done.stdout
    assert len(table.read_text(encoding="utf-8").splitlines()) == 8
    (archive / "roll" / "IMG_0003.jpg").unlink()
    done = CliRunner().invoke(main, ["check", str(archive), "--model", tiny, "--json"])
    assert done.exit_code == Exit.OK
    assert len(json.loads(done.stdout)) == 6
