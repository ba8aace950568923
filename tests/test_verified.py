"""Positions that a person has verified, as files and sidecars say so, and as they are read back."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geotag import decide, read
from geotag.errors import RefusedError
from geotag.metadata import embed, gps, xmp
from geotag.metadata.patch import apply
from geotag.types import Location, Photo, Policy, Position, Record, Status, Tag
from tests.archives import picture
from tests.xmp_packets import described

PARIS = Location(48.85837, 2.294481)
WHEN, NOW = "2026-05-04T03:02:01+00:00", datetime(2027, 1, 2, tzinfo=UTC)
GUESS = Tag(PARIS, 120.0, "tiny 1")
NAMES = ("Ada Lovelace", "Łukasz Żółć", "阿部 一郎", "O'Neill (junior), PhD", "A & B <c>")


def verified(name: str = NAMES[0], model: str = "tiny 1") -> Tag:
    return Tag(PARIS, 0.2, model, reviewer=name, reviewed=WHEN)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_says_who_verified_a_position(name: str, order: str) -> None:
    found = gps.position(gps.renewed([], order, verified(name), False), order)
    assert found == Position(PARIS, "geotag tiny 1", name)
    assert found.stands


def test_exif_says_so_in_words_and_in_ascii_where_that_does() -> None:
    method = next(field for field in gps.renewed([], ">", verified(model="person"), False) if field.tag == 27)
    said = b"ASCII\0\0\0geotag person (verified by data custodian Ada Lovelace, 2026-05-04T03:02:01+00:00)"
    assert method.data == said


@pytest.mark.parametrize("name", NAMES)
def test_exiftool_reads_the_same(tmp_path: Path, name: str) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    content = picture()
    (tmp_path / "a.jpg").write_bytes(apply(content, embed(content, verified(name), False)))
    command = ["exiftool", "-s3", "-charset", "utf8", "-GPSProcessingMethod", str(tmp_path / "a.jpg")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert said == f"geotag tiny 1 (verified by data custodian {name}, {WHEN})"


@pytest.mark.parametrize("name", NAMES)
def test_sidecars_say_who_verified_a_position_and_when(name: str) -> None:
    made = xmp.sidecar(verified(name), NOW)
    assert xmp.read(made) == Position(PARIS, "geotag tiny 1", name)
    assert f"<dwc:georeferencedDate>{WHEN}<".encode() in made


def test_a_guess_becomes_verified_and_a_guess_again() -> None:
    """A sidecar holds one answer, whoever renews it, and what others wrote stays."""
    theirs = described("<dc:title xmlns:dc='http://purl.org/dc/elements/1.1/'>x</dc:title>")
    steps = (GUESS, verified(), verified("Grace Hopper", "person"), GUESS)
    content = theirs
    for tag in steps:
        content = apply(content, xmp.merge(content, tag, NOW, False))
        found = xmp.read(content)
        assert found is not None
        assert (found.machine, found.reviewer) == (f"geotag {tag.model}", tag.reviewer)
        assert content.count(b"<dwc:georeferencedBy>") == bool(tag.reviewer)
        assert content.count(b"<dwc:georeferenceVerificationStatus>") == 1
        assert b">x</dc:title>" in content


def test_somebody_elses_name_on_a_guess_is_left_alone() -> None:
    dwc = "xmlns:dwc='http://rs.tdwg.org/dwc/terms/'"
    theirs = described(f"<dwc:georeferencedBy {dwc}>Somebody</dwc:georeferencedBy>")
    guessed = apply(theirs, xmp.merge(theirs, GUESS, NOW, False))
    renewed = apply(guessed, xmp.merge(guessed, Tag(PARIS, 50.0, "other 1"), NOW, False))
    assert renewed.count(b">Somebody<") == 1
    with pytest.raises(RefusedError, match="already has georeferencedBy 'Somebody' from someone else"):
        xmp.merge(renewed, verified(), NOW, False)


def test_whoever_strikes_the_remark_in_a_sidecar_has_verified_it() -> None:
    made = xmp.sidecar(GUESS, NOW).replace(b"requires verification", b"verified by contributor")
    found = xmp.read(made)
    assert found == Position(PARIS, "geotag tiny 1", "a person")


def test_a_verified_position_that_another_program_moves_is_simply_a_persons() -> None:
    made = xmp.sidecar(verified(), NOW).replace(b"48,51.502200N", b"48,52.502200N")
    found = xmp.read(made)
    assert found is not None
    assert (found.machine, found.reviewer) == (None, "")


def test_of_two_positions_the_verified_one_counts(tmp_path: Path) -> None:
    content = picture()
    (tmp_path / "a.jpg").write_bytes(apply(content, embed(content, GUESS, False)))
    (tmp_path / "a.jpg.xmp").write_bytes(xmp.sidecar(verified(), NOW))
    photo = Photo.seen("a.jpg", (tmp_path / "a.jpg").stat())
    found = read.look(str(tmp_path), photo, None).position
    assert found is not None
    assert found.reviewer == NAMES[0]


@pytest.mark.parametrize("replace_gps", [False, True])
def test_a_verified_position_stands_where_a_guess_does_not(replace_gps: bool) -> None:
    policy = Policy(2500, replace_gps)
    photo = Photo("a.jpg", 1, 1)
    guess = Record(photo, camera=Position(PARIS, "geotag tiny 1"))
    assert not decide.stands(guess, policy)
    record = Record(photo, camera=Position(PARIS, "geotag tiny 1", NAMES[0]))
    assert decide.stands(record, policy)
    decided = decide.decide(record, policy)
    assert (decided.status, decided.location) == (Status.KEPT, PARIS)
    assert decided.evidence.endswith(f"verified by {NAMES[0]}")
