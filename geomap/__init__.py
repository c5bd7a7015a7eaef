"""geomap: the open service map for elderly care.

The house, in the order in which the data flows; imports only point down this list:

=========  =====================================================================
cli        the ``geomap`` command
web        Flask: pages, API, tiles, reports, the server
maps       folium maps, clusters, tiles, pictures, what orients on the offline map
find       for families: nearest, selection, search
plan       for planners: service areas, coverage, gaps, capacity, indicators, claims
data       reading files, the workspace, street maps, networks, jobs, the layers that ship
model      what things are: tables and fields, coordinate systems, datums, addresses
=========  =====================================================================

Every name below is imported when it is first used, so ``import geomap`` costs nothing.

Examples
--------
>>> import geomap as gm
>>> lon, lat = gm.to_wgs84(121.4787, 31.2304, "gcj02")
>>> bool(0.004 < 121.4787 - lon < 0.006)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomap.data.grids import read_demand, read_population_grid
    from geomap.data.network_files import read_network
    from geomap.data.reading import check, read_facilities
    from geomap.find.nearest import nearest
    from geomap.maps.facility_map import facility_map
    from geomap.model.datum import from_wgs84, to_wgs84
    from geomap.plan.accessibility import accessibility
    from geomap.plan.claims import check_claim
    from geomap.plan.coverage import coverage
    from geomap.plan.gaps import gaps
    from geomap.plan.indicators.answer import indicators
    from geomap.plan.isochrones import isochrones
    from geomap.plan.scenarios.applying import apply_changes
    from geomap.plan.scenarios.effect import scenario_effect
    from geomap.plan.service_areas import service_areas
    from geomap.plan.siting.candidates import grid_candidates
    from geomap.plan.siting.matrix import site_from_matrix
    from geomap.plan.siting.places import site

_HOME = {
    "accessibility": "geomap.plan.accessibility",
    "apply_changes": "geomap.plan.scenarios.applying",
    "check": "geomap.data.reading",
    "coverage": "geomap.plan.coverage",
    "check_claim": "geomap.plan.claims",
    "facility_map": "geomap.maps.facility_map",
    "from_wgs84": "geomap.model.datum",
    "gaps": "geomap.plan.gaps",
    "grid_candidates": "geomap.plan.siting.candidates",
    "indicators": "geomap.plan.indicators.answer",
    "isochrones": "geomap.plan.isochrones",
    "nearest": "geomap.find.nearest",
    "read_demand": "geomap.data.grids",
    "read_facilities": "geomap.data.reading",
    "read_network": "geomap.data.network_files",
    "read_population_grid": "geomap.data.grids",
    "scenario_effect": "geomap.plan.scenarios.effect",
    "service_areas": "geomap.plan.service_areas",
    "site": "geomap.plan.siting.places",
    "site_from_matrix": "geomap.plan.siting.matrix",
    "to_wgs84": "geomap.model.datum",
}

__all__ = [
    "accessibility",
    "apply_changes",
    "check",
    "check_claim",
    "coverage",
    "facility_map",
    "from_wgs84",
    "gaps",
    "grid_candidates",
    "indicators",
    "isochrones",
    "nearest",
    "read_demand",
    "read_facilities",
    "read_network",
    "read_population_grid",
    "scenario_effect",
    "service_areas",
    "site",
    "site_from_matrix",
    "to_wgs84",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (a module's attribute may be anything)
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'geomap' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names too."""
    return sorted([*globals(), *__all__])
