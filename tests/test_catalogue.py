"""What a catalogue says about photographs: joins, columns, spellings, second runs, errors."""

from __future__ import annotations

import csv
import tracemalloc
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from geotag.cli import main
from geotag.errors import Exit, UsageError
from geotag.evidence import catalogue
from geotag.flows import upkeep
from geotag.renderings.manifest import CSV_NAME, render
from geotag.texts import Origin, Text
from geotag.types import Photo, Record, Status
from tests.archives import Ran, fill, placed, run, snapshot
from tests.captioned import caption, field

WORDS: dict[str, Any] = {"evidence": ("words",), "max_error_km": 50}


def said(tmp_path: Path, content: str | bytes, path: str) -> tuple[Text, ...]:
    """What a catalogue of this content says about the photo at `path`."""
    file = tmp_path / "catalogue.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with catalogue.opened(str(file)) as found:
        return found.said(path).texts


def test_rows_are_joined_by_path(tmp_path: Path) -> None:
    content = "path,title\nbox 1/a.jpg,Old bridge\n./b.jpg,New bridge\n"
    assert said(tmp_path, content, "box 1/a.jpg") == caption("Old bridge")
    assert said(tmp_path, content, "b.jpg") == caption("New bridge")
    assert said(tmp_path, content, "a.jpg") == ()
    assert said(tmp_path, content, "BOX 1/a.jpg") == ()


def test_rows_are_joined_by_bare_name_whatever_its_capitals(tmp_path: Path) -> None:
    content = "Title,FileName\nOld bridge,IMG_1.JPG\n"
    assert said(tmp_path, content, "box 1/img_1.jpg") == caption("Old bridge")
    assert said(tmp_path, content, "box 2/IMG_1.jpg") == caption("Old bridge")
    assert said(tmp_path, content, "box 2/IMG_2.jpg") == ()


def test_all_rows_of_a_shared_name_speak_in_order(tmp_path: Path) -> None:
    content = "filename,title\n1.jpg,Bridge\n2.jpg,Mill\n1.JPG,Tower\n1.jpg,Bridge\n"
    assert said(tmp_path, content, "x/1.jpg") == caption("Bridge", "Tower")


def test_of_very_many_rows_the_first_speak(tmp_path: Path) -> None:
    content = "filename,title\n" + "".join(f"1.jpg,Bridge {number}\n" for number in range(100))
    assert said(tmp_path, content, "1.jpg") == caption(*(f"Bridge {number}" for number in range(40)))


def test_a_row_with_a_path_is_not_joined_by_its_name(tmp_path: Path) -> None:
    content = "path,filename,title\nx/1.jpg,1.jpg,Bridge\n,1.jpg,Any\n"
    assert said(tmp_path, content, "x/1.jpg") == caption("Bridge", "Any")
    assert said(tmp_path, content, "y/1.jpg") == caption("Any")


def test_place_columns_are_one_field_the_smallest_area_first(tmp_path: Path) -> None:
    content = (
        "Country,path,STATE,City,county,place,location,title\nUSA,1.jpg,Ohio,Springfield,Clark,,Depot,A\n"
    )
    assert said(tmp_path, content, "1.jpg") == (
        *field("Depot, Springfield, Clark, Ohio, USA"),
        *caption("A"),
    )


def test_what_holds_no_word_is_left_out(tmp_path: Path) -> None:
    content = 'path,year,title,note,city\n1.jpg,1890,"  Old\t bridge,\r\n  in\x00 snow ",  ,12\n'
    assert said(tmp_path, content, "1.jpg") == caption("Old bridge,\nin snow")


def test_cells_beyond_the_header_are_words(tmp_path: Path) -> None:
    assert said(tmp_path, "path,title\n1.jpg,Paris, France\n", "1.jpg") == caption("Paris", "France")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_separators_and_encodings(tmp_path: Path, separator: str, encoding: str, newline: str) -> None:
    lines = (separator.join(cells) for cells in (("path", "title", "city"), ("é.jpg", "Мост", "Łódź")))
    content = newline.join(lines).encode(encoding)
    assert said(tmp_path, content, "é.jpg") == (*field("Łódź"), *caption("Мост"))


def test_other_separators_may_stand_in_a_header(tmp_path: Path) -> None:
    assert said(tmp_path, 'title;path;"a, b"\nBridge;1.jpg;c\n', "1.jpg") == caption("Bridge", "c")


