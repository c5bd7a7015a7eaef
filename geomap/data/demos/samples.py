"""Demonstration data: three cities with published totals, and facilities of any number.

The totals (homes, beds of Panjin, centres, people by age, enrolled) are those that were published
of Panjin, Ningbo and Henan. Which home stands where, what it is called and every other value is
invented, the same again for a seed and a day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geomap.data.demos.ground import Ground, read_ground
from geomap.data.demos.invented import (
    Sites,
    chance,
    forget,
    invent,
    invented_stems,
    lucky_words,
    people_names,
)
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.model.crs import GEOGRAPHIC
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

#: The greatest number of facilities of :func:`nationwide`: about what China has.
MOST: Final = 400_000
_STREET = "街道"
#: Facilities invented at once: their texts are large until they are in columns.
_BLOCK = 25_000
#: How facilities of :func:`nationwide` are shared out to types.
_TYPE_SHARES: Final = {
    "nursing_home": 0.11,
    "community_center": 0.45,
    "street_center": 0.05,
    "rural_welfare_home": 0.07,
    "rural_mutual_aid_home": 0.31,
    "other": 0.01,
}


@dataclass(frozen=True)
class City:
    """The published totals that a demonstration city keeps; None was not published.

    Parameters
    ----------
    key : what ids begin with.
    prefix : what its division codes begin with.
    population, aged_60, enrolled : people.
    homes : institutions by type, besides the centres.
    points : demand points.
    medical : homes by how they give medical care; the others give none.
    top_rated : homes rated 4 or 5.
    beds : in all homes.
    streets, communities : how many have a centre each; 0 leaves the counties without one too.
    stewards : paired in all.
    """

    key: str
    prefix: str
    population: int
    aged_60: int
    enrolled: int
    homes: Mapping[str, int]
    points: int
    medical: Mapping[str, int] = field(default_factory=dict)
    top_rated: int = 0
    beds: int | None = None
    streets: int = 0
    communities: int = 0
    stewards: int | None = None


CITIES: Final[Mapping[str, City]] = {
    each.key: each
    for each in (
        City(
            key="panjin", prefix="2111", population=1_293_000, aged_60=309_000, enrolled=102_000,
            homes={"nursing_home": 58, "rural_welfare_home": 17}, points=400, top_rated=4,
            beds=5_529,
        ),
        City(
            key="ningbo", prefix="3302", population=9_404_000, aged_60=1_701_000, enrolled=640_000,
            homes={"nursing_home": 203, "rural_welfare_home": 48}, points=1_500, top_rated=21,
            medical={"inhouse": 59, "partner": 144},
        ),
        City(
            key="henan", prefix="41", population=99_366_000, aged_60=17_964_000,
            enrolled=17_180_000, points=2_000, top_rated=18, streets=673, communities=7_334,
            homes={"nursing_home": 3_300, "rural_welfare_home": 2_036,
                   "rural_mutual_aid_home": 2_500}, stewards=26_000,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Sample:
    """Invented layers; demand and areas are empty where there is only a number of facilities."""

    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


def share_out(total: int, weights: NDArray[np.float64], *, least: int = 0) -> Ints:
    """Share a whole number out by weights, by largest remainder; the parts add up to it.

    Parameters
    ----------
    total : what is shared out.
    weights : (n,) not negative, not all zero.
    least : what each gets at the least.

    Returns
    -------
    (n,) parts.

    Raises
    ------
    ParameterError : if there is not enough for each to get the least.

    Examples
    --------
    >>> share_out(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    >>> share_out(5, np.array([0.0, 1.0]), least=2).tolist()
    [2, 3]
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ParameterError(f"total must be at least {least * len(weights)}, got {total}")
    exact = weights / weights.sum() * rest
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: rest - parts.sum()]] += 1
    shared: Ints = parts + least
    return shared


def demonstration_city(key: str, *, seed: int, today: date) -> Sample:
    """Invent a demonstration city with its published totals.

    Parameters
    ----------
    key : panjin, ningbo or henan.
    seed : gives the same city again, on the same day.
    today : all dates lie before it.

    Returns
    -------
    Facilities inside the real county polygons, demand points, and areas: counties with polygon
    and population, and for Henan streets and communities by code, without geometry.

    Raises
    ------
    ParameterError : if there is no such city.
    """
    if key not in CITIES:
        known = ", ".join(CITIES)
        said = f"city must be one of {known}, got {key!r}"
        raise ParameterError(said, zh=f"city 须为 {known} 之一，这里是 {key!r}")
    city, rng = CITIES[key], np.random.default_rng(seed)
    ground = read_ground((city.prefix,), seed=seed)
    streets, communities = _tiers(city, ground, rng)
    sites = _joined([*_centres(ground, streets, communities), _homes(city, ground, rng)], rng)
    if city.beds is not None:
        weights = rng.lognormal(0.0, 0.5, len(sites))
        sites = replace(sites, beds=share_out(city.beds, weights, least=10))
    full = invent(sites, rng, key=key, today=today, recent=0.15)
    facilities = _with_totals(forget(full, rng), city, rng)
    demand = _demand(city, ground, communities, rng)
    areas = _areas(ground.counties, demand, streets, communities)
    return Sample(facilities, demand, areas)


