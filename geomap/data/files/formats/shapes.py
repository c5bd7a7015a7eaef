"""Build geometries from bytes and texts of files; one that cannot be built is told, not fatal."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import Finding
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]

#: Kinds that are no place of a table, by their number in well-known binary: GEOS has no straight
#: lines for most, and a collection may hide those.
_STRANGE = {
    7: "GeometryCollection", 8: "CircularString", 9: "CompoundCurve", 10: "CurvePolygon",
    11: "MultiCurve", 12: "MultiSurface", 13: "Curve", 14: "Surface", 15: "PolyhedralSurface",
    16: "TIN", 17: "Triangle",
}  # fmt: skip
_SHORTEST = 5
_STRAIGHT = Label("由直线构成的点或多边形", "a point or polygon of straight lines")
_STRANGE_TEXT = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:GEOMETRYCOLLECTION|CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON"
    r"|MULTICURVE|MULTISURFACE|POLYHEDRALSURFACE|TIN|TRIANGLE)\b",
    re.IGNORECASE,
)
_QUOTED = 24


def from_wkb(
    blobs: Sequence[bytes | None], rows: NDArray[np.int64]
) -> tuple[Geometries, list[Finding]]:
    """Build geometries from well-known binary.

    Parameters
    ----------
    blobs : (n,) bytes, None where a row has no geometry.
    rows : (n,) row numbers for the findings.

    Returns
    -------
    (n,) shapely geometries, None where there is none or none can be built; and the findings.

    Examples
    --------
    >>> made, found = from_wkb([b"junk"], np.array([7]))
    >>> made[0], found[0].code, found[0].row
    (None, 'bad_geometry', 7)
    """
    import shapely

    plain: NDArray[np.object_] = np.full(len(blobs), None, dtype=object)
    for place, blob in enumerate(blobs):
        if blob is not None and not _is_strange(blob):
            plain[place] = blob
    try:
        geometry: Geometries = shapely.from_wkb(plain, on_invalid="ignore")
    except NotImplementedError:  # a curve within another geometry
        geometry = np.array([_one(blob) for blob in plain], dtype=object)
    return geometry, [
        Finding(
            "bad_geometry",
            int(rows[place]),
            "geometry",
            {"came": _kind(blob), "expected": _STRAIGHT},
        )
        for place, blob in enumerate(blobs)
        if blob is not None and geometry[place] is None
    ]


@np.errstate(over="ignore", invalid="ignore")  # a number that is too large is endless, not told
def from_wkt(texts: NDArray[np.object_]) -> Geometries:
    """Build geometries from well-known text; None where there is none or none can be built."""
    import shapely

    straight = np.array(
        [None if each is None or _STRANGE_TEXT.match(each) else each for each in texts],
        dtype=object,
    )
    try:
        built: Geometries = shapely.from_wkt(straight, on_invalid="ignore")
    except NotImplementedError:  # a curve within another geometry
        built = np.full(len(texts), None, dtype=object)
        for place, text in enumerate(straight):
            try:
                built[place] = shapely.from_wkt(text, on_invalid="ignore")
            except NotImplementedError:
                continue
    return built


def _one(blob: bytes | None) -> object:
    """Build one geometry, None where it has curves."""
    import shapely

    try:
        return shapely.from_wkb(blob, on_invalid="ignore")
    except NotImplementedError:
        return None


def _type_of(blob: bytes) -> int | None:
    """Give the kind of a geometry: without heights and measures in either dialect."""
    if len(blob) < _SHORTEST or blob[0] > 1:
        return None
    order = "<I" if blob[0] else ">I"
    (kind,) = struct.unpack_from(order, blob, 1)
    return int(kind & 0x0FFFFFFF) % 1000


def _is_strange(blob: bytes) -> bool:
    """Whether GEOS should not see the bytes: no geometry at all, or of a strange kind."""
    kind = _type_of(blob)
    return kind is None or kind in _STRANGE


def _kind(blob: bytes) -> str:
    """Say what bytes are that no geometry was made of."""
    kind = _type_of(blob)
    return _STRANGE.get(kind or 0, f"WKB {blob[:_QUOTED].hex()}")
