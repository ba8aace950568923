"""Gathers the words about a photograph: its file's captions and place fields, its name, its folders."""

from __future__ import annotations

import os

from geotag import places
from geotag.manifest import readable
from geotag.texts import Answer, Origin, Text

_FOLDERS = 3


def words(base: str, path: str, texts: tuple[Text, ...]) -> tuple[Answer, ...]:
    """Where the texts in and around a file say it was taken; empty where they name no place."""
    answer = places.locate((*texts, *from_path(base, path)))
    return () if answer is None else (answer,)


def from_path(base: str, path: str) -> tuple[Text, ...]:
    """The file's name and the folders it lies in, the nearest first, down from the archive's own folder."""
    folder, name = os.path.split(path)
    parts = [part for part in folder.split("/") if part]
    folders = [os.path.basename(base), *parts][::-1][:_FOLDERS]
    texts = [Text(Origin.FILE, readable(os.path.splitext(name)[0]))]
    return (*texts, *(Text(Origin.FOLDER, readable(part)) for part in folders if part))
