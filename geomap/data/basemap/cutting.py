"""Cut what is drawn into tiles, zoom by zoom: chosen, simplified, clipped, encoded."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geomap.data.basemap.coast import land_and_sea
from geomap.data.basemap.encoding import EXTENT, LINE, POINT, POLYGON, encode_layer
from geomap.data.basemap.extract import Layer
from geomap.data.basemap.kinds import FIRST_ZOOM, LAST_NAME_ZOOM, LAST_ZOOM, Drawn
from geomap.data.files.findings.report import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.data.basemap.extract import Extract

#: In the order in which they are drawn.
LAYERS: Mapping[str, int] = {
    "ground": POLYGON,
    "green": POLYGON,
    "water": POLYGON,
    "waterways": LINE,
    "buildings": POLYGON,
    "roads": LINE,
    "names": POINT,
}
#: A tile as it is sent, compressed, is at most this long; houses go first where it would be longer.
MOST_BYTES = 150_000
#: So many tiles at the last zoom are a province; more is another kind of map.
MOST_TILES = 120_000
#: What is drawn beyond a tile's edge, so that lines run on: 4 px.
_BUFFER = EXTENT // 64
#: Outlines are simplified by a quarter of a pixel, at the last zoom by half a unit.
_TOLERANCE, _LAST_TOLERANCE = EXTENT / 1024, 0.5
#: Areas are drawn from the zoom at which they are so many square pixels; named from so many px.
_LEAST_AREA_PX, _NAMED_FROM_PX = 8, 60
_TILE_PX, _SMALLEST = 256, 1e-12
_EVERYWHERE = 1e12
_TYPE_IDS: Mapping[int, int] = {POINT: 0, LINE: 1, POLYGON: 3}
_GROUND, _SEA = Drawn("ground", "", FIRST_ZOOM), Drawn("water", "sea", FIRST_ZOOM)


class CutTile(NamedTuple):
    """A tile and how it is encoded."""

    z: int
    x: int
    y: int
    content: bytes


@dataclass(frozen=True)
class _Zoomed:
    """A layer at one zoom: geometries in units of its tiles, counted from the world's corner."""

    name: str
    geometry: NDArray[np.object_]
    look: NDArray[np.int64]
    bounds: NDArray[np.float64]

    @classmethod
    def of(cls, name: str, geometry: NDArray[np.object_], look: NDArray[np.int64]) -> _Zoomed:
        return cls(name, geometry, look, shapely.bounds(geometry))

    def take(self, rows: NDArray[np.int64]) -> _Zoomed:
        return _Zoomed(self.name, self.geometry[rows], self.look[rows], self.bounds[rows])


def cut_tiles(extract: Extract, *, tell: Callable[[int], object] = bool) -> Iterator[CutTile]:
    """Cut an extract into tiles, the last zoom first.

    Parameters
    ----------
    extract : what is drawn.
    tell : is told how many columns of tiles are done, of :func:`count_columns`.

    Raises
    ------
    RefusedError : if it is larger than a province, or nothing lies in its own box.
    """
    count_columns(extract.box)
    looks = list(extract.looks)
    layers = _prepared(extract, looks)
    done = 0
    for zoom in range(LAST_ZOOM, FIRST_ZOOM - 1, -1):
        zoomed = _at_zoom(layers, zoom)
        x0, y0, x1, y1 = _tile_range(extract.box, zoom)
        for x in range(x0, x1 + 1):
            yield from _column(zoomed, looks, (zoom, x), range(y0, y1 + 1))
            done += 1
            tell(done)


def count_columns(box: tuple[float, float, float, float]) -> int:
    """Count the columns of tiles of all zooms.

    Raises
    ------
    RefusedError : if it is larger than a province, or there is no box at all.
    """
    x0, y0, x1, y1 = _tile_range(box, LAST_ZOOM)
    tiles = max(0, x1 - x0 + 1) * max(0, y1 - y0 + 1)
    if not 0 < tiles <= MOST_TILES:
        raise RefusedError("map_too_wide", came=tiles, expected=MOST_TILES)
    ranges = (_tile_range(box, zoom) for zoom in range(FIRST_ZOOM, LAST_ZOOM + 1))
    return sum(each[2] - each[0] + 1 for each in ranges)


