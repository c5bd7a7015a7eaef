"""Points of a frame as two columns of numbers: each becomes a shape when it is asked for.

400,000 shapes take 80 MB, their coordinates 6 MB; and who shows ten rows needs ten shapes.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from geopandas.array import GeometryArray

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]

#: A point in WKB: byte order 1, kind 1, and two numbers of eight bytes, all little-endian.
_WKB_BYTES = 21
_WKB_POINT = bytes([1, 1, 0, 0, 0])


class PointArray(GeometryArray):  # type: ignore[misc]  # geopandas is untyped
    """A geometry column of points, made when asked for; what is made of all is not kept.

    A part of it, and whatever is computed from it, is an ordinary geometry array. It is not to
    be changed.

    Parameters
    ----------
    lon, lat : (n,) degrees; NaN where a row has no point.
    crs : what geopandas takes for one.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries(PointArray(np.array([121.5, np.nan]), np.array([25.1, np.nan])))
    >>> str(points[0]), points[1]
    ('POINT (121.5 25.1)', None)
    """

    def __init__(self, lon: Floats, lat: Floats, crs: object = None) -> None:
        self.lon, self.lat = lon, lat
        self._crs = self._sindex = None
        self.crs = crs

    @property
    def _data(self) -> npt.NDArray[np.object_]:
        return shaped(self.lon, self.lat)

    @property
    def shape(self) -> tuple[int]:
        """How many rows there are."""
        return self.lon.shape

    @property
    def nbytes(self) -> int:
        """The bytes of the coordinates."""
        return int(self.lon.nbytes + self.lat.nbytes)

    def __len__(self) -> int:
        return int(self.lon.size)

    def __getitem__(self, idx: Any) -> Any:  # noqa: ANN401 (whatever selects rows)
        """Make the points that are asked for."""
        from pandas.api.indexers import check_array_indexer

        if isinstance(idx, Integral):
            return shaped(self.lon[idx : idx + 1 or None], self.lat[idx : idx + 1 or None])[0]
        if isinstance(idx, slice) and idx == slice(None):
            return self
        idx = check_array_indexer(self, idx)
        return GeometryArray(shaped(self.lon[idx], self.lat[idx]), crs=self.crs)

    def take(
        self,
        indices: npt.ArrayLike,
        allow_fill: bool = False,  # noqa: FBT001, FBT002 (pandas' own)
        fill_value: object = None,
    ) -> GeometryArray:
        """Make the points of some rows; -1 is no row where `allow_fill`."""
        rows = np.asarray(indices, dtype=np.intp)
        if not len(self) or (allow_fill and fill_value is not None):
            return super().take(rows, allow_fill=allow_fill, fill_value=fill_value)
        lon, lat = self.lon[rows], self.lat[rows]
        if allow_fill:
            lon = np.where(rows < 0, np.nan, lon)
        return GeometryArray(shaped(lon, lat), crs=self.crs)

    def isna(self) -> npt.NDArray[np.bool_]:
        """Mark the rows that have no point."""
        missing: npt.NDArray[np.bool_] = np.isnan(self.lon)
        return missing

    def copy(self, *_: object, **__: object) -> PointArray:
        """Give itself: it does not change."""
        return self

    def __setitem__(self, key: object, value: object) -> None:
        raise TypeError("a PointArray is not to change: take GeoSeries(shapes) of its shapes")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return PointArray, (self.lon, self.lat, self.crs)


def points_of_wkb(written: pa.Array, crs: object) -> PointArray | None:
    """Read points from WKB, without a shape for each; None where other shapes are among them.

    Parameters
    ----------
    written : (n,) WKB, null where a row has no point.
    crs : what geopandas takes for one.
    """
    import pyarrow.compute as pc

    there = written.is_valid().to_numpy(zero_copy_only=False)
    known = written.drop_null() if written.null_count else written
    lengths = pc.binary_length(known).to_numpy(zero_copy_only=False)
    if (lengths != _WKB_BYTES).any():
        return None
    record = np.dtype([("kind", "S5"), ("lon", "<f8"), ("lat", "<f8")])
    points = np.frombuffer(b"".join(known.to_pylist()), dtype=record)
    if (points["kind"] != _WKB_POINT.rstrip(b"\0")).any() or not np.isfinite(points["lon"]).all():
        return None
    lon, lat = np.full((2, len(written)), np.nan)
    lon[there], lat[there] = points["lon"], points["lat"]
    return PointArray(lon, lat, crs)


def shaped(lon: Floats, lat: Floats) -> npt.NDArray[np.object_]:
    """Make points; None where the longitude is NaN."""
    shapes = np.full(lon.shape, None, dtype=object)
    there = ~np.isnan(lon)
    shapes[there] = shapely.points(lon[there], lat[there])
    return shapes
