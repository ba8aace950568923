"""Fetches a file over HTTP, piece by piece: what broke off goes on, and what changed meanwhile starts anew.

A request for the rest says of which file (RFC 9110, sections 13.1.5 If-Range and 14.2 Range): by its strong
ETag, or else by its date, both kept beside the part that is there already.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit

from geotag.errors import ModelError

SILENCE_S = 60.0
"""A server that says nothing for so long has broken off."""

_PIECE = 1 << 20
_AGAIN = "the same command goes on where it stopped"


@dataclass(frozen=True, slots=True)
class _Begun:
    """A download that was begun: whence, of which state of the file there, and how long that is in bytes."""

    url: str
    validator: str
    total: int


class _AnewError(Exception):
    """The part that is here is not of the file that is there now."""


class _Redirects(request.HTTPRedirectHandler):
    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise ModelError(f"{req.full_url}: leads on to {newurl}, which is not https; look for another")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def is_address(source: str) -> bool:
    """Whether a text is an address that `fetch` takes."""
    return urlsplit(source).scheme in ("http", "https")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be fetched: the file at `url`, of at most `most` bytes, to the path `part`.

    `tell` hears, piece by piece, how many bytes are there, and of how many.
    """

    url: str
    part: str
    most: int
    tell: Callable[[int, int], None]


def fetch(order: Order) -> None:
    """Fetch a file, whole; what is there is not sent again.

    Raises ModelError when the server refuses, is silent, breaks off (what came is kept) or contradicts
    itself, and when the disk is full.
    """
    url = order.url
    try:
        try:
            _ask(order)
        except _AnewError:
            forget(order.part)
            _ask(order)
    except _AnewError as error:
        raise ModelError(f"{url}: {error}; look for another address") from error
    except HTTPError as error:
        raise ModelError(f"{url}: the server says {error.code} {error.reason}; check the address") from error
    except (OSError, HTTPException) as error:
        raise ModelError(f"{url}: {getattr(error, 'reason', None) or error}; {_AGAIN}") from error


def forget(part: str) -> None:
    """Remove a part and what was noted about it, as far as they are there."""
    for path in (part, _note(part)):
        with suppress(FileNotFoundError):
            os.unlink(path)


def _ask(order: Order) -> None:
    url, part = order.url, order.part
    begun = _begun(url, part)
    at = os.path.getsize(part) if begun else 0
    if begun and at == begun.total:
        return
    # As the bytes are, not packed: a range is one of what is sent.
    headers = {"User-Agent": "geotag", "Accept-Encoding": "identity"}
    if begun:
        headers |= {"Range": f"bytes={at}-", "If-Range": begun.validator}
    # `fetch` is for http and https; no handler here opens anything else, wherever a redirection leads.
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler,
        request.UnknownHandler,
        request.HTTPHandler,
        request.HTTPSHandler,
        request.HTTPDefaultErrorHandler,
        _Redirects,
        request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    try:
        answer = opener.open(request.Request(url, headers=headers), timeout=SILENCE_S)  # noqa: S310
    except HTTPError as error:
        if error.code == 416 and begun:
            raise _AnewError("the file became shorter") from error
        raise
    with answer:
        _take(answer, order, begun if answer.status == 206 else None)


def _take(answer: HTTPResponse, order: Order, begun: _Begun | None) -> None:
    """Take what the server sends: the rest of what was begun, or the whole."""
    url, part = order.url, order.part
    at = os.path.getsize(part) if begun else 0
    if begun is None:
        begun = _Begun(url, _validator(answer.headers), _length(answer, url))
        forget(part)
        with open(_note(part), "w", encoding="utf-8") as file:
            json.dump(asdict(begun), file)
    else:
        stated = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        if not stated or (int(stated[1]), int(stated[2])) != (at, begun.total):
            raise _AnewError("the server sends another piece than it was asked for")
        if _validator(answer.headers) != begun.validator:
            raise _AnewError("the file changed")
    if begun.total > order.most:
        forget(part)
        raise ModelError(
            f"{url}: {begun.total:,} bytes, more than the {order.most:,} it may have; check the address"
        )
    with open(part, "ab") as file:
        while at <= begun.total and (piece := answer.read(_PIECE)):
            file.write(piece)
            at += len(piece)
            order.tell(min(at, begun.total), begun.total)
    if at > begun.total:
        raise _AnewError("the server sends more than it says")
    if at < begun.total:
        raise ModelError(f"{url}: broke off after {at:,} of {begun.total:,} bytes; {_AGAIN}")


def _length(answer: HTTPResponse, url: str) -> int:
    stated = answer.headers.get("Content-Length", "")
    if answer.status != 200 or not (stated.isascii() and stated.isdecimal()):
        raise ModelError(f"{url}: the server does not say how long the file is; fetch it and add the file")
    return int(stated)


def _validator(headers: HTTPMessage) -> str:
    """What tells one state of the file from another; empty where nothing does."""
    tag = headers.get("ETag", "")
    # A weak one (RFC 9110, section 8.8.1) says nothing about single bytes.
    return str(tag if tag.startswith('"') else headers.get("Last-Modified", ""))


def _begun(url: str, part: str) -> _Begun | None:
    """What was begun, where it can go on."""
    try:
        with open(_note(part), encoding="utf-8") as file:
            begun = _Begun(**json.load(file))
        going = begun.url == url and bool(begun.validator) and 0 < os.path.getsize(part) <= begun.total
    except (OSError, ValueError, TypeError):
        return None
    return begun if going else None


def _note(part: str) -> str:
    return f"{part}.json"
