"""The steps of a review, one function each: from what is asked to columns, frames and values."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from shapely import multipolygons

from geomap.model.adcodes import code_range, code_ranges
from geomap.plan.accessibility import measure_access
from geomap.plan.claims import VERDICTS, check_claim
from geomap.plan.coverage import coverage
from geomap.plan.discs import MOST_M
from geomap.plan.equity import equity, lorenz
from geomap.plan.gaps import find_gaps
from geomap.plan.indicators import lists
from geomap.plan.indicators.answer import INDICATORS, study_of
from geomap.plan.indicators.reach import built
from geomap.plan.indicators.study import Parameters
from geomap.plan.isochrones import isochrones
from geomap.plan.on_foot import off_network, walks_within
from geomap.plan.pace import Cut
from geomap.plan.people import people_of
from geomap.plan.placing import place
from geomap.plan.review_work import Made, OnFoot
from geomap.plan.service_areas import service_areas
from geomap.plan.sites import Sites
from geomap.plan.standards import judge
from geomap.plan.union import union_of_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.claims import Claim
    from geomap.plan.claims import Checked
    from geomap.plan.indicators.study import Study
    from geomap.plan.review_work import Work

#: Fewer of the people than this share within reach: built, but out of reach.
FEW: Final = 0.5
_BEDS_NORM: Final = 40.0
_LISTED: Final = (
    "id", "name", "type", "adcode", "township", "beds_total", "residents", "inspected_on",
    "days_since", "occupancy", "crowding", "geometry",
)  # fmt: skip


def work_through(work: Work, steps: Sequence[str]) -> Made:
    """Do the steps in their order; from where the time is up on, name them."""
    made = Made()
    made.values["counts"] = _counts(work)
    for name in steps:
        work.pace.does(name, partial(_STEPS[name], work, made))
    return made


def _counts(work: Work) -> dict[str, int]:
    sites = Sites.of(work.facilities)
    return {
        "facilities": len(work.facilities), "serving": len(sites.lon),
        "not_in_service": sites.not_in_service, "without_place": sites.without_place,
    }  # fmt: skip


def _asked(work: Work, made: Made) -> dict[str, Any]:
    """Say by what people are covered: circles of the standard, or ground on foot."""
    if work.question.minutes is None:
        return {"standard_m": work.question.standard_m}
    if made.on_foot is None:
        _service(work, made)
    return made.standard


def _service(work: Work, made: Made) -> None:
    """Draw the ground within the standard."""
    asked, near = work.question, work.near
    if asked.minutes is None:
        made.frames["service"] = service_areas(
            near, radius_m=float(asked.standard_m or 0), merged=True
        )
        return
    if work.network is None:
        raise ValueError("a walk without a network is refused before")
    walked = isochrones(
        near, work.network, minutes=asked.minutes, speed_mps=asked.speed_mps,
        progress=work.pace.progress("service"),
    )  # fmt: skip
    ground = walked[walked.geometry.notna()]
    off, areas_off = (off_network(each, work.network) for each in (work.demand, work.areas))
    made.on_foot = OnFoot(ground, off, areas_off)
    counts = made.values["counts"]
    counts["off_network"] = len(walked) - len(ground)
    counts["areas_off_network"] = int(areas_off.sum())
    if asked.weight in work.demand:
        counts["people_off_network"] = round(np.nansum(people_of(work.demand, asked.weight)[off]))
    made.frames["service"] = ground.iloc[:0][["geometry"]]
    if len(ground):
        whole = multipolygons(union_of_shapes(ground.geometry.to_numpy()))
        made.frames["service"] = ground.iloc[:1][["geometry"]].set_geometry([whole], crs=ground.crs)


def _coverage(work: Work, made: Made) -> None:
    """Count who is covered, by area and in all."""
    weight = work.question.weight
    if weight not in work.demand or work.demand[weight].isna().all():
        return
    asked, fraction = _asked(work, made), np.full(len(work.demand), np.nan)
    told = np.ones(len(fraction), bool) if made.on_foot is None else ~made.on_foot.demand_off
    found = coverage(
        work.demand[told], work.facilities, weight=weight, areas=work.rows,
        progress=work.pace.progress("coverage"), **asked,
    )  # fmt: skip
    fraction[told] = found.fraction
    table = found.by_area.rename(columns={"population": "people"})
    made.columns.update({str(name): table[name].to_numpy() for name in table})
    made.frames["demand"] = work.demand[["geometry"]].assign(
        people=people_of(work.demand, weight), fraction=fraction
    )
    if work.scoped:
        last = table.iloc[-1]
        unknown = 0 if np.isnan(last["unknown_rows"]) else int(last["unknown_rows"])
        made.values |= {"covered": last["covered"], "uncovered": last["uncovered"],
                        "unknown_rows": unknown}  # fmt: skip
        return
    made.values |= {"covered": found.covered, "uncovered": found.uncovered,
                    "unknown_rows": found.unknown_rows, "without_place": found.without_place,
                    "without_place_rows": found.without_place_rows}  # fmt: skip


def _gaps(work: Work, made: Made) -> None:
    """Cut the gaps; the areas that there is no time for are named."""
    weight = work.question.weight
    known = weight in work.demand and work.demand is not work.areas
    asked, size, pace = _asked(work, made), len(work.areas), work.pace
    told = np.ones(size, bool) if made.on_foot is None else ~made.on_foot.areas_off
    found = find_gaps(
        work.areas[told], work.facilities, demand=work.demand if known else None, weight=weight,
        progress=lambda done, of: pace.tell("gaps", done, of), out_of_time=pace.out_of_time,
        **asked,
    )  # fmt: skip
    if len(found.uncut):
        pace.cut.append(Cut("gaps", int(told.sum()) - len(found.uncut), int(told.sum())))
    made.frames["gaps"] = found.listed
    table = found.by_area.rename(columns={"population": "gap_people"})
    for name in table:
        column = np.full(size + 1, np.nan)
        column[:size][told], column[size] = table[name], table[name].sum(min_count=1)
        made.columns[str(name)] = column


def _parameters(work: Work) -> Parameters:
    """Take what the formulas leave open from the question and the pack."""
    asked = work.question
    pack = work.packs.get(asked.pack or "")
    norm = _BEDS_NORM
    if pack is not None:
        on = asked.on or work.today
        rules = [r for r in pack.rules.values() if on is None or r.in_force(on)]
        norms = [r.number for r in rules if r.measure == "beds_per_1000_aged_60"]
        norm = norms[0] if norms else norm
    standard_m = min(asked.reach_m, MOST_M)
    return Parameters(
        on=asked.on, today=work.today, standard_m=standard_m, weight=asked.weight, beds_norm=norm
    )


def _indicators(work: Work, made: Made) -> None:
    """Work the indicators out, hold them against the pack, and list what to act on."""
    near, parameters = work.near, _parameters(work)
    below: Any = pd.concat([work.areas, work.lower, work.whole], ignore_index=True)
    demand = work.demand.iloc[:0] if work.demand is work.areas else work.demand
    study = study_of(below, near, demand, standard_m=parameters.standard_m, given=parameters)
    rows = np.r_[0 : len(work.areas), len(below) - 1]
    for key, each in INDICATORS.items():
        if key != "covered_share":  # worked out already, and by this question's own ground
            parts = each(study)
            made.columns[key] = each.value(parts)[rows]
            made.columns[f"{key}_base"] = parts.base[rows]
            made.columns[f"{key}_unknown"] = parts.unknown[rows]
    if "share" in made.columns:
        made.columns["covered_share"] = np.asarray(made.columns["share"]) * 100
        made.columns["covered_share_base"] = np.asarray(made.columns["people"])
        made.columns["covered_share_unknown"] = np.asarray(made.columns["unknown_rows"])
    made.values["on"] = study.parameters.on
    _beds(work, made, study, rows)
    _lists(work, made, study, rows)
    pack, on = work.packs.get(work.question.pack or ""), study.parameters.on or work.today
    if pack is not None and on is not None:
        made.frames["verdicts"] = judge(made.table(work.rows), pack, on=on, study=study, rows=rows)


def _beds(work: Work, made: Made, study: Study, rows: NDArray[np.intp]) -> None:
    """Hold the beds against the people that are asked about."""
    beds = study.number("beds_total")
    known = study.count(np.isfinite(beds))
    none = study.count(study.every) == 0
    total = np.where((known > 0) | none, study.total(beds), np.nan)[rows]
    made.columns["beds"] = total
    people = study.people(work.question.weight)[rows]
    if "people" in made.columns:
        counted = made.columns["people"]  # by the ground; by their codes where there is none
        people = np.where(np.isnan(counted), people, counted)
    with np.errstate(divide="ignore", invalid="ignore"):
        made.columns["beds_per_1000"] = np.where(people > 0, total / people * 1_000, np.nan)


def _lists(work: Work, made: Made, study: Study, rows: NDArray[np.intp]) -> None:
    """List areas without facilities, or out of their reach, and facilities inside to act on."""
    inside = study.of_facilities
    here = np.zeros(len(study.facilities), dtype=bool)
    here[inside.rows] = True
    ours = replace(study, facilities=study.facilities[here])
    made.frames["overdue"] = _short(lists.overdue(ours))
    made.frames["unpaired"] = _short(lists.unpaired(ours))
    made.frames["crowding"] = _short(lists.crowding(ours))
    made.values["counts"]["inside"] = int(here.sum())
    bare = lists.not_built(study)
    made.frames["unbuilt"] = work.areas[np.isin(np.arange(len(work.areas)), bare.index)]
    if "share" not in made.columns:
        return
    table = work.rows.assign(**{n: made.columns[n] for n in ("people", "uncovered", "share")})
    few = built(study)[rows] & (np.asarray(made.columns["share"]) < FEW)
    far = table[few & (np.arange(len(table)) < len(work.areas))]
    made.frames["far"] = far.sort_values("uncovered", ascending=False, kind="stable")


def _short(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what a list of facilities to act on says of each."""
    return facilities[[each for each in _LISTED if each in facilities]]


