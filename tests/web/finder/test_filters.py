"""Filters on the finder and in the API: counts, chips, what is not known, and ways on."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup


def soup(client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return BeautifulSoup(answer.data, "html.parser")


def names(page: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in page.select(".card h3")]


def options(page: BeautifulSoup, name: str) -> dict[str, str]:
    found = {}
    for box in page.select(f"#filters input[name={name}]"):
        count = box.find_parent("label").select_one(".count")
        found[box["value"]] = count.get_text() if count else ""
    return found


def status(page: BeautifulSoup) -> str:
    return page.select_one("[role=status]").get_text()


def test_every_choice_says_how_many_it_would_leave(client):
    page = soup(client, "/?q=静安区")
    assert options(page, "beds") == {"free": "1", "full": "1", "unknown": "2"}
    assert options(page, "medical") == {"inhouse": "1", "partner": "0", "none": "0", "unknown": "3"}
    assert options(page, "rating") == {"national|4": "1", "unknown": "3"}
    assert options(page, "type")["nursing_home"] == "2"
    assert "unknown" not in options(page, "type")
    assert options(page, "within")["500"] == "2"


def test_a_filter_lists_what_surely_fits_and_tells_of_what_may(client):
    page = soup(client, "/?q=静安区&beds=free")
    assert names(page) == ["江宁路颐养院"]
    assert status(page) == "1 家符合。另有 2 家信息不全，可能符合。"
    perhaps = soup(client, page.select_one(".unsure a")["href"])
    assert names(perhaps) == ["静安社区照料中心", "Sunrise Villa"]
    back = soup(client, perhaps.select_one(".unsure a")["href"])
    assert names(back) == ["江宁路颐养院"]


def test_the_unknown_is_a_choice_of_its_own(client):
    page = soup(client, "/?q=静安区&beds=free&beds=unknown")
    assert names(page) == ["江宁路颐养院", "静安社区照料中心", "Sunrise Villa"]
    assert names(soup(client, "/?q=静安区&beds=unknown")) == ["静安社区照料中心", "Sunrise Villa"]


def test_each_filter_in_force_can_be_dropped(client):
    page = soup(client, "/?q=静安区&beds=free&accepts=dementia&within=2000&type=nursing_home")
    chips = page.select("#applied a")
    assert [chip.contents[0].strip() for chip in chips] == [
        "养老院", "有空床", "失智", "直线 2 公里内", "全部清除",
    ]  # fmt: skip
    without_beds = soup(client, chips[1]["href"])
    assert not without_beds.select("#filters input[value=free][checked]")
    assert without_beds.select("#filters input[value=dementia][checked]")
    assert len(names(soup(client, chips[-1]["href"]))) == 4


def test_the_form_works_without_a_script(client):
    page = soup(client, "/?q=静安区&beds=free&sort=price")
    form = page.select_one("#filter-form")
    kept = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    assert kept == {"q": "静安区", "sort": "price"}
    assert form.select_one("button[type=submit]").get_text() == "看 1 家结果"
    checked = [each["value"] for each in form.select("input[checked]") if each["value"]]
    assert checked == ["free", "20000"]  # sorted by price, a list ends at 20 km unless told


def test_nothing_that_fits_names_the_filters_to_drop(client):
    page = soup(client, "/?q=静安区&beds=full&medical=inhouse&within=500")
    assert names(page) == []
    hints = [each.get_text(strip=True) for each in page.select(".hints p")]
    assert hints[0] == "没有同时符合这 3 个条件的机构。"
    assert "不限空床：有 1 家" in hints
    assert hints[-1] == "清除全部条件"
    for way in page.select(".hints a")[:-1]:
        promised = re.search(r"有 (\d+) 家", way.get_text())[1]
        assert len(names(soup(client, way["href"]))) == int(promised)


def test_a_walk_is_an_estimate_and_shorter_than_the_straight_distance_says(client):
    assert names(soup(client, "/?q=静安区&walk=10")) == ["江宁路颐养院"]
    assert names(soup(client, "/?q=静安区&walk=15")) == ["江宁路颐养院", "静安社区照料中心"]


@pytest.mark.parametrize(("order", "first"), [("price", "江宁路颐养院"), ("beds", "江宁路颐养院")])
def test_the_unknown_comes_last_in_every_order(client, order, first):
    found = names(soup(client, f"/?q=静安区&sort={order}&within=50000"))
    assert found[0] == first
    assert found[-1] == "Sunrise Villa"
    assert len(found) == 4


def test_the_map_shows_what_the_list_counts(client):
    tile = "/tiles/clusters/0/0/0.json"

    def counted(url):
        return sum(each["count"] for each in client.get(url).json["clusters"])

    assert counted(f"{tile}?beds=free") == 1
    assert counted(f"{tile}?beds=free&unsure=1") == 2
    assert counted(f"{tile}?beds=free,unknown&without=a") == 2
    assert counted(f"{tile}?beds=free&without=b") == 1  # b is not there to be left out
    assert client.get(f"{tile}?beds=nonsense").status_code == 400


def test_the_api_filters_by_the_same_names(client):
    def found(query):
        return [each["id"] for each in client.get(f"/api/v1/{query}").json["features"]]

    assert found("facilities?beds=free") == ["a"]
    assert found("facilities?beds=free,unknown") == ["a", "b", "d", "e"]
    assert found("facilities?accepts=dementia&accepts=self_care&price=3200") == ["a"]
    assert found("nearest?lon=121.45&lat=31.23&rating=national|4") == ["a"]


@pytest.mark.parametrize(
    "query", ["beds=many", "beds=", "price=-5", "price=1e3", "rating=national|9", "walk=5"]
)
def test_the_api_refuses_what_is_no_choice_by_name(client, query):
    answer = client.get(f"/api/v1/facilities?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["beds=many", "within=-1", "walk=0", "sort=best", "price=x"])
def test_the_page_says_which_filter_it_does_not_understand(client, query):
    answer = client.get(f"/?q=静安区&{query}")
    assert answer.status_code == 400
    assert "看不懂" in answer.get_data(as_text=True)


@pytest.mark.parametrize("cookie", [None, "big-white"])
def test_a_choice_of_places_says_nothing_of_filters(client, cookie):
    visitor = client.application.test_client()
    if cookie:
        visitor.set_cookie("geomap_elder", cookie)
    page = soup(visitor, "/?q=鼓楼区")
    assert len(page.select(".choices a")) == 2
    assert "条件" not in page.select_one("main").get_text()
