"""Layers as GeoParquet: written once with every column typed, read fast into typed frames."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import shapely

from geomap.data.mapped import kept_in_file, read_mapped
from geomap.data.store.bodies import GEOMETRY
from geomap.errors import DataError
from geomap.model.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from geomap.model.point_array import PointArray
    from geomap.model.table import Field, Table

COMPRESSION = "zstd"
#: numpy's letters of the kinds of numbers and dates.
_NUMBERS = "biufM"


def arrow_schema(table: Table, *, geometry: pa.DataType | None = None) -> pa.Schema:
    """Give the columns of a table as Arrow types: lists of choices as list<string>.

    Parameters
    ----------
    geometry : the type of the last column; WKB where none is given.
    """
    import pyarrow as pa

    fields = [(each.name, _arrow_type(each)) for each in table.fields]
    return pa.schema([*fields, (GEOMETRY, geometry or pa.binary())])


def write_geoparquet(file: IO[bytes], rows: pa.Table) -> None:
    """Write rows as GeoParquet 1.1, compressed with zstd.

    Parameters
    ----------
    file : open for writing bytes.
    rows : (n,) Arrow table whose ``geometry`` is WKB in WGS-84 degrees.
    """
    import pyarrow.parquet

    known = {**(rows.schema.metadata or {}), b"geo": json.dumps(_geo(rows)).encode()}
    pyarrow.parquet.write_table(rows.replace_schema_metadata(known), file, compression=COMPRESSION)


def read_geoparquet(
    path: Path, table: Table | None = None, *, mapped: bool = False
) -> gpd.GeoDataFrame:
    """Read a layer.

    Parameters
    ----------
    table : what its rows are; without one the columns come as they are in the file.
    mapped : leave texts and numbers in a temporary file, so that those that nobody asks for take
        no memory and processes forked later share the rest; points become shapes when asked for;
        rows with the same list share it too. Nobody may change any of it. Needs `table`.

    Returns
    -------
    (n,) GeoDataFrame in WGS-84 degrees; with `table`, exactly its columns and dtypes: missing
    lists are None, columns that the file lacks are unknown.

    Raises
    ------
    DataError : if the file is damaged or a column does not fit its field.
    """
    import geopandas as gpd
    import pyarrow as pa
    import pyarrow.parquet

    try:
        if table is None:
            return gpd.read_parquet(path).set_crs(GEOGRAPHIC, allow_override=True)
        if mapped:
            return to_frame(read_mapped(path, arrow_schema(table)), table, shared=True)
        with pyarrow.parquet.ParquetFile(path) as file:  # only what the table has is read
            return to_frame(file.read(columns=[*table.names, GEOMETRY]), table)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} cannot be read: {error}; publish or build it again") from error


def to_frame(rows: pa.Table, table: Table, *, shared: bool = False) -> gpd.GeoDataFrame:
    """Give Arrow rows, their geometry as WKB, the columns and dtypes of a table.

    Parameters
    ----------
    shared : rows that hold the same list hold one, numbers lie in a file without a name, and
        points are made when asked for: they take no memory, and are not to change.
    """
    import geopandas as gpd
    import pandas as pd

    rows = rows.combine_chunks()  # a row is then taken in 1 ms, not in 50
    columns = {each.name: _column(rows, each, shared=shared) for each in table.fields}
    if shared:
        columns |= _in_file(columns)
    shapes = gpd.GeoSeries(_shapes(rows[GEOMETRY], shared=shared), crs=GEOGRAPHIC)
    return gpd.GeoDataFrame(pd.DataFrame(columns, copy=False), geometry=shapes, copy=False)


def from_frame(frame: gpd.GeoDataFrame, table: Table) -> pa.Table:
    """Give the columns of a frame as Arrow rows, their geometry as WKB: what `to_frame` takes.

    Parameters
    ----------
    frame : (n,) rows with the columns and dtypes of `table`.
    """
    import pandas as pd
    import pyarrow as pa

    schema = arrow_schema(table)
    plain = pd.DataFrame(frame[list(table.names)])
    rows = pa.Table.from_pandas(plain, pa.schema(list(schema)[:-1]), preserve_index=False)
    shapes = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.binary())
    return rows.append_column(schema.field(GEOMETRY), shapes).replace_schema_metadata(None)


def _arrow_type(field: Field) -> pa.DataType:
    """Give the Arrow type of a field."""
    import pyarrow as pa

    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "date": pa.timestamp("s"),
        "yes_no": pa.bool_(),
        "choices": pa.list_(pa.string()),
    }
    return types.get(field.kind, pa.string())


def _column(rows: pa.Table, field: Field, *, shared: bool) -> pd.Series:
    """Take one column with the dtype of its field; unknown where the file lacks it."""
    import pandas as pd
    import pyarrow as pa

    kind = _arrow_type(field)
    if field.name in rows.column_names:
        values = rows[field.name]
        if not pa.types.is_large_string(values.type):  # pandas' own texts, which stay as they are
            values = values.cast(kind)
    else:
        values = pa.chunked_array([pa.nulls(len(rows), kind)])
    if field.kind == "choices":
        return pd.Series(_lists(values, shared=shared), dtype="object")
    dtype = pd.api.types.pandas_dtype(field.dtype)
    extension = dtype if hasattr(dtype, "__from_arrow__") else None
    column: pd.Series = values.to_pandas(types_mapper=lambda _: extension).astype(field.dtype)
    return column


def _shapes(written: pa.ChunkedArray, *, shared: bool) -> PointArray | NDArray[np.object_]:
    """Read shapes; where they are shared, points are made when asked for."""
    import pyarrow as pa

    from geomap.model.point_array import points_of_wkb

    points = None
    if shared:
        points = points_of_wkb(pa.concat_arrays(written.chunks), GEOGRAPHIC)
    return shapely.from_wkb(written.to_numpy()) if points is None else points


def _in_file(columns: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Move the columns of numbers and dates into a file without a name."""
    import pandas as pd

    numbers = {name: each for name, each in columns.items() if each.dtype.kind in _NUMBERS}
    parts = [part for each in numbers.values() for part in _parts(each)]
    kept = iter(kept_in_file(parts))

    def rebuilt(column: pd.Series) -> pd.Series:
        masked = pd.api.types.is_extension_array_dtype(column.dtype)
        array = type(column.array)(next(kept), next(kept)) if masked else next(kept)
        return pd.Series(array, copy=False)

    return {name: rebuilt(each) for name, each in numbers.items()}


