"""Read shapefiles, plain or zipped: outlines by GDAL from private copies, attributes by ourselves.

GDAL sees the .shp and the .shx only, under names of our own in a private folder: no .prj, no
.cpg, no .dbf, nothing that a user named.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.columns.matching import count_known
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.archive import extract, megabytes, members, read_member, shown_name
from geomap.data.files.formats.dbase import as_text, column_names, cut_texts, read_dbase
from geomap.data.files.formats.raw import RawTable, text_frame, undecodable
from geomap.data.files.formats.shapes import from_wkb
from geomap.data.files.formats.sniff import LARGEST_BYTES, MOST_COLUMNS, NAMES
from geomap.data.files.places.coordinates import NOT_STATED
from geomap.data.files.places.systems import first_coordinates, stated_system

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geomap.model.table import Table

#: The files that a shapefile consists of, as far as they are read.
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SMALL_BYTES = 100_000


@dataclass(frozen=True)
class _Parts:
    """A shapefile in a private folder: outlines on disk, everything else as bytes."""

    shp: Path
    dbf: bytes
    prj: str
    cpg: str


def companions(path: Path) -> dict[str, Path]:
    """Find the files that belong to a .shp, whatever the case of their names.

    Returns
    -------
    Path by lower-case suffix, one of :data:`PARTS`; the .shp itself among them.
    """
    stem = path.stem.casefold()
    found = {
        each.suffix.lower(): each
        for each in sorted(path.parent.iterdir())
        if each.stem.casefold() == stem and each.suffix.lower() in PARTS and each.is_file()
    }
    return found | {".shp": path}


def read_shapefile(path: Path, table: Table, *, encoding: str | None = None) -> RawTable:
    """Read a .shp with the files beside it; a row's number is its feature's, from 1.

    Raises
    ------
    RefusedError : if a part is missing, too large or damaged, or its text is in no known encoding.
    """
    found = companions(path)
    _require_parts(found, path.stem)
    for each in found.values():
        if each.stat().st_size > LARGEST_BYTES:
            came = megabytes(each.stat().st_size)
            raise RefusedError("too_large", came=came, expected=megabytes(LARGEST_BYTES))
    with tempfile.TemporaryDirectory(prefix="geomap-") as folder:
        for suffix in (".shp", ".shx"):
            if suffix in found:
                shutil.copyfile(found[suffix], Path(folder) / f"layer{suffix}")
        small = {
            suffix: found[suffix].read_bytes()[:_SMALL_BYTES]
            for suffix in (".prj", ".cpg")
            if suffix in found
        }
        parts = _Parts(
            Path(folder) / "layer.shp",
            found[".dbf"].read_bytes(),
            _plain(small.get(".prj", b"")),
            _plain(small.get(".cpg", b"")),
        )
        return _read(parts, table, encoding, path.stem)


def read_zipped_shapefile(path: Path, table: Table, *, encoding: str | None = None) -> RawTable:
    """Read the shapefile in an archive that names most fields of `table`.

    Raises
    ------
    RefusedError : as for :func:`read_shapefile`, and if the archive is not safe to unpack.
    """
    layers = _layers(members(path))
    whole = {name: parts for name, parts in layers.items() if ".dbf" in parts}
    if not whole:
        _require_parts(next(iter(layers.values())), next(iter(layers)))
    scores = {name: _score(path, parts[".dbf"], table) for name, parts in whole.items()}
    chosen = max(whole, key=lambda name: scores[name])
    parts = whole[chosen]
    with tempfile.TemporaryDirectory(prefix="geomap-") as folder:
        for suffix in (".shp", ".shx"):
            if suffix in parts:
                extract(path, parts[suffix], Path(folder) / f"layer{suffix}")
        small = {
            suffix: read_member(path, parts[suffix], most=_SMALL_BYTES)
            for suffix in (".prj", ".cpg")
            if suffix in parts
        }
        unpacked = _Parts(
            Path(folder) / "layer.shp",
            read_member(path, parts[".dbf"]),
            _plain(small.get(".prj", b"")),
            _plain(small.get(".cpg", b"")),
        )
        raw = _read(unpacked, table, encoding, chosen)
    others = [name for name in layers if name != chosen]
    if not others:
        return raw
    told = Finding("sheet_chosen", values={"came": chosen, "expected": others})
    return replace(raw, findings=(told, *raw.findings))


def _layers(found: list[zipfile.ZipInfo]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Gather the members of each shapefile, by the name of its .shp without the suffix."""
    groups: dict[str, dict[str, zipfile.ZipInfo]] = {}
    shown: dict[str, str] = {}
    for each in found:
        place = PurePosixPath(each.filename.replace("\\", "/"))
        suffix = place.suffix.lower()
        if suffix in PARTS:
            key = str(place.with_suffix("")).casefold()
            groups.setdefault(key, {})[suffix] = each
            if suffix == ".shp":
                shown[key] = PurePosixPath(shown_name(each).replace("\\", "/")).stem
    return {
        name if list(shown.values()).count(name) == 1 else f"{name} ({nth})": groups[key]
        for nth, (key, name) in enumerate(shown.items(), 1)
    }


