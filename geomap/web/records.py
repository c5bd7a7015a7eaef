"""Rows of a facility frame as plain records: unknown is None, dates are dates, lists are lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.model.facility import FACILITIES
from geomap.model.geojson import DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    import pandas as pd

    from geomap.model.table import Field

    Record = dict[str, Any]


def records(rows: gpd.GeoDataFrame) -> list[Record]:
    """Write rows as records of every facility column, plus ``lon`` and ``lat``.

    Parameters
    ----------
    rows : (n,) facility rows in degrees; ``distance_m`` and ``walk_m`` are kept where they stand.

    Returns
    -------
    (n,) records; unknown is None, never nan; ``provenance`` is an object.

    Examples
    --------
    >>> from geomap.model.facility import FACILITIES
    >>> records(FACILITIES.empty())
    []
    """
    columns: dict[str, Sequence[object]] = {
        each.name: _values(rows[each.name], each) for each in FACILITIES.fields
    }
    columns["lon"], columns["lat"] = _coordinates(rows)
    if "distance_m" in rows:
        columns["distance_m"] = [round(float(each), 2) for each in rows["distance_m"]]
    if "walk_m" in rows:
        columns["walk_m"] = rows["walk_m"].tolist()
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def feature(record: Record) -> dict[str, object]:
    """Write a record as an RFC 7946 Feature; geometry is null where the place is not known."""
    lon, lat = record["lon"], record["lat"]
    properties = {name: value for name, value in record.items() if name not in ("lon", "lat")}
    return {
        "type": "Feature",
        "id": record["id"],
        "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def features(rows: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Write rows as RFC 7946 Features."""
    return [feature(each) for each in records(rows)]


def _values(column: pd.Series, field: Field) -> list[object]:
    """Give the values of one column as plain Python, None where unknown."""
    if field.kind == "choices":
        return [list(each) if isinstance(each, (list, np.ndarray)) else None for each in column]
    plain: Iterable[Any] = column.astype(object).where(column.notna(), None)
    if field.kind == "date":
        return [None if each is None else each.date() for each in plain]
    if field.kind == "number":
        return [each if each is not None and np.isfinite(each) else None for each in plain]
    if field.name == "provenance":
        return [None if each is None else json.loads(each) for each in plain]
    return list(plain)


def _coordinates(rows: gpd.GeoDataFrame) -> tuple[Sequence[float | None], Sequence[float | None]]:
    """Give longitudes and latitudes, None without a location."""
    import shapely

    points = np.asarray(rows.geometry)
    axes = []
    for values in (shapely.get_x(points), shapely.get_y(points)):
        rounded = np.round(values, DECIMALS).tolist()
        axes.append([each if np.isfinite(each) else None for each in rounded])
    return axes[0], axes[1]
