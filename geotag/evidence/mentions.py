"""Finds the names in a text that may be places, and weighs by its surroundings whether each is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from geotag.evidence import lexicon
from geotag.evidence.gazetteer import Gazetteer, Names
from geotag.evidence.words import Word, fold, ideographs, words
from geotag.texts import Origin, Text

LONGEST = 5
LARGE = 300_000
"""A place of so many people is meant more often than the people called after it."""

_ORIGIN = {
    Origin.CAPTION: 1.2,
    Origin.FIELD: 5.0,
    Origin.KEYWORDS: 1.5,
    Origin.FOLDER: 1.5,
    Origin.FILE: 0.0,
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text: as `written`, what it may mean, and `odds`, the log-odds that it names a place.

    `text` counts the texts, `start` and `end` the words of the text; `gap` is what
    lies before it; `loose_km` how far from the place the picture may well be ("near", "X River").
    """

    written: str
    names: Names
    odds: float
    origin: Origin
    text: int
    start: int
    end: int
    gap: str
    loose_km: float = 0.0


def mentions(texts: tuple[Text, ...], gazetteer: Gazetteer) -> list[Mention]:
    """All names in the texts, the longest at each spot, in order."""
    found = [
        replace(mention, text=number) if number else mention
        for number, text in enumerate(texts)
        for mention in _in_text(text, gazetteer)
    ]
    return _person_throughout(found)


@lru_cache(maxsize=256)
def _in_text(text: Text, gazetteer: Gazetteer) -> tuple[Mention, ...]:
    """The names in one text, as if it were the first; folders, and many keywords, come again and again."""
    cut = words(text.text)
    lower = not any(word.written[0].isupper() for word in cut)
    found: list[Mention] = []
    at = 0
    while at < len(cut):
        mention = _longest(cut, at, text.origin, lower, gazetteer)
        if mention is not None:
            found.append(mention)
        at = at + 1 if mention is None else mention.end
    return tuple(found)


def _person_throughout(found: list[Mention]) -> list[Mention]:
    """A name that is somebody's once is likely to be so elsewhere in the same texts."""
    people = {mention.names for mention in found if mention.odds < -2.5}
    return [
        replace(mention, odds=mention.odds - 1.5)
        if mention.odds >= -2.5 and mention.names in people
        else mention
        for mention in found
    ]


def _longest(cut: list[Word], at: int, origin: Origin, lower: bool, gazetteer: Gazetteer) -> Mention | None:
    """The longest name that begins at a word, unless the word cannot begin one."""
    word = cut[at]
    if word.key.isdigit() or not (word.capital or lower or origin in (Origin.FILE, Origin.KEYWORDS)):
        return None
    if ideographs(word.written):
        return _ideographic(cut, at, origin, gazetteer)
    best: tuple[int, Names] | None = None
    key = ""
    for end in range(at + 1, min(at + LONGEST, len(cut)) + 1):
        if end > at + 1 and not _joined(cut[end - 1], cut[end - 2]):
            break
        key = f"{key} {cut[end - 1].key}" if key else word.key
        names = gazetteer.names(key)
        if names is not None and cut[end - 1].key != "s":
            best = end, names
        if end == at + 1 and not gazetteer.continues(key):
            break
    bent = False
    if best is None:
        best, bent = _bent(cut, at, gazetteer), True
    if best is None or (best[0] == at + 1 and word.key in lexicon.COMMON):
        return None
    end, names = best
    if not _readable(cut, at, end, origin):
        return None
    odds = _odds(cut, at, end, names, origin, gazetteer, lower)
    written = " ".join(part.written for part in cut[at:end])
    return Mention(
        written, names, odds + (0.5 if bent else 0.0), origin, 0, at, end, word.gap, _loose(cut, at, end)
    )


def _loose(cut: list[Word], at: int, end: int) -> float:
    """How far from a place the picture may be, in km, by the words around its name."""
    after = cut[end] if end < len(cut) and not cut[end].first and not cut[end].gap.strip(" -") else None
    if after is not None and after.key in lexicon.NATURE:
        return 40.0
    before = cut[at - 1].key if at else ""
    return 8.0 if before in lexicon.NEARBY or (before == "of" and cut[at - 2].key in lexicon.NEARBY) else 0.0


