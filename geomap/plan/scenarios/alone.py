"""What each change does alone, given all the others: whom it adds and loses, and for how much.

Changes whose ground lies apart are asked about together: no row of demand is within reach of two
of them, so whose people they are is plain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from geomap.plan.people import people_of
from geomap.plan.sites import out_of_service
from geomap.plan.siting.money import yuan_per_person

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.scenario import Change
    from geomap.plan.pace import Pace
    from geomap.plan.scenarios.applying import Matched
    from geomap.plan.scenarios.served import Crowd, Served
    from geomap.plan.scenarios.stands import Reach

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]


def gains_alone(
    crowd: Crowd, reach: Reach, after: Served, outline: Geometries | None, pace: Pace
) -> tuple[Floats, Floats, int]:
    """Tell whom each change alone adds and loses.

    Parameters
    ----------
    crowd, reach : the people, and how far they go.
    after : who is covered with all changes.
    outline : (1,) in degrees: only people in it count; None for all.
    pace : when the time is up, the rest is NaN.

    Returns
    -------
    (c,) people newly covered, (c,) lost, and of how many changes nothing could be told.
    """
    stands = reach.stands
    size = len(stands.facility)
    rows = [
        crowd.met_by(reach.boxes(places)) if len(places) else np.zeros(0, dtype=np.int64)
        for places in map(stands.touched, range(size))
    ]
    newly, lost = np.zeros((2, size))
    busy = np.array([len(each) > 0 for each in rows], dtype=bool)
    newly[busy] = lost[busy] = np.nan
    groups = _apart(rows, stands.facility, crowd.rows.size, np.flatnonzero(busy))
    for nth, group in enumerate(groups):
        pace.tell("changes", nth, len(groups))
        if pace.out_of_time():
            break
        owner = np.full(crowd.rows.size, -1, dtype=np.int64)
        for each in group:
            owner[rows[each]] = each
        some = crowd.only(owner >= 0)
        then = after.some(some)
        without = crowd.served(reach, stands.but(group), some).rounded_to(then)
        gains = crowd.gains(without, then, outline)
        sums = gains.sums(owner[gains.row], size)
        newly[group], lost[group] = (each[group] for each in sums)
    return newly, lost, int(np.isnan(newly).sum())


def _apart(rows: list[Ints], facility: Ints, n: int, busy: Ints) -> list[list[int]]:
    """Group changes: in none do two share a row of demand, or a facility; the first that fits."""
    if not len(busy):
        return []
    lengths = [len(rows[each]) for each in busy]
    at = np.concatenate([rows[each] for each in busy])
    change = np.repeat(np.arange(len(busy)), lengths)
    held = np.concatenate([at, n + facility[busy]])
    change = np.concatenate([change, np.arange(len(busy))])
    marks = sparse.csr_array(
        (np.ones(len(held)), (change, np.unique(held, return_inverse=True)[1]))
    )
    shared = sparse.csr_array(marks @ marks.T)
    group = np.full(len(busy), -1)
    for each in range(len(busy)):
        near = shared.indices[shared.indptr[each] : shared.indptr[each + 1]]
        taken = set(group[near].tolist())
        group[each] = next(number for number in range(len(busy)) if number not in taken)
    return [busy[group == number].tolist() for number in range(group.max(initial=-1) + 1)]


def told_alone(
    matched: Matched,
    after: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    newly: Floats,
    lost: Floats,
) -> pd.DataFrame:
    """Write a row for each change: whose it is, whom it adds and loses, its beds and its cost."""
    changes = matched.changes
    names = after["name"].to_numpy() if "name" in after else np.full(len(after), None)
    cost = np.array([np.nan if each.cost is None else each.cost for each in changes], dtype=float)
    text: dict[str, Any] = {
        "kind": [each.kind for each in changes],
        "facility_id": [each.facility_id for each in changes],
        "name": [names[row] for row in matched.rows],
    }
    columns = {name: pd.Series(values, dtype="str") for name, values in text.items()}
    return pd.DataFrame(
        {
            "n": np.arange(1, len(changes) + 1), **columns, "newly": newly, "lost": lost,
            "beds": _beds_alone(matched, facilities), "cost": cost,
            "yuan_per_person": yuan_per_person(cost, newly),
        }
    )  # fmt: skip


def _beds_alone(matched: Matched, facilities: gpd.GeoDataFrame) -> Floats:
    """Give the beds that each change alone adds; NaN where they are unknown."""
    own = np.full(len(facilities), np.nan)
    if "beds_total" in facilities:
        own = people_of(facilities, "beds_total")
    shut = out_of_service(facilities)
    found = []
    for nth, row in enumerate(matched.rows):
        of = {n: matched.changes[n] for n in matched.of_row[row]}
        stated = own[row] if row < len(own) else 0.0
        serves = not shut[row] if row < len(own) else False
        with_all = _beds(list(of.values()), stated, serves=serves)
        if matched.changes[nth].kind == "add":
            found.append(with_all)
            continue
        del of[nth]
        found.append(with_all - _beds(list(of.values()), stated, serves=serves))
    return np.array(found, dtype=np.float64)


def _beds(changes: list[Change], stated: float, *, serves: bool) -> float:
    """Give the beds in service of one facility after some changes."""
    beds = stated
    for each in changes:
        if each.kind in ("add", "enlarge"):
            beds = np.nan if each.beds is None else float(each.beds)
        serves = (serves or each.kind == "add") and each.kind != "close"
    return beds if serves else 0.0
