"""Tables as files for others: GeoJSON, GeoPackage, GeoParquet, Shapefile, CSV and Excel.

Written beside the target and renamed over it, so a crash leaves the old file or the new. Texts
stay texts: no cell of a spreadsheet becomes a formula. What :func:`geomap.read_facilities` reads
back of any of these files equals what was written.
"""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import zipfile
from contextlib import suppress
from datetime import date
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from geomap.data.store.durable import UNFINISHED, spoken_os_errors, sync_folder, write_atomically
from geomap.data.temporary import private_folder
from geomap.errors import DataError, ParameterError
from geomap.model.crs import GEOGRAPHIC
from geomap.model.geojson import DECIMALS, geojson_shapes
from geomap.model.tables import LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

#: Texts that a spreadsheet would take for a formula get an apostrophe, which the reader takes off.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_LONGEST_CELL: Final = 32_767
_MOST_SHEET_ROWS: Final = 1_048_575
_LONGEST_DBF_TEXT: Final = 254
_LONGEST_DBF_NAME: Final = 10
_BETWEEN = ";"
#: Rows that are turned into plain values at a time.
_PART = 20_000


def export_frame(
    frame: gpd.GeoDataFrame,
    path: Path,
    *,
    name: str = "facilities",
    labels: Mapping[str, str] | None = None,
) -> None:
    """Write a frame as the kind of file that the ending of `path` names.

    Parameters
    ----------
    frame : (n,) rows, WGS-84 degrees; missing values stay missing.
    path : ends in .geojson, .gpkg, .parquet, .shp, .zip (a zipped shapefile), .csv or .xlsx.
    name : of the layer inside a GeoPackage, or the sheet.
    labels : headings of an Excel sheet by column; the column's name where none is given.

    Raises
    ------
    ParameterError : if the ending is another, or the frame is not in WGS-84 degrees.
    DataError : if the file cannot be written, or does not hold what the frame holds.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        known = ", ".join(WRITERS)
        raise ParameterError(
            f"the file to write must end in one of {known}, got {path.name!r}",
            zh=f"要写的文件须以 {known} 之一结尾，这里是 {path.name!r}",
        )
    if frame.crs is not None and frame.crs.to_epsg() not in (None, 4326):
        raise ParameterError(f"the frame must be in WGS-84 degrees, got {frame.crs.name}")
    write(frame, path, name=name, labels=labels or {})


def write_geojson(frame: gpd.GeoDataFrame, path: Path, **_options: object) -> None:
    """Write RFC 7946 GeoJSON: lists are lists, unknown is null, seven decimals."""
    import orjson
    import shapely

    def content(file: IO[bytes]) -> None:
        file.write(b'{"type":"FeatureCollection","features":[')
        before = b"\n"
        for part in _parts(frame):
            shapes = geojson_shapes(part.geometry.to_numpy())
            for record, shape in zip(_records(part), shapely.to_geojson(shapes), strict=True):
                feature: dict[str, object] = {"type": "Feature"}
                if record.get("id") is not None:
                    feature["id"] = record["id"]
                feature["geometry"] = None if shape is None else orjson.Fragment(shape)
                feature["properties"] = record
                file.write(before + orjson.dumps(feature))
                before = b",\n"
        file.write(b"\n]}\n")

    write_atomically(path, content)


def write_csv(frame: gpd.GeoDataFrame, path: Path, **_options: object) -> None:
    """Write CSV in UTF-8 with a mark, as Excel opens it; points as lon and lat, shapes as WKT."""
    points = _are_points(frame)

    def content(file: IO[bytes]) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(_flat(frame.iloc[:0], points=points))
        for part in _parts(frame):
            table = _flat(part, points=points)
            writer.writerows(zip(*(_cells(table[each]) for each in table), strict=True))
        text.detach()

    write_atomically(path, content)


def write_xlsx(
    frame: gpd.GeoDataFrame, path: Path, *, name: str, labels: Mapping[str, str]
) -> None:
    """Write an Excel sheet without formulas or links."""
    import xlsxwriter

    table = _flat(frame, points=_are_points(frame))
    if len(table) > _MOST_SHEET_ROWS:
        raise DataError(
            f"an Excel sheet holds {_MOST_SHEET_ROWS:,} rows, got {len(table):,}; write .csv"
        )
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    settings = {**never, "constant_memory": True}

    def content(file: IO[bytes]) -> None:
        with xlsxwriter.Workbook(file, settings) as book:
            sheet = book.add_worksheet(name[:31])
            bold, day = map(book.add_format, ({"bold": True}, {"num_format": "yyyy-mm-dd"}))
            sheet.freeze_panes(1, 0)
            for column, each in enumerate(table):
                sheet.write_string(0, column, labels.get(str(each), str(each)), bold)
            rows = zip(*(_plain(table[each]) for each in table), strict=True)
            for row, values in enumerate(rows, 1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value, day)

    write_atomically(path, content)


def write_parquet(frame: gpd.GeoDataFrame, path: Path, **_options: object) -> None:
    """Write GeoParquet 1.1, compressed with zstd."""
    from geomap.data.geoparquet import write_geoparquet

    rows = _arrow(frame)
    write_atomically(path, lambda file: write_geoparquet(file, rows))


def write_gpkg(frame: gpd.GeoDataFrame, path: Path, *, name: str, **_options: object) -> None:
    """Write a GeoPackage of one layer."""

    def write(folder: Path) -> Path:
        file = folder / "out.gpkg"
        _gdal(_joined(_arrow(frame)), file, "GPKG", frame, layer=name)
        return file

    _through_folder(path, write)


def write_shapefile(frame: gpd.GeoDataFrame, path: Path, **_options: object) -> None:
    """Write a shapefile in UTF-8 that says so; zipped where `path` ends in .zip.

    A shapefile's names have ten letters and its texts 254 bytes: names are cut and stay
    different, longer texts are refused, since they would be cut without a word.
    """
    rows = _joined(_arrow(frame))
    names = [each for each in rows.column_names if each != "geometry"]
    _require_short_texts(rows, names)
    rows = rows.rename_columns([*short_names(names), "geometry"])
    with private_folder() as place:
        file = place / f"{path.stem}.shp"
        _gdal(rows, file, "ESRI Shapefile", frame, encoding="UTF-8")
        parts = sorted(place.iterdir(), key=lambda each: each.suffix == ".shp")
        if path.suffix.lower() == ".zip":
            write_atomically(path, lambda target: _zip(target, parts))
            return
        for each in parts:  # the .shp comes last: without it the others are no shapefile
            write_atomically(path.with_suffix(each.suffix), each.read_bytes())


def short_names(names: Sequence[str]) -> list[str]:
    """Cut names to ten letters so that all differ.

    Examples
    --------
    >>> short_names(["beds_total", "beds_available", "beds_available_day"])
    ['beds_total', 'beds_avail', 'beds_avai2']
    """
    found: list[str] = []
    for name in names:
        short, number = name.encode("ascii", "replace").decode()[:_LONGEST_DBF_NAME], 2
        while short in found:
            short = f"{name[: _LONGEST_DBF_NAME - len(str(number))]}{number}"
            number += 1
        found.append(short)
    return found


#: What writes each ending.
WRITERS: Final[Mapping[str, Callable[..., None]]] = {
    ".geojson": write_geojson,
    ".gpkg": write_gpkg,
    ".parquet": write_parquet,
    ".shp": write_shapefile,
    ".zip": write_shapefile,
    ".csv": write_csv,
    ".xlsx": write_xlsx,
}


def _records(frame: gpd.GeoDataFrame) -> Iterable[dict[str, object]]:
    """Give rows as plain values."""
    plain = frame.drop(columns=frame.geometry.name)
    columns = [_plain(plain[each]) for each in plain]
    for values in zip(*columns, strict=True):
        yield dict(zip(plain, values, strict=True))


def _plain(column: pd.Series) -> list[object]:
    """Give the values of a column as plain Python: missing is None, a day is a date."""
    values = column.astype(object).where(column.notna(), None).tolist()
    return [_value(each) for each in values]


def _value(value: Any) -> object:  # noqa: ANN401 (whatever a frame holds)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value.date() if hasattr(value, "date") else value


def _parts(frame: gpd.GeoDataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Give the rows in parts: written in another form, many would not fit into memory."""
    return (frame.iloc[first : first + _PART] for first in range(0, len(frame), _PART))


