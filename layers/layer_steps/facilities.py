"""Elderly-care facilities among the objects of OpenStreetMap.

Four steps, each counted in facilities.toml:

1. candidates: objects of class nursing_home, and objects whose name holds a word of `WORDS`
   (traditional characters read as simplified ones);
2. exclusions: every candidate was looked at; what is no facility for older people stands in
   osm_exclusions.csv with the reason (children's homes, company offices, parks, …);
3. one object: rows of the same osm_id (a building that is also of class nursing_home);
4. one facility: parts of a compound (A类, …栋, …单元, …号大门, …门诊) and the same name within
   `SAME_NAME_M`, or one name that ends with the other within `NAME_ENDS_M`, are merged.

Not counted as care, by rule: geriatric hospitals, sanatoria (疗养院), homes of retired officers
(干休所), universities, activity centres and canteens for older people, temporary flats (过渡房),
estates and resorts that carry 康养 in their name.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geomap.model.chinese import simplify
from geomap.model.facility import FACILITIES, infer_types
from layer_steps.osm import county_codes, cut_names

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

WORDS = (
    "养老|敬老|护老|安老|颐老|托老|为老服务|老年公寓|老人公寓|老人院|老人中心|老年之家|老人之家|老年城|老人[房住]|长者"
    "|老年(?:福利|服务|护理院|养护|疗养|颐乐)|老年人日间|颐养|康养|安养|医养|养护院|护养院|养护医疗|护理院|照护中心|日间照|照料中心"
    "|福利院|福利(?:服务)?中心|幸福院|互助(?:院|点|幸福)|光荣院|五保|供养|乐龄|银龄|松龄|耆"
    "|elderly|for the aged|aged care|positive ageing|senior citizen|nursing home"
    "|care (?:&|and) attention|care home|hospice"
)
NURSING_HOME = "nursing_home"
SAME_NAME_M = 500
NAME_ENDS_M = 300
_DEGREE_M = 111_200

_PART = re.compile(r"^[A-Z]类(?=养老)|[A-Z]?\d*(?:单元|栋|幢|号楼|#楼|号大门)$|门诊部?$")
_CHINESE_THEN_LATIN = re.compile(
    r"^(?P<zh>.*[\u4e00-\u9fff）)])\s*(?P<en>[A-Za-z][^\u4e00-\u9fff]*)$"
)
_LATIN_THEN_CHINESE = re.compile(
    r"^(?P<en>[A-Za-z][^\u4e00-\u9fff]*?)\s+(?P<zh>[\u4e00-\u9fff].*)$"
)


def find_candidates(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pick the objects that may be care facilities, by class or by a word in the name."""
    by_name = objects["simplified"].str.contains(WORDS, case=False, regex=True)
    return objects[(objects["kind"] == NURSING_HOME) | by_name]


def read_exclusions(path: Path) -> pd.DataFrame:
    """Read the hand-checked list: osm_id, name, reason."""
    with path.open(encoding="utf-8", newline="") as lines:
        return pd.DataFrame(list(csv.DictReader(lines)), dtype="str")


def exclude(candidates: gpd.GeoDataFrame, exclusions: pd.DataFrame) -> gpd.GeoDataFrame:
    """Leave out the listed objects; refuse a list that does not fit the objects."""
    keys = pd.MultiIndex.from_frame(candidates[["osm_id", "name"]])
    listed = pd.MultiIndex.from_frame(exclusions[["osm_id", "name"]])
    unknown = listed.difference(keys)
    if len(unknown):
        raise SystemExit(f"exclusions that match no candidate: {unknown.tolist()}")
    return candidates[~keys.isin(listed)]


