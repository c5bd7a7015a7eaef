"""Asking an online geocoder for places, where the operator has switched one on."""

from __future__ import annotations

import dataclasses
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from geomap.cli.shown import Screen, working

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geomap.data.reading import Reading

#: Where the answers are kept in a workspace; see :mod:`geomap.data.geocoding`.
ANSWERS = "geocoder.db"


def locate_online(
    screen: Screen, readings: Sequence[Reading], into: Path, *, dry_run: bool
) -> list[Reading]:
    """Ask for the places that files do not tell, if the settings name a geocoder.

    Says first to whom the addresses are sent, on standard error: they leave the machine.

    Raises
    ------
    ParameterError : if the geocoder's settings are not complete.
    """
    from geomap.settings import Settings

    settings = Settings()
    lost = [each for each in readings if each.report.needs_location or _is_rough(each)]
    if settings.geocoder is None or not lost:
        return list(readings)
    from geomap.data.geocoding import chosen

    name = chosen(settings).label.of(screen.language)
    said = screen.say(
        f"地址将发送给 {name} 查询位置（设置 geocoder）。",
        f"Addresses are sent to {name} to find their places (setting: geocoder).",
    )
    typer.echo(said, err=True)
    with _answers(into, keep=not dry_run) as path, working(screen, name) as tell:
        return [_located(each, path, tell) for each in readings]


def _is_rough(reading: Reading) -> bool:
    """Whether rows are located to their county only."""
    frame = reading.frame
    return "location_precision" in frame and bool((frame["location_precision"] == "county").any())


def _located(reading: Reading, path: Path, tell: Callable[[int], None]) -> Reading:
    """Fill in places, and say in the report what was found.

    A frame does not know which row of the file each of its rows was, so no rows are named.
    """
    from geomap.data.geocoding import geocode_missing
    from geomap.settings import Settings

    def progress(done: int, _total: int) -> None:
        tell(done)

    frame, told = geocode_missing(reading.frame, Settings(), path, progress=progress)
    findings = [dataclasses.replace(each, rows=()) for each in told]
    report = dataclasses.replace(
        reading.report,
        needs_location=int(frame.geometry.isna().sum()),
        findings=(*findings, *reading.report.findings),
    )
    return dataclasses.replace(reading, frame=frame, report=report)


@contextmanager
def _answers(into: Path, *, keep: bool) -> Iterator[Path]:
    """Give the file of earlier answers; nothing is written into a folder that is not to change."""
    if keep:
        from geomap.data.store.workspace import Workspace

        Workspace.open_or_create(into)
        yield into / ANSWERS
        return
    with tempfile.TemporaryDirectory(prefix="geomap-") as place:
        yield Path(place, ANSWERS)
