"""Gathers the words about a photograph: the catalogue's, its file's captions and place fields, its path's."""

from __future__ import annotations

import os
from dataclasses import replace

from geotag.evidence import places
from geotag.evidence.catalogue import Said
from geotag.renderings.manifest import readable
from geotag.texts import Answer, Origin, Text
from geotag.types import Record

_FOLDERS = 3


def heard(base: str, record: Record, texts: tuple[Text, ...], said: Said) -> Record:
    """A record with what the catalogue (`said`), its file's texts and its path say; `base` is the archive's
    folder.
    """
    answers = words(base, record.photo.path, (*said.texts, *texts))
    return replace(record, words=answers, catalogue=said.digest)


def words(base: str, path: str, texts: tuple[Text, ...]) -> tuple[Answer, ...]:
    """Where the texts about a file and its path say it was taken; empty where they name no place.

    A text that is given twice (a caption that the catalogue has too) is one hint, not two.
    """
    once: dict[str, Text] = {}
    for text in texts:
        once.setdefault(text.text.casefold(), text)
    answer = places.locate((*once.values(), *from_path(base, path)))
    return () if answer is None else (answer,)


def from_path(base: str, path: str) -> tuple[Text, ...]:
    """The file's name and the folders it lies in, the nearest first, down from the archive's own folder."""
    folder, name = os.path.split(path)
    parts = [part for part in folder.split("/") if part]
    folders = [os.path.basename(base), *parts][::-1][:_FOLDERS]
    texts = [Text(Origin.FILE, readable(os.path.splitext(name)[0]))]
    return (*texts, *(Text(Origin.FOLDER, readable(part)) for part in folders if part))
