"""From an office's file to a table of geomap, step by step, in this process.

Nothing is dropped silently and nothing guessed silently: what is not kept, not understood,
computed or doubtful is a finding with the row number that the office's spreadsheet shows.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.columns.matching import Match, match_columns
from geomap.data.files.duplicates import find_duplicates, find_shared_places
from geomap.data.files.findings.report import Finding, RefusedError, Report, arrange, on_rows
from geomap.data.files.formats.raw import RawTable, read_raw
from geomap.data.files.ids import make_ids
from geomap.data.files.options import Options, Reading
from geomap.data.files.places.addresses import locate_by_address
from geomap.data.files.places.coordinates import stated_frame
from geomap.data.files.places.locations import Places, find_places
from geomap.data.files.rules import (
    derived,
    inconsistent,
    parse_fields,
    provenance,
    stated_types,
    told,
)
from geomap.data.files.values.people import People, people_by_age, without_percents
from geomap.data.files.values.values import parse_texts
from geomap.data.files.values.words import NO_RECORD
from geomap.errors import ParameterError
from geomap.model.facility import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.data.files.places.coordinates import Frame
    from geomap.model.table import Table

__all__ = ["Options", "Reading", "read_in_process", "require_known"]

#: Tables whose rows are nothing without a name.
_NAMED = ("facilities", "areas")


def read_in_process(path: str | Path, table: Table, options: Options | None = None) -> Reading:
    """Read a file as one of geomap's tables, in this process and without limits on it.

    Files that others made are read by :func:`geomap.data.reading.read_table`, in a child process.

    Parameters
    ----------
    path : the file.
    table : what it is read as.
    options : what the office says about it.

    Returns
    -------
    The rows kept, as a frame that fits ``table.schema``, and the report. A file that cannot be
    used gives an empty frame and a report that says why.

    Raises
    ------
    ParameterError : if an option is unknown; never on bad data.
    """
    options = options or Options()
    require_known(options)
    name = Path(path).name
    try:
        raw = read_raw(path, table, encoding=options.encoding)
        frame = stated_frame(options.datum, options.crs, raw.crs)
    except RefusedError as error:
        return Reading(table.empty(), Report(name, table.name, findings=(error.finding,)))
    match = match_columns(raw.header, raw.cells, table, given=options.columns, datum=options.datum)
    return _read(name, table, raw, match, frame, options)


def require_known(options: Options) -> None:
    """Check the options that can be checked without the file.

    Raises
    ------
    ParameterError : if the type, datum or coordinate system is unknown.
    """
    if options.default_type not in (None, *TYPES):
        known = ", ".join(TYPES)
        raise ParameterError(
            f"type must be one of {known}, got {options.default_type!r}",
            zh=f"机构类型（--type）须为 {known} 之一，这里是 {options.default_type!r}",
        )
    stated_frame(options.datum, options.crs, None)


def _read(  # noqa: PLR0913, PLR0917 (the whole path)
    file: str, table: Table, raw: RawTable, match: Match, frame: Frame, options: Options
) -> Reading:
    """Turn text cells into a frame, collecting findings on the way."""
    rows_before = len(raw.rows) + raw.lost
    findings = [*raw.findings, *frame.findings, *match.findings]
    raw, lost = _records(raw, match, table)
    findings += lost
    empty = Report(
        file,
        table.name,
        rows=rows_before,
        columns=match.shown,
        columns_unused=match.unused,
        details=dict(raw.details) | {"datum": options.datum, "crs": frame.crs},
        header=match.names,
    )
    if not len(raw.rows):
        return Reading(
            table.empty(), dataclasses.replace(empty, findings=arrange(findings, rows_before))
        )
    values, people, told = _values(table, raw, match, options)
    places = find_places(raw, match, table.geometry, frame)
    stated = values
    values, places, located = derived(table, raw, match, stated, places, frame)
    findings += [*told, *places.findings, *located]
    by_address = locate_by_address(table, raw, match, values, places, findings)
    findings += by_address.findings
    findings += _twice(table, raw, match, values, places)
    content = partial(_content, raw, match, stated, places)
    ids, of_ids = make_ids(values.get("id"), content, raw.cells, raw.rows)
    findings += of_ids
    kept = _frame(table, by_address.values | {"id": ids}, by_address.places.geometry)
    report = dataclasses.replace(
        empty,
        accepted=len(kept),
        needs_location=int(kept.geometry.isna().sum()),
        rows_unlocated=tuple(raw.rows[kept.geometry.isna().to_numpy()].tolist()),
        findings=arrange(findings, rows_before),
        columns=match.shown | _computed(match, people),
        columns_unused=tuple(each for each in match.unused if each not in _computed(match, people)),
    )
    return Reading(kept, report)


def _records(raw: RawTable, match: Match, table: Table) -> tuple[RawTable, list[Finding]]:
    """Leave out rows that are no records, each with a finding.

    These are totals, remarks and repeated column names, and rows without a name where a name
    is what makes a row.
    """
    place = match.columns.get("name")
    if place is None:
        missing = "name" if table.name in _NAMED else "geometry"
        if missing == "name" or (not match.columns and raw.geometry is None):
            return _rows_of(raw, np.zeros(len(raw.rows), dtype=bool)), [_no_column(raw, missing)]
        return raw, []
    read = parse_texts(raw.cells[place])
    names = read.values
    aside = names.str.replace(" ", "", regex=False).str.lower().str.fullmatch(NO_RECORD)
    aside |= names == raw.header[place]
    kept = ~aside & (names.notna() | (table.name not in _NAMED))
    too_long = [] if kept.all() else told(read.faults, "name", raw.header[place], raw.rows)
    return _rows_of(raw, kept.to_numpy()), [
        *too_long,
        *on_rows("no_record", aside, raw.rows, field="name", came=names),
        *on_rows("missing_name", ~kept & ~aside, raw.rows, field="name"),
    ]


def _no_column(raw: RawTable, field: str) -> Finding:
    """Say that a column was not recognised."""
    return Finding("missing_column", field=field, values={"came": list(raw.header[:30])})


def _rows_of(raw: RawTable, mask: NDArray[np.bool_]) -> RawTable:
    """Keep the marked rows."""
    if mask.all():
        return raw
    return dataclasses.replace(
        raw,
        cells=raw.cells[mask].reset_index(drop=True),
        rows=raw.rows[mask],
        geometry=None if raw.geometry is None else raw.geometry[mask],
    )


def _values(
    table: Table, raw: RawTable, match: Match, options: Options
) -> tuple[dict[str, pd.Series], People, list[Finding]]:
    """Read the values of all fields that columns give, directly or computed."""
    values, findings = parse_fields(table, raw, match, options.today)
    counts, of_percents = without_percents(match, values)
    people = people_by_age(match, raw.cells, table, counts, raw.rows)
    values = counts | dict(people.values)
    findings += [*of_percents, *people.findings, *inconsistent(values, raw.rows)]
    if table.name == "facilities":
        values["type"], of_types = stated_types(raw, match, values, options.default_type)
        sources, of_sources = provenance(raw, match, options.today)
        values |= {} if sources is None else {"provenance": sources}
        findings += [*of_types, *of_sources]
    return values, people, findings


def _twice(
    table: Table,
    raw: RawTable,
    match: Match,
    values: Mapping[str, pd.Series],
    places: Places,
) -> list[Finding]:
    """Say which facilities may be in the file twice."""
    if table.name != "facilities":
        return []
    unknown = pd.Series(np.nan, index=raw.cells.index, dtype="str")
    name, address = values["name"], values.get("address", unknown)
    return [
        *find_duplicates(raw.cells, match.names, name=name, address=address, rows=raw.rows),
        *find_shared_places(places.x, places.y, name=name, rows=raw.rows),
    ]


def _content(
    raw: RawTable, match: Match, stated: Mapping[str, pd.Series], places: Places
) -> list[pd.Series]:
    """Say which thing a row is, by what an office does not change from one list to the next.

    That is its name, address and stated division; where name and address do not tell, its
    coordinates as the file gives them. What geomap derives is left out: it may learn.
    """
    import shapely

    told = [stated[name] for name in ("name", "address", "adcode", "level") if name in stated]
    told += [
        raw.cells[match.columns[name]]
        for name in ("province", "city", "district")
        if name in match.columns
    ]
    unknown = pd.Series(None, index=raw.cells.index, dtype="str")
    second = stated.get("address", unknown) if "type" in stated else stated.get("name", unknown)
    bounds = shapely.bounds(places.geometry)[:, :2]
    given = np.column_stack([places.x, places.y])
    corners = pd.DataFrame(np.where(np.isfinite(given), given, bounds), index=raw.cells.index)
    written = [corners[axis].map("{:.6f}".format).where(second.isna()) for axis in (0, 1)]
    return [*told, *written]


def _frame(
    table: Table, values: Mapping[str, pd.Series], geometry: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Put the values in the table's order, typed."""
    import geopandas as gpd

    from geomap.model.crs import GEOGRAPHIC

    columns = {name: column for name, column in values.items() if name in table.by_name}
    shapes = gpd.GeoSeries(geometry, crs=GEOGRAPHIC)
    return table.conform(gpd.GeoDataFrame(columns, geometry=shapes))


def _computed(match: Match, people: People) -> dict[str, str]:
    """Name the columns that were summed, each with the fields computed from it."""
    found: dict[str, str] = {}
    for field, columns in people.places.items():
        for place in columns:
            name = match.names[place]
            found[name] = f"{found[name]}, {field}" if name in found else field
    return found
