"""Invented facilities: every column of the facility table, consistent, and labelled as invented.

Nothing here is a real home. Telephone numbers are of Beijing and begin with 0, as no
subscriber's there does; web addresses end in ``.invalid``, which no name server knows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geomap.model.crs import GEOGRAPHIC
from geomap.model.divisions import short_name
from geomap.model.facility import ACCEPTS, FACILITIES, MEDICAL, OWNERSHIP, SERVICES, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    Objects = NDArray[np.object_]
    Ints = NDArray[np.int64]
    Days = NDArray[np.datetime64]
    Columns = Mapping[str, object]

SOURCE = "演示数据（虚构）"
#: Places come from the gazetteer, and it in part from OpenStreetMap.
LICENCE = "ODbL-1.0"
YEAR = 365
#: What is unknown in the cities, and how often; fields of one group are unknown together.
UNKNOWN: Mapping[tuple[str, ...], float] = {
    ("price_min", "price_max"): 0.3,
    ("residents", "beds_available", "beds_updated"): 0.15,
    ("phone",): 0.05,
    ("website", "photo"): 0.6,
    ("name_en",): 0.5,
    ("brand", "operator_model"): 0.7,
    ("accepts",): 0.15,
    ("services",): 0.1,
    ("inclusive_price",): 0.3,
    ("prepay_escrow",): 0.4,
    ("fire_cert",): 0.1,
    ("fire_station",): 0.3,
    ("caregivers",): 0.25,
    ("land_m2",): 0.3,
    ("demo_tag",): 0.9,
    ("parent_id",): 0.8,
    ("steward_photo",): 1.0,
}
_LUCK = "福康安颐和乐寿宁瑞祥春晖松鹤金秋慈恩怡心静雅仁爱南山桑榆长青永泰德馨嘉禾明月清泉百合"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "明华丽芳军敏静强磊洋艳勇杰娟涛超秀霞平刚桂英玉兰建国志文红梅海燕晓东"
_ROADS = ("人民路", "建设路", "解放路", "文化路", "中山路", "新华街", "和平街", "胜利路", "迎宾路")
_ENDINGS = {
    "nursing_home": "养老院",
    "community_center": "社区养老服务中心",
    "street_center": "综合养老服务中心",
    "rural_welfare_home": "敬老院",
    "rural_mutual_aid_home": "幸福院",
    "other": "养老服务指导中心",
}
#: Beds by type: the middle one; the spread is log-normal.
_BEDS = {
    "nursing_home": 80,
    "community_center": 12,
    "street_center": 30,
    "rural_welfare_home": 55,
    "rural_mutual_aid_home": 10,
    "other": 0,
}
_PHONE = "010-0"


@dataclass(frozen=True, eq=False)
class Sites:
    """What is settled of facilities before the rest is invented; (n,) entries each.

    Parameters
    ----------
    types : facility types.
    adcodes : division codes of county, street or community.
    townships, paths : names of the townships, alone and after the names above them.
    lon, lat : degrees, WGS-84.
    stems : names without their ending; None if they are to be invented.
    beds : how many; None if they are to be invented.
    """

    types: Objects
    adcodes: Objects
    townships: Objects
    paths: Objects
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    stems: Objects | None = None
    beds: Ints | None = None

    def __len__(self) -> int:
        return len(self.types)


def invent(  # noqa: PLR0913 (what is settled beforehand)
    sites: Sites,
    rng: np.random.Generator,
    *,
    key: str,
    today: date,
    recent: float,
    start: int = 0,
) -> gpd.GeoDataFrame:
    """Invent every value of facilities.

    Parameters
    ----------
    sites : (n,) what is settled.
    key : what ids begin with.
    today : all dates lie before it.
    recent : share that was opened within the last two years.
    start : the number in the first id.

    Returns
    -------
    (n,) facility frame without unknown values, but ``rectified_on`` of those not on the risk
    list, ``inspected_on`` of those opened after it, and the parents of parents.
    """
    day = np.datetime64(today, "D")
    numbers = range(start, start + len(sites))
    ids = np.array([f"demo-{key}-{each:06d}" for each in numbers], dtype=object)
    opened = _opened(rng, len(sites), day, recent)
    columns: dict[str, object] = {"id": ids, "type": sites.types, "adcode": sites.adcodes}
    columns |= _identity(sites, rng, ids)
    columns |= _contacts(sites, rng, ids)
    columns |= _care(sites, rng, day)
    columns |= _supervision(rng, opened, day)
    columns |= _sources(rng, ids, day)
    frame = pd.DataFrame(columns)
    places = gpd.points_from_xy(sites.lon, sites.lat, crs=GEOGRAPHIC)
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=places))


def forget(frame: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make some values unknown, as in every real list; see :data:`UNKNOWN`."""
    unknown = {
        name: hidden(frame[name], lost)
        for names, share in UNKNOWN.items()
        for lost in [chance(rng, len(frame), share)]
        for name in names
    }
    return FACILITIES.conform(frame.assign(**unknown))


