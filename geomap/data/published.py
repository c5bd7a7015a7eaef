"""What readers see: the layers that a workspace published last, or those that ship.

``published/current.json`` names one file for each layer. Those files are never changed: what is
published later gets files of its own, and then the pointer is swapped. So a reader sees the old
state or the new, and never touches the database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geomap.data import layers as shipped
from geomap.data.geoparquet import read_geoparquet
from geomap.errors import DataError, NotFoundError
from geomap.model.tables import TABLES
from geomap.settings import layers_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geomap.data.layers import Layer

FOLDER = "published"
POINTER = "current.json"


@dataclass(frozen=True, eq=False)
class Published:
    """One state of all layers.

    Parameters
    ----------
    folder : where the files are.
    revision : the last edit that is in it; 0 for the layers that ship.
    layers : by name; each says where it comes from, under which licence, and how many rows.
    """

    folder: Path
    revision: int
    layers: Mapping[str, Layer]

    def read(self, name: str, *, mapped: bool = False) -> gpd.GeoDataFrame:
        """Read a layer.

        Parameters
        ----------
        mapped : for servers: leave the texts of a table in a temporary file, which workers share.

        Returns
        -------
        (n,) GeoDataFrame in WGS-84 degrees. Facilities, demand, areas and candidates have exactly
        the columns and dtypes of their table, lists of choices being lists; other layers have
        the columns that they state.

        Raises
        ------
        NotFoundError : if there is no such layer.
        DataError : if its file is missing or damaged.
        """
        if name not in self.layers:
            there = ", ".join(self.layers) or "none"
            raise NotFoundError(f"there is no layer {name!r}; there are: {there}")
        if name not in TABLES:
            return shipped.read_layer(self.folder, name)
        layer = self.layers[name]
        frame = read_geoparquet(layer.path, TABLES[name], mapped=mapped)
        if len(frame) != layer.rows:
            raise DataError(
                f"{layer.path.name} must have {layer.rows} rows, got {len(frame)}: publish again"
            )
        return frame


def bundled() -> Published:
    """Give the layers that ship with geomap, as if a workspace had published them.

    Raises
    ------
    NotFoundError : if they are not there.
    """
    folder = layers_dir()
    layers = {name: shipped.layer_info(folder, name) for name in shipped.TABLES}
    return Published(folder, 0, MappingProxyType(layers))


def read_published(folder: Path) -> Published:
    """Find what a workspace published last; a folder that may only be read will do.

    Parameters
    ----------
    folder : the workspace.

    Raises
    ------
    NotFoundError : if the folder is missing or nothing was published in it.
    DataError : if what is published is damaged.
    """
    pointer = read_pointer(folder)
    if pointer is None:
        raise NotFoundError(
            f"nothing is published in {folder}; import a file first: geomap import FILE --into DIR",
            zh=f"{folder} 里还没有发布过内容；请先导入：geomap import 文件 --into 文件夹",
        )
    place = folder / FOLDER
    try:
        layers = {
            name: replace(shipped.layer_info(place, Path(entry["file"]).stem), name=name)
            for name, entry in pointer["layers"].items()
        }
        return Published(place, int(pointer["revision"]), MappingProxyType(layers))
    except (KeyError, TypeError, ValueError, NotFoundError) as error:
        raise DataError(
            f"{place / POINTER} is damaged ({error}); publish again",
            zh=f"{place / POINTER} 已损坏（{error}）；请重新发布",
        ) from error
    except OSError as error:
        raise DataError(
            f"{place} cannot be read ({error}); check the disk",
            zh=f"{place} 无法读取（{error}）；请检查磁盘",
        ) from error


def published_stamp(folder: Path) -> tuple[int, ...] | None:
    """Give a value that changes whenever something is published; costs one look at the disk.

    Parameters
    ----------
    folder : the workspace.

    Returns
    -------
    Compare it with an earlier one; None where nothing is published.
    """
    try:
        found = (folder / FOLDER / POINTER).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_pointer(folder: Path) -> dict[str, Any] | None:
    """Read which files are published; None where nothing is.

    Raises
    ------
    DataError : if the pointer is damaged.
    """
    path = folder / FOLDER / POINTER
    try:
        pointer = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read ({error}); publish again",
            zh=f"{path} 无法读取（{error}）；请重新发布",
        ) from error
    if not isinstance(pointer, dict) or not isinstance(pointer.get("layers"), dict):
        raise DataError(f"{path} is damaged; publish again", zh=f"{path} 已损坏；请重新发布")
    return pointer
