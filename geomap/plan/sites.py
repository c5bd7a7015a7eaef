"""Where the facilities of a frame serve from, and where people live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from geomap.errors import DataError
from geomap.model.crs import to_geographic
from geomap.model.facility import NOT_OPEN

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]
    Mask = NDArray[np.bool_]

_POLE_DEG = 90
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Sites:
    """The facilities that serve.

    Parameters
    ----------
    lon, lat : (k,) degrees.
    serving : (m,) which rows of the frame they are.
    not_in_service, without_place : how many rows were left out: closed, planned or being built
        (an unstated status is not taken for closed); or without a location.
    """

    lon: Floats
    lat: Floats
    serving: Mask
    not_in_service: int
    without_place: int

    @classmethod
    def of(cls, facilities: gpd.GeoDataFrame) -> Sites:
        """Find them.

        Raises
        ------
        CRSError : if the frame states no coordinate system.
        DataError : if a geometry is not a Point, or no place on earth.
        """
        open_ = ~out_of_service(facilities)
        (lon, lat), placed = point_places(facilities)
        serving = open_ & placed
        return cls(
            lon[serving], lat[serving], serving, int((~open_).sum()), int((open_ & ~placed).sum())
        )


def out_of_service(facilities: pd.DataFrame) -> Mask:
    """Mark those closed, planned or being built; an unstated status is not taken for closed."""
    if "status" not in facilities:
        return np.zeros(len(facilities), dtype=bool)
    shut: Mask = facilities["status"].isin(NOT_OPEN).to_numpy(dtype=bool)
    return shut


def has_geometry(frame: gpd.GeoDataFrame) -> Mask:
    """Mark the rows that have a geometry; an empty one is none."""
    there: Mask = (frame.geometry.notna() & ~frame.geometry.is_empty).to_numpy(dtype=bool)
    return there


def homes_of(demand: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Give longitude and latitude of each row: of a point, else of a point inside; NaN: missing.

    Raises
    ------
    CRSError : if the frame states no accepted coordinate system.
    DataError : if a row is no place on earth.
    """
    import shapely

    shapes = to_geographic(demand).geometry.to_numpy()
    shapes = np.asarray(np.where(shapely.is_empty(shapes), None, shapes), dtype=object)
    spread = shapely.get_type_id(shapes) > shapely.GeometryType.POINT
    grounds = shapes.copy()
    grounds[~spread] = None
    require_on_earth(grounds, "rows")
    shapes[spread] = shapely.point_on_surface(shapes[spread])
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
    require_points_on_earth(np.arange(len(shapes)), lon, lat, "rows")
    return lon, lat


def point_places(frame: gpd.GeoDataFrame) -> tuple[tuple[Floats, Floats], Mask]:
    """Give the longitude and latitude of a frame of points, and which rows have a place.

    Raises
    ------
    CRSError : if the frame states no coordinate system.
    DataError : if a geometry is not a Point, or no place on earth.
    """
    import shapely

    points = to_geographic(frame).geometry.to_numpy()
    there = ~(shapely.is_missing(points) | shapely.is_empty(points))
    wrong = there & (shapely.get_type_id(points) != shapely.GeometryType.POINT)
    if not wrong.any():
        lon, lat = np.full((2, len(points)), np.nan)
        lon[there], lat[there] = shapely.get_coordinates(points[there]).T
        wrong = there & ~(np.isfinite(lon) & (np.abs(lat) <= _POLE_DEG))
        if not wrong.any():
            return (lon, lat), there
    first = int(np.flatnonzero(wrong)[0])
    raise DataError(
        f"each row must be a Point on earth, got {points[first].wkt[:80]} at position {first} and"
        f" {wrong.sum() - 1} more like it: give points, or the system of the coordinates (crs=)"
    )


def require_on_earth(shapes: Geometries, what: str) -> None:
    """Refuse geometries in degrees that lie nowhere, beyond a pole or at no number.

    Raises
    ------
    DataError : naming the rows by position.

    Examples
    --------
    >>> import shapely
    >>> require_on_earth(shapely.box([0, 100], 85, [1, 110], [86, 95]), "areas")
    Traceback (most recent call last):
    ...
    geomap.errors.DataError: areas must lie on earth, got no place on earth at position 1: \
latitudes reach from -90 to 90; name the system of the coordinates (crs=)
    """
    import shapely

    points, row = shapely.get_coordinates(shapes, return_index=True)
    fine = np.isfinite(points[:, 0]) & (np.abs(points[:, 1]) <= _POLE_DEG)
    if not fine.all():
        _nowhere(np.unique(row[~fine]), what)


def require_points_on_earth(rows: Ints, lon: Floats, lat: Floats, what: str) -> None:
    """Refuse points as :func:`require_on_earth` does; one without coordinates (NaN) is missing.

    Raises
    ------
    DataError : naming the rows by position.
    """
    wrong = np.isinf(lon) | (np.abs(lat) > _POLE_DEG)
    if wrong.any():
        _nowhere(rows[wrong], what)


def _nowhere(rows: Ints, what: str) -> NoReturn:
    named = ", ".join(map(str, rows[:_NAMED]))
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    raise DataError(
        f"{what} must lie on earth, got no place on earth at position {named}{more}: latitudes "
        "reach from -90 to 90; name the system of the coordinates (crs=)"
    )


def groups_of(types: pd.Series | None, size: int) -> tuple[pd.Index, list[Mask]]:
    """Group rows that are to be merged: by type, those without one last; without types, all.

    Parameters
    ----------
    types : (size,) the type of each row, which may be missing; None to take all as one.
    size : how many rows there are.

    Returns
    -------
    The label of each group, and which rows are of it; no group where there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> labels, rows = groups_of(pd.Series(["b", None, "a"]), 3)
    >>> labels.tolist(), [each.tolist() for each in rows]
    (['a', 'b', nan], [[False, False, True], [True, False, False], [False, True, False]])
    """
    import pandas as pd

    if types is None:
        every = [np.ones(size, dtype=bool)] if size else []
        return pd.RangeIndex(len(every)), every
    code, labels = pd.factorize(types, sort=True)
    names, masks = list(labels), [code == nth for nth in range(len(labels))]
    if (code < 0).any():
        names.append(np.nan)
        masks.append(code < 0)
    return pd.Index(names, name="type", dtype="str"), masks