def chance(rng: np.random.Generator, count: int, share: float) -> NDArray[np.bool_]:
    """Mark about a share of `count` things."""
    marks: NDArray[np.bool_] = rng.random(count) < share
    return marks


def hidden(column: pd.Series, lost: NDArray[np.bool_]) -> pd.Series:
    """Make some values of a column unknown, as its dtype writes that."""
    if column.dtype != object:
        return column.mask(lost)
    values = column.to_numpy(copy=True)
    values[lost] = None
    return pd.Series(values, index=column.index, dtype=object)


def people_names(rng: np.random.Generator, count: int) -> Objects:
    """Invent names of people: a surname and two characters."""
    parts = (_SURNAMES, _GIVEN, _GIVEN)
    return _glued([np.array(list(each), dtype=object)[rng.integers(0, len(each), count)]
                   for each in parts])  # fmt: skip


def lucky_words(rng: np.random.Generator, count: int) -> Objects:
    """Invent names of homes: two auspicious characters."""
    letters = np.array(list(dict.fromkeys(_LUCK)), dtype=object)
    first = rng.integers(0, len(letters), count)
    second = (first + rng.integers(1, len(letters), count)) % len(letters)
    return _glued([letters[first], letters[second]])


def invented_stems(townships: Objects, rng: np.random.Generator) -> Objects:
    """Invent names of homes: that of the township, for short, and two auspicious characters."""
    short = {each: short_name(each) for each in set(townships.tolist())}
    first = np.array([short[each] for each in townships.tolist()], dtype=object)
    return _glued([first, lucky_words(rng, len(townships))])


def _glued(parts: Sequence[Objects]) -> Objects:
    """Join texts entry by entry."""
    glued = parts[0]
    for each in parts[1:]:
        glued = glued + each
    return glued


def _any_of(rng: np.random.Generator, words: Sequence[str], count: int) -> Objects:
    return np.array(list(words), dtype=object)[rng.integers(0, len(words), count)]


def _some_of(rng: np.random.Generator, words: Sequence[str], count: int) -> Objects:
    """Choose lists of two or more words."""
    sets = np.empty(64, dtype=object)
    for place in range(len(sets)):
        size = int(rng.integers(2, len(words) + 1))
        sets[place] = [words[each] for each in sorted(rng.permutation(len(words))[:size])]
    chosen: Objects = sets[rng.integers(0, len(sets), count)]
    return chosen


def _texts(values: Ints, form: str) -> Objects:
    return np.array([form.format(each) for each in values.tolist()], dtype=object)


def _opened(rng: np.random.Generator, count: int, day: np.datetime64, recent: float) -> Days:
    """Choose opening days: some within the last two years, the others up to 15 years ago."""
    ago = rng.integers(2 * YEAR + 40, 15 * YEAR, count)
    new = rng.random(count) < recent
    ago[new] = rng.integers(70, 2 * YEAR - 40, int(new.sum()))
    return day - ago


def _identity(sites: Sites, rng: np.random.Generator, ids: Objects) -> Columns:
    """Invent what a facility is called and who runs it."""
    count = len(sites)
    stems = invented_stems(sites.townships, rng) if sites.stems is None else sites.stems
    endings = np.array([_ENDINGS[each] for each in sites.types.tolist()], dtype=object)
    english = np.array([TYPES[each].en for each in sites.types.tolist()], dtype=object)
    numbers = np.array([f" {each[-6:]} (invented)" for each in ids.tolist()], dtype=object)
    brand = _any_of(rng, ("演示颐养", "演示安康", "演示长青", "演示和睦"), count)
    parents = _parents(sites.adcodes, ids)
    return {
        "name": stems + endings,
        "name_en": english + numbers,
        "operator": brand + _any_of(rng, ("养老服务有限公司", "服务中心", "康养集团"), count),
        "operator_model": _any_of(rng, ("自营", "委托运营", "连锁"), count),
        "brand": brand,
        "parent_id": parents,
        "ownership": _any_of(rng, tuple(OWNERSHIP), count),
        "demo_tag": _any_of(rng, ("市级示范（演示）", "省级示范（演示）"), count),
        "status": np.full(count, "open", dtype=object),
    }


def _parents(adcodes: Objects, ids: Objects) -> Objects:
    """Give each facility the first one of its county as parent, which has none itself."""
    counties = pd.factorize(pd.Series(adcodes, dtype="str").str.slice(0, 6))[0]
    _, first = np.unique(counties, return_index=True)
    parents: Objects = ids[first[counties]]
    parents[first] = None
    return parents