def _joined(word: Word, last: Word) -> bool:
    """Whether two words can be parts of one name."""
    gap = word.gap.replace(" ", "")
    return gap in ("", "-", "'", "’", "–", "_") or (gap == "." and len(last.key) < 3)


def _readable(cut: list[Word], at: int, end: int, origin: Origin) -> bool:
    """Whether a short name is written as one: "ID" after a comma, never "in"; longer names always are."""
    key = "".join(word.key for word in cut[at:end])
    if len(key) > 3 or ideographs(cut[at].written):
        return True
    tidy = "".join(word.written for word in cut[at:end])
    if len(key) == 3:
        return tidy[0].isupper()
    after_comma = at > 0 and ("," in cut[at].gap or "(" in cut[at].gap)
    dotted = end - at > 1
    stopped = end == len(cut) or cut[end].gap.startswith(".")
    if after_comma and stopped and tidy[0].isupper():
        return True
    return tidy.isupper() and (after_comma or dotted or origin is Origin.FIELD)


def _bent(cut: list[Word], at: int, gazetteer: Gazetteer) -> tuple[int, Names] | None:
    """A town of some size whose inflected name the word may be."""
    word = cut[at]
    if not word.capital or word.key in gazetteer.given or word.key in gazetteer.family:
        return None
    least = LARGE if word.first else LARGE // 6
    for key in lexicon.uninflected(word.key):
        names = gazetteer.names(key)
        if names is not None and names.everyday < 5:
            large = [place for place, number in enumerate(names.ids) if gazetteer.people(number) >= least]
            if large:
                ids = tuple(names.ids[place] for place in large)
                return at + 1, Names(ids, tuple(names.main[place] for place in large), 0.0)
    return None


def _ideographic(cut: list[Word], at: int, origin: Origin, gazetteer: Gazetteer) -> Mention | None:
    """The longest name inside a run of ideographs."""
    run = fold(cut[at].written)
    for length in range(min(8, len(run)), 1, -1):
        for start in range(len(run) - length + 1):
            names = gazetteer.names(run[start : start + length])
            if names is not None:
                written = run[start : start + length]
                return Mention(written, names, _ORIGIN[origin], origin, 0, at, at + 1, cut[at].gap)
    return None


def _odds(
    cut: list[Word], at: int, end: int, names: Names, origin: Origin, gazetteer: Gazetteer, lower: bool
) -> float:
    """Log-odds that the words name a place, before anything is known about which."""
    single = end == at + 1
    large = gazetteer.well_known(names, LARGE)
    odds = _ORIGIN[origin] + (0.0 if single else 1.0)
    odds -= _commonness(cut, at, single, names.everyday, origin, lower, large)
    if not lower and any(not word.capital and word.key not in lexicon.LINKING for word in cut[at + 1 : end]):
        odds -= 2.5
    if not cut[at].capital:
        odds -= 1.0 if lower else 3.0
    before = cut[at - 1] if at and not cut[at].first else None
    after = cut[end] if end < len(cut) and not cut[end].first else None
    odds += _person(cut, at, end, gazetteer, large=large)
    if origin is Origin.FOLDER and _civic(cut, at, end):
        return odds + 1.5
    earlier = cut[at - 2] if at > 1 else None
    odds += _before(before, cut[at], earlier)
    if gazetteer.is_region(names):
        odds += _along(before, earlier)
    return odds + _after(after, origin)


def _along(before: Word | None, earlier: Word | None) -> float:
    """What "on the X", "an der X" and the like say for a river, a lake or a mountain range."""
    if before is None:
        return 0.0
    article = before.key in lexicon.ARTICLES
    near = earlier if article else before
    if near is not None and near.key in lexicon.ALONG:
        return 1.5
    return 0.5 if article else 0.0


def _commonness(
    cut: list[Word], at: int, single: bool, everyday: float, origin: Origin, lower: bool, large: bool
) -> float:
    """What it takes off the odds that the words are said every day; less where a capital must be meant."""
    word = cut[at]
    loss = 0.7 if single and word.first and origin is Origin.CAPTION and not large else 0.0
    if everyday:
        meant = origin in (Origin.FIELD, Origin.FOLDER) or not (word.first or lower or word.shout)
        # A capital behind "in" makes a name of a word: Kent, which is Dutch for "knows".
        placed = meant and at > 0 and cut[at - 1].key == "in" and not word.gap.strip()
        share = 0.3 if large and (everyday < 5.5 or placed) else 0.6 if meant else 1.2
        loss += share * (everyday - 2.0) * (1.0 if single else 0.6)
        loss += 2.5 if single and not large and _capitals_beside(cut, at) else 0.0
    return loss


