"""Read KML and KMZ by an XML parser without document types; no link of theirs is followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.parsers import expat

import numpy as np

from geomap.data.files.columns.matching import count_known
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.archive import members, read_member, shown_name
from geomap.data.files.formats.encoding import ENCODINGS
from geomap.data.files.formats.markup import declared_encoding, walk
from geomap.data.files.formats.raw import RawTable, read_text, text_frame
from geomap.data.files.formats.sniff import MOST_COLUMNS, NAMES
from geomap.model.table import Label

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from geomap.data.files.formats.encoding import Decoded
    from geomap.model.table import Table

_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
#: Geometries that are no places of a table: paths in time, models in space.
_OTHER_SHAPES = frozenset({"Track", "MultiTrack", "Model"})
#: What a placemark says of itself, and the column that it becomes.
_OWN = {
    "name": "name",
    "address": "address",
    "phoneNumber": "phone",
    "description": "description",
    "when": "when",
}
_FOLDER = "folder"
_GEOMETRY = Label("点或多边形", "a point or polygon")
_LEAST_IN_RING = 4
#: Ids that only count the placemarks of one export: homes.7, ID_00007.
_COUNTED = re.compile(r".*[._]\d+")


@dataclass
class _Shape:
    """A geometry being read: its kind, whether it is a hole, its parts, its coordinates."""

    kind: str
    hole: bool = False
    parts: list[_Shape] = field(default_factory=list)
    coordinates: list[str] = field(default_factory=list)
    fault: str = ""


@dataclass
class _Place:
    """A placemark: the folder it stands in, its properties and its geometry."""

    folder: tuple[str, ...]
    properties: dict[str, str] = field(default_factory=dict)
    shapes: list[_Shape] = field(default_factory=list)


class _Reader:
    """Gathers the placemarks of a document, folder by folder."""

    def __init__(self) -> None:
        self.places: list[_Place] = []
        self.links = 0
        self._path: list[str] = []
        self._folders: list[str] = []
        self._place: _Place | None = None
        self._shapes: list[_Shape] = []
        self._text: list[str] = []
        self._key: str | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._path.append(name)
        self._text = []
        if name in ("Folder", "Document"):
            self._folders.append("")
        elif name == "Placemark":
            self._place = _Place(tuple(self._folders))
            self._shapes = []
            own = attributes.get("id", "")
            if own and not _COUNTED.fullmatch(own):
                self._place.properties["id"] = own
        elif name == "NetworkLink":
            self.links += 1
        elif self._place is not None:
            self._start_within(name, attributes)

    def data(self, text: str) -> None:
        """Take text in."""
        self._text.append(text)

    def end(self, name: str) -> None:
        """End an element."""
        self._path.pop()
        text = "".join(self._text).strip()
        self._text = []
        parent = self._path[-1] if self._path else ""
        if name in ("Folder", "Document"):
            self._folders.pop()
        elif name == "name" and parent in ("Folder", "Document"):
            self._folders[-1] = text
        elif name == "Placemark" and self._place is not None:
            self.places.append(self._place)
            self._place = None
        elif self._place is not None:
            self._end_within(name, parent, text)

    def _start_within(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element of a placemark."""
        if name in ("Data", "SimpleData"):
            self._key = attributes.get("name", "").strip()
        elif name in _SHAPES or name in _OTHER_SHAPES:
            hole = "innerBoundaryIs" in self._path[-2:]
            shape = _Shape(name, hole, fault=name if name in _OTHER_SHAPES else "")
            owner = self._shapes[-1].parts if self._shapes else self._shapes_of_place()
            owner.append(shape)
            self._shapes.append(shape)

    def _end_within(self, name: str, parent: str, text: str) -> None:
        """End an element of a placemark."""
        assert self._place is not None  # noqa: S101 (end() asks first)
        properties = self._place.properties
        if name in _SHAPES or name in _OTHER_SHAPES:
            self._shapes.pop()
        elif name == "coordinates" and self._shapes:
            self._shapes[-1].coordinates.append(text)
        elif self._key and ((name == "value" and parent == "Data") or name == "SimpleData"):
            properties[self._key] = text
        elif parent == "Placemark" and name in _OWN and text:
            properties.setdefault(_OWN[name], text)
        elif parent == "TimeStamp" and name == "when" and text:
            properties.setdefault("when", text)
        if name in ("Data", "SimpleData"):
            self._key = None

    def _shapes_of_place(self) -> list[_Shape]:
        """Give the list that a placemark's own geometry goes to."""
        assert self._place is not None  # noqa: S101 (_start_within is called within one only)
        return self._place.shapes


def read_kml(path: Path, table: Table, *, encoding: str | None = None) -> RawTable:
    """Read the placemarks of a KML file; a row's number is its placemark's, from 1.

    Folders with the same columns are one list and are read together, their names in the column
    ``folder``; of lists with other columns the one that names most fields of `table` is read.

    Raises
    ------
    RefusedError : if it is damaged, declares a document type, or has no placemarks of its own.
    """
    data, others = _document(path)
    decoded, findings = _text(data, encoding)
    reader = _Reader()
    try:
        walk(decoded.text, start=reader.start, end=reader.end, data=reader.data)
    except expat.ExpatError as error:
        raise RefusedError("invalid_file", came=str(error), expected=NAMES["kml"]) from error
    if not reader.places:
        if reader.links:
            raise RefusedError("only_network_links", came=reader.links)
        raise RefusedError("no_rows")
    if reader.links:
        findings.append(Finding("network_link", values={"came": reader.links}))
    places, told = _chosen(reader.places, table, others)
    return _table(places, [*findings, *told], decoded.name)


