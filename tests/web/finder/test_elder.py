"""Elder mode: the switch, its cookie, and what its pages hold; no script runs here."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

STATIC = Path(__file__).parents[3] / "static"
COOKIE = "geomap_elder"
PAGES = ["/", "/?q=静安区", "/places", "/places?q=静安", "/facilities/a", "/about",
         "/accessibility", "/elder", "/check", "/nothing", "/?lon=x", "/favourites",
         "/compare?ids=a,c", "/compare", "/booklet", "/booklet?adcode=310106"]  # fmt: skip


@pytest.fixture
def elder(visitor):
    visitor.set_cookie(COOKIE, "big-white")
    return visitor


def soup(client, url: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(url).data, "html.parser")


def kept(client) -> str | None:
    cookie = client.get_cookie(COOKIE)
    return None if cookie is None else cookie.value


@pytest.mark.shows("entry")
@pytest.mark.shows("no-script")
@pytest.mark.parametrize("url", PAGES)
def test_every_page_has_the_switch_at_its_top_and_it_leads_back(visitor, url):
    page = soup(visitor, url)
    form = page.header.select_one("form[method=post]:has(button[name=size])")
    assert form.button.get_text() == "长辈版"
    target = form.select_one("[name=next]")["value"]
    asked = urlsplit(target)
    assert (asked.path, parse_qs(asked.query)) == (
        urlsplit(url).path,
        parse_qs(urlsplit(url).query),
    )
    answer = visitor.post(form["action"], data={"size": "big", "next": target})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == parse_qs(asked.query)
    assert kept(visitor) == "big-white"


@pytest.mark.shows("entry")
@pytest.mark.parametrize(
    "name", ["长辈版", "关怀版", "亲情版", "大字版", " Elder  Mode ", "長輩版"]
)
def test_a_search_for_elder_mode_switches_it_on(visitor, name):
    answer = visitor.post("/find", data={"q": name})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/elder")
    assert kept(visitor) == "big-white"
    assert soup(visitor, "/elder").h1.get_text() == "长辈版已经打开"


def test_an_address_that_asks_for_elder_mode_leads_to_its_switch_and_changes_nothing(visitor):
    answer = visitor.get("/?q=长辈版")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/elder")
    assert kept(visitor) is None
    assert len(soup(visitor, "/elder").select(".elder-panel [name=size]")) == 3


@pytest.mark.shows("undo")
def test_each_choice_is_kept_beside_the_others_and_can_be_taken_back(visitor):
    for wish, value in [
        ({"size": "biggest"}, "biggest-white"),
        ({"ground": "black"}, "biggest-black"),
        ({"line": "1"}, "biggest-black-line"),
        ({"pointer": "1"}, "biggest-black-pointer-line"),
        ({"line": "0", "size": "huge", "ground": "<b>"}, "biggest-black-pointer"),
        ({"size": "bigger"}, "bigger-black-pointer"),
        ({"ground": "white", "pointer": "0"}, "bigger-white"),
    ]:
        visitor.post("/elder", data=wish)
        assert kept(visitor) == value
    visitor.post("/elder", data={"off": "1"})
    assert kept(visitor) is None
    assert not soup(visitor, "/").html.has_attr("data-size")


@pytest.mark.parametrize(
    "target",
    ["https://example.org/", "//example.org/", "/\\example.org", "\\\\example.org", "javascript:x",
     "/\t/example.org", "/a\r\nSet-Cookie: x=1", "example.org", "", "/" + "a" * 3000],
)  # fmt: skip
def test_the_switch_never_leads_to_another_site(visitor, target):
    answer = visitor.post("/elder", data={"size": "big", "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_page_of_another_site_switches_nothing(visitor):
    visitor.post("/elder", data={"size": "big"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert kept(visitor) is None


@pytest.mark.parametrize(
    "value", ["", "big", "huge-white", "big-blue", "<script>", "big-white" * 99]
)
def test_a_cookie_that_is_not_ours_changes_no_page(visitor, value):
    visitor.set_cookie(COOKIE, value)
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert b"data-size" not in answer.data


@pytest.mark.parametrize("url", PAGES)
def test_caches_know_that_pages_differ_by_the_cookie_and_by_the_language(visitor, url):
    answer = visitor.get(url)
    assert {"Cookie", "Accept-Language"} <= set(answer.vary)
    assert re.search("no-cache|no-store", answer.headers["Cache-Control"])


@pytest.mark.shows("help")
@pytest.mark.parametrize("url", PAGES)
def test_each_page_has_one_row_of_tools_one_heading_and_a_number_to_call(elder, url):
    page = soup(elder, url)
    assert page.html["data-size"] == "big"
    tools = [each.get_text(" ", strip=True) for each in page.select(".elder-row > *")]
    assert [tools[0].split()[0], tools[1], tools[2].split()[0]] == ["字号", "朗读", "退出"]
    assert page.select_one("#read-aloud").has_attr("hidden")
    assert len(page.select("h1")) == 1
    assert page.footer.select_one("li a")["href"] == "tel:12345"
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.shows("help")
@pytest.mark.parametrize("url", PAGES)
def test_the_number_to_call_stands_first_in_every_footer(visitor, url):
    assert soup(visitor, url).footer.select_one("li a")["href"] == "tel:12345"


def test_the_start_offers_few_large_choices_and_a_field(elder):
    page = soup(elder, "/")
    said = [each.get_text(strip=True) for each in page.main.select(".main-choice")]
    assert said == ["找离我近的养老院", "找有空床的养老院", "看我收藏的", "打电话问人：12345"]
    assert page.main.select_one("form[role=search] label[for=q]")
    assert not page.select("iframe, .card")


def test_the_list_shows_one_home_at_a_time_and_leads_to_its_neighbours(elder):
    names, url = [], "/?q=静安区"
    for number in range(1, 5):
        page = soup(elder, url)
        assert page.h1.get_text() == f"第 {number} 家，共 4 家"
        (card,) = page.select(".card")
        names.append(card.h2.get_text())
        url = (page.select_one("[rel=next]") or {"href": ""})["href"]
    assert names == ["江宁路颐养院", "静安社区照料中心", "南京西路福寿养老院", "Sunrise Villa"]
    assert url == ""
    assert "最后一家" in page.main.get_text()
    before = soup(elder, page.select_one("[rel=prev]")["href"])
    assert before.h1.get_text() == "第 3 家，共 4 家"


def test_a_home_that_is_not_there_is_the_last_one_or_the_first(elder):
    for at, number in [("99", 4), ("0", 1), ("x", 1), ("999999999999", 1)]:
        assert soup(elder, f"/?q=静安区&at={at}").h1.get_text() == f"第 {number} 家，共 4 家"


def test_no_map_is_opened_before_it_is_asked_for(elder):
    page = soup(elder, "/?q=静安区")
    assert not page.select("iframe")
    opens = page.find("a", string=re.compile("看地图和走法")) or page.select_one(
        ".elder-actions .outlined"
    )
    home = soup(elder, page.select_one(".card h2 a")["href"])
    assert not home.select("iframe")
    with_map = soup(elder, opens["href"])
    assert len(with_map.select("iframe")) == 1
    assert with_map.select_one("#" + urlsplit(opens["href"]).fragment)


def test_filters_of_the_address_hold_and_are_named(elder):
    page = soup(elder, "/?q=静安区&beds=free")
    assert page.h1.get_text() == "第 1 家，共 1 家"
    assert "有空床" in page.main.select_one("[role=status]").get_text()
    assert page.main.select_one("[name=beds]")["value"] == "free"


def test_a_wish_is_kept_while_one_says_where(elder):
    page = soup(elder, "/places?beds=free")
    form = page.main.select_one("form[role=search]")
    sent = {each["name"]: each.get("value", "") for each in form.select("input")} | {"q": "静安区"}
    answer = elder.post(form["action"], data=sent)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {
        "q": ["静安区"],
        "beds": ["free"],
    }


def test_several_places_of_one_name_and_nothing_found_offer_a_way_on(elder):
    several = soup(elder, "/?q=鼓楼区")
    assert len(several.select(".choices a")) == 2
    assert not several.select(".card")
    nothing = soup(elder, "/?q=无此地方xyz")
    assert nothing.select(".hints a")
    assert nothing.select_one("form[role=search]")


@pytest.mark.shows("no-popup")
@pytest.mark.shows("no-limit")
@pytest.mark.parametrize("url", PAGES)
def test_nothing_pops_up_and_nothing_changes_by_itself(elder, url):
    page = soup(elder, url)
    assert not page.select("dialog, [popover], meta[http-equiv=refresh], [autoplay], [autofocus]")
    assert not page.select("[target=_blank], marquee, blink, video, audio")


@pytest.mark.shows("no-popup")
@pytest.mark.shows("no-limit")
def test_the_scripts_of_elder_mode_open_nothing_and_set_no_clock():
    for name in ("elder.js", "elder_reading.js"):
        script = (STATIC / "js" / name).read_text()
        assert not re.search(
            r"setTimeout|setInterval|alert\(|confirm\(|prompt\(|window\.open|showModal", script
        )


@pytest.mark.shows("motion")
def test_the_styles_of_elder_mode_move_nothing():
    for name in (
        "elder.css",
        "elder-map.css",
        "base.css",
        "tokens.css",
        "finder.css",
        "facility.css",
    ):
        style = (STATIC / "css" / name).read_text()
        found = re.findall(
            r"(?:^|[;{\s])(animation|transition|scroll-behavior)[\w-]*\s*:\s*([^;]+);", style
        )
        assert [each for each in found if "none" not in each[1]] == [], name


@pytest.mark.shows("colour")
def test_each_state_of_beds_has_its_own_words_and_its_own_picture(facilities_of, make_client):
    today = "2099-01-01"
    rows = [
        {"id": "free", "name": "甲", "beds_available": 3, "beds_updated": today},
        {"id": "stale", "name": "乙", "beds_available": 3, "beds_updated": "2020-01-01"},
        {"id": "full", "name": "丙", "beds_available": 0, "beds_updated": today},
        {"id": "unknown", "name": "丁"},
    ]
    client = make_client(facilities_of([{"type": "nursing_home", **each} for each in rows]))
    chips = soup(client, "/").select(".card .beds")
    assert len({each.get_text(" ", strip=True) for each in chips}) == 4
    assert len({str(each.svg) for each in chips}) == 4


def test_an_english_page_of_elder_mode_is_english(elder):
    page = soup(elder, "/?lang=en")
    assert page.h1.get_text() == "What would you like to do?"
    links = [a["href"] for a in page.select("a[href^='/']") if not a.get("hreflang")]
    assert all("lang=en" in each for each in links)
    assert "lang=en" in page.select_one(".elder-off")["action"]


def test_switching_off_takes_back_the_very_cookie_also_below_a_path(visitor):
    def paths(data):
        answer = visitor.post("/elder", data=data, environ_overrides={"SCRIPT_NAME": "/care"})
        return re.findall(r"Path=([^;]*)", answer.headers["Set-Cookie"])

    assert paths({"size": "big"}) == paths({"off": "1"}) == ["/care"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_cannot_switch_it(visitor, headers):
    visitor.post("/elder", data={"size": "big"}, headers=headers)
    assert kept(visitor) is None


def test_homes_found_by_words_that_no_address_may_hold_are_turned_by_post(elder, monkeypatch):
    from geomap.web.finder import find_form

    monkeypatch.setattr(find_form, "is_public", lambda _: False)
    monkeypatch.setattr(find_form, "private_spot", lambda _: None)
    data, names = {"q": "静安区"}, []
    for _ in range(2):
        page = BeautifulSoup(elder.post("/find", data=data).data, "html.parser")
        names.append(page.select_one(".one-home h2").get_text())
        turn = page.select_one("form.elder-turn")
        data = {each["name"]: each["value"] for each in turn.select("input")}
        after = turn.select("button")[-1]
        assert after.get_text() == "下一家"
        data[after["name"]] = after["value"]
    assert names == ["江宁路颐养院", "静安社区照料中心"]
