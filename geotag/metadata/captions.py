"""Placeholder that its owner is about to replace."""

from __future__ import annotations

from geotag.metadata.patch import Buffer
from geotag.texts import Text


def read(data: Buffer) -> tuple[Text, ...]:
    return ()


def sidecar(packet: bytes) -> tuple[Text, ...]:
    return ()