def nationwide(size: int, *, seed: int, today: date) -> Sample:
    """Invent facilities of all types all over China, clustered like people; all columns filled.

    Parameters
    ----------
    size : how many, 1 to 400,000.
    seed, today : as for :func:`demonstration_city`.

    Raises
    ------
    ParameterError : if the size is out of range.
    """
    if not 1 <= size <= MOST:
        said = f"size must be 1 to {MOST}, got {size}"
        raise ParameterError(said, zh=f"size 须为 1 到 {MOST}，这里是 {size}")
    rng = np.random.default_rng(seed)
    ground = read_ground(("",), seed=seed)
    weights = _weights(ground.townships)
    types = np.array(list(_TYPE_SHARES), dtype=object)
    blocks = []
    for start in range(0, size, _BLOCK):
        count = min(_BLOCK, size - start)
        rows = rng.choice(len(weights), count, p=weights / weights.sum())
        kinds = types[rng.choice(len(types), count, p=list(_TYPE_SHARES.values()))]
        sites = _sites(ground, rows, kinds, rng)
        blocks.append(invent(sites, rng, key=str(size), today=today, recent=0.0, start=start))
    facilities = gpd.GeoDataFrame(pd.concat(blocks, ignore_index=True))
    return Sample(facilities, DEMAND.empty(), AREAS.empty())


def _weights(townships: pd.DataFrame) -> NDArray[np.float64]:
    """Weigh townships by the residential areas that are nearest to them; none has nothing."""
    weights: NDArray[np.float64] = 1.0 + townships["homes"].to_numpy(dtype=np.float64)
    return weights


def _sites(
    ground: Ground, rows: NDArray[np.intp], types: NDArray[np.object_], rng: np.random.Generator
) -> Sites:
    """Put facilities around townships; they have the code of their county."""
    some = ground.townships.iloc[rows]
    lon, lat = ground.scatter(rows, rng, spread_km=1.5)
    texts = [some[name].to_numpy(dtype=object) for name in ("county", "name", "path")]
    county, name, path = texts
    return Sites(types, county, name, path, lon, lat)


def _homes(city: City, ground: Ground, rng: np.random.Generator) -> Sites:
    """Put the homes around townships: rural ones not around streets, if there is another."""
    weights = _weights(ground.townships) ** 0.5
    rural = np.where(ground.townships["name"].str.endswith(_STREET), 0.0, weights)
    rows = [
        np.repeat(np.arange(len(weights)), share_out(count, chosen * uneven))
        for type_, count in city.homes.items()
        for chosen in [rural if type_.startswith("rural") else weights]
        for uneven in [rng.uniform(0.5, 1.5, len(weights))]
    ]  # fmt: skip
    types = np.repeat(np.array(list(city.homes), dtype=object), list(city.homes.values()))
    return _sites(ground, np.concatenate(rows), types, rng)


