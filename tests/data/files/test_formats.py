"""One list in every format is one list: what is read does not depend on what it was saved as."""

from __future__ import annotations

import csv
import json
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from pandas.testing import assert_frame_equal

from geomap.data.files.table import Options, read_in_process
from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.exclusion import EXCLUSIONS
from geomap.model.facility import FACILITIES

FORMATS = ["xlsx", "geojson", "gpkg", "shp", "zip", "parquet", "fgb", "kml", "kmz"]
SYNTHETIC = {
    "id": ["a1", "a2", "a3", "a4"],
    "name": ["静安区乐颐养老院", "和睦居家养老服务中心", "三汇敬老院", "Villa Serena"],
    "address": ["上海市静安区北京西路1号", "浙江省杭州市拱墅区2号", "", "Via Roma 3, Torino"],
    "phone": ["021-62581234", "0571-88880000", "", "021-62581235"],
    "beds_total": [120, 30, 0, 55],
    "price_min": [3000.5, 2000.0, 1500.0, 1000.25],
    "opened_on": ["2001-05-01", "2020-12-31", "1999-01-01", "2010-10-10"],
    "lon": [121.4737, 120.1536, 106.55, 7.68],
    "lat": [31.2304, 30.2875, 29.56, 45.07],
}


def save(frame, folder, kind):
    """Write a list with coordinates in columns in one format, as its usual writer does."""
    path = folder / f"homes.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL)
        return path
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (list(frame.columns), *frame.to_numpy(dtype=object).tolist()):
            book.active.append(row)
        book.save(path)
        return path
    points = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float), crs=4326)
    places = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)
    if kind == "parquet":
        places.to_parquet(path)
        return path
    if kind == "kmz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(save(frame, folder, "kml"), "doc.kml")
        return path
    if kind == "zip":
        save(frame, folder, "shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in ("shp", "shx", "dbf", "prj", "cpg"):
                archive.write(folder / f"homes.{part}", f"名录/homes.{part}")
        return path
    drivers = {"geojson": "GeoJSON", "gpkg": "GPKG", "shp": "ESRI Shapefile"}
    drivers |= {"fgb": "FlatGeobuf", "kml": "LIBKML"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of more than ten bytes are cut in a shapefile
        pyogrio.write_dataframe(places, path, driver=drivers[kind], encoding="utf-8")
    return path


def frame_of(path, **options):
    """Read a list, in the order of its ids: FlatGeobuf stores features by where they are."""
    reading = read_in_process(path, FACILITIES, Options(**options))
    assert reading.report.outcome == "accepted", reading.report.refusal
    return reading.frame.sort_values("id", ignore_index=True)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_frame_of_the_csv(tmp_path, kind):
    frame = pd.DataFrame(SYNTHETIC)
    expected = frame_of(save(frame, tmp_path, "csv"))
    assert_frame_equal(frame_of(save(frame, tmp_path, kind)), expected)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_homes_of_taipei_are_the_same_in_every_format(data_folder, tmp_path, kind):
    source = data_folder / "taipei/homes.csv"
    frame = pd.read_csv(source, dtype=str, keep_default_na=False)
    if kind in ("shp", "zip"):  # its longest column names are told apart by their ends only
        short = {"核定床數-核定總床位數": "床位數"}
        frame = frame.rename(columns=short | {"核定床數-長照床數": "長照", "機構名稱": "名稱"})
    beds = [name for name in frame if "床" in name]
    frame[beds] = frame[beds].astype(int)
    assert_frame_equal(frame_of(save(frame, tmp_path, kind)), frame_of(source), rtol=1e-12)


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "fgb"])
def test_projected_coordinates_are_those_of_degrees(tmp_path, kind):
    frame = pd.DataFrame(SYNTHETIC).iloc[:2]
    expected = frame_of(save(frame, tmp_path, "csv"))
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=4326).to_crs(32651)
    places = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)
    path = tmp_path / f"metres.{kind}"
    if kind == "parquet":
        places.to_parquet(path)
    else:
        places.to_file(path, driver={"gpkg": "GPKG", "fgb": "FlatGeobuf"}.get(kind))
    found = frame_of(path)
    assert np.allclose(found.geometry.x, expected.geometry.x, atol=1e-7)
    assert np.allclose(found.geometry.y, expected.geometry.y, atol=1e-7)


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "fgb"])
def test_a_system_that_is_not_stated_is_asked_for_never_assumed(tmp_path, kind):
    frame = pd.DataFrame(SYNTHETIC).iloc[:2]
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    places = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)
    path = tmp_path / f"homes.{kind}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the system is missing
        if kind == "parquet":
            places.to_parquet(path)
        else:
            pyogrio.write_dataframe(places, path)
    report = read_in_process(path, FACILITIES).report
    (finding,) = report.findings
    assert (report.outcome, finding.code) == ("refused", "crs_missing")
    assert "121.4737, 31.2304" in finding.message("en")
    expected = pd.DataFrame(SYNTHETIC)["lon"][:2].tolist()
    assert np.allclose(frame_of(path, crs="EPSG:4326").geometry.x, expected)
    shifted = frame_of(path, datum="gcj02").geometry.x.to_numpy()
    assert (np.abs(shifted - expected) > 1e-3).all()


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "fgb", "geojson"])
@pytest.mark.parametrize(
    "table", [AREAS, DEMAND, CANDIDATES, EXCLUSIONS], ids=lambda table: table.name
)
def test_the_planners_tables_are_read_from_every_format(tmp_path, kind, table):
    shapes = [shapely.box(121, 31, 121.5, 31.5), shapely.box(121.5, 31, 122, 31.5)]
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"], "population": [10.5, 20.0]}, geometry=shapes)
    frame = frame.set_crs(4326)
    path = tmp_path / f"areas.{kind}"
    frame.to_parquet(path) if kind == "parquet" else pyogrio.write_dataframe(frame, path)
    reading = read_in_process(path, table)
    assert (reading.report.outcome, reading.report.needs_location) == ("accepted", 0)
    assert sorted(reading.frame["name"]) == ["乙", "甲"]
    assert shapely.area(reading.frame.geometry.to_numpy()).round(6).tolist() == [0.25, 0.25]
    if "population" in table.by_name:
        assert sorted(reading.frame["population"]) == [10.5, 20.0]


