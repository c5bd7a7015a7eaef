"""A siting answer as RFC 7946 GeoJSON and plain figures, for programs, pages and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.plan.siting.answer import BY_EXISTING
from geomap.web.siting.working import BEFORE, BEYOND, NEWLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.plan.reasons import Alternative
    from geomap.web.siting.working import Solved

    Floats = NDArray[np.float64]

_DECIMALS, _MOST_IDS, _MOST_SPOTS = 7, 1_000, 4_000
_OWN: Final = ("name", "kind", "land_m2", "floor_m2", "cost")


def document(solved: Solved) -> dict[str, Any]:
    """Write an answer; unknown and infinite numbers are null."""
    from geomap.plan.sites import Sites

    found, ask = solved.siting, solved.ask
    people = solved.asked.people
    served = np.isfinite(solved.near_m) & (people > 0)
    beyond = float(people.sum()) - found.covered
    return {
        "type": "FeatureCollection",
        "features": _features(solved),
        "model": found.model, "status": found.status, "objective": number(found.objective),
        "bound": number(found.bound), "gap": number(found.gap),
        "p": len(found.chosen), "standard_m": ask.standard_m, "weight": solved.ground.weight,
        "people": float(people.sum()), "covered_before": float(found.covered_before),
        "covered": float(found.covered),
        "newly_covered": float(found.covered - found.covered_before),
        "still_uncovered": max(0.0, beyond),
        "unreachable": {"people": float(found.unreachable_weight), "rows": len(found.unreachable),
                        "ids": _ids(solved)},
        "distance": None if ask.covers else {
            "mean_before_m": _mean(solved.today_m, people), "mean_m": _mean(solved.near_m, people),
            "farthest_before_m": _farthest(solved.today_m, served),
            "farthest_m": _farthest(solved.near_m, served),
        },
        "spent": found.spent,
        "candidates": len(solved.ground.places),
        "existing": int(Sites.of(solved.ground.existing).serving.sum()),
        "curve": [{"p": each.p, "value": number(each.value), "proven": each.proven}
                  for each in solved.points],
        "notes": list(found.notes), "seconds": round(found.seconds, 3),
    }  # fmt: skip


def number(value: float) -> float | None:
    """Write a number; None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def _ids(solved: Solved) -> list[str]:
    """Name the rows that nobody could reach; the first of many."""
    rows = solved.ground.demand.loc[solved.siting.unreachable[:_MOST_IDS]]
    return [str(each) for each in rows["id"]]


def _mean(metres: Floats, people: Floats) -> float | None:
    """Give the mean distance of those who have any."""
    some = np.isfinite(metres) & (people > 0)
    return float(np.average(metres[some], weights=people[some])) if some.any() else None


def _farthest(metres: Floats, served: NDArray[np.bool_]) -> float | None:
    """Give the greatest distance of those who are served; None where any has none."""
    there = metres[served]
    return float(there.max()) if there.size and np.isfinite(there).all() else None


def _features(solved: Solved) -> list[dict[str, Any]]:
    """Write the chosen sites, those that serve the most people first."""
    found, places = solved.siting, solved.ground.places
    order = np.argsort(-np.asarray(found.new_weight), kind="stable").tolist()
    rows = places.index.get_indexer_for(found.chosen)
    features = []
    for rank, at in enumerate(order, 1):
        row = places.iloc[int(rows[at])]
        shape = row.geometry
        point = shape if shape.geom_type == "Point" else shape.representative_point()
        reason = solved.reasons[at] if solved.reasons else None
        own = {name: _plain(row[name]) for name in _OWN if name in places}
        properties = {
            "id": str(found.chosen[at]),
            "rank": rank,
            **own,
            "new_people": float(found.new_weight[at]),
            **_next_best(solved, reason),
        }
        features.append({
            "type": "Feature", "id": properties["id"], "properties": properties,
            "geometry": {"type": "Point", "coordinates": [round(point.x, _DECIMALS),
                                                          round(point.y, _DECIMALS)]},
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
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]  # a number


def spots(solved: Solved) -> list[list[float]]:
    """Give the demand for the map: longitude, latitude, people, what became of it; most first."""
    (lon, lat), people = solved.asked.homes, solved.asked.people
    served = solved.siting.served_by
    state = np.select([served == BY_EXISTING, served >= 0], [BEFORE, NEWLY], BEYOND)
    rows = np.flatnonzero(people > 0)
    rows = rows[np.argsort(-people[rows], kind="stable")][:_MOST_SPOTS]
    table = np.column_stack([lon[rows].round(5), lat[rows].round(5), people[rows], state[rows]])
    found: list[list[float]] = table.tolist()
    return found
