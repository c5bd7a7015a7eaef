"""Demand from population grids: GeoTIFF, points of a stated cell size, cells of H3."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.files.findings.report import Finding, RefusedError, Report
from geomap.data.files.options import Options, Reading
from geomap.errors import DataError, ParameterError, TooLargeError
from geomap.model.demand import DEMAND
from geomap.model.population_grid import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geomap.model.population_grid import PopulationGrid


def read_demand(  # noqa: PLR0913 (each option is a word that an office says)
    path: str | Path,
    *,
    cell_m: float | None = None,
    datum: str = "wgs84",
    crs: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read where people live, from any table or layer, a population raster or cells of H3.

    Parameters
    ----------
    path : the file. Of a GeoTIFF the first band is people per cell; a table whose ids are all
        cells of H3 gives these cells.
    cell_m : side of the square cells whose middles a table gives, metres; points if not given.
    datum, crs, encoding, columns : as in :func:`geomap.read_facilities`.

    Returns
    -------
    (n,) GeoDataFrame with the columns of ``DEMAND``, EPSG:4326. Of a raster the cells with people:
    a cell without a number or with nobody is no row.

    Raises
    ------
    DataError : if no row can be used; says why, such as a raster with more populated cells than
        can be rows: :func:`geomap.read_population_grid` takes it.
    ParameterError : if an option is unknown.
    """
    from geomap.data.reading import read_table

    options = Options(datum, crs, encoding, columns, cell_m=cell_m)
    reading = read_table(path, DEMAND, options)
    if reading.report.outcome == "refused":
        raise DataError(f"{reading.report.file}: {reading.report.refusal}")
    return reading.frame


def read_population_grid(
    path: str | Path, *, band: int = 1, crs: str | None = None
) -> PopulationGrid:
    """Read people per cell from a GeoTIFF, as one array: ten million cells take 40 MB.

    The file is read in a process of its own that can do little else: see
    :mod:`geomap.data.sandbox`.

    Parameters
    ----------
    path : .tif; rows and columns along the axes of its coordinate system.
    band : which one has the people, counted from 1.
    crs : coordinate system of the raster, where the file states none or a wrong one.

    Returns
    -------
    PopulationGrid; cells without data are NaN, never 0. Negative numbers are unknown, and counted.

    Raises
    ------
    DataError : if the file cannot be used; says why, such as a coordinate system that is not
        accepted or not stated.
    ParameterError : if `crs` is unknown.
    """
    from geomap.data.sandbox.rasters import grid_of_file

    return grid_of_file(Path(path), band=band, crs=crs)[0]


def read_raster(path: Path, options: Options) -> Reading:
    """Read a GeoTIFF as demand rows, and a report like that of any file.

    Raises
    ------
    ParameterError : if an option is one for tables.
    """
    from geomap.data.sandbox.rasters import grid_of_file

    for_tables = {"datum": options.datum != "wgs84", "cell_m": options.cell_m, "encoding":
                  options.encoding, "columns": options.columns}  # fmt: skip
    given = [name for name, value in for_tables.items() if value]
    if given:
        raise ParameterError(
            f"{given[0]} is for tables; a GeoTIFF says itself where its cells lie: leave it out",
            zh=f"{given[0]} 只用于表格；GeoTIFF 自带位置：请去掉",
        )
    try:
        grid, report = grid_of_file(path, crs=options.crs)
        frame = grid.demand()
    except RefusedError as error:
        return Reading(DEMAND.empty(), Report(path.name, "demand", findings=(error.finding,)))
    except TooLargeError:
        values = {"came": len(grid.populated), "count": 1, "expected": MOST_ROWS}
        told = (Finding("too_many_cells", values=values),)
        return Reading(DEMAND.empty(), Report(path.name, "demand", findings=told))
    findings = list(report.findings)
    if grid.negative:
        came = f"< 0 ({grid.negative})"
        findings.append(Finding("negative_value", None, "population", {"came": came}))
    rows = len(frame)
    details = dict(report.details) | {"crs": grid.crs, "people": round(grid.total, 3)}
    return Reading(
        frame,
        dataclasses.replace(
            report, rows=rows, accepted=rows, findings=tuple(findings), details=details
        ),
    )


def as_cells(reading: Reading, options: Options) -> Reading:
    """Give demand rows of a table their cells: squares of the stated side, or those of H3.

    Raises
    ------
    ParameterError : if the side is out of range.
    """
    from geomap.data.rasters.cells import are_h3, with_hexagons, with_squares

    frame, report = reading.frame, reading.report
    if options.cell_m is not None:
        frame = with_squares(frame, options.cell_m)
    elif are_h3(frame["id"].tolist()):
        frame = with_hexagons(frame)
    else:
        return reading
    placed = dataclasses.replace(
        report, needs_location=int(frame.geometry.isna().sum()), rows_unlocated=()
    )
    return Reading(frame, placed if not frame.geometry.isna().any() else report)
