"""Streets, as far as objects of OpenStreetMap are named after them: 大成路11号院, 解放路小学.

Lines of streets are in no package, so a street is known by the points of what stands on it. Names
give the street at their beginning, behind a division or in brackets, and sometimes the number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from geomap.model.addresses import STREET
from layer_steps.osm import county_codes

if TYPE_CHECKING:
    import geopandas as gpd

#: What begins a name, or stands in brackets behind one, and goes no further than a street does.
_NAMED = re.compile(
    rf"(?:^|[（(\s]|[市区县镇乡])(?P<road>{STREET})(?:(?P<number>\d{{1,4}})(?=[号弄院]))?"
)
#: 文化路街道 is a division, 滨海商业街 a shopping mile far from any street of that name.
_OTHER = re.compile(r"^(?:道|社区|商业)")
_GRID = 1e-5  # degrees, about 1 m


def read_streets(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pick the objects that say on which street they stand: id, name (of the street), number."""
    text = objects["simplified"]
    found = text.str.extract(_NAMED)
    rest = pd.Series(
        [_behind(name, road) for name, road in zip(text, found["road"], strict=True)],
        index=objects.index,
    )
    named = objects[found["road"].notna() & ~rest.str.contains(_OTHER)]
    named = named.drop_duplicates("osm_id")
    codes = county_codes(named.geometry).dropna()
    named = named.loc[codes.index]
    points = shapely.set_precision(named.geometry.to_numpy(), _GRID, mode="pointwise")
    frame = named.assign(
        id="osm-" + named["osm_id"],
        name=found["road"],
        number=found["number"].astype("Int64"),
        adcode=codes,
    ).set_geometry(points, crs=named.crs)
    frame = frame.sort_values(["adcode", "name", "number", "id"], ignore_index=True)
    frame = frame.drop_duplicates(["adcode", "name", "number", "geometry"], ignore_index=True)
    return frame[["id", "name", "number", "adcode", "geometry"]]


def _behind(name: str, road: object) -> str:
    """Give what follows the street in a name."""
    return name.partition(road)[2] if isinstance(road, str) else ""
