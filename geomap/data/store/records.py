"""The records of a layer as they are compared: who brought them, what they are called, where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from geomap.data.store.bodies import GEOMETRY, read_columns
from geomap.data.store.tables import IMPORT_BATCH, RECORD, current

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.table import Table

#: Rows handled at once: few enough for memory and for the parameters of one query.
CHUNK = 10_000
#: What rows and records are compared by, besides the id and the place.
_FEATURES = ("name", "phone", "address", "adcode", "type", "location_precision")


@dataclass(frozen=True, eq=False)
class Records:
    """The records of one layer, in one transaction.

    Parameters
    ----------
    files : id of every record -> name of the file that last wrote to it.
    """

    connection: sa.Connection
    table: Table
    files: Mapping[str, str | None]

    @cached_property
    def features(self) -> pd.DataFrame:
        """Every record: id, what it is called and where it is; read once.

        Unknown values are missing; the place of an outline is its middle.
        """
        import pyarrow as pa

        names = ("id", *(name for name in _FEATURES if name in self.table.by_name), GEOMETRY)
        schema = pa.schema([(name, pa.string()) for name in names])
        query = current(self.table.name).execution_options(yield_per=CHUNK)
        parts = self.connection.execute(query).partitions()
        read = [read_columns([row.body for row in some], schema) for some in parts]
        rows = pa.concat_tables([schema.empty_table(), *read]).to_pandas()
        shapes = shapely.from_wkt(rows.pop(GEOMETRY).to_numpy(dtype=object, na_value=None))
        return _features(rows, shapes)


def records_of(connection: sa.Connection, table: Table) -> Records:
    """Describe the records of a layer."""
    query = (
        sa.select(RECORD.c.id, IMPORT_BATCH.c.file)
        .join_from(RECORD, IMPORT_BATCH, RECORD.c.batch == IMPORT_BATCH.c.id, isouter=True)
        .where(RECORD.c.layer == table.name)
    )
    files = {row.id: row.file for row in connection.execute(query)}
    return Records(connection, table, files)


def bodies_of(connection: sa.Connection, table: Table, ids: Sequence[str]) -> dict[str, str]:
    """Fetch the current texts of those records that exist."""
    query = current(table.name)
    found: dict[str, str] = {}
    for start in range(0, len(ids), CHUNK):
        some = query.where(RECORD.c.id.in_(ids[start : start + CHUNK]))
        found |= {row.id: row.body for row in connection.execute(some)}
    return found


def among(ids: Iterable[str], some: AbstractSet[str]) -> NDArray[np.bool_]:
    """Mark the ids that are among some; many times faster than pandas on texts.

    Examples
    --------
    >>> among(["a", "b"], {"b"}).tolist()
    [False, True]
    """
    return np.fromiter((id_ in some for id_ in ids), dtype=bool)


def features_of(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give rows the columns of :attr:`Records.features`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geomap.model.demand import DEMAND
    >>> points = gpd.points_from_xy([121.5, None], [31.25, None], crs="EPSG:4326")
    >>> rows = DEMAND.conform(gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=points))
    >>> features_of(rows)[["id", "lon", "lat"]].to_numpy().tolist()
    [['a', 121.5, 31.25], ['b', nan, nan]]
    """
    columns = [name for name in ("id", *_FEATURES) if name in rows]
    return _features(pd.DataFrame(rows[columns]), rows.geometry.to_numpy())


def _features(rows: pd.DataFrame, shapes: NDArray[np.object_]) -> pd.DataFrame:
    """Put the columns in order, unknown ones missing, and a place to each row."""
    texts = {
        name: rows[name].astype("str") if name in rows else pd.Series(None, rows.index, dtype="str")
        for name in ("id", *_FEATURES)
    }
    middle = shapely.centroid(shapes)  # of a point the point, of an empty one nowhere
    return pd.DataFrame(texts).assign(lon=shapely.get_x(middle), lat=shapely.get_y(middle))
