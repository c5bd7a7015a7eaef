"""oEmbed: an address of ours becomes its embed, by its discovery link too."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from PIL import Image

SITE = "http://localhost"


def asked(client, **parameters):
    return client.get("/oembed", query_string=parameters)


def frame_of(found):
    return BeautifulSoup(found["html"], "html.parser").iframe


def test_a_facility_becomes_an_embed_of_it(client):
    found = asked(client, url=f"{SITE}/facilities/a").json
    assert (found["type"], found["version"]) == ("rich", "1.0")
    assert found["title"] == "江宁路颐养院"
    frame = frame_of(found)
    assert frame["src"] == f"{SITE}/embed?facility=a"
    assert (frame["width"], frame["height"]) == (str(found["width"]), str(found["height"]))
    assert client.get(frame["src"].removeprefix(SITE)).status_code == 200


def test_hosts_are_the_same_in_capitals(client):
    assert client.get("/oembed?url=http://LOCALHOST/facilities/a").status_code == 200


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/?type=nursing_home&lang=en", "type=nursing_home"),
        ("/embed?adcode=310106&list=1", "adcode=310106"),
        ("/map?focus=c", "facility=c"),
        ("/?lon=121.4512345&lat=31.23", "lon=121.451&"),
        ("", "/embed"),
    ],
)
def test_lists_maps_and_embeds_have_one_too(client, path, part):
    frame = frame_of(asked(client, url=SITE + path).json)
    assert part in frame["src"] + "&"
    assert ("lang=en" in frame["src"]) == ("lang=en" in path)


def test_it_is_never_larger_than_there_is_room(client):
    found = asked(client, url=f"{SITE}/", maxwidth="500", maxheight="4000").json
    assert (found["width"], found["height"]) == (500, 600)
    assert asked(client, url=f"{SITE}/", maxwidth="-1").status_code == 400


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ({}, (1200, 630)),
        ({"maxwidth": 1000}, (800, 420)),
        ({"maxwidth": 4000, "maxheight": 419}, (400, 210)),
        ({"maxheight": 105}, (200, 105)),
        ({"maxwidth": 199}, None),
        ({"maxheight": 104, "maxwidth": 4000}, None),
    ],
)
def test_the_thumbnail_is_the_largest_picture_that_fits(client, room, size):
    found = asked(client, url=f"{SITE}/embed?adcode=310106&layers=gaps", **room).json
    told = {name: each for name, each in found.items() if name.startswith("thumbnail")}
    if size is None:
        assert told == {}
        return
    assert set(told) == {"thumbnail_url", "thumbnail_width", "thumbnail_height"}
    assert (told["thumbnail_width"], told["thumbnail_height"]) == size


@pytest.mark.usefixtures("without_boundaries")
def test_the_thumbnail_is_of_the_same_view_and_of_the_size_that_is_stated(client):
    pictures = set()
    for view in (
        "embed?adcode=310106",
        "embed?adcode=310106&type=other&layers=gaps&list=1",
        "facilities/a",
        "embed?lon=121.46&lat=31.23&zoom=12&lang=en",
    ):
        found = asked(client, url=f"{SITE}/{view}", maxwidth=400).json
        asks = found["thumbnail_url"].removeprefix(SITE)
        for part in view.partition("?")[2].split("&"):
            assert part in asks or part == "list=1"
        answer = client.get(asks)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        with Image.open(io.BytesIO(answer.data)) as picture:
            assert picture.size == (found["thumbnail_width"], found["thumbnail_height"])
        pictures.add(answer.data)
    assert len(pictures) == 4
    same = client.get("/facilities/a/picture.png?lang=zh").data
    assert client.get("/embed/picture.png?facility=a&lang=zh").data == same


@pytest.mark.parametrize("wrong", ["width=7", "width=x", "zoom=99", "type=castle", "facility=no"])
def test_a_picture_of_nothing_that_can_be_drawn_is_refused(client, wrong):
    assert client.get(f"/embed/picture.png?{wrong}").status_code in (400, 404)


def test_xml_says_the_same(client):
    root = ET.fromstring(asked(client, url=f"{SITE}/facilities/a", format="xml").data)
    found = asked(client, url=f"{SITE}/facilities/a").json
    assert {each.tag: each.text for each in root} == {k: str(v) for k, v in found.items()}


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 400),
        ("https://example.org/", 404),
        ("http://localhost.example.org/", 404),
        ("http://localhost@example.org/", 404),
        ("javascript:alert(1)", 404),
        ("http://[", 404),
        (f"{SITE}/plan", 404),
        (f"{SITE}/facilities/nothing", 404),
        (f"{SITE}/elder", 404),
        (f"{SITE}/embed?zoom=99&lon=1&lat=1", 400),
    ],
)
def test_what_is_not_ours_or_has_no_embed_is_refused_as_a_document(client, url, status):
    answer = asked(client, url=url)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_other_formats_are_not_implemented(client):
    assert asked(client, url=f"{SITE}/", format="yaml").status_code == 501


def test_a_street_address_is_not_passed_on(client):
    found = asked(client, url=f"{SITE}/?q=文化路97号").json
    assert "97" not in found["html"]


def test_any_site_may_ask_and_no_cookie_goes_along(client):
    answer = asked(client, url=f"{SITE}/")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "/?type=other&lang=en", "/facilities/a?q=x", "/embed?adcode=310106"]
)
def test_pages_say_where_their_embed_is_described(client, path):
    page = BeautifulSoup(client.get(path).data, "html.parser")
    links = page.select('link[rel="alternate"][type$="+oembed"]')
    assert [each["type"] for each in links] == ["application/json+oembed", "text/xml+oembed"]
    for each in links:
        assert each["href"].startswith(f"{SITE}/oembed?")
        assert client.get(each["href"].removeprefix(SITE)).status_code == 200


def test_a_page_of_what_somebody_typed_says_nothing(client):
    for answer in (client.post("/find", data={"q": "xyz"}), client.get("/?q=某某路 12 号")):
        assert b"+oembed" not in answer.data


@pytest.mark.parametrize(
    ("site", "ours", "others"),
    [
        (
            (f"{SITE}/geo", "/geo"),
            ["/geo", "/geo/", "/geo/facilities/a"],
            ["", "/news/1", "/geometry"],
        ),
        ((f"{SITE}/geo", ""), ["/geo?list=1"], ["/", "/facilities/a"]),
        ((None, "/geo"), ["/geo/facilities/a"], ["/facilities/a"]),
    ],
)
def test_below_a_prefix_the_rest_of_the_host_is_not_ours(make_client, town, site, ours, others):
    public_url, proxied = site
    client = make_client(town, public_url=public_url)

    def status(path):
        asked = {"url": SITE + path}
        at = {"SCRIPT_NAME": proxied}
        return client.get("/oembed", query_string=asked, environ_overrides=at).status_code

    assert {status(each) for each in ours} == {200}
    assert {status(each) for each in others} == {404}
