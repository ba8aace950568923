"""Decides: what the file says and what the model says, to one answer that pretends nothing."""

from __future__ import annotations

from dataclasses import replace

from geotag import geo, texts
from geotag.evidence import fuse, hints
from geotag.evidence.fuse import Fused, Picture
from geotag.types import Location, Policy, Record, Source, Status

_SILENT = (
    "neither words nor neighbours tell a place; ask the picture too: --evidence picture,words,neighbours"
)


def decide(record: Record, policy: Policy) -> Record:
    """Settle a record's status and answer from its evidence.

    A position that a camera or a person put there stands unless the policy says otherwise; a guess is cut to
    the digits its radius deserves. The record must carry a camera's position or the evidence asked for.
    """
    if stands(record, policy):
        assert record.camera is not None
        hint = hints.in_file(record.camera)
        return replace(
            record,
            location=record.camera.location,
            error_km=None,
            source=Source.CAMERA,
            evidence=texts.line([hint]),
            hints=(hint,),
            status=Status.KEPT,
            message="",
        )
    fused = _fused(record, policy)
    if fused is None:
        bare = replace(record, location=None, error_km=None, source=None, place="", country="", evidence="")
        return replace(bare, hints=(), status=Status.UNSURE, message=_SILENT)
    sure = fused.error_km <= policy.max_error_km
    return replace(
        record,
        location=cut(fused.location, fused.error_km),
        error_km=fused.error_km,
        source=fused.source,
        place=fused.place,
        country=fused.country,
        evidence=texts.line(fused.hints),
        hints=fused.hints,
        status=Status.LOCATED if sure else Status.UNSURE,
        message="" if sure else f"radius over {policy.max_error_km:g} km: not written to the file",
    )


def complete(record: Record, policy: Policy) -> bool:
    """Whether the evidence that the policy asks for has been gathered."""
    return not (
        ("picture" in policy.evidence and record.prediction is None)
        or ("words" in policy.evidence and record.words is None)
        or ("neighbours" in policy.evidence and record.neighbours is None)
    )


def _fused(record: Record, policy: Policy) -> Fused | None:
    words = record.words[0] if record.words and "words" in policy.evidence else None
    near = record.neighbours[0] if record.neighbours and "neighbours" in policy.evidence else None
    return fuse.fuse(words, near, _picture(record, policy))


def _picture(record: Record, policy: Policy) -> Picture | None:
    """What the picture says, its radius as the collection's calibration has it."""
    if record.prediction is None or "picture" not in policy.evidence:
        return None
    model, calibration = record.model.partition(" sha256:")[0], policy.calibration
    if calibration is None:
        return Picture(record.prediction, model)
    scaled = min(record.prediction.error_km * calibration.factor, geo.HALF_TURN_KM)
    remark = f"radius calibrated on {calibration.photos} photos of {calibration.base}"
    return Picture(replace(record.prediction, error_km=scaled), model, remark, calibration.factor)


def stands(record: Record, policy: Policy) -> bool:
    """Whether the file already has a position that is not an earlier guess of ours and must be kept: one that
    a person has verified even where others may be replaced.
    """
    camera = record.camera
    return camera is not None and camera.stands and (bool(camera.reviewer) or not policy.replace_gps)


def cut(location: Location, error_km: float) -> Location:
    """A point with no more decimals than its radius in km deserves."""
    digits = geo.decimals(error_km)
    return Location(round(location.lat, digits), round(location.lon, digits))
