"""Coordinate systems: how they are named, and how their coordinates become WGS-84.

The only module that uses pyproj; the codes are those of :mod:`geomap.model.epsg`. Text from users
never reaches PROJ: it is matched by a strict pattern, and its code by the list there. Axes are
always east, north (longitude, latitude), as in geopandas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from geomap.errors import CRSError, ParameterError
from geomap.model.epsg import DATUMS, Datum, accepted

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]

#: What everything is stored in: WGS-84, degrees.
GEOGRAPHIC: Final = "EPSG:4326"
#: The CRS of :func:`geomap.model.geodesy.ecef`: WGS-84 geocentric X, Y, Z, metres.
GEOCENTRIC: Final = "EPSG:4978"
#: Albers for China (25, 47, 105): areas are right everywhere, distances are not.
EQUAL_AREA: Final = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"

#: Geodesics on the WGS-84 ellipsoid.
GEOD: Final = Geod(ellps="WGS84")
_WGS84 = 4326


@dataclass(frozen=True)
class Offered:
    """A system in which places are given to other programs.

    Parameters
    ----------
    uri : its name, http://www.opengis.net/def/crs/...
    code : EPSG code.
    north_first : whether its authority writes the northing, or latitude, first.
    """

    uri: str
    code: int
    north_first: bool


_DEFINED: Final = "http://www.opengis.net/def/crs"
#: What programs may ask for; the first, longitude before latitude, is what they get unasked.
OFFERED: Final = (
    Offered(f"{_DEFINED}/OGC/1.3/CRS84", 4326, north_first=False),
    Offered(f"{_DEFINED}/EPSG/0/4326", 4326, north_first=True),
    Offered(f"{_DEFINED}/EPSG/0/4490", 4490, north_first=True),
    Offered(f"{_DEFINED}/EPSG/0/3857", 3857, north_first=False),
)
_EPSG_TEXT = re.compile(
    r"(?:EPSG:|urn:ogc:def:crs:EPSG:[\d.]{0,9}:|https?://www\.opengis\.net/def/crs/EPSG/0/)?"
    r"([1-9][0-9]{3,4})",
    re.ASCII | re.IGNORECASE,
)
_CRS84_TEXT = re.compile(
    r"(?:OGC:|urn:ogc:def:crs:OGC:[\d.]{0,9}:|https?://www\.opengis\.net/def/crs/OGC/1\.3/)?CRS84",
    re.ASCII | re.IGNORECASE,
)


def parse_crs(text: str | int) -> CRS:
    """Read the name of an accepted coordinate system; nothing of it reaches PROJ but the code.

    Parameters
    ----------
    text : "EPSG:2326", "2326", "urn:ogc:def:crs:EPSG::4490", "CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84" or their http://www.opengis.net/def/crs/ form. CRS84 is
        read as EPSG:4326: the order of axes is longitude, latitude in either.

    Returns
    -------
    The coordinate system, one of :data:`geomap.model.epsg.ACCEPTED`.

    Raises
    ------
    CRSError : if the text has another form or names a system that is not on the list.

    Examples
    --------
    >>> parse_crs("urn:ogc:def:crs:EPSG::2326").name
    'Hong Kong 1980 Grid System'
    >>> parse_crs("+proj=longlat +nadgrids=/a/file")
    Traceback (most recent call last):
    ...
    geomap.errors.CRSError: crs must be an EPSG code such as EPSG:4326 or EPSG:2326, or CRS84, \
