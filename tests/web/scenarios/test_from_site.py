"""A siting answer becomes a scenario, judged as it was asked; on the town and on real Taipei."""

from __future__ import annotations

import pytest

from tests.web.scenarios.conftest import answered, said, table
from tests.web.siting.conftest import shop_folder, shops  # noqa: F401 (fixtures)


def test_a_siting_answer_is_kept_as_a_scenario(shops):  # noqa: F811 (the fixture)
    page = answered(shops, "/plan/site?lang=zh&go=1&p=1&standard_m=1000")
    form = next(each for each in page.select("form") if "方案" in each.text)
    answer = shops.post(form["action"], data={"new_type": "street_center"})
    assert answer.status_code == 303
    page = answered(shops, answer.headers["Location"])
    assert "+60 人变得够得到" in said(page, ".plan-figure")
    ((_n, what, newly, _lost, cost, yuan, _out),) = table(page, ".scenario-changes")
    assert "街道综合养老服务中心" in what
    assert (newly, cost, yuan) == ("+60", "200", "3")
    assert page.select_one("#standard_m")["value"] == "1000"


def test_what_was_not_worked_out_cannot_be_kept(shops):  # noqa: F811 (the fixture)
    assert shops.post("/plan/scenarios/from-site?p=2&go=1").status_code == 404
    asked = "/plan/scenarios/from-site?lang=zh&go=1&p=1&standard_m=1000"
    answered(shops, asked.replace("/plan/scenarios/from-site", "/plan/site"))
    assert shops.post(asked, data={"new_type": "palace"}).status_code == 400


def test_taipei_new_centres_reach_what_siting_said_and_closing_loses_people(
    make_planner, taipei_folder
):
    client = make_planner(taipei_folder)
    page = answered(client, "/plan/site?lang=zh&go=1&p=5&standard_m=500&time_limit_s=10")
    promised = int(said(page, ".plan-figure strong").replace(",", ""))
    form = next(each for each in page.select("form") if "方案" in each.text)
    there = client.post(form["action"], data={"new_type": "community_center"}).headers["Location"]
    page = answered(client, there)
    newly = int(said(page, ".plan-figure strong").replace(",", "").replace("+", ""))
    # Siting counts a village by one point in it, a scenario by its ground: of the same size.
    assert 0.3 * promised < newly < 1.5 * promised
    path, question = there.split("?")
    stations = client.get("/api/v1/facilities?limit=3").get_json()["features"]
    for each in stations:
        answer = client.post(
            f"{path}/changes?{question}", data={"kind": "close", "facility_id": each["id"]}
        )
        page = answered(client, answer.headers["Location"].split("#")[0])
    rows = {row[0]: row[1:] for row in table(page, ".scenario-both")}
    before, after = (float(rows["够得到的人"][n].replace(",", "")) for n in (0, 1))
    told = client.get(f"/api/v1{path.removeprefix('/plan')}/effect?standard_m=500").get_json()
    gain = told["newly_covered"] - told["lost"]
    assert gain == pytest.approx(told["after"]["covered"] - told["before"]["covered"])
    assert after - before == pytest.approx(gain, abs=1)
