"""What a scenario would change: who is covered, gaps, beds, equity; before, after, by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geomap.plan.on_foot import SENIOR_MPS
from geomap.plan.pace import Pace
from geomap.plan.people import people_of
from geomap.plan.review import Question
from geomap.plan.scenarios.alone import told_alone
from geomap.plan.scenarios.answer import Figures, ScenarioEffect
from geomap.plan.scenarios.asked import Asked
from geomap.plan.scenarios.notes import notes_of
from geomap.plan.scenarios.steps import work_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd

    from geomap.model.network import Network
    from geomap.model.scenario import Change
    from geomap.plan.pace import Tell
    from geomap.plan.scenarios.steps import Made

_HELD: Final = ("covered", "share", "beds", "beds_per_1000", "gap_km2", "gap_people", "gaps")
_OWN: Final = ("id", "name", "level", "adcode")


def scenario_effect(  # noqa: PLR0913 (the public name's own options)
    facilities: gpd.GeoDataFrame,
    changes: Iterable[Change | Mapping[str, Any]],
    demand: gpd.GeoDataFrame | None,
    *,
    areas: gpd.GeoDataFrame | None = None,
    whole: gpd.GeoDataFrame | None = None,
    standard_m: float | None = None,
    minutes: float | None = None,
    speed_mps: float = SENIOR_MPS,
    network: Network | None = None,
    weight: str = "population",
    types: Iterable[str] = (),
    tell: Tell | None = None,
    out_of_time: Callable[[], bool] | None = None,
) -> ScenarioEffect:
    """Hold what would be if facilities were added, moved, closed or enlarged against what is.

    Parameters
    ----------
    facilities : (m,) facility frame in a known CRS, those of the neighbours too.
    changes : as :func:`geomap.apply_changes` takes them.
    demand : (n,) points, polygons or cells. Where it is None, or does not state the people, those
        of the areas are taken to live evenly over them.
    areas : (k,) polygons to report by; gaps are cut from them. They should not overlap.
    whole : one area row: only people, beds and gaps in it count in the figures, and `demand` of
        the answer is cut to its surroundings. All demand, and the beds in any area, where None.
    standard_m : coverage standard S, straight-line metres; at most 100 km.
    minutes, speed_mps, network : instead, a walk along the streets; rows of demand, and areas,
        that the streets tell nothing of are in no figure.
    weight : the column that counts the people: population, aged_60, aged_65 ...
    types : of facility; all where empty. A change to another type changes nothing then.
    tell : told the step ("service", "coverage", "changes", "beds", "gaps", "access"), how many of
        its parts are done, and of how many; may raise to stop the work.
    out_of_time : asked now and then; from the first yes on, parts are left out and named.

    Returns
    -------
    A :class:`~geomap.plan.scenarios.answer.ScenarioEffect`.

    Raises
    ------
    ParameterError : if a change cannot be made (:func:`geomap.apply_changes`), neither or both of
        standard and walk are given or out of range, a walk lacks a network, or a column is
        missing.
    CRSError : if a frame states no coordinate system.
    DataError : if people or beds are negative, or a geometry is of the wrong kind.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([105.0, 105.01, 105.1], [35, 35, 35], crs="EPSG:4326")
    >>> people = gpd.GeoDataFrame({"population": [30, 10, 60]}, geometry=at)
    >>> homes = gpd.GeoDataFrame({"id": ["a"], "type": ["nursing_home"]}, geometry=at[:1])
    >>> found = scenario_effect(homes, [{"kind": "move", "facility_id": "a", "lon": 105.1,
    ...     "lat": 35}], people, standard_m=1000)
    >>> found.newly_covered, found.lost, found.before.covered, found.after.covered
    (60.0, 40.0, 40.0, 60.0)
    """
    question = Question(
        standard_m=standard_m, minutes=minutes, speed_mps=speed_mps, weight=weight,
        types=tuple(types),
    )  # fmt: skip
    asked = Asked.of(
        facilities, changes, demand, question, areas=areas, whole=whole, network=network
    )
    pace = Pace.of(tell, out_of_time)
    return _assembled(asked, work_through(asked, pace), pace)


def _assembled(asked: Asked, made: Made, pace: Pace) -> ScenarioEffect:
    """Put what was worked out together."""
    before, after = (Figures(**each) for each in made.figures)
    nothing = np.full(len(asked.matched.changes), np.nan)
    newly, lost = (nothing, nothing) if made.alone is None else made.alone
    parts = {"newly_covered": np.nan, "lost": np.nan, **made.parts}
    return ScenarioEffect(
        before=before, after=after, demand=_demand(asked, made),
        changes=told_alone(asked.matched, asked.every_after, asked.every_before, newly, lost),
        by_area=None if asked.areas is None else _areas(asked.areas, made),
        evenly=asked.evenly, cut=tuple(pace.cut), notes=notes_of(asked, made.reach), **parts,
    )  # fmt: skip


def _demand(asked: Asked, made: Made) -> gpd.GeoDataFrame:
    """Write who is covered, row by row."""
    demand = asked.demand
    people = before = after = np.full(len(demand), np.nan)
    if asked.states_people:
        people = people_of(demand, asked.question.weight)
    if made.compared is not None:
        _, then, now = made.compared
        before, after = then.fraction, now.fraction
    return demand[[demand.geometry.name]].assign(people=people, before=before, after=after)


def _areas(areas: gpd.GeoDataFrame, made: Made) -> gpd.GeoDataFrame:
    """Write the figures of each area."""
    columns = dict(made.columns)
    nothing = np.full(len(areas), np.nan)
    for name in _HELD:
        then, now = (columns.get(f"{when}_{name}", nothing) for when in ("before", "after"))
        columns[f"change_{name}"] = now - then
    names = ["people", "newly", "lost"]
    names += [f"{when}_{name}" for name in _HELD for when in ("before", "after", "change")]
    table = {name: columns.get(name, nothing)[: len(areas)] for name in names}
    own = areas[[*(name for name in _OWN if name in areas), "geometry"]]
    found: Any = pd.concat([own, pd.DataFrame(table, index=areas.index)], axis=1)
    return found
