"""Character sets: what archives wrote over thirty years, read without a word of what it is."""

from __future__ import annotations

import pytest

from geotag.metadata import charsets

GERMAN, RUSSIAN, JAPANESE = "Königsberg, Straße", "Вид на Неву, Ленинград", "京都の祇園祭"


@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE, "plain", ""])
def test_utf_8_is_known_by_its_bytes_whatever_is_declared(text: str) -> None:
    assert charsets.plain(text.encode()) == text
    assert charsets.plain(text.encode("utf-8-sig"), "iso8859-5") == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (GERMAN.encode("latin-1"), GERMAN),
        ("“München” – heute".encode("cp1252"), "“München” – heute"),
        ("Orly, le café".encode("latin-1"), "Orly, le café"),
        (b"\xd6st\x81", "Öst\x81"),
    ],
)
def test_what_is_not_utf_8_is_latin_or_what_windows_makes_of_it(data: bytes, text: str) -> None:
    assert charsets.plain(data) == text


def test_a_declared_set_is_used_where_the_bytes_are_not_utf_8() -> None:
    assert charsets.plain(RUSSIAN.encode("iso8859-5"), "iso8859-5") == RUSSIAN


@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE])
def test_a_character_that_is_cut_off_is_left_out(text: str) -> None:
    assert charsets.plain(text.encode()[:-1]) == text[:-1]


@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("order", "<>")
def test_utf_16_is_found_in_either_order_whatever_the_order_of_the_stream(
    text: str, codec: str, order: str
) -> None:
    assert charsets.wide(text.encode(codec), order) == text


@pytest.mark.parametrize(("order", "codec"), [("<", "utf-16-le"), (">", "utf-16-be")])
def test_where_nothing_tells_the_order_of_the_stream_does(order: str, codec: str) -> None:
    assert charsets.wide("東京".encode(codec), order) == "東京"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"ASCII\0\0\0a view of Bern", "a view of Bern"),
        (b"ASCII\0\0\0" + GERMAN.encode(), GERMAN),
        (b"UNICODE\0" + RUSSIAN.encode("utf-16-le"), RUSSIAN),
        (b"UNICODE\0" + RUSSIAN.encode("utf-16-be"), RUSSIAN),
        (b"JIS\0\0\0\0\0" + JAPANESE.encode("iso2022_jp"), JAPANESE),
        (b"JIS\0\0\0\0\0" + JAPANESE.encode("shift_jis"), JAPANESE),
        (b"JIS\0\0\0\0\0" + JAPANESE.encode("euc_jp"), JAPANESE),
        (bytes(8) + RUSSIAN.encode(), RUSSIAN),
        (b"        " + GERMAN.encode("latin-1"), GERMAN),
        (b"no code at all", "no code at all"),
        (b"", ""),
        (b"ASC", "ASC"),
    ],
)
def test_a_comment_says_its_code(data: bytes, text: str) -> None:
    assert charsets.comment(data, "<") == text
