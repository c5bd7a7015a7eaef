"""The comparison: what it shows of up to four homes, and what it says of the rest."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from geomap.web.keeping.compare_rows import least

SVG = "{http://www.w3.org/2000/svg}"


def soup(client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def row(page: BeautifulSoup, key: str) -> list[str]:
    cells = page.select(f"tr.row-{key} td .has")
    return [" ".join(each.get_text(" ", strip=True).split()) for each in cells]


@given(st.lists(st.none() | st.floats(0, 1e6)))
def test_the_unknown_is_never_the_least_nor_makes_another_one_so(values):
    known = [each for each in values if each is not None]
    marked = [value for value, best in zip(values, least(values), strict=True) if best]
    assert set(marked) == ({min(known)} if len(set(known)) > 1 else set())
    assert least([*values, None])[: len(values)] == least(values)


def test_two_homes_stand_side_by_side_with_their_letters(client):
    page = soup(client, "/compare?ids=a,c&q=静安区")
    assert page.h1.get_text() == "对比 2 家机构"
    heads = [each.get_text(" ", strip=True) for each in page.select("thead th:not(.what)")]
    assert heads == ["A 江宁路颐养院", "B 南京西路福寿养老院"]
    labels = [each.get_text() for each in page.select("tbody th")]
    assert labels[:9] == [
        "类型", "空床", "直线距离", "月费", "可接收", "失智照护", "医疗", "评级", "风险提示",
    ]  # fmt: skip
    assert "7月1日更新" in row(page, "beds")[0]
    assert "已住满" in row(page, "beds")[1]
    assert row(page, "distance") == ["100 米 （最近）", "1.4 公里"]
    assert row(page, "price") == ["3,200–5,600 元", "未知"]
    assert row(page, "dementia") == ["有", "未知"]
    assert "消防设施不完善" in row(page, "risk")[1]
    assert page.select("tr.row-price .unknown")


def test_a_fee_that_is_the_lowest_says_so_and_that_others_are_not_known(make_client, facilities_of):
    homes = [
        {"id": "x", "name": "甲", "type": "other", "price_min": 1800.0},
        {"id": "y", "name": "乙", "type": "other", "price_min": 2600.0},
        {"id": "z", "name": "丙", "type": "other", "price_max": 900.0},
    ]
    client = make_client(facilities_of(homes))
    assert row(soup(client, "/compare?ids=x,y"), "price") == ["1,800 元起 （最低）", "2,600 元起"]
    said = row(soup(client, "/compare?ids=x,y,z"), "price")
    assert said == ["1,800 元起 （已知的里最低）", "2,600 元起", "最高 900 元"]


def test_a_home_whose_place_is_rough_is_neither_nearest_nor_farther(client):
    page = soup(client, "/compare?ids=d,a,c&lon=121.45&lat=31.23")
    far = row(page, "distance")
    assert far[0].startswith("约 23 公里")
    assert far[1:] == ["100 米 （已知的里最近）", "1.4 公里"]


def test_what_is_known_of_no_home_is_gathered_in_one_line(make_client, facilities_of):
    homes = [
        {"id": "x", "name": "甲养老院", "type": "other", "price_min": 1800.0},
        {"id": "y", "name": "乙养老院", "type": "other"},
    ]
    client = make_client(facilities_of(homes))
    page = soup(client, "/compare?ids=x,y")
    line = page.select_one("tr.row-unknown")
    assert line.th.get_text() == "各家都未知"
    assert line.td["colspan"] == "2"
    said = line.select_one(".unknown").get_text().split("、")
    assert {"空床", "医疗", "评级"} <= set(said)
    labels = [each.get_text() for each in page.select("tbody th")]
    assert not set(said) & set(labels)
    assert "月费" in labels
    alone = soup(client, "/compare?ids=y")
    assert alone.select_one("tr.row-unknown th").get_text() == "还不知道"


def test_a_home_without_a_telephone_says_so_apart_from_its_button(client):
    cells = soup(client, "/compare?ids=a,e").select("tr.row-call td")
    assert cells[0].select_one(".number").get_text() == "021-6200 0000"
    assert cells[1].select_one(".has").get_text(strip=True) == "电话未知"
    assert [each.get_text(strip=True) for each in cells[1].select(".compare-actions a")] == [
        "移出对比B"
    ]


def test_answers_name_their_home_shortly_for_narrow_screens_and_its_letter(client):
    page = soup(client, "/compare?ids=a,c")
    names = [each.get_text(" ", strip=True) for each in page.select("tr.row-type .who")]
    assert names == ["A 江宁路", "B 南京西路…"]
    assert {each["aria-hidden"] for each in page.select(".who")} == {"true"}


def test_without_a_searched_place_there_is_no_distance(client):
    for url in ("/compare?ids=a,c", "/compare?ids=a,c&q=无此地方xyz", "/compare?ids=a,c&q=鼓楼区"):
        assert not soup(client, url).select("tr.row-distance")


def test_what_says_where_somebody_lives_is_not_taken_as_a_place(client):
    page = soup(client, "/compare?ids=a,c&q=静安区江宁路97号")
    assert not page.select("tr.row-distance")
    assert "97" not in page.main.decode()


def test_only_what_differs_is_shown_where_that_is_asked(client):
    every = soup(client, "/compare?ids=a,c")
    link = every.find("a", string="只看不同的项目")
    page = soup(client, link["href"])
    keys = {each["class"][0] for each in page.select("tbody tr")}
    assert "row-type" not in keys
    assert {"row-beds", "row-price", "row-risk"} <= keys
    left_out = len(every.select("tbody tr")) - len(page.select("tbody tr"))
    assert f"有 {left_out} 项各家都一样" in page.main.get_text()
    assert page.find("a", string="看全部项目")


def test_a_fifth_home_and_unknown_ids_are_named_and_the_rest_is_shown(client):
    page = soup(client, "/compare?ids=a,b,c,d,e,zz%3Cb%3E,zz")
    assert len(page.select("thead th:not(.what)")) == 4
    said = page.select_one(".compare-said").get_text(" ", strip=True)
    assert "没有位置的敬老院" in said
    assert "zz<b>" in said
    gone = page.select(".compare-said a")[-1]["href"]
    assert parse_qs(urlsplit(gone).query)["ids"] == ["a,b,c,d,e,zz<b>"]


def test_no_ids_say_what_to_do_next(client):
    page = soup(client, "/compare")
    assert page.h1.get_text() == "还没有要对比的机构"
    assert page.main.select_one("a.primary")["href"] == "/"
    assert not page.select("table")


def test_without_ids_the_homes_of_this_browser_are_compared_under_an_address_to_share(visitor):
    visitor.set_cookie("geomap_compare", "a!c")
    answer = visitor.get("/compare?q=静安区&lang=en")
    assert answer.status_code == 303
    asked = urlsplit(answer.headers["Location"])
    assert parse_qs(asked.query) == {"ids": ["a,c"], "q": ["静安区"], "lang": ["en"]}
    assert visitor.get("/compare?none=1").status_code == 200


def test_taking_one_out_can_be_undone_in_the_cookie_and_in_the_address(visitor):
    visitor.set_cookie("geomap_compare", "a!c")
    page = soup(visitor, "/compare?ids=a,c,d")
    form = page.select_one("form.take-out")
    sent = {each["name"]: each["value"] for each in form.select("input, button")}
    after = visitor.post(form["action"], data=sent).headers["Location"]
    assert visitor.get_cookie("geomap_compare").value == "c"
    page = soup(visitor, after)
    assert "已移出对比：江宁路颐养院" in page.select_one("[role=status]").get_text()
    undo = page.select_one(".compare-said form")
    sent = {each["name"]: each["value"] for each in undo.select("input, button")}
    back = visitor.post(undo["action"], data=sent).headers["Location"]
    assert visitor.get_cookie("geomap_compare").value == "a!c"
    assert parse_qs(urlsplit(back).query)["ids"] == ["a,c,d"]
    link = soup(visitor, back).select("tr.row-call a.button:not(.primary)")[-1]
    page = soup(visitor, link["href"])
    assert len(page.select("thead th:not(.what)")) == 2
    undo = urlsplit(page.select_one(".compare-said a")["href"])
    assert parse_qs(undo.query)["ids"] == ["a,c,d"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_elder_mode_shows_one_home_after_another(visitor, language):
    visitor.set_cookie("geomap_elder", "big-white")
    page = soup(visitor, f"/compare?ids=a,c,e&q=静安区&lang={language}")
    assert not page.select("table")
    assert [each.get_text() for each in page.select(".one-home .letter")] == ["A", "B", "C"]
    assert len(page.select("h1")) == 1
    assert len(page.select(".one-home .elder-actions")) == 3


@pytest.mark.usefixtures("without_boundaries")
def test_the_map_names_each_home_by_its_letter(client):
    page = soup(client, "/compare?ids=a,e,c&q=静安区")
    source = page.select_one("img.map-picture")["src"]
    small = client.get(page.select_one("picture source")["srcset"])
    assert ET.fromstring(small.data).get("width") == "400"
    answer = client.get(source)
    assert answer.mimetype == "image/svg+xml"
    texts = {each.text for each in ET.fromstring(answer.data).iter(f"{SVG}text")}
    assert texts & {"A", "B", "C", "D"} == {"A", "C"}
    assert client.get("/compare/map.svg?ids=e").status_code == 404
    assert not soup(client, "/compare?ids=e").select("img.map-picture")
