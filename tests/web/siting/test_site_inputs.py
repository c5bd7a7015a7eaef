"""What a siting question may stand on: grids, exclusion areas, room, capacity, types, money.

30 people live 500 m from home h, 10 farther, 60 in the next county. Yard y1 is among the 10, y2 to
y4 among the 60; y3's size and cost are not known, and y4 lies in a water protection area.
"""

from __future__ import annotations

import pytest
import shapely
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

from geomap.web.plan.inputs import inputs_of
from geomap.web.siting.answer_page import SiteWriter
from geomap.web.siting.ask import OneType, SiteAsk
from geomap.web.siting.document import document
from geomap.web.siting.site_form import read_site_form
from geomap.web.siting.working import work_out
from tests.web.plan.conftest import AREAS, DEMAND, STATES, fill
from tests.web.siting.conftest import answered, solved

#: A parameter is wrong in itself, or at odds with others or with the data.
WRONG_OR_AT_ODDS = (400, 409)
Y2_BEDS = 40  # 1,400 m² of floor at 35 m² a bed; its land is enough for more
ASKED = "/plan/site?lang=zh&go=1&p=1&standard_m=1000"


def yard(number, lon, **more):
    return {
        "id": f"y{number}",
        "name": f"院{number}",
        "geometry": shapely.Point(lon, 35.05),
        **more,
    }


YARDS = [
    yard(1, 105.09, cost=100, floor_m2=980, land_m2=1000),
    yard(2, 105.151, cost=200, floor_m2=35 * Y2_BEDS, land_m2=1800),
    yard(3, 105.152),
    yard(4, 105.149, cost=50, floor_m2=3500, land_m2=1800),
]
WATER = {"id": "w", "name": "水源地", "geometry": shapely.box(105.1485, 35.04, 105.1495, 35.06)}


@pytest.fixture(scope="session")
def yard_folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("siting") / "yards"
    day = "2025-07-01"
    layers = {"areas": AREAS, "demand": DEMAND, "candidates": YARDS, "exclusions": [WATER]}
    fill(made, {name: [(day, rows)] for name, rows in layers.items()} | {"facilities": STATES})
    return made


@pytest.fixture(scope="session")
def yards(make_planner, yard_folder):
    return make_planner(yard_folder)


def ids(found):
    return [each["properties"]["id"] for each in found["features"]]


def of(client, query):
    found = solved(client, f"/api/v1/site?{query}")[1]
    return found, [each["properties"] for each in found["features"]]


def test_candidates_in_an_exclusion_area_take_no_part_unless_asked(yards):
    found, _sites = of(yards, "p=1&standard_m=1000")
    assert (found["candidates"], found["struck"]["exclusions"]) == (3, 1)
    assert found["struck"]["rows"][0]["id"] == "y4"
    assert found["struck"]["rows"][0]["why"] == "exclusion"
    assert of(yards, "p=1&standard_m=1000&exclusions=ignore")[0]["candidates"] == 4


def test_a_site_too_small_for_the_beds_is_struck_or_marked_and_an_unknown_one_is_kept(yards):
    struck, sites = of(yards, "p=2&standard_m=1000&beds=30")
    assert [struck["struck"][each] for each in ("small", "kept_unknown", "kept_small")] == [1, 1, 0]
    told = {each["id"]: (each["beds_fit"], each["enough"]) for each in sites}
    assert told == {"y2": (Y2_BEDS, True), "y3": (None, None)}
    marked, sites = of(yards, "p=3&standard_m=1000&beds=30&room=mark")
    assert (marked["struck"]["small"], marked["struck"]["kept_small"]) == (0, 1)
    assert {each["id"]: each["enough"] for each in sites}["y1"] is False


def test_the_page_says_what_took_no_part_and_marks_the_unknown(yards):
    page = answered(yards, f"{ASKED}&p=2&beds=30".replace("p=1&", ""))
    told = page.select_one(".plan-figure").get_text(" ", strip=True)
    assert "1 处候选地点在禁建区里，没有参加。" in told
    assert "1 处候选地点放不下计划的床位，没有参加。" in told
    assert "有 1 处不知道面积，没有排除" in told
    rows = {row.th.text: row.get_text(" ", strip=True) for row in page.select(".site-why tbody tr")}
    assert "未知" in rows["院3"]
    struck = page.select_one("#struck")
    assert "没有参加的候选地点：2 处" in struck.summary.text
    assert [row.th.text for row in struck.select("tbody tr")] == ["院1", "院4"]