def one_per_object(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one row per osm_id: of class nursing_home where there is one, with the longest name."""
    ranked = candidates.assign(
        is_home=candidates["kind"] == NURSING_HOME, length=candidates["name"].str.len()
    )
    ranked = ranked.sort_values(
        ["osm_id", "is_home", "length", "kind"], ascending=[True, False, False, True], kind="stable"
    )
    return ranked.drop_duplicates("osm_id").reset_index(drop=True)


def split_names(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Part names in two scripts into name and name_en, and mark parts of a compound."""
    pattern = objects["name"].str.extract(_CHINESE_THEN_LATIN)
    other = objects["name"].str.extract(_LATIN_THEN_CHINESE)
    whole = objects["name"].where(~objects["name"].str.contains(r"[\u4e00-\u9fff]"))
    chinese = pattern["zh"].fillna(other["zh"]).fillna(objects["name"])
    latin = pattern["en"].fillna(other["en"]).fillna(whole)
    latin = latin.str.strip().where(~cut_names(objects["name"]), latin.str.strip() + "…")
    chinese = _care_part(chinese)
    core = chinese.str.replace(_PART, "", regex=True).str.strip()
    return objects.assign(
        full_name=objects["name"],
        name=core,
        name_en=latin,
        simplified_core=simplify(core),
        is_part=core != chinese,
    )


def _care_part(names: pd.Series) -> pd.Series:
    """Of names that list several institutions, keep the first that is one of care."""
    parts = names.str.split(r"[;；,，]\s*", regex=True).explode()
    care = simplify(parts).str.contains(WORDS, case=False, regex=True)
    first = parts[care.to_numpy()].groupby(level=0).first()
    return first.reindex(names.index).fillna(names)


def merge(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[dict[str, object]]]:
    """Merge the objects of one facility; give the facilities and the list of what was merged."""
    _, group = connected_components(csr_matrix(_same_facility(objects)), directed=False)
    ranked = objects.assign(group=group, number=objects["osm_id"].astype("int64"))
    ranked = ranked.sort_values(
        ["group", "is_part", "is_home", "length", "number"],
        ascending=[True, True, False, False, True],
        kind="stable",
    )
    longest = ranked["name"].str.len().groupby(ranked["group"]).idxmax()
    kept = ranked.drop_duplicates("group").set_index("group")
    kept["name"] = ranked["name"].loc[longest].to_numpy()
    kept["name_en"] = ranked.groupby("group")["name_en"].first()
    merged = [
        {"id": f"osm-{members['osm_id'].iloc[0]}", "name": kept.loc[number, "name"],
         "objects": [f"osm-{row.osm_id} {row.full_name}" for row in members.itertuples()]}
        for number, members in ranked.groupby("group") if len(members) > 1
    ]  # fmt: skip
    return kept.reset_index(drop=True), sorted(merged, key=lambda each: str(each["id"]))


def _same_facility(objects: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Which pairs of objects are one facility: an (n, n) table."""
    lon, lat = objects.geometry.x.to_numpy(), objects.geometry.y.to_numpy()
    east = (lon[:, None] - lon) * np.cos(np.radians((lat[:, None] + lat) / 2))
    distance_m = np.hypot(east, lat[:, None] - lat) * _DEGREE_M
    names = objects["simplified_core"].tolist()
    same = np.array([[a == b for b in names] for a in names])
    ends = np.array([[a.endswith(b) or b.endswith(a) for b in names] for a in names])
    return (same & (distance_m <= SAME_NAME_M)) | (ends & (distance_m <= NAME_ENDS_M))


def facility_frame(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write the facilities as a facility frame; what OpenStreetMap does not say is unknown."""
    kinds = objects["kind"].where(objects["kind"] == NURSING_HOME)
    told = objects["name"] + " " + objects["name_en"].fillna("")
    frame = gpd.GeoDataFrame(
        {
            "id": "osm-" + objects["osm_id"],
            "name": objects["name"],
            "name_en": objects["name_en"],
            "type": infer_types(told, kinds),
            "adcode": county_codes(objects.geometry),
            "source": "OpenStreetMap",
            "licence": "ODbL-1.0",
            "location_precision": "point",
        },
        geometry=shapely.set_precision(objects.geometry.to_numpy(), 1e-7, mode="pointwise"),
        crs=objects.crs,
    )
    return FACILITIES.conform(frame.sort_values("id", ignore_index=True))