def _tile_range(box: tuple[float, float, float, float], zoom: int) -> tuple[int, int, int, int]:
    """Give the first column and row of tiles that a box reaches, and the last."""
    x0, y0, x1, y1 = (np.array(box) * (1 << zoom)).astype(int).tolist()
    return x0, y0, x1, y1


def _prepared(extract: Extract, looks: list[Drawn]) -> dict[str, Layer]:
    """Add land and sea, the names of areas, and from which zoom areas are drawn."""
    layers = dict(extract.layers)
    for name in ("green", "water"):
        if name in layers:
            layers[name] = _by_size(layers[name])
    land, sea = land_and_sea(extract.coast, extract.box)
    for drawn, geometry in ((_GROUND, land), (_SEA, sea)):
        looks.append(drawn)
        count = len(geometry)
        own = Layer(geometry, np.full(count, len(looks) - 1), np.full(count, drawn.zoom))
        layers[drawn.layer] = _joined(layers.get(drawn.layer), own)
    areas = layers.pop("named areas", None)
    if areas is not None:
        layers["names"] = _joined(layers.get("names"), _names_of_areas(areas, looks))
    return layers


def _joined(one: Layer | None, two: Layer) -> Layer:
    if one is None:
        return two
    return Layer(
        np.concatenate([one.geometry, two.geometry]),
        np.concatenate([one.look, two.look]),
        np.concatenate([one.zoom, two.zoom]),
    )


def _zoom_for(size_px: NDArray[np.float64], wanted_px: float) -> NDArray[np.int64]:
    """Tell from which zoom on a length at zoom 0 is as long as wanted."""
    return np.ceil(np.log2(wanted_px / np.maximum(size_px, _SMALLEST))).astype(np.int64)


def _by_size(layer: Layer) -> Layer:
    """Draw areas from the zoom at which they can be seen; at the last zoom all of them."""
    side_px = np.sqrt(shapely.area(layer.geometry)) * _TILE_PX
    zoom = _zoom_for(side_px, np.sqrt(_LEAST_AREA_PX))
    return Layer(layer.geometry, layer.look, np.clip(zoom, FIRST_ZOOM, LAST_ZOOM))


def _names_of_areas(areas: Layer, looks: list[Drawn]) -> Layer:
    """Put the name of an area at a point of it; that of a park or lake once it is large enough."""
    side_px = np.sqrt(shapely.area(areas.geometry)) * _TILE_PX
    by_size = np.clip(_zoom_for(side_px, _NAMED_FROM_PX), FIRST_ZOOM + 2, LAST_NAME_ZOOM)
    numbers: dict[Drawn, int] = {}
    zoom = areas.zoom.copy()
    look = np.empty(len(zoom), dtype=np.int64)
    for row, number in enumerate(areas.look.tolist()):
        drawn = looks[number]
        if drawn.kind in ("green", "water"):
            zoom[row] = by_size[row]
        own = drawn._replace(zoom=int(zoom[row]))
        look[row] = numbers.setdefault(own, len(looks) + len(numbers))
    looks.extend(numbers)
    return Layer(shapely.point_on_surface(areas.geometry), look, zoom)


def _at_zoom(layers: Mapping[str, Layer], zoom: int) -> list[_Zoomed]:
    """Choose what is drawn at a zoom, and simplify it."""
    found = []
    tolerance = _LAST_TOLERANCE if zoom == LAST_ZOOM else _TOLERANCE
    for name in LAYERS:
        if name not in layers:
            continue
        layer = layers[name]
        rows = np.flatnonzero((layer.zoom <= zoom) | (zoom == LAST_ZOOM))
        scale = float(EXTENT << zoom)
        geometry = shapely.transform(layer.geometry[rows], partial(np.multiply, scale))
        if name not in ("names", "buildings"):
            geometry = shapely.simplify(geometry, tolerance, preserve_topology=True)
        found.append(_Zoomed.of(name, geometry, layer.look[rows]))
    return found


def _column(
    layers: Sequence[_Zoomed], looks: Sequence[Drawn], place: tuple[int, int], rows: range
) -> Iterator[CutTile]:
    """Cut one column of tiles: first out of the whole, then into rows."""
    zoom, x = place
    strips = [_strip(each, axis=0, number=x) for each in layers]
    present = np.zeros(len(rows), dtype=bool)
    for each in strips:
        present |= _rows_reached(each, rows)
    for y in np.array(rows)[present].tolist():
        cells = [_strip(each, axis=1, number=y) for each in strips]
        content = _encoded(cells, looks, (x * EXTENT, y * EXTENT))
        if content:
            yield CutTile(zoom, x, y, content)


