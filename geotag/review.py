"""What a person decides about the answers of a run, and what they saw when they decided."""

from __future__ import annotations

import hashlib
import os

from geotag.types import Record


def shown(record: Record) -> str:
    """The fingerprint of a photo as somebody is shown it: 16 hexadecimal digits, of the file (path, size,
    time) and of the answer (status, source, position, radius, model).

    It is made of the record as it leaves the tool, coarse where that was asked for: made of the fine position
    it would give that away to anybody who tries the points around the coarse one.
    """
    photo, location = record.photo, record.location
    file = os.fsencode(photo.path), photo.size, photo.mtime_ns
    point = None if location is None else (location.lat, location.lon)
    answer = str(record.status), str(record.source), point, record.error_km, record.model
    return hashlib.sha256(repr((file, answer)).encode()).hexdigest()[:16]