def _score(path: Path, member: zipfile.ZipInfo, table: Table) -> int:
    """Count the fields that the columns of an attribute table name."""
    attributes = read_dbase(read_member(path, member))
    return count_known(column_names(attributes, table), table)


def _require_parts(found: Mapping[str, object], stem: str) -> None:
    """Refuse a shapefile without its attribute table."""
    if ".dbf" not in found:
        expected = [f"{stem}{suffix}" for suffix in PARTS[:4]]
        raise RefusedError("part_missing", came=f"{stem}.dbf", expected=expected)


def _plain(data: bytes) -> str:
    """Read a small text file; names in it may be in any encoding, its numbers are ASCII."""
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(codec).strip("\0 \r\n\t")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").strip("\0 \r\n\t")


def _read(parts: _Parts, table: Table, encoding: str | None, layer: str) -> RawTable:
    """Put outlines and attributes together."""
    attributes = read_dbase(parts.dbf)
    if len(attributes.names) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=len(attributes.names), expected=MOST_COLUMNS)
    text = as_text(attributes, table, encoding=encoding, code_page=parts.cpg)
    blobs = _outlines(parts.shp)
    if len(blobs) != len(attributes.deleted):
        came = f".shp {len(blobs)}, .dbf {len(attributes.deleted)}"
        raise RefusedError("invalid_file", came=came, expected=NAMES["shp"])
    kept = np.flatnonzero(~attributes.deleted)
    if not len(kept):
        raise RefusedError("no_rows")
    rows = np.arange(1, len(kept) + 1, dtype=np.int64)
    geometry, bad = from_wkb([blobs[place] for place in kept], rows)
    whole = len(kept) == len(blobs)
    cells = text_frame(text.cells if whole else [each.take(kept) for each in text.cells], len(kept))
    shown = (
        attributes
        if whole
        else replace(attributes, columns=tuple(c[kept] for c in attributes.columns))
    )
    came = first_coordinates(geometry)
    unknown = NOT_STATED + came if came else None
    return RawTable(
        text.header,
        cells,
        rows,
        geometry,
        stated_system(parts.prj) or unknown,
        findings=(
            *text.findings,
            *bad,
            *undecodable(cells, rows),
            *cut_texts(shown, text.encoding, rows),
        ),
        details={"format": "shapefile", "encoding": text.encoding, "layer": layer},
    )


def _outlines(shp: Path) -> NDArray[np.object_]:
    """Read the geometries of a .shp as well-known binary, None where a record has none."""
    import pyogrio

    index = shp.with_suffix(".shx").exists()
    if not index:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # faults of single shapes are told by their geometry
            blobs: NDArray[np.object_] = pyogrio.raw.read(shp, columns=[], force_2d=True)[2]
    except (RuntimeError, ValueError) as error:
        came = str(error).replace(str(shp), shp.name)
        raise RefusedError("invalid_file", came=came, expected=NAMES["shp"]) from error
    finally:
        if not index:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    return blobs
