"""Pictures of features on the ground that they stand on: symbols or dots, and outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geomap.maps.area_frame import GAP
from geomap.maps.drawing import (
    INK,
    SYMBOL_PX,
    WHITE,
    Box,
    Size,
    around,
    draw_furniture,
    draw_symbol,
    finished,
    furniture,
    new_picture,
    writable,
    written,
)
from geomap.maps.still_map import draw_points, frame_at
from geomap.maps.tilemath import TILE_PX
from geomap.maps.view_picture import View, draw_known_ground, view_of
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geomap.maps.context import ContextIndex
    from geomap.maps.drawing import Canvas
    from geomap.maps.street_picture import Tiles

    Shapes = NDArray[np.object_]

SIZE: Final = Size(520, 340)
#: Without streets there is nothing more to see nearer by.
_DEEPEST: Final = 13
#: Points are symbols where they are no more than this, else dots.
_MOST_SYMBOLS: Final = 12
_DOT_PX: Final = 5.0
#: Finer than what is seen, and parts too small to be seen, px.
_DETAIL: Final = 0.4


def feature_picture(  # noqa: PLR0913 (a picture is of something, in a language)
    index: ContextIndex,
    shapes: Shapes,
    *,
    kinds: Sequence[tuple[str, bool]],
    gaps: bool,
    title: str,
    language: str,
    streets: Tiles | None = None,
) -> bytes:
    """Draw features where they are.

    Parameters
    ----------
    index : what orients.
    shapes : (n,) points or polygons in degrees.
    kinds : (n,) types of the facilities, and whether they are closed; empty for polygons.
    gaps : the polygons are gaps, else areas.
    title : what the picture is of.
    streets : gives the tiles of street maps.

    Returns
    -------
    An SVG document, UTF-8; empty where there is nothing to draw.
    """
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not there.any():
        return finished(new_picture(language, SIZE), SIZE.height)
    west, south, east, north = (float(each) for each in shapely.total_bounds(shapes[there]))
    view = view_of([[south, west], [north, east]], SIZE)
    view = View(view.lon, view.lat, min(view.zoom, _DEEPEST))
    frame = frame_at(index, (view.lon, view.lat), view.zoom, SIZE, streets)
    canvas = new_picture(language, SIZE)
    ET.SubElement(canvas.root, "title").text = writable(title)
    draw_known_ground(canvas, frame)
    canvas.taken += furniture(SIZE)
    placed = _placed(shapes[there], view)
    if kinds:
        _draw_facilities(
            canvas, placed, [each for each, is_ in zip(kinds, there, strict=True) if is_]
        )
    else:
        _draw_polygons(canvas, placed, gaps=gaps)
    draw_points(canvas, frame)
    draw_furniture(canvas, view.lat, view.zoom)
    return finished(canvas, SIZE.height)


def _placed(shapes: Shapes, view: View) -> Shapes:
    """Bring shapes in degrees to their place on the picture, px."""
    side = TILE_PX << view.zoom
    x, y = (float(each) * side for each in to_world(view.lon, view.lat))
    left, top = x - SIZE.width / 2, y - SIZE.height / 2

    def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        across, down = to_world(degrees[:, 0], degrees[:, 1])
        return np.column_stack([across * side - left, down * side - top])

    moved: Shapes = shapely.transform(shapes, project)
    return moved


def _draw_facilities(canvas: Canvas, placed: Shapes, kinds: Sequence[tuple[str, bool]]) -> None:
    """Draw each as its symbol, or as a dot where there are many."""
    spots = shapely.get_coordinates(placed).tolist()
    if len(spots) > _MOST_SYMBOLS:
        group = canvas.add("g", {"fill": INK, "stroke": WHITE, "stroke-width": 1.5})
        for x, y in np.unique(np.round(spots, 1), axis=0).tolist():
            ET.SubElement(group, "circle", written({"cx": x, "cy": y, "r": _DOT_PX}))
            canvas.taken.append(Box(*around(x, y, _DOT_PX)))
        return
    for (x, y), (kind, closed) in zip(spots, kinds, strict=True):
        canvas.taken.append(Box(*around(x, y, SYMBOL_PX / 2)))
        draw_symbol(canvas, kind, closed=closed, at=(x, y))


def _draw_polygons(canvas: Canvas, placed: Shapes, *, gaps: bool) -> None:
    """Draw outlines: gaps with a hatch of their own."""
    simple = shapely.simplify(placed, _DETAIL, preserve_topology=False)
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring).tolist()) + "Z"
        for ring in shapely.get_rings(simple[~shapely.is_empty(simple)])
        if len(shapely.get_coordinates(ring)) > 3  # noqa: PLR2004 (a ring has three corners)
    )
    look: dict[str, object] = {"fill": WHITE, "fill-opacity": 0.55, "stroke": INK}
    if gaps:
        box = {"id": "gap", "width": 9, "height": 9, "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(canvas.add("defs", {}), "pattern", written(box))
        line = {"d": "M-2 2L2 -2M0 9L9 0M7 11L11 7", "stroke": GAP, "stroke-width": 2}
        ET.SubElement(pattern, "path", written(line))
        look = {"fill": "url(#gap)", "stroke": GAP}
    own = {"d": path, "fill-rule": "evenodd", "stroke-width": 2, "stroke-linejoin": "round"}
    group = canvas.add("g", {"clip-path": "url(#map)"})
    ET.SubElement(group, "path", written(own | look))
