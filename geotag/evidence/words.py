"""Words as a gazetteer knows them: one spelling for a name; a text cut into words and what lies between."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r'[\n!?:;\[\]()"“”„«»|]')
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ABBREVIATION = frozenset(
    "st ste mt ft no nr col gen capt lt mr mrs dr cf ca u s n w e hl sv ul kr jr sr co wash calif mass "
    "mich minn tenn penn conn ariz ala ark colo del fla ga ill ind kans ky la md me miss mo mont neb nev "
    "okla ore ont que tex vt va wis wyo ida".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its `key` (see `fold`), as written, and the `gap` between it and the last one.

    `first` tells that a sentence or a line begins here, so that a capital says nothing.
    """

    key: str
    written: str
    gap: str
    first: bool

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital, or is written in a script that has none."""
        return not self.written[0].islower()

    @property
    def shout(self) -> bool:
        """Whether it is written in capitals throughout."""
        return len(self.written) > 1 and self.written.isupper()


def fold(text: str) -> str:
    """The spelling under which a name is looked up: no case, no accents, words joined by one space.

    Decomposed by Unicode normalisation form NFKD (Unicode Standard Annex 15), marks dropped; letters that
    do not decompose, such as ł and ø, become their base letter.
    """
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    spread = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in spread if not unicodedata.combining(char)).translate(_LETTERS)
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", plain)))


def words(text: str) -> list[Word]:
    """Cut a text into words, in order; runs of ideographs stay whole (see `ideographs`)."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        key = _key(match.group())
        end = match.end()
        if key:
            found.append(Word(key, match.group(), gap, not found or _begins(gap, found[-1])))
    return found


_key = lru_cache(maxsize=4096)(fold)


def ideographs(text: str) -> bool:
    """Whether a word is written in Chinese, Japanese or Korean, where words are not set apart."""
    return _IDEOGRAPHS.search(text) is not None


def _begins(gap: str, last: Word) -> bool:
    """Whether a sentence begins after `gap`: a full stop ends none after an abbreviation or an initial."""
    if gap == " " or not gap:
        return False
    if _BREAK.search(gap):
        return True
    return "." in gap and len(last.written) > 1 and last.key not in _ABBREVIATION