def _civic(cut: list[Word], at: int, end: int) -> bool:
    """Whether the words of a folder's name speak of a town and what shows it: "Stadtarchiv X", "X views"."""
    around = [cut[place].key for place in (at - 1, end) if 0 <= place < len(cut)]
    earlier = cut[at - 2].key if at > 1 and cut[at - 1].key in lexicon.LINKING else ""
    return (earlier in lexicon.CIVIC and earlier != "library") or any(
        key in lexicon.CIVIC and key != "county" for key in around
    )


def _capitals_beside(cut: list[Word], at: int) -> bool:
    """Whether a word is joined to another one with a capital, so that it is part of a longer name."""
    before = at > 0 and not cut[at].gap.strip() and not cut[at].first and cut[at - 1].capital
    after = at + 1 < len(cut) and not cut[at + 1].gap.strip() and not cut[at + 1].first
    return before or (after and cut[at + 1].written[0].isupper())


def _person(cut: list[Word], at: int, end: int, gazetteer: Gazetteer, *, large: bool) -> float:
    """What speaks for the name of a person: a given name or an initial before it, a surname behind it."""
    odds = 0.0
    word, single = cut[at], end == at + 1
    before = cut[at - 1] if at and not word.gap.strip(" .\"'") and not word.first else None
    after = cut[end] if end < len(cut) and not cut[end].gap.strip() and not cut[end].first else None
    if before is not None and before.capital:
        initial = len(before.key) == 1 and "." in word.gap
        if before.key in lexicon.TITLES or initial:
            odds -= 4.0
        elif before.key in gazetteer.given:
            odds -= 3.5
    if before is not None and before.key in lexicon.LINKING and at > 1:
        earlier = cut[at - 2]
        named = earlier.capital and earlier.key in gazetteer.given and not before.gap.strip()
        odds -= 3.0 if named or earlier.key in lexicon.PORTRAITS else 0.0
    if single and word.key in gazetteer.given:
        placed = at > 0 and cut[at - 1].key in lexicon.PLACING
        odds -= 0.5 if placed or large else 2.0
        linked = (
            after is not None and after.key in lexicon.LINKING and cut[min(end + 1, len(cut) - 1)].capital
        )
        if linked or (after is not None and after.capital and after.key not in lexicon.COMMON):
            odds -= 3.0
    if single and word.key in gazetteer.family:
        odds -= 0.5
    if after is not None and len(after.key) == 1 and after.capital and single:
        odds -= 2.0
    return odds


def _before(before: Word | None, word: Word, earlier: Word | None) -> float:
    """What the word before a name says."""
    if before is None:
        return 0.0
    if before.key in lexicon.STREETS_BEFORE and not word.gap.strip(" ."):
        return -4.5
    if before.key in lexicon.NATURE_BEFORE and not word.gap.strip() and before.capital:
        return -2.5
    linked = before.key in lexicon.LINKING and earlier is not None
    if linked and earlier is not None and earlier.key in lexicon.STREETS_BEFORE:
        return -4.5
    house = earlier if linked else before
    if house is not None and house.key in lexicon.HOUSES_BEFORE and not word.gap.strip():
        return -1.5
    if before.key in lexicon.PLACING and not word.gap.strip():
        return 1.5
    if before.capital and not word.gap.strip() and before.key not in lexicon.LINKING and not before.first:
        return -1.0
    return 0.0


def _after(after: Word | None, origin: Origin) -> float:
    """What the word behind a name says; in a place field the parts are places all the same."""
    if after is None or after.gap.strip(" -'’"):
        return 0.0
    capital = after.capital or origin is Origin.FILE
    if (after.key in lexicon.STREETS and after.key != "st") or (after.key == "st" and capital):
        return -4.5
    if after.key in lexicon.NATURE:
        return -3.0 if capital else -1.0
    if after.key in lexicon.HOUSES:
        return -1.2 if capital else 0.0
    if capital and after.written[0].isalpha() and origin is not Origin.FIELD:
        return -0.8
    return 0.0
