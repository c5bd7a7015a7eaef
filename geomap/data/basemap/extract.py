"""Read an OpenStreetMap extract: what a street map draws of it, as flat arrays.

osmium looks through the tags and puts lines and areas together; only what is drawn comes to
Python. An extract is cut off somewhere: of a line whose points are not all there the known parts
are kept, an area whose outline is not whole is left out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.basemap.kinds import (
    AREA_KEYS,
    NODE_KEYS,
    WAY_KEYS,
    Drawn,
    area_of,
    line_of,
    named_of,
)
from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.sniff import NAMES
from geomap.model.mercator import to_world
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import osmium
    from numpy.typing import NDArray

#: So many objects lie between two words on how far reading is.
_TOLD_EVERY = 20_000
_LEAST_IN_LINE = 2
_STREETS = Label("道路", "roads")
_FORMATS = {".osm": "xml", ".pbf": "pbf"}
#: Where a file may state the day of its data, the surest first.
_DATES = ("osmosis_replication_timestamp", "timestamp")


@dataclass
class Layer:
    """Things that are drawn alike: (n,) geometries, and what is said of each.

    Attributes
    ----------
    geometry : shapely geometries in world coordinates, see :mod:`geomap.model.mercator`.
    look : the place of each one's look in the extract's list.
    zoom : from which each is drawn.
    """

    geometry: NDArray[np.object_]
    look: NDArray[np.int64]
    zoom: NDArray[np.int64]


@dataclass(frozen=True)
class Extract:
    """What is drawn of a file.

    Parameters
    ----------
    layers : by name.
    looks : all that the geometries refer to.
    coast : coastlines, (n,) lines in world coordinates, land on their left.
    box : west, north, east, south of the extract in world coordinates.
    date : of the data, as the file states it; "" where it does not.
    counts : roads, buildings and so on that were read.
    """

    layers: dict[str, Layer]
    looks: Sequence[Drawn]
    coast: NDArray[np.object_]
    box: tuple[float, float, float, float]
    date: str
    counts: dict[str, int]


@dataclass
class _Found:
    """What was found so far: well-known binary, since that is a fifth of a geometry's memory."""

    geometries: dict[str, list[bytes]] = field(default_factory=dict)
    looks: dict[str, list[int]] = field(default_factory=dict)
    numbers: dict[Drawn, int] = field(default_factory=dict)

    def add(self, drawn: Drawn, geometry: bytes) -> None:
        self.geometries.setdefault(drawn.layer, []).append(geometry)
        number = self.numbers.setdefault(drawn, len(self.numbers))
        self.looks.setdefault(drawn.layer, []).append(number)


_COAST = Drawn("coast", "", 0)


def read_extract(path: Path, *, tell: Callable[[int], object] = bool) -> Extract:
    """Read what a street map draws.

    Parameters
    ----------
    path : .osm.pbf or .osm; it is not trusted.
    tell : is told how many objects were looked at.

    Raises
    ------
    RefusedError : if it is damaged, or has no roads.
    """
    import osmium

    suffix = path.suffix.lower()
    try:
        file = osmium.io.File(str(path.resolve()), _FORMATS[suffix])
        with osmium.io.Reader(file, osmium.osm.NOTHING) as reader:
            header = reader.header()
        found = _find(file, tell)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        came = str(error).replace(str(path.resolve()), path.name)
        expected = NAMES["pbf" if suffix == ".pbf" else "osm"]
        raise RefusedError("invalid_file", came=came, expected=expected) from error
    counts = {name: len(each) for name, each in found.geometries.items()}
    if not counts.get("roads"):
        raise RefusedError("osm_nothing", came=sum(counts.values()), expected=_STREETS)
    layers = {name: _layer(found, name) for name in list(found.geometries)}
    coast = layers.pop("coast").geometry if "coast" in layers else np.empty(0, dtype=object)
    box = _box(layers, header.box())
    return Extract(layers, list(found.numbers), coast, box, _date(header), counts)


