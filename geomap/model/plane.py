"""The equal-area plane in which areas are cut and measured, turned to where the data lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geomap.errors import DataError
from geomap.model import upright
from geomap.model.crs import to_equal_area, together
from geomap.model.geodesy import geodesic_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    Geometries = NDArray[np.object_]

_CHINA_DEG = 105.0
#: An edge this long, some 2 km, bends by less than 0.1 m in the plane.
_STRAIGHT_DEG = 0.02
#: Farther from its meridian than this the plane comes near its seam.
_NEAR_DEG = 120.0
_STEP_DEG, _SURE = 0.01, 1.001


@dataclass(frozen=True)
class EqualAreaPlane:
    """Albers' equal-area plane about a meridian; areas are right in it wherever it is turned.

    Parameters
    ----------
    meridian_deg : where the plane is least distorted; its seam lies on the other side of the
        earth. 105 is :data:`~geomap.model.crs.EQUAL_AREA`.
    """

    meridian_deg: float = _CHINA_DEG

    @classmethod
    def around(cls, lon: ArrayLike) -> EqualAreaPlane:
        """Choose the plane for some longitudes: China's where it serves, else about their middle.

        Examples
        --------
        >>> EqualAreaPlane.around([73.5, 135.0, 180.0, -179.5]).meridian_deg
        105.0
        >>> round(EqualAreaPlane.around([-47.0, -46.0]).meridian_deg, 1)
        -46.5
        """
        east = np.asarray(lon, dtype=np.float64)
        east = east[np.isfinite(east)]
        if (np.abs(_turned(east, _CHINA_DEG)) <= _NEAR_DEG).all():
            return cls()
        return cls(float(np.degrees(np.angle(np.exp(1j * np.radians(east)).mean()))))

    @classmethod
    def serving(cls, polygons: Geometries, what: str) -> EqualAreaPlane:
        """Choose the plane for polygons in degrees, each of which must lie whole in it.

        Raises
        ------
        DataError : if one reaches across the seam of the plane, as one all round the earth does:
            it would be torn there, and its area wrong.

        Examples
        --------
        >>> EqualAreaPlane.serving(np.array([shapely.box(-180, -90, 180, 90)]), "areas")
        Traceback (most recent call last):
        ...
        geomap.errors.DataError: areas must each lie on one side of 75 W, where the equal-area \
plane ends, got position 0 on both: divide it there
        """
        plane = cls.around(shapely.bounds(polygons)[:, [0, 2]])
        wide = np.flatnonzero(plane._torn(polygons))
        parts, owner = shapely.get_parts(polygons[wide], return_index=True)
        torn = wide[np.unique(owner[plane._torn(parts)])]
        if torn.size:
            seam = (plane.meridian_deg + 360) % 360 - 180
            raise DataError(
                f"{what} must each lie on one side of {abs(seam):.4g} {'W' if seam < 0 else 'E'}, "
                f"where the equal-area plane ends, got position "
                f"{', '.join(map(str, torn[:5]))} on both: divide it there"
            )
        return plane

    def _torn(self, polygons: Geometries) -> NDArray[np.bool_]:
        """Mark polygons that reach across the seam, by their boxes."""
        west, _, east, _ = shapely.bounds(polygons).T
        first, last = (np.floor((each - self.meridian_deg + 180) / 360) for each in (west, east))
        # A border on the seam itself is on its near side.
        last -= (east - self.meridian_deg + 180) % 360 == 0
        torn: NDArray[np.bool_] = first < last
        return torn

    def flatten(self, geometries: Geometries, *, divided: bool = False) -> Geometries:
        """Project geometries from longitude and latitude.

        Edges are taken as straight in longitude and latitude, as GeoJSON means them, so long ones
        are divided first, unless they are known to be short.

        Parameters
        ----------
        geometries : (n,) in :data:`~geomap.model.crs.GEOGRAPHIC`; None stays None.
        divided : no edge is longer than about 2 km.

        Returns
        -------
        (n,) new geometries, metres; areas are right to 0.005 %.

        Examples
        --------
        >>> square = np.array([shapely.box(105, 35, 106, 36)])
        >>> round(EqualAreaPlane().flatten(square)[0].area / 1e6, 1)
        10066.3
        """
        short = geometries.copy() if divided else shapely.segmentize(geometries, _STRAIGHT_DEG)
        return self._moved(short, self.project(*shapely.get_coordinates(short).T))

    def unflatten(self, geometries: Geometries) -> Geometries:
        """Take geometries of the plane back to longitude and latitude."""
        x, y = shapely.get_coordinates(geometries).T
        lon, lat = to_equal_area().transform(x, y, direction="INVERSE")
        return self._moved(
            geometries.copy(), (lon + self.meridian_deg - _CHINA_DEG, np.asarray(lat))
        )

    def project(self, lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Project (n,) degrees to x and y, metres."""
        lon, lat = together(lon, lat)
        x, y = to_equal_area().transform(_turned(lon, self.meridian_deg) + _CHINA_DEG, lat)
        return np.asarray(x), np.asarray(y)

    def stretch(self, south: float, north: float) -> float:
        """Give the most by which lengths between two latitudes grow or shrink in the plane.

        Examples
        --------
        >>> round(EqualAreaPlane().stretch(18, 54), 2)
        1.04
        """
        lat = np.clip(np.linspace(south, north, 65), -89.0, 89.0)
        here, there = lat - _STEP_DEG / 2, lat + _STEP_DEG / 2
        x, y = self.project(self.meridian_deg, np.concatenate([here, there]))
        length_m = np.hypot(x[65:] - x[:65], y[65:] - y[:65])
        scale = length_m / geodesic_m(self.meridian_deg, here, self.meridian_deg, there)
        return float(np.maximum(scale, 1 / scale).max()) * _SURE

    @staticmethod
    def _moved(geometries: Geometries, xy: tuple[FloatArray, FloatArray]) -> Geometries:
        moved: Any = shapely.set_coordinates(geometries, np.column_stack(xy))
        return np.asarray(moved, dtype=object)


def _turned(lon: FloatArray, meridian_deg: float) -> FloatArray:
    """Count longitudes from a meridian, -180 to 180."""
    turned: FloatArray = lon - meridian_deg
    if turned.size and (turned.min() < -180 or turned.max() > 180):  # noqa: PLR2004 (half a turn)
        turned = (turned + 180) % 360 - 180
    return turned


def polygonal(geometries: Geometries) -> Geometries:
    """Repair polygons, and leave out what is no ground: lines and points.

    Parameters
    ----------
    geometries : (n,) any geometries; None stays None.

    Returns
    -------
    (n,) valid Polygons and MultiPolygons, empty where there is no ground.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> polygonal(np.array([bow_tie, None]))[0].area
    2.0
    """
    whole = np.array(geometries, dtype=object)
    broken = ~(upright.is_valid(whole) | shapely.is_missing(whole))
    whole[broken] = upright.make_valid(whole[broken])
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    other = ~(np.isin(shapely.get_type_id(whole), kinds) | shapely.is_missing(whole))
    for row in np.flatnonzero(other):
        parts = shapely.get_parts(whole[row])
        whole[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004 (ground)
    return whole
