"""IPTC records: found among Photoshop's resources, read in the set they declare, up to the first fault."""

from __future__ import annotations

import pytest

from geotag.metadata import iptc
from tests.iptc_records import UTF_8, long_dataset, record, resource, resources

CITY, CAPTION, KEYWORD = 90, 120, 25


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        (b"\x1b%G", "utf-8", "Köln, Ленинград, 京都"),
        (b"", "utf-8", "Köln, Ленинград, 京都"),
        (b"", "latin-1", "Köln"),
        (b"\x1b.A", "latin-1", "Köln"),
        (b"\x1b-A", "latin-1", "Köln"),
        (b"\x1b-B", "iso8859-2", "Plzeň, Łódź"),
        (b"\x1b-C", "iso8859-3", "Ħamrun"),
        (b"\x1b-D", "iso8859-4", "Rīga"),
        (b"\x1b-L", "iso8859-5", "Ленинград"),
        (b"\x1b-G", "iso8859-6", "القاهرة"),
        (b"\x1b-F", "iso8859-7", "Θεσσαλονίκη"),
        (b"\x1b-H", "iso8859-8", "ירושלים"),
        (b"\x1b-M", "iso8859-9", "İstanbul"),
        (b"\x1b-L", "utf-8", "Ленинград"),
        (b"nonsense", "latin-1", "Köln"),
    ],
)
def test_the_character_set_is_the_one_declared_or_seen(declared: bytes, codec: str, text: str) -> None:
    data = record((1, 90, declared), (2, CITY, text.encode(codec)))
    assert iptc.read(data) == {CITY: [text]}


def test_values_of_one_number_stand_in_the_order_of_the_file() -> None:
    data = record(UTF_8, (2, KEYWORD, b"one"), (2, CITY, b"Rome"), (2, KEYWORD, b"two"), (3, CITY, b"no"))
    assert iptc.read(data) == {KEYWORD: ["one", "two"], CITY: ["Rome"]}


def test_a_long_caption_has_a_length_of_its_own() -> None:
    caption = b"word " * 8_000
    data = long_dataset(CAPTION, caption) + record((2, CITY, b"Rome"))
    assert iptc.read(data) == {CAPTION: [caption.decode()], CITY: ["Rome"]}


@pytest.mark.parametrize(
    "fault", [b"\x1c\2\x5a\0\x40short", b"junk", b"\x1c\2\x5a\xff\xffx", b"\x1c\2", b"\0"]
)
def test_what_follows_a_fault_is_left_out(fault: bytes) -> None:
    assert iptc.read(record((2, CITY, b"Rome")) + fault + record((2, CITY, b"Oslo"))) == {CITY: ["Rome"]}


def test_numbers_that_were_turned_round_are_turned_back() -> None:
    data = record((2, CITY, b"Reykjavik"))
    data += bytes(-len(data) % 4)
    turned = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    assert iptc.read(turned) == {CITY: ["Reykjavik"]}


def test_the_record_is_found_among_other_resources() -> None:
    assert list(iptc.records(resources(b"odd"))) == [b"odd"]
    assert list(iptc.records(resource(1, b"x") + b"8BIX" + resources(b"a"))) == []
    assert list(iptc.records(resources(b"a") + resource(0x0404, b"b"))) == [b"a", b"b"]
    assert list(iptc.records(b"")) == []


def test_a_resource_that_is_cut_off_still_says_what_it_holds() -> None:
    data = record((2, CITY, b"Rome"), (2, CAPTION, b"The Forum in winter"))
    (cut,) = iptc.records(resource(0x0404, data)[:-8])
    assert iptc.read(cut) == {CITY: ["Rome"]}
