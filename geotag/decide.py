"""Decides: what the file says and what the model says, to one answer that pretends nothing."""

from __future__ import annotations

from dataclasses import replace

from geotag import geo
from geotag.types import Location, Prediction, Record, Source, Status


def decide(record: Record, *, max_error_km: float, replace_gps: bool) -> Record:
    """Settle a record's status and answer from its evidence; `max_error_km` in km.

    A position that a camera or a person put there stands unless `replace_gps`; a guess is cut to the digits
    its radius deserves. The record must carry a camera's position or a prediction.
    """
    if stands(record, replace_gps=replace_gps):
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
    prediction = record.prediction
    sure = prediction.error_km <= max_error_km
    return replace(
        record,
        location=cut(prediction),
        error_km=prediction.error_km,
        source=Source.MODEL,
        evidence=f"picture: {record.model.partition(' sha256:')[0]}",
        status=Status.LOCATED if sure else Status.UNSURE,
        message="" if sure else f"radius over {max_error_km:g} km: not written to the file",
    )


def stands(record: Record, *, replace_gps: bool) -> bool:
    """Whether the file already has a position that is not an earlier guess of ours and must be kept."""
    return record.camera is not None and record.camera.machine is None and not replace_gps


def cut(prediction: Prediction) -> Location:
    """The predicted point with no more decimals than its radius deserves."""
    digits = geo.decimals(prediction.error_km)
    return Location(round(prediction.location.lat, digits), round(prediction.location.lon, digits))
