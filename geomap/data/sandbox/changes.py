"""Have a table of changes to facilities read by a process of its own, as files are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from geomap.data.files.changes import CELLS, MOST_ROWS
from geomap.data.sandbox.copies import read_made
from geomap.data.sandbox.limits import limits_for
from geomap.data.sandbox.made import Task, made_of
from geomap.data.sandbox.server import CHANGES
from geomap.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.report import Report

_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Cells:
    """What a table of changes says.

    Parameters
    ----------
    header : (k,) names of the columns.
    rows : (n,) row numbers as a spreadsheet shows them.
    cells : (n, k) texts, None where empty.
    places : (n,) longitude and latitude, the name of a geometry that is no point, or None.
    """

    header: list[str]
    rows: list[int]
    cells: list[list[str | None]]
    places: list[tuple[float, float] | str | None]


def cells_of_file(path: Path) -> tuple[Cells, Report]:
    """Read a table of changes that others made; more rows than a scenario holds are cut.

    Raises
    ------
    RefusedError : if it is none of CSV, Excel and GeoJSON, is damaged, or takes too long or too
        much memory.
    NoRoomError : if the disk is full.
    """
    with made_of(path, Task(CHANGES, limits_for, _taken)) as (cells, report):
        return cells, report


def _taken(folder: Path, report: Report) -> Cells:  # noqa: ARG001 (as every task is given it)
    """Take the cells of bytes that nobody vouches for; DataError if they are none."""
    try:
        told = json.loads(read_made(folder / CELLS, _MOST_BYTES))
        header, rows, cells = (told[name] for name in ("header", "rows", "cells"))
        places = [_place(each) for each in told["places"]]
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise DataError(f"the cells cannot be read: {error}") from error
    if any(type(each) is not list for each in (header, rows, cells)) or any(
        type(each) is not list for each in cells
    ):
        raise DataError("the cells are no lists")
    texts = [*header, *(each for row in cells for each in row if each is not None)]
    if (
        not len(rows) == len(cells) == len(places) <= MOST_ROWS
        or any(len(row) != len(header) for row in cells)
        or any(type(each) is not int for each in rows)
        or any(type(each) is not str for each in texts)
    ):
        raise DataError("the cells are not those of a table")
    return Cells(header, rows, cells, places)


def _place(told: Any) -> tuple[float, float] | str | None:  # noqa: ANN401 (any JSON value)
    """Take a place; ValueError if it is none."""
    if told is None or type(told) is str:
        return told
    lon, lat = told
    if type(lon) is not float or type(lat) is not float or not isfinite(lon) or not isfinite(lat):
        raise ValueError("a place must be two numbers")
    return lon, lat