def _document(path: Path) -> tuple[bytes, list[str]]:
    """Give the bytes of the document, out of a KMZ too, and the names of documents beside it."""
    if path.suffix.lower() != ".kmz":
        return path.read_bytes(), []
    documents = [each for each in members(path) if each.filename.lower().endswith(".kml")]

    def rank(each: zipfile.ZipInfo) -> tuple[int, bool]:
        place = PurePosixPath(each.filename)
        return len(place.parts), place.name.lower() != "doc.kml"

    chosen = min(documents, key=rank)
    return read_member(path, chosen), [shown_name(each) for each in documents if each is not chosen]


def _text(data: bytes, encoding: str | None) -> tuple[Decoded, list[Finding]]:
    """Decode the document: as the office says, as it declares itself, else as it reads."""
    declared = declared_encoding(data[:200])
    if encoding is None and declared is not None and declared.lower() in ENCODINGS:
        try:
            return read_text(data, declared)
        except RefusedError:  # it is not in the encoding that it declares
            return read_text(data, None)
    return read_text(data, encoding)


def _chosen(
    places: Sequence[_Place], table: Table, others: list[str]
) -> tuple[list[tuple[int, _Place]], list[Finding]]:
    """Choose the list that names most fields: the folders that have the same columns."""
    columns: dict[tuple[str, ...], set[str]] = {}
    for each in places:
        columns.setdefault(each.folder, set()).update(each.properties)
    scores = {folder: count_known(sorted(names), table) for folder, names in columns.items()}
    best = max(scores, key=lambda folder: scores[folder])
    extra = {folder: names - {"id", *_OWN.values()} for folder, names in columns.items()}
    alike = {folder for folder, names in extra.items() if names == extra[best]}
    left = [_shown(folder) for folder in columns if folder not in alike]
    findings = []
    if left or others:
        values = {"came": _shown(best), "expected": [*left, *others]}
        findings.append(Finding("sheet_chosen", values=values))
    kept = [(number, each) for number, each in enumerate(places, 1) if each.folder in alike]
    return kept, findings


def _shown(folder: tuple[str, ...]) -> str:
    """Name a folder by the way to it."""
    return " / ".join(filter(None, folder)) or "KML"


def _table(
    places: Sequence[tuple[int, _Place]], findings: list[Finding], encoding: str
) -> RawTable:
    """Make columns of properties and geometries of coordinates."""
    names: dict[str, None] = {}
    for _, each in places:
        names.update(dict.fromkeys(each.properties))
    folders = {each.folder[-1] if each.folder else "" for _, each in places}
    if len(folders) > 1 and _FOLDER not in names:
        names[_FOLDER] = None
        for _, each in places:
            each.properties[_FOLDER] = each.folder[-1] if each.folder else ""
    if len(names) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=len(names), expected=MOST_COLUMNS)
    rows = np.array([number for number, _ in places], dtype=np.int64)
    geometry = np.full(len(places), None, dtype=object)
    for nth, (number, each) in enumerate(places):
        try:
            geometry[nth] = _geometry(each.shapes)
        except _ShapeError as error:
            values = {"came": str(error), "expected": _GEOMETRY}
            findings.append(Finding("bad_geometry", number, "geometry", values))
    cells = text_frame(
        [[each.properties.get(name) for _, each in places] for name in names], len(places)
    )
    details = {"format": "kml", "encoding": encoding}
    return RawTable(tuple(names), cells, rows, geometry, findings=tuple(findings), details=details)


class _ShapeError(ValueError):
    """A geometry that cannot be built; its text says what came."""


def _geometry(shapes: Sequence[_Shape]) -> object:
    """Build the geometry of a placemark; several of one kind become one of several parts."""
    import shapely

    built = [each for shape in shapes for each in _built(shape)]
    if len(built) <= 1:
        return built[0] if built else None
    kinds = {each.geom_type for each in built}
    if kinds == {"Point"}:
        return shapely.multipoints(built)
    if kinds == {"Polygon"}:
        return shapely.multipolygons(built)
    return shapely.GeometryCollection(built)


def _built(shape: _Shape) -> list[BaseGeometry]:
    """Build one geometry, or the parts of several."""
    import shapely

    if shape.fault:
        raise _ShapeError(shape.fault)
    if shape.kind == "MultiGeometry":
        return [each for part in shape.parts for each in _built(part)]
    if shape.kind == "Polygon":
        shells = [_ring(each) for each in shape.parts if not each.hole]
        if len(shells) != 1:
            raise _ShapeError(f"Polygon, outerBoundaryIs: {len(shells)}")
        return [shapely.Polygon(shells[0], [_ring(each) for each in shape.parts if each.hole])]
    if shape.kind == "LinearRing":
        return [shapely.Polygon(_ring(shape))]
    points = _coordinates(shape)
    if shape.kind == "Point":
        return [shapely.Point(points[0])]
    if len(points) < 2:  # noqa: PLR2004 (a line has two ends)
        raise _ShapeError("LineString")
    return [shapely.LineString(points)]


def _ring(shape: _Shape) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Read a ring; one that is not closed is no ring."""
    points = _coordinates(shape)
    if len(points) < _LEAST_IN_RING or (points[0] != points[-1]).any():
        raise _ShapeError(f"LinearRing {' '.join(shape.coordinates)}")
    return points


def _coordinates(shape: _Shape) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Read longitude and latitude of every point; heights are left out."""
    text = " ".join(shape.coordinates)
    try:
        pairs = [each.split(",")[:2] for each in text.split()]
        points = np.array(pairs, dtype=np.float64)
    except ValueError as error:
        raise _ShapeError(f"{shape.kind} {text}") from error
    if points.ndim != 2 or points.shape[1:] != (2,):  # noqa: PLR2004 (longitude, latitude)
        raise _ShapeError(f"{shape.kind} {text}")
    return points
