"""Find where each row is: from columns, from text or from geometries; WGS-84 in the end.

What is impossible is not put right in silence: the row is kept without a place, and the
finding says what came. GCJ-02 and BD-09 are converted only where the office says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import Finding, on_rows
from geomap.data.files.formats.shapes import from_wkt
from geomap.data.files.places.coordinates import pairs, to_points
from geomap.data.files.places.outlines import fit, move_outlines
from geomap.data.files.values.degrees import split_pair, to_degrees
from geomap.data.files.values.values import to_numbers
from geomap.model.geodesy import chord_to_arc_m, ecef
from geomap.model.table import Label

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.data.files.columns.matching import Match
    from geomap.data.files.formats.raw import RawTable
    from geomap.data.files.places.coordinates import Frame
    from geomap.model.table import GeometryKind

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

#: A place further from all others of the file than this, and among few, is doubtful.
FAR_KM = 1_000.0
_FEW = 0.01
_HALF_TURN = 180.0
_LEAST_PLACES = 20


@dataclass(frozen=True)
class Places:
    """Where the rows are: geometries in WGS-84, and the coordinates as they were given.

    Parameters
    ----------
    geometry : (n,) shapely geometries, None where a row needs a location.
    x, y : (n,) coordinates of points as the file gives them, NaN where it gives none that can be.
    findings : what was found.
    """

    geometry: Geometries
    x: Floats
    y: Floats
    findings: tuple[Finding, ...] = field(default=())


def find_places(raw: RawTable, match: Match, kind: GeometryKind, frame: Frame) -> Places:
    """Find the place of every row, and say what is wrong with it.

    Parameters
    ----------
    raw : the source.
    match : which columns hold coordinates.
    kind : what the table's geometry may be; an outline becomes a point inside where it must.
    frame : in what the coordinates are given.
    """
    given, read = _given_geometry(raw, match)
    if given is None:
        x, y, findings = _columns(raw, match, frame)
        lon, lat, faults = to_points(x, y, raw.rows, frame)
        geometry, unfit = _as_points(lon, lat), list[Finding]()
        if kind == "polygon":  # a point is no outline
            geometry, unfit = fit(geometry, kind, raw.rows)
        kept = np.isfinite(lon)
        x, y = np.where(kept, x, np.nan), np.where(kept, y, np.nan)
        return Places(geometry, x, y, (*findings, *faults, *unfit, *_far(lon, lat, raw.rows)))
    shapes, fitted = fit(given, kind, raw.rows)
    places = _geometries(shapes, raw.rows, frame)
    return Places(places.geometry, places.x, places.y, (*read, *fitted, *places.findings))


def _given_geometry(raw: RawTable, match: Match) -> tuple[Geometries | None, list[Finding]]:
    """Take geometries from the format, else from a column of well-known text."""
    if raw.geometry is not None and any(each is not None for each in raw.geometry):
        return raw.geometry, []
    if "geometry" not in match.columns:
        return None, []
    texts = raw.cells[match.columns["geometry"]].str.replace(r"^\s*SRID=\d+;", "", regex=True)
    plain = texts.astype(object).where(texts.notna(), None).to_numpy(dtype=object)
    geometry = from_wkt(plain)
    bad = texts.notna().to_numpy() & (geometry == None)  # noqa: E711 (element by element)
    expected = Label("WKT，如 POINT(121.47 31.23)", "WKT such as POINT(121.47 31.23)")
    return geometry, on_rows(
        "bad_geometry", bad, raw.rows, field="geometry", came=texts, expected=expected
    )


def _columns(raw: RawTable, match: Match, frame: Frame) -> tuple[Floats, Floats, list[Finding]]:
    """Read two coordinates a row from the columns that hold them."""
    pair = _coordinate_texts(raw, match, prefer_metres=frame.crs is not None)
    if pair is None:
        nowhere = np.full(len(raw.rows), np.nan)
        return nowhere, nowhere.copy(), _lonely(match)
    findings: list[Finding] = []
    values = []
    for name, texts in pair:
        numbers, faults = to_numbers(texts) if frame.projected else to_degrees(texts)
        for fault in faults:
            if fault.mask is None:
                told = {"column": match.names[match.columns[name]], **fault.values}
                findings.append(Finding(fault.code, field=name, values=told))
            else:
                findings += on_rows("bad_coordinate", fault.mask, raw.rows, field=name, came=texts)
        values.append(numbers)
    (x_name, x_text), (_, y_text) = pair
    findings += _incomplete((x_text, y_text), (values[0], values[1]), raw.rows)
    if x_name == "x" and frame.crs is None and (values[0].abs() <= _HALF_TURN).any():
        came = [match.names[match.columns[each]] for each in "xy"]
        findings.append(Finding("xy_as_degrees", field="geometry", values={"came": came}))
    return values[0].to_numpy(dtype=float), values[1].to_numpy(dtype=float), findings


def _coordinate_texts(
    raw: RawTable, match: Match, *, prefer_metres: bool
) -> tuple[tuple[str, pd.Series], tuple[str, pd.Series]] | None:
    """Choose the columns that hold the coordinates, east first; None where there are none."""
    columns, cells = match.columns, raw.cells
    couples = [("x", "y"), ("lon", "lat")] if prefer_metres else [("lon", "lat"), ("x", "y")]
    for east, north in couples:
        if east in columns and north in columns:
            return (east, cells[columns[east]]), (north, cells[columns[north]])
    for pair, (first, second) in {"lon_lat": (0, 1), "lat_lon": (1, 0)}.items():
        if pair in columns:
            parts = split_pair(cells[columns[pair]])
            return (pair, parts[first]), (pair, parts[second])
    return None


def _lonely(match: Match) -> list[Finding]:
    """Say which coordinate column stands alone."""
    alone = [name for name in ("lon", "lat", "x", "y") if name in match.columns]
    other = {"lon": "lat", "lat": "lon", "x": "y", "y": "x"}
    return [
        Finding(
            "coordinate_column_missing",
            field=other[name],
            values={"came": match.names[match.columns[name]]},
        )
        for name in alone[:1]
    ]


def _incomplete(
    texts: tuple[pd.Series, pd.Series],
    values: tuple[pd.Series, pd.Series],
    rows: NDArray[np.int64],
) -> list[Finding]:
    """Say where one of two coordinates is missing."""
    (one, other), (number, second) = texts, values
    mask = (one.isna() & second.notna()) | (other.isna() & number.notna())
    came = one.where(one.notna(), other)
    return on_rows("incomplete_coordinates", mask, rows, field="geometry", came=came)


def _far(lon: Floats, lat: Floats, rows: NDArray[np.int64]) -> list[Finding]:
    """Say which few places lie far from all others of the file.

    Places are gathered in cells of one degree; cells within ``FAR_KM`` of each other belong
    together. A group of less than 1 % of the rows is far from the rest by more than that.
    """
    from scipy.spatial import cKDTree

    located = np.flatnonzero(np.isfinite(lon))
    if len(located) < _LEAST_PLACES:
        return []
    corners = np.floor(np.column_stack([lon[located], lat[located]]))
    cells, member = np.unique(corners, axis=0, return_inverse=True)
    member = member.ravel()
    centres = ecef(cells[:, 0] + 0.5, cells[:, 1] + 0.5)
    group = _groups(centres)
    sizes = np.bincount(group[member])
    few = sizes < max(_FEW * len(located), 1.5)
    few[sizes.argmax()] = False
    mask = np.zeros(len(lon), dtype=bool)
    mask[located] = few[group[member]]
    if not mask.any():
        return []
    apart_m = np.zeros(len(lon))
    apart_m[located] = chord_to_arc_m(cKDTree(centres[~few[group]]).query(centres)[0])[member]
    return on_rows(
        "far_from_others", mask, rows, field="geometry",
        came=pairs(lon, lat),
        distance=lambda asked: [f"{metres / 1_000:.0f}" for metres in apart_m[asked]],
    )  # fmt: skip


def _groups(centres: Floats) -> NDArray[np.int64]:
    """Give each point the number of its group, linked by steps of less than ``FAR_KM``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    near = cKDTree(centres).query_pairs(FAR_KM * 1_000, output_type="ndarray")
    shape = (len(centres), len(centres))
    graph = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=shape)
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _as_points(lon: Floats, lat: Floats) -> Geometries:
    """Make points; None where there is none."""
    import shapely

    points: Geometries = np.full(len(lon), None, dtype=object)
    known = np.isfinite(lon) & np.isfinite(lat)
    points[known] = shapely.points(lon[known], lat[known])
    return points


def _geometries(shapes: Geometries, rows: NDArray[np.int64], frame: Frame) -> Places:
    """Turn geometries into WGS-84; points as points, outlines vertex by vertex."""
    import shapely

    count = len(shapes)
    point = shapely.get_type_id(shapes) == 0
    x, y = np.full(count, np.nan), np.full(count, np.nan)
    x[point], y[point] = shapely.get_x(shapes[point]), shapely.get_y(shapes[point])
    lon, lat, findings = to_points(x, y, rows, frame)
    result: Geometries = np.full(count, None, dtype=object)
    result[point] = _as_points(lon[point], lat[point])
    rest = shapes.copy()
    rest[point] = None
    outlines, faults = move_outlines(rest, rows, frame)
    result[~point] = outlines[~point]
    kept = np.isfinite(lon)
    x, y = np.where(kept, x, np.nan), np.where(kept, y, np.nan)
    return Places(result, x, y, (*findings, *faults, *_far(lon, lat, rows)))