def test_a_comb_of_20000_teeth_is_one_polygon(tmp_path):
    xs = np.repeat(np.linspace(121, 122, 20_001), 2)
    ys = np.tile([31.0, 31.5], 20_001)
    ring = [*zip(xs, ys, strict=True), (122, 30.9), (121, 30.9)]
    frame = gpd.GeoDataFrame({"name": ["梳"]}, geometry=[shapely.Polygon(ring)], crs=4326)
    path = tmp_path / "comb.gpkg"
    frame.to_file(path)
    reading = read_in_process(path, AREAS)
    assert reading.frame.geometry.notna().all()
    homes = read_in_process(path, FACILITIES)
    assert homes.frame.geometry.geom_type.tolist() == ["Point"]


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "fgb"])
def test_geometries_that_cannot_be_used_are_told_row_by_row(tmp_path, kind):
    shapes = [
        shapely.Point(121, 31),
        None,
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.Point(float("nan"), 31),
        shapely.LineString([(179, 0), (-179, 0)]),
        shapely.Point(121, float("inf")),
    ]
    frame = gpd.GeoDataFrame({"name": [f"院{nth}" for nth in range(6)]}, geometry=shapes, crs=4326)
    path = tmp_path / f"shapes.{kind}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "parquet":
            frame.to_parquet(path)
        else:
            pyogrio.write_dataframe(
                frame, path, **({"SPATIAL_INDEX": "NO"} if kind == "fgb" else {})
            )
    reading = read_in_process(path, FACILITIES)
    kinds = dict(zip(reading.frame["name"], reading.frame.geometry.geom_type, strict=True))
    assert reading.report.accepted == 6
    assert kinds["院0"] == kinds["院2"] == "Point"
    assert all(pd.isna(kinds[name]) for name in ("院1", "院4", "院5"))
    assert not reading.frame.geometry.has_z.any()
    found = {(each.code, each.row) for each in reading.report.findings}
    assert {("invalid_geometry", 3), ("bad_geometry", 5), ("bad_geometry", 6)} <= found


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "fgb"])
def test_heights_are_left_out(tmp_path, kind):
    frame = gpd.GeoDataFrame({"name": ["甲院"]}, geometry=[shapely.Point(121, 31, 5)], crs=4326)
    path = tmp_path / f"high.{kind}"
    frame.to_parquet(path) if kind == "parquet" else pyogrio.write_dataframe(frame, path)
    assert shapely.to_wkt(read_in_process(path, FACILITIES).frame.geometry[0]) == "POINT (121 31)"


def test_every_real_file_of_osm_is_read_or_refused_in_a_sentence(data_folder):
    told = {}
    for name in ("osm/liechtenstein.osm.pbf", "osm/beijing_tsinghua.osm", "saopaulo/spo_osm.pbf"):
        for table in (FACILITIES, DEMAND, AREAS):
            report = read_in_process(data_folder / name, table).report
            told[name.split("/")[1], table.name] = (report.accepted, json.dumps(report.to_dict()))
    assert told["liechtenstein.osm.pbf", "areas"][0] == 39
    assert told["liechtenstein.osm.pbf", "demand"][0] == 17
    assert told["beijing_tsinghua.osm", "demand"][0] == 6
    refused = [
        json.loads(text)["findings"][0]["code"] for count, text in told.values() if not count
    ]
    assert refused == ["osm_nothing"] * 6


@pytest.mark.parametrize("folder", [True, False])
def test_exclusions_drawn_in_google_earth_are_read(tmp_path, folder):
    ring = "121,31,0 121.5,31,0 121.5,31.5,0 121,31.5,0 121,31,0"
    drawn = (
        "<Placemark><name>水源保护区</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    inside = f"<Folder><name>禁建</name>{drawn}</Folder>" if folder else drawn
    path = tmp_path / "no.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{inside}</Document></kml>",
        encoding="utf-8",
    )
    found = read_in_process(path, EXCLUSIONS).frame
    assert found["name"].tolist() == ["水源保护区"]
    assert shapely.area(found.geometry.to_numpy()).tolist() == [0.25]


def test_a_point_or_a_line_excludes_no_ground_and_is_said_so(tmp_path):
    shapes = [shapely.box(121, 31, 122, 32), shapely.Point(121, 31),
              shapely.LineString([(121, 31), (122, 32)])]  # fmt: skip
    path = tmp_path / "no.geojson"
    gpd.GeoDataFrame({"name": list("甲乙丙")}, geometry=shapes, crs=4326).to_file(path)
    reading = read_in_process(path, EXCLUSIONS)
    assert reading.frame.geometry.notna().tolist() == [True, False, False]
    assert reading.report.needs_location == 2
    assert {each.code for each in reading.report.findings} & {"bad_geometry", "invalid_geometry"}
