"""Where divisions are, by the institutions that carry their name in OpenStreetMap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layer_steps.osm import county_codes

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Points = Mapping[str, list[shapely.Point]]

OFFICE = re.compile(r"(?:人民)?政府(?:办公楼)?$|(?<=街道)办事处$")
#: What a township has one of, in its main settlement.
INSTITUTION = re.compile(
    r"(?:中心)?(?:卫生院|社区卫生服务中心|派出所|司法所|法庭|税务所|工商所|财政所|国土所|供电所|邮政所|邮政支局"
    r"|小学|中学|初中|初级中学|中心学校|中心校|幼儿园|便民中心|便民服务中心|文化站|敬老院|农商银行|信用社|农村信用社)$"
)
SAME_PLACE_M = 3_000
_DEGREE_M = 111_200
_NAMED_AFTER_OFFICE = ("bicycle_rental", "park")


def named_points(
    objects: gpd.GeoDataFrame,
    divisions: pd.DataFrame,
    pattern: re.Pattern[str],
    ground: Callable[[str], tuple[str, ...]],
) -> Points:
    """Find the objects that are called after a division on whose ground they stand.

    Parameters
    ----------
    objects : objects of OpenStreetMap.
    divisions : (n,) code and name.
    pattern : what follows the division's name in the object's name.
    ground : gives the beginnings of the county codes of a division.

    Returns
    -------
    The points of such objects by division code.
    """
    ends = objects["name"].str.contains(pattern)
    picked = objects[ends & ~objects["kind"].isin(_NAMED_AFTER_OFFICE)]
    names = picked["name"].str.replace(pattern, "", regex=True)
    counties = county_codes(picked.geometry).fillna("")
    index: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for code, name in zip(divisions["code"], divisions["name"], strict=True):
        index[name].append((code, ground(code)))
    found: dict[str, list[shapely.Point]] = defaultdict(list)
    for name, county, point in zip(names, counties, picked.geometry, strict=True):
        for code in _named_at_end(name, county, index):
            found[code].append(point)
    return found


def _named_at_end(
    name: str, county: str, index: Mapping[str, list[tuple[str, tuple[str, ...]]]]
) -> list[str]:
    """Give the divisions there with whose name a text ends, by the longest name."""
    for start in range(len(name) - 1):
        codes = [code for code, area in index.get(name[start:], ()) if county.startswith(area)]
        if codes:
            return codes
    return []


def one_place(points: Iterable[shapely.Point]) -> shapely.Point | None:
    """Give the first of points that all lie near it, None where they do not, or are none."""
    points = list(points)
    if not points:
        return None
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    east = (lon - lon[0]) * np.cos(np.radians(lat[0]))
    near = np.hypot(east, lat - lat[0]) * _DEGREE_M <= SAME_PLACE_M
    return points[0] if near.all() else None
