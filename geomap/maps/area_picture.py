"""Maps of areas for paper, drawn here as SVG: what is covered, and a figure of each area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.maps.area_frame import (
    GAP,
    REACH,
    REACH_FILL,
    SMALL_RING_PX,
    Frame,
    Sign,
    begin,
    draw_dots,
    draw_names,
    draw_shapes,
    end,
)
from geomap.maps.drawing import EDGE, WHITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.maps.area_frame import Shapes


def coverage_picture(  # noqa: PLR0913 (what the picture is made of)
    areas: Shapes,
    *,
    names: Sequence[str],
    service: Shapes,
    gaps: Shapes,
    facilities: Shapes,
    walked: bool,
    reach_m: float,
    words: Mapping[str, str],
    language: str,
) -> bytes | None:
    """Draw what is within reach and what is not.

    Parameters
    ----------
    areas, service, gaps, facilities : shapes in degrees; `facilities` are points.
    names : of the areas, written where there is room.
    walked : the ground is walked along streets, else straight circles.
    reach_m : how far that is; where it is small on the picture, its line is thin and whole.
    words : of the picture and its legend: title, facility, reach, gap, area.
    language : "zh" or "en".

    Returns
    -------
    An SVG document, UTF-8; None where no area has a shape.
    """
    frame = Frame.around(areas)
    if frame is None:
        return None
    canvas, ground = begin(frame, words["title"], language)
    draw_shapes(ground, frame, areas, {"fill": WHITE, "stroke": "none"})
    draw_shapes(ground, frame, gaps, {"fill": "url(#hatch)", "stroke": GAP, "stroke-width": 1.4})
    reach: dict[str, object] = {"fill": "none", "stroke": REACH, "stroke-width": 1.4}
    if walked:
        reach |= {"fill": REACH_FILL, "fill-opacity": 0.14}
    elif reach_m / frame.metres_per_px < SMALL_RING_PX:
        reach["stroke-width"] = 0.5
    else:
        reach["stroke-dasharray"] = "6 4"
    draw_shapes(ground, frame, service, reach)
    draw_shapes(ground, frame, areas, {"fill": "none", "stroke": EDGE, "stroke-width": 0.9})
    dots = draw_dots(ground, frame, facilities)
    draw_names(canvas, frame, areas, [[each] for each in names])
    signs = [Sign(words["facility"], shape="dot")] if dots else []
    if len(service):
        signs.append(Sign(words["reach"], {"fill": WHITE, **reach}))
    if len(gaps):
        signs.append(Sign(words["gap"], {"fill": "url(#hatch)", "stroke": GAP}))
    signs.append(Sign(words["area"], {"fill": WHITE, "stroke": EDGE}))
    return end(canvas, frame, signs)


def measure_picture(  # noqa: PLR0913 (what the picture is made of)
    areas: Shapes,
    *,
    labels: Sequence[Sequence[str]],
    colours: Sequence[str | None],
    legend: Sequence[tuple[str, str | None]],
    title: str,
    language: str,
) -> bytes | None:
    """Draw a figure of each area.

    Parameters
    ----------
    areas : (k,) shapes in degrees.
    labels : (k,) lines to write in each area where there is room.
    colours : (k,) the colour of each area's class; None where its figure is unknown.
    legend : words and colour of each class, the unknown one with None.
    title : what the picture is called.
    language : "zh" or "en".

    Returns
    -------
    An SVG document, UTF-8; None where no area has a shape.
    """
    frame = Frame.around(areas)
    if frame is None:
        return None
    canvas, ground = begin(frame, title, language)
    edge = {"stroke": EDGE, "stroke-width": 0.9}
    of = np.array([each or "" for each in colours], dtype=object)
    for colour in dict.fromkeys(of.tolist()):
        fill = {"fill": colour, "fill-opacity": 0.85} if colour else {"fill": "url(#unknown)"}
        draw_shapes(ground, frame, areas[of == colour], fill | edge)
    draw_names(canvas, frame, areas, labels)
    signs = [
        Sign(words, {"fill": colour or "url(#unknown)", "fill-opacity": 0.85 if colour else 1,
                     "stroke": EDGE})
        for words, colour in legend
    ]  # fmt: skip
    return end(canvas, frame, signs)
