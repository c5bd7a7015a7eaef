"""Read the ways of an OpenStreetMap extract that can be walked, as flat arrays.

osmium goes through the file and looks places up; only ways that are walked come to Python. An
extract is cut off somewhere: of a way whose nodes are not all there the known parts are kept.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.sniff import EXTRACT, NAMES, sniff
from geomap.data.walking.rules import STEPS, blocks, is_closed, is_square, is_walkable
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import osmium
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_STREETS = Label("可步行的道路", "streets that can be walked")
_FORMATS = {"osm": "xml", "pbf": "pbf"}
_LEAST_IN_LINE = 2


@dataclass
class Ways:
    """What was found: the nodes of all ways one after the other, and what is said of each way."""

    refs: array[int] = field(default_factory=lambda: array("q"))
    lon: array[float] = field(default_factory=lambda: array("d"))
    lat: array[float] = field(default_factory=lambda: array("d"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    steps: bytearray = field(default_factory=bytearray)
    ids: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("ways", "closed", "squares", "steps"), 0)
    )

    def take(self, way: osmium.osm.Way, *, steps: bool) -> None:
        """Take the nodes of a way, NaN where the file has no place for one."""
        if way.id in self.ids:
            return
        self.ids.add(way.id)
        self.sizes.append(len(way.nodes))
        self.steps.append(steps)
        for node in way.nodes:
            place = node.location
            valid = place.valid()
            self.refs.append(node.ref)
            self.lon.append(place.lon if valid else np.nan)
            self.lat.append(place.lat if valid else np.nan)


@dataclass(frozen=True)
class Parts:
    """Ways as lines without gaps.

    Parameters
    ----------
    lon, lat : (v,) vertices of all parts, one part after the other.
    key : (v,) what a vertex is: parts meet where they have a vertex of one key.
    part : (v,) the part of each vertex, ascending from 0.
    steps : (parts,) whether a part is stairs.
    """

    lon: Floats
    lat: Floats
    key: Ints
    part: Ints
    steps: NDArray[np.bool_]


def read_parts(path: Path) -> tuple[Parts, dict[str, int]]:
    """Read what can be walked, and count what is left out.

    Parameters
    ----------
    path : .osm.pbf or .osm; it is not trusted.

    Raises
    ------
    RefusedError : if it is no extract, is damaged, or has no way that can be walked.
    """
    import osmium

    source = sniff(path)
    if source.format not in _FORMATS:
        raise RefusedError("format_unknown", came=NAMES[source.format], expected=EXTRACT)
    try:
        file = osmium.io.File(str(path.resolve()), _FORMATS[source.format])
        ways = _find(file)
        _find_places(file, ways)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        came = str(error).replace(str(path.resolve()), path.name)
        raise RefusedError("invalid_file", came=came, expected=NAMES[source.format]) from error
    parts = _parts(ways)
    if not len(parts.steps):
        raise RefusedError("osm_nothing", came=len(ways.ids), expected=_STREETS)
    return parts, ways.counts


def _find(file: osmium.io.File) -> Ways:
    """Go through the file: ways, the nodes that block them, squares of several ways."""
    import osmium
    from osmium.filter import EntityFilter, KeyFilter

    def having(kind: osmium.osm.osm_entity_bits, *keys: str) -> KeyFilter:
        found = KeyFilter(*keys)
        found.enable_for(kind)
        return found

    ways, rims = Ways(), set[int]()
    objects = (
        osmium.FileProcessor(file)
        .with_locations()
        .with_filter(having(osmium.osm.NODE, "barrier", "highway"))
        .with_filter(having(osmium.osm.WAY | osmium.osm.RELATION, "highway"))
        .with_filter(EntityFilter(osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION))
    )
    for each in objects:
        tags = {tag.k: tag.v for tag in each.tags}
        if isinstance(each, osmium.osm.Node):
            if blocks(tags):
                ways.blocked.add(each.id)
        elif isinstance(each, osmium.osm.Way):
            _take(ways, each, tags)
        elif isinstance(each, osmium.osm.Relation) and _is_square(tags):
            ways.counts["squares"] += 1
            rims |= {member.ref for member in each.members if member.type == "w"}
    _take_rims(file, ways, rims - ways.ids)
    return ways


def _take(ways: Ways, way: osmium.osm.Way, tags: dict[str, str]) -> None:
    """Take a way if it can be walked."""
    if is_walkable(tags) and len(way.nodes) >= _LEAST_IN_LINE:
        steps = tags["highway"] == STEPS
        ways.take(way, steps=steps)
        ways.counts["ways"] += 1
        ways.counts["steps"] += steps
        ways.counts["squares"] += is_square(tags)
    else:
        ways.counts["closed"] += is_closed(tags)


def _is_square(tags: dict[str, str]) -> bool:
    return tags.get("type") == "multipolygon" and is_walkable(tags)


def _take_rims(file: osmium.io.File, ways: Ways, rims: Iterable[int]) -> None:
    """Take the ways that are rims of squares and have no tags of their own."""
    import osmium

    wanted = set(rims)
    if not wanted:
        return
    only = osmium.filter.IdFilter(wanted)
    only.enable_for(osmium.osm.WAY)
    objects = osmium.FileProcessor(file).with_locations().with_filter(only)
    for way in objects.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)):
        if isinstance(way, osmium.osm.Way) and len(way.nodes) >= _LEAST_IN_LINE:
            ways.take(way, steps=False)


def _find_places(file: osmium.io.File, ways: Ways) -> None:
    """Look up places of nodes that come after the ways, as in files of some exporters."""
    import osmium

    refs = np.asarray(ways.refs, dtype=np.int64)
    lost = np.isnan(np.asarray(ways.lon))
    if not lost.any():
        return
    only = osmium.filter.IdFilter(set(refs[lost].tolist()))
    places: dict[int, tuple[float, float]] = {}
    for node in osmium.FileProcessor(file, osmium.osm.NODE).with_filter(only):
        if isinstance(node, osmium.osm.Node) and node.location.valid():
            places[node.id] = node.location.lon, node.location.lat
    for at in np.flatnonzero(lost).tolist():
        ways.lon[at], ways.lat[at] = places.get(ways.refs[at], (np.nan, np.nan))


def _parts(ways: Ways) -> Parts:
    """Divide the ways where a place is missing and where a node blocks them."""
    refs = np.asarray(ways.refs, dtype=np.int64)
    lon, lat = np.asarray(ways.lon), np.asarray(ways.lat)
    way = np.repeat(np.arange(len(ways.sizes)), np.asarray(ways.sizes, dtype=np.int64))
    known = np.isfinite(lon) & np.isfinite(lat)
    blocked = np.isin(refs, np.fromiter(ways.blocked, np.int64, len(ways.blocked)))
    ways.counts["cut_off"] = len(np.unique(way[~known]))
    ways.counts["blocked"] = len(np.unique(refs[blocked & known]))
    # A gap begins a new part; a node that blocks ends one and begins another, each with a
    # vertex of its own.
    begins = np.diff(way, prepend=-1) != 0
    begins[1:] |= ~known[:-1]
    copies = np.where(blocked, 2, 1)[known]
    row = np.repeat(np.flatnonzero(known), copies)
    second = np.zeros(len(row), dtype=bool)
    second[1:] = row[1:] == row[:-1]
    part = np.cumsum((begins[row] & ~second) | second) - 1
    key = np.unique(refs[row], return_inverse=True)[1].astype(np.int64)
    alone = blocked[row]
    key[alone] = len(row) + np.flatnonzero(alone)
    steps = np.asarray(ways.steps, dtype=bool)[way[row]]
    return _tidied(lon[row], lat[row], key, part, steps)


def _tidied(lon: Floats, lat: Floats, key: Ints, part: Ints, steps: NDArray[np.bool_]) -> Parts:
    """Leave out repeated vertices, segments of two ways in one place, and parts of one vertex."""
    kept = np.ones(len(key), dtype=bool)
    kept[1:] = (np.diff(key) != 0) | (np.diff(part) != 0)
    lon, lat, key, part, steps = lon[kept], lat[kept], key[kept], part[kept], steps[kept]
    begins = np.diff(part, prepend=-1) != 0
    begins[1:] |= _is_double(key, part, steps)
    part = np.cumsum(begins) - 1
    kept = (np.bincount(part) >= _LEAST_IN_LINE)[part] if len(part) else begins
    _, first, number = np.unique(part[kept], return_index=True, return_inverse=True)
    return Parts(lon[kept], lat[kept], key[kept], number.astype(np.int64), steps[kept][first])


def _is_double(key: Ints, part: Ints, steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(v - 1,) whether the segment after a vertex stands before already, not as stairs."""
    low, high = np.minimum(key[:-1], key[1:]), np.maximum(key[:-1], key[1:])
    is_segment = np.diff(part) == 0
    order = np.lexsort((steps[:-1], ~is_segment, high, low))
    same = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
    same &= is_segment[order][1:]
    double = np.zeros(len(is_segment), dtype=bool)
    double[order[1:]] = same
    return double
