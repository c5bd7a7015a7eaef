"""What of OpenStreetMap a street map shows: by tags, and from which zoom on.

Source of the tags: wiki.openstreetmap.org/wiki/Map_features. Boundaries are not drawn: those of
the map come from the boundary layers, which are checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tiles are made for these zooms; nearer, browsers enlarge the last, further there is a picture.
FIRST_ZOOM, LAST_ZOOM = 7, 14
#: Names are shown up to here.
LAST_NAME_ZOOM = 17

#: Roads by the value of ``highway``: kind, and the first zoom.
ROADS: Mapping[str, tuple[str, int]] = {
    "motorway": ("motorway", 7),
    "trunk": ("trunk", 8),
    "primary": ("primary", 9),
    "motorway_link": ("link", 12),
    "trunk_link": ("link", 12),
    "primary_link": ("link", 12),
    "secondary": ("secondary", 11),
    "secondary_link": ("link", 13),
    "tertiary": ("tertiary", 12),
    "tertiary_link": ("link", 13),
    "residential": ("minor", 13),
    "unclassified": ("minor", 13),
    "living_street": ("minor", 13),
    "road": ("minor", 13),
    "pedestrian": ("pedestrian", 14),
    "service": ("service", 14),
    "track": ("path", 14),
    "footway": ("path", 14),
    "path": ("path", 14),
    "cycleway": ("path", 14),
    "bridleway": ("path", 14),
    "steps": ("steps", 14),
}
_RAILS: Mapping[str, int] = {"rail": 10, "narrow_gauge": 12, "light_rail": 12, "tram": 14}
_SIDINGS_FROM = 14
#: What runs beside a road that is drawn anyway.
_BESIDE_A_ROAD = frozenset({"sidewalk", "crossing", "traffic_island"})
WATERWAYS: Mapping[str, tuple[str, int]] = {
    "river": ("river", 9),
    "canal": ("canal", 11),
    "stream": ("stream", 13),
    "drain": ("stream", 14),
    "ditch": ("stream", 14),
}
_WATER = {
    "natural": frozenset({"water"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "landuse": frozenset({"reservoir", "basin"}),
}
_GREEN: Mapping[str, Mapping[str, str]] = {
    "leisure": {
        "park": "park",
        "garden": "park",
        "golf_course": "park",
        "common": "park",
        "recreation_ground": "park",
        "pitch": "park",
        "playground": "park",
    },
    "landuse": {
        "forest": "wood",
        "grass": "park",
        "meadow": "park",
        "recreation_ground": "park",
        "village_green": "park",
        "cemetery": "park",
        "orchard": "park",
        "vineyard": "park",
        "allotments": "park",
    },
    "natural": {
        "wood": "wood",
        "scrub": "wood",
        "grassland": "park",
        "heath": "park",
        "wetland": "wetland",
    },
}
#: Named things by key and value ("*" for any): kind, and the first zoom; the first that fits.
_NAMED: tuple[tuple[str, str, str, int], ...] = (
    ("place", "city", "place", 7),
    ("place", "town", "place", 9),
    ("place", "borough", "place", 11),
    ("place", "suburb", "place", 12),
    ("place", "island", "place", 12),
    ("place", "village", "place", 12),
    ("place", "quarter", "place", 13),
    ("place", "neighbourhood", "place", 14),
    ("place", "hamlet", "place", 14),
    ("place", "isolated_dwelling", "place", 16),
    ("railway", "station", "station", 13),
    ("railway", "halt", "station", 14),
    ("aeroway", "aerodrome", "station", 11),
    ("amenity", "ferry_terminal", "station", 14),
    ("amenity", "bus_station", "station", 15),
    ("amenity", "university", "poi", 14),
    ("amenity", "hospital", "poi", 14),
    ("amenity", "college", "poi", 15),
    ("amenity", "townhall", "poi", 15),
    ("tourism", "museum", "poi", 15),
    ("tourism", "attraction", "poi", 16),
    ("amenity", "theatre", "poi", 15),
    ("leisure", "park", "green", 14),
    ("leisure", "nature_reserve", "green", 14),
    ("leisure", "stadium", "poi", 15),
    ("leisure", "sports_centre", "poi", 16),
    ("landuse", "residential", "place", 15),
    ("landuse", "cemetery", "green", 15),
    ("amenity", "school", "poi", 16),
    ("amenity", "library", "poi", 16),
    ("amenity", "clinic", "poi", 16),
    ("amenity", "marketplace", "poi", 16),
    ("amenity", "community_centre", "poi", 16),
    ("amenity", "social_facility", "poi", 16),
    ("amenity", "place_of_worship", "poi", 16),
    ("shop", "mall", "poi", 15),
    ("shop", "department_store", "poi", 16),
    ("shop", "supermarket", "poi", 17),
    ("amenity", "kindergarten", "poi", 17),
    ("amenity", "police", "poi", 17),
    ("amenity", "post_office", "poi", 17),
    ("amenity", "bank", "poi", 17),
    ("amenity", "pharmacy", "poi", 17),
    ("tourism", "hotel", "poi", 17),
    ("highway", "bus_stop", "station", 17),
    ("railway", "subway_entrance", "station", 17),
    ("railway", "tram_stop", "station", 16),
    ("natural", "peak", "poi", 14),
    ("natural", "water", "water", 14),
    ("building", "*", "poi", 17),
)
#: Keys that any drawn node, way or area has: the rest of the file is never looked at.
NODE_KEYS = tuple(dict.fromkeys(each[0] for each in _NAMED if each[0] != "building"))
WAY_KEYS = ("highway", "railway", "waterway", "natural")
AREA_KEYS = tuple(
    dict.fromkeys(("building", *_WATER, *_GREEN, *(each[0] for each in _NAMED), "highway"))
)
_LONGEST_NAME = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


class Names(NamedTuple):
    """What something is called: in Chinese or locally, and in English where that differs."""

    name: str = ""
    en: str = ""


class Drawn(NamedTuple):
    """How something is drawn: in which layer, as what, from which zoom on, under which names."""

    layer: str
    kind: str
    zoom: int
    tunnel: bool = False
    names: Names = Names()


def names_of(tags: Mapping[str, str]) -> Names:
    """Read the names; of a road without one its number.

    Examples
    --------
    >>> names_of({"name": "Staro Mesto", "name:zh": "老城", "name:en": "Old Town"})
    Names(name='老城', en='Old Town')
    >>> names_of({"name": "Old Town", "name:en": "Old Town"})
    Names(name='Old Town', en='')
    """
    local = tags.get("name") or tags.get("ref") or ""
    chinese = tags.get("name:zh") or tags.get("name:zh-Hans") or local
    english = tags.get("name:en") or ""
    name = _clean(chinese or english)
    return Names(name, "" if _clean(english) == name else _clean(english))


def _clean(text: str) -> str:
    """Take out what nobody sees, and cut what is no name any more."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 1] + "…"


