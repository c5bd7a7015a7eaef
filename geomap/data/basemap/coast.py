"""Land and sea inside the box of an extract, told from its coastlines.

OpenStreetMap has no areas of sea: coastlines have land on their left. Together with the edge of
the box they cut it into cells; on which side of its coastlines a cell lies says what it is. A
cell into which a coastline runs without coming out, because the extract was cut off there, is
neither: the map then shows what it shows without a street map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: So far beside a coastline it is asked what lies there: 4 cm at the equator.
_BESIDE = 1e-9
#: A cell is land or sea if so large a share of its coastlines say so.
_AGREE = 0.95


def land_and_sea(
    coast: NDArray[np.object_], box: tuple[float, float, float, float]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Cut a box into land and sea.

    Parameters
    ----------
    coast : (n,) coastlines in world coordinates (y downward), land on their left as one goes.
    box : west, north, east, south.

    Returns
    -------
    Polygons of land, and of sea; without any coastline all is land.

    Examples
    --------
    >>> northward = shapely.LineString([(0.5, 1), (0.5, 0)])
    >>> land, sea = land_and_sea(np.array([northward]), (0, 0, 1, 1))
    >>> [shapely.total_bounds(each).tolist() for each in (land, sea)]
    [[0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0]]
    """
    frame = shapely.box(*box)
    none = np.empty(0, dtype=object)
    lines = shapely.intersection(shapely.union_all(coast), frame)
    if shapely.is_empty(lines):
        return np.array([frame], dtype=object), none
    noded = shapely.union_all([lines, frame.exterior])
    found, _, dangles, _ = shapely.polygonize_full(shapely.get_parts(noded))
    cells = shapely.get_parts(found)
    left, right = _beside(coast, frame)
    land, sea = _count(cells, left), _count(cells, right)
    loose = shapely.intersects(cells, dangles) & ~shapely.touches(cells, dangles)
    said = np.maximum(land + sea, 1)
    return cells[~loose & (land / said >= _AGREE)], cells[~loose & (sea / said >= _AGREE)]


def _beside(
    coast: NDArray[np.object_], frame: shapely.Polygon
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Give points just left and just right of the middle of every segment in the frame."""
    points, line = shapely.get_coordinates(coast, return_index=True)
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    use = (np.diff(line) == 0) & (lengths > 0)
    middle = (points[1:] + points[:-1])[use] / 2
    ahead = steps[use] / lengths[use, np.newaxis]
    aside = np.column_stack([ahead[:, 1], -ahead[:, 0]]) * _BESIDE  # left, since y is downward
    left, right = shapely.points(middle + aside), shapely.points(middle - aside)
    inside = shapely.contains_properly(frame, left) & shapely.contains_properly(frame, right)
    return left[inside], right[inside]


def _count(cells: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Count the points in each cell."""
    _, hit = shapely.STRtree(cells).query(points, predicate="within")
    return np.bincount(hit, minlength=len(cells))
