"""Read an office's file as a table of geomap: the one path of check, import and Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.files.options import Options, Reading
from geomap.errors import DataError
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geomap.data.files.findings.report import Report
    from geomap.model.table import Table

__all__ = ["Options", "Reading", "check", "read_facilities", "read_table"]


def read_facilities(  # noqa: PLR0913 (each option is a word that an office says)
    path: str | Path,
    *,
    datum: str = "wgs84",
    crs: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    default_type: str | None = None,
) -> gpd.GeoDataFrame:
    """Read care facilities from a table, a GIS layer or an OpenStreetMap extract.

    Parameters
    ----------
    path : the file.
    datum : "wgs84", "gcj02" or "bd09": in which the coordinates are; never guessed.
    crs : coordinate system of the coordinates, such as "EPSG:2326"; WGS-84 degrees if not given.
    encoding : text encoding such as "gbk"; found if not given.
    columns : source column -> field, for columns that are not recognised; "ignore" leaves one out.
    default_type : facility type where neither a column nor the name tells; "other" if not given.

    Returns
    -------
    (n,) GeoDataFrame with the columns of ``FACILITIES`` and points, EPSG:4326; a row that needs
    a location has none.

    Raises
    ------
    DataError : if no row can be used; says why. :func:`check` tells everything.
    ParameterError : if an option is unknown.
    """
    options = Options(datum, crs, encoding, columns, default_type)
    reading = read_table(path, FACILITIES, options)
    if reading.report.outcome == "refused":
        raise DataError(f"{reading.report.file}: {reading.report.refusal}")
    return reading.frame


def check(  # noqa: PLR0913 (each option is a word that an office says)
    path: str | Path,
    *,
    table: Table = FACILITIES,
    datum: str = "wgs84",
    crs: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    default_type: str | None = None,
) -> Report:
    """Tell what reading a file would keep, and everything doubtful about it.

    Never raises on bad data: a file that cannot be used at all is a report too.

    Parameters
    ----------
    path : the file.
    table : what it is read as: ``FACILITIES``, ``DEMAND``, ``AREAS``, ``CANDIDATES`` or
        ``EXCLUSIONS``.
    datum, crs, encoding, columns, default_type : as in :func:`read_facilities`.

    Raises
    ------
    ParameterError : if an option is unknown.
    """
    options = Options(datum, crs, encoding, columns, default_type)
    return read_table(path, table, options).report


def read_table(path: str | Path, table: Table, options: Options | None = None) -> Reading:
    """Read a file as one of geomap's tables, in a process of its own that can do little else.

    Time, memory and everything else that process may use are limited: see
    :mod:`geomap.data.sandbox`. Threads may call this at the same time.

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
    from geomap.data.sandbox.readers import READERS

    READERS.start()  # it gets ready while this process imports what it needs
    from geomap.data.sandbox import client

    path, options = Path(path), options or Options()
    if table is not DEMAND:
        return client.read(path, table, options)
    from geomap.data.grids import as_cells, read_raster
    from geomap.data.rasters.geotiff import is_geotiff

    if is_geotiff(path):
        return read_raster(path, options)
    return as_cells(client.read(path, table, options), options)