def line_of(tags: Mapping[str, str]) -> Drawn | None:
    """Tell how a line is drawn; None if not at all.

    Examples
    --------
    >>> line_of({"highway": "primary", "name": "文化路"})
    Drawn(layer='roads', kind='primary', zoom=9, tunnel=False, names=Names(name='文化路', en=''))
    >>> line_of({"highway": "proposed"}) is None
    True
    """
    tunnel = tags.get("tunnel", "no") != "no"
    highway = ROADS.get(tags.get("highway", ""))
    if highway is not None:
        if tags.get("footway") in _BESIDE_A_ROAD or tags.get("area") == "yes":
            return None
        return Drawn("roads", *highway, tunnel, names_of(tags))
    rail = _RAILS.get(tags.get("railway", ""))
    if rail is not None:
        return Drawn("roads", "rail", _SIDINGS_FROM if "service" in tags else rail, tunnel)
    waterway = WATERWAYS.get(tags.get("waterway", ""))
    if waterway is not None and not tunnel:
        return Drawn("waterways", *waterway, names=names_of(tags))
    return None


def area_of(tags: Mapping[str, str]) -> Drawn | None:
    """Tell how an area is drawn; from which zoom on depends on its size.

    Examples
    --------
    >>> area_of({"building": "yes", "landuse": "grass"}).layer
    'buildings'
    >>> area_of({"natural": "wetland"}).kind
    'wetland'
    """
    if tags.get("building", "no") != "no":
        return Drawn("buildings", "", LAST_ZOOM)
    if any(tags.get(key) in values for key, values in _WATER.items()):
        return Drawn("water", "water", FIRST_ZOOM)
    for key, kinds in _GREEN.items():
        kind = kinds.get(tags.get(key, ""))
        if kind is not None:
            return Drawn("green", kind, FIRST_ZOOM)
    return None


def named_of(tags: Mapping[str, str]) -> Drawn | None:
    """Tell how the name of something is shown; None if it has none, or is of no use on a map.

    Examples
    --------
    >>> named_of({"amenity": "hospital", "name": "华东医院"})
    Drawn(layer='names', kind='poi', zoom=14, tunnel=False, names=Names(name='华东医院', en=''))
    """
    if "name" not in tags and "name:zh" not in tags and "name:en" not in tags:
        return None
    for key, value, kind, zoom in _NAMED:
        if key in tags and value in ("*", tags[key]):
            return Drawn("names", kind, zoom, names=names_of(tags))
    return None
