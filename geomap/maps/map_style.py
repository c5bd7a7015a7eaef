"""How the vector tiles look on others' maps: a MapLibre style, without a foreign host in it.

Source: maplibre.org/maplibre-style-spec. Letters would need a host of glyphs, so the style has
none: a group is larger the more facilities it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.maps.vector_tiles import COUNT, LAYER
from geomap.model.facility import NOT_OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE: Final = "facilities"
_INK, _WHITE = "#14212B", "#FFFFFF"
#: Fills of the symbols, as ``static/build_static.py`` draws them.
FILLS: Final[Mapping[str, str]] = {
    "nursing_home": "#0B2472",
    "community_center": "#0E6458",
    "street_center": "#86CDFA",
    "rural_welfare_home": "#8A3208",
    "rural_mutual_aid_home": "#F5C82E",
    "other": _WHITE,
}
#: Radius in px of a group by its number of facilities.
_RADII: Final = (2, 8, 10, 11, 100, 14, 1000, 18, 100_000, 26)


def map_style(
    tiles: str, *, name: str, bounds: tuple[float, float, float, float]
) -> dict[str, Any]:
    """Write a style of the facilities alone, to be laid over a map or shown by itself.

    Parameters
    ----------
    tiles : address of the TileJSON.
    name : of the style.
    bounds : west, south, east, north: the map opens over its middle.
    """
    west, south, east, north = bounds
    grouped = [">", ["coalesce", ["get", COUNT], 1], 1]
    of_type = ["match", ["get", "type"], *(each for pair in FILLS.items() for each in pair), _WHITE]
    closed = ["in", ["coalesce", ["get", "status"], ""], ["literal", sorted(NOT_OPEN)]]
    group = {
        "circle-color": _WHITE,
        "circle-radius": ["interpolate", ["linear"], ["get", COUNT], *_RADII],
        "circle-stroke-color": _INK,
        "circle-stroke-width": 2,
    }
    single = {
        "circle-color": ["case", closed, _WHITE, of_type],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 3, 10, 6, 16, 11],
        "circle-stroke-color": _INK,
        "circle-stroke-width": 1.5,
    }
    return {
        "version": 8,
        "name": name,
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": 4,
        "sources": {SOURCE: {"type": "vector", "url": tiles}},
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": "#E9EEEC"}},
            _circles("groups", grouped, group),
            _circles("facilities", ["!", grouped], single),
        ],
    }


def _circles(name: str, chosen: list[Any], paint: dict[str, Any]) -> dict[str, Any]:
    where = {"source": SOURCE, "source-layer": LAYER}
    return {"id": name, "type": "circle", **where, "filter": chosen, "paint": paint}
