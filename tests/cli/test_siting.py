"""``geomap site`` as people and scripts use it, on a town checked by hand.

30 people live 500 m from home h, 10 farther, 60 in the next county; idle shops s1 among the 10
and s2 among the 60.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from geomap.cli import app
from geomap.errors import GeomapError
from tests.web.plan.conftest import AREAS, DEMAND, STATES, fill


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
        (["--p", 1, "--require", "s9"], "labels of the candidates' index"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(geomap, folder, tmp_path, more, said):
    out = [] if "--out" in more else ["--out", tmp_path / "out.csv"]
    done = geomap("site", folder, *more, *out)
    assert isinstance(done.exception, GeomapError)
    assert said in str(done.exception)
    assert list(tmp_path.glob("*.csv")) == []