def _find(file: osmium.io.File, tell: Callable[[int], object]) -> _Found:
    """Go through the file."""
    import osmium
    from osmium.filter import EntityFilter, KeyFilter

    factory = osmium.geom.WKBFactory()
    objects = (
        osmium.FileProcessor(file)
        .with_locations()
        .with_areas(KeyFilter(*AREA_KEYS))
        .with_filter(_having(NODE_KEYS, osmium.osm.NODE))
        .with_filter(_having(WAY_KEYS, osmium.osm.WAY))
        .with_filter(_having(AREA_KEYS, osmium.osm.AREA))
        .with_filter(EntityFilter(osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA))
    )
    found = _Found()
    for number, each in enumerate(objects):
        if number % _TOLD_EVERY == 0:
            tell(number)
        tags = {tag.k: tag.v for tag in each.tags}
        if isinstance(each, osmium.osm.Way):
            _take_line(found, factory, each, tags)
        elif isinstance(each, osmium.osm.Area):
            _take_area(found, factory, each, tags)
        elif isinstance(each, osmium.osm.Node) and each.location.valid():
            named = named_of(tags)
            if named is not None:
                found.add(named, bytes.fromhex(factory.create_point(each)))
    return found


def _having(keys: Sequence[str], kind: osmium.osm.osm_entity_bits) -> osmium.filter.KeyFilter:
    """Let only those objects of a kind pass that have one of some keys."""
    from osmium.filter import KeyFilter

    found = KeyFilter(*keys)
    found.enable_for(kind)
    return found


def _take_line(
    found: _Found, factory: osmium.geom.WKBFactory, way: osmium.osm.Way, tags: dict[str, str]
) -> None:
    """Take a way as a line, if it is drawn so."""
    drawn = _COAST if tags.get("natural") == "coastline" else line_of(tags)
    if drawn is None or len(way.nodes) < _LEAST_IN_LINE:
        return
    for geometry in _lines(factory, way):
        found.add(drawn, geometry)


def _lines(factory: osmium.geom.WKBFactory, way: osmium.osm.Way) -> Iterable[bytes]:
    """Make a line of a way; where points are not in the file, of each part between them."""
    import osmium

    try:
        yield bytes.fromhex(factory.create_linestring(way))
    except osmium.InvalidLocationError:
        yield from _known_parts(way)
    except RuntimeError:  # all its points are one
        return


def _known_parts(way: osmium.osm.Way) -> Iterable[bytes]:
    import shapely

    part: list[tuple[float, float]] = []
    for node in (*way.nodes, None):
        if node is not None and node.location.valid():
            part.append((node.location.lon, node.location.lat))
            continue
        if len(part) >= _LEAST_IN_LINE:
            yield shapely.to_wkb(shapely.LineString(part))
        part = []


def _take_area(
    found: _Found, factory: osmium.geom.WKBFactory, area: osmium.osm.Area, tags: dict[str, str]
) -> None:
    """Take an area, if it is drawn, and its name."""
    drawn, named = area_of(tags), named_of(tags)
    if drawn is None and named is None:
        return
    try:
        geometry = bytes.fromhex(factory.create_multipolygon(area))
    except RuntimeError:  # no outline could be put together
        return
    if drawn is not None:
        found.add(drawn, geometry)
    if named is not None:
        found.add(named._replace(layer="named areas"), geometry)


def _layer(found: _Found, name: str) -> Layer:
    """Make arrays of what was found, in world coordinates."""
    import shapely

    geometry = shapely.from_wkb(np.array(found.geometries.pop(name), dtype=object))
    look = np.array(found.looks.pop(name), dtype=np.int64)
    zooms = np.array([each.zoom for each in found.numbers], dtype=np.int64)
    geometry = shapely.transform(geometry, _to_world)
    valid = shapely.is_valid(geometry)
    geometry[~valid] = shapely.make_valid(geometry[~valid])
    return Layer(geometry, look, zooms[look])


def _to_world(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(to_world(degrees[:, 0], degrees[:, 1]))


def _box(layers: dict[str, Layer], stated: osmium.osm.Box) -> tuple[float, float, float, float]:
    """Give the box that the roads and buildings fill, no larger than the file states."""
    import shapely

    drawn = [layers[name].geometry for name in ("roads", "buildings") if name in layers]
    bounds = np.array([shapely.total_bounds(each) for each in drawn])
    west, north = bounds[:, :2].min(axis=0)
    east, south = bounds[:, 2:].max(axis=0)
    if stated.valid():
        low, high = stated.bottom_left, stated.top_right
        (least_x, most_x), (most_y, least_y) = to_world([low.lon, high.lon], [low.lat, high.lat])
        west, north = max(west, least_x), max(north, least_y)
        east, south = min(east, most_x), min(south, most_y)
    return float(west), float(north), float(east), float(south)


def _date(header: osmium.io.Header) -> str:
    """Read the day that the data is of."""
    for name in _DATES:
        with suppress(ValueError):  # not stated, or no date
            return datetime.fromisoformat(header.get(name)).date().isoformat()
    return ""
