"""The siting page: a form that says what is wrong, an answer that says why, without scripts."""

from __future__ import annotations

import io

import geopandas as gpd
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

from geomap.web.plan.inputs import inputs_of
from geomap.web.siting.answer_page import SiteWriter
from geomap.web.siting.ask import SiteAsk
from geomap.web.siting.document import document, spots
from geomap.web.siting.site_form import read_site_form
from geomap.web.siting.working import BEFORE, NEWLY, work_out
from tests.web.plan.conftest import MARKUP
from tests.web.siting.conftest import answered

ASKED = "/plan/site?lang=zh&go=1&p=1&standard_m=1000"


def cells(table):
    return [[each.get_text(" ", strip=True) for each in row.find_all(["th", "td"])]
            for row in table.select("tbody tr")]  # fmt: skip


def test_the_form_is_offered_first_in_plain_words(shops):
    page = BeautifulSoup(shops.get("/plan/site?lang=zh").text, "html.parser")
    said = page.select_one(".plan-form").get_text(" ", strip=True)
    for words in ("服务最多的人", "全部够得到，最少几处", "平均距离最短", "最远的人最近",
                  "导入的候选地点（2 处）", "保留，新的补它们的缺"):  # fmt: skip
        assert words in said
    assert page.select_one("input[name=sites][checked]")["value"] == "candidates"


def test_the_planner_leads_there_with_what_was_asked(shops):
    page = BeautifulSoup(shops.get("/plan?lang=zh&go=1").text, "html.parser")
    link = page.find("a", string="下一家建在哪里")["href"]
    given = BeautifulSoup(shops.get(link).text, "html.parser")
    assert given.select_one("#standard_m")["value"] == "1000"


