"""A siting answer as RFC 7946 GeoJSON and plain figures, for programs, pages and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.model.geojson import DECIMALS
from geomap.plan.siting.answer import BY_EXISTING
from geomap.web.siting.ground import BEDS_FIT, IN_EXCLUSION, NO_SIZE, TOO_SMALL
from geomap.web.siting.working import BEFORE, BEYOND, NEWLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.plan.reasons import Alternative
    from geomap.web.siting.choosing import Part
    from geomap.web.siting.ground import SiteGround
    from geomap.web.siting.working import Solved

    Floats = NDArray[np.float64]

_MOST_IDS, _MOST_SPOTS, _MOST_STRUCK = 1_000, 4_000, 500
_OWN: Final = ("name", "kind", "land_m2", "floor_m2", "cost", BEDS_FIT, "enough")


def document(solved: Solved) -> dict[str, Any]:
    """Write an answer; unknown and infinite numbers are null."""
    found, ask, ground = solved.siting, solved.ask, solved.ground
    people = float(solved.asked.people.sum()) * len(solved.parts)
    return {
        "type": "FeatureCollection",
        "features": _features(solved),
        "model": found.model, "status": found.status, "objective": number(found.objective),
        "bound": number(found.bound), "gap": number(found.gap),
        "p": len(found.chosen), "standard_m": ask.standard_m, "weight": ground.weight,
        "people": people, "covered_before": float(found.covered_before),
        "covered": float(found.covered),
        "newly_covered": float(found.covered - found.covered_before),
        "still_uncovered": max(0.0, people - found.covered),
        "unreachable": {"people": float(found.unreachable_weight), "rows": len(found.unreachable),
                        "ids": _ids(solved)},
        "by_type": _by_type(solved),
        "distance": None if ask.covers else _distance(solved.parts),
        "equity": ask.equity,
        "spent": found.spent, "money": _money(solved),
        "candidates": len(ground.places), "struck": _struck(ground),
        "existing": _serving(ground), "existing_without_beds": _bedless(solved),
        "curve": [{"p": each.p, "value": number(each.value), "proven": each.proven}
                  for each in solved.points],
        "money_curve": [{"budget": each.budget, "value": number(each.value), "spent": each.spent,
                         "p": each.sites, "proven": each.proven} for each in solved.money],
        "notes": [each.en for each in found.notes], "notes_zh": [each.zh for each in found.notes],
        "seconds": round(found.seconds, 3),
    }  # fmt: skip


def number(value: float) -> float | None:
    """Write a number; None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def _ids(solved: Solved) -> list[str]:
    """Name the rows that nobody could reach; the first of many."""
    rows = solved.ground.demand.loc[solved.siting.unreachable[:_MOST_IDS]]
    return [str(each) for each in rows["id"]]


def _serving(ground: SiteGround) -> int:
    from geomap.plan.sites import Sites

    return int(Sites.of(ground.existing).serving.sum())


def _bedless(solved: Solved) -> int | None:
    """Count the facilities whose beds nobody knows, which can then serve nobody; None: no limit."""
    if not solved.ask.capacity:
        return None
    from geomap.plan.sites import Sites

    existing = solved.ground.existing
    return int(existing.loc[Sites.of(existing).serving, "beds_total"].isna().sum())


def _by_type(solved: Solved) -> list[dict[str, Any]]:
    """Tell of each type whom it covers, where several are sited; nothing where only one is."""
    people, found = solved.asked.people, []
    for part in solved.parts:
        if part.one is None:
            continue
        before, covered = part.served_by == BY_EXISTING, part.served_by >= BY_EXISTING
        found.append({
            "type": part.one.type, "p": len(part.chosen), "standard_m": part.one.standard_m,
            "covered_before": float(people[before].sum()),
            "covered": float(people[covered].sum()),
            "newly_covered": float(solved.siting.new_weight[part.place].sum()),
            "still_uncovered": float(people[~covered].sum()),
        })  # fmt: skip
    return found


def _distance(parts: list[Part]) -> dict[str, float | None]:
    """Tell the mean and the greatest distance, today and with the new sites, over all types."""
    people = np.concatenate([each.measured.asked.people for each in parts])
    today = np.concatenate([each.today_m for each in parts])
    near = np.concatenate([each.near_m for each in parts])
    served = np.isfinite(near) & (people > 0)
    return {
        "mean_before_m": _mean(today, people), "mean_m": _mean(near, people),
        "farthest_before_m": _farthest(today, served), "farthest_m": _farthest(near, served),
    }  # fmt: skip


def _mean(metres: Floats, people: Floats) -> float | None:
    """Give the mean distance of those who have any."""
    some = np.isfinite(metres) & (people > 0)
    return float(np.average(metres[some], weights=people[some])) if some.any() else None


def _farthest(metres: Floats, served: NDArray[np.bool_]) -> float | None:
    """Give the greatest distance of those who are served; None where any has none."""
    there = metres[served]
    return float(there.max()) if there.size and np.isfinite(there).all() else None


def _costs(solved: Solved) -> Floats:
    """Give what each chosen site costs; NaN where unknown."""
    from geomap.plan.people import people_of

    rows = solved.ground.places.loc[solved.siting.chosen]
    return people_of(rows, "cost") if "cost" in rows else np.full(len(rows), np.nan)


def _beds(solved: Solved) -> Floats:
    """Give the beds of each chosen site: those planned, else those that fit; NaN where unknown."""
    rows = solved.ground.places.loc[solved.siting.chosen]
    fit = rows[BEDS_FIT].to_numpy(dtype=float) if BEDS_FIT in rows else np.full(len(rows), np.nan)
    return fit if solved.ask.beds is None else np.full(len(rows), solved.ask.beds)


