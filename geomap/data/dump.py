"""The open-data dump: the facilities as files for anyone, with checksums and the licence.

Each dump is a folder of its own, written whole before the link `CURRENT` is turned to it by one
rename; the names beside that link lead through it. So a crash at any moment leaves the old dump
or the new. The one before stays until the next is begun: somebody may be reading it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final

from geomap.data.dump_note import note_of
from geomap.data.export import export_frame
from geomap.data.store.durable import (
    UNFINISHED,
    alone,
    make_folder,
    spoken_os_errors,
    sync_folder,
    write_atomically,
)
from geomap.errors import ConflictError, NotFoundError
from geomap.model.facility import FACILITIES, STEWARD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    import geopandas as gpd

    from geomap.data.layers import Layer
    from geomap.data.published import Published

    #: Writes the facilities to an open file.
    Write = Callable[[gpd.GeoDataFrame, IO[bytes]], object]

#: Where a workspace keeps the files that it serves.
FOLDER: Final = "open-data"
#: The link to the folder of the present dump.
CURRENT: Final = "current"
LIST: Final = "dump.json"
CHECKSUMS: Final = "SHA256SUMS"
NOTE: Final = "LICENCE.txt"
_LAYER: Final = "facilities"
#: The files and their media types, the one that most can open first.
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facilities.csv": "text/csv; charset=utf-8",
        "facilities.geojson": "application/geo+json",
        "facilities.geojson.gz": "application/gzip",
        "facilities.gpkg": "application/geopackage+sqlite3",
        "facilities.parquet": "application/vnd.apache.parquet",
        "facilities.pmtiles": "application/vnd.pmtiles",
    }
)
_BESIDE: Final = frozenset((CHECKSUMS, NOTE, LIST))
NOTHING_MORE: Final[Mapping[str, Write]] = MappingProxyType({})
#: Counted up when files say things in another way, so that the next dump writes them anew.
_FORMAT: Final = 1
_GZIP_LEVEL: Final = 6
_PIECE: Final = 1 << 20
_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}")
#: Where the text of a licence is, by its SPDX identifier; others are not known to be one.
_LICENCES: Final = frozenset(
    {
        "Apache-2.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT", "ODC-By-1.0",
        "ODbL-1.0", "PDDL-1.0",
    }
)  # fmt: skip


@dataclass(frozen=True)
class DumpFile:
    """One file of a dump.

    Parameters
    ----------
    name, media_type : of the file.
    size : bytes.
    sha256 : of its bytes, in hexadecimal digits.
    """

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Dump:
    """What a dump says of itself.

    Parameters
    ----------
    made_on : the day on which it was written, ISO 8601.
    data_date, source, attribution : of the data, as the workspace states them.
    licence, licence_url : of the data; empty where nothing is stated or known.
    rows, columns : of each file, the place not counted.
    synthetic : whether any of it is invented.
    of : tells this content from another.
    files : what was written.
    took_s : seconds that it took.
    """

    made_on: str
    data_date: str
    source: str
    attribution: str
    licence: str
    licence_url: str
    rows: int
    columns: tuple[str, ...]
    synthetic: bool
    of: str
    files: tuple[DumpFile, ...]
    took_s: float = 0.0

    @property
    def stewards(self) -> bool:
        """Whether officials paired with facilities are named."""
        return not {*STEWARD_COLUMNS}.isdisjoint(self.columns)


def write_dump(
    published: Published,
    out: Path,
    *,
    day: date,
    stewards: bool = False,
    more: Mapping[str, Write] = NOTHING_MORE,
) -> tuple[Dump, bool]:
    """Write the open-data files of what a workspace published, unless they are there already.

    Only what the site itself shows is written: officials paired with facilities are people, and
    are left out unless `stewards`.

    Parameters
    ----------
    published : what readers see.
    out : the folder of the files; made where it is not there.
    day : today.
    more : writes files of `KINDS` that this room knows nothing of, by name.

    Returns
    -------
    What is there, and whether it was written now.

    Raises
    ------
    NotFoundError : if no facilities are published.
    ConflictError : if another process is writing there.
    DataError : if the disk is full, or something cannot be read or written.
    """
    layer, begun = facility_layer(published), time.monotonic()
    make_folder(out)
    with _writing(out):
        there, of = read_dump(current_place(out)), content_of(layer, more, stewards=stewards)
        if there is not None and there.of == of:
            return there, False
        _sweep(out)
        with _staging(out) as place:
            columns, files = _write_files(published, place, more, stewards=stewards)
            dump = _described(layer, columns, files, day=day, of=of)
            dump = replace(dump, took_s=round(time.monotonic() - begun, 1))
            _describe(place, dump)
            _turn(place, out, dump)
    return dump, True


def remove_old(out: Path, *, after_s: float) -> None:
    """Remove the dump before the present one, if that has been the present one for so long.

    Raises
    ------
    ConflictError : if another process is writing there.
    DataError : if the folder cannot be read.
    """
    with spoken_os_errors(out):
        listed = (current_place(out) / LIST).stat().st_mtime
        if len(_dated(out)) > 1 and time.time() - listed >= after_s:
            with _writing(out):
                _sweep(out)


def current_place(folder: Path) -> Path:
    """Find the folder of the present dump: it stays as it is when another is written."""
    return (folder / CURRENT).resolve() if (folder / CURRENT).is_symlink() else folder


def read_dump(folder: Path) -> Dump | None:
    """Read what a folder's dump says of itself.

    Returns
    -------
    None where there is no dump, or its list does not describe what lies there: a file is missing
    or has another size.
    """
    try:
        told = json.loads((folder / LIST).read_bytes())
        files = tuple(DumpFile(**each) for each in told.pop("files"))
        whole = Dump(**told | {"files": files, "columns": tuple(told["columns"])})
        sizes = [(folder / each.name).stat().st_size for each in files]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    fits = sizes == [each.size for each in files] and {each.name for each in files} <= {*KINDS}
    return whole if fits else None


def licence_address(licence: str) -> str:
    """Give the address of a licence's text; "" where it is not one that is known.

    Examples
    --------
    >>> licence_address("ODbL-1.0"), licence_address("as agreed")
    ('https://spdx.org/licenses/ODbL-1.0.html', '')
    """
    return f"https://spdx.org/licenses/{licence}.html" if licence in _LICENCES else ""


def content_of(layer: Layer, more: Collection[str], *, stewards: bool) -> str:
    """Tell one content of the files from another; see :func:`write_dump`."""
    rights = (layer.licence, layer.attribution, layer.source, layer.data_date)
    said = (layer.sha256, *rights, *sorted(more), stewards, _FORMAT)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def facility_layer(published: Published) -> Layer:
    """Find the facilities.

    Raises
    ------
    NotFoundError : if none are published.
    """
    if _LAYER not in published.layers:
        raise NotFoundError(
            f"no facilities are published in {published.folder}",
            zh=f"{published.folder} 里还没有发布过养老机构",
        )
    return published.layers[_LAYER]


def _write_files(
    published: Published, place: Path, more: Mapping[str, Write], *, stewards: bool
) -> tuple[tuple[str, ...], tuple[DumpFile, ...]]:
    """Write every kind of file, and tell their columns and what each is."""
    frame = published.read(_LAYER, mapped=True)
    hidden = () if stewards else STEWARD_COLUMNS
    columns = tuple(each for each in FACILITIES.names if each not in hidden)
    frame = frame[[*columns, frame.geometry.name]]
    for ending in ("csv", "geojson", "gpkg", "parquet"):
        export_frame(frame, place / f"{_LAYER}.{ending}")
    plain = place / f"{_LAYER}.geojson"
    write_atomically(place / f"{plain.name}.gz", partial(_compress, plain))
    for name, write in more.items():
        write_atomically(place / name, partial(write, frame))
    there = [(place / name, kind) for name, kind in KINDS.items()]
    return columns, tuple(_file(path, kind) for path, kind in there if path.exists())


def _compress(plain: Path, target: IO[bytes]) -> None:
    """Compress a file; the same bytes give the same file on any day."""
    with (
        plain.open("rb") as content,
        gzip.GzipFile("", "wb", compresslevel=_GZIP_LEVEL, fileobj=target, mtime=0) as packed,
    ):
        shutil.copyfileobj(content, packed, _PIECE)


def _file(path: Path, media_type: str) -> DumpFile:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return DumpFile(path.name, media_type, path.stat().st_size, digest)


def _described(
    layer: Layer, columns: tuple[str, ...], files: tuple[DumpFile, ...], *, day: date, of: str
) -> Dump:
    return Dump(
        made_on=day.isoformat(),
        data_date=layer.data_date,
        source=layer.source,
        attribution=layer.attribution,
        licence=layer.licence,
        licence_url=layer.licence_url or licence_address(layer.licence),
        rows=layer.rows,
        columns=columns,
        synthetic=layer.synthetic,
        of=of,
        files=files,
    )


def _describe(place: Path, dump: Dump) -> None:
    """Write what describes the files beside them."""
    sums = "".join(f"{each.sha256}  {each.name}\n" for each in dump.files)
    write_atomically(place / CHECKSUMS, sums.encode())
    write_atomically(place / NOTE, note_of(dump).encode())
    written = json.dumps(asdict(dump), ensure_ascii=False, indent=1)
    write_atomically(place / LIST, written.encode())


def _turn(place: Path, out: Path, dump: Dump) -> None:
    """Make a whole dump the present one, and let the usual names lead to its files."""
    dated = f"{dump.made_on}-{secrets.token_hex(4)}"
    with spoken_os_errors(out):
        place.rename(out / dated)
        sync_folder(out)
        _link(out / CURRENT, dated)
        named = {each.name for each in dump.files} | _BESIDE
        for name in named:
            _link(out / name, f"{CURRENT}/{name}")
        for name in {*KINDS} - named:
            (out / name).unlink(missing_ok=True)
        sync_folder(out)


def _link(path: Path, target: str) -> None:
    """Make a link, in the place of whatever file or link there was."""
    if path.is_symlink() and str(path.readlink()) == target:
        return
    if path.is_dir() and not path.is_symlink():  # a copy that followed the links
        shutil.rmtree(path)
    unfinished = path.with_name(f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}")
    unfinished.symlink_to(target)
    unfinished.replace(path)


def _sweep(out: Path) -> None:
    """Remove what killed writers left, and the dump before the present one."""
    present = current_place(out).name
    for each in out.glob(f"{UNFINISHED}*"):
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
    for each in _dated(out):
        if each.name != present:
            shutil.rmtree(each, ignore_errors=True)


def _dated(out: Path) -> list[Path]:
    """List the dumps in a folder."""
    return [each for each in out.iterdir() if _DATED.fullmatch(each.name) and each.is_dir()]


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Keep others from writing to a folder at the same time.

    Raises
    ------
    ConflictError : if another process does.
    """
    with spoken_os_errors(folder), alone(folder, wait=False) as mine:
        if not mine:
            raise ConflictError(
                f"another process is writing open data into {folder}; wait until it is done",
                zh=f"另一个进程正在往 {folder} 写开放数据；请等它写完",
            )
        yield


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Make a folder for unfinished files on the disk of the finished ones."""
    place = out / f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    with spoken_os_errors(out):
        place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
