"""Read OpenStreetMap extracts: which of their objects are rows of which table.

The file is gone through with osmium: once for the tags, then for the ways of relations and the
nodes of ways that are needed, so that a province fits into memory. An extract cuts ways off at
its edge: an object whose outline is not whole is kept without a place, and said so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.osm_tags import CELLS, KEYS, is_meant, is_named_only
from geomap.data.files.formats.raw import RawTable, text_frame
from geomap.data.files.formats.sniff import NAMES
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import osmium

    from geomap.model.table import Table

#: What an extract should hold, by what it is read as.
_WHAT = {
    "facilities": Label("养老机构", "care homes"),
    "areas": Label("行政区边界", "administrative boundaries"),
    "demand": Label("有名称的居住地", "named residential places"),
    "candidates": Label("空置的房屋或土地", "vacant buildings or land"),
    "exclusions": Label(
        "水域、军事用地、自然保护区之类的边界", "outlines of water, military or protected land"
    ),
}
_FORMATS = {".osm": "xml", ".pbf": "pbf"}
_AREA_RELATIONS = ("multipolygon", "boundary")
_INCOMPLETE = Label("文件里缺少它的一部分边界", "part of its outline is not in the file")
_OUTLINE = Label("完整的边界", "a whole outline")
_LEAST_IN_RING = 4


@dataclass(frozen=True)
class _Object:
    """A node, way or relation that is meant: its tags, and where it is or what it is made of."""

    kind: str
    number: int
    tags: Mapping[str, str]
    place: tuple[float, float] | None = None
    refs: tuple[int, ...] = ()


@dataclass
class _Parts:
    """What outlines are made of: the nodes of ways, and where nodes are."""

    ways: dict[int, tuple[int, ...]] = field(default_factory=dict)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)


def read_osm(path: Path, table: Table) -> RawTable:
    """Read the objects of an extract that are rows of `table`; they are numbered from 1.

    Raises
    ------
    RefusedError : if it is damaged, or holds nothing that `table` is made of.
    """
    import osmium

    try:
        file = osmium.io.File(str(path.resolve()), _FORMATS[path.suffix.lower()])
        tagged, objects = _find(file, table)
        parts = _parts(file, objects)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        expected = NAMES["pbf" if path.suffix.lower() == ".pbf" else "osm"]
        came = str(error).replace(str(path.resolve()), path.name)
        raise RefusedError("invalid_file", came=came, expected=expected) from error
    if not objects:
        raise RefusedError("osm_nothing", came=tagged, expected=_WHAT[table.name])
    return _table(objects, parts, table)


def _find(file: osmium.io.File, table: Table) -> tuple[int, list[_Object]]:
    """Go through the tags: count the tagged objects and take those that are meant."""
    import osmium

    tagged, found = 0, []
    for each in osmium.FileProcessor(file).with_filter(osmium.filter.EmptyTagFilter()):
        if not isinstance(each, osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation):
            continue
        tagged += 1
        open_ = isinstance(each, osmium.osm.Way) and not each.is_closed()
        if (open_ and table.geometry == "polygon") or not _has_any(each.tags, KEYS[table.name]):
            continue
        made = _object(each)
        if is_meant(made.tags, made.kind, table.name):
            found.append(made)
    return tagged, found


def _has_any(tags: osmium.osm.TagList, keys: Iterable[str]) -> bool:
    """Whether an object has one of some keys."""
    return any(key in tags for key in keys)


def _object(each: osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation) -> _Object:
    """Copy an object out of the buffer that osmium will use again."""
    import osmium

    tags = {tag.k: tag.v for tag in each.tags}
    if isinstance(each, osmium.osm.Node):
        valid = each.location.valid()
        place = (each.location.lon, each.location.lat) if valid else None
        return _Object("n", each.id, tags, place)
    if isinstance(each, osmium.osm.Way):
        return _Object("w", each.id, tags, refs=tuple(node.ref for node in each.nodes))
    outline = tags.get("type") in _AREA_RELATIONS
    refs = tuple(part.ref for part in each.members if part.type == "w") if outline else ()
    return _Object("r", each.id, tags, refs=refs)


def _parts(file: osmium.io.File, objects: Iterable[_Object]) -> _Parts:
    """Read the ways of relations and the nodes of ways that the objects are made of."""
    import osmium

    parts = _Parts()
    wanted = {ref for each in objects if each.kind == "r" for ref in each.refs}
    if wanted:
        only = osmium.filter.IdFilter(wanted)
        for way in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(only):
            if isinstance(way, osmium.osm.Way):
                parts.ways[way.id] = tuple(node.ref for node in way.nodes)
    lines = (*(each.refs for each in objects if each.kind == "w"), *parts.ways.values())
    nodes = {ref for line in lines for ref in line}
    if nodes:
        only = osmium.filter.IdFilter(nodes)
        for node in osmium.FileProcessor(file, osmium.osm.NODE).with_filter(only):
            if isinstance(node, osmium.osm.Node) and node.location.valid():
                parts.places[node.id] = (node.location.lon, node.location.lat)
    return parts


def _table(objects: Sequence[_Object], parts: _Parts, table: Table) -> RawTable:
    """Make columns of tags and geometries of parts."""
    rows = np.arange(1, len(objects) + 1, dtype=np.int64)
    records = [CELLS[table.name](each.tags, each.kind, each.number) for each in objects]
    names = dict.fromkeys(name for record in records for name in record)
    cells = text_frame([[record.get(name) for record in records] for name in names], len(records))
    geometry = np.full(len(objects), None, dtype=object)
    findings = []
    for nth, each in enumerate(objects):
        geometry[nth] = _geometry(each, parts)
        row = nth + 1
        if geometry[nth] is None:
            values = {"came": _INCOMPLETE, "expected": _OUTLINE}
            findings.append(Finding("bad_geometry", row, "geometry", values))
        if table.name == "facilities" and is_named_only(each.tags):
            named = {"came": each.tags["name"]}
            findings.append(Finding("osm_by_name", row, "name", named))
    details = {"format": "osm"}
    return RawTable(tuple(names), cells, rows, geometry, findings=tuple(findings), details=details)


def _geometry(each: _Object, parts: _Parts) -> object:
    """Build the geometry of an object; None where a part of it is not in the file."""
    import shapely

    if each.kind == "n":
        return None if each.place is None else shapely.Point(each.place)
    if each.kind == "w":
        line = _line(each.refs, parts)
        if line is None or len(line) < 2:  # noqa: PLR2004 (a line has two ends)
            return None
        closed = each.refs[0] == each.refs[-1] and len(line) >= _LEAST_IN_RING
        return shapely.Polygon(line) if closed else shapely.LineString(line)
    lines = [_line(parts.ways[ref], parts) if ref in parts.ways else None for ref in each.refs]
    whole = [line for line in lines if line is not None and len(line) > 1]
    if not whole or len(whole) < len(lines):
        return None
    # Even-odd: inner rings lie within outer ones, so that roles need not be right.
    collection = shapely.GeometryCollection([shapely.LineString(line) for line in whole])
    area = shapely.build_area(collection)
    return None if shapely.is_empty(area) else area


def _line(refs: Sequence[int], parts: _Parts) -> list[tuple[float, float]] | None:
    """Give the places of the nodes of a way; None where one is not in the file."""
    places = [parts.places.get(ref) for ref in refs]
    known = [place for place in places if place is not None]
    return known if len(known) == len(refs) else None
