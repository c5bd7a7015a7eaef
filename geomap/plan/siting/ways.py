"""What a siting question asks about, read from frames: places, people, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.model.table import Label
from geomap.plan.discs import check_radius
from geomap.plan.pairs import pairs_within
from geomap.plan.people import people_of
from geomap.plan.points import covered_points
from geomap.plan.sites import Sites, homes_of
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.problem import least_of

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from geomap.model.network import Network

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]
    Places = tuple[Floats, Floats]

#: No two places on earth are further apart.
_EVERYWHERE_M: Final = 20_000_000.0
#: Walks are looked for up to this, where no standard says how far.
_LONGEST_WALK_M: Final = 50_000.0
_NOTES: Final = (
    Label("{} 处需求点不知道人数，没有算。",
          "{} demand points without a number of people are left out."),
    Label("{} 处需求点没有位置，没有算。", "{} demand points without a place are left out."),
    Label("{} 处候选地点没有位置，没有参加。", "{} candidates without a place took no part."),
    Label("{} 处候选地点和别的在同一个位置。", "{} candidates stand where another one does."),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Asked:
    """Who is asked about and where: rows without people are nowhere."""

    homes: Places
    spots: Places
    people: Floats
    notes: tuple[Label, ...]

    @classmethod
    def of(
        cls, demand: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, model: str, weight: str
    ) -> Asked:
        """Read the frames."""
        if model in ("lscp", "p_center") and weight not in demand:
            known = np.ones(len(demand))
        else:
            known = people_of(demand, weight)
        homes, spots = homes_of(demand), homes_of(candidates)
        people = np.where(np.isfinite(known) & np.isfinite(homes[0]), known, 0.0)
        placed = np.isfinite(spots[0])
        _, times = np.unique(np.column_stack(spots)[placed], axis=0, return_counts=True)
        counts = (
            (~np.isfinite(known)).sum(), (~np.isfinite(homes[0])).sum(), (~placed).sum(),
            (times - 1).sum(),
        )  # fmt: skip
        notes = tuple(
            label.counting(int(count)) for label, count in zip(_NOTES, counts, strict=True) if count
        )
        some = people > 0
        return cls(
            (np.where(some, homes[0], np.nan), np.where(some, homes[1], np.nan)),
            spots, people, notes,
        )  # fmt: skip


def reach_of(model: str, standard_m: float | None) -> float | None:
    """Take the standard; None: as far as it goes."""
    if standard_m is None and model in COVERING:
        raise ParameterError(
            f"{model} needs standard_m, within how many metres a row is covered",
            zh=f"{model} 需要 standard_m（多少米之内算覆盖）",
        )
    return None if standard_m is None else check_radius(standard_m, "standard_m")


@dataclass(frozen=True, eq=False)
class Ways:
    """How far it is from one place to another, by straight line or on foot."""

    network: Network | None
    reach_m: float | None

    def between(
        self, homes: Places, spots: Places, *, skip: Mask | None = None
    ) -> sparse.csc_array:
        """Give (n, m) metres of the pairs within reach; rows to skip have none."""
        if skip is not None:
            homes = np.where(skip, np.nan, homes[0]), np.where(skip, np.nan, homes[1])
        shape = len(homes[0]), len(spots[0])
        if self.network is not None:
            return _walks(self.network, homes, spots, self.reach_m or _LONGEST_WALK_M)
        rows, columns = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
        metres = [np.zeros(0)]
        for block in pairs_within(homes, spots, self.reach_m or _EVERYWHERE_M):
            found = block.distance_m
            each = np.repeat(block.rows.astype(np.int32), np.diff(found.indptr))
            rows.append(each)
            columns.append(found.indices.astype(np.int32))
            metres.append(found.data)
        pairs = (np.concatenate(metres), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csc_array(sparse.coo_array(pairs, shape=shape))


def _walks(network: Network, homes: Places, spots: Places, limit_m: float) -> sparse.csc_array:
    """Measure the walks."""
    from geomap.model.footholds import find_footholds
    from geomap.model.walks import walk_matrix

    doors, ends = find_footholds(network, *spots), find_footholds(network, *homes)
    return sparse.csc_array(walk_matrix(network, doors, ends, limit_m=limit_m))


def today_of(
    ways: Ways,
    asked: Asked,
    existing: gpd.GeoDataFrame | None,
    *,
    covered_only: bool,
    each: bool,
) -> sparse.csc_array | None:
    """Give what it costs to reach the existing facilities: each of them, or the nearest."""
    if existing is None or not len(existing):
        return None
    sites = Sites.of(existing)
    spots, homes = (sites.lon, sites.lat), asked.homes
    if each:
        return ways.between(homes, spots)
    n = len(homes[0])
    if ways.network is not None:
        least = least_of(ways.between(homes, spots))
    elif covered_only and ways.reach_m is not None:
        served = covered_points(*homes, spots, standard_m=ways.reach_m)
        least = np.where(served, 0.0, np.inf)
    else:
        least = _nearest_m(homes, spots)
    rows = np.flatnonzero(np.isfinite(least))
    pairs = (least[rows], (rows, np.zeros(len(rows), dtype=np.int64)))
    return sparse.csc_array(sparse.coo_array(pairs, shape=(n, 1)))


def _nearest_m(homes: Places, spots: Places) -> Floats:
    """Give the geodesic metres to the nearest spot; infinite without a place or a spot."""
    from scipy.spatial import cKDTree

    from geomap.model.geodesy import ecef, geodesic_m

    nearest = np.full(len(homes[0]), np.inf)
    some = np.flatnonzero(np.isfinite(homes[0]))
    if len(some) and len(spots[0]):
        lon, lat = homes[0][some], homes[1][some]
        _, at = cKDTree(ecef(*spots)).query(ecef(lon, lat))
        nearest[some] = geodesic_m(lon, lat, spots[0][at], spots[1][at])
    return nearest


def column_of(frame: pd.DataFrame, column: str, name: str) -> Floats:
    """Read a column of numbers, all of which must be known."""
    if column not in frame:
        raise ParameterError(f"{name} must name a column, got {column!r} and {list(frame)}")
    numbers = people_of(frame, column)
    unknown = np.flatnonzero(np.isnan(numbers))
    if unknown.size:
        raise ParameterError(
            f"{column} must be known of every site, it is not in {unknown.size} row(s), first at"
            f" position {unknown[0]}: state it, or leave the row out"
        )
    return numbers


def held_by(existing: gpd.GeoDataFrame | None, column: str) -> Floats | None:
    """Read the capacity of the facilities that serve; unknown is 0."""
    if existing is None or not len(existing):
        return None
    if column not in existing:
        raise ParameterError(
            f"existing_capacity must name a column, got {column!r} and {list(existing)}"
        )
    return np.nan_to_num(people_of(existing, column)[Sites.of(existing).serving])