def test_composed_and_decomposed_names_are_the_same(tmp_path: Path) -> None:
    there = unicodedata.normalize("NFD", "Köln/é.jpg")
    assert there != "Köln/é.jpg"
    assert said(tmp_path, "path,title\nKöln/é.jpg,Bridge\n", there) == caption("Bridge")
    assert said(tmp_path, f"filename,title\n{there[-6:]},Bridge\n", "x/é.jpg") == caption("Bridge")


@pytest.mark.parametrize("name", ["=1.jpg", "-1.jpg", "@x/+1.jpg", "caf\udce9.jpg", "'tis.jpg", "a,b.jpg"])
def test_paths_as_the_manifest_writes_them(tmp_path: Path, name: str) -> None:
    render([Record(Photo(name, 1, 1), status=Status.UNSURE, place="=Brno")], str(tmp_path))
    (row,) = csv.DictReader((tmp_path / CSV_NAME).read_text(encoding="utf-8").splitlines())
    # With all of our columns it would be our own manifest, whose guesses do not count.
    content = (tmp_path / CSV_NAME).read_bytes().replace(b",message", b",remark")
    assert row["place"] == "'=Brno"
    assert Text(Origin.FIELD, "=Brno") in said(tmp_path, content, name)


def test_no_catalogue_says_nothing() -> None:
    with catalogue.opened(None) as found:
        assert found.said("a.jpg") == catalogue.Said()
        assert (found.sha256, found.rows) == ("", 0)


def test_a_large_catalogue_takes_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    with open(file, "w", encoding="utf-8") as out:
        out.write("path,title\n")
        out.writelines(f"box/{number}.jpg,Bridge {number} {'x' * 500}\n" for number in range(20_000))
    tracemalloc.start()
    try:
        with catalogue.opened(str(file)) as found:
            assert found.rows == 20_000
            assert found.said("box/19999.jpg").texts[0].text.startswith("Bridge 19999")
        assert tracemalloc.get_traced_memory()[1] < 1 << 21, "of a file of 10 MB"
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "neither a column path nor filename, but nothing"),
        (b"Title;Town\nA;B\n", "neither a column path nor filename, but title, town; name the column"),
        (b"path,title\na.jpg,A\nb.jpg,Caf\xe9\n", "byte 0xe9 in line 3 is no UTF-8; save it as CSV in UTF-8"),
        ("path,title\n".encode("utf-16"), "byte 0xff in line 1 is no UTF-8"),
        (b'path,title\na.jpg,"' + b"x" * 200_000, "line 2: .*quotation mark"),
        (b"x" * 200_000, "neither a column path nor filename, but xxx"),
    ],
)
def test_what_is_no_catalogue_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UsageError, match=f"catalogue.csv: .*{reason}"):
        said(tmp_path, content, "a.jpg")


def listed(tmp_path: Path, content: str, archive: Path, model: str = "none", **chosen: object) -> Ran:
    """A run over `archive` with a catalogue of this content."""
    file = tmp_path / "catalogue.csv"
    file.write_text(content, encoding="utf-8")
    return run(archive, model, catalogue=str(file), **(chosen or WORDS))