def test_a_site_serves_no_more_people_than_beds_fit(yards):
    found, (site,) = of(yards, "p=1&standard_m=1000&capacity=fit")
    assert (site["id"], site["new_people"]) == ("y2", Y2_BEDS)
    assert found["struck"]["unknown_size"] == 1
    found, (site,) = of(yards, "p=1&standard_m=1000&capacity=planned&beds=25")
    assert site["new_people"] == 25


def test_yuan_for_each_person_and_the_subsidy_of_a_year_are_told_by_site_and_in_all(yards):
    found, sites = of(yards, "p=2&standard_m=1000&beds=20&occupancy=0.5&excluded=y3")
    told = {each["id"]: each["yuan_per_person"] for each in sites}
    assert told == {"y2": pytest.approx(200 / 60), "y1": pytest.approx(100 / 10)}
    assert found["money"]["yuan_per_person"] == pytest.approx(300 / 70)
    # 20 beds, half of them taken: (3,000 + 4,800 × 0.8 to 1.2) yuan a resident-year
    assert [sites[0][f"subsidy_{end}"] for end in ("low", "high")] == [68_400, 87_600]
    assert found["money"]["subsidy_high"] == 2 * 87_600
    said = answered(yards, f"{ASKED.replace('p=1', 'p=2')}&beds=20&occupancy=50&excluded=y3")
    figure = said.select_one(".plan-figure").get_text(" ", strip=True)
    assert "一共要 300 元，每新够得到一人 4.29 元。" in figure
    assert "每年运营补贴约 136,800 到 175,200 元" in figure


def test_a_cost_that_is_not_known_makes_no_sum_of_yuan_for_each_person(yards):
    found, _sites = of(yards, "p=3&standard_m=1000")
    assert found["money"] == {"yuan": 300.0, "unknown": 1, "yuan_per_person": None}
    page = answered(yards, ASKED.replace("p=1", "p=3"))
    assert "另有 1 处费用未知" in page.select_one(".plan-figure").get_text()


def test_the_trade_off_stands_against_money_beside_the_one_against_sites(yards):
    found, _sites = of(yards, "p=2&standard_m=1000&excluded=y3")
    money = found["money_curve"]
    assert (money[-1]["budget"], money[-1]["value"]) == (300, 100)
    assert [each["value"] for each in money] == sorted(each["value"] for each in money)
    assert all(each["spent"] <= each["budget"] for each in money)
    page = answered(yards, f"{ASKED.replace('p=1', 'p=2')}&excluded=y3")
    rows = [[each.get_text(" ", strip=True) for each in row.find_all(["th", "td"])]
            for row in page.select("#money tbody tr")]  # fmt: skip
    assert rows[-1][:3] == ["300 （这次）", "100", "100.0%"]
    assert len({row[0] for row in rows}) == len(rows)  # what money is left over buys nothing
    assert len(page.select(".chart[data-kind=steps]")) == 2


def test_several_types_are_sited_at_once_each_by_its_own_standard(yards):
    query = ("p=nursing_home:1&p=community_center:1&standard_m=nursing_home:1000"
             "&standard_m=community_center:10000")  # fmt: skip
    found, sites = of(yards, query)
    told = {each["type"]: each for each in found["by_type"]}
    # home h is a nursing home: it covers 30; no community centre stands yet
    assert told["nursing_home"]["covered_before"] == 30
    assert told["community_center"]["covered_before"] == 0
    assert found["newly_covered"] == sum(each["newly_covered"] for each in told.values())
    assert {each["type"] for each in sites} == set(told)
    assert len(set(ids(found))) == 2
    page = answered(yards, "/plan/site?lang=zh&go=1&p_nursing_home=1&standard_m_nursing_home=1000"
                    "&p_community_center=1&standard_m_community_center=10000")  # fmt: skip
    said = page.select_one(".plan-figure").get_text(" ", strip=True)
    assert "人次够得到：几类一起新建 2 处" in said
    assert "养老院 1 处：1,000 米之内新够得到" in said
    assert "类型" in page.select_one(".site-why thead").text


TWO = (OneType("nursing_home", 1, 1000.0), OneType("community_center", 1, 10_000.0))


