"""Which ways and nodes of OpenStreetMap can be walked, by their tags.

The tags and their meaning: wiki.openstreetmap.org, Key:highway, Key:foot, Key:access,
Key:barrier. What is not listed is not walked, so that a new kind of way is never taken for one.

- ``oneway`` is for vehicles and ignored.
- ``foot`` goes before ``access``: ``access=private`` with ``foot=yes`` is walked.
- A road whose pavement is mapped as a way of its own is kept, since crossings often are not
  mapped; ``foot=use_sidepath`` takes it out.
- A square (``area=yes``, or a multipolygon) is walked along its rim.
- Ferries, lifts that are no way, platforms and building sites are not walked.
- Slopes are not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Ways that are open to people on foot where nothing else is said.
_OPEN: Final = frozenset({
    "footway", "path", "pedestrian", "steps", "living_street", "residential", "service",
    "unclassified", "road", "track", "bridleway", "cycleway", "corridor", "elevator", "primary",
    "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link", "trunk",
    "trunk_link",
})  # fmt: skip
#: Ways that are open only where a tag says so.
_ON_WORD: Final = frozenset({
    "motorway", "motorway_link", "busway", "bus_guideway", "escape",
})  # fmt: skip
#: What keeps people out: nobody may come in, or not for walking by.
_CLOSED: Final = frozenset({
    "no", "private", "agricultural", "forestry", "delivery", "military", "permit", "restricted",
    "emergency", "use_sidepath",
})  # fmt: skip
_YES: Final = frozenset({
    "yes", "designated", "official", "permissive", "destination", "customers",
})  # fmt: skip
#: Barriers on a way that nobody gets through unless a tag says so; gates, bollards, lifting
#: gates, blocks, stiles, cycle barriers and the like are passed.
_WALLS: Final = frozenset({
    "wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail", "jersey_barrier",
    "ditch", "debris",
})  # fmt: skip
STEPS = "steps"


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Whether a way can be walked.

    Examples
    --------
    >>> is_walkable({"highway": "footway"}), is_walkable({"highway": "motorway"})
    (True, False)
    >>> is_walkable({"highway": "service", "access": "private"})
    False
    >>> is_walkable({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    kind = tags.get("highway", "")
    if tags.get("route") == "ferry" or not (kind in _OPEN or kind in _ON_WORD):
        return False
    said = tags.get("foot") or tags.get("access") or ""
    if kind in _ON_WORD or tags.get("motorroad") == "yes":
        return tags.get("foot") in _YES
    return said not in _CLOSED


def is_closed(tags: Mapping[str, str]) -> bool:
    """Whether a way would be walked if it were not closed to people on foot.

    Examples
    --------
    >>> is_closed({"highway": "path", "foot": "no"}), is_closed({"highway": "motorway"})
    (True, False)
    """
    return tags.get("highway", "") in _OPEN and not is_walkable(tags)


def is_square(tags: Mapping[str, str]) -> bool:
    """Whether a closed way is the rim of an area that is walked."""
    return tags.get("area") == "yes"


def blocks(tags: Mapping[str, str]) -> bool:
    """Whether a node stops people on foot.

    Examples
    --------
    >>> blocks({"barrier": "gate"}), blocks({"barrier": "bollard"}), blocks({"barrier": "fence"})
    (False, False, True)
    >>> blocks({"barrier": "gate", "access": "private"})
    True
    >>> blocks({"barrier": "gate", "access": "private", "foot": "yes"})
    False
    """
    if "barrier" not in tags and "highway" not in tags:
        return False
    foot = tags.get("foot")
    if foot is not None:
        return foot in _CLOSED
    if "barrier" not in tags:
        return False
    closed = tags.get("access") in _CLOSED or tags.get("locked") == "yes"
    return closed or (tags["barrier"] in _WALLS and tags.get("access") not in _YES)
