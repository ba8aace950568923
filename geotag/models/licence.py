"""What a person has to know of a licence before a model is used."""

from __future__ import annotations

import re

_FREE = re.compile(
    r"(apache(-licence|-license)?-?2(\.0)?|mit|isc|unlicense|bsd-[0-9]-clause|cc0(-1\.0)?|cc-by(-sa)?-[0-9.]+"
    r"|l?gpl-?[0-9.v]+(-only|-or-later)?|agpl-?[0-9.v]+(-only|-or-later)?|mpl-2\.0|odc-by(-1\.0)?|pddl(-1\.0)?)"
)
_NOT_COMMERCIAL = re.compile(r"\bnc\b|non-?\s?commercial|research[- ]only", re.IGNORECASE)


def reservations(licence: str) -> str:
    """What has to be known of a licence, in words; empty for a well-known free one."""
    if _NOT_COMMERCIAL.search(licence.replace("_", "-")):
        return f"its licence allows no commercial use: {licence}"
    if not _FREE.fullmatch(licence.strip().lower().replace(" ", "-")):
        return f"its licence is none that geotag knows: {licence}"
    return ""
