"""The page of one facility."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup

from geomap.data.platforms import Platform


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
    assert facts(page)["空床"].startswith("空床 6 张")
    assert sources["电话"] == "家属反馈 ·2025年6月28日"
    assert sources["地址"] == "民政部门公开名录 ·2025年3月31日"
    assert page.select_one("a.primary")["href"] == "tel:02162000000"


def test_a_group_of_one_source_names_it_once(client):
    page = soup(client, "/facilities/a")
    stay = page.select_one("[aria-labelledby=facts-stay]")
    said = stay.select_one(".group-source").get_text()
    assert said == "以上来源：民政部门公开名录 · 2025年3月31日"
    assert not stay.select(".source")


def test_when_it_was_last_checked_and_by_whom_stands_at_the_top(client):
    assert (
        soup(client, "/facilities/a")
        .select_one("h1 + .checked")
        .get_text()
        .startswith("最近核对：2025年6月28日，家属反馈。")
    )
    assert "没有说明来源，也没有核对日期。" in soup(client, "/facilities/e").get_text()


def test_each_known_value_is_listed_with_who_said_it(client):
    page = soup(client, "/facilities/a")
    said = {
        row.th.get_text(): [each.get_text() for each in row.select("td")]
        for row in page.select(".source-table tbody tr")
    }
    assert said["电话"] == ["家属反馈", "2025年6月28日"]
    assert said["床位总数"] == ["民政部门公开名录", "2025年3月31日"]
    assert "评级" in said
    assert "品牌" not in said


def test_every_column_has_its_place_on_the_page():
    from geomap.model.facility import FACILITIES
    from geomap.web.facility.fact_lines import columns_shown

    beside_others = {
        "name", "type", "beds_nursing", "beds_updated", "residents", "price_max",
        "rating_scheme", "inspection_result", "provenance",
    }  # fmt: skip
    assert columns_shown() | beside_others == set(FACILITIES.names)


def test_the_chief_unknowns_are_listed_as_unknown(client):
    page = soup(client, "/facilities/e")
    known = facts(page)
    chief = [
        "可接收",
        "空床",
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
    gathered = "、".join(row.dd.get_text() for row in page.select(".not-known")).split("、")
    assert all(known.get(name) == "未知" or name in gathered for name in chief)
    assert known["电话"] == "未知"  # beside an address that is known
    lesser = [row for row in page.select(".not-known") if "运营方" in row.get_text()]
    assert lesser[0].dt.get_text() == "还不知道"
    asked = page.select_one("[aria-labelledby=facts-costs] .group-source a")
    assert asked["href"] == "/facilities/e/report?about=costs"
    assert client.get(asked["href"]).status_code == 200


def test_what_officials_are_not_published_is_not_asked_for(client):
    assert "联系干部" not in soup(client, "/facilities/a").get_text()


def test_the_home_above_it_is_named_and_linked(make_client, facilities_of):
    rows = [
        {"id": "up", "name": "总院", "type": "nursing_home"},
        {"id": "down", "name": "分院", "type": "nursing_home", "parent_id": "up"},
        {"id": "lost", "name": "孤院", "type": "nursing_home", "parent_id": "gone"},
    ]
    client = make_client(facilities_of(rows))
    above = soup(client, "/facilities/down").find("dt", string="上级机构").find_next("dd")
    assert (above.get_text(strip=True), above.a["href"]) == ("总院", "/facilities/up")
    above = soup(client, "/facilities/lost").find("dt", string="上级机构").find_next("dd")
    assert (above.get_text(strip=True), above.a) == ("gone", None)


@pytest.mark.parametrize(
    ("values", "warned"),
    [
        ({"type": "nursing_home"}, True),
        ({"type": "nursing_home", "prepay_escrow": False}, True),
        ({"type": "nursing_home", "prepay_escrow": True, "price_min": 3000.0}, False),
        ({"type": "community_center"}, False),
        ({"type": "community_center", "price_max": 900.0}, True),
        ({"type": "rural_mutual_aid_home", "prepay_escrow": False}, False),
    ],
)
def test_families_are_warned_where_money_is_asked_and_nobody_holds_it(
    make_client, facilities_of, values, warned
):
    client = make_client(facilities_of([{"id": "x", "name": "某院", **values}]))
    box = soup(client, "/facilities/x").select_one("#before-paying")
    assert (box is not None) == warned
    if box:
        assert "养老院不是投资" in box.get_text()
        assert [each["href"] for each in box.select("a")] == [
            "tel:12345",
            "https://yanglao.mca.gov.cn/",
        ]


def test_a_home_without_a_place_says_so_and_shows_no_map(client):
    page = soup(client, "/facilities/e")
    assert "位置未知" in page.select_one("#way").get_text()
    assert not page.select("iframe")


def test_near_it_are_a_hospital_and_open_homes_of_the_same_type(make_client, facilities_of):
    def home(name: str, east: float, **more) -> dict:
        return {"id": name, "name": name, "type": "nursing_home", "lon": 121.45 + east,
                "lat": 31.23, **more}  # fmt: skip

    rows = [
        home("here", 0),
        home("shut", 0.001, status="closed"),
        home("planned", 0.002, status="planned"),
        home("other", 0.003, type="other"),
        home("open", 0.004, status="open"),
        home("unsaid", 0.005),
        home("third", 0.006),
        home("fourth", 0.007),
    ]
    near = soup(make_client(facilities_of(rows)), "/facilities/here").select_one(".nearby")
    assert [each.get_text() for each in near.select("h4")] == ["open", "unsaid", "third"]
    assert (
        near.select_one(".card .kind").get_text() == "养老院 · 直线 380 米，步行约 11 分钟（估计）"
    )
    hospital = near.select_one(".hospital").get_text(" ", strip=True)
    assert hospital.startswith("最近的医院 华东医院 直线")
    assert "步行约 4 分钟（估计）" in hospital


def test_homes_a_long_way_off_are_no_alternative(make_client, facilities_of):
    rows = [
        {"id": "a", "name": "甲", "type": "nursing_home", "lon": 121.45, "lat": 31.23},
        {"id": "b", "name": "乙", "type": "nursing_home", "lon": 122.45, "lat": 31.23},
    ]
    near = soup(make_client(facilities_of(rows)), "/facilities/a").select_one(".nearby")
    assert near.select("h4") == []


def test_every_map_of_others_is_a_link_that_loads_nothing_and_says_so(client):
    page = soup(client, "/facilities/a")
    links = page.select(".routes a")
    assert [each.get_text() for each in links] == [
        "手机里的地图", "高德地图", "百度地图", "天地图", "苹果地图", "谷歌地图",
    ]  # fmt: skip
    assert all({"external", "noopener", "noreferrer"} <= set(each["rel"]) for each in links)
    assert "别家公司" in page.select_one("#way").get_text()
    loaded = page.select("[src], link[href]:not([rel~=alternate])")
    assert all((each.get("src") or each["href"]).startswith("/") for each in loaded)
    assert not soup(client, "/facilities/e").select(".routes")


def test_without_scripts_a_picture_takes_the_place_of_the_map(client):
    page = soup(client, "/facilities/a")
    assert page.select_one("noscript link")["href"].startswith("/static/css/noscript.css")
    assert page.select_one("img.map-still")["src"] == "/facilities/a/map.svg"
    assert page.select_one("iframe.map-frame")["src"].startswith("/map?")


def test_the_link_to_share_tells_nothing_of_the_search(client):
    share = soup(client, "/facilities/a?q=静安区&lang=en").select_one("a.share")
    assert share["href"] == "/facilities/a?lang=en"
    assert share["data-share"] == "http://localhost/facilities/a?lang=en"


def test_the_way_back_and_the_distance_remember_the_search(client):
    card = soup(client, "/?q=静安区&type=community_center").select_one(".card h3 a")
    page = soup(client, card["href"])
    assert "离静安区中心直线 480 米。步行约 13 分钟（估计）。" in "".join(
        each.get_text() for each in page.select("#way .hint")
    )
    back = soup(client, page.select_one(".back a")["href"])
    assert back.h1.get_text() == "静安区附近的养老机构"
    assert [each.get_text() for each in back.select(".card h3")] == ["静安社区照料中心"]


def test_a_rough_place_says_so(client):
    text = soup(client, "/facilities/d?lon=121.45&lat=31.23").select_one("#way").get_text()
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
    from geomap.web.facility.contacts import dial

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
    from geomap.web.facility.contacts import web_address

    assert web_address(text) is None


def test_a_home_leads_to_the_platforms_of_its_county_and_of_the_country(make_client, town):
    from geomap.web.state import Site

    county = Platform("310106", "静安区民政局", "https://a.example/", date(2025, 3, 1))
    other = Platform("310115", "浦东新区民政局", "https://b.example/", None)
    client = make_client(town, site=Site(platforms=(other, county)))
    page = soup(client, "/facilities/a")
    said = [each.get_text(" ", strip=True) for each in page.select(".authorities li")]
    assert "静安区民政局" in said[0]
    assert "2025年3月1日" in said[0]
    assert "全国养老服务信息平台" in said[1]
    assert len(said) == 2


def test_a_home_leads_to_the_site_of_its_province_and_the_data_page_names_the_list(tmp_path, town):
    from geomap.data.store.difference import Origin
    from geomap.data.store.workspace import Workspace
    from geomap.model.facility import FACILITIES
    from geomap.web.app import create_app

    workspace = Workspace.create(tmp_path / "office")
    origin = Origin("list.csv", "0" * 64)
    workspace.apply(
        town, FACILITIES, origin=origin, at=datetime(2026, 1, 1, tzinfo=UTC), who="test"
    )
    workspace.publish()
    client = create_app(workspace.folder).test_client()
    links = soup(client, "/facilities/a").select(".authorities a")
    assert [each["href"] for each in links] == [
        "https://mzj.sh.gov.cn/",
        "https://yanglao.mca.gov.cn/",
    ]
    assert "上海市民政局" in links[0].get_text()
    assert "各省民政部门的官方网站" in soup(client, "/about").get_text()
