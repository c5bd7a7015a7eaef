"""The data layers that ship: what they are, and reading them.

A layer is a file and a ``<layer>.toml`` beside it that says what the file is, where it comes
from, under which licence, and what it is not good for. Both are written by
``layers/build_layers.py``, but those of ``platforms``, a list that is kept by hand.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import DataError, NotFoundError
from geomap.model.table import Label

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

#: The layers that ship as tables; the background is the one of pictures.
TABLES: Final = ("facilities", "hospitals", "residential", "streets", "places")
BACKGROUND: Final = "background"

_TEXTS: Final = (
    "file",
    "kind",
    "crs",
    "source",
    "attribution",
    "licence",
    "licence_url",
    "data_date",
    "how",
    "sha256",
)
_LISTS: Final = ("columns", "packages")


@dataclass(frozen=True)
class Layer:
    """What is known of a layer.

    Attributes
    ----------
    name, path : the layer's name and its file.
    title : in Chinese and in English.
    kind : facilities, hospitals, demand, places, basemap or platforms.
    rows, columns, crs : the file's content, without the geometry column.
    source, attribution : who made the data, and the words to show on every map.
    licence, licence_url : SPDX expression, and where its text is.
    data_date : the date of the data, as the source states it.
    packages, how : what the layer is made from, and in which way.
    caveats : what to keep in mind.
    counts : numbers of rows at each step of the making, and by kind.
    sha256 : of the file.
    synthetic : whether any of it was invented, for demonstrations and measurements.
    """

    name: str
    path: Path
    title: Label
    kind: str
    rows: int
    columns: tuple[str, ...]
    crs: str
    source: str
    attribution: str
    licence: str
    licence_url: str
    data_date: str
    packages: tuple[str, ...]
    how: str
    caveats: tuple[Label, ...]
    counts: Mapping[str, Mapping[str, int]]
    sha256: str
    synthetic: bool = False


def layer_info(folder: Path, name: str) -> Layer:
    """Read what a layer says of itself.

    Parameters
    ----------
    folder : where the layers are.
    name : of the layer, as in ``<name>.toml``.

    Raises
    ------
    NotFoundError : if the folder has no such layer.
    DataError : if its text cannot be read or lacks something, or its file is missing.
    """
    note = folder / f"{name}.toml"
    if not note.is_file():
        raise NotFoundError(f"{folder} has no layer {name}: {note.name} is missing")
    try:
        told = tomllib.loads(note.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{note.name} must be TOML in UTF-8, got: {error}") from error
    faults = _faults(told)
    if faults:
        raise DataError(f"{note.name} must state {', '.join(faults)}: build the layer again")
    path = folder / str(told["file"])
    if path.parent != folder or not path.is_file():
        raise DataError(f"{note.name} names the file {told['file']}, which is not beside it")
    return _layer(name, path, told)


def _faults(told: Mapping[str, Any]) -> list[str]:
    """Name everything that a layer's text lacks or says in the wrong form."""
    faults = [each for each in _TEXTS if not isinstance(told.get(each), str)]
    faults += [each for each in _LISTS if not _is_texts(told.get(each))]
    if type(told.get("rows")) is not int:
        faults.append("rows")
    if not isinstance(told.get("synthetic", False), bool):
        faults.append("synthetic")
    title, caveats = told.get("title"), told.get("caveats")
    if not isinstance(title, Mapping) or not _is_texts([title.get("zh"), title.get("en")]):
        faults.append("title.zh and title.en")
    if (
        not isinstance(caveats, Mapping)
        or not all(_is_texts(caveats.get(each)) for each in ("zh", "en"))
        or len(caveats["zh"]) != len(caveats["en"])
    ):
        faults.append("caveats.zh and caveats.en, one for one")
    counts = told.get("counts", {})
    if not isinstance(counts, Mapping) or not all(
        isinstance(each, Mapping) for each in counts.values()
    ):
        faults.append("counts as tables")
    return faults


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _layer(name: str, path: Path, told: Mapping[str, Any]) -> Layer:
    caveats = zip(told["caveats"]["zh"], told["caveats"]["en"], strict=True)
    counts = {step: MappingProxyType(dict(each)) for step, each in told.get("counts", {}).items()}
    return Layer(
        name=name,
        path=path,
        title=Label(told["title"]["zh"], told["title"]["en"]),
        rows=told["rows"],
        caveats=tuple(Label(zh, en) for zh, en in caveats),
        counts=MappingProxyType(counts),
        columns=tuple(told["columns"]),
        packages=tuple(told["packages"]),
        synthetic=told.get("synthetic", False),
        **{each: told[each] for each in _TEXTS if each != "file"},
    )


