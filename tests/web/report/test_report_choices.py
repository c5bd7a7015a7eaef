"""``/plan/report``: new sites and a scenario are chosen, put in, or worked out first."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup

from geomap.data.store.scenarios import Scenarios
from geomap.model.scenario import Change
from geomap.web.report.chosen import report_of_site, site_query
from geomap.web.siting.ask import SiteAsk
from tests.web.plan.conftest import AREAS, DEMAND, MARKUP, STATES, fill, home, make_planner
from tests.web.siting.conftest import answered

__all__ = ["make_planner"]

AT = datetime(2025, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A town with a scenario that closes its home, called by markup."""
    folder = tmp_path_factory.mktemp("choices") / "town"
    fill(folder, {"areas": [("2024-01-01", AREAS)], "demand": [("2024-01-01", DEMAND)],
                  "facilities": STATES})  # fmt: skip
    return folder, Scenarios(folder).create(MARKUP, who="王", at=AT, changes=[Change("close", "h")])


@pytest.fixture(scope="module")
def client(make_planner, kept):
    return make_planner(kept[0])


def form_of(client, address="/plan/report"):
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:2000]
    return BeautifulSoup(answer.data, "html.parser").select_one("main form")


def offered(form, name):
    return {each["value"]: each.get_text() for each in form.select(f"#{name} option")
            if each["value"]}  # fmt: skip


def chosen(form, name):
    return [each["value"] for each in form.select(f"#{name} option[selected]")]


def test_without_an_answer_the_page_leads_to_siting(make_planner, town_folder):
    page = make_planner(town_folder).get("/plan/report")
    links = [each["href"] for each in BeautifulSoup(page.data, "html.parser").select("main a")]
    assert "/plan/site" in links


def test_a_siting_question_that_was_answered_is_offered_and_put_in(client):
    answered(client, "/plan/site?go=1&p=1&standard_m=900")
    form = form_of(client)
    ((value, words),) = offered(form, "site").items()
    assert words == "服务最多的人，1 处，直线 900 米，全部"
    assert chosen(form, "site") == []
    again = form_of(client, f"/plan/report?site={quote(value)}")
    assert chosen(again, "site") == [value]
    made = client.get(f"/plan/report?f=html&area=410103&site={quote(value)}")
    told = BeautifulSoup(made.data, "html.parser").select_one("#siting").find_parent("section")
    assert "直线 900 米" in told.get_text()
    assert MARKUP in told.get_text()  # of the whole town, whatever area the report is on


def test_the_report_of_an_answer_asks_the_same_and_has_it_chosen(client):
    ask = SiteAsk(p=2, standard_m=600.0, area="410103", types=("nursing_home",))
    query = urlencode(report_of_site(ask), doseq=True)
    form = form_of(client, f"/plan/report?{query}")
    kept = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    asked = {"area": "410103", "standard_m": "600", "type": "nursing_home"}
    assert asked.items() <= kept.items()
    assert chosen(form, "site") == [site_query(ask)]


def test_a_siting_question_that_is_not_answered_is_asked_on_its_own_page(client):
    lead = client.get("/plan/report?f=html&standard_m=700&site=p%3D2")
    assert lead.status_code == 303
    there = urlsplit(lead.headers["Location"])
    assert there.path == "/plan/site"
    asked = parse_qs(there.query)
    assert (asked["p"], asked["standard_m"], asked["go"]) == (["2"], ["700"], ["1"])


def test_scenarios_are_offered_by_name_and_judged_by_the_reports_question(client, kept):
    _folder, scenario = kept
    form = form_of(client, f"/plan/report?scenario={scenario.id}")
    assert offered(form, "scenario") == {scenario.id: MARKUP}
    assert chosen(form, "scenario") == [scenario.id]
    made = client.get(f"/plan/report?f=html&scenario={scenario.id}&standard_m=400")
    told = BeautifulSoup(made.data, "html.parser").select_one("#scenario").find_parent("section")
    assert "直线 400 米" in told.get_text()
    assert MARKUP in told.get_text()
    made = client.get(f"/plan/report?f=html&scenario={scenario.id}")
    told = BeautifulSoup(made.data, "html.parser").select_one("#scenario").find_parent("section")
    assert "−30" in told.select_one(".figure").get_text()


def test_a_scenario_that_takes_long_is_worked_out_on_its_own_page(client, kept, monkeypatch):
    monkeypatch.setattr("geomap.web.scenarios.working.is_small", lambda *_: False)
    _folder, scenario = kept
    lead = client.get(f"/plan/report?f=html&scenario={scenario.id}&standard_m=444")
    assert lead.status_code == 303
    there = urlsplit(lead.headers["Location"])
    assert there.path == f"/plan/scenarios/{scenario.id}"
    assert parse_qs(there.query)["standard_m"] == ["444"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("site=q%3D5", 400), ("site=p%3D0", 400), ("scenario=nowhere", 404),
     ("f=html&scenario=..%2F..", 404)],
)  # fmt: skip
def test_what_cannot_be_put_in_is_refused(client, query, status):
    assert client.get(f"/plan/report?{query}").status_code == status


def test_where_nothing_is_kept_there_are_no_scenarios(make_planner, tmp_path):
    fill(tmp_path / "w", {"facilities": [("2024-01-01", [home("h", 105.05)])]})
    form = form_of(make_planner(tmp_path / "w"))
    assert not form.select("#scenario, #site")
