"""The embed: what it shows, to whom, and that it is the same for all."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PORTAL = "https://www.county.gov.cn"


@pytest.fixture(scope="module")
def portal_client(make_client, town):
    return make_client(town, portals=[PORTAL, "http://127.0.0.1:8123"])


def page_of(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def ancestors(response):
    rules = dict(r.split(" ", 1) for r in response.headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in str(rules)
    return rules["frame-ancestors"].split()


def test_nobody_but_the_site_itself_may_show_it_unless_the_operator_says_so(client):
    assert ancestors(client.get("/embed")) == ["'self'"]


def test_only_the_embed_may_be_shown_by_the_portals(portal_client):
    for url in ("/embed", "/embed?zoom=x&lon=1&lat=1", "/embed?facility=nothing"):
        assert ancestors(portal_client.get(url)) == ["'self'", PORTAL, "http://127.0.0.1:8123"]
    for url in ("/", "/map", "/facilities/a", "/plan", "/elder", "/embedded"):
        assert ancestors(portal_client.get(url)) == ["'self'"]


def test_other_sites_may_load_the_embed_and_its_element(portal_client):
    for url in ("/embed", "/embed.js"):
        headers = portal_client.get(url).headers
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "X-Frame-Options" not in headers
    assert portal_client.get("/embed.js").mimetype == "text/javascript"


def test_it_neither_sets_nor_reads_a_cookie(client):
    plain = client.get("/embed?list=1")
    visitor = client.application.test_client()
    for name, value in {"geomap_elder": "biggest-black", "geomap_compare": "a"}.items():
        visitor.set_cookie(name, value)
    asked = visitor.get("/embed?list=1")
    assert asked.data == plain.data
    assert b"data-size" not in asked.data
    assert "Set-Cookie" not in plain.headers
    assert "Cookie" not in plain.headers["Vary"]
    assert plain.cache_control.public
    assert (
        client.get("/embed?list=1", headers={"If-None-Match": plain.headers["ETag"]}).status_code
        == 304
    )


def test_a_division_shows_its_own_homes_only(client):
    page = page_of(client, "/embed?adcode=310106")
    assert page.h1.get_text() == "静安区的养老机构"
    assert page.select_one(".embed-status").get_text().startswith("3 家")
    assert [each["data-id"] for each in page.select(".embed-list li")] == ["a", "b", "c"]
    assert page_of(client, "/embed?area=310106").h1 == page.h1
    script = client.get("/embed/script.js?adcode=310106").get_data(as_text=True)
    assert "adcode=310106" in script
    bounds = "[[31.23,121.451],[31.23,121.465]]"
    assert f'\\"bounds\\":{bounds}' in script or f'"bounds":{bounds}' in script


def test_where_its_link_is_shared_its_picture_is_of_the_same_view(client):
    page = page_of(client, "/embed?adcode=310106&list=1&lang=zh")
    said = {each["property"]: each["content"] for each in page.select("meta[property^='og:']")}
    assert said["og:title"] == "静安区的养老机构"
    assert "adcode=310106" in said["og:image"]
    assert "adcode=310106" in said["og:url"]


def test_the_maps_own_questions_stay_in_the_division(client):
    found = client.get("/tiles/clusters/8/214/104.json").json["clusters"]
    inside = client.get("/tiles/clusters/8/214/104.json?adcode=310106").json["clusters"]
    count = lambda groups: sum(each["count"] for each in groups)  # noqa: E731
    assert (count(found), count(inside)) == (4, 3)
    assert client.get("/tiles/clusters/8/214/104.json?adcode=x").status_code == 400


def test_types_and_filters_are_those_of_the_finder(client):
    page = page_of(client, "/embed?type=nursing_home&medical=inhouse")
    assert [each["data-id"] for each in page.select(".embed-list li")] == ["a"]
    assert "type=nursing_home" in page.h1.a["href"]


def test_near_a_place_the_nearest_come_first_with_their_distance(client):
    page = page_of(client, "/embed?lon=121.464&lat=31.23")
    assert page.h1.get_text() == "您选的位置附近的养老机构"
    assert page.select_one(".embed-list li")["data-id"] == "c"
    assert "直线" in page.select_one(".embed-list .distance").get_text()


def test_a_zoom_makes_the_place_the_middle_of_a_view(client):
    url = "?adcode=310106&lon=121.46&lat=31.23&zoom=14"
    assert page_of(client, f"/embed{url}").h1.get_text() == "静安区的养老机构"
    script = client.get(f"/embed/script.js{url}").get_data(as_text=True)
    assert "view" in script
    assert "searchedPoint" not in script


def test_one_facility_is_shown_with_a_link_to_its_page(client):
    page = page_of(client, "/embed?facility=a")
    assert page.h1.a["href"] == "/facilities/a"
    assert [each["data-id"] for each in page.select(".embed-list li")] == ["a"]
    assert client.get("/embed?facility=nothing").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["adcode=1", "zoom=99", "lon=x", "layers=secret", "elder=huge", "type=x"]
)
def test_what_cannot_be_read_is_said_in_the_frame(client, wrong):
    answer = client.get(f"/embed?{wrong}")
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 400
    assert page.select("form, header") == []
    assert page.h1.get_text() == "地图不能显示"
    assert len(page.select_one(".embed-head p").get_text()) > 5


def test_elder_mode_comes_from_the_address(client):
    for text, size in {"1": "big", "bigger": "bigger", "biggest-black": "biggest"}.items():
        page = page_of(client, f"/embed?elder={text}")
        assert page.html["data-size"] == size
        assert page.select("script[src*='map-elder.js']")


def test_links_open_beside_the_portals_page(client):
    page = page_of(client, "/embed?list=1&search=1")
    assert page.base["target"] == "_blank"
    assert page.base.get("href") is None
    assert page.select_one("form")["target"] == "_self"
    assert "_blank" in client.get("/embed/script.js").get_data(as_text=True)


def test_a_search_leads_around_the_place_and_never_repeats_an_address(client):
    lead = client.post("/embed/search", data={"q": "静安区", "search": "1", "lang": "zh"})
    assert lead.status_code == 303
    assert "lon=121.45" in lead.location
    assert "searched=1" in lead.location
    assert '"place"' in client.get(lead.location.replace("/embed?", "/embed/script.js?")).get_data(
        as_text=True
    ).replace("\\", "")
    lost = client.post("/embed/search", data={"q": "幸福里三号楼 2 单元", "search": "1"})
    assert "%E5%B9%B8" not in lost.location
    assert "没有找到这个地方" in client.get(lost.location).get_data(as_text=True)


def test_layers_that_are_not_worked_out_are_said_to_be_missing(client, monkeypatch):
    from geomap.web.plan.working import PlanDesk

    monkeypatch.setattr(PlanDesk, "shown", lambda *_given, **_most: None)
    page = page_of(client, "/embed?layers=gaps&type=other")  # which no other test asks
    assert page.select_one(".embed-note").get_text() == "空白区还没有算出来，图上只有机构。"


def test_a_division_is_called_as_readers_of_the_language_know_it(client):
    assert page_of(client, "/embed?adcode=310106&lang=en").h1.get_text() == "Care homes of Jing'an"


NAMES = (
    "adcode area type medical q lon lat zoom list layers elder facility lang search searched lost"
    " within sort"
).split()
VALUES = st.one_of(
    st.text(max_size=20), st.sampled_from(["1", "310106", "31.2", "a", "gaps", "zh"])
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_address_is_answered_or_refused_in_the_frame(client, parameters):
    answer = client.get("/embed", query_string=parameters)
    assert answer.status_code in (200, 400, 404)
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
    made = client.post("/embed/new", data=parameters)
    assert made.status_code in (200, 404)
