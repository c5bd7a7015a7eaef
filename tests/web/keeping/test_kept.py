"""What a browser keeps: two cookies of ids, set by forms; nothing of it is stored here."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from geomap.web.keeping.kept import LISTS, Kept, read_ids, written_ids

ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
LONGEST_COOKIE = 4096


def cookie(client, name: str) -> str | None:
    found = client.get_cookie(f"geomap_{name}")
    return None if found is None else found.value


def keep(client, list_: str, *, next_: str = "/", headers=None, **wish):
    return client.post("/kept", data={"list": list_, "next": next_, **wish}, headers=headers)


@given(st.lists(ids, unique=True, max_size=4), ids)
def test_adding_and_taking_away_again_changes_nothing(held, one):
    before = Kept("k", 5, ids=tuple(held))
    if one in held:
        assert before.without(one).with_one(one, at=held.index(one)) == before
    else:
        assert before.with_one(one).without(one) == before


@given(st.lists(ids, max_size=80))
def test_a_list_never_holds_more_than_its_limit_nor_more_than_a_cookie(many):
    for empty in LISTS.values():
        now = empty
        for each in many:
            now = now.with_one(each)
        assert len(now.ids) <= now.most
        assert len(set(now.ids)) == len(now.ids)
        assert len(now.text) + len(now.cookie) < LONGEST_COOKIE
        assert empty.read(now.text) == now


@given(st.text(max_size=300))
def test_any_cookie_is_read_without_harm(text):
    found = LISTS["favourites"].read(text)
    assert len(found.ids) <= found.most
    assert all(each.isprintable() for each in found.ids)


@given(st.lists(ids, unique=True, max_size=6))
def test_ids_of_an_address_are_read_as_they_were_written(many):
    written = written_ids(many)
    texts = written if isinstance(written, list) else [written]
    wanted = tuple(each.strip() for each in many)
    if all(each.strip() == each for each in many):
        assert read_ids(texts, dict.fromkeys(many, 0)) == wanted


def test_the_cookies_are_bounded_first_party_and_out_of_reach_of_scripts(visitor):
    answer = keep(visitor, "favourites", add="a", next_="/facilities/a")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/facilities/a")
    favourites = answer.headers["Set-Cookie"]
    compare = keep(visitor, "compare", add="b").headers["Set-Cookie"]
    for each in (favourites, compare):
        assert "HttpOnly" in each
        assert "SameSite=Lax" in each
        assert "Path=/" in each
        assert "Domain" not in each
    assert "Max-Age=31536000" in favourites
    assert "Max-Age" not in compare
    assert (cookie(visitor, "favourites"), cookie(visitor, "compare")) == ("a", "b")


def test_the_cookies_stand_below_the_path_where_the_site_does(visitor):
    def path(data):
        answer = visitor.post(
            "/kept", data={"list": "compare", **data}, environ_overrides={"SCRIPT_NAME": "/care"}
        )
        return re.search(r"Path=([^;]*)", answer.headers["Set-Cookie"])[1]

    assert path({"add": "a"}) == path({"remove": "a"}) == "/care"


@pytest.mark.shows("undo")
def test_what_is_taken_away_can_be_put_back_where_it_was(visitor):
    for each in "abc":
        keep(visitor, "favourites", add=each)
    keep(visitor, "favourites", remove="b")
    assert cookie(visitor, "favourites") == "a!c"
    keep(visitor, "favourites", add="b", at="1")
    assert cookie(visitor, "favourites") == "a!b!c"
    for each in "abc":
        keep(visitor, "favourites", remove=each)
    assert cookie(visitor, "favourites") is None


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_keeps_and_removes_nothing(visitor, headers):
    keep(visitor, "compare", add="a", headers=headers)
    assert cookie(visitor, "compare") is None


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:x", ""]
)
def test_the_form_never_leads_to_another_site(visitor, target):
    assert keep(visitor, "compare", add="a", next_=target).headers["Location"] == "/"


@pytest.mark.parametrize(
    "data",
    [{}, {"list": "x", "add": "a"}, {"list": "compare"}, {"list": "compare", "add": ""},
     {"list": "compare", "add": "a\nb"}, {"list": "compare", "add": "a" * 201},
     {"list": "favourites", "remove": "nobody"}],
)  # fmt: skip
def test_a_form_that_is_not_ours_changes_nothing(visitor, data):
    assert visitor.post("/kept", data=data).status_code == 303
    assert cookie(visitor, "compare") is None
    assert cookie(visitor, "favourites") is None


def test_a_fifth_home_to_compare_is_refused_and_the_page_says_so(visitor):
    for each in "abcd":
        keep(visitor, "compare", add=each)
    answer = keep(visitor, "compare", add="e", next_="/?q=静安区")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["full"] == ["e"]
    assert asked["q"] == ["静安区"]
    assert cookie(visitor, "compare") == "a!b!c!d"
    said = BeautifulSoup(visitor.get(answer.headers["Location"]).data, "html.parser")
    assert "没有位置的敬老院" in said.select_one("[role=status]").get_text()


def test_a_script_is_told_the_counts_and_what_the_form_says_now(visitor):
    as_json = {"Accept": "application/json"}
    keep(visitor, "favourites", add="c")
    added = keep(visitor, "favourites", add="a", next_="/facilities/a", headers=as_json)
    body = json.loads(added.data)
    assert body["counts"] == {"favourites": 2, "compare": 0}
    form = BeautifulSoup(body["form"], "html.parser")
    assert form.select_one(".keep-button")["aria-pressed"] == "true"
    assert re.sub(r"\s+", " ", form.select_one("[role=status]").get_text()) == (
        "已收藏 撤销 江宁路颐养院 看收藏（2）"
    )
    removed = keep(visitor, "favourites", remove="c", headers=as_json)
    form = BeautifulSoup(json.loads(removed.data)["form"], "html.parser")
    assert form.select_one("[name=at]")["value"] == "0"
    assert {each["name"] for each in form.select("button")} == {"add"}
    assert added.headers["Cache-Control"] == "no-store"
    assert visitor.get("/kept").get_json() == {"favourites": ["a"], "compare": []}


def test_the_header_says_what_is_kept_and_nothing_where_nothing_is(visitor):
    def said(url):
        page = BeautifulSoup(visitor.get(url).data, "html.parser")
        links = page.header.select("[data-kept]")
        return [each.get_text(strip=True) for each in links if not each.has_attr("hidden")]

    assert said("/") == []
    keep(visitor, "favourites", add="a")
    keep(visitor, "compare", add="a")
    keep(visitor, "compare", add="b")
    assert said("/about") == ["收藏（1）", "对比（2）"]
    assert said("/?lang=en") == ["Favourites (1)", "Compare (2)"]


def test_the_way_to_the_comparison_keeps_the_place_that_was_searched(visitor):
    keep(visitor, "compare", add="a")
    for url, wanted in [
        ("/?q=静安区&beds=free", {"q": ["静安区"]}),
        ("/facilities/a?lon=121.4512&lat=31.2345", {"lon": ["121.451"], "lat": ["31.234"]}),
        ("/about", {}),
    ]:
        page = BeautifulSoup(visitor.get(url).data, "html.parser")
        href = page.header.select_one("[data-kept=compare]")["href"]
        assert parse_qs(urlsplit(href).query) == wanted


def test_a_card_and_a_page_offer_to_keep_the_home_and_lead_back(visitor):
    page = BeautifulSoup(visitor.get("/?q=静安区").data, "html.parser")
    form = page.select_one(".card form.keep")
    sent = {each["name"]: each["value"] for each in form.select("input, button")}
    answer = visitor.post(form["action"], data=sent)
    back = urlsplit(answer.headers["Location"])
    assert (parse_qs(back.query), back.fragment) == ({"q": ["静安区"]}, "home-1")
    again = BeautifulSoup(visitor.get(f"/?{back.query}").data, "html.parser")
    card = again.select_one(f"#{back.fragment}")
    assert card.select_one(".keep-button")["aria-pressed"] == "true"
    assert "已加入对比" in card.get_text()
    home = BeautifulSoup(visitor.get("/facilities/a").data, "html.parser")
    assert [each["value"] for each in home.select(".keep [name=list]")] == ["favourites", "compare"]


def test_a_list_that_no_address_may_hold_stands_in_no_form(visitor):
    page = BeautifulSoup(visitor.post("/find", data={"q": "颐养路 97 号"}).data, "html.parser")
    for form in page.select("form.keep"):
        assert form.select_one("[name=next]")["value"].startswith("/facilities/")
    assert "97" not in unquoted(page.select_one("main").decode())


def unquoted(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)


def test_elder_mode_keeps_favourites_on_each_home_and_shows_them_from_its_start(visitor):
    visitor.set_cookie("geomap_elder", "big-white")
    start = BeautifulSoup(visitor.get("/").data, "html.parser")
    assert start.find("a", string=None, href="/favourites").get_text(strip=True) == "看我收藏的"
    for url in ("/?q=静安区", "/facilities/a"):
        page = BeautifulSoup(visitor.get(url).data, "html.parser")
        assert [each["value"] for each in page.select(".keep [name=list]")] == ["favourites"]


@pytest.mark.parametrize("name", ["favourites", "compare"])
def test_a_cookie_that_is_not_ours_changes_no_page(visitor, name):
    for value in ("<script>alert(1)</script>", "!!!", "a" * 4000, "%00%0A!a", quote("' or 1=1")):
        visitor.set_cookie(f"geomap_{name}", value)
        for url in ("/", "/favourites", "/compare", "/booklet", "/kept"):
            answer = visitor.get(url, follow_redirects=True)
            assert answer.status_code == 200
            assert answer.is_json or b"<script>alert" not in answer.data
