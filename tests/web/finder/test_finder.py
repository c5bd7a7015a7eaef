"""The finder page on the town, read as HTML; no script runs here."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from bs4 import BeautifulSoup


def soup(client, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return BeautifulSoup(answer.data, "html.parser")


def names(page: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in page.select(".card h3")]


def heading(page: BeautifulSoup) -> str:
    (only,) = page.select("h1")
    return only.get_text()


NEAR = ["江宁路颐养院", "静安社区照料中心", "南京西路福寿养老院", "Sunrise Villa"]


def test_a_place_lists_what_is_nearest_to_it(client):
    page = soup(client, "/?q=静安区")
    assert heading(page) == "静安区附近的养老机构"
    assert names(page) == NEAR
    said = [each.get_text(" ", strip=True) for each in page.select(".card .distance")]
    assert said == [
        "直线 100 米 步行约 3 分钟（估计）",
        "直线 480 米 步行约 13 分钟（估计）",
        "直线 1.4 公里 步行约 39 分钟（估计）",
        "直线 约 23 公里",
    ]
    status = page.select_one("[role=status]").get_text()
    assert status == "4 家，按离静安区中心的直线距离从近到远。另有 1 家位置未知。"


def test_a_picked_spot_does_the_same_and_is_rounded(client):
    page = soup(client, "/?lon=121.4500412&lat=31.2299999")
    assert names(page) == NEAR
    assert heading(page) == "您选的位置附近的养老机构"
    links = [a["href"] for a in page.select("#finder a[href]") if "lon=" in a["href"]]
    assert links
    assert {parse_qs(urlsplit(each).query)["lon"][0] for each in links} == {"121.45"}


def test_several_places_of_one_name_are_a_choice(client):
    page = soup(client, "/?q=鼓楼区")
    assert "哪一个" in heading(page)
    labels = [each.get_text() for each in page.select(".choices small")]
    assert labels == ["江苏省南京市鼓楼区", "福建省福州市鼓楼区"]
    chosen = soup(client, page.select_one(".choices a")["href"])
    assert heading(chosen) == "鼓楼区附近的养老机构"
    assert len(names(chosen)) == 4


def test_of_places_of_one_name_that_with_homes_near_it_is_meant(town, context):
    from geomap.settings import Settings
    from geomap.web.app import create_app
    from geomap.web.state import Service, Site, Snapshot

    columns = ["id", "adcode", "kind", "lon", "lat", "path"]
    rows = [
        ("510304", "510304", "county", 104.96, 29.36, "四川省自贡市大安区"),
        ("310106099", "310106099", "township", 121.452, 31.231, "上海市静安区大安区"),
    ]
    alike = pd.DataFrame(rows, columns=columns).assign(
        name="大安区", name_en=None, precision="county", population=None, aliases=None, rank=3
    )
    held = context | {"places": pd.concat([context["places"], alike], ignore_index=True)}
    load = partial(Snapshot, "1", town, Site(), held.__getitem__)
    app = create_app(settings=Settings(), service=Service(load, lambda: "1"))
    page = soup(app.test_client(), "/?q=大安区")
    assert heading(page) == "大安区附近的养老机构"
    assert page.select_one(".card .distance").get_text().startswith("直线 150 米")


def test_where_no_home_is_near_the_page_says_so_before_it_lists_the_nearest(client):
    page = soup(client, "/?lon=91.1&lat=29.65")
    assert page.select_one("[role=status]").get_text().startswith("这里附近没有机构。")
    assert names(page)


def test_part_of_a_name_lists_the_homes_that_bear_it(client):
    page = soup(client, "/?q=颐养")
    assert heading(page) == "名称里有“颐养”的养老机构"
    assert names(page) == ["江宁路颐养院"]
    assert not page.select(".card .distance")


def test_nothing_found_offers_a_way_on(client):
    page = soup(client, "/?q=无此地方xyz")
    assert heading(page) == "没有找到“无此地方xyz”"
    ways = page.select(".hints a")
    assert ways
    assert all(client.get(way["href"]).status_code == 200 for way in ways)


def test_without_a_question_all_are_listed_with_their_number(client):
    page = soup(client, "/")
    assert page.select_one("[role=status]").get_text().startswith("5 家，")
    assert len(names(page)) == 5
    assert names(page)[-1] == "没有位置的敬老院"
    assert "位置未知" in page.select(".card")[-1].get_text()


def test_what_is_unknown_has_its_own_word_and_look(client):
    card = soup(client, "/?q=静安社区照料中心").select_one(".card")
    assert card.select_one(".beds-unknown").get_text(strip=True) == "空床未知"
    unknown = [each.get_text() for each in card.select(".unknown")]
    assert unknown == ["可接收、月费、医疗、评级", "电话未知"]


def test_a_known_home_says_what_is_known(client):
    card = soup(client, "/?q=江宁路颐养院").select_one(".card")
    facts = {row.dt.get_text(): row.dd.get_text() for row in card.select(".facts > div")}
    assert facts == {
        "可接收": "自理、失智",
        "月费": "3,200–5,600 元",
        "医疗": "院内有医院或医务室",
        "评级": "国标四级（共五级）",
        "地址": "上海市静安区 江宁路 1 号",
    }
    assert card.select_one("a.primary")["href"] == "tel:02162000000"


def test_a_listed_home_carries_one_sober_sentence(client):
    card = soup(client, "/?q=南京西路福寿养老院").select_one(".card")
    assert card.select_one(".beds-full").get_text(" ", strip=True).startswith("已住满")
    assert card.select_one(".risk").get_text(" ", strip=True) == (
        "风险提示 2025年3月2日检查，已列入关注名单：消防设施不完善"
    )


def test_pages_hold_ten_and_name_the_next(make_client, facilities_of):
    many = facilities_of(
        [
            {
                "id": f"f{i:02}",
                "name": f"第{i}养老院",
                "type": "nursing_home",
                "lon": 121 + i / 100,
                "lat": 31.0,
            }
            for i in range(25)
        ]
    )
    client = make_client(many)
    seen, url = [], "/?lon=120.9&lat=31"
    while url:
        page = soup(client, url)
        shown = names(page)
        seen += shown
        following = page.select_one("a[rel=next]")
        url = following["href"] if following else None
    assert seen == [f"第{i}养老院" for i in range(25)]
    assert len(shown) == 5
    assert page.select_one("ol.cards")["start"] == "21"
    assert names(soup(client, "/?lon=120.9&lat=31&page=99")) == shown


@pytest.mark.parametrize(
    "query",
    [
        "lon=abc&lat=1",
        "lon=1",
        "lon=181&lat=1",
        "lon=nan&lat=nan",
        "type=hotel",
        "page=0",
        "page=x",
        "q=" + "x" * 201,
    ],
)
def test_what_cannot_be_read_is_a_page_with_a_way_on(client, query):
    page = soup(client, f"/?{query}", 400)
    text = page.main.get_text()
    assert "看不懂" in heading(page)
    assert "12345" in text
    assert page.select_one("main a.primary")["href"] == "/"
    assert "参数" not in text
    assert "{" not in text


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\ufeff", "\u2066", "\u00ad", "\u200d"])
def test_signs_that_nobody_sees_are_no_part_of_what_is_looked_for(client, sign):
    page = soup(client, f"/?q={sign}静安{sign}区{sign}")
    assert names(page) == NEAR
    assert sign not in page.get_text()
    assert len(names(soup(client, f"/?q={sign}"))) == len(names(soup(client, "/")))


def test_signs_that_join_stay_in_the_words_that_are_written_with_them(client):
    assert "می\u200cخواهم" in soup(client, "/?q=می\u200cخواهم\u200c").get_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("%00a", "显示不出来"), ("a%0Ab", "显示不出来"), ("%EE%80%80", "显示不出来"),
     ("长" * 201, "太长"), ("%00" + "长" * 201, "太长")],
)  # fmt: skip
def test_a_text_is_refused_for_what_is_wrong_with_it(client, text, reason):
    assert reason in soup(client, f"/?q={text}", 400).main.get_text()
    asked = client.post(
        "/find/suggestions", data=f"q={text}", content_type="application/x-www-form-urlencoded"
    )
    assert asked.status_code == 400
    assert reason in asked.text


def test_a_text_of_200_signs_may_carry_more_that_nobody_sees(client):
    assert client.get("/?q=" + "长" * 200 + "\u200b" * 9).status_code == 200


def test_unknown_and_empty_parameters_are_ignored(client):
    assert names(soup(client, "/?q=静安区&lon=&lat=&type=&page=&utm_source=x")) == NEAR


def test_the_map_gets_the_same_question(client):
    page = soup(client, "/?q=静安区&type=nursing_home&lang=en")
    source = urlsplit(page.select_one("iframe")["src"])
    assert source.path == "/map"
    assert parse_qs(source.query) == {"q": ["静安区"], "type": ["nursing_home"], "lang": ["en"]}


def test_the_list_stands_before_the_map_in_the_document(client):
    text = client.get("/?q=静安区").get_data(as_text=True)
    assert text.index('class="cards"') < text.index("<iframe")


def test_an_exact_address_is_not_repeated_in_the_title(client):
    page = soup(client, client.get("/?q=上海市静安区江宁路97号").headers["Location"])
    assert heading(page) == "您找的地址附近的养老机构"
    assert "97" not in page.title.get_text()


def test_places_lists_everything_a_name_may_mean(client):
    page = soup(client, "/places?q=静安")
    assert [each.get_text() for each in page.select("h2")] == ["地名", "机构"]
    for link in page.select(".choices a"):
        assert client.get(link["href"]).status_code == 200
    assert client.get("/places").status_code == 200
    assert soup(client, "/places?q=无此地方xyz").select(".button[href='/']")
