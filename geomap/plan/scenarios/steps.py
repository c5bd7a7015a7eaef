"""The steps of a scenario, one function each: from what is asked to figures before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.model.plane import EqualAreaPlane
from geomap.plan.ground import polygons_of
from geomap.plan.indicators.parts import quotient
from geomap.plan.isochrones import isochrones
from geomap.plan.on_foot import off_network, walks_within
from geomap.plan.pace import Cut
from geomap.plan.people import people_of
from geomap.plan.scenarios.alone import gains_alone
from geomap.plan.scenarios.held import Beds, GapsHeld, evenness
from geomap.plan.scenarios.served import Crowd
from geomap.plan.scenarios.stands import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geomap.plan.pace import Pace
    from geomap.plan.scenarios.asked import Asked
    from geomap.plan.scenarios.served import Served

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]


@dataclass(eq=False)
class Made:
    """What has been worked out so far.

    Parameters
    ----------
    told, areas_told : (n,) and (k,) rows of demand and areas of which anything can be said.
    reach : how far people go; None where there was no time to find out.
    compared : the people, and who of them is covered before and after.
    alone : whom each change alone adds and loses.
    figures : in all, before and after.
    columns : by area, the whole last where there is one.
    parts : other parts of the answer, by their name.
    """

    told: Mask
    areas_told: Mask
    reach: Reach | None = None
    compared: tuple[Crowd, Served, Served] | None = None
    alone: tuple[Floats, Floats] | None = None
    figures: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))
    columns: dict[str, Floats] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Asked) -> Made:
        """Begin."""
        size = 0 if asked.areas is None else len(asked.areas)
        made = cls(np.ones(len(asked.demand), dtype=bool), np.ones(size, dtype=bool))
        if asked.question.standard_m is not None:
            made.reach = Reach(asked.stands, float(asked.question.standard_m))
        return made


def work_through(asked: Asked, pace: Pace) -> Made:
    """Do the steps in their order; what there is no time for is named."""
    made = Made.of(asked)
    for name, step in STEPS.items():
        if name != "service" or asked.question.minutes is not None:
            pace.does(name, lambda step=step: step(asked, pace, made))  # type: ignore[misc]
    return made


def _walk(asked: Asked, pace: Pace, made: Made) -> None:
    """Draw the ground on foot about every place."""
    question, network = asked.question, asked.network
    if network is None or question.minutes is None:
        raise ValueError("a walk without a network is refused before")
    walked = isochrones(
        asked.stands.frame(), network, minutes=question.minutes, speed_mps=question.speed_mps,
        progress=pace.progress("service"),
    )  # fmt: skip
    off = off_network(asked.demand, network)
    made.told, made.reach = (
        ~off, Reach(asked.stands, question.reach_m, walked.geometry.to_numpy())
    )  # fmt: skip
    if asked.areas is not None:
        made.areas_told = ~off_network(asked.areas, network)
    made.parts["off_network"] = int(off.sum())
    if asked.states_people:
        lost = np.nansum(people_of(asked.demand, question.weight)[off])
        made.parts["people_off_network"] = float(lost)


def _coverage(asked: Asked, pace: Pace, made: Made) -> None:
    """Find who is covered before, and look again near what changes."""
    reach, stands = made.reach, asked.stands
    if reach is None or not asked.states_people:
        return
    outlines = None if asked.rows is None else polygons_of(asked.rows, "areas")
    plane = None if outlines is None else EqualAreaPlane.serving(outlines, "areas")
    crowd = Crowd.of(asked.demand, asked.question.weight, plane=plane, told=made.told)
    before = crowd.served(reach, stands.before, progress=pace.progress("coverage"))
    changed = np.concatenate([stands.gained, stands.given_up])
    near = crowd.these(crowd.met_by(reach.boxes(changed)))
    then = before.some(near)
    now = crowd.served(reach, stands.after, near).rounded_to(then)
    made.compared = crowd, before, before.with_(now)
    if outlines is not None:
        _cover_areas(made, crowd, before, (then, now), outlines)
    if asked.whole is None:
        _cover_all(made, crowd, before, (then, now))
    else:
        people, newly, lost = (float(made.columns[n][-1]) for n in ("people", "newly", "lost"))
        _total(made, float(made.columns["before_covered"][-1]), people, newly, lost)


def _cover_all(made: Made, crowd: Crowd, before: Served, pair: tuple[Served, Served]) -> None:
    """Count all people who have a place."""
    gains = crowd.gains(*pair)
    newly, lost = (float(each[0]) for each in gains.sums(gains.area, 1))
    _total(made, *crowd.totals(before), newly, lost)
    placed = ~np.isnan(before.fraction)
    nowhere = made.told & ~placed
    made.parts |= {
        "unknown_rows": int((placed & crowd.unknown).sum()),
        "without_place": float(np.nansum(crowd.people[nowhere])),
        "without_place_rows": int(nowhere.sum()),
    }


def _cover_areas(
    made: Made, crowd: Crowd, before: Served, pair: tuple[Served, Served], outlines: Geometries
) -> None:
    """Count by area."""
    people, covered, unknown = crowd.by_area(before, outlines)
    gains = crowd.gains(*pair, outlines)
    newly, lost = (each + 0 * people for each in gains.sums(gains.area, len(outlines)))
    after = covered + newly - lost
    made.columns |= {
        "people": people, "newly": newly, "lost": lost, "before_covered": covered,
        "after_covered": after, "before_share": quotient(covered, people),
        "after_share": quotient(after, people),
    }  # fmt: skip
    made.parts["unknown_rows"] = int(np.nan_to_num(unknown[-1]))


def _total(made: Made, covered: float, people: float, newly: float, lost: float) -> None:
    """Put down who is covered in all."""
    for figures, now in zip(made.figures, (covered, covered + newly - lost), strict=True):
        share = now / people if people else np.nan
        figures |= {"covered": now, "uncovered": people - now, "share": share}
    made.parts |= {"newly_covered": newly, "lost": lost}


def _changes(asked: Asked, pace: Pace, made: Made) -> None:
    """Find what each change does alone."""
    if made.compared is None or made.reach is None:
        return
    outline = None if asked.whole is None else polygons_of(asked.whole, "areas")
    crowd, _, after = made.compared
    newly, lost, late = gains_alone(crowd, made.reach, after, outline, pace)
    made.alone = newly, lost
    if late:
        pace.cut.append(Cut("changes", len(newly) - late, len(newly)))


def _beds(asked: Asked, _pace: Pace, made: Made) -> None:
    """Count the beds, by area and in all."""
    scoped, weight = asked.whole is not None, asked.question.weight
    demand = asked.demand.iloc[:0] if asked.evenly else asked.demand
    for name, frame, figures in _states(asked, made):
        held = Beds.of(frame, asked.rows, demand, weight=weight, scoped=scoped)
        people = figures.get("covered", np.nan) + figures.get("uncovered", np.nan)
        if asked.rows is not None:
            counted = made.columns.get("people", held.people)
            of = np.where(np.isnan(counted), held.people, counted)
            people = of[-1] if scoped else of.sum()
            made.columns[f"{name}_beds"] = held.by_area
            made.columns[f"{name}_beds_per_1000"] = quotient(held.by_area, of) * 1_000
        figures |= {
            "beds": held.total, "beds_unknown": held.unknown, "facilities": held.facilities,
            "without_place": held.without_place,
            "beds_per_1000": held.total / float(people) * 1_000 if people else np.nan,
        }  # fmt: skip


def _gaps(asked: Asked, pace: Pace, made: Made) -> None:
    """Cut the gaps; after, again only where facilities came or went."""
    areas, reach, told = asked.areas, made.reach, made.areas_told
    if areas is None or reach is None:
        return
    people = {
        "demand": None if asked.evenly else asked.demand, "weight": asked.question.weight
    }  # fmt: skip
    by = [_served_by(reach, each) for each in (asked.stands.before, asked.stands.after)]
    held = GapsHeld.of(areas[told], (asked.before, asked.after), (by[0], by[1]), people, pace)
    if len(held.uncut):
        size = int(told.sum())
        pace.cut.append(Cut("gaps", size - len(held.uncut), size))
    both = (held.before, held.after)
    for (name, _, figures), which in zip(_states(asked, made), both, strict=True):
        table = held.by_area(which)
        for column in map(str, table):
            values = np.full(len(told) + (asked.whole is not None), np.nan)
            values[: len(told)][told] = table[column]
            made.columns[f"{name}_{column}"] = values
            figures[column] = float(table[column].sum(min_count=1))
        made.parts[f"gaps_{name}"] = held.listed(which)
    made.parts["gaps_closed"] = held.closed(reach)


def _access(asked: Asked, pace: Pace, made: Made) -> None:
    """Measure how evenly the beds within reach are shared."""
    question, walks = asked.question, None
    if made.compared is None:
        return
    if asked.network is not None and question.minutes is not None:
        walks = walks_within(
            asked.demand, asked.stands.frame(), asked.network, limit_m=question.reach_m,
            progress=pace.progress("access"),
        )  # fmt: skip
    places = (asked.stands.before, asked.stands.after)
    for (_, frame, figures), stands in zip(_states(asked, made), places, strict=True):
        at = stands[asked.kept][: len(frame)]
        even = evenness(
            asked.demand, frame, asked.whole, weight=question.weight, reach_m=question.reach_m,
            told=made.told, cost=None if walks is None else _walks_to(walks, at),
        )  # fmt: skip
        if even is not None:
            figures |= {name: getattr(even, name) for name in ("gini", "palma", "worst_mean")}


def _served_by(reach: Reach, places: NDArray[np.int64]) -> dict[str, Any]:
    """Say what serves from places, as gaps are asked for."""
    if reach.walked is None:
        return {"standard_m": reach.standard_m}
    return {"service_areas": reach.frame(places)}


def _states(asked: Asked, made: Made) -> list[tuple[str, gpd.GeoDataFrame, dict[str, Any]]]:
    """Give both states: their name, their facilities, and their figures so far."""
    frames = (asked.before, asked.after)
    return list(zip(("before", "after"), frames, made.figures, strict=True))


def _walks_to(walks: csr_array, places: NDArray[np.int64]) -> csr_array:
    """Give the walks to the place of each facility; none to those that stand nowhere."""
    from scipy import sparse

    nobody = sparse.csc_array((walks.shape[0], 1))
    whole = sparse.csc_array(sparse.hstack([sparse.csc_array(walks), nobody]))
    return sparse.csr_array(whole[:, places])


STEPS: Final[Mapping[str, Callable[[Asked, Pace, Made], None]]] = {
    "service": _walk,
    "coverage": _coverage,
    "changes": _changes,
    "beds": _beds,
    "gaps": _gaps,
    "access": _access,
}
