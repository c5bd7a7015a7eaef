"""``geomap coverage|gaps|indicators`` as people and scripts use them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.errors import GeomapError
from tests.web.plan.conftest import town_folder  # noqa: F401 (a fixture)


@pytest.fixture
def geomap(monkeypatch):
    def run(*arguments, language="en"):
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        command = [*map(str, arguments), "--lang", language]
        return CliRunner().invoke(app, command, env={"COLUMNS": "120"})

    return run


def test_coverage_is_said_and_written_by_area(geomap, town_folder, tmp_path):  # noqa: F811 (the fixture)
    out = tmp_path / "covered.csv"
    done = geomap("coverage", town_folder, "--standard-m", 1000, "--out", out)
    assert done.exit_code == 0, done.output
    assert "30.0% within reach (straight line, 1,000 m): 30 people; 70 out of reach" in done.output
    table = pd.read_csv(out)
    assert table["uncovered"].tolist() == [10, 60]


def test_gaps_of_one_area_are_polygons_with_people(geomap, town_folder, tmp_path):  # noqa: F811 (the fixture)
    out = tmp_path / "gaps.gpkg"
    done = geomap("gaps", town_folder, "--area", "410103", "--out", out, language="zh")
    assert done.exit_code == 0, done.output
    assert "已写出" in done.output
    found = gpd.read_file(out)
    assert found["population"].tolist() == [60]
    assert found.geometry.is_valid.all()


def test_indicators_keep_what_is_unknown_empty(geomap, town_folder, tmp_path):  # noqa: F811 (the fixture)
    out = tmp_path / "indicators.csv"
    assert geomap("indicators", town_folder, "--out", out).exit_code == 0
    table = pd.read_csv(out)
    assert table["beds_per_1000_aged_60"].tolist() == [250, 0]
    assert table["occupancy"].isna().all()
    assert table["occupancy_unknown"].tolist() == [1, 0]


def test_coverage_of_nobody_is_refused_and_gaps_are_not(geomap, tmp_path):
    geomap("demo", tmp_path / "own", "--size", 50)
    done = geomap("coverage", tmp_path / "own", "--out", tmp_path / "out.csv")
    assert isinstance(done.exception, GeomapError)
    assert "import demand" in str(done.exception)
    assert geomap("gaps", tmp_path / "own", "--out", tmp_path / "out.csv").exit_code == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--minutes", 15], "no walking network: import one, or give --standard-m 720"),
        (["--minutes", 15, "--standard-m", 1000], "not both"),
        (["--standard-m", 0], "standard_m"),
        (["--standard-m", "nan"], "standard_m"),
        (["--area", "999999"], "999999"),
        (["--out", "x.doc"], ".geojson"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(geomap, town_folder, tmp_path, more, said):  # noqa: F811 (the fixture)
    out = [] if "--out" in more else ["--out", tmp_path / "out.csv"]
    done = geomap("coverage", town_folder, *more, *out)
    assert isinstance(done.exception, GeomapError)
    assert said in str(done.exception)
    assert list(tmp_path.glob("*.csv")) == []
