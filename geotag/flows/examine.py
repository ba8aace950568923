"""Looks at single photos without writing anything: what the file says, what the model says, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from geotag import decide, gather, geo, parallel, read
from geotag.decode import views
from geotag.errors import PhotoError, unread
from geotag.files import objects, storage
from geotag.flows import glances
from geotag.flows.ensemble import Ensemble
from geotag.models import calibrations
from geotag.renderings import manifest
from geotag.types import Location, Photo, Policy, Position, Prediction, Record, Region, Status, Voice

_REGIONS = 3
"""So many of the likeliest regions are named to people."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A photo, what the file says, what the model says, and what went wrong where something did."""

    path: str
    record: Record | None
    trouble: str = ""


def inspect(paths: Sequence[str], models: Ensemble, max_error_km: float) -> Iterator[Finding]:
    """What the file says and what the model says, photo by photo; the position in a file does not stand
    in the way of a prediction here.
    """
    for path in paths:
        try:
            folder, seen, record = _look(path)
            pixels = views(seen.source, models.recipes)
        except (PhotoError, OSError) as error:
            yield Finding(path, None, str(error) if isinstance(error, PhotoError) else unread(error))
            continue
        prediction = models.predict([pixels])[0]
        if prediction is None:
            yield Finding(path, None, "the model gave no answer that lies on the Earth")
            continue
        words = gather.words(folder, record.photo.path, seen.texts)
        # In a bucket every neighbour would have to be fetched.
        near = () if objects.remote(path) else glances.beside(folder, record.photo.path, parallel.cores())
        record = replace(record, prediction=prediction, words=words, neighbours=near, model=models.identity)
        calibration = calibrations.find(models.paths, models.sha256, folder)
        yield Finding(path, decide.decide(record, Policy(max_error_km, calibration=calibration)))


def _look(path: str) -> tuple[str, read.Look, Record]:
    folder, name = os.path.split(path if objects.remote(path) else os.path.abspath(path))
    photo = Photo.seen(name, storage.of(path).seen(path))
    seen = read.look(folder, photo, None)
    return folder, seen, Record(photo, camera=seen.position)


def as_json(finding: Finding) -> dict[str, object]:
    """A finding for programs: the manifest's columns, what the file said, what the model said, each piece of
    evidence with its weight.
    """
    path, record = manifest.readable(finding.path), finding.record
    if record is None:
        return {"path": path, "status": "failed", "message": finding.trouble}
    camera, guess = record.camera, record.prediction
    return manifest.properties(record) | {
        "path": path,
        "file": camera and _in_file(camera),
        "prediction": guess and _said(guess),
        "models": [{"model": voice.model, **_said(voice)} for voice in guess.voices] if guess else [],
        "regions": [_region(region) for region in guess.regions] if guess else [],
        "hints": [asdict(hint) for hint in record.hints],
    }


def _said(guess: Prediction | Voice) -> dict[str, object]:
    return {**_point(guess.location), "error_km": round(guess.error_km, 1)}


def _in_file(camera: Position) -> dict[str, object]:
    who = {"machine": camera.machine, **({"reviewer": camera.reviewer} if camera.reviewer else {})}
    return {**_point(camera.location), **who}


def _region(region: Region) -> dict[str, object]:
    shares = {"probability": round(region.probability, 4), "usual": round(region.usual, 4)}
    return {**_point(region.location), "radius_km": round(region.radius_km, 1), **shares}


def in_words(finding: Finding) -> list[str]:
    """A finding for people, a line each for the file, the model and what `geotag run` would make of it."""
    path, record = manifest.readable(finding.path), finding.record
    if record is None:
        return [path, f"  failed:   {finding.trouble}"]
    camera, guess = record.camera, record.prediction
    assert guess is not None
    lines = [path, "  file:     no position"]
    if camera is not None:
        who = f"an earlier guess by {camera.machine}" if camera.machine else "a camera or a person"
        if camera.reviewer:
            who = f"{camera.machine}, verified by {camera.reviewer}"
        lines[-1] = f"  file:     {_degrees(camera.location)}, put there by {who}"
    lines += [
        f"  {voice.model}: {_degrees(voice.location)}, within {voice.error_km:,.0f} km"
        for voice in guess.voices
    ]
    name, within = "pooled:" if guess.voices else "model:", f"within {guess.error_km:,.0f} km"
    lines.append(f"  {name:<9} {_degrees(guess.location)}, {within} in 8 of 10 such cases")
    if camera is not None:
        away = geo.distance_km(
            camera.location.lat, camera.location.lon, guess.location.lat, guess.location.lon
        )
        lines[-1] += f"; {float(away):,.0f} km from the file's position"
    if guess.regions:
        likely = [
            f"{_degrees(region.location)} ± {region.radius_km:,.0f} km {region.probability:.2f}"
            for region in guess.regions[:_REGIONS]
        ]
        lines.append(f"  regions:  {'; '.join(likely)}")
    lines += [
        f"  words:    {_degrees(answer.location)}, within {answer.error_km:,.0f} km; {answer.evidence}"
        for answer in record.words or ()
    ]
    lines += [
        f"  near:     {_degrees(answer.location)}, within {answer.error_km:,.3g} km; {answer.evidence}"
        for answer in record.neighbours or ()
    ]
    lines.append(f"  evidence: {record.evidence}")
    verdict = {Status.KEPT: "the file's position stands", Status.LOCATED: "a run would write this guess"}
    lines.append(
        f"  result:   {record.status}; {verdict.get(record.status or Status.FAILED, record.message)}"
    )
    return lines


def _degrees(location: Location) -> str:
    north, east = "N" if location.lat >= 0 else "S", "E" if location.lon >= 0 else "W"
    return f"{abs(location.lat):.6g}°{north} {abs(location.lon):.6g}°{east}"


def _point(location: Location) -> dict[str, object]:
    return {"latitude": round(location.lat, 6), "longitude": round(location.lon, 6)}
