"""Files for others hold what was exported, and nothing that runs."""

from __future__ import annotations

import csv
import json
import math
import zipfile
from datetime import date

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

import geomap as gm
from geomap.data.export import WRITERS, export_frame, short_names
from geomap.errors import DataError, ParameterError

ENDINGS = [each for each in WRITERS if each != ".zip"]
PAYLOADS = [
    "=1+1",
    "+86 21 6200",
    "-x",
    "@SUM(A1)",
    "'=1",
    "\t=1",
    "＝1+1",
    "<script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def homes(data_folder):
    return gm.read_facilities(data_folder / "taipei" / "homes.csv")


def texts(column: pd.Series) -> list[str]:
    return [str(each) for each in column.astype(object).where(column.notna(), None)]


@pytest.mark.parametrize("ending", [*ENDINGS, ".zip"])
def test_the_real_homes_come_back_from_every_kind_of_file(homes, tmp_path, ending):
    export_frame(homes, tmp_path / f"homes{ending}")
    back = gm.read_facilities(tmp_path / f"homes{ending}")
    assert back.geometry.geom_equals_exact(homes.geometry, 1e-7).all()
    for column in homes.columns.drop("geometry"):
        assert texts(back[column]) == texts(homes[column]), column


@pytest.fixture
def rich():
    """Every kind of value, known and unknown, and a home without a place."""
    return gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "name": ["甲院", "乙院", "丙院"],
            "type": ["nursing_home"] * 3,
            "beds_total": pd.array([7, None, 0], dtype="Int64"),
            "price_min": [1234.5, math.nan, 0.0],
            "fire_cert": pd.array([True, None, False], dtype="boolean"),
            "accepts": [["dementia", "disabled"], None, []],
            "inspected_on": pd.to_datetime(["2025-01-02", None, "2024-02-29"]),
        },
        geometry=[Point(121.5, 31.2), None, Point(87.6, 43.8)],
        crs="EPSG:4326",
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_unknown_stays_unknown_and_no_stays_no(rich, tmp_path, ending):
    export_frame(rich, tmp_path / f"homes{ending}")
    back = gm.read_facilities(tmp_path / f"homes{ending}").set_index("id")
    assert back["beds_total"].tolist() == [7, pd.NA, 0]
    assert texts(back["fire_cert"]) == ["True", "None", "False"]
    assert sorted(back["accepts"].tolist()[0]) == ["dementia", "disabled"]
    assert back["accepts"].tolist()[1] is None
    assert [each.date() for each in back["inspected_on"].dropna()] == [
        date(2025, 1, 2),
        date(2024, 2, 29),
    ]
    assert math.isnan(back["price_min"].iloc[1])
    assert back.geometry.isna().tolist() == [False, True, False]


def test_no_cell_of_a_spreadsheet_is_a_formula(tmp_path):
    rows = gpd.GeoDataFrame(
        {"id": [f"h{n}" for n in range(len(PAYLOADS))], "name": PAYLOADS},
        geometry=[Point(121, 31)] * len(PAYLOADS), crs="EPSG:4326",
    )  # fmt: skip
    export_frame(rows, tmp_path / "homes.csv")
    with (tmp_path / "homes.csv").open(encoding="utf-8-sig", newline="") as lines:
        said = [each["name"] for each in csv.DictReader(lines)]
    assert not [each for each in said if each[0] in "=+-@\t＝"]
    export_frame(rows, tmp_path / "homes.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "homes.xlsx").active
    assert [each.data_type for each in sheet["B"]] == ["s"] * (len(PAYLOADS) + 1)
    assert [each.value for each in sheet["B"]][1:] == PAYLOADS


def test_the_real_homes_are_read_by_geopandas_alone(homes, tmp_path):
    for ending in (".geojson", ".gpkg", ".shp"):
        export_frame(homes, tmp_path / f"homes{ending}")
        plain = gpd.read_file(tmp_path / f"homes{ending}")
        assert plain["name"].tolist() == homes["name"].tolist()
        assert plain.crs.to_epsg() == 4326


def test_geojson_is_as_rfc_7946_has_it(rich, tmp_path):
    export_frame(rich, tmp_path / "homes.geojson")
    document = json.loads((tmp_path / "homes.geojson").read_text())
    assert set(document) == {"type", "features"}
    first, second, _ = document["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [121.5, 31.2]}
    assert first["properties"]["accepts"] == ["dementia", "disabled"]
    assert second["geometry"] is None
    assert second["properties"]["beds_total"] is None


def test_parts_of_a_table_have_the_same_columns_whatever_is_known_in_them(rich, tmp_path):
    parts = []
    for number, known in enumerate((True, False)):
        part = rich if known else rich.assign(accepts=None)
        export_frame(part, tmp_path / f"{number}.parquet")
        parts.append(pq.read_table(tmp_path / f"{number}.parquet"))
    assert parts[0].schema.equals(parts[1].schema)
    assert pa.concat_tables(parts)["accepts"].null_count >= len(rich)
    for ending in (".csv", ".gpkg", ".geojson", ".shp"):
        export_frame(rich.assign(accepts=None), tmp_path / f"homes{ending}")


def test_shapes_other_than_points_are_kept(tmp_path):
    area = Polygon([(121, 31), (122, 31), (122, 32)])
    areas = gpd.GeoDataFrame({"id": ["x"], "name": ["某区"]}, geometry=[area], crs="EPSG:4326")
    for ending in (".geojson", ".gpkg", ".parquet", ".shp"):
        export_frame(areas, tmp_path / f"areas{ending}", name="areas")
        read = gpd.read_parquet if ending == ".parquet" else gpd.read_file
        assert read(tmp_path / f"areas{ending}").geometry.iloc[0].equals(area)


def test_a_shapefile_is_refused_what_it_would_cut(rich, tmp_path):
    rich["name"] = "养" * 100
    with pytest.raises(DataError, match="254 bytes at most, got 300 in 'name'"):
        export_frame(rich, tmp_path / "homes.shp")
    assert list(tmp_path.iterdir()) == []


def test_a_zipped_shapefile_holds_its_parts(homes, tmp_path):
    export_frame(homes, tmp_path / "homes.zip")
    names = zipfile.ZipFile(tmp_path / "homes.zip").namelist()
    assert {each.rsplit(".", 1)[1] for each in names} == {"shp", "shx", "dbf", "prj", "cpg"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(homes, tmp_path, ending):
    with pytest.raises(DataError, match=r"does not exist|folder"):
        export_frame(homes, tmp_path / "nowhere" / f"homes{ending}")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused_by_name(homes, tmp_path):
    with pytest.raises(ParameterError, match=r"must end in one of .*got 'homes.pdf'"):
        export_frame(homes, tmp_path / "homes.pdf")


@given(st.lists(st.text("abc_", min_size=1, max_size=14), unique=True, max_size=30))
@settings(max_examples=50)
def test_short_names_differ_and_have_ten_letters(names):
    short = short_names(names)
    assert len(set(short)) == len(names)
    assert all(len(each) <= 10 for each in short)
