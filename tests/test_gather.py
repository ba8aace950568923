"""The words about a photograph: from its path, and from its file."""

from __future__ import annotations

from geotag import gather
from geotag.texts import Origin, Text


def test_name_and_nearest_folders() -> None:
    assert gather.from_path("/archive/Wien", "a/b/c/IMG 1.jpg") == (
        Text(Origin.FILE, "IMG 1"),
        Text(Origin.FOLDER, "c"),
        Text(Origin.FOLDER, "b"),
        Text(Origin.FOLDER, "a"),
    )


def test_the_archive_itself_is_a_folder() -> None:
    assert gather.from_path("/x/Wien", "1.jpg") == (Text(Origin.FILE, "1"), Text(Origin.FOLDER, "Wien"))


def test_bytes_that_are_no_text_do_no_harm() -> None:
    (name, _) = gather.from_path("/x/y", "caf\udce9.jpg")
    assert name.text == "caf\\xe9"


def test_old_names_are_places() -> None:
    (answer,) = gather.words("/archive", "Constantinople 1890/007.jpg", ())
    assert abs(answer.location.lat - 41.0) < 0.3
    assert abs(answer.location.lon - 28.95) < 0.3
    assert answer.country == "TR"
    assert "Constantinople" in answer.evidence


def test_no_place_no_answer() -> None:
    assert gather.words("/photos", "2019/IMG_1234.jpg", ()) == ()


def test_captions_speak() -> None:
    (answer,) = gather.words("/photos", "1.jpg", (Text(Origin.FIELD, "Buenos Aires, Argentina"),))
    assert answer.country == "AR"