def _parts(column: pd.Series) -> list[NDArray[Any]]:
    """Take a column apart: its values, and where pandas keeps that, which of them are missing."""
    import pandas as pd

    if not pd.api.types.is_extension_array_dtype(column.dtype):
        return [column.to_numpy()]
    unknown = False if pd.api.types.is_bool_dtype(column.dtype) else 0
    return [column.fillna(unknown).to_numpy(), column.isna().to_numpy()]


def _lists(values: pa.ChunkedArray, *, shared: bool) -> list[list[str] | None]:
    """Give each row a list of its own, or one for all rows that say the same; None if unknown."""
    import pyarrow as pa

    if not len(values):
        return []
    together = pa.concat_arrays(values.chunks)
    coded = together.values.dictionary_encode()
    choices = [*coded.dictionary.to_pylist(), None]
    codes = coded.indices.fill_null(len(choices) - 1).to_numpy().astype(np.uint16)
    numbers, size = codes.tobytes(), codes.itemsize
    ends = [size * each for each in together.offsets.to_pylist()]
    lists: dict[bytes, list[str]] = {}

    def listed(key: bytes) -> list[str]:
        if key not in lists:
            lists[key] = [choices[code] for code in np.frombuffer(key, np.uint16).tolist()]
        return lists[key] if shared else lists[key].copy()

    return [
        listed(numbers[start:end]) if is_known else None
        for start, end, is_known in zip(
            ends[:-1], ends[1:], together.is_valid().to_pylist(), strict=True
        )
    ]


def _geo(rows: pa.Table) -> dict[str, Any]:
    """Describe the geometry column as GeoParquet asks."""
    import geopandas as gpd

    shapes = shapely.from_wkb(rows[GEOMETRY].to_numpy())
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(gpd.GeoSeries(shapes).geom_type.dropna().unique()),
        "crs": gpd.GeoSeries([], crs=GEOGRAPHIC).crs.to_json_dict(),
    }
    if len(shapes) and np.isfinite(bounds := shapely.total_bounds(shapes)).all():
        column["bbox"] = bounds.tolist()
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
