"""Downloads from a server that breaks off, lies about lengths, or changes the file in between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request

import pytest

from geotag.errors import ModelError
from geotag.models import fetch
from tests.servers import Shop, serving

CONTENT = random.Random(0).randbytes(100_000)
MOST = 1_000_000


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(CONTENT) as shop:
        yield shop


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "part"


def ask(url: str, part: Path, most: int = MOST) -> list[tuple[int, int]]:
    """Fetch, and give what was heard of it."""
    heard: list[tuple[int, int]] = []
    fetch.fetch(fetch.Order(url, str(part), most, lambda done, total: heard.append((done, total))))
    return heard


def test_a_whole_file(shop: Shop, part: Path) -> None:
    assert ask(shop.address, part)[-1] == (100_000, 100_000)
    assert part.read_bytes() == CONTENT
    assert shop.asked == [None]


def broken_off(shop: Shop, part: Path, after: int) -> None:
    shop.breaks_after = after
    with pytest.raises(
        ModelError, match=rf"broke off after {after:,} of 100,000 bytes; the same command goes"
    ):
        ask(shop.address, part)
    assert part.read_bytes() == CONTENT[:after]


def test_what_broke_off_goes_on(shop: Shop, part: Path) -> None:
    broken_off(shop, part, 30_000)
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT
    assert shop.asked == [None, "bytes=30000-"]


def test_what_is_whole_is_not_asked_for_again(shop: Shop, part: Path) -> None:
    for _ in range(2):
        ask(shop.address, part)
    assert shop.asked == [None]


@pytest.mark.parametrize("blind", [False, True])
def test_a_file_that_changed_meanwhile_starts_anew(shop: Shop, part: Path, blind: bool) -> None:
    broken_off(shop, part, 30_000)
    shop.content, shop.tag, shop.blind = CONTENT[::-1], '"2"', blind
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT[::-1]


def test_a_file_that_became_shorter_starts_anew(shop: Shop, part: Path) -> None:
    broken_off(shop, part, 30_000)
    shop.content, shop.blind = CONTENT[:20_000], True
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT[:20_000]


@pytest.mark.parametrize("tag", ["", 'W/"1"'])
def test_without_a_strong_tag_or_a_date_it_starts_anew(shop: Shop, part: Path, tag: str) -> None:
    shop.tag = tag
    broken_off(shop, part, 30_000)
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT
    assert shop.asked == [None, None]


def test_another_address_starts_anew(shop: Shop, part: Path) -> None:
    broken_off(shop, part, 30_000)
    ask(shop.address + "?other", part)
    assert shop.asked == [None, None]


def test_another_piece_than_asked_for_is_not_taken(shop: Shop, part: Path) -> None:
    broken_off(shop, part, 30_000)
    shop.shift = 10
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT
    assert shop.asked == [None, "bytes=30000-", None]


def test_a_length_too_long_looks_like_a_break(shop: Shop, part: Path) -> None:
    shop.claims = 200_000
    with pytest.raises(ModelError, match="broke off after 100,000 of 200,000 bytes"):
        ask(shop.address, part)


def test_a_rest_longer_than_the_file_is_not_taken(shop: Shop, part: Path) -> None:
    broken_off(shop, part, 30_000)
    shop.extra = b"and more"
    ask(shop.address, part)
    assert part.read_bytes() == CONTENT
    assert shop.asked == [None, "bytes=30000-", None]


def test_a_file_that_is_too_large_is_not_begun(shop: Shop, part: Path) -> None:
    with pytest.raises(ModelError, match="100,000 bytes, more than the 99,999 it may have"):
        ask(shop.address, part, 99_999)
    assert not part.exists()


def test_a_file_of_no_stated_length(shop: Shop, part: Path) -> None:
    shop.measured = False
    with pytest.raises(ModelError, match="does not say how long"):
        ask(shop.address, part)


def test_no_server_and_no_file(shop: Shop, part: Path) -> None:
    with pytest.raises(ModelError, match="the same command goes on"):
        ask("http://127.0.0.1:9/a.onnx", part)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/a", "file:///etc/hostname"])
def test_nothing_but_http_is_followed(shop: Shop, part: Path, target: str) -> None:
    shop.leads_to = target
    with pytest.raises(ModelError, match=r"guest\.onnx: "):
        ask(shop.address, part)
    assert not part.exists()


def test_https_never_leads_to_http() -> None:
    asked = Request("https://example.org/a")
    with pytest.raises(ModelError, match="not https"):
        fetch._Redirects().redirect_request(asked, None, 302, "", {}, "http://example.org/a")  # type: ignore[arg-type]


def test_addresses() -> None:
    assert fetch.is_address("https://example.org/a.onnx")
    assert not any(map(fetch.is_address, ("a.onnx", "/a.onnx", "ftp://a/b", "file:///a", "C:\\a.onnx")))