@pytest.mark.parametrize(
    ("model", "capacity"),
    [("lscp", ""), ("p_median", ""), ("p_center", ""), ("p_median", "planned")],
)
def test_every_model_sites_several_types(yards, yard_folder, model, capacity):
    if model == "lscp":
        types = tuple(each._replace(p=None) for each in TWO)
    else:
        types = tuple(each._replace(standard_m=None) for each in TWO)
    ask = SiteAsk(model=model, p=None, standard_m=None, by_type=types, capacity=capacity,
                  beds=100.0 if capacity else None, room="mark", time_limit_s=10)  # fmt: skip
    found = document(work_out(ask, inputs_of(yard_folder)))
    assert {each["type"] for each in found["by_type"]} == {each.type for each in TWO}
    assert sum(each["p"] for each in found["by_type"]) == found["p"] == len(ids(found))
    if model != "lscp":
        assert found["p"] == 2
        assert found["distance"]["farthest_m"] <= 9200
    with yards.application.test_request_context("/plan/site?lang=zh"):
        writer = SiteWriter(found, ask, "zh")
        assert [each["type"] for each in writer.rows()]
        assert writer.figure()["said"]


def test_a_grid_offers_sites_anywhere_in_the_area(yards):
    found, (site,) = of(yards, "p=1&standard_m=1000&candidates=grid&grid_m=800&area=410103")
    assert site["id"].startswith("g800.")
    assert site["new_people"] == 60
    # about 9.1 by 11.1 km, a point each 0.64 km²
    assert found["candidates"] + found["struck"]["exclusions"] == pytest.approx(158, rel=0.1)


def test_the_worst_served_first_is_told(yards):
    page = answered(yards, f"{ASKED}&equity=5")
    assert "先顾服务最差的地方" in page.select_one(".plan-figure").get_text()
    assert page.select_one("input[name=equity][checked]")["value"] == "5"