def _are_points(frame: gpd.GeoDataFrame) -> bool:
    """Tell whether all known shapes are points."""
    return set(frame.geom_type.dropna().unique()) <= {"Point"}


def _flat(frame: gpd.GeoDataFrame, *, points: bool) -> pd.DataFrame:
    """Give a frame without geometry: lists joined, yes and no in words, points as lon and lat."""
    import pandas as pd
    import shapely

    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for each in table:
        if pd.api.types.is_bool_dtype(table[each].dtype):
            table[each] = table[each].map({True: "yes", False: "no"}).astype("str")
        elif table[each].dtype == object:
            table[each] = [
                _BETWEEN.join(map(str, value)) if isinstance(value, (list, np.ndarray)) else value
                for value in table[each]
            ]
    shapes = frame.geometry.to_numpy()
    if points:
        table["lon"] = np.round(shapely.get_x(shapes), DECIMALS)
        table["lat"] = np.round(shapely.get_y(shapes), DECIMALS)
    else:
        table["geometry"] = shapely.to_wkt(shapes, rounding_precision=DECIMALS, trim=True)
    return table


def _cells(column: pd.Series) -> list[object]:
    """Give the cells of a CSV column; no text among them is a formula."""
    cells: list[object] = []
    for value in _plain(column):
        if isinstance(value, str) and _FORMULA.match(value):
            cells.append(f"'{value}")
        else:
            cells.append(value.isoformat() if isinstance(value, date) else value)
    return cells


