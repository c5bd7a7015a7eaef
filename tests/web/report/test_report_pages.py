"""``/plan/report``: the report of a question as a file, asked as the planner's page is."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup


@pytest.fixture(scope="module")
def client(town_folder):
    from geomap.settings import Settings
    from geomap.web.app import create_app

    app = create_app(town_folder, Settings())
    return app.test_client()


def test_the_report_is_a_file_of_the_asked_area_and_standard(client):
    answer = client.get("/plan/report?f=html&area=410103&standard_m=5000&by=某局&since=2024-06-01")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=report-")
    cover = BeautifulSoup(answer.data, "html.parser").select_one(".cover").get_text()
    assert "直线 5,000 米" in cover
    assert "某局" in cover


def test_a_state_of_the_planners_page_is_compared_with_too(client, town_folder):
    from geomap.data.history import dated_states

    oldest = dated_states(town_folder)[-1]
    page = BeautifulSoup(client.get(f"/plan/report?f=html&since={oldest.name}").data, "html.parser")
    assert "2024-01-01" in page.select_one("#changes").find_parent("section").get_text()


def test_figures_that_were_not_worked_out_again_are_said_not_left_as_an_empty_table(
    client, monkeypatch
):
    monkeypatch.setattr("geomap.web.report.report_pages.is_small", lambda *_: False)
    page = BeautifulSoup(client.get("/plan/report?f=html&since=2024-01-01").data, "html.parser")
    part = page.select_one("#changes").find_parent("section")
    assert "没有重算当时的数字" in part.get_text()
    assert not [table for table in part.select("table") if not table.select("tbody tr")]


@pytest.mark.parametrize(
    ("query", "status"),
    [("f=exe", 400), ("since=yesterday", 400), ("standard_m=-3", 400), ("f=html&area=990000", 404)],
)
def test_what_cannot_be_asked_is_refused(client, query, status):
    assert client.get(f"/plan/report?{query}").status_code == status


def test_the_page_asks_who_made_it_and_since_when_and_keeps_the_question(client):
    answer = client.get("/plan/report?area=410103&standard_m=5000&type=nursing_home&lang=en")
    form = BeautifulSoup(answer.data, "html.parser").select_one("main form")
    kept = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    asked = {"area": "410103", "standard_m": "5000", "type": "nursing_home", "lang": "en"}
    assert asked.items() <= kept.items()
    assert [each["value"] for each in form.select("#since option")] == [
        "", "2025-01-01", "2024-01-01",
    ]  # fmt: skip
    assert form.select_one("button[value=html]")


@pytest.mark.parametrize(
    ("lacks", "said"),
    [("weasyprint", "geomap[pdf]"), ("pango", "libpango"), ("font", "fonts-noto-cjk")],
)
def test_where_pdf_cannot_be_made_the_page_says_what_to_install(client, monkeypatch, lacks, said):
    from geomap.web.report import report_pages

    monkeypatch.setattr(report_pages, "missing_for_pdf", lambda: lacks)
    for query in ("", "?f=pdf"):
        page = BeautifulSoup(client.get(f"/plan/report{query}").data, "html.parser")
        assert said in page.main.get_text()
        assert [each["value"] for each in page.select("main button")] == ["html"]


def test_a_pdf_that_fails_says_what_else_to_do(client, monkeypatch):
    from geomap.web.pdf import NotMadeError
    from geomap.web.report import report_pages

    def fail(_html):
        raise NotMadeError("too long")

    monkeypatch.setattr(report_pages, "pdf_of", fail)
    monkeypatch.setattr(report_pages, "missing_for_pdf", lambda: None)
    answer = client.get("/plan/report?f=pdf&by=某局")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    page = BeautifulSoup(answer.data, "html.parser")
    assert "网页版" in page.select_one("[role=alert]").get_text()
    assert page.select_one("#by")["value"] == "某局"
