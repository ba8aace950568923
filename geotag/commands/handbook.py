"""The handbook that `geotag help TOPIC` reads from: the README, cut into topics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from geotag.errors import GeotagError, UsageError

_LEAD = re.compile(r"\*\*([^*]+)\.\*\*")


@dataclass(frozen=True, slots=True)
class Topic:
    """A section of the handbook, or a paragraph with a name of its own: the name to ask by, and Markdown."""

    name: str
    text: str


def text() -> str:
    """The handbook as Markdown: the wheel brings the README along, a checkout has it.

    Raises GeotagError when neither is there.
    """
    package = Path(__file__).parent.parent
    for path in (package / "handbook.md", package.parent / "README.md"):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise GeotagError(f"{package}: the handbook is missing; install geotag again, or use --help")


def topics(markdown: str) -> list[Topic]:
    """Every section ("## Title"), each followed by those of its paragraphs that begin with a bold name."""
    found = []
    for section in markdown.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        found.append(Topic(_named(title), f"## {title}\n{body.rstrip()}\n"))
        found += _paragraphs(body)
    return found


def find(word: str, markdown: str) -> list[Topic]:
    """The topics that `word` asks for: the one of that name, else those with it in their names or text.

    Of a section and its own paragraphs only the smaller ones are found by their text. Raises UsageError when
    nothing speaks of it.
    """
    name, every = _named(word), topics(markdown)
    for fits in (
        [topic for topic in every if topic.name == name],
        [topic for topic in every if name and name in topic.name],
        _mentioning(word, every),
    ):
        if fits:
            return fits
    raise UsageError(f"{word}: the handbook says nothing of it; `geotag help` lists its topics")


def _named(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def _paragraphs(body: str) -> list[Topic]:
    """The paragraphs with a name, each with what follows up to the next one."""
    found: list[list[str]] = []
    for block in body.split("\n\n"):
        if _LEAD.match(block.lstrip()):
            found.append([])
        if found:
            found[-1].append(block.strip("\n"))
    leads = [(_LEAD.match(blocks[0].lstrip()), blocks) for blocks in found]
    return [Topic(_named(lead[1]), "\n\n".join(blocks) + "\n") for lead, blocks in leads if lead]


def _mentioning(word: str, every: list[Topic]) -> list[Topic]:
    fits = [topic for topic in every if word.lower() in topic.text.lower()]
    return [
        topic
        for topic in fits
        if not any(other is not topic and other.text.strip() in topic.text for other in fits)
    ]
