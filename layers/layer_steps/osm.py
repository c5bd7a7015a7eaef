"""Objects of OpenStreetMap: the extract of China in the package geopi, class and name only.

The package's README says that its points were converted to GCJ-02. They were not. Of the objects
that stand both in china_poi.shp and in the unconverted extract that the package carries too
(gis_osm_pois_free_1.shp), 130,127 have the same coordinates to the last digit; and the Canton
Tower, for one, stands at 113.3192 E 23.1090 N, its place in WGS-84 (in GCJ-02: 113.3245, 23.1065).
`check_datum` repeats the second proof at each build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import opencc
import pandas as pd
import pyogrio
import shapely

from geomap.data.divisions import locate, read_areas
from geomap.model.crs import GEOGRAPHIC

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from layer_steps.packages import Package

_FILE = "geopi/data/city_shp/china_poi"
#: Well-known objects, and where they are in WGS-84 by their encyclopedia articles (degrees).
_KNOWN = {
    "天安门": (116.3913, 39.9073),
    "广州塔": (113.3189, 23.1089),
    "大雁塔": (108.9595, 34.2198),
}
OFFSHORE_DEGREES = 0.1  # about 10 km
FRONTIER_DEGREES = 0.0005  # about 50 m
#: Beginnings of the codes of counties beside which other countries lie, not only the sea.
FRONTIER = ("15", "2106", "22", "23", "450681", "4510", "4514", "53", "54", "62", "65")
_NEAR_DEGREES = 0.002
MEDICAL = ("hospital", "clinic", "doctors")
RESIDENTIAL = ("residential",)
_MICRODEGREES = 6
# Hong Kong's and Macao's names carry both scripts; a name is cut at 100 bytes by the extract.
_CUT_BYTES = 98


def read_objects(geopi: Package) -> gpd.GeoDataFrame:
    """Read all named objects: osm_id, kind, name, simplified (the name in simplified script)."""
    folder = geopi.unpack(_FILE, (".shp", ".shx", ".dbf", ".prj", ".cpg"))
    path = folder / "china_poi.shp"
    objects = pyogrio.read_dataframe(path, columns=["osm_id", "fclass", "name"], use_arrow=True)
    objects = objects.rename(columns={"fclass": "kind"}).dropna(subset=["name"])
    names = objects["name"].str.replace(r"\s+", " ", regex=True).str.strip()
    simplified = opencc.OpenCC("t2s").convert("\n".join(names)).split("\n")
    objects = objects.assign(name=names, simplified=simplified)
    check_datum(objects)
    return objects.set_crs(GEOGRAPHIC, allow_override=True).reset_index(drop=True)


def check_datum(objects: gpd.GeoDataFrame) -> None:
    """Refuse objects that are not where they are in WGS-84."""
    for name, (lon, lat) in _KNOWN.items():
        found = objects.loc[objects["name"] == name].geometry
        off = np.hypot(found.x - lon, found.y - lat)
        if not (off < _NEAR_DEGREES).any():
            raise SystemExit(f"{name} is not at {lon}, {lat}: the extract is not in WGS-84")


def cut_names(names: pd.Series) -> pd.Series:
    """Mark the names that the extract cut off."""
    return names.str.encode("utf-8").str.len() >= _CUT_BYTES


def read_hospitals(objects: gpd.GeoDataFrame, care: set[str]) -> gpd.GeoDataFrame:
    """Pick hospitals, clinics and doctors, without the care facilities named `care`."""
    medical = objects[objects["kind"].isin(MEDICAL) & ~objects["osm_id"].isin(care)]
    medical = medical.sort_values("kind", key=lambda kinds: kinds.map(MEDICAL.index), kind="stable")
    return _points(medical.drop_duplicates("osm_id"), ["id", "name", "kind", "adcode"])


def read_residential(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pick the named residential areas."""
    homes = objects[objects["kind"].isin(RESIDENTIAL)].drop_duplicates("osm_id")
    return _points(homes, ["id", "name", "adcode"])


def _points(objects: gpd.GeoDataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    """Name, locate and order objects: neighbours on the ground are neighbours in the file.

    Objects outside China, which the extract has along the frontier, are left out.
    """
    codes = county_codes(objects.geometry).dropna()
    objects = objects.loc[codes.index]
    points = objects.geometry
    rounded = shapely.set_precision(points.to_numpy(), 10.0**-_MICRODEGREES, mode="pointwise")
    frame = objects.assign(id="osm-" + objects["osm_id"], adcode=codes).set_geometry(
        rounded, crs=points.crs
    )
    order = np.lexsort((frame["id"].to_numpy(), morton(points.x.to_numpy(), points.y.to_numpy())))
    return frame[[*columns, "geometry"]].iloc[order].reset_index(drop=True)


def county_codes(points: gpd.GeoSeries, *, all_in_china: bool = False) -> pd.Series:
    """Name the county of each point, missing where it lies outside China.

    The polygons are simplified: piers, reclaimed land and small islands lie outside them. So a
    point in none takes the nearest within `OFFSHORE_DEGREES` at the coast, and within
    `FRONTIER_DEGREES` where that county borders on another country and the source does not say
    that all points are in China.
    """
    codes = pd.Series(locate(points.x, points.y), index=points.index, dtype="str")
    outside = points[codes.isna()]
    counties = read_areas("county")
    (rows, areas), away = counties.sindex.nearest(
        outside, return_all=False, max_distance=OFFSHORE_DEGREES, return_distance=True
    )
    nearest = counties["adcode"].iloc[areas]
    at_home = ~nearest.str.startswith(FRONTIER) | (away <= FRONTIER_DEGREES) | all_in_china
    codes.loc[outside.index[rows[at_home]]] = nearest[at_home].to_numpy()
    return codes


def morton(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Give places their order along a Z-shaped curve: 16 bits an axis, interleaved."""
    west, east, south, north = 70.0, 140.0, 0.0, 60.0
    x = np.clip((lon - west) / (east - west), 0, 1) * (2**16 - 1)
    y = np.clip((lat - south) / (north - south), 0, 1) * (2**16 - 1)
    return _spread(x.astype(np.uint64)) | (_spread(y.astype(np.uint64)) << np.uint64(1))


def _spread(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Put a zero between every two of 16 bits."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits
