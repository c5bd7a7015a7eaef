"""What goes into reading a file, and what comes out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geomap.data.files.findings.report import Report


@dataclass(frozen=True)
class Reading:
    """A file read: the rows kept as a frame of the table, and the report."""

    frame: gpd.GeoDataFrame
    report: Report


@dataclass(frozen=True)
class Options:
    """What an office may say about its file; see :func:`geomap.data.reading.read_facilities`."""

    datum: str = "wgs84"
    crs: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] | None = None
    default_type: str | None = None
    cell_m: float | None = dataclasses.field(default=None, kw_only=True)
    today: date = dataclasses.field(default_factory=date.today)