def _write_cell(sheet: Any, row: int, column: int, value: object, day: object) -> None:  # noqa: ANN401 (an XlsxWriter sheet)
    if value is None:
        return
    if isinstance(value, str):
        if len(value) > _LONGEST_CELL:
            raise DataError(
                f"an Excel cell holds {_LONGEST_CELL:,} signs, got {len(value):,} in row {row + 1};"
                " write .csv"
            )
        sheet.write_string(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_number(row, column, value)


def _arrow(frame: gpd.GeoDataFrame) -> pa.Table:
    """Give a frame as Arrow rows, days as dates, the geometry last as WKB."""
    import pandas as pd
    import pyarrow as pa
    import shapely

    rows = pa.Table.from_pandas(
        pd.DataFrame(frame.drop(columns=frame.geometry.name)), preserve_index=False
    )
    for position, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(position, field.name, rows[field.name].cast(pa.date32()))
        elif pa.types.is_null(field.type):
            kind = pa.list_(pa.string()) if field.name in LISTS else pa.string()
            rows = rows.set_column(position, field.name, rows[field.name].cast(kind))
    shapes = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.binary())
    return rows.replace_schema_metadata(None).append_column("geometry", shapes)


def _joined(rows: pa.Table) -> pa.Table:
    """Join lists to texts, and say yes and no in words, for formats that have neither."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for position, field in enumerate(rows.schema):
        column = rows[field.name]
        if pa.types.is_list(field.type):
            column = pc.binary_join(column, _BETWEEN)
        elif pa.types.is_boolean(field.type):
            column = pc.if_else(column, "yes", "no")
        rows = rows.set_column(position, field.name, column)
    return rows


def _gdal(rows: pa.Table, file: Path, driver: str, frame: gpd.GeoDataFrame, **options: str) -> None:
    """Let GDAL write rows with one driver into a folder of our own."""
    import pyogrio
    import pyogrio.errors

    kinds = sorted(frame.geom_type.dropna().unique())
    kind = kinds[0] if len(kinds) == 1 else "Unknown"
    if set(kinds) == {"Polygon", "MultiPolygon"}:
        kind = "MultiPolygon"
    if driver == "ESRI Shapefile" and kind == "Unknown":
        raise DataError(
            f"a shapefile holds one kind of shape, got {', '.join(kinds) or 'none'}; write .gpkg"
        )
    try:
        pyogrio.write_arrow(
            rows, file, driver=driver, geometry_name="geometry", geometry_type=kind,
            crs=GEOGRAPHIC, **options,
        )  # fmt: skip
    except pyogrio.errors.DataSourceError as error:
        raise DataError(f"{file.name} cannot be written: {error}") from error


def _require_short_texts(rows: pa.Table, names: Sequence[str]) -> None:
    """Refuse texts that a shapefile would cut."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in names:
        if not pa.types.is_string(kind := rows[name].type) and not pa.types.is_large_string(kind):
            continue
        longest = pc.max(pc.binary_length(rows[name])).as_py() or 0
        if longest > _LONGEST_DBF_TEXT:
            raise DataError(
                f"a shapefile's texts have {_LONGEST_DBF_TEXT} bytes at most, got {longest} in"
                f" {name!r}; write .gpkg, or leave the column out"
            )


def _zip(target: IO[bytes], parts: Sequence[Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in parts:
            archive.write(each, each.name)


def _through_folder(path: Path, write: Callable[[Path], Path]) -> None:
    """Let a library write a file beside the target, flush it, and rename it over the target."""
    with spoken_os_errors(path):
        place = path.parent / f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
        place.mkdir()
        try:
            file = write(place)
            with file.open("rb") as written:
                os.fsync(written.fileno())
            file.replace(path)
        finally:
            for each in place.iterdir():
                with suppress(OSError):
                    each.unlink()
            place.rmdir()
        sync_folder(path.parent)
