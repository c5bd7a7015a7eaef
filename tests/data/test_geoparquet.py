from __future__ import annotations

import io

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geomap.data.geoparquet import read_geoparquet, write_geoparquet
from geomap.data.mapped import forget_texts
from geomap.data.store.bodies import encode, to_arrow
from geomap.errors import DataError
from geomap.model.facility import FACILITIES


def homes() -> gpd.GeoDataFrame:
    columns = {
        "id": ["a", "b", "c"],
        "name": ["甲", "乙", "丙"],
        "type": ["nursing_home", "other", "other"],
        "accepts": [["self_care", "dementia"], None, []],
        "beds_total": [33, None, 0],
        "price_min": [1999.5, None, 0.0],
        "verified_on": [pd.Timestamp("2026-01-02"), None, None],
        "fire_cert": [True, None, False],
    }
    shapes = [shapely.Point(121.5, 25.1), None, shapely.Point(121.6, 25.2)]
    return FACILITIES.conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=4326))


def write(frame, path):
    with path.open("wb") as file:
        write_geoparquet(file, to_arrow(encode(frame, FACILITIES), FACILITIES))


def test_a_layer_comes_back_with_the_types_of_its_table(tmp_path):
    frame = homes()
    write(frame, tmp_path / "a.parquet")
    back = read_geoparquet(tmp_path / "a.parquet", FACILITIES)
    assert_geodataframe_equal(back, frame)
    assert back["accepts"].tolist() == [["self_care", "dementia"], None, []]
    assert isinstance(back.index, pd.RangeIndex)


def test_lists_of_two_rows_are_never_one_list(tmp_path):
    write(pd.concat([homes(), homes()], ignore_index=True), tmp_path / "a.parquet")
    back = read_geoparquet(tmp_path / "a.parquet", FACILITIES)
    back["accepts"][0].append("disabled")
    assert back["accepts"].tolist()[3] == ["self_care", "dementia"]
    assert back["accepts"].tolist()[5] == []


def test_a_server_reads_the_same_with_its_texts_left_in_a_file(tmp_path):
    write(pd.concat([homes()] * 500, ignore_index=True), tmp_path / "a.parquet")
    mapped = read_geoparquet(tmp_path / "a.parquet", FACILITIES, mapped=True)
    (tmp_path / "a.parquet").unlink()
    forget_texts()
    assert_geodataframe_equal(mapped, pd.concat([homes()] * 500, ignore_index=True))
    assert mapped["accepts"][0] is mapped["accepts"][3]


def test_a_damaged_file_is_refused_by_a_server_too(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="publish or build it again"):
        read_geoparquet(tmp_path / "a.parquet", FACILITIES, mapped=True)


def test_a_layer_without_rows_can_be_left_in_a_file(tmp_path):
    write(FACILITIES.empty(), tmp_path / "a.parquet")
    assert read_geoparquet(tmp_path / "a.parquet", FACILITIES, mapped=True).empty


def test_other_programs_read_the_file_as_geoparquet(tmp_path):
    write(homes(), tmp_path / "a.parquet")
    frame = gpd.read_parquet(tmp_path / "a.parquet")
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.x.dropna().tolist() == [121.5, 121.6]
    types = {each.name: str(each.type) for each in pq.read_schema(tmp_path / "a.parquet")}
    assert types["services"].startswith("list<")
    assert pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == (
        "ZSTD"
    )


def test_a_layer_without_any_location_is_written_and_read(tmp_path):
    frame = homes().iloc[[1]].reset_index(drop=True)
    write(frame, tmp_path / "a.parquet")
    assert read_geoparquet(tmp_path / "a.parquet", FACILITIES).geometry.isna().all()
    assert gpd.read_parquet(tmp_path / "a.parquet").geometry.isna().all()


def test_a_file_of_another_writer_gets_the_columns_of_the_table(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": ["a"], "name": ["甲"], "type": ["other"], "accepts": [None], "rating": [3]},
        geometry=[shapely.Point(1, 2)],
        crs="OGC:CRS84",
    )
    frame.to_parquet(tmp_path / "a.parquet")
    back = read_geoparquet(tmp_path / "a.parquet", FACILITIES)
    assert list(back.columns) == [*FACILITIES.names, "geometry"]
    assert (back.dtypes == FACILITIES.empty().dtypes).all()
    assert back.loc[0, "accepts"] is None
    assert back.crs.to_epsg() == 4326


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "a.parquet"
    write(homes(), path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"a\.parquet cannot be read"):
        read_geoparquet(path, FACILITIES)
    with pytest.raises(DataError, match=r"missing\.parquet cannot be read"):
        read_geoparquet(tmp_path / "missing.parquet", FACILITIES)


def test_a_column_that_does_not_fit_is_told(tmp_path):
    rows = pa.table({"id": ["a"], "rating": ["five"], "geometry": pa.array([None], pa.binary())})
    with (tmp_path / "a.parquet").open("wb") as file:
        write_geoparquet(file, rows)
    with pytest.raises(DataError, match="five"):
        read_geoparquet(tmp_path / "a.parquet", FACILITIES)


def test_the_same_rows_are_the_same_bytes():
    rows = to_arrow(encode(homes(), FACILITIES), FACILITIES)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        write_geoparquet(file, rows)
    assert files[0].getvalue() == files[1].getvalue()