got '+proj=longlat +nadgrids=/a/file': give the EPSG code of the file's coordinates
    """
    given = str(text).strip()
    match = _EPSG_TEXT.fullmatch(given)
    code = _WGS84 if _CRS84_TEXT.fullmatch(given) else int(match[1]) if match else None
    if code is None:
        raise CRSError(
            "crs must be an EPSG code such as EPSG:4326 or EPSG:2326, or CRS84, got "
            f"{given[:80]!r}: give the EPSG code of the file's coordinates",
            zh="坐标系须写 EPSG 代码（如 EPSG:4326、EPSG:4548）或 CRS84，"
            f"这里是 {given[:80]!r}：请写明文件坐标的 EPSG 代码",
        )
    return _crs(accepted(code).code)


def describe(code: int) -> dict[str, object]:
    """Write an accepted coordinate system out, as PROJJSON.

    Raises
    ------
    CRSError : if it is not on the list.

    Examples
    --------
    >>> describe(2326)["name"]
    'Hong Kong 1980 Grid System'
    """
    return _crs(accepted(code).code).to_json_dict()


def transform_accuracy_m(code: int) -> float | None:
    """Tell how far off coordinates in a system may be once they are WGS-84.

    Parameters
    ----------
    code : EPSG code of an accepted coordinate system.

    Returns
    -------
    Metres; None if nobody published the parameters of its datum (Xian 1980): then coordinates
    are taken over unshifted, 100 m off or so, which whoever reads the file must be told.

    Raises
    ------
    CRSError : if the code is not on the list.

    Examples
    --------
    >>> transform_accuracy_m(2326), transform_accuracy_m(2414), transform_accuracy_m(2363)
    (1.0, 50.0, None)
    """
    return accepted(code).accuracy_m


def transform_points(
    lon_or_x: ArrayLike, lat_or_y: ArrayLike, from_crs: CRS | str | int
) -> tuple[FloatArray, FloatArray]:
    """Turn coordinates of an accepted coordinate system into WGS-84.

    What the result is worth tells :func:`transform_accuracy_m`.

    Parameters
    ----------
    lon_or_x, lat_or_y : arrays of one shape, or two numbers; degrees or the unit of the system,
        easting first whatever order its definition has.
    from_crs : from :func:`parse_crs`, or a text that it takes.

    Returns
    -------
    lon, lat : new float arrays of that shape, degrees. Both are NaN where a coordinate is
        missing or lies where the projection has no inverse.

    Raises
    ------
    CRSError : if its datum is not one of :data:`geomap.model.epsg.DATUMS` and PROJ knows no
        certain way either.
    ParameterError : if the arrays differ in shape or hold no numbers.

    Examples
    --------
    >>> lon, lat = transform_points([832591.32, 7.0], [820351.389, float("inf")], "EPSG:2326")
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([114.1412, nan], [22.3222, nan])
    """
    crs = from_crs if isinstance(from_crs, CRS) else parse_crs(from_crs)
    x, y = together(lon_or_x, lat_or_y)
    lon, lat = x.ravel(), y.ravel()
    for step in _steps(crs):
        lon, lat = step.transform(lon, lat)
    known = np.isfinite(lon) & np.isfinite(lat)
    return (
        np.where(known, lon, np.nan).reshape(x.shape)[()],
        np.where(known, lat, np.nan).reshape(x.shape)[()],
    )


def to_geographic(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn a layer into WGS-84 longitude and latitude; heights are dropped if it moves.

    Parameters
    ----------
    frame : (n,) any geometries, in a stated coordinate system; missing ones stay missing.

    Returns
    -------
    (n,) new frame in :data:`GEOGRAPHIC`, index and columns kept.

    Raises
    ------
    ParameterError : if the frame has no geometry, as a plain table.
    CRSError : if the layer states no system or one without a certain way to WGS-84, or if
        geometries lie where its projection has no inverse.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([832591.32], [820351.389], crs="EPSG:2326")
    >>> to_geographic(gpd.GeoDataFrame(geometry=points)).geometry.x.round(4).tolist()
    [114.1412]
    """
    # A GeoDataFrame without an active geometry column has no `crs` either.
    if not (hasattr(frame, "columns") and hasattr(frame, "crs")):
        raise ParameterError(
            f"a layer must be a GeoDataFrame with geometry, got {type(frame).__name__}: make one "
            "with geopandas.GeoDataFrame(table, geometry=, crs=)"
        )
    if frame.crs is None:
        raise CRSError("a layer must state its coordinate system, got none: name it (crs=)")
    if not _steps(frame.crs):
        return frame.set_crs(GEOGRAPHIC, allow_override=True)
    moved = shapely.transform(
        frame.geometry.to_numpy(),
        lambda points: np.column_stack(transform_points(points[:, 0], points[:, 1], frame.crs)),
    )
    points, rows = shapely.get_coordinates(moved, return_index=True)
    lost = np.unique(rows[~np.isfinite(points).all(axis=1)])
    if lost.size:
        raise CRSError(
            f"geometries must lie within {frame.crs.name}, got {lost.size} outside, first at "
            f"position {lost[0]}: check which coordinate system the coordinates are in"
        )
    return frame.set_geometry(moved, crs=GEOGRAPHIC)


def is_wgs84(system: CRS) -> bool:
    """Whether a coordinate system is that of :data:`GEOGRAPHIC`."""
    return _code(system) == _WGS84


def require_metric(*frames: gpd.GeoDataFrame) -> None:
    """Refuse frames that are not all in one projected coordinate system in metres.

    Web Mercator is refused as well: its metres are 1.30 m at 40 N.

    Raises
    ------
    CRSError : naming what came.

    Examples
    --------
    >>> import geopandas as gpd
    >>> require_metric(gpd.GeoDataFrame(geometry=[], crs="EPSG:3857"))
    Traceback (most recent call last):
    ...
    geomap.errors.CRSError: layers must be in one projected system in metres, got WGS 84 / \
Pseudo-Mercator: reproject them with to_crs
    """
    systems = [frame.crs for frame in frames]
    fit = all(crs is not None and _is_metric(crs) for crs in systems)
    if not fit or any(crs != systems[0] for crs in systems):
        came = " and ".join(dict.fromkeys("none" if crs is None else crs.name for crs in systems))
        raise CRSError(
            f"layers must be in one projected system in metres, got {came}: "
            "reproject them with to_crs"
        )