def verify_layer(layer: Layer) -> None:
    """Check that a layer's file is the one its text was written for.

    Raises
    ------
    DataError : if the file differs.
    """
    found = hashlib.sha256(layer.path.read_bytes()).hexdigest()
    if found != layer.sha256:
        raise DataError(
            f"{layer.path.name} differs from what {layer.name}.toml describes"
            f" (sha256 {layer.sha256[:12]}… expected, got {found[:12]}…): build the layer again"
        )


def read_layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    """Read a layer that is a table.

    Parameters
    ----------
    folder : where the layers are.
    name : one of ``TABLES``.

    Returns
    -------
    (n,) GeoDataFrame, EPSG:4326. ``facilities`` is a facility frame; ``places`` has the columns
    ``lon`` and ``lat`` beside its points.

    Raises
    ------
    NotFoundError : if the folder has no such layer.
    DataError : if the file is not the table that the layer's text describes.
    """
    import geopandas as gpd
    import pyarrow as pa

    layer = layer_info(folder, name)
    try:
        frame = gpd.read_parquet(layer.path)
    except (pa.ArrowInvalid, ValueError) as error:
        raise DataError(f"{layer.path.name} must be GeoParquet, got: {error}") from error
    columns = tuple(each for each in frame.columns if each != frame.geometry.name)
    if len(frame) != layer.rows or columns != layer.columns:
        raise DataError(
            f"{layer.path.name} must have {layer.rows} rows and the columns that {name}.toml"
            f" states, got {len(frame)} rows and {', '.join(columns)}: build the layer again"
        )
    return _completed(frame, layer.kind)


def _completed(frame: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Give a table the types that its file format cannot keep."""
    if kind == "facilities":
        from geomap.model.facility import FACILITIES

        lists = [each.name for each in FACILITIES.fields if each.kind == "choices"]
        return FACILITIES.conform(frame.assign(**{name: _as_lists(frame[name]) for name in lists}))
    if kind == "places":
        return frame.assign(lon=frame.geometry.x, lat=frame.geometry.y)
    return frame


def _as_lists(column: gpd.GeoSeries) -> list[list[str] | None]:
    return [None if each is None else list(each) for each in column]


def background_tile(folder: Path, z: int, x: int, y: int) -> bytes | None:
    """Give one picture tile of the background.

    Parameters
    ----------
    folder : where the layers are.
    z, x, y : zoom, column, and row counted from the north.

    Returns
    -------
    A PNG picture, or None where the background has none.

    Raises
    ------
    NotFoundError, DataError : if the folder has no background or it cannot be read.
    """
    return _tiles(folder).get((z, x, y))


@cache
def _tiles(folder: Path) -> Mapping[tuple[int, int, int], bytes]:
    """All tiles of the background: a few megabytes, read once and shared by all threads."""
    layer = layer_info(folder, BACKGROUND)
    query = "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
    address = f"{layer.path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as tiles:
            rows = tiles.execute(query).fetchall()
    except sqlite3.DatabaseError as error:
        raise DataError(f"{layer.path.name} must be MBTiles, got: {error}") from error
    return MappingProxyType({(z, x, 2**z - 1 - row): bytes(data) for z, x, row, data in rows})
