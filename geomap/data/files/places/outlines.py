"""Make geometries fit a table: flat, valid, of its kind, in WGS-84."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.findings.report import Finding, on_rows
from geomap.data.files.places.coordinates import EXCHANGED, impossible, pairs
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geomap.data.files.places.coordinates import Frame
    from geomap.model.table import GeometryKind

    Bools = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

_KINDS: Mapping[GeometryKind, tuple[Label, tuple[str, ...]]] = {
    "point": (Label("点", "a point"), ("Point",)),
    "polygon": (Label("多边形", "a polygon"), ("Polygon", "MultiPolygon")),
    "any": (
        Label("点或多边形", "a point or polygon"),
        ("Point", "MultiPoint", "Polygon", "MultiPolygon"),
    ),
}


def fit(
    given: Geometries, kind: GeometryKind, rows: NDArray[np.int64]
) -> tuple[Geometries, list[Finding]]:
    """Make geometries fit the table: flat, valid, of its kind."""
    import shapely

    shapes: Geometries = shapely.force_2d(given).copy()
    shapes[shapely.is_empty(shapes)] = None
    expected, allowed = _KINDS[kind]
    names = np.array([each.geom_type if each is not None else "" for each in shapes], dtype=object)
    series = pd.Series(names, dtype="str")
    findings: list[Finding] = []
    endless = _endless(shapes)
    shapes[endless] = None
    findings += on_rows(
        "bad_geometry", endless, rows, field="geometry",
        came=Label("坐标不是有限的数", "a coordinate is no finite number"), expected=expected,
    )  # fmt: skip
    single = (names == "MultiPoint") & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    repaired, notes = _repaired(shapes, rows)
    outline = np.isin(names, ("Polygon", "MultiPolygon")) & (kind == "point")
    repaired[outline] = shapely.point_on_surface(repaired[outline])
    findings += [*notes, *on_rows("point_in_polygon", outline, rows, field="geometry", came=series)]
    now = np.array([each.geom_type if each is not None else "" for each in repaired], dtype=object)
    wrong = (now != "") & ~np.isin(now, allowed)
    repaired[wrong] = None
    findings += on_rows(
        "bad_geometry", wrong, rows, field="geometry", came=series, expected=expected
    )
    return repaired, findings


def _endless(shapes: Geometries) -> NDArray[np.bool_]:
    """Mark geometries with a coordinate that is not a finite number."""
    import shapely

    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    mask = np.zeros(len(shapes), dtype=bool)
    mask[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return mask


def _repaired(shapes: Geometries, rows: NDArray[np.int64]) -> tuple[Geometries, list[Finding]]:
    """Repair outlines that cross themselves; what has no ground left is unknown."""
    import shapely

    shapes = shapes.copy()
    broken = ~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)  # noqa: PLR2004 (areas)
    if not broken.any():
        return shapes, []
    reason = pd.Series(shapely.is_valid_reason(shapes), dtype="str")
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    gone = broken & shapely.is_empty(shapes)
    shapes[gone] = None
    expected = Label("多边形", "a polygon")
    return shapes, [
        *on_rows("invalid_geometry", broken & ~gone, rows, field="geometry", came=reason),
        *on_rows("bad_geometry", gone, rows, field="geometry", came=reason, expected=expected),
    ]


def move_outlines(
    shapes: Geometries, rows: NDArray[np.int64], frame: Frame
) -> tuple[Geometries, list[Finding]]:
    """Turn outlines into WGS-84; one with an impossible vertex is unknown."""
    import shapely

    shapes = shapes.copy()
    bounds = shapely.bounds(shapes)
    findings: list[Finding] = []
    if not frame.projected:
        across, up = (np.abs(bounds[:, [nth, nth + 2]]).max(axis=1) for nth in (0, 1))
        some = np.isfinite(across)
        came = pairs(bounds[:, 0], bounds[:, 1])
        for code, mask in impossible(across, up, some).items():
            findings += on_rows(code, mask, rows, field="geometry", came=came, why=EXCHANGED)
            shapes[mask] = None
    if frame.crs is None and frame.datum == "wgs84":
        return shapes, findings
    moved: Geometries = shapely.transform(
        shapes, lambda xy: np.column_stack(frame.to_wgs84(xy[:, 0], xy[:, 1]))
    )
    lost = _endless(moved)
    moved[lost] = None
    came = pairs(bounds[:, 0], bounds[:, 1])
    expected = frame.crs or "WGS-84"
    findings += on_rows("outside_crs", lost, rows, field="geometry", came=came, expected=expected)
    return moved, findings
