"""The lists behind the indicators: which homes and which areas, to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.plan.indicators.quality import inspections, officials
from geomap.plan.indicators.reach import built, placeable
from geomap.plan.indicators.supply import EMPTY, FULL, filling

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.plan.indicators.study import Study


def overdue(study: Study) -> gpd.GeoDataFrame:
    """List the facilities not inspected this year, the longest ago first.

    Returns
    -------
    Rows of the facilities with ``days_since``; those without a known inspection come last, with
    NaN: they are no more known to be overdue than to have been inspected. None where no
    inspection is known at all.
    """
    known, this_year = inspections(study)
    on = study.parameters.on
    since = np.full(len(known), np.nan)
    if on is not None:
        days = np.datetime64(on, "D") - study.day("inspected_on")
        since[known] = days[known].astype(np.float64)
    late = study.facilities.assign(days_since=since)[~this_year & bool(known.any())]
    return late.sort_values("days_since", ascending=False, na_position="last", kind="stable")


def unpaired(study: Study) -> gpd.GeoDataFrame:
    """List the facilities for which no official is stated; none where no official is, of any."""
    if "steward_name" not in study.facilities:
        return study.facilities.iloc[:0]
    paired = officials(study.facilities["steward_name"]) > 0
    return study.facilities[~paired & bool(paired.any())]


def crowding(study: Study) -> gpd.GeoDataFrame:
    """List the homes more than 95 % full and those less than half full, for the map.

    Returns
    -------
    Rows of the facilities with ``occupancy`` (%) and ``crowding``: full or half_empty.
    """
    rate = filling(study)
    kind = np.select([rate > FULL, rate < EMPTY], ["full", "half_empty"], default="")
    marked = study.facilities.assign(occupancy=rate * 100, crowding=kind)
    return marked[kind != ""].sort_values("occupancy", ascending=False, kind="stable")


def not_built(study: Study) -> gpd.GeoDataFrame:
    """List the areas without a facility in service; not those of which that is unknown."""
    return study.areas[placeable(study) & ~built(study) & ~study.undecided.silent]