def _rows_reached(layer: _Zoomed, rows: range) -> NDArray[np.bool_]:
    """Tell which rows a layer reaches."""
    first, last = ((layer.bounds[:, side] // EXTENT).astype(np.int64) for side in (1, 3))
    inside = (last >= rows.start) & (first < rows.stop)
    change = np.zeros(len(rows) + 1, dtype=np.int64)
    np.add.at(change, np.clip(first[inside] - rows.start, 0, len(rows)), 1)
    np.add.at(change, np.clip(last[inside] - rows.start + 1, 0, len(rows)), -1)
    return np.cumsum(change[:-1]) > 0


def _strip(layer: _Zoomed, *, axis: int, number: int) -> _Zoomed:
    """Cut a column or row out of a layer."""
    low, high = layer.bounds[:, axis], layer.bounds[:, axis + 2]
    start, end = float(number * EXTENT), float((number + 1) * EXTENT)
    if LAYERS[layer.name] == POINT:  # a point is of one tile only
        return layer.take(np.flatnonzero((low >= start) & (low < end)))
    start, end = start - _BUFFER, end + _BUFFER
    found = layer.take(np.flatnonzero((high > start) & (low < end)))
    out = np.flatnonzero((found.bounds[:, axis] < start) | (found.bounds[:, axis + 2] > end))
    if not len(out):
        return found
    frame = [-_EVERYWHERE, -_EVERYWHERE, _EVERYWHERE, _EVERYWHERE]
    frame[axis], frame[axis + 2] = start, end
    found.geometry[out] = shapely.clip_by_rect(found.geometry[out], *frame)
    rows = np.flatnonzero(~shapely.is_empty(found.geometry))
    return _Zoomed.of(found.name, found.geometry[rows], found.look[rows])


def _encoded(cells: Sequence[_Zoomed], looks: Sequence[Drawn], corner: tuple[int, int]) -> bytes:
    """Write a tile; while it is too long, without the smaller half of the houses, then names."""
    parts = {each.name: _layer(each, looks, corner) for each in cells}
    houses = next((each for each in cells if each.name == "buildings"), None)
    while (content := b"".join(parts.values())) and _is_too_long(content):
        if houses is None or not len(houses.geometry):
            longest = max(parts, key=lambda each: len(parts[each]))
            parts.pop("names" if "names" in parts else longest)
            continue
        order = np.argsort(shapely.area(houses.geometry))
        houses = houses.take(np.sort(order[len(order) // 2 + 1 :]))
        parts["buildings"] = _layer(houses, looks, corner)
    return content


def _is_too_long(content: bytes) -> bool:
    return len(content) > MOST_BYTES and len(zlib.compress(content)) > MOST_BYTES


def _layer(cell: _Zoomed, looks: Sequence[Drawn], corner: tuple[int, int]) -> bytes:
    """Write one layer of a tile: what looks alike is one feature."""
    kind = LAYERS[cell.name]
    some, of_cell = shapely.get_parts(cell.geometry, return_index=True)
    parts, of_some = shapely.get_parts(some, return_index=True)  # of collections
    right = shapely.get_type_id(parts) == _TYPE_IDS[kind]
    look = cell.look[of_cell[of_some]][right]
    order = np.argsort(look, kind="stable")
    numbers, feature = np.unique(look[order], return_inverse=True)
    geometry = parts[right][order]
    if kind == LINE and len(geometry):
        merged = shapely.line_merge(shapely.multilinestrings(geometry, indices=feature))
        geometry, feature = shapely.get_parts(merged, return_index=True)
    geometry = shapely.transform(geometry, lambda xy: xy - np.array(corner))
    properties = [_said(looks[number]) for number in numbers.tolist()]
    return encode_layer(cell.name, kind, geometry, feature, properties)


def _said(drawn: Drawn) -> dict[str, str | int]:
    """Give the attributes of a feature, none that says nothing."""
    said: dict[str, str | int] = {
        "kind": drawn.kind,
        "name": drawn.names.name,
        "en": drawn.names.en,
        "tunnel": int(drawn.tunnel),
        "zoom": drawn.zoom if drawn.layer.startswith("name") else 0,
    }
    return {key: value for key, value in said.items() if value}
