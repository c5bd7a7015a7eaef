"""The page of one facility."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup


def soup(client, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status
    return BeautifulSoup(answer.data, "html.parser")


def facts(page: BeautifulSoup) -> dict[str, str]:
    return {
        row.dt.get_text(): row.select_one(".value").get_text()
        for row in page.select(".fact-table > div")
    }


def test_everything_known_stands_with_its_source_and_day(client):
    page = soup(client, "/facilities/a")
    sources = {
        row.dt.get_text(): row.select_one(".source").get_text(strip=True)
        for row in page.select(".fact-table > div")
        if row.select_one(".source")
    }
    assert facts(page)["床位"] == "共 120 张，护理型 86 张，入住 114 人"
    assert sources["床位"] == "民政部门公开名录 ·2025年3月31日"
    assert sources["电话"].startswith("家属反馈")
    assert page.select_one("a.primary")["href"] == "tel:02162000000"


def test_the_chief_unknowns_are_listed_as_unknown(client):
    page = soup(client, "/facilities/e")
    known = facts(page)
    chief = [
        "可接收",
        "床位",
        "接收自费老人",
        "每月",
        "预付款第三方存管",
        "医疗",
        "服务",
        "评级",
        "检查",
        "关注名单",
        "消防合格证明",
        "电话",
    ]
    assert {name: known[name] for name in chief} == dict.fromkeys(chief, "未知")
    assert len(page.select(".value .unknown")) == len(chief)
    assert "运营方" not in known


def test_a_home_without_a_place_says_so_and_shows_no_map(client):
    page = soup(client, "/facilities/e")
    assert "位置未知" in page.select_one("#map").get_text()
    assert not page.select("iframe")


def test_near_it_are_the_next_homes_and_a_hospital(client):
    page = soup(client, "/facilities/b")
    near = page.select_one(".nearby")
    assert [each.get_text() for each in near.select("h3")] == [
        "江宁路颐养院",
        "南京西路福寿养老院",
        "Sunrise Villa",
    ]
    assert (
        near.select_one(".hospital")
        .get_text(" ", strip=True)
        .startswith("最近的医院 华东医院 直线")
    )


def test_the_way_back_and_the_distance_remember_the_search(client):
    card = soup(client, "/?q=静安区&type=community_center").select_one(".card h3 a")
    page = soup(client, card["href"])
    assert "离静安区中心直线 480 米。" in page.select_one("#map").get_text()
    back = soup(client, page.select_one(".back a")["href"])
    assert back.h1.get_text() == "静安区附近的养老机构"
    assert [each.get_text() for each in back.select(".card h3")] == ["静安社区照料中心"]


def test_a_rough_place_says_so(client):
    text = soup(client, "/facilities/d?lon=121.45&lat=31.23").select_one("#map").get_text()
    assert "约 23 公里" in text
    assert "位置只精确到乡镇街道。" in text


def test_an_unknown_home_is_a_page_with_a_way_on(client):
    page = soup(client, "/facilities/nobody", 404)
    assert page.h1.get_text() == "没有找到这一页"
    assert page.select_one("main a.primary")["href"] == "/"


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("021-6200 0000", "02162000000"),
        ("(021)62000000转8", "02162000000"),
        ("+86 21 6200", "+86216200"),
        ("62000000/62000001", "62000000"),
        ("12345", "12345"),
        ("不详", None),
        ("٠١٢٣٤", None),
    ],
)
def test_the_first_number_is_dialled(phone, dialled):
    from geomap.web.contacts import dial

    assert dial(phone) == dialled


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        " https://a",
        "//a.b",
        "ftp://a",
        "https://a\nb",
        None,
    ],
)
def test_only_plain_web_addresses_are_links(text):
    from geomap.web.contacts import web_address

    assert web_address(text) is None