def _subsidies(solved: Solved) -> tuple[Floats, Floats] | None:
    """Estimate the least and the most subsidy of a year by site; None where nobody asks for it."""
    from geomap.plan.siting.money import subsidy_per_year

    if solved.ask.occupancy is None:
        return None
    return subsidy_per_year(_beds(solved), occupancy=solved.ask.occupancy)


def _money(solved: Solved) -> dict[str, Any]:
    """Add up what the sites cost, by the person, and the subsidy that their beds bring a year."""
    from geomap.plan.siting.money import spending

    told = spending(_costs(solved), solved.siting.new_weight)
    yearly = _subsidies(solved)
    found: dict[str, Any] = {
        "yuan": told.yuan, "unknown": told.unknown,
        "yuan_per_person": told.yuan_per_person if solved.ask.covers else None,
    }  # fmt: skip
    if yearly is not None:
        known = np.isfinite(yearly[0])
        least, most = (float(each[known].sum()) if known.any() else None for each in yearly)
        found |= {"subsidy_low": least, "subsidy_high": most,
                  "subsidy_unknown": int((~known).sum())}  # fmt: skip
    return found


def _struck(ground: SiteGround) -> dict[str, Any]:
    """Tell which candidates take no part, and why; the first of many by name."""
    why = ground.struck["why"]
    rows = ground.struck.iloc[:_MOST_STRUCK]
    columns = {name: [_plain(each) for each in rows[name]] if name in rows else [None] * len(rows)
               for name in ("name", BEDS_FIT, "why")}  # fmt: skip
    return {
        "exclusions": int((why == IN_EXCLUSION).sum()), "small": int((why == TOO_SMALL).sum()),
        "unknown_size": int((why == NO_SIZE).sum()), "exclusion_areas": ground.exclusions,
        "kept_unknown": ground.unsized, "kept_small": ground.undersized,
        "rows": [
            {"id": str(name), "name": label, "why": reason, "beds_fit": fit}
            for name, label, reason, fit in zip(
                rows.index, columns["name"], columns["why"], columns[BEDS_FIT], strict=True
            )
        ],
    }  # fmt: skip


def _features(solved: Solved) -> list[dict[str, Any]]:
    """Write the chosen sites, those that serve the most people first."""
    from geomap.plan.siting.money import yuan_per_person

    found, places = solved.siting, solved.ground.places
    order = np.argsort(-np.asarray(found.new_weight), kind="stable").tolist()
    rows = places.index.get_indexer_for(found.chosen)
    each_yuan = yuan_per_person(_costs(solved), found.new_weight)
    yearly = _subsidies(solved)
    features = []
    for rank, at in enumerate(order, 1):
        row = places.iloc[int(rows[at])]
        shape = row.geometry
        point = shape if shape.geom_type == "Point" else shape.representative_point()
        reason = solved.reasons[at] if solved.reasons else None
        own = {name: _plain(row[name]) for name in _OWN if name in places}
        if found.types is not None:
            own["type"] = found.types[at]
        properties = {
            "id": str(found.chosen[at]),
            "rank": rank,
            **own,
            "new_people": float(found.new_weight[at]),
            **({"yuan_per_person": number(each_yuan[at])} if solved.ask.covers else {}),
            **({} if yearly is None else {"subsidy_low": number(yearly[0][at]),
                                          "subsidy_high": number(yearly[1][at])}),
            **_next_best(solved, reason),
        }  # fmt: skip
        features.append({
            "type": "Feature", "id": properties["id"], "properties": properties,
            "geometry": {"type": "Point", "coordinates": [round(point.x, DECIMALS),
                                                          round(point.y, DECIMALS)]},
        })  # fmt: skip
    return features


def _next_best(solved: Solved, reason: Alternative | None) -> dict[str, Any]:
    """Write the next best candidate in a site's place, and what it would lose."""
    unit = "people" if solved.ask.covers else {
        "p_median": "person_metres", "p_center": "metres"}[solved.ask.model]  # fmt: skip
    names = ("next_best_id", "next_best_name", f"next_best_loses_{unit}")
    if reason is None or reason.site is None:
        return dict.fromkeys(names)
    row = solved.ground.places.iloc[reason.site]
    values = (str(row.name), _plain(row.get("name")), number(reason.loss))
    return dict(zip(names, values, strict=True))


def _plain(value: object) -> Any:  # noqa: ANN401 (a plain value)
    """Write a value of a frame; None where unknown."""
    import pandas as pd

    if value is None or pd.isna(value):  # type: ignore[call-overload]  # a scalar
        return None
    if isinstance(value, (str, bool)):
        return value
    return bool(value) if isinstance(value, np.bool_) else float(value)  # type: ignore[arg-type]  # a number


def spots(solved: Solved) -> list[list[float]]:
    """Give the demand for the map: longitude, latitude, people, what became of it; most first.

    Where several types are sited, who has one newly within reach counts as newly reached, and who
    still lacks one and gains none as out of reach.
    """
    (lon, lat), people = solved.asked.homes, solved.asked.people
    served = np.stack([each.served_by for each in solved.parts])
    newly = (served >= 0).any(axis=0)
    before = (served == BY_EXISTING).all(axis=0)
    state = np.select([newly, before], [NEWLY, BEFORE], BEYOND)
    rows = np.flatnonzero(people > 0)
    rows = rows[np.argsort(-people[rows], kind="stable")][:_MOST_SPOTS]
    table = np.column_stack([lon[rows].round(5), lat[rows].round(5), people[rows], state[rows]])
    found: list[list[float]] = table.tolist()
    return found
