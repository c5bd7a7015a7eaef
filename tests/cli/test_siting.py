"""``geomap site`` as people and scripts use it, on a town checked by hand.

30 people live 500 m from home h, 10 farther, 60 in the next county; idle shops s1 among the 10
and s2 among the 60.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from typer.testing import CliRunner

from geomap.cli import app
from geomap.errors import GeomapError
from tests.web.plan.conftest import AREAS, DEMAND, STATES, fill

GEOD = Geod(ellps="WGS84")


@pytest.fixture
def geomap(monkeypatch):
    def run(*arguments, language="en"):
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        command = [*map(str, arguments), "--lang", language]
        return CliRunner().invoke(app, command, env={"COLUMNS": "200"})

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    shops = [
        {"id": f"s{n}", "name": f"shop {n}", "cost": 100 * n, "geometry": shapely.Point(lon, 35.05)}
        for n, lon in ((1, 105.09), (2, 105.151))
    ]
    made = tmp_path_factory.mktemp("siting") / "town"
    day = "2025-07-01"
    layers = {"areas": [(day, AREAS)], "demand": [(day, DEMAND)], "facilities": STATES}
    fill(made, {**layers, "candidates": [(day, shops)]})
    return made


def test_the_best_site_is_said_and_written(geomap, folder, tmp_path):
    out = tmp_path / "sites.geojson"
    done = geomap("site", folder, "--model", "mclp", "--p", 1, "--standard-m", 1000, "--out", out)
    assert done.exit_code == 0, done.output
    assert "1 sites chosen: 60 people newly covered (aged_60), 90 in all, 30 before" in done.output
    assert "Proven the best" in done.output
    found = gpd.read_file(out)
    assert found["id"].tolist() == ["s2"]
    assert found["new_people"].tolist() == [60]


def test_without_candidates_sites_are_where_people_live(geomap, folder, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap("site", folder, "--from", "demand", "--p", 2, "--out", out, language="zh")
    assert done.exit_code == 0, done.output
    assert "新覆盖 70 人" in done.output
    assert sorted(pd.read_csv(out)["id"]) == ["d1", "d2"]


def test_money_and_ids_are_kept(geomap, folder, tmp_path):
    out = tmp_path / "sites.csv"
    assert geomap("site", folder, "--budget", 150, "--out", out).exit_code == 0
    assert pd.read_csv(out)["id"].tolist() == ["s1"]
    assert geomap("site", folder, "--p", 1, "--exclude", "s2", "--out", out).exit_code == 0
    assert pd.read_csv(out)["id"].tolist() == ["s1"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--p", 3], "at most the 2 candidates"),
        ([], "needs p"),
        (["--p", 1, "--model", "voronoi"], "model must be one of"),
        (["--p", 1, "--minutes", 15], "no walking network"),
        (["--p", 1, "--minutes", 15, "--standard-m", 1000], "not both"),
        (["--p", 1, "--out", "x.doc"], ".geojson"),
        (["--p", 1, "--from", "moon"], "--from must be one of"),
        (["--p", 1, "--require", "s9"], "--require: no candidate has the id s9"),
        (["--p", 0], "--p must be a whole number from 1"),
        (["--p", 1.5], "--p must be a whole number from 1"),
        (["--p", 1, "--p", 2], "--p is given twice"),
        (["--p", 1, "--standard-m", "nan"], "--standard-m must be a number"),
        (["--p", 1, "--standard-m", -5], "--standard-m must be a number"),
        (["--p", 1, "--grid-m", 0, "--from", "grid"], "--grid-m"),
        (["--p", 1, "--grid-m", 1, "--from", "grid"], "--grid-m"),
        (["--p", 1, "--budget", "nan"], "--budget must be a number 0 or more, got nan"),
        (["--p", 1, "--budget", -1], "--budget must be a number 0 or more, got -1"),
        (["--p", 1, "--budget", 30], "--budget: the cheapest candidate costs 100 yuan, 70 more"),
        (["--p", 1, "--require", "s2", "--budget", 150], "50 more than the budget"),
        (["--p", 1, "--equity", -1], "--equity must be a number"),
        (["--p", 1, "--equity", 1, "--existing", "ignore"], "--equity: equity needs existing"),
        (["--p", 1, "--beds", 0], "--beds must be a number 1 or more"),
        (["--p", 1, "--beds", 50, "--pack", "moon"], "--pack: must be one of"),
        (["--p", 1, "--beds", 50, "--pack", "henan"], "take another pack"),
        (["--p", 1, "--capacity", "name"], "--capacity: must be fit, planned, or a column"),
        (["--p", 1, "--capacity", "planned"], "--beds: capacity=planned needs beds"),
        (["--p", 1, "--capacity", "fit"], "2 处不知道"),
        (["--p", 1, "--room", "guess"], "--room must be one of strike, mark"),
        (["--p", 1, "--exclusions", "some"], "--exclusions must be one of use, ignore"),
        (["--p", 1, "--subsidy", "--occupancy", 2], "--occupancy must be a number from 0 to 1"),
        (["--p", "inn:2"], "--p must be one of nursing_home"),
        (["--p", "nursing_home:1", "--p", "nursing_home:2"], "--p is given twice"),
        (["--p", "nursing_home:1", "--p", 2], "not both"),
        (["--p", "nursing_home:1", "--standard-m", 900], "for each type"),
        (["--p", "nursing_home:1"], "--standard-m must be given for each type"),
        (["--p", 1, "--area", "510000"], "510000"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(geomap, folder, tmp_path, more, said):
    out = [] if "--out" in more else ["--out", tmp_path / "out.csv"]
    done = geomap("site", folder, *more, *out)
    assert isinstance(done.exception, GeomapError)
    assert said in str(done.exception) + done.exception.said("zh")
    assert done.exception.said("zh") != str(done.exception)
    assert list(tmp_path.glob("*.csv")) == []


@pytest.fixture(scope="module")
def sized(tmp_path_factory):
    """Three shops, one of them in a lake, one too small for 50 beds, one of which little is known.

    s1 has room for 100 beds by its floor and 111 by its land; s2 for 20 by its floor.
    """
    known = {
        "s1": {"cost": 100, "floor_m2": 3_500, "land_m2": 2_000},
        "s2": {"cost": 600, "floor_m2": 700},
        "s3": {},
    }
    shops = [
        {"id": name, "name": name, "geometry": shapely.Point(lon, 35.05), **known[name]}
        for name, lon in (("s1", 105.09), ("s2", 105.151), ("s3", 105.1485))
    ]
    lake = {"id": "lake", "name": "湖", "geometry": shapely.box(105.1505, 35, 105.152, 35.1)}
    made = tmp_path_factory.mktemp("sized") / "town"
    day = "2025-07-01"
    layers = {"areas": [(day, AREAS)], "demand": [(day, DEMAND)], "facilities": STATES}
    fill(made, {**layers, "candidates": [(day, shops)], "exclusions": [(day, [lake])]})
    return made


def test_nothing_is_built_in_an_exclusion_area_unless_they_are_ignored(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap("site", sized, "--p", 2, "--out", out)
    assert done.exit_code == 0, done.output
    assert "Candidates that take no part: 1 in exclusion areas" in done.output
    assert pd.read_csv(out)["id"].tolist() == ["s3", "s1"]  # those who serve most come first
    done = geomap("site", sized, "--p", 3, "--exclusions", "ignore", "--out", out)
    assert done.exit_code == 0, done.output
    assert set(pd.read_csv(out)["id"]) == {"s1", "s2", "s3"}
    done = geomap("site", sized, "--p", 3, "--out", out)
    assert "at most the 2 candidates (1 more lie in exclusion areas" in str(done.exception)
    assert "另有 1 处在禁建区里" in done.exception.said("zh")
    assert geomap("site", sized, "--p", 2, "--exclude", "s2", "--out", out).exit_code == 0
    done = geomap("site", sized, "--p", 1, "--require", "s2", "--out", out)
    assert "it lies in an exclusion area" in str(done.exception)


def test_sites_too_small_for_the_beds_are_struck_and_unknown_ones_kept(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    ask = ("site", sized, "--p", 2, "--exclusions", "ignore", "--beds", 50, "--out", out)
    done = geomap(*ask)
    assert done.exit_code == 0, done.output
    assert "1 too small for the beds planned" in done.output
    assert "Whether 50 beds fit is not known of 1 of the chosen" in done.output
    found = pd.read_csv(out).set_index("id")
    assert found.loc["s1", ["beds_fit", "enough"]].tolist() == [100, "yes"]
    assert found.loc["s3", ["beds_fit", "enough"]].isna().all()
    done = geomap(*ask, "--room", "mark", "--require", "s2", language="zh")
    assert "选出的有 1 处放不下 50 张床" in done.output
    assert pd.read_csv(out).set_index("id").loc["s2", "enough"] == "no"


def test_what_a_person_costs_is_told_and_unknown_costs_are_counted(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    ask = ("site", sized, "--exclusions", "ignore", "--out", out)
    done = geomap(*ask, "--p", 2, "--exclude", "s3")
    assert "Cost: 700 yuan, 10 a person newly covered" in done.output
    found = pd.read_csv(out).set_index("id")
    assert found["yuan_per_person"].to_dict() == {"s1": 10, "s2": 10}
    done = geomap(*ask, "--p", 2, "--require", "s3", "--require", "s1")
    assert "Cost: 100 yuan; of 1 sites it is not known" in done.output
    done = geomap(*ask, "--p", 2, "--budget", 700)
    assert "3" in str(done.exception)
    assert "not known" in str(done.exception)


def test_the_subsidy_of_a_year_is_a_range_by_the_beds(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap("site", sized, "--p", 2, "--subsidy", "--out", out)
    assert "Operating subsidy a year: 684,000–876,000 yuan" in done.output  # 100 beds fit
    assert "No subsidy for 1 sites: beds unknown" in done.output
    found = pd.read_csv(out).set_index("id")
    assert found.loc["s1", ["subsidy_low", "subsidy_high"]].tolist() == [684_000, 876_000]
    done = geomap("site", sized, "--p", 2, "--subsidy", "--occupancy", 0.5, "--beds", 50,
                  "--out", out, language="zh")  # fmt: skip
    assert "运营补贴每年 342,000–438,000 元" in done.output  # twice 50 beds, half of them taken


def test_a_site_serves_no_more_than_fit(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    ask = ("site", sized, "--exclusions", "ignore", "--model", "mclp", "--out", out)
    done = geomap(*ask, "--p", 2, "--capacity", "fit")
    assert done.exit_code == 0, done.output
    assert "1 of which nobody knows how many beds fit" in done.output
    found = pd.read_csv(out).set_index("id")
    assert found["new_people"].to_dict() == {"s1": 10, "s2": 20}  # of the 60 near it
    done = geomap(*ask, "--p", 1, "--capacity", "planned", "--beds", 50, "--room", "mark")
    assert done.exit_code == 0, done.output
    assert pd.read_csv(out)["new_people"].max() == 50


def test_a_grid_needs_no_candidates(geomap, folder, tmp_path):
    out = tmp_path / "sites.geojson"
    done = geomap("site", folder, "--from", "grid", "--grid-m", 900, "--p", 2, "--out", out)
    assert done.exit_code == 0, done.output
    assert "70 people newly covered" in done.output
    found = gpd.read_file(out)
    assert found["id"].str.match(r"g900\.105\.\d+\.-?\d+").all()
    within = gpd.GeoSeries([each["geometry"] for each in AREAS], crs=4326).union_all()
    assert shapely.contains(within, found.geometry.to_numpy()).all()
    only = geomap("site", folder, "--from", "grid", "--grid-m", 900, "--p", 1, "--area", "410102",
                  "--out", out)  # fmt: skip
    assert "10 people newly covered" in only.output


def test_several_types_are_sited_at_once(geomap, folder, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap(
        "site", folder, "--p", "nursing_home:1", "--p", "community_center:1",
        "--standard-m", "nursing_home:9000", "--standard-m", "community_center:1000", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Nursing home" in done.output or "nursing" in done.output.lower()
    found = pd.read_csv(out).set_index("id")
    assert sorted(found["type"]) == ["community_center", "nursing_home"]
    assert found.loc["s2", "type"] == "community_center"  # h already reaches all within 9 km or so


def test_why_writes_the_next_best_and_both_curves(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap("site", sized, "--exclusions", "ignore", "--p", 1, "--exclude", "s3", "--why",
                  "--out", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    found = pd.read_csv(out).iloc[0]
    assert (found["id"], found["next_best_id"], found["next_best_loses_people"]) == ("s2", "s1", 50)
    assert "Sites: people covered" in done.output
    assert "  2: 100" in done.output
    assert "Yuan: people covered" in done.output
    assert "  100: 40" in done.output
    assert "  600: 90" in done.output


def test_two_candidates_at_one_place_and_a_mean_distance_are_told(geomap, tmp_path):
    shops = [{"id": f"s{n}", "geometry": shapely.Point(105.15, 35.05)} for n in range(2)]
    day = "2025-07-01"
    fill(tmp_path / "town", {"demand": [(day, DEMAND)], "facilities": STATES,
                             "candidates": [(day, shops)]})  # fmt: skip
    out = tmp_path / "sites.csv"
    ask = ("site", tmp_path / "town", "--model", "p_median", "--p", 1, "--out", out)
    done = geomap(*ask)
    assert "1 candidates stand where another one does." in done.output
    far = [GEOD.inv(105.05, 35.05, each, 35.05)[2] for each in (105.055, 105.09)]
    mean = (30 * far[0] + 10 * far[1]) / 100  # 60 live where the shop is
    assert f"Mean distance {mean:,.0f} m" in done.output
    assert f"farthest {far[1]:,.0f} m" in done.output
    assert "1 处候选地点和别的在同一个位置。" in geomap(*ask, language="zh").output


def test_where_nothing_is_left_it_says_what_struck_all(geomap, sized, tmp_path):
    out = tmp_path / "sites.csv"
    done = geomap("site", sized, "--p", 1, "--beds", 101, "--capacity", "fit", "--out", out)
    said = str(done.exception)
    assert "of 3, 1 lie in exclusion areas, 1 are too small" in said
    assert "禁建区" in done.exception.said("zh")


def test_a_grid_over_a_real_city_keeps_clear_of_what_is_excluded(geomap, data_folder, tmp_path):
    """Taipei from its own files, one district excluded; held against shapely and pyproj."""
    taipei = data_folder / "taipei"
    districts = gpd.read_file(taipei / "districts.geojson").to_crs(4326)
    shut = districts[districts["TNAME"] == "士林區"]
    shut[["TNAME", "geometry"]].rename(columns={"TNAME": "名称"}).to_file(
        tmp_path / "shut.gpkg", driver="GPKG"
    )
    files = {
        "areas": taipei / "districts.geojson", "demand": taipei / "villages_population.geojson",
        "facilities": taipei / "community_stations.csv", "exclusions": tmp_path / "shut.gpkg",
    }  # fmt: skip
    place = tmp_path / "city"
    for name, file in files.items():
        done = geomap("import", file, "--into", place, "--as", name, "--yes")
        assert done.exit_code in (0, 1), done.output
    out = tmp_path / "sites.geojson"
    ask = ("site", place, "--from", "grid", "--grid-m", 300, "--p", 5, "--standard-m", 500)
    done = geomap(*ask, "--weight", "aged_65", "--out", out)
    assert done.exit_code == 0, done.output
    assert "in exclusion areas" in done.output
    found = gpd.read_file(out)
    assert len(found) == 5
    ground = shapely.make_valid(shut.geometry.iloc[0])
    assert not shapely.intersects(ground, found.geometry.to_numpy()).any()
    villages = gpd.read_file(taipei / "villages_population.geojson").to_crs(4326)
    at = shapely.point_on_surface(shapely.make_valid(villages.geometry.to_numpy()))
    stations = pd.read_csv(taipei / "community_stations.csv")
    near = GEOD.inv(
        np.repeat(shapely.get_x(at), 5), np.repeat(shapely.get_y(at), 5),
        np.tile(found.geometry.x, len(at)), np.tile(found.geometry.y, len(at)),
    )[2].reshape(len(at), 5)  # fmt: skip
    newly = (near <= 500).any(axis=1)
    lat = next(c for c in stations if c.lower() in ("lat", "緯度", "y"))
    lon = next(c for c in stations if c.lower() in ("lon", "經度", "x"))
    known = stations[[lon, lat]].apply(pd.to_numeric, errors="coerce").dropna().to_numpy()
    k = len(known)
    today = GEOD.inv(
        np.repeat(shapely.get_x(at), k), np.repeat(shapely.get_y(at), k),
        np.tile(known[:, 0], len(at)), np.tile(known[:, 1], len(at)),
    )[2].reshape(len(at), k).min(axis=1)  # fmt: skip
    wanted = villages["A65UP_CNT"].to_numpy()[newly & (today > 500)].sum()
    assert found["new_people"].sum() == pytest.approx(wanted)
