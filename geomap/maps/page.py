"""What a page with a map loads; apart from the rest, since it is known before folium is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The scripts of a map in the order in which they run, below the static folder.
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "js/map-math.js",
    "js/map-grid.js",
    "js/map-elements.js",
    "js/map-symbols.js",
    "js/map-clusters.js",
    "js/map-context.js",
    "js/map-labels.js",
    "js/map-panel.js",
    "js/map-points.js",
    "js/map-local.js",
    "js/map-point.js",
    "js/map-talk.js",
    "js/map.js",
)
#: After them, where there is a street map to draw.
STREET_SCRIPTS = ("js/map-vector.js", "js/map-streets.js")
STYLES = ("vendor/leaflet/leaflet.css", "css/map.css")

#: The id of the map's element: folium's name of the first element of a document.
ELEMENT_ID = "map_1"

#: The origins of street tiles, by the name of the base map: allowed only where switched on.
ONLINE_TILE_HOSTS: Mapping[str, tuple[str, ...]] = {
    "osm": ("https://tile.openstreetmap.org",),
    "amap": tuple(f"https://webrd0{n}.is.autonavi.com" for n in range(1, 5)),
    "tianditu": tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8)),
}
