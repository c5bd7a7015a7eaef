"""Reports with new sites and a scenario: on a town counted by hand, on Taipei, and on payloads."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from geomap.model.scenario import Change
from geomap.web.plan.ask import Ask
from tests.browser.test_payloads import PAYLOADS
from tests.web.report.conftest import scenario_of
from tests.web.siting.conftest import shop_folder, taipei_folder  # noqa: F401 (fixtures)

#  30 people 500 m from home h, 10 farther with shop s1 (100 yuan), 60 in the next county with s2
#  (200 yuan); a new home in that county, and h closed
CHANGES = (
    Change("close", "h"),
    Change("add", "new-1", name="新院", type="nursing_home", lon=105.15, lat=35.05, beds=20,
           cost=6_000),
)  # fmt: skip
TAIPEI = Ask(rule="", standard_m=500, weight="aged_65")


def part(html: str, key: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser").select_one(f"#{key}").find_parent("section")


def tables(section) -> dict[str, list[list[str]]]:
    return {
        each.caption.get_text(strip=True): [
            [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
            for row in each.select("tbody tr")
        ]
        for each in section.select("table")
    }


@pytest.fixture(scope="module")
def shops(write, shop_folder):  # noqa: F811 (a fixture)
    return write(shop_folder, site="p=1", scenario=scenario_of(*CHANGES, note="县里提的"))[0]


@pytest.fixture(scope="module")
def taipei(write, taipei_folder):  # noqa: F811 (a fixture)
    changes = (Change("add", "new-1", name="新站", type="community_center", lon=121.55, lat=25.09),)
    return write(taipei_folder, ask=TAIPEI, site="p=5", scenario=scenario_of(*changes))


def test_the_best_shop_is_told_with_its_proof_its_price_and_what_else_there_is(shops):
    told = part(shops, "siting")
    said = told.get_text(" ", strip=True)
    assert "+60 人够得到：新建 1 处，从 30.0% 到 90.0%" in re.sub(r"\s+", " ", said)
    assert "已证明是最好的" in said
    assert "仍有 10 人够不到" in said
    ((rank, name, people, cost, each, other, loses),) = tables(told)["为什么在这里"]
    assert (rank, people, cost, each, loses) == ("1", "60", "200", "3.33", "少 50 人")
    assert name.endswith("2")
    assert other.endswith("1")
    asked = {row.dt.get_text(): row.dd.get_text() for row in told.select(".asked div")}
    assert asked["选几处"] == "1 处"
    assert asked["覆盖标准"] == "直线 1,000 米"
    assert asked["从哪里选"] == "导入的候选地点（2 处）"
    assert tables(told)["各地区，还是够不到的人最多的在前"][1][1:] == ["0", "60", "0"]


def test_each_trade_off_is_a_curve_with_its_table(shops):
    told = part(shops, "siting")
    curves = told.select(".curve img")
    heads = [each.get_text(strip=True) for each in told.select("h3")]
    assert {"多几处、少几处会怎样", "钱多、钱少会怎样"} <= set(heads)
    assert len(curves) == 2
    (by_sites, by_money) = [each for each in told.select("table")
                            if each.caption.get_text(strip=True) == "够得到的人"]  # fmt: skip
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")]
            for row in by_sites.select("tbody tr")]  # fmt: skip
    assert [row[:3] for row in rows] == [
        ["0", "30", "30.0%"], ["1 （这次）", "90", "90.0%"], ["2", "100", "100.0%"],
    ]  # fmt: skip
    money = [row.select("th, td")[:2] for row in by_money.select("tbody tr")]
    assert [cell.get_text(strip=True) for cell in money[-1]] == ["200 （这次）", "90"]
    for curve, table in zip(curves, (by_sites, by_money), strict=True):
        picture = ET.fromstring(base64.b64decode(curve["src"].partition(",")[2]))
        dots = [each for each in picture.iter() if each.tag.endswith("circle")]
        assert len(dots) == len(table.select("tbody tr"))


def test_a_scenario_is_told_before_and_after_change_by_change(shops):
    told = part(shops, "scenario")
    assert "县里提的" in told.get_text()
    found = tables(told)
    both = {row[0]: row[1:4] for row in found["改动前后"]}
    assert both["够得到的人"] == ["30", "60", "+30"]
    assert both["够得到的人占比"] == ["30.0%", "60.0%", "+30.0 个百分点"]
    assert both["床位（张，只算已知的）"] == ["10", "20", "+10"]
    shut, new = found["改动，和每项单独的作用"]
    assert shut[3:] == ["0", "−30", "未知", ""]
    assert new[3:] == ["+60", "0", "6,000", "100"]
    areas = {row[0]: row[1:4] for row in found["各地区，变化最大的在前"]}
    assert areas["乙区"] == ["60", "60", "0"]
    assert [each.get_text(strip=True) for each in told.select("figcaption")] == [
        "图 5 现在", "图 6 改动以后",
    ]  # fmt: skip


def test_before_and_after_are_drawn_to_one_scale_and_say_who_is_won_and_lost(shops):
    before, after = (
        ET.fromstring(base64.b64decode(each["src"].partition(",")[2]))
        for each in part(shops, "scenario").select(".pair img")
    )
    assert before.get("width") == after.get("width")
    said = [{each.text for each in picture.iter() if each.tag.endswith("text")}
            for picture in (before, after)]  # fmt: skip
    assert {"新够得到的人", "变得够不到的人"} <= said[1] - said[0]
    assert "1" in said[0]  # the closed home: it is no more on the other
    assert "2" in said[1] - said[0]


def test_a_scenario_without_changes_says_that_nothing_changes(write):
    told = part(write(scenario=scenario_of())[0], "scenario")
    assert "还没有改动" in told.get_text()
    assert "够得到的还是那些人" in told.get_text()
    assert all(row[3] == "0" for row in tables(told)["改动前后"] if "个百分点" not in row[3])


def test_a_report_without_plans_has_no_part_of_them(write):
    page = BeautifulSoup(write()[0], "html.parser")
    assert not page.select("#siting, #scenario")


def test_taipei_has_five_sites_proven_and_the_people_on_its_maps(taipei):
    html, found = taipei
    told = part(html, "siting")
    said = told.get_text(" ", strip=True)
    assert "已证明是最好的" in said
    assert "505 家" in said
    assert len(tables(told)["为什么在这里"]) == 5
    new = [int(row[2].replace(",", "")) for row in tables(told)["为什么在这里"]]
    total = int(re.search(r"\+([\d,]+) 人够得到", re.sub(r"\s+", " ", said))[1].replace(",", ""))
    assert sum(new) == pytest.approx(total, abs=3)  # each was rounded
    figures = BeautifulSoup(html, "html.parser").select("figure.map")
    assert [each.figcaption.get_text(strip=True)[:3] for each in figures] == [
        f"图 {n}" for n in range(1, 7)
    ]
    people = ET.fromstring(base64.b64decode(figures[1].img["src"].partition(",")[2]))
    (ground,) = [e for e in people.iter() if e.get("clip-path")]
    groups = [len(list(each)) for each in ground if each.get("stroke") in {"#0B5C80", "#7A1350"}]
    shown = found.demand[found.demand["people"] > 0]
    assert sum(groups) == len(shown)
    assert groups[1] == (shown["fraction"] < 0.5).sum()


def test_the_scenario_of_taipei_adds_up(taipei):
    found = tables(part(taipei[0], "scenario"))
    rows = [[int(cell.replace(",", "")) for cell in row[2:4]] for row in
            found["各地区，变化最大的在前"]]  # fmt: skip
    alone = int(found["改动，和每项单独的作用"][0][3].replace(",", "").lstrip("+"))
    assert sum(row[0] for row in rows) == pytest.approx(alone, abs=len(rows))
    assert sum(row[1] for row in rows) == 0


def test_both_plans_begin_a_page_of_their_own_in_the_pdf(shops):
    pytest.importorskip("weasyprint", exc_type=OSError)
    pypdf = pytest.importorskip("pypdf")
    from geomap.web.pdf import missing_for_pdf, pdf_of

    if missing_for_pdf():
        pytest.skip(f"PDF needs {missing_for_pdf()}")
    pages = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(pdf_of(shops))).pages]
    assert 8 <= len(pages) <= 16
    starts = ["".join(each.split())[:40] for each in pages[1:]]
    for title in ("下一家建在哪里", "如果这样改"):
        assert sum(title in each for each in starts) == 1, starts


def test_hostile_names_of_sites_and_changes_are_texts(write, hostile_plans):
    folder, scenario = hostile_plans
    html, _found = write(folder, site="p=3&equity=1", scenario=scenario)
    page = BeautifulSoup(html, "html.parser")
    assert not page.find_all(["script", "desc", "iframe"])
    for element in page.select("*"):
        assert not any(name.lower().startswith("on") for name in element.attrs), element
    text = part(html, "scenario").get_text()
    assert all(each in text for each in PAYLOADS)
    for picture in page.select("img"):
        drawn = ET.fromstring(base64.b64decode(picture["src"].partition(",")[2]))
        kinds = {each.tag.rpartition("}")[2] for each in drawn.iter()}
        assert kinds <= {"svg", "title", "defs", "pattern", "rect", "path", "clipPath", "g",
                         "circle", "text"}  # fmt: skip


def test_what_is_not_known_stays_unknown(write, hostile_plans):
    folder, _scenario = hostile_plans
    bare = scenario_of(Change("add", "new-1", name="新院", type="other", lon=105.3, lat=35.05))
    html, _found = write(folder, site="p=2&required=r0", scenario=bare)
    prices = {row[1]: row[3:5] for row in tables(part(html, "siting"))["为什么在这里"]}
    assert len(prices) == 2
    assert prices.pop(PAYLOADS[0]) == ["未知", "未知"]
    assert "未知" not in prices.popitem()[1]
    assert "1 处费用未知" in part(html, "siting").get_text()
    ((*_before, cost, _each),) = tables(part(html, "scenario"))["改动，和每项单独的作用"]
    assert cost == "未知"
    text = BeautifulSoup(html, "html.parser").get_text(" ")
    assert not re.search(r"\b(nan|None|NaN|inf)\b", text)


def test_plans_in_an_english_report_are_english(write, shop_folder):  # noqa: F811 (a fixture)
    html, _found = write(shop_folder, language="en", site="p=1", scenario=scenario_of(*CHANGES))
    for key in ("siting", "scenario"):
        told = part(html, key)
        for each in told.find_all(lang=True):
            each.decompose()
        assert re.findall("[\u4e00-\u9fff]+[^\\s]*", told.get_text(" ")) == []
