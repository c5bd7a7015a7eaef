"""The report on Taipei, all real, beside a computation by plain geopandas in a planar system."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from bs4 import BeautifulSoup

from geomap.data.reading import Options, read_table
from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.model.tables import TABLES

METRES = 1_000
PLANAR = "EPSG:3826"  # TWD97 / TM2 zone 121
FILES = {"areas": "districts.geojson", "demand": "villages_population.geojson",
         "facilities": "homes.csv"}  # fmt: skip


@pytest.fixture(scope="module")
def report(data_folder, tmp_path_factory, write):
    folder = tmp_path_factory.mktemp("taipei") / "workspace"
    workspace = Workspace.open_or_create(folder)
    for name, file in FILES.items():
        table = TABLES[name]
        reading = read_table(data_folder / "taipei" / file, table, Options())
        at = datetime(2025, 9, 1, tzinfo=UTC)
        origin = Origin(file, file, "臺北市政府", "政府資料開放授權", {})
        workspace.apply(reading.frame, table, origin=origin, at=at, who="test")
    workspace.publish()
    return BeautifulSoup(write(folder)[0], "html.parser")


@pytest.fixture(scope="module")
def plain(data_folder):
    """Districts with the people, those covered, and the ground out of reach."""
    villages = gpd.read_file(data_folder / "taipei" / FILES["demand"]).to_crs(PLANAR)
    districts = gpd.read_file(data_folder / "taipei" / FILES["areas"]).to_crs(PLANAR)
    homes = pd.read_csv(data_folder / "taipei" / FILES["facilities"])
    points = gpd.GeoSeries.from_xy(homes["lon"], homes["lat"], crs="EPSG:4326").to_crs(PLANAR)
    served = points.buffer(METRES, quad_segs=64).union_all()
    aged = next(name for name in villages if "65" in name)
    shapes = shapely.make_valid(villages.geometry.to_numpy())
    within = shapely.area(shapely.intersection(shapes, served)) / shapely.area(shapes)
    people = villages[aged].astype(float).to_numpy()
    ground = shapely.make_valid(districts.geometry.to_numpy())
    gap_km2 = shapely.area(shapely.difference(ground, served)) / 1e6
    name = next(n for n in districts if districts[n].astype(str).str.endswith("區").all())
    beds = next(n for n in homes if "床" in n or "beds" in n.lower())
    return {"people": people.sum(), "covered": (people * within).sum(),
            "gap_km2": dict(zip(districts[name], gap_km2, strict=True)),
            "beds": homes[beds].sum(), "homes": len(homes)}  # fmt: skip


def figures(report) -> dict[str, str]:
    return {each.dt.get_text(): each.dd.strong.get_text() for each in report.select(".key div")}


def test_the_key_figures_are_those_of_a_plain_computation(report, plain):
    said = figures(report)
    assert said["在营机构"] == f"{plain['homes']:,}" == "94"
    assert said["床位"] == f"{plain['beds']:,.0f}" == "5,192"
    uncovered = float(said["够不到的人"].replace(",", ""))
    assert uncovered == pytest.approx(plain["people"] - plain["covered"], rel=0.003)
    share = float(said["够得到的人占比"].rstrip("%"))
    assert share == pytest.approx(100 * plain["covered"] / plain["people"], abs=0.3)
    assert float(said["每千人床位"]) == pytest.approx(5192 / 574.458, rel=0.005)
    assert "574,458" in report.select_one(".summary").get_text()


def test_the_gaps_of_each_district_are_those_of_a_plain_overlay(report, plain):
    table = report.select_one("#areas").find_parent("section").table
    column = [each.get_text() for each in table.select("thead th")].index("空白区（平方公里）")
    listed = {row.th.get_text(): row.select("td")[column - 1].get_text() for row in
              table.select("tbody tr:not(.total)")}  # fmt: skip
    assert set(listed) == set(plain["gap_km2"])
    for name, km2 in plain["gap_km2"].items():
        assert float(listed[name]) == pytest.approx(km2, rel=0.005, abs=0.02), name


def test_the_maps_show_the_ground_the_people_and_the_districts(report):
    assert len(report.select("figure.map img")) == 3
    assert "臺北" not in report.select_one("h1").get_text()  # the files state no city
    assert "大同區" in report.select_one(".cover").get_text()
