"""The index of names of what is published: kept in the workspace, else in the user's cache.

On a new machine the index of the places that ship is not there yet, and takes some ten seconds.
Until then the divisions are searched, and the facilities where they are few or indexed already.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.layers import layer_info, read_layer
from geomap.data.published import read_published
from geomap.data.search_store import is_kept, kept_index
from geomap.find.filling import ANALYSER, fill, schema
from geomap.find.index import NameIndex, Part
from geomap.find.names import named_facilities, named_places
from geomap.model.facility import FACILITIES
from geomap.settings import cache_dir, layers_dir

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa
    from tantivy import Index

    from geomap.data.published import Published

_FACILITIES = "facilities"
_AROUND = ("places", "hospitals", "residential")
#: What writes, reads and spells names: another version may do it otherwise.
_TOOLS = ("tantivy", "pypinyin", "opencc")
_FOLDER = "search"
#: More facilities are indexed by a process of its own.
_MANY = 20_000
_COLUMNS = (
    "id",
    "name",
    "name_en",
    "type",
    "address",
    "adcode",
    "location_precision",
    "geometry",
)


@dataclass(frozen=True)
class Names:
    """The names of what is published.

    Parameters
    ----------
    published : the layers that they belong to.
    folder : the workspace; None for the layers that ship.
    facilities : gives the published facilities, where they are needed.
    """

    published: Published
    folder: Path | None
    facilities: Callable[[], gpd.GeoDataFrame]

    def are_kept(self) -> bool:
        """Tell whether all of them are indexed, so that they need only be opened."""
        return is_kept(*_shipped_at()) and is_kept(*_kept_at(self.published, self.folder))

    def all(self) -> NameIndex:
        """Open the indexes of all names, and build first what is not there."""
        shipped = shipped_names()
        return NameIndex([shipped, _own(self.published, self.folder, self.facilities)])

    def first(self, divisions: pd.DataFrame) -> NameIndex:
        """Index what is soon indexed: divisions, and the facilities if they are few."""
        parts = [Part.of(named_places(divisions))]
        layer = self.published.layers.get(_FACILITIES)
        few = layer is None or layer.rows <= _MANY
        if few or is_kept(*_kept_at(self.published, self.folder)):
            parts.append(_own(self.published, self.folder, self.facilities))
        return NameIndex(parts)


def prepare_names(folder: Path) -> None:
    """Build the index of what a workspace published last, so that a server need only open it."""
    published = read_published(folder)
    places, key = _kept_at(published, folder)
    kept_index(places, key, schema, lambda empty: fill(empty, named_facilities(_named(published))))


def facilities_of(published: Published) -> gpd.GeoDataFrame:
    """Read the published facilities; none where there is no such layer."""
    has_any = _FACILITIES in published.layers
    return published.read(_FACILITIES, mapped=True) if has_any else FACILITIES.empty()


def _named(published: Published) -> gpd.GeoDataFrame:
    """Read what the index needs of the published facilities."""
    from geopandas import read_parquet

    own = published.layers.get(_FACILITIES)
    return FACILITIES.empty() if own is None else read_parquet(own.path, columns=list(_COLUMNS))


def _own(
    published: Published, folder: Path | None, facilities: Callable[[], gpd.GeoDataFrame]
) -> Part:
    """Open the index of the published facilities."""
    places, key = _kept_at(published, folder)
    layer = published.layers.get(_FACILITIES)
    if folder is not None and layer and layer.rows > _MANY and not is_kept(places, key):
        # A child gives its memory back; where it fails, this process builds the index itself.
        command = [sys.executable, "-P", "-m", __name__, str(folder)]
        subprocess.run(command, check=False)  # noqa: S603 (this module, on the folder served)
    return Part(
        *kept_index(places, key, schema, lambda empty: fill(empty, named_facilities(facilities())))
    )


def _kept_at(published: Published, folder: Path | None) -> tuple[list[Path], dict[str, str]]:
    """Give the places where the facilities' index may be, the best first, and its key."""
    layer = published.layers.get(_FACILITIES)
    key = _tools() | {_FACILITIES: layer.sha256 if layer else ""}
    cached = cache_dir() / _FOLDER / _digest("" if folder is None else str(folder.resolve()))
    return [cached] if folder is None else [folder / _FOLDER, cached], key


@cache
def shipped_names() -> Part:
    """Open the index of the places that ship; all workspaces of a user share it."""
    places, key = _shipped_at()
    if not is_kept(places, key):
        # A child leaves this process free to answer; where it fails, this one builds the index.
        command = [sys.executable, "-P", "-m", __name__]
        subprocess.run(command, check=False)  # noqa: S603 (this module)
    return Part(*kept_index(places, key, schema, _fill_shipped))


def prepare_shipped() -> None:
    """Build the index of the places that ship, so that a server need only open it."""
    kept_index(*_shipped_at(), schema, _fill_shipped)


def _fill_shipped(empty: Index) -> pa.Table:
    """Put the places that ship into an index."""
    return fill(empty, named_places(*(read_layer(layers_dir(), name) for name in _AROUND)))


def _shipped_at() -> tuple[list[Path], dict[str, str]]:
    """Give the place where the shipped places' index may be, and its key."""
    key = _tools() | {name: layer_info(layers_dir(), name).sha256 for name in _AROUND}
    return [cache_dir() / _FOLDER / "shipped"], key


def _tools() -> dict[str, str]:
    """Say what writes an index."""
    return {name: version(name) for name in _TOOLS} | {"analyser": str(ANALYSER)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    if sys.argv[1:]:
        prepare_names(Path(sys.argv[1]))
    else:
        prepare_shipped()