@pytest.mark.parametrize(
    ("query", "parameter", "field", "said"),
    [
        ("p=4", "p", "p", "最多只能选 3 处"),
        ("p=1&beds=500&excluded=y3", "beds", "beds", "没有候选地点可选了"),
        ("p=1&budget=10", "budget", "budget", "不知道费用"),
        ("p=1&budget=10&excluded=y3", "budget", "budget", "不知道费用"),
        ("p=1&required=y4", "required", "required", "在禁建区里"),
        ("p=1&required=y1&beds=30", "required", "required", "放不下计划的床位"),
        ("p=1&capacity=planned", "beds", "beds", "每处计划几张床"),
        ("p=1&capacity=name", "capacity", "capacity", "不能当作可服务人数"),
        ("p=1&capacity=cost", "capacity", "capacity", "不能当作可服务人数"),
        ("p=1&equity=1&existing=ignore", "equity", "equity", "分不出谁的服务最差"),
        ("p=1&equity=-1", "equity", "equity", "请填 0 到 100"),
        ("p=1&beds=0", "beds", "beds", "请填 1 到 10,000"),
        ("p=1&pack=moon", "pack", "pack", "没有这套标准"),
        ("p=1&beds=nan", "beds", "beds", "请填 1 到 10,000"),
    ],
)
def test_what_cannot_be_asked_is_told_by_its_name_and_at_its_field(
    yards, query, parameter, field, said
):
    if parameter is not None:
        answer = yards.get(f"/api/v1/site?{query}")
        assert answer.status_code in WRONG_OR_AT_ODDS, answer.text
        assert answer.mimetype == "application/problem+json"
        assert parameter in {each["parameter"] for each in answer.get_json()["errors"]}
    if field is not None:
        answer = yards.get(f"/plan/site?lang=zh&go=1&{query}")
        assert answer.status_code == 400
        page = BeautifulSoup(answer.text, "html.parser")
        assert said in page.find(id=f"{field}-fault").get_text()
        assert page.select_one(f".fault-summary a[href='#{field}']")
        assert page.find(id=field)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("p=nursing_home:1", "standard_m"),
        ("p=2&standard_m=nursing_home:500", "p"),
        ("standard_m=nursing_home:500", "p"),
        ("p=hotel:1&standard_m=hotel:500", "p"),
        ("p=nursing_home:1&p=nursing_home:2&standard_m=nursing_home:500", "p"),
        ("p=nursing_home:x&standard_m=nursing_home:500", "p"),
        ("p=nursing_home:9&standard_m=nursing_home:500", "p"),
        ("p=1&occupancy=1.2", "occupancy"),
        ("p=1&candidates=grid&grid_m=1", "grid_m"),
        ("p=1&room=burn", "room"),
        ("p=1&exclusions=x", "exclusions"),
    ],
)
def test_halves_and_nonsense_are_refused_by_name(yards, query, parameter):
    answer = yards.get(f"/api/v1/site?{query}")
    assert answer.status_code in WRONG_OR_AT_ODDS, answer.text
    assert parameter in {each["parameter"] for each in answer.get_json()["errors"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [("p_nursing_home=1", "standard_m_nursing_home"),
     ("standard_m_nursing_home=500", "p_nursing_home"), ("p_nursing_home=0", "p_nursing_home")],
)  # fmt: skip
def test_a_row_of_the_types_that_is_not_whole_is_told_at_its_field(yards, query, field):
    answer = yards.get(f"/plan/site?lang=zh&go=1&{query}")
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.find(id=f"{field}-fault")
    assert page.find(id="by_type").find_parent("details").has_attr("open")


def test_a_grid_of_too_many_points_says_which_spacing_would_do(yards, monkeypatch):
    monkeypatch.setattr("geomap.plan.siting.candidates.MOST", 100)
    answer = yards.get("/plan/site?lang=zh&go=1&p=1&sites=grid&grid_m=500")
    page = BeautifulSoup(answer.text, "html.parser")
    assert "请改成" in page.find(id="grid_m-fault").get_text()
    answer = yards.get("/api/v1/site?p=1&candidates=grid&grid_m=500")
    assert answer.status_code == 409
    assert answer.get_json()["errors"][0]["parameter"] == "grid_m"


def test_what_only_the_solver_finds_out_is_told_at_its_field_too(yards):
    query = "model=lscp&standard_m=1000&budget=250&excluded=y3"
    # y3's cost is not known, so it has to be left out before a budget can be asked for
    assert yards.get(f"/api/v1/site?{query}").status_code == 409
    small = "model=lscp&standard_m=1000&capacity=planned&beds=5"
    told, found = solved(yards, f"/api/v1/site?{small}")
    assert found is None
    assert told[-1]["state"] == "failed"
    again = yards.get(f"/api/v1/site?{small}")
    assert again.status_code == 409
    assert again.get_json()["errors"][0]["parameter"] == "capacity"
    page = answered_400(yards, f"/plan/site?lang=zh&go=1&{small}")
    assert page.find(id="capacity-fault")


def answered_400(client, address):
    """Ask a page whose job is refused: the form, with what is wrong."""
    answer = client.get(address, follow_redirects=True)
    for _ in range(100):
        if answer.status_code == 400:
            break
        assert answer.status_code == 200
        answer = client.get(answer.request.full_path, follow_redirects=True)
    assert answer.status_code == 400
    return BeautifulSoup(answer.text, "html.parser")


@pytest.mark.parametrize(
    "ask",
    [
        SiteAsk(sites="grid", grid_m=250, exclusions="ignore", area="410102"),
        SiteAsk(beds=50, room="mark", capacity="fit", occupancy=0.9, equity=2.5),
        SiteAsk(p=None, standard_m=None, by_type=(OneType("nursing_home", 2, 5000.0),
                                                  OneType("community_center", 3, 1000.0))),
        SiteAsk(model="lscp", p=None, standard_m=None,
                by_type=(OneType("nursing_home", None, 5000.0),)),
    ],
)  # fmt: skip
def test_an_address_asks_the_same_again(yards, ask):
    with yards.application.test_request_context("/plan/site"):
        assert read_site_form(MultiDict(ask.parameters())).ask == ask
    assert SiteAsk.from_dict(ask.as_dict()) == ask


@pytest.mark.parametrize("nearer", [0, 1])
def test_a_choice_that_serves_worse_places_says_so(yards, nearer):
    told = {"next_best_id": "y1", "next_best_loses_people": -12.0 if nearer else 12.0}
    with yards.application.test_request_context("/plan/site?lang=zh"):
        said = SiteWriter({"people": 100}, SiteAsk(equity=5.0), "zh")._loses(told)
    assert said == ("多 12 人，但不先顾服务最差的" if nearer else "少 12 人")


@pytest.mark.parametrize(("language", "said"), [("zh", "三处"), ("en", "Three")])
def test_what_took_no_part_is_said_in_the_language_of_the_page(yards, yard_folder, language, said):
    ask = SiteAsk(p=1, standard_m=1000.0)
    found = document(work_out(ask, inputs_of(yard_folder)))
    found |= {"notes": ["Three"], "notes_zh": ["三处"]}
    with yards.application.test_request_context(f"/plan/site?lang={language}"):
        assert said in SiteWriter(found, ask, language).figure()["notes"]
