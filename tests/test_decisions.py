"""Files of decisions: what is read, and that anything else is refused whole, with one reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geotag.errors import UsageError
from geotag.renderings import decisions
from geotag.renderings.decisions import Decision
from geotag.review import Verdict
from geotag.types import Location

ARCHIVE = "j0f"
ENTRY = {"path": "a/b.jpg", "shown": "s1", "decision": "accept", "when": "2026-05-04T03:02:01Z"}
PLACED = {**ENTRY, "decision": "correct", "latitude": 51.5, "longitude": -0.12, "error_km": 0.2}
FILE = {"geotag_decisions": 1, "archive": ARCHIVE, "reviewer": "Ada Lovelace", "decisions": [ENTRY]}
HEAD = "path,shown,decision,latitude,longitude,error_km,when,reviewer,archive"
LINE = "a/b.jpg,s1,accept,,,,2026-05-04T03:02:01Z,Ada Lovelace,j0f"


def load(folder: Path, content: object) -> tuple[Decision, ...]:
    path = folder / "decisions"
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return decisions.load(str(path), ARCHIVE)


def made(**changed: Any) -> dict[str, Any]:
    """A sound file, whose one decision is changed."""
    return {**FILE, "decisions": [{**ENTRY, **changed}]}


def test_json_says_who_decided_what_and_when(tmp_path: Path) -> None:
    rejected = {**ENTRY, "path": "c.jpg", "decision": "reject", "when": "2026-05-04T05:02:01+02:00"}
    found = load(tmp_path, {**FILE, "decisions": [PLACED, rejected]})
    assert found == (
        Decision(
            "a/b.jpg",
            "s1",
            Verdict.CORRECT,
            "Ada Lovelace",
            "2026-05-04T03:02:01+00:00",
            Location(51.5, -0.12),
            0.2,
        ),
        Decision("c.jpg", "s1", Verdict.REJECT, "Ada Lovelace", "2026-05-04T05:02:01+02:00"),
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_says_the_same(tmp_path: Path, separator: str, mark: str, end: str) -> None:
    placed = "c.jpg,s2,correct,51.5,-0.12,0.2,2026-05-04T03:02:01Z,Ada Lovelace,j0f"
    text = end.join([HEAD, LINE, placed, ",,,,,,,,", ""]).replace(",", separator)
    assert load(tmp_path, mark + text) == load(
        tmp_path, {**FILE, "decisions": [ENTRY, {**PLACED, "path": "c.jpg", "shown": "s2"}]}
    )


def test_a_json_file_may_begin_with_a_mark_and_bring_more_than_is_asked_for(tmp_path: Path) -> None:
    text = "\ufeff" + json.dumps({**FILE, "made_by": "somebody"})
    assert load(tmp_path, text) == load(tmp_path, made(remark="nice"))


def test_names_may_be_anything_that_a_manifest_can_show(tmp_path: Path) -> None:
    for path in ("caf\\xe9.jpg", "写真/日本.jpg", "=a.jpg", 'a "b", c\n.jpg', "a" * 300):
        assert load(tmp_path, made(path=path))[0].path == path


def test_a_reviewer_whose_name_a_spreadsheet_would_run(tmp_path: Path) -> None:
    text = f"{HEAD}\n{LINE.replace('Ada Lovelace', chr(39) + '@ada')}\n"
    assert load(tmp_path, text)[0].reviewer == "@ada"
    assert load(tmp_path, text.replace("'@ada", "'t Hooft"))[0].reviewer == "'t Hooft"


def test_no_decision_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, {**FILE, "decisions": []}) == ()
    assert load(tmp_path, HEAD + "\n") == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "neither JSON nor a CSV file with the column 'path'"),
        (b"\xff\xfe{\0}\0", "is not text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not text in UTF-8"),
        ("{", "is no JSON"),
        ("[" * 200_000, "is nested too deep"),
        ("[]", "is no file of decisions that this geotag reads"),
        ("{}", "is no file of decisions that this geotag reads"),
        ({**FILE, "geotag_decisions": 2}, "is no file of decisions that this geotag reads"),
        ({**FILE, "geotag_decisions": "1"}, "is no file of decisions that this geotag reads"),
        ({**FILE, "archive": "j1e"}, r"made for another output folder.*archive 'j1e', this one is j0f"),
        ({**FILE, "archive": None}, "archive is missing"),
        ({**FILE, "archive": 5, "decisions": []}, "archive is no text"),
        ({**FILE, "reviewer": ""}, "reviewer is empty"),
        ({**FILE, "reviewer": " \t"}, "reviewer is empty"),
        ({**FILE, "reviewer": None}, "reviewer is missing"),
        ({**FILE, "reviewer": "Ada\nLovelace"}, "reviewer is no name"),
        ({**FILE, "reviewer": "\u202eecalevoL"}, "reviewer is no name"),
        ({**FILE, "reviewer": "a" * 201}, "reviewer is no name"),
        ({**FILE, "decisions": {}}, '"decisions" are not a list'),
        ({**FILE, "decisions": [ENTRY, "x"]}, "decision 2 is not an object"),
        ({**FILE, "decisions": [ENTRY, ENTRY]}, r"decision 2 \('a/b.jpg'\): is decided about twice"),
        (made(path=""), "decision 1: path is empty"),
        (made(path=None), "path is missing"),
        (made(path=7), "path is no text"),
        (made(path="a\0b"), "path holds a zero byte"),
        (made(path="\ud800"), "path holds half a character"),
        (made(shown=None), "shown is missing"),
        (made(decision="delete"), "decision 'delete' is none of accept, correct, reject"),
        (made(decision=1), "decision is no text"),
        (made(when="yesterday"), "when 'yesterday' is no time with a zone"),
        (made(when="2026-05-04T03:02:01"), "is no time with a zone"),
        (made(when=0), "when is no text"),
        (made(latitude=3), "latitude has no meaning with 'accept'"),
        (made(**{**PLACED, "latitude": 95}), "latitude 95.0 is not between -90 and 90"),
        (made(**{**PLACED, "longitude": -180.5}), "longitude -180.5 is not between -180 and 180"),
        (made(**{**PLACED, "latitude": None}), "latitude is missing"),
        (made(**{**PLACED, "latitude": "51.5"}), "latitude '51.5' is no number"),
        (made(**{**PLACED, "latitude": True}), "latitude True is no number"),
        (made(**{**PLACED, "latitude": 10**400}), "is no number"),
        (made(**{**PLACED, "error_km": 0}), "error_km 0 is not between 0 and 20,100 km"),
        (made(**{**PLACED, "error_km": -1}), "error_km -1 is not between"),
        (made(**{**PLACED, "error_km": 1e6}), "is not between"),
        (json.dumps(made(**{**PLACED, "latitude": float("nan")})), "is no JSON: NaN is no number"),
        (json.dumps(made(**{**PLACED, "latitude": float("inf")})), "is no JSON: Infinity is no number"),
        (f"{HEAD}\n{LINE}\n{LINE}\n", r"line 3 \('a/b.jpg'\): is decided about twice"),
        (f"{HEAD}\n{LINE.replace('j0f', 'j1e')}\n", "made for another output folder"),
        (f"{HEAD}\n{LINE.replace('Ada Lovelace', '')}\n", "reviewer is missing"),
        (f"{HEAD}\n{LINE.replace('accept,,,', 'correct,nan,0,1')}\n", "latitude nan is no number"),
        (f"{HEAD}\n{LINE.replace('accept,,,', 'correct,95,0,1')}\n", "latitude 95.0 is not between"),
        (f"{HEAD}\n{LINE.replace('accept,,,', 'correct,north,0,1')}\n", "latitude 'north' is no number"),
        (f"{HEAD}\n{LINE.replace('accept,,,', 'correct,1_0,0,1')}\n", "latitude '1_0' is no number"),
        (f"{HEAD.replace('shown,', '')}\n", "a CSV file with the column 'shown'"),
        (f'{HEAD}\n"a/b.jpg,s1\n', "is no CSV"),
    ],
)
def test_what_is_not_sound_is_refused_whole(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        load(tmp_path, content)
    message = str(refused.value)
    assert message.startswith(str(tmp_path / "decisions"))
    assert message.endswith("nothing was applied")
    assert len(message.splitlines()) == 1
    assert len(message) < 400 + len(str(tmp_path))


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match=r"larger than 64 MiB: not a file of decisions"):
        decisions.load(str(tmp_path / "huge"), ARCHIVE)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none: cannot be read: No such file or directory"):
        decisions.load(str(tmp_path / "none"), ARCHIVE)