def _contacts(sites: Sites, rng: np.random.Generator, ids: Objects) -> Columns:
    """Invent where a facility stands and how it is reached: numbers that cannot ring."""
    count = len(sites)
    house = _texts(rng.integers(1, 400, count), "{}号")
    base = "https://demo.invalid/"
    return {
        "township": sites.townships,
        "address": sites.paths + _any_of(rng, _ROADS, count) + house,
        "phone": _PHONE + _texts(rng.integers(0, 10**6, count), "0{:06d}"),
        "website": base + ids,
        "photo": base + ids + ".jpg",
        "steward_name": people_names(rng, count),
        "steward_phone": _PHONE + _texts(rng.integers(0, 10**6, count), "9{:06d}"),
        "steward_photo": base + "steward/" + ids + ".jpg",
        "location_precision": np.full(count, "point", dtype=object),
    }


def _care(sites: Sites, rng: np.random.Generator, day: np.datetime64) -> Columns:
    """Invent beds, people, care and prices that agree with each other."""
    count = len(sites)
    middle = np.array([_BEDS[each] for each in sites.types.tolist()], dtype=np.float64)
    beds = sites.beds
    if beds is None:
        beds = np.round(middle * rng.lognormal(0.0, 0.5, count)).astype(np.int64)
    nursing = np.floor(beds * rng.uniform(0.3, 0.8, count)).astype(np.int64)
    residents = np.floor(beds * rng.uniform(0.35, 0.99, count)).astype(np.int64)
    floor = np.round(60 + beds * rng.uniform(22, 42, count))
    price = np.round(rng.lognormal(7.8, 0.35, count), -2)
    return {
        "beds_total": beds,
        "beds_nursing": nursing,
        "beds_available": beds - residents,
        "beds_updated": _dates(day - rng.integers(1, 40, count)),
        "residents": residents,
        "accepts": _some_of(rng, tuple(ACCEPTS), count),
        "medical": _any_of(rng, tuple(MEDICAL), count),
        "services": _some_of(rng, tuple(SERVICES), count),
        "price_min": price,
        "price_max": np.round(price * rng.uniform(1.0, 2.2, count), -2).clip(min=price),
        "inclusive_price": chance(rng, count, 0.5),
        "admits_private": chance(rng, count, 0.85),
        "prepay_escrow": chance(rng, count, 0.4),
        "fire_cert": chance(rng, count, 0.95),
        "caregivers": np.ceil(residents / rng.uniform(3.5, 9, count)).astype(np.int64),
        "fire_station": chance(rng, count, 0.6),
        "land_m2": np.round(floor * rng.uniform(0.6, 1.6, count)),
        "floor_m2": floor,
    }


def _supervision(rng: np.random.Generator, opened: Days, day: np.datetime64) -> Columns:
    """Invent ratings, inspections (30 % of all this year, one each) and the risk list."""
    count = len(opened)
    year = day.astype("datetime64[Y]").astype("datetime64[D]")
    before = (year - 1).astype("datetime64[Y]").astype("datetime64[D]")
    this_year = year + rng.integers(0, max(1, int((day - year).astype(int))), count)
    inspected = before + rng.integers(0, int((year - before).astype(int)), count)
    able = rng.permutation(np.flatnonzero(opened < year))
    due = able[: -(-3 * count // 10)]
    inspected[due] = this_year[due]
    inspected[inspected < opened] = np.datetime64("NaT")
    known = ~np.isnat(inspected)
    listed = chance(rng, count, 0.03) & (opened < day - 2 * YEAR)
    rectified = np.where(
        chance(rng, count, 0.6), day - rng.integers(1, 200, count), np.datetime64("NaT")
    )
    result = _any_of(rng, ("合格", "合格", "合格", "基本合格", "限期整改"), count)
    return {
        "rating": rng.integers(1, 6, count),
        "rating_scheme": np.full(count, "GB/T 37276", dtype=object),
        "inspected_on": _dates(inspected),
        "inspection_result": pd.Series(result, dtype="str").where(known),
        "risk_listed": listed,
        "rectified_on": _dates(np.where(listed, rectified, np.datetime64("NaT"))),
        "opened_on": _dates(opened),
    }


def _sources(rng: np.random.Generator, ids: Objects, day: np.datetime64) -> Columns:
    """Say of every row, and of the beds once more, that they are invented."""
    verified = day - rng.integers(1, 60, len(ids))
    days = {each: str(each) for each in np.unique(verified).tolist()}
    notes = {
        each: json.dumps(
            {"beds_total": {"source": SOURCE, "verified_on": text}}, ensure_ascii=False
        )
        for each, text in days.items()
    }
    return {
        "source": np.full(len(ids), SOURCE, dtype=object),
        "source_url": np.full(len(ids), "https://demo.invalid/", dtype=object),
        "verified_on": _dates(verified),
        "licence": np.full(len(ids), LICENCE, dtype=object),
        "provenance": np.array([notes[each] for each in verified.tolist()], dtype=object),
    }


def _dates(days: Days) -> Days:
    """Give days the unit of the table's dates."""
    return days.astype("datetime64[s]")
