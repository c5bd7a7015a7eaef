"""``geomap report`` as officials and cron use it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.store.scenarios import Scenarios
from geomap.errors import GeomapError
from geomap.model.scenario import Change
from tests.web.plan.conftest import AREAS, DEMAND, STATES, fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports") / "town"
    fill(folder, {"areas": [("2024-01-01", AREAS)], "demand": [("2024-01-01", DEMAND)],
                  "facilities": STATES})  # fmt: skip
    return folder


@pytest.fixture
def geomap(folder):
    def run(*arguments):
        command = ["report", str(folder), *map(str, arguments), "--lang", "zh"]
        return CliRunner().invoke(app, command)

    return run


def test_a_report_is_one_file_that_says_what_was_asked(geomap, tmp_path):
    done = geomap("--area", "410103", "--standard-m", "5000", "--by", "某局", "--since",
                  "2024-06-01", "--out", tmp_path / "a" / "report.html")  # fmt: skip
    assert done.exit_code == 0, done.output
    page = BeautifulSoup((tmp_path / "a" / "report.html").read_bytes(), "html.parser")
    cover = page.select_one(".cover").get_text()
    assert "直线 5,000 米" in cover
    assert "某局" in cover
    assert page.select_one("#changes")


def test_new_sites_and_a_scenario_are_put_in_by_their_words(geomap, folder, tmp_path):
    day = datetime(2025, 8, 1, tzinfo=UTC)
    kept = Scenarios(folder).create("关一家", who="王", at=day, changes=[Change("close", "h")])
    for named in (kept.id, "关一家"):
        out = tmp_path / f"{named}.html"
        done = geomap("--standard-m", "900", "--site", "p=1", "--scenario", named, "--out", out)
        assert done.exit_code == 0, done.output
        page = BeautifulSoup(out.read_bytes(), "html.parser")
        siting, scenario = (page.select_one(f"#{key}").find_parent("section").get_text()
                            for key in ("siting", "scenario"))  # fmt: skip
        assert "直线 900 米" in siting
        assert "+60" in siting
        assert "−30" in scenario


def test_a_scenario_that_ran_out_of_time_is_told_by_the_exit_code_too(
    geomap, folder, tmp_path, monkeypatch
):
    day = datetime(2025, 8, 2, tzinfo=UTC)
    kept = Scenarios(folder).create("慢", who="王", at=day, changes=[Change("close", "h")])
    end = iter([0.0])
    monkeypatch.setattr("geomap.cli.report_plans.time.monotonic", lambda: next(end, 1e9))
    done = geomap("--scenario", kept.id, "--out", tmp_path / "report.html")
    assert done.exit_code == 1
    assert "时间到" in done.output


def test_cron_writes_the_same_name_and_content_on_the_same_day(geomap, tmp_path):
    out = tmp_path / "monthly"
    first = geomap("--period", "monthly", "--out-dir", out)
    (path,) = out.iterdir()
    content = path.read_bytes()
    again = geomap("--period", "monthly", "--out-dir", out)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert list(out.iterdir()) == [path]
    assert path.name.startswith("report-all-")
    assert path.read_bytes() == content


def test_cron_may_ask_for_both_kinds_of_file_of_one_calculation(geomap, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("geomap.web.pdf.missing_for_pdf", lambda: None)
    monkeypatch.setattr("geomap.web.pdf.pdf_of", lambda html, **_: made.append(html) or b"%PDF-1.7")
    done = geomap("--period", "weekly", "--out-dir", tmp_path, "--format", "pdf", "--format",
                  "html", "--format", "pdf")  # fmt: skip
    assert done.exit_code == 0, done.output
    page, paper = sorted(tmp_path.iterdir())
    assert (page.stem, page.suffix, paper.suffix) == (paper.stem, ".html", ".pdf")
    assert [page.read_text(encoding="utf-8")] == made
    assert paper.read_bytes() == b"%PDF-1.7"


def test_a_report_that_ran_out_of_time_is_written_and_told_by_the_exit_code(
    geomap, tmp_path, monkeypatch
):
    clock = itertools.count(step=10_000)
    monkeypatch.setattr("geomap.cli.reporting.time.monotonic", lambda: next(clock))
    done = geomap("--out", tmp_path / "report.html")
    assert done.exit_code == 1
    assert "时间到" in done.output
    assert "这份报告不完整" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    "asked",
    [
        [],
        ["--out", "report.docx"],
        ["--period", "daily"],
        ["--period", "daily", "--out-dir", "x", "--out", "y.html"],
        ["--out", "r.html", "--out-dir", "x"],
        ["--out", "r.html", "--format", "pdf"],
        ["--out", "r.html", "--since", "yesterday"],
        ["--out", "r.html", "--show", "nothing"],
        ["--out", "r.html", "--area", "990000"],
        ["--out", "r.html", "--minutes", "15"],
        ["--out", "r.html", "--pack", "nowhere"],
        ["--out", "r.html", "--site", "q=5"],
        ["--out", "r.html", "--site", "p=99"],
        ["--out", "r.html", "--scenario", "nowhere"],
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    geomap, asked, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    refused = geomap(*asked)
    assert isinstance(refused.exception, GeomapError), refused.output
    assert list(tmp_path.iterdir()) == []


def test_the_example_for_cron_runs_as_it_stands(geomap, tmp_path):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = [each.partition("geomap report /srv/ours ")[2] for each in readme.splitlines()
             if "geomap report /srv/ours" in each]  # fmt: skip
    assert [each.split()[1] for each in lines] == ["daily", "weekly", "monthly", "bimonthly"]
    done = geomap(*lines[1].replace("/srv/reports", str(tmp_path)).split())
    assert done.exit_code == 0, done.output
    assert [each.parent.name for each in tmp_path.rglob("*.html")] == ["weekly"]
