"""Large data: a first look starts nothing, a question becomes a job, and leads back to its page."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from geomap.web.scenarios import view, working
from geomap.web.scenarios.steps import SHARES
from tests.web.scenarios.conftest import answered, made, revision, said, table


@pytest.fixture
def large(planner, monkeypatch):
    """The town, taken for too large to be worked out at once."""
    for module in (view, working):
        monkeypatch.setattr(module, "is_small", lambda *_: False)
    return planner


def test_a_first_look_shows_the_changes_and_starts_no_job(large):
    path = made(large)
    page = BeautifulSoup(large.get(f"{path}?lang=zh").text, "html.parser")
    assert "按“计算”" in page.select_one(".plan-ask").text
    assert page.select_one("#change-form")
    assert large.get(f"{path}/areas.csv").status_code == 404


def test_a_question_is_a_job_that_can_be_watched_and_leads_back(large):
    path = made(large)
    answer = large.post(f"{path}/changes?lang=zh&standard_m=900",
                        data={"kind": "close", "facility_id": "h"})  # fmt: skip
    first = large.get(answer.headers["Location"].split("#")[0])
    assert first.status_code == 303
    watched = BeautifulSoup(large.get(first.headers["Location"]).text, "html.parser")
    if watched.select_one("#job"):  # else it was done already
        assert large.get(watched.select_one("#job")["data-part"]).status_code in (200, 303)
    page = answered(large, first.headers["Location"])
    assert "−30 人变得够不到" in said(page, ".plan-figure")
    assert page.select_one("#standard_m")["value"] == "900"
    assert table(page, ".scenario-changes")[0][3] == "−30"
    refused = large.post(f"{path}/changes?lang=zh&standard_m=900", data={"kind": "close"})
    assert refused.status_code == 400
    page = BeautifulSoup(refused.text, "html.parser")
    assert "−30 人变得够不到" in said(page, ".plan-figure")  # what is known is shown still


@pytest.mark.parametrize("act", ["changes", "drop", "undo"])
def test_who_was_too_late_is_told_so_however_long_the_figures_take(planner, monkeypatch, act):
    path = made(planner)
    mine = revision(answered(planner, f"{path}?lang=zh"))
    planner.post(f"{path}/changes", data={"kind": "close", "facility_id": "h"})
    monkeypatch.setattr(working, "_at_once", lambda *_: None)
    form = {"kind": "enlarge", "facility_id": "h", "beds": "9", "n": "1", "revision": mine}
    late = planner.post(f"{path}/{act}?lang=zh&standard_m=870", data=form)
    assert late.status_code == 409
    assert "别人改过" in late.text


def test_scenarios_are_worked_out_one_after_the_other_to_be_compared(large):
    paths = [made(large, name) for name in ("甲", "乙")]
    for path, kind in zip(paths, ("close", "enlarge"), strict=True):
        large.post(f"{path}/changes", data={"kind": kind, "facility_id": "h", "beds": "99"})
    ids = "&".join(f"id={each.rsplit('/', 1)[1]}" for each in paths)
    page = answered(large, f"/plan/scenarios/compare?lang=zh&go=1&standard_m=800&{ids}")
    rows = {row[0]: row[1:] for row in table(page, ".scenario-compared")}
    assert rows["床位（张，只算已知的）"][2].startswith("99（+89）")


def test_a_job_that_was_ended_leads_back_without_starting_again(large):
    path = made(large)
    first = large.get(f"{path}?lang=zh&go=1&standard_m=850")
    page = BeautifulSoup(large.get(first.headers["Location"]).text, "html.parser")
    form = page.select_one("#job form")
    if form is None:
        pytest.skip("it was done before it could be ended")
    ended = large.get(large.post(form["action"]).headers["Location"])
    back = BeautifulSoup(ended.text, "html.parser").select_one("#job a.primary")["href"]
    assert "go=" not in back
    assert path in back


def test_the_shares_of_the_steps_are_all_of_the_work():
    assert sum(SHARES.values()) == pytest.approx(1)


def test_a_step_that_there_was_no_time_for_is_named(planner):
    from geomap.web.scenarios.answer_page import EffectWriter

    told = {"cut": [{"step": "gaps", "done": 0, "of": 1}]}
    with planner.application.test_request_context("/?lang=zh"):
        assert EffectWriter(told, None, "zh").cut() == ["找空白区：没有算"]
