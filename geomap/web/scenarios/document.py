"""What a scenario changes as plain values: for pages, programs and files, and for its map."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geomap.model.geojson import METRE_DECIMALS
from geomap.web.plan.outlines import feature, finest_seen, simple
from geomap.web.scenarios.working import Effect

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geomap.plan.scenarios.answer import Figures, ScenarioEffect
    from geomap.web.plan.ask import Ask

_MOST_SPOTS, _MOST_GAPS = 4_000, 300
_SIDES: Final = ("before", "after")


def written(found: ScenarioEffect, ask: Ask, weight: str) -> Effect:
    """Write what a scenario changes; unknown and infinite numbers are null."""
    told = {
        "standard_m": ask.standard_m, "method": ask.method, "speed_mps": ask.speed_mps,
        "minutes": ask.minutes if ask.walks else None, "weight": weight,
        "before": _figures(found.before), "after": _figures(found.after),
        "newly_covered": number(found.newly_covered), "lost": number(found.lost),
        "gaps_closed": None if found.gaps_closed is None else {
            "count": len(found.gaps_closed), "people": number(found.closed_people)},
        "changes": records(found.changes),
        "by_area": [] if found.by_area is None else records(
            found.by_area.drop(columns="geometry", errors="ignore")),
        "unknown_rows": found.unknown_rows, "without_place": number(found.without_place),
        "without_place_rows": found.without_place_rows, "off_network": found.off_network,
        "people_off_network": number(found.people_off_network), "evenly": found.evenly,
        "notes": [{"zh": each.zh, "en": each.en} for each in found.notes],
        "cut": [asdict(each) for each in found.cut],
    }  # fmt: skip
    return Effect(told, drawn(found))


def number(value: float | None) -> float | None:
    """Write a number; None where it is unknown or not finite."""
    return float(value) if value is not None and np.isfinite(value) else None


def _figures(figures: Figures) -> dict[str, float | int | None]:
    """Write one state of the facilities."""
    return {
        name: value if isinstance(value, int) else number(value)
        for name, value in asdict(figures).items()
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Write the rows of a frame as records; unknown is None."""
    columns = {str(name): [_plain(each) for each in frame[name].tolist()] for name in frame}
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _plain(value: object) -> Any:  # noqa: ANN401 (a plain value)
    """Write a value of a frame; None where unknown."""
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value


def drawn(found: ScenarioEffect) -> dict[str, Any]:
    """Write what a map draws of it: where who lives is, and the gaps, before and after."""
    tolerance = finest_seen(found.demand if found.by_area is None else found.by_area)
    spots = _spots(found.demand)
    return {
        side: {
            "spots": [[*row[:3], row[3 + at]] for row in spots],
            "gaps": _collection(getattr(found, f"gaps_{side}"), tolerance),
        }
        for at, side in enumerate(_SIDES)
    }


def _spots(demand: gpd.GeoDataFrame) -> list[list[float]]:
    """Give longitude, latitude, people, and the shares covered before and after; most people first.

    Of too many rows those that change are drawn, and the others with the most people.
    """
    there = demand[demand["people"].gt(0) & demand["before"].notna() & demand["after"].notna()]
    people, before, after = (there[each].to_numpy(np.float64) for each in ("people", *_SIDES))
    order = np.lexsort((-people, np.isclose(before, after)))[:_MOST_SPOTS]
    order = order[np.argsort(-people[order], kind="stable")]
    at = shapely.get_coordinates(shapely.point_on_surface(there.geometry.to_numpy()[order]))
    table = np.column_stack([
        at.round(METRE_DECIMALS), people[order], before[order].round(3), after[order].round(3)
    ])  # fmt: skip
    rows: list[list[float]] = table.tolist()
    return rows


def _collection(gaps: gpd.GeoDataFrame | None, tolerance: float) -> dict[str, Any] | None:
    """Write the gaps with the most people; None where they were not looked for."""
    if gaps is None:
        return None
    some = gaps.head(_MOST_GAPS)
    shapes = simple(some.geometry.to_numpy(), tolerance)
    return {
        "type": "FeatureCollection",
        "features": [
            feature(shape, {"people": number(people), "km2": number(km2)})
            for shape, people, km2 in zip(
                shapes, some["population"].tolist(), some["area_km2"].tolist(), strict=True)
        ],
    }  # fmt: skip