def _access(work: Work, made: Made) -> None:
    """Measure the beds within reach of each demand row, and how evenly they are shared."""
    asked = work.question
    has_beds = "beds_total" in work.facilities and work.facilities["beds_total"].notna().any()
    if "demand" not in made.frames or not has_beds:
        return
    near, cost = work.near, None
    if work.network is not None and asked.minutes is not None:
        cost = walks_within(
            work.demand, near, work.network, limit_m=asked.reach_m,
            progress=work.pace.progress("access"),
        )  # fmt: skip
    reach = measure_access(
        work.demand, near, threshold_m=min(asked.reach_m, MOST_M), weight=asked.weight, cost=cost
    ).per_demand
    if made.on_foot is not None:
        reach = reach.mask(made.on_foot.demand_off)
    made.frames["demand"] = made.frames["demand"].assign(access=reach * 1_000)
    people = made.frames["demand"]["people"]
    known = people.notna() & reach.notna()
    placed = place(work.demand, work.rows)
    counted = np.where(known, people, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = placed.sums(counted * reach.fillna(0).to_numpy()) / placed.sums(counted)
    made.columns["access"] = mean * 1_000
    ours = ~placed.nowhere if work.scoped else np.ones(len(people), dtype=bool)
    made.frames["lorenz"] = lorenz(reach[ours], people[ours])
    even = equity(reach[ours], people[ours])
    names = ("people", "unknown", "mean", "gini", "palma", "worst_mean", "worst_share")
    made.values["equity"] = {name: float(getattr(even, name)) for name in names}


def _claims(work: Work, made: Made) -> None:
    """Recompute the published figures of divisions that these areas are in or make up."""
    everything: Any = pd.concat([work.areas, work.lower], ignore_index=True)
    demand = work.demand.iloc[:0] if work.demand is work.areas else work.demand
    ours = [each for each in work.claims if _is_here(each, everything, work.whole)]
    rows = []
    for number, claim in enumerate(ours):
        if work.pace.out_of_time():
            work.pace.cut.append(Cut("claims", number, len(ours)))
            break
        work.pace.tell("claims", number, len(ours))
        some = everything[_of_claim(claim, everything)]
        near = replace(work, rows=some).near
        checked = check_claim(
            claim, some, near, demand, on=made.values.get("on"), packs=work.packs,
            parameters=_parameters(work),
        )  # fmt: skip
        rows.append(_told(checked))
    made.frames["claims"] = pd.DataFrame(rows)


def _of_claim(claim: Claim, areas: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mark the areas that a claim's division is, or that make it up."""
    low, high = code_range(claim.adcode)
    first, last = code_ranges(areas["adcode"])
    return (first >= low) & (last <= high)


def _is_here(claim: Claim, areas: gpd.GeoDataFrame, whole: gpd.GeoDataFrame) -> bool:
    """Whether a claim is of the whole, or of a division in it that areas make up."""
    if "adcode" not in areas:
        return False
    low, high = code_range(claim.adcode)
    top = whole["adcode"].iloc[0] if "adcode" in whole else None
    if isinstance(top, str):
        first, last = code_range(top)
        if low < first or high > last:
            return False
    return bool(_of_claim(claim, areas).any())


def _told(checked: Checked) -> dict[str, object]:
    """Write a checked claim as a row."""
    claim, verdict = checked.claim, VERDICTS[checked.verdict]
    return {
        "key": claim.key, "said_zh": claim.said.zh, "said_en": claim.said.en,
        "place_zh": claim.place.zh, "place_en": claim.place.en, "indicator": claim.indicator,
        "sureness": claim.sureness, "source_url": claim.source_url or "",
        "verdict": checked.verdict, "verdict_zh": verdict.zh, "verdict_en": verdict.en,
        "working_zh": "\n".join(each.zh for each in checked.working),
        "working_en": "\n".join(each.en for each in checked.working),
        "missing": " ".join(checked.missing),
    }  # fmt: skip


_STEPS: Final[Mapping[str, Callable[[Work, Made], None]]] = {
    "service": _service,
    "coverage": _coverage,
    "gaps": _gaps,
    "indicators": _indicators,
    "access": _access,
    "claims": _claims,
}