def _tiers(
    city: City, ground: Ground, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the streets, and invent their communities: code, name, row of the township."""
    all_ = np.flatnonzero(ground.townships["name"].str.endswith(_STREET))
    rows = np.sort(rng.permutation(all_)[: city.streets])
    streets = ground.townships.iloc[rows][["code", "name"]].assign(row=rows)
    if not city.communities:
        return streets, streets.iloc[:0]
    weights = _weights(ground.townships)[rows] ** 0.3
    counts = share_out(city.communities, weights, least=3)
    each = streets.loc[streets.index.repeat(counts)].reset_index(drop=True)
    number = each.groupby("code").cumcount() + 1
    codes = each["code"] + number.astype("str").str.zfill(3)
    names = _unlike(pd.Series(lucky_words(rng, len(each)), dtype="str"), each["row"])
    before = each["name"].str.removesuffix(_STREET)
    return streets, each.assign(code=codes, name=before + names + "社区")


def _unlike(names: pd.Series, groups: pd.Series) -> pd.Series:
    """Add a number to names that stand twice in a group."""
    again = names.groupby([groups, names]).cumcount()
    return names.mask(again > 0, names + (again + 1).astype("str"))


def _centres(ground: Ground, streets: pd.DataFrame, communities: pd.DataFrame) -> list[Sites]:
    """Give every county, street and community its centre, where streets have any."""
    if streets.empty:
        return []
    rng = np.random.default_rng(len(communities))
    first = ground.townships.reset_index().groupby("county")["index"].min()
    counties = ground.counties["adcode"]
    rows = first.reindex(counties).to_numpy()
    names = ground.counties["name"].to_numpy(dtype=object)
    tiers = (
        ("other", rows, counties, names),
        ("street_center", streets["row"], streets["code"], streets["name"]),
        ("community_center", communities["row"], communities["code"],
         communities["name"].str.removesuffix("社区")),
    )  # fmt: skip
    found = []
    for type_, of, codes, stems in tiers:
        places = np.asarray(of, dtype=np.intp)
        sites = _sites(ground, places, np.full(len(places), type_, dtype=object), rng)
        settled = {
            "adcodes": np.asarray(codes, dtype=object),
            "stems": np.asarray(stems, dtype=object),
        }
        found.append(replace(sites, **settled))  # fmt: skip
    return found


def _joined(parts: Sequence[Sites], rng: np.random.Generator) -> Sites:
    """Put sites one after the other."""
    return Sites(
        types=np.concatenate([each.types for each in parts]),
        adcodes=np.concatenate([each.adcodes for each in parts]),
        townships=np.concatenate([each.townships for each in parts]),
        paths=np.concatenate([each.paths for each in parts]),
        lon=np.concatenate([each.lon for each in parts]),
        lat=np.concatenate([each.lat for each in parts]),
        stems=np.concatenate([_stems(each, rng) for each in parts]),
    )


def _stems(sites: Sites, rng: np.random.Generator) -> NDArray[np.object_]:
    """Give the names, invented where they are not settled."""
    return invented_stems(sites.townships, rng) if sites.stems is None else sites.stems


def _with_totals(frame: gpd.GeoDataFrame, city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Bring what is counted of homes to the published numbers."""
    home = frame["type"].isin(["nursing_home", "rural_welfare_home"]).to_numpy()
    order = rng.permutation(np.flatnonzero(home))
    rating = np.full(len(frame), np.nan)
    rated = order[: len(order) * 2 // 5]
    rating[rated] = rng.integers(1, 4, len(rated))
    top = rated[: city.top_rated]
    rating[top] = rng.choice([4, 4, 5], len(top))
    columns: dict[str, object] = {"rating": pd.array(rating, dtype="Int64")}
    columns["rating_scheme"] = frame["rating_scheme"].where(~np.isnan(rating))
    if city.medical:
        medical = np.full(len(frame), "none", dtype=object)
        shuffled = rng.permutation(len(frame))
        words = np.repeat(np.array(list(city.medical), dtype=object), list(city.medical.values()))
        medical[shuffled[: len(words)]] = words
        columns["medical"] = medical
    else:
        columns["medical"] = frame["medical"].mask(chance(rng, len(frame), 0.2))
    if city.stewards is not None:
        second = rng.permutation(len(frame))[: city.stewards - len(frame)]
        names = frame["steward_name"].to_numpy(dtype=object).copy()
        names[second] += "、" + people_names(rng, len(second))
        columns["steward_name"] = names
    return FACILITIES.conform(frame.assign(**columns))


def _demand(
    city: City, ground: Ground, communities: pd.DataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Put people where the communities are, and around all townships."""
    weights = _weights(ground.townships) ** 0.5
    around = np.repeat(
        np.arange(len(weights)), share_out(max(city.points, len(weights)), weights, least=1)
    )
    of = ground.townships.iloc[around]
    rows = np.concatenate([communities["row"].to_numpy(dtype=np.intp), around])  # fmt: skip
    codes = np.concatenate([communities["code"].to_numpy(object), of["code"].to_numpy(object)])
    names = np.concatenate([communities["name"].to_numpy(object), of["name"].to_numpy(object)])
    lon, lat = ground.scatter(rows, rng, spread_km=1.5)
    share = rng.lognormal(0.0, 0.4, len(rows)) * np.where(
        np.arange(len(rows)) < len(communities), 0.4, 1.0
    )
    population = share_out(city.population, share)
    aged_60 = share_out(city.aged_60, population * rng.uniform(0.9, 1.1, len(rows)))
    apart = share_out(city.aged_60 - city.enrolled, aged_60 * rng.uniform(0.9, 1.1, len(rows)))
    frame = pd.DataFrame({
        "id": [f"demo-{city.key}-demand-{each:05d}" for each in range(len(rows))],
        "name": names, "adcode": codes, "population": population, "aged_60": aged_60,
        "aged_65": np.floor(aged_60 * 0.72), "aged_80": np.floor(aged_60 * 0.13),
        "disabled": np.floor(aged_60 * 0.06), "households": np.floor(population / 2.6),
        "enrolled": aged_60 - apart,
    })  # fmt: skip
    return DEMAND.conform(
        gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=GEOGRAPHIC)
    )


def _areas(
    counties: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    streets: pd.DataFrame,
    communities: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """List the counties with the people in them, and the lower tiers by code."""
    people = ["population", "aged_60", "aged_65"]
    sums = demand.groupby(demand["adcode"].str.slice(0, 6))[people].sum()
    drawn = counties.assign(**{each: counties["adcode"].map(sums[each]) for each in people})
    tiers = [
        pd.DataFrame({
            "id": some["code"], "name": some["name"], "level": level, "adcode": some["code"],
            "parent_adcode": some["code"].str.slice(0, digits),
        })
        for some, level, digits in ((streets, "township", 6), (communities, "community", 9))
    ]  # fmt: skip
    frame = pd.concat([drawn, *tiers], ignore_index=True)
    return AREAS.conform(gpd.GeoDataFrame(frame, geometry="geometry", crs=GEOGRAPHIC))
