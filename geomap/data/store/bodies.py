"""Rows as JSON: one text a record, in which the workspace keeps, compares and edits them.

The text is canonical (the table's order of fields, unknown values left out, dates in ISO form,
the geometry as WKT with every digit), so two records are equal when their texts are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

    from geomap.model.table import Field, Table

    Record = dict[str, Any]

GEOMETRY = "geometry"
PROVENANCE = "provenance"
#: A block of JSON this large keeps both the parser and the memory content.
_BLOCK_BYTES = 2 << 20


def encode(frame: gpd.GeoDataFrame, table: Table) -> list[str]:
    """Write rows as canonical JSON texts.

    Parameters
    ----------
    frame : (n,) rows with the columns and dtypes of `table`, WGS-84 degrees.

    Returns
    -------
    (n,) JSON objects without the unknown values.

    Raises
    ------
    DataError : if a number is infinite or a text is not valid Unicode.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geomap.model.demand import DEMAND
    >>> point = gpd.points_from_xy([121.5], [31.25])
    >>> row = gpd.GeoDataFrame({"id": ["a"], "aged_60": [7.0]}, geometry=point, crs="EPSG:4326")
    >>> encode(DEMAND.conform(row), DEMAND)
    ['{"id":"a","aged_60":7.0,"geometry":"POINT (121.5 31.25)"}']
    """
    names = (*table.names, GEOMETRY)
    columns = [_plain(frame[each.name], each) for each in table.fields]
    columns.append(_wkt(frame.geometry))
    rows = zip(*columns, strict=True)
    try:
        return [
            orjson.dumps(
                {name: value for name, value in zip(names, row, strict=True) if value is not None}
            ).decode()
            for row in rows
        ]
    except orjson.JSONEncodeError as error:
        raise DataError(
            f"{table.name}: a value cannot be kept as text: {error}",
            zh=f"{table.label.zh}：有的值无法保存为文字：{error}",
        ) from error


def dump(record: Record, table: Table) -> str:
    """Write one record as its canonical text."""
    names = (*table.names, GEOMETRY)
    known = {name: record[name] for name in names if record.get(name) is not None}
    return orjson.dumps(known).decode()


def load(body: str) -> Record:
    """Read one record from its text; unknown values are absent."""
    record: Record = orjson.loads(body)
    return record


def differing(before: Mapping[str, Any], after: Mapping[str, Any], table: Table) -> list[str]:
    """List the fields, the geometry among them, in which two records differ.

    Examples
    --------
    >>> from geomap.model.demand import DEMAND
    >>> differing({"id": "a", "name": "甲"}, {"id": "a", "aged_60": 1.0}, DEMAND)
    ['name', 'aged_60']
    """
    names = (*table.names, GEOMETRY)
    return [name for name in names if before.get(name) != after.get(name)]


def to_arrow(bodies: Sequence[str], table: Table) -> pa.Table:
    """Read records from their texts, column by column.

    Parameters
    ----------
    bodies : (n,) canonical texts.

    Returns
    -------
    (n,) Arrow table: the fields in order, then the geometry as WKB.
    """
    import pyarrow as pa

    from geomap.data.geoparquet import arrow_schema

    rows = read_columns(bodies, arrow_schema(table, geometry=pa.string()))
    shapes = shapely.from_wkt(rows[GEOMETRY].to_numpy())
    wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
    return rows.drop_columns(GEOMETRY).append_column(GEOMETRY, wkb)


def read_columns(bodies: Sequence[str], schema: pa.Schema) -> pa.Table:
    """Read some values of records from their texts.

    Parameters
    ----------
    bodies : (n,) canonical texts.
    schema : the columns wanted, as JSON has them; the others are passed over.
    """
    import pyarrow as pa
    import pyarrow.json

    if not bodies:
        return schema.empty_table()
    longest = max(map(len, bodies)) * 4
    return pyarrow.json.read_json(
        pa.BufferReader("\n".join(bodies).encode()),
        read_options=pyarrow.json.ReadOptions(block_size=max(_BLOCK_BYTES, longest)),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore"
        ),
    )


def _plain(column: pd.Series, field: Field) -> list[Any]:
    """Give a column's values as JSON takes them, None where unknown."""
    if field.kind == "choices":
        lists = (list, tuple, np.ndarray)
        return [list(each) if isinstance(each, lists) else None for each in column]
    if field.kind == "date":
        days = np.datetime_as_string(column.to_numpy(), unit="D").astype(object)
        return _masked(days, column)
    if field.kind == "number" and np.isinf(column.to_numpy()).any():
        raise DataError(
            f"{field.name} holds an infinite number; leave it empty where unknown",
            zh=f"“{field.label.zh}”里有无穷大的数；不知道的请留空",
        )
    return _masked(column.to_numpy(dtype=object), column)


def _masked(values: np.ndarray[Any, Any], column: pd.Series) -> list[Any]:
    """Put None where the column is missing."""
    known = column.notna().to_numpy(dtype=bool)
    plain = np.full(len(values), None, dtype=object)
    plain[known] = values[known]
    texts: list[Any] = plain.tolist()
    return texts


def _wkt(geometry: gpd.GeoSeries) -> list[str | None]:
    """Write geometries with every digit; an empty one says as little as none."""
    shapes = np.array(geometry, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    texts: list[str | None] = shapely.to_wkt(shapes, rounding_precision=-1).tolist()
    return texts
