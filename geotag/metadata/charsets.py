"""Text as metadata keep it: bytes in a character set that is stated badly, or not at all."""

from __future__ import annotations

import codecs

# Exif 2.32, 4.6.5, UserComment: eight bytes that name the character code.
_CODE = 8
_JIS = ("iso2022_jp", "shift_jis", "euc_jp")


def plain(data: bytes, codec: str = "latin-1") -> str:
    """UTF-8 where the bytes are that, which other character sets hardly ever are by chance; else `codec`.

    A last character that is cut off, as in fields of limited length, is left out.
    """
    try:
        text, used = codecs.utf_8_decode(data, "strict", False)
        # Of plain letters with one strange byte at the end, that is a letter of the other set: "Café".
        if used == len(data) or not text.isascii():
            return text.removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    if codec == "latin-1" and not any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d"):
        # Windows writes quotation marks and dashes where Latin-1 has nothing that can be seen.
        codec = "cp1252"
    return data.decode(codec, "replace")


def wide(data: bytes, order: str) -> str:
    """UTF-16 by its byte order mark; else in the order in which the upper bytes vary less, as scripts keep
    to few blocks; `order` ("<" or ">") where neither tells.
    """
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data.decode("utf-16", "replace")
    first, second = len(set(data[::2])), len(set(data[1::2]))
    big = first < second or (first == second and order == ">")
    return data.decode("utf-16-be" if big else "utf-16-le", "replace")


def comment(data: bytes, order: str) -> str:
    """A UserComment: the code of its characters, then these; `order` is the byte order of its stream."""
    code, text = bytes(data[:_CODE]), data[_CODE:]
    if code == b"UNICODE\0":
        return wide(text, order)
    if code == b"JIS\0\0\0\0\0":
        return _japanese(text)
    if code.rstrip(b"\0 ") in (b"", b"ASCII"):
        return plain(text)
    # Some programs write no code at all.
    return plain(data)


def _japanese(data: bytes) -> str:
    for codec in _JIS:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return plain(data)
