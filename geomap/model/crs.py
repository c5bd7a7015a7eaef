"""Coordinate systems: which are accepted, and how their coordinates become WGS-84.

The only module that holds EPSG codes and uses pyproj. Text from users never reaches PROJ: it is
matched by a strict pattern, and its code by the list in :data:`ACCEPTED`. Axes are always
east, north (longitude, latitude), as in geopandas.

PROJ left to itself turns a datum that it has no parameters for into WGS-84 by a "ballpark"
shift of nothing, 20-110 m off for Beijing 1954 and 850 m for TWD67, without a word. So each
datum here names its own shift and what that is known to be worth, in :data:`DATUMS`.
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
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
class Datum:
    """How longitude and latitude on one geodetic datum become those on WGS-84.

    ``accuracy_m`` is what the result is worth, None where nobody published parameters; ``shift``
    is a PROJ step between geocentric coordinates, from ``ellipsoid``, "" where there is none.
    """

    en: str
    zh: str
    accuracy_m: float | None
    ellipsoid: str = ""
    shift: str = ""


#: By the EPSG code of their geographic CRS. Parameters and accuracies are those of the EPSG
#: operations named, but for CGCS2000 (the plates moved less than 1 m since 2000), TWD67 (in
#: common use in Taiwan; within 7 m of the affine formula of Academia Sinica) and Beijing 1954
#: (six sets are published, each for one basin: anywhere in China within 50 m of the one used).
#: Parameters of Xian 1980 were never published: it is left unshifted, 100 m off or so.
DATUMS: Final[Mapping[int, Datum]] = {
    4326: Datum("WGS 84", "WGS 84", 0.0),
    4490: Datum("CGCS2000", "CGCS2000", 1.0),
    4610: Datum("Xian 1980", "西安80", None),
    4214: Datum(
        "Beijing 1954", "北京54", 50.0, "krass", "+proj=helmert +x=15.8 +y=-154.4 +z=-82.3"
    ),  # EPSG:15921
    4611: Datum(
        "Hong Kong 1980", "香港1980", 1.0, "intl",
        "+proj=helmert +x=-162.619 +y=-276.959 +z=-161.764 +rx=-0.067753 +ry=2.243648 "
        "+rz=1.158828 +s=-1.094246 +convention=coordinate_frame",
    ),  # EPSG:1825
    8427: Datum("Hong Kong Geodetic CS", "香港大地坐标系", 1.0),
    8428: Datum(
        "Macao 1920", "澳门1920", 1.0, "intl",
        "+proj=molobadekas +x=-202.865 +y=-303.99 +z=-155.873 +rx=-34.079 +ry=76.126 +rz=32.66 "
        "+s=6.096 +px=-2361554.788 +py=5417536.177 +pz=2391608.926 +convention=coordinate_frame",
    ),  # Macao 1920 to WGS 84 (1)
    8431: Datum("Macao 2008", "澳门2008", 1.0),
    3824: Datum("TWD97", "TWD97", 1.0),
    3821: Datum("TWD67", "TWD67", 7.0, "aust_SA", "+proj=helmert +x=-752 +y=-358 +z=-179"),
    4757: Datum("SVY21", "新加坡SVY21", 1.0),
    6668: Datum("JGD2011", "日本JGD2011", 1.0),
    4612: Datum("JGD2000", "日本JGD2000", 1.0),
    4301: Datum(
        "Tokyo", "日本旧东京测地系", 9.0, "bessel",
        "+proj=helmert +x=-146.414 +y=507.337 +z=680.507",
    ),  # EPSG:15484
    4737: Datum("KGD2002", "韩国KGD2002", 1.0),
    4258: Datum("ETRS89", "欧洲ETRS89", 1.0),
    4269: Datum("NAD83", "北美NAD83", 4.0),
    4674: Datum("SIRGAS 2000", "南美SIRGAS 2000", 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class DatumName:
    """What a datum is called in definitions, without case and punctuation; and if it is shifted."""

    names: frozenset[str]
    shifted: bool


def _names(code: int, *names: str) -> tuple[int, DatumName]:
    datum = DATUMS[code]
    plain = "".join(char for char in datum.en.casefold() if char.isalnum())
    return code, DatumName(frozenset({plain, *names}), bool(datum.shift))


#: By the EPSG code of the datum's geographic CRS: how ESRI, GDAL, EPSG and offices call it.
DATUM_NAMES: Final[Mapping[int, DatumName]] = dict([
    _names(4326, "wgs1984", "worldgeodeticsystem1984", "worldgeodeticsystem1984ensemble"),
    _names(4490, "china2000", "cgcs2000", "chinageodeticcoordinatesystem2000",
           "chinesegeodeticcoordinatesystem2000"),
    _names(4610, "xian80", "xian1980"),
    _names(4214, "beijing54", "beijing1954"),
    _names(4611, "hongkong80"),
    _names(8427, "hongkonggeodetic"),
    _names(8428, "macau1920"),
    _names(8431, "macaogeodeticdatum2008", "macau2008"),
    _names(3824, "twd1997", "taiwandatum1997", "taiwan1997"),
    _names(3821, "twd1967", "taiwandatum1967", "taiwan1967", "hutzushan1950twd67"),
    _names(4757, "svy21wgs84"),
    _names(6668, "japanesegeodeticdatum2011"),
    _names(4612, "japanesegeodeticdatum2000"),
    _names(4301, "tokyo1918"),
    _names(4737, "korea2000", "korean2000", "koreageodeticdatum2002", "koreangeodeticdatum2002",
           "geocentricdatumofkorea"),
    _names(4258, "etrs1989", "europeanterrestrialreferencesystem1989",
           "europeanterrestrialreferencesystem1989ensemble"),
    _names(4269, "northamerican1983", "northamericandatum1983"),
    _names(4674, "sirgas2000", "sistemadereferenciageocentricoparalasamericas2000"),
])  # fmt: skip


@dataclass(frozen=True)
class AcceptedCRS:
    """A coordinate system that files and users may name."""

    code: int
    label: Label
    datum: int

    @property
    def accuracy_m(self) -> float | None:
        """What its conversion to WGS-84 is worth; None: unknown, perhaps off by 100 m."""
        return DATUMS[self.datum].accuracy_m


_ZONES_6, _ZONES_3 = range(13, 24), range(25, 46)
_MERIDIANS_6, _MERIDIANS_3 = range(75, 136, 6), range(75, 136, 3)
_JAPAN = (
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
    "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX",
)  # fmt: skip
#: Projected systems: first code, datum, English and Chinese name after the datum's, and what
#: numbers the series. Systems by zone have the zone in front of the easting, by meridian not.
_PROJECTED: Final[tuple[tuple[int, int, str, str, Sequence[object]], ...]] = (
    (4513, 4490, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (4534, 4490, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (4491, 4490, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (4502, 4490, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2349, 4610, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (2370, 4610, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (2327, 4610, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (2338, 4610, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2401, 4214, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (2422, 4214, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (21413, 4214, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (21453, 4214, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2326, 4611, "Grid System", "方格网", " "),
    (8433, 8428, "Macao Grid", "方格网", " "),
    (3825, 3824, "TM2 zone {}", "二度分带 {}", (119, 121)),
    (3827, 3821, "TM2 zone {}", "二度分带 {}", (119, 121)),
    (3414, 4757, "Singapore TM", "平面", " "),
    (6669, 6668, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (2443, 4612, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (30161, 4301, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (5179, 4737, "Unified CS", "统一平面", " "),
    (5181, 4737, "Central Belt", "中部", " "),
    (5186, 4737, "Central Belt 2010", "中部 2010", " "),
    (3857, 4326, "Pseudo-Mercator", "网络墨卡托", " "),
    (32601, 4326, "UTM zone {}N", "UTM 北{}带", range(1, 61)),
    (32701, 4326, "UTM zone {}S", "UTM 南{}带", range(1, 61)),
    (3035, 4258, "LAEA Europe", "欧洲等积", " "),
    (25828, 4258, "UTM zone {}N", "UTM 北{}带", range(28, 38)),
    (5070, 4269, "Conus Albers", "美国本土等积", " "),
    (31978, 4674, "UTM zone {}S", "UTM 南{}带", range(18, 26)),
)

#: Every coordinate system that may be named, by its EPSG code, in the order of a list to pick from.
ACCEPTED: Final[Mapping[int, AcceptedCRS]] = {
    code: AcceptedCRS(code, Label(f"{datum.zh} 经纬度", datum.en), code)
    for code, datum in DATUMS.items()
} | {
    first + place: AcceptedCRS(
        first + place,
        Label(
            f"{DATUMS[datum].zh} {zh.format(number)}", f"{DATUMS[datum].en} / {en.format(number)}"
        ),
        datum,
    )
    for first, datum, en, zh, numbers in _PROJECTED
    for place, number in enumerate(numbers)
}

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
    The coordinate system, one of :data:`ACCEPTED`.

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


def accepted(code: int) -> AcceptedCRS:
    """Look up an accepted coordinate system by its EPSG code.

    Raises
    ------
    CRSError : if it is not on the list.

    Examples
    --------
    >>> accepted(4548).label.zh, accepted(4548).accuracy_m
    ('CGCS2000 3度带 中央经线117°', 1.0)
    """
    if code not in ACCEPTED:
        raise CRSError(
            f"EPSG:{code} is not among the {len(ACCEPTED)} accepted coordinate systems (WGS 84, "
            "CGCS2000, Xian 1980, Beijing 1954, Hong Kong, Macao, Taiwan, Singapore, Japan, Korea, "
            "UTM and others): reproject the file to EPSG:4326",
            zh=f"EPSG:{code} 不在可接收的 {len(ACCEPTED)} 种坐标系之内（WGS 84、CGCS2000、"
            "西安 80、北京 54、港澳台、新加坡、日本、韩国、UTM 等）：请把文件转为 EPSG:4326",
        )
    return ACCEPTED[code]


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
    CRSError : if its datum is not one of :data:`DATUMS` and PROJ knows no certain way either.
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
    CRSError : if the layer states no system or one without a certain way to WGS-84, or if
        geometries lie where its projection has no inverse.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([832591.32], [820351.389], crs="EPSG:2326")
    >>> to_geographic(gpd.GeoDataFrame(geometry=points)).geometry.x.round(4).tolist()
    [114.1412]
    """
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


@cache
def to_equal_area() -> Transformer:
    """Project from WGS-84 to the equal-area plane."""
    return Transformer.from_crs(GEOGRAPHIC, EQUAL_AREA, always_xy=True)
