"""Dated states of a workspace's facilities: every published file stays, so it can be read again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from geomap.data.geoparquet import read_geoparquet
from geomap.data.layers import layer_info
from geomap.data.published import FOLDER
from geomap.errors import DataError, NotFoundError
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import geopandas as gpd

_NAME: Final = re.compile(r"facilities-(\d{1,18})\.toml")
#: The newest states that are offered.
MOST: Final = 120


@dataclass(frozen=True)
class DatedState:
    """One published state: of which day, by which revision, with how many rows."""

    revision: int
    day: str
    rows: int

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return str(self.revision)


def dated_states(folder: Path | None) -> list[DatedState]:
    """List the published states of the facilities, the newest first; the last one of each day.

    Parameters
    ----------
    folder : the workspace; None for the layers that ship, which have one state.
    """
    if folder is None or not (folder / FOLDER).is_dir():
        return []
    found: dict[str, DatedState] = {}
    names = [_NAME.fullmatch(each.name) for each in (folder / FOLDER).iterdir()]
    for revision in sorted((int(each[1]) for each in names if each), reverse=True):
        try:
            layer = layer_info(folder / FOLDER, f"facilities-{revision}")
        except (DataError, NotFoundError):  # half of a state that was never published
            continue
        found.setdefault(layer.data_date, DatedState(revision, layer.data_date, layer.rows))
        if len(found) == MOST:
            break
    return list(found.values())


def read_state(
    folder: Path, state: DatedState, *, columns: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Read the facilities of a state.

    Parameters
    ----------
    columns : of the table; all where None. The geometry always comes.

    Raises
    ------
    DataError, NotFoundError : if its file is missing or damaged.
    """
    layer = layer_info(folder / FOLDER, f"facilities-{state.revision}")
    table = TABLES["facilities"]
    if columns is not None:
        table = replace(table, fields=tuple(each for each in table.fields if each.name in columns))
    return read_geoparquet(layer.path, table)
