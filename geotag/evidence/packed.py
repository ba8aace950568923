"""A model's distribution as the journal keeps it: regions in a few bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

from geotag.types import Location, Region

_STORED = struct.Struct("<hhBBB")
_STEPS = 255
_LOG_KM = math.log(20_037.5) / _STEPS


def pack(regions: Iterable[Region]) -> bytes:
    """Regions in 7 bytes each: hundredths of a degree, the logarithm of the radius, the roots of both
    probabilities.
    """
    return b"".join(
        _STORED.pack(
            round(region.location.lat * 100),
            round(region.location.lon * 100),
            min(_STEPS, max(0, round(math.log(max(1.0, region.radius_km)) / _LOG_KM))),
            *(round(_STEPS * math.sqrt(share)) for share in (region.probability, region.usual)),
        )
        for region in regions
    )


def unpack(packed: bytes) -> tuple[Region, ...]:
    """The regions that `pack` packed; their probabilities sum to 1 but for the rounding."""
    return tuple(
        Region(
            Location(lat / 100, lon / 100),
            math.exp(km * _LOG_KM),
            (seen / _STEPS) ** 2,
            (known / _STEPS) ** 2,
        )
        for lat, lon, km, seen, known in _STORED.iter_unpack(packed)
    )
