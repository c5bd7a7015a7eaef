"""geomap: the open service map for elderly care.

The house, in the order in which the data flows; imports only point down this list:

=========  =====================================================================
cli        the ``geomap`` command
web        Flask: pages, API, tiles, the server
maps       folium maps, clusters, what orients on the offline map
find       for families: nearest, selection, place names
data       reading files, the workspace, published snapshots, the layers that ship
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
    from geomap.data.reading import check, read_facilities
    from geomap.find.nearest import nearest
    from geomap.maps.facility_map import facility_map
    from geomap.model.datum import from_wgs84, to_wgs84

_HOME = {
    "check": "geomap.data.reading",
    "facility_map": "geomap.maps.facility_map",
    "from_wgs84": "geomap.model.datum",
    "nearest": "geomap.find.nearest",
    "read_facilities": "geomap.data.reading",
    "to_wgs84": "geomap.model.datum",
}

__all__ = [
    "check",
    "facility_map",
    "from_wgs84",
    "nearest",
    "read_facilities",
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
