"""Decides: what the file says and what the model says, to one answer that pretends nothing."""

from __future__ import annotations

from dataclasses import replace

from geotag import geo
from geotag.types import Location, Policy, Record, Source, Status


def decide(record: Record, policy: Policy) -> Record:
    """Settle a record's status and answer from its evidence.

    A position that a camera or a person put there stands unless the policy says otherwise; a guess is cut to
    the digits its radius deserves. The record must carry a camera's position or a prediction.
    """
    if stands(record, policy):
        assert record.camera is not None
        return replace(
            record,
            location=record.camera.location,
            error_km=None,
            source=Source.CAMERA,
            evidence="position found in the file or its sidecar",
            status=Status.KEPT,
            message="",
        )
    assert record.prediction is not None
    evidence = f"picture: {record.model.partition(' sha256:')[0]}"
    error_km = record.prediction.error_km
    if policy.calibration is not None:
        error_km = min(error_km * policy.calibration.factor, geo.HALF_TURN_KM)
        evidence += f", radius calibrated on {policy.calibration.photos} photos of {policy.calibration.base}"
    sure = error_km <= policy.max_error_km
    return replace(
        record,
        location=cut(record.prediction.location, error_km),
        error_km=error_km,
        source=Source.MODEL,
        evidence=evidence,
        status=Status.LOCATED if sure else Status.UNSURE,
        message="" if sure else f"radius over {policy.max_error_km:g} km: not written to the file",
    )


def stands(record: Record, policy: Policy) -> bool:
    """Whether the file already has a position that is not an earlier guess of ours and must be kept."""
    return record.camera is not None and record.camera.machine is None and not policy.replace_gps


def cut(location: Location, error_km: float) -> Location:
    """A point with no more decimals than its radius in km deserves."""
    digits = geo.decimals(error_km)
    return Location(round(location.lat, digits), round(location.lon, digits))
