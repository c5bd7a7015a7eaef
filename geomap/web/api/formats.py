"""The forms in which facilities are given: GeoJSON, lines of it, CSV and GeoParquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import request
from werkzeug.exceptions import NotAcceptable

from geomap.data.temporary import private_folder
from geomap.web import media_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from geomap.web.state import Snapshot

GEOJSON: Final = "geojson"
#: The media type of each form, by the name that ``f`` takes.
FORMATS: Final[Mapping[str, str]] = {
    GEOJSON: media_types.GEOJSON,
    "geojsonseq": media_types.GEOJSON_SEQUENCE,
    "ndjson": media_types.NDJSON,
    "csv": media_types.CSV,
    "parquet": media_types.PARQUET,
}
#: What programs call them too.
_ALIASES: Final[Mapping[str, str]] = {
    media_types.JSON: GEOJSON, "application/vnd.geo+json": GEOJSON,
    "application/ndjson": "ndjson", "application/x-parquet": "parquet",
}  # fmt: skip
_BY_TYPE: Final[Mapping[str, str]] = {
    **{kind: name for name, kind in FORMATS.items()}, **_ALIASES,
}  # fmt: skip
#: What answers that have one form are: documents.
_DOCUMENTS: Final = (media_types.JSON, media_types.GEOJSON)
#: RFC 8142 begins each text of a sequence with this.
_RECORD: Final = b"\x1e"
_BLOCK: Final = 500


@dataclass(frozen=True, eq=False)
class Page:
    """Facilities to be given.

    Parameters
    ----------
    rows : (m,) positions in the frame.
    matched : how many there are on all pages.
    distance_m : (m,) metres, where there is a point.
    """

    rows: NDArray[np.intp]
    matched: int
    distance_m: NDArray[np.float64] | None = None


def require_acceptable(kinds: Iterable[str] = _DOCUMENTS) -> None:
    """Refuse a reader who takes none of these media types.

    Raises
    ------
    NotAcceptable : naming them.
    """
    kinds = tuple(kinds)
    accepted = request.accept_mimetypes
    if accepted and accepted.best_match(kinds) is None:
        asked = request.headers["Accept"][:80]
        raise NotAcceptable(f"this is given as {', '.join(kinds)}, not as {asked}")


def chosen_format(named: str | None) -> str:
    """Choose the form: as named, else the one that the reader likes best.

    Raises
    ------
    NotAcceptable : if there is none that the reader takes.
    """
    if named is not None:
        return named
    if not request.accept_mimetypes:
        return GEOJSON
    require_acceptable(_BY_TYPE)
    return _BY_TYPE[str(request.accept_mimetypes.best_match(_BY_TYPE))]


def written(data: Snapshot, page: Page, form: str) -> bytes | Iterator[bytes]:
    """Write facilities in a form other than GeoJSON; lines come block by block.

    Texts that a spreadsheet would take for formulas stay texts.
    """
    if form in ("ndjson", "geojsonseq"):
        return _lines(data, page, _RECORD if form == "geojsonseq" else b"")
    from geomap.data.export import export_frame

    frame = data.facilities.iloc[page.rows]
    if page.distance_m is not None:
        frame = frame.assign(distance_m=page.distance_m.round(2))
    with private_folder() as place:
        file = place / f"facilities.{form}"
        export_frame(frame.reset_index(drop=True), file)
        return file.read_bytes()


def _lines(data: Snapshot, page: Page, before: bytes) -> Iterator[bytes]:
    """Write one Feature a line."""
    for first in range(0, len(page.rows), _BLOCK):
        part = slice(first, first + _BLOCK)
        distance_m = None if page.distance_m is None else page.distance_m[part]
        found = data.writer.each(page.rows[part], distance_m=distance_m)
        yield b"".join(b"%b%b\n" % (before, each) for each in found)