def test_a_run_heeds_the_catalogue(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg", "x/2.jpg", "3.jpg"])
    (archive / "4.jpg").write_bytes(placed(4))
    content = "path,filename,city,country\n1.jpg,,Brno,Czechia\n,2.JPG,Lyon,France\n4.jpg,,Oslo,Norway\n"
    ran = listed(tmp_path, content, archive)
    assert {path: row["country"] for path, row in ran.rows.items()} == {
        "1.jpg": "CZ",
        "x/2.jpg": "FR",
        "3.jpg": "",
        "4.jpg": "",
    }
    assert ran.rows["4.jpg"]["status"] == "kept"
    assert "Brno" in ran.rows["1.jpg"]["evidence"]
    assert [
        note for note in ran.ears.notes if note.endswith("catalogue.csv: 3 rows with words about a photo")
    ]
    assert not listed(tmp_path, content, archive).ears.fresh, "a second run has nothing to do"


def test_only_what_a_changed_catalogue_speaks_of_is_looked_at(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg", "2.jpg", "3.jpg"])
    assert run(archive, tiny).summary.predicted == 3
    ran = listed(tmp_path, "path,city\n1.jpg,Brno\n2.jpg,Lyon\n", archive, tiny, jobs=1)
    assert set(ran.ears.fresh) == {"1.jpg", "2.jpg"}
    assert ran.summary.predicted == 0, "the picture is not asked again"
    assert "Brno" in ran.rows["1.jpg"]["evidence"]
    ran = listed(tmp_path, "path,city\n1.jpg,Brno\n2.jpg,Oslo\n", archive, tiny, jobs=1)
    assert set(ran.ears.fresh) == {"2.jpg"}
    assert "Oslo" in ran.rows["2.jpg"]["evidence"]
    ran = run(archive, tiny)
    assert set(ran.ears.fresh) == {"1.jpg", "2.jpg"}, "what is not there any more does not speak"
    assert "Brno" not in ran.rows["1.jpg"]["evidence"]
    assert not run(archive, tiny).ears.fresh


def test_what_is_known_from_the_catalogue_is_written_without_a_look(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg", "2.jpg"])
    content = "path,city\n1.jpg,Brno\n"
    first = listed(tmp_path, content, archive, dry_run=True, **WORDS)
    assert first.summary.busy["words"] > 0
    second = listed(tmp_path, content, archive, only_sidecar=True, **WORDS)
    assert "words" not in second.summary.busy
    assert first.rows["1.jpg"]["country"] == second.rows["1.jpg"]["country"] == "CZ"
    assert (archive / "1.jpg.xmp").exists()
    assert second.rows["1.jpg"]["written"] == "sidecar"


def test_a_changed_catalogue_moves_our_guess_and_undo_takes_all_back(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg"])
    before = snapshot(archive)
    listed(tmp_path, "path,city\n1.jpg,Brno\n", archive, write_exif=True, **WORDS)
    in_brno = snapshot(archive)
    ran = listed(tmp_path, "path,city,x\n1.jpg,Brno,.\n1.jpg,,mmm\n", archive, write_exif=True, **WORDS)
    assert set(ran.ears.fresh) == {"1.jpg"}
    assert snapshot(archive) == in_brno, "the same answer is not written twice"
    ran = listed(tmp_path, "path,city\n1.jpg,Lyon\n", archive, write_exif=True, **WORDS)
    assert (ran.rows["1.jpg"]["country"], ran.rows["1.jpg"]["written"]) == ("FR", "exif")
    assert snapshot(archive) != in_brno
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(archive) == before


def test_a_caption_that_is_in_the_file_too_is_one_hint(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg"])
    once = listed(tmp_path, "path,a\n1.jpg,A bridge in Lyon\n", archive)
    twice = listed(tmp_path, "path,a\n1.jpg,A bridge in Lyon\n1.jpg,A BRIDGE IN LYON\n", archive)
    assert twice.ears.fresh
    assert twice.rows["1.jpg"]["error_km"] == once.rows["1.jpg"]["error_km"]
    assert twice.rows["1.jpg"]["evidence"] == once.rows["1.jpg"]["evidence"]


def test_without_words_the_catalogue_is_not_read(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg"])
    ran = run(archive, tiny, catalogue=str(tmp_path / "missing.csv"), evidence=("picture",))
    assert ran.rows["1.jpg"]["source"] == "model"
    assert any(note.endswith("missing.csv: 0 rows with words about a photo") for note in ran.ears.notes)


def test_a_missing_catalogue_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", ["1.jpg"])
    missing = tmp_path / "missing.csv"
    done = CliRunner().invoke(main, ["run", str(archive), "--evidence", "words", "--catalogue", str(missing)])
    assert done.exit_code == Exit.USAGE
    assert f"{missing}: the catalogue cannot be read: no such file or directory; check" in done.stderr
    assert not (tmp_path / "photos.geotag").exists()


def test_our_own_manifest_does_not_confirm_itself(tmp_path: Path, unsure: str) -> None:
    folder = fill(tmp_path / "archive", ["Cairo 1905/a.jpg"])
    first = run(folder, unsure)
    assert first.rows["Cairo 1905/a.jpg"]["place"] == "Cairo"
    own = Path(first.summary.output) / "manifest.csv"
    with catalogue.opened(str(own)) as opened:
        assert opened.said("Cairo 1905/a.jpg") == catalogue.Said()
    noted = tmp_path / "noted.csv"
    head, row = own.read_text(encoding="utf-8").splitlines()
    noted.write_text(f"{head},notes\n{row},view of Giza\n", encoding="utf-8")
    with catalogue.opened(str(noted)) as opened:
        assert opened.said("Cairo 1905/a.jpg").texts == (Text(Origin.CAPTION, "view of Giza"),)
