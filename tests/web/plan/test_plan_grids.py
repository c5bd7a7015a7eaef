"""Population grids as demand: their coverage on the page, in the API and in the report."""

from __future__ import annotations

import json
import re

import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from typer.testing import CliRunner

from geomap.cli import app
from geomap.web.plan import demand_spots
from tests.web.plan.conftest import fill, home

#: Far from every county that ships.
WEST, SOUTH, SIDE = -46.6, -23.6, 0.02


@pytest.fixture(scope="module")
def bring(tmp_path_factory):
    """Import files into a new workspace by the command, each as a table."""

    def run(**files):
        folder = tmp_path_factory.mktemp("grids") / "w"
        for name, (path, *more) in files.items():
            asked = ["import", str(path), "--into", str(folder), "--as", name, "--yes", *more]
            done = CliRunner().invoke(app, [*asked, "--lang", "en"])
            assert done.exit_code == 0, done.output
        return folder

    return run


def homes_file(folder, spots):
    path = folder / "homes.csv"
    rows = [f"h{n},Home {n},nursing_home,{lon},{lat}" for n, (lon, lat) in enumerate(spots)]
    path.write_text("\n".join(["id,name,type,lon,lat", *rows]), encoding="utf-8")
    return path


def soup_of(client, address):
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text[:1000]
    return BeautifulSoup(answer.text, "html.parser")


def test_a_grid_outside_every_area_is_one_area_and_says_so(make_planner, bring, tmp_path):
    cells = tmp_path / "cells.csv"
    rows = [f"c{n},{WEST + n * SIDE},{SOUTH},{people}" for n, people in enumerate([300, 500, 200])]
    cells.write_text("\n".join(["id,lon,lat,population", *rows]), encoding="utf-8")
    homes = homes_file(tmp_path, [(WEST, SOUTH)])
    client = make_planner(bring(demand=(cells, "--cell-m", "1000"), facilities=(homes,)))
    page = soup_of(client, "/plan?lang=zh")
    figure = page.select_one(".plan-figure").get_text()
    assert "30.0% 的常住人口" in figure.replace("\n", " ")
    assert "300 人够得到，700 人够不到" in figure
    assert "算一个地区" in page.select_one(".plan-needs").get_text()
    assert page.select_one("#areas tbody th").get_text() == "全部"
    report = soup_of(client, "/plan/report?f=html&lang=zh&go=1")
    assert "全部需求点所在的地方" in report.h1.get_text()
    assert "30.0%" in report.select_one(".summary").get_text()
    assert "没有导入行政区" in report.get_text()


def test_a_raster_is_reported_by_the_counties_it_lies_in(make_planner, bring, tmp_path):
    people = np.full((30, 30), 10, dtype="float32")
    people[0, 0] = -9999
    path = tmp_path / "people.tif"
    corner = rasterio.Affine(0.005, 0, 121.40, 0, -0.005, 31.30)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        nodata=-9999,
        height=30,
        width=30,
        crs="EPSG:4326",
        transform=corner,
    ) as file:
        file.write(people, 1)  # fmt: skip
    homes = homes_file(tmp_path, [(121.45, 31.23), (121.5, 31.2)])
    client = make_planner(bring(demand=(path,), facilities=(homes,)))
    told = client.get("/api/v1/coverage?standard_m=1500").json
    assert told["covered"] + told["uncovered"] == pytest.approx(8_990)
    assert told["share"] == pytest.approx(2 * np.pi * 1.5**2 / (900 * 0.4757 * 0.5543), rel=5e-3)
    by_area = {each["name"]: each for each in told["by_area"]}
    assert {"静安区", "黄浦区"} <= by_area.keys()
    assert sum(each["people"] for each in by_area.values()) == pytest.approx(8_990, rel=1e-6)
    page = soup_of(client, "/plan?lang=zh&rule=&standard_m=1500")
    assert len(page.select("#areas tbody tr")) == len(by_area)
    assert f"{100 * told['share']:.1f}% 的常住人口" in page.select_one(".figure").get_text()


def test_cells_of_h3_in_sao_paulo_are_covered_by_their_ground(
    make_planner, bring, data_folder, tmp_path
):
    path = data_folder / "saopaulo/spo_hexgrid.csv"
    spots = [(-46.608, -23.571), (-46.6311, -23.5525), (-46.65, -23.5605)]
    table = pd.read_csv(path)
    to_metres = Transformer.from_crs(4326, 32723, always_xy=True)
    served = shapely.union_all([
        shapely.Point(*to_metres.transform(*each)).buffer(1_000, quad_segs=64) for each in spots
    ])  # fmt: skip
    cells = [
        shapely.Polygon([to_metres.transform(lon, lat) for lat, lon in h3.cell_to_boundary(each)])
        for each in table["id"]
    ]
    inside = shapely.area(shapely.intersection(cells, served)) / shapely.area(cells)
    expected = float((inside * table["population"]).sum() / table["population"].sum())
    folder = bring(demand=(path,), facilities=(homes_file(tmp_path, spots),))
    told = make_planner(folder).get("/api/v1/coverage?standard_m=1000").json
    assert told["covered"] + told["uncovered"] == pytest.approx(table["population"].sum())
    assert told["share"] == pytest.approx(expected, rel=3e-3)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 900),
                          st.floats(0, 1)), min_size=1, max_size=80))  # fmt: skip
def test_demand_that_is_drawn_joined_keeps_its_people_and_who_is_within_reach(rows):
    x, y, people, share = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    spots = np.column_stack([x, y]) / 1_000 + (105, 30)
    middles, totals, shares = demand_spots.joined(spots, people, share)
    assert len(totals) <= len(rows)
    assert totals.sum() == pytest.approx(people.sum())
    assert (totals * shares).sum() == pytest.approx((people * share).sum())
    assert (middles.min(axis=0) >= spots.min(axis=0) - 1e-9).all()
    assert (middles.max(axis=0) <= spots.max(axis=0) + 1e-9).all()


def test_candidates_are_on_the_map_with_name_and_kind(make_planner, tmp_path):
    square = shapely.box(105.05, 35.04, 105.06, 35.05)
    sites = [
        {"id": "p", "name": "旧</script>厂房", "kind": "闲置房屋",
         "geometry": shapely.Point(105.07, 35.05)},
        {"id": "q", "geometry": square},
        {"id": "r", "name": "没有位置", "geometry": None},
    ]  # fmt: skip
    fill(tmp_path / "w", {"candidates": [("2024-01-01", sites)],
                          "facilities": [("2024-01-01", [home("h", 105.05)])]})  # fmt: skip
    client = make_planner(tmp_path / "w")
    assert "候选地点 3 处" in soup_of(client, "/plan?lang=zh&go=1").select_one(".status").get_text()
    script = client.get("/plan/map/script.js?lang=zh&go=1").text
    config = re.search(r'"geomap": ("(?:[^"\\]|\\.)*")', script)[1]
    found = json.loads(json.loads(config))["plan"]["candidates"]
    (lon, lat, *words), other = found
    assert (lon, lat, words) == (105.07, 35.05, ["旧</script>厂房", "闲置房屋"])
    assert square.contains(shapely.Point(other[:2]))
    assert other[2:] == ["q", ""]
    assert "</script>" not in script
