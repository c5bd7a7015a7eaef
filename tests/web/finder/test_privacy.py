"""A home address that is typed stays out of addresses, titles, logs and whatever leads on."""

from __future__ import annotations

import logging
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

ADDRESS = "上海市静安区江宁路97号"
HOMES = [ADDRESS, "静安新村3号楼502室", "江宁路九十七号金丝雀", "幸福里小区8幢", "12 Canary Road"]
SECRET = re.compile("江宁路(97|九)|502|金丝雀|8幢|Canary|幸福里")


def linked(page: BeautifulSoup) -> list[str]:
    """Every address on a page: links, frames, forms, and where a switch leads back to."""
    found = [each[name] for name in ("href", "src", "action") for each in page.select(f"[{name}]")]
    return [unquote(each) for each in found + [e["value"] for e in page.select("[name=next]")]]


@pytest.mark.shows("private")
@pytest.mark.parametrize("text", HOMES)
@pytest.mark.parametrize("cookie", [None, "big-white"])
def test_what_looks_like_a_home_reaches_no_address_and_no_title(client, text, cookie):
    client = client.application.test_client()
    if cookie:
        client.set_cookie("geomap_elder", cookie)
    answer = client.post("/find", data={"q": text, "type": "nursing_home"})
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status_code == 303:
        location = answer.headers["Location"]
        assert not SECRET.search(unquote(location))
        assert parse_qs(urlsplit(location).query)["type"] == ["nursing_home"]
        answer = client.get(location)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.data, "html.parser")
    assert not SECRET.search(page.title.get_text())
    assert [each for each in linked(page) if SECRET.search(each)] == []
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_an_address_leads_to_its_place_rounded_and_says_how_well_it_is_known(client):
    location = client.post("/find", data={"q": ADDRESS}).headers["Location"]
    assert parse_qs(urlsplit(location).query) == {
        "lon": ["121.45"],
        "lat": ["31.23"],
        "located": ["county"],
    }
    page = BeautifulSoup(client.get(location).data, "html.parser")
    assert page.h1.get_text() == "您找的地址附近的养老机构"
    assert "您的地址只认到区县" in page.select_one("[role=status]").get_text()


@pytest.mark.parametrize("text", ["静安区", "颐养", "鼓楼区", "310106", "静安新村"])
def test_a_known_name_leads_to_an_address_that_can_be_read_and_shared(client, text):
    answer = client.post("/find", data={"q": text})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": [text]}


def test_a_house_number_beside_the_name_of_a_place_is_left_out(client):
    from geomap.web.discretion import looks_like_an_address

    assert looks_like_an_address("静安新村3号楼")
    location = client.post("/find", data={"q": "静安新村 3号楼"}).headers.get("Location", "")
    assert "3号" not in unquote(location)


def test_an_unknown_text_is_answered_at_once_and_kept_by_nobody(client):
    answer = client.post("/find", data={"q": "查无此处"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.select_one("#q")["value"] == "查无此处"
    assert "查无此处" not in page.title.get_text()
    assert client.get("/find").headers["Location"] == "/"


def test_an_old_address_with_a_home_in_it_leads_to_one_without(client):
    for text in (ADDRESS, "静安区江宁路97号"):
        answer = client.get(f"/?q={text}&beds=free")
        assert answer.status_code == 303
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["beds"] == ["free"]
        assert "江宁路" not in unquote(answer.headers["Location"])


def test_every_search_form_sends_its_text_by_post(client):
    for url in ("/", "/places", "/about", "/facilities/a", "/nothing"):
        page = BeautifulSoup(client.get(url).data, "html.parser")
        forms = [each.find_parent("form") for each in page.select("[name=q]:not([type=hidden])")]
        assert forms
        assert {(each["method"], urlsplit(each["action"]).path) for each in forms} == {
            ("post", "/find")
        }


def test_suggestions_are_asked_for_by_post_and_kept_by_nobody(client):
    answer = client.post("/find/suggestions", data={"q": "静安", "limit": "3"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == client.get("/api/v1/search?q=静安&limit=3").get_json()
    assert client.get("/find/suggestions?q=静安").status_code == 405
    for data in ({"q": ""}, {"q": "长" * 201}, {"q": "a", "limit": "0"}, {}):
        assert client.post("/find/suggestions", data=data).status_code == 400


@pytest.mark.shows("private")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_fault_of_ours_says_in_the_log_what_broke_but_not_what_was_typed(
    client, monkeypatch, caplog, method
):
    from geomap.find.places import SearchIndex

    def broken(_index, query, **_options):
        raise RuntimeError(f"cannot read {query!r}") from KeyError(query.strip())

    monkeypatch.setattr(SearchIndex, "resolve", broken)
    caplog.set_level(logging.DEBUG)
    if method == "get":
        answer = client.get(f"/?q={ADDRESS}")
    else:
        answer = client.post("/find", data={"q": f" {ADDRESS} "})
    assert answer.status_code == 500
    log = "\n".join(f"{logging.Formatter().format(each)} {each.args}" for each in caplog.records)
    assert "RuntimeError: cannot read" in log
    assert "in resolve" in log or "broken" in log
    for trace in (ADDRESS, "江宁路", ascii(ADDRESS)[1:-1], "%E6%B1%9F"):
        assert trace not in log
    assert "江宁路" not in BeautifulSoup(answer.data, "html.parser").title.get_text()


def test_links_and_the_map_hold_a_position_with_three_decimals_only(client):
    page = BeautifulSoup(client.get("/?lon=121.4500412&lat=31.2299871").data, "html.parser")
    spots = [parse_qs(urlsplit(each).query) for each in linked(page)]
    found = {spot[name][0] for spot in spots for name in ("lon", "lat") if name in spot}
    assert len(found) >= 2
    assert [each for each in found if not re.fullmatch(r"\d+(\.\d{1,3})?", each)] == []