def test_the_answer_says_how_many_more_how_sure_and_why(shops):
    page = answered(shops, ASKED)
    told = page.select_one(".plan-figure").get_text(" ", strip=True)
    assert "+60 人够得到：新建 1 处，从 30.0% 到 90.0%。" in told
    assert "看的是 60 岁及以上老人，直线 1,000 米之内。" in told
    assert "已证明是最好的" in told
    assert "仍有 10 人够不到" in told
    (why,) = cells(page.select_one(".site-why"))
    assert why == ["1", f"{MARKUP}2", "60", "200", "3.33", f"{MARKUP}1", "少 50 人"]
    curve = cells(page.select_one("#curve"))
    assert [row[:3] for row in curve] == [
        ["0", "30", "30.0%"], ["1 （这次）", "90", "90.0%"], ["2", "100", "100.0%"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("lscp", "够到所有能够到的人，最少建 2 处，从 30.0% 到 100.0%"),
        ("p_median", "是平均到最近一处的距离；新建这 1 处之前是"),
        ("p_center", "是离得最远的人到最近一处的距离；新建这 1 处之前是"),
    ],
)
def test_every_model_has_its_sentence(shops, model, said):
    page = answered(shops, f"{ASKED}&model={model}")
    assert said in page.select_one(".plan-figure").get_text(" ", strip=True)
    assert page.select_one(".site-why tbody tr")


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("p=9", "p", "最多只能选 2 处"),
        ("p=", "p", "请填要选几处"),
        ("p=x", "p", "请填 1 到 10,000 之间的数"),
        ("standard_m=-3", "standard_m", "请填 1 到 100,000 之间的数"),
        ("p=1&required=s9", "required", "没有编号为 s9 的候选地点"),
        ("p=1&method=walk", "method", "还没有步行路网"),
        ("p=1&area=999999", "area", "没有地区 999999"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_input_is_kept(shops, query, field, said):
    answer = shops.get(f"/plan/site?lang=zh&go=1&{query}")
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert said in page.find(id=f"{field}-fault").get_text()
    assert page.select_one(f".fault-summary a[href='#{field}']")


def test_the_chosen_sites_are_given_as_files(shops):
    page = answered(shops, ASKED)
    links = {each.text: each["href"] for each in page.select(".plan-files a")}
    assert set(links) == {"CSV", "XLSX", "GPKG", "GEOJSON"}
    table = pd.read_csv(io.BytesIO(shops.get(links["CSV"]).data))
    assert table[["id", "rank", "new_people"]].to_numpy().tolist() == [["s2", 1, 60]]
    places = gpd.read_file(io.BytesIO(shops.get(links["GEOJSON"]).data))
    assert places.geometry.iloc[0].x == pytest.approx(105.151)
    assert shops.get(links["CSV"].replace("sites.csv", "sites.doc")).status_code == 404
    assert shops.get(links["CSV"].replace("p=1", "p=2")).status_code == 404


def test_the_map_draws_the_sites_and_who_is_reached(shops):
    page = answered(shops, ASKED)
    frame = page.select_one(".plan-map iframe")["src"]
    document = BeautifulSoup(shops.get(frame).text, "html.parser")
    script = next(each["src"] for each in document.select("script[src]")
                  if "script.js" in each["src"])  # fmt: skip
    text = shops.get(script).text
    text = text.replace("\\", "")
    assert '"newly":[[105.15,35.05,60.0]]' in text
    assert '"beyond":[[105.09,35.05,10.0]]' in text
    assert '"existing":1' in text  # neither the closed one nor the one being built
    assert shops.get("/plan/site/map/script.js?p=2").status_code == 404


def test_a_site_that_is_not_proven_says_how_far_from_the_best(shops):
    found = {"status": "time_limit", "gap": 0.012341}
    with shops.application.test_request_context("/plan/site?lang=zh"):
        said = SiteWriter(found, SiteAsk(), "zh").proof()
        unknown = SiteWriter({**found, "gap": None}, SiteAsk(), "zh").proof()
    assert "至多差 1.24%" in said  # rounded up: never better than it is
    assert "最好的" in said
    assert "已证明" not in said + unknown


@pytest.mark.parametrize(
    "ask",
    [
        SiteAsk(),
        SiteAsk(model="lscp", p=None, standard_m=500.5, area="410102"),
        SiteAsk(model="p_median", standard_m=None, p=7, types=("nursing_home", "other")),
        SiteAsk(p=None, budget=1e6, required=("a", "b"), excluded=("c",), existing="ignore"),
    ],
)
def test_an_address_asks_the_same_again(shops, ask):
    kept = MultiDict(ask.parameters())
    with shops.application.test_request_context("/plan/site"):
        assert read_site_form(kept).ask == ask
    assert SiteAsk.from_dict(ask.as_dict()) == ask


def test_english_pages_say_it_in_english(shops):
    page = answered(shops, ASKED.replace("lang=zh", "lang=en"))
    told = page.select_one(".plan-figure").get_text(" ", strip=True)
    assert "+60 more people within reach with 1 new sites: from 30.0% to 90.0%." in told


def test_the_map_tells_who_is_reached_where_pairs_are_too_many_for_reasons(
    shop_folder, monkeypatch
):
    monkeypatch.setattr("geomap.web.siting.why._MOST_PAIRS", 0)
    ask = SiteAsk(model="p_median", p=1, standard_m=None)
    solved = work_out(ask, inputs_of(shop_folder))
    told = {people: state for _lon, _lat, people, state in spots(solved)}
    assert told == {60: NEWLY, 30: BEFORE, 10: BEFORE}  # s2 is bought for the 60 of the next county
    assert solved.reasons == []
    far = document(solved)["distance"]  # of the 60, from 9,119 m to 91 m; the others as today
    assert far["mean_before_m"] == pytest.approx(
        (30 * 455.9 + 10 * 3647.7 + 60 * 9119.2) / 100, 1e-3
    )
    assert far["mean_m"] == pytest.approx((30 * 455.9 + 10 * 3647.7 + 60 * 91.2) / 100, 1e-3)
    assert far["farthest_m"] == pytest.approx(3647.7, 1e-3)
