"""Asking an online geocoder for places, where the operator has switched one on."""

from __future__ import annotations

import dataclasses
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from geomap.cli.shown import Screen, working
from geomap.data.temporary import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from geomap.data.reading import Reading
    from geomap.settings import Settings

#: Where the answers are kept in a workspace; see :mod:`geomap.data.geocoding`.
ANSWERS = "geocoder.db"


@contextmanager
def earlier_answers(into: Path, *, dry_run: bool) -> Iterator[Path]:
    """Give the file of answers: the workspace's, or where none is to be changed, a copy of it.

    The answers of a first import are put into the workspace once that has been made.
    """
    from geomap.data.store.durable import write_atomically
    from geomap.data.store.folder import is_workspace

    own = into / ANSWERS
    if is_workspace(into) and not dry_run:
        yield own
        return
    with private_folder() as folder:
        answers = folder / ANSWERS
        if own.is_file():
            shutil.copyfile(own, answers)
        yield answers
        if answers.is_file() and is_workspace(into) and not dry_run:
            write_atomically(own, answers.read_bytes())


def locate_online(screen: Screen, readings: Sequence[Reading], answers: Path) -> list[Reading]:
    """Ask for the places that files do not tell, if the settings name a geocoder.

    Says first to whom the addresses are sent, on standard error: they leave the machine.

    Parameters
    ----------
    answers : the file of earlier answers; see :func:`earlier_answers`.

    Raises
    ------
    ParameterError : if a setting is wrong, or the geocoder's are not complete.
    """
    from geomap.settings import read_settings

    settings = read_settings()
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
    with working(screen, name) as tell:
        return [_located(each, settings, answers, tell) for each in readings]


def _is_rough(reading: Reading) -> bool:
    """Whether rows are located to their county only."""
    frame = reading.frame
    return "location_precision" in frame and bool((frame["location_precision"] == "county").any())


def _located(
    reading: Reading, settings: Settings, answers: Path, tell: Callable[[int], None]
) -> Reading:
    """Fill in places, and say in the report what was found.

    A frame does not know which row of the file each of its rows was, so no rows are named.
    """
    from geomap.data.geocoding import geocode_missing

    def progress(done: int, _total: int) -> None:
        tell(done)

    frame, told = geocode_missing(reading.frame, settings, answers, progress=progress)
    findings = [dataclasses.replace(each, rows=()) for each in told]
    report = dataclasses.replace(
        reading.report,
        needs_location=int(frame.geometry.isna().sum()),
        findings=(*findings, *reading.report.findings),
    )
    return dataclasses.replace(reading, frame=frame, report=report)