def together(*values: ArrayLike) -> list[FloatArray]:
    """Broadcast float arrays; ParameterError if they do not fit together."""
    try:
        return list(np.broadcast_arrays(*(np.asarray(each, np.float64) for each in values)))
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"coordinates must be numbers in arrays of one shape, got {error}"
        ) from error


@cache
def _crs(code: int) -> CRS:
    """Make an accepted system once."""
    return CRS.from_epsg(code)


def _code(crs: CRS) -> int | None:
    """Give the EPSG code of a system if it is certain; that of WGS-84 for CRS84."""
    if crs.to_authority() == ("OGC", "CRS84"):
        return _WGS84
    return crs.to_epsg(min_confidence=100)


@lru_cache(maxsize=64)
def _steps(crs: CRS) -> tuple[Transformer, ...]:
    """Give the steps to WGS-84: off the projection, then over to the datum."""
    base = None if crs.is_bound or crs.geodetic_crs is None else _code(crs.geodetic_crs.to_2d())
    if base is not None and base in DATUMS:
        steps = []
        if _code(crs) != base:
            steps.append(Transformer.from_crs(crs, _crs(base), always_xy=True))
        if DATUMS[base].shift:
            steps.append(Transformer.from_pipeline(_pipeline(DATUMS[base])))
        return tuple(steps)
    try:
        certain = Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise CRSError(
            f"the coordinate system must lead to WGS-84 with certainty, got {crs.name}: "
            "reproject the layer to EPSG:4326 first"
        ) from error
    return (certain,)


def _pipeline(datum: Datum) -> str:
    """Write a datum shift as a PROJ pipeline from degrees to degrees."""
    return (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +ellps={datum.ellipsoid} +step {datum.shift} "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _is_metric(crs: CRS) -> bool:
    """Whether a metre of the system is about a metre on the ground."""
    if not crs.is_projected or crs.coordinate_operation is None:
        return False
    metres = all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)
    return metres and not crs.coordinate_operation.method_name.startswith(("Popular", "Mercator"))


@lru_cache(maxsize=64)
def to_transverse_mercator(meridian_deg: float, scale: float) -> Transformer:
    """Project from WGS-84 to a conformal plane about a meridian, on which lengths are `scale`.

    Away from the meridian they grow by 1 + x² / 2R²: 0.1 % at 285 km.
    """
    plane = f"+proj=tmerc +lat_0=0 +lon_0={meridian_deg:.9f} +k={scale:.9f} +datum=WGS84 +units=m"
    return Transformer.from_crs(GEOGRAPHIC, plane, always_xy=True)


@cache
def to_equal_area() -> Transformer:
    """Project from WGS-84 to the equal-area plane."""
    return Transformer.from_crs(GEOGRAPHIC, EQUAL_AREA, always_xy=True)


def offered_points(
    lon: ArrayLike, lat: ArrayLike, system: Offered
) -> tuple[FloatArray, FloatArray]:
    """Write WGS-84 degrees in a system that is offered, its axes in its authority's order.

    They are not finite where the projection has no place for a point.

    Examples
    --------
    >>> [float(each) for each in offered_points(121.5, 31.0, OFFERED[1])]
    [31.0, 121.5]
    >>> [round(float(each)) for each in offered_points(121.5, 31.0, OFFERED[3])]
    [13525318, 3632749]
    """
    east, north = together(lon, lat)
    if system.code not in DATUMS:  # not in degrees
        east, north = _outward(system.code).transform(east, north)
    return (north, east) if system.north_first else (east, north)


def offered_box(
    box: tuple[float, float, float, float], system: Offered
) -> tuple[float, float, float, float]:
    """Read a box, its axes in the order of a system, as west, south, east, north in degrees.

    They are not finite where a corner lies outside the projection.

    Examples
    --------
    >>> offered_box((31.0, 121.0, 32.0, 122.0), OFFERED[1])
    (121.0, 31.0, 122.0, 32.0)
    """
    corners = (box[1], box[0], box[3], box[2]) if system.north_first else box
    if system.code in DATUMS:
        return corners
    # Beyond 180° the inverse comes round from the other side; a metre is for edges rounded up.
    edge, _ = _outward(system.code).transform(180.0, 0.0)
    x = np.asarray(corners[::2])
    x = np.where(np.abs(x) > edge + 1, np.nan, np.clip(x, -edge, edge))
    lon, lat = transform_points(x, corners[1::2], _crs(system.code))
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


@cache
def _outward(code: int) -> Transformer:
    return Transformer.from_crs(GEOGRAPHIC, _crs(code), always_xy=True)
