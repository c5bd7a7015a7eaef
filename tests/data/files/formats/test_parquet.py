from __future__ import annotations

import datetime as dt
import json
import struct
from decimal import Decimal

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats import parquet
from geomap.data.files.formats.raw import read_raw
from geomap.model.facility import FACILITIES

POINT = shapely.to_wkb(shapely.Point(121, 31))


def write(folder, table, **geo):
    if geo:
        document = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geo}}
        table = table.replace_schema_metadata({"geo": json.dumps(document)})
    path = folder / "a.parquet"
    pq.write_table(table, path)
    return path


def one(**columns):
    return pa.table({name: [value] for name, value in columns.items()})


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    return caught.value.finding


@pytest.mark.parametrize(
    ("geo", "crs"),
    [
        ({}, "EPSG:4326"),
        ({"crs": None}, "not stated:121, 31"),
        ({"crs": {"id": {"authority": "OGC", "code": "CRS84"}}}, "OGC:CRS84"),
        ({"crs": {"id": {"authority": "EPSG", "code": 4490}}}, "EPSG:4490"),
        ({"crs": "+proj=longlat +nadgrids=/etc/passwd"}, "+proj=longlat +nadgrids=/etc/passwd"),
    ],
)
def test_the_system_is_what_the_metadata_says(tmp_path, geo, crs):
    raw = read_raw(
        write(tmp_path, one(name="甲", geometry=POINT), encoding="WKB", **geo), FACILITIES
    )
    assert raw.crs == crs
    assert raw.header == ("name",)


def test_values_of_every_type_become_the_text_of_a_spreadsheet(tmp_path):
    table = pa.table(
        {
            "a": pa.array([1.0, 0.5, None, float("nan")]),
            "b": pa.array([True, False, None, None]),
            "c": pa.array([dt.date(2025, 7, 1), None, None, None]),
            "d": pa.array([dt.datetime(2025, 7, 1), dt.datetime(2025, 7, 1, 8, 30), None, None]),
            "e": pa.array([["x", "y"], [], None, ["z"]]),
            "f": pa.array([{"g": 1}, {"g": None}, None, {"g": 2}]),
            "h": pa.array(["k", "k", "m", None]).dictionary_encode(),
            "i": pa.array([Decimal("12.50"), Decimal("3.00"), None, None]),
            "j": pa.array([b"bytes", None, None, None]),
            "k": pa.array([2**62, None, 7, 8]),
        }
    )
    raw = read_raw(write(tmp_path, table), FACILITIES)
    assert raw.header == ("a", "b", "c", "d", "e", "f.g", "h", "i", "k")
    assert raw.cells.fillna("").to_numpy().T.tolist() == [
        ["1", "0.5", "", ""],
        ["true", "false", "", ""],
        ["2025-07-01", "", "", ""],
        ["2025-07-01", "2025-07-01 08:30:00", "", ""],
        ["x、y", "", "", "z"],
        ["1", "", "", "2"],
        ["k", "k", "m", ""],
        ["12.5", "3", "", ""],
        ["4611686018427387904", "", "7", "8"],
    ]


def test_plain_parquet_is_a_table(tmp_path):
    raw = read_raw(write(tmp_path, one(name="甲院", lon=121.4, lat=31.2)), FACILITIES)
    assert (raw.geometry, raw.crs) == (None, None)
    assert raw.cells.iloc[0].tolist() == ["甲院", "121.4", "31.2"]


def test_points_stored_as_numbers_are_points(tmp_path):
    table = pa.table({"name": ["甲", "乙"], "geometry": [{"x": 121.0, "y": 31.0}, None]})
    raw = read_raw(write(tmp_path, table, encoding="point"), FACILITIES)
    assert [str(each) for each in raw.geometry] == ["POINT (121 31)", "None"]


@pytest.mark.parametrize("geo", [{"encoding": "linestring"}, {"encoding": 5}, {"crs": None}])
def test_geometries_in_another_encoding_are_refused(tmp_path, geo):
    finding = refusal(write(tmp_path, one(name="甲", geometry=POINT), **geo))
    assert finding.code == "invalid_file"


def test_geometries_that_are_no_binary_are_refused(tmp_path):
    assert (
        refusal(write(tmp_path, one(name="甲", geometry="x"), encoding="WKB")).code
        == "invalid_file"
    )


def test_bad_binary_is_told_row_by_row(tmp_path):
    curve = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    ring = struct.pack("<BIII6d", 1, 3, 1, 3, 0, 0, 1, 1, 2, 0)
    nest = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 5000
    inner = struct.pack("<BII", 1, 7, 1) + curve
    table = pa.table(
        {"name": list("abcdefg"), "geometry": [POINT, b"", b"junk", curve, ring, nest, inner]}
    )
    raw = read_raw(write(tmp_path, table, encoding="WKB"), FACILITIES)
    assert [each is None for each in raw.geometry] == [False, *[True] * 6]
    told = [(each.code, each.row) for each in raw.findings]
    assert told == [("bad_geometry", row) for row in range(2, 8)]
    assert raw.findings[2].values["came"] == "CircularString"


def test_what_would_take_too_much_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = write(tmp_path, pa.table({f"c{nth}": [1] for nth in range(501)}))
    assert refusal(path).code == "too_many_columns"
    path = write(tmp_path, pa.table({"name": ["x"] * 1000}))
    monkeypatch.setattr(parquet, "MOST_CELLS", 999)
    assert refusal(path).code == "too_many_cells"
    monkeypatch.setattr(parquet, "MOST_CELLS", 10_000)
    monkeypatch.setattr(parquet, "LARGEST_UNPACKED", 10)
    assert refusal(path).code == "too_large"


def test_flatgeobuf_states_its_system_by_code_or_by_definition(tmp_path):
    points = gpd.points_from_xy([121.4], [31.2], crs=4326)
    frame = gpd.GeoDataFrame({"name": ["甲院"]}, geometry=points).to_crs(4549)
    pyogrio.write_dataframe(frame, tmp_path / "a.fgb")
    assert read_raw(tmp_path / "a.fgb", FACILITIES).crs == "EPSG:4549"
    local = frame.set_crs(
        "+proj=tmerc +lon_0=117.3 +x_0=500000 +ellps=GRS80 +units=m", allow_override=True
    )
    pyogrio.write_dataframe(local, tmp_path / "b.fgb")
    assert read_raw(tmp_path / "b.fgb", FACILITIES).crs not in (None, "EPSG:4549")


def test_flatgeobuf_that_promises_more_than_it_holds_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"name": ["甲院"]}, geometry=gpd.points_from_xy([1], [1]), crs=4326)
    path = tmp_path / "a.fgb"
    pyogrio.write_dataframe(frame, path)
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    assert refusal(path).code == "invalid_file"
    path.write_bytes(data[:8] + struct.pack("<I", 2**31) + data[12:])
    assert refusal(path).code == "invalid_file"
