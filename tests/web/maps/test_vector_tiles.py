"""Vector tiles over HTTP: exact, filtered, kept by browsers, described by TileJSON."""

from __future__ import annotations

import gzip
import math
from urllib.parse import parse_qs, urlsplit

import mapbox_vector_tile
import pytest


def address(lon, lat, z, query=""):
    x = math.floor((lon + 180) / 360 * 2**z)
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return f"/tiles/facilities/{z}/{x}/{math.floor(y * 2**z)}.mvt{query}"


def ids(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    layers = mapbox_vector_tile.decode(answer.data)
    return [each["properties"]["id"] for each in layers.get("facilities", {}).get("features", [])]


def test_a_tile_holds_the_facilities_that_stand_in_it(client):
    assert sorted(ids(client.get("/tiles/facilities/0/0/0.mvt"))) == ["a", "b", "c", "d"]
    assert ids(client.get(address(121.69, 31.23, 14))) == ["d"]
    assert ids(client.get("/tiles/facilities/14/0/0.mvt")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?type=nursing_home", ["a", "c"]),
        ("?type=nursing_home&beds=free", ["a"]),
        ("?medical=inhouse", ["a"]),
        ("?medical=inhouse&unsure=1", ["b", "c", "d"]),
        ("?something=else", ["a", "b", "c", "d"]),
        ("?adcode=310106", ["a", "b", "c"]),
        ("?adcode=310115&type=other", ["d"]),
        ("?adcode=310115&type=nursing_home", []),
        ("?adcode=310106&beds=free", ["a"]),
        ("?adcode=310106&unsure=1", []),
        ("?unsure=1", ["a", "b", "c", "d"]),
    ],
)
def test_a_tile_takes_the_filters_of_the_finder(client, query, expected):
    assert sorted(ids(client.get(f"/tiles/facilities/0/0/0.mvt{query}"))) == expected


@pytest.mark.parametrize("at", ["1/2/0", "1/0/2", "19/0/0", "22/0/0", "0/-1/0"])
def test_a_tile_outside_the_grid_is_not_found_and_says_so(client, at):
    answer = client.get(f"/tiles/facilities/{at}.mvt")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_filter_that_cannot_be_read_is_refused(client):
    assert client.get("/tiles/facilities/0/0/0.mvt?medical=magic").status_code == 400
    assert client.get("/tiles/facilities/0/0/0.mvt?type=castle").status_code == 400
    assert client.get("/tiles/facilities.json?type=castle").status_code == 400


def test_a_tile_that_the_browser_holds_is_not_sent_again(client):
    first = client.get("/tiles/facilities/0/0/0.mvt")
    assert first.headers["Cache-Control"] == "public, no-cache"
    held = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/tiles/facilities/0/0/0.mvt", headers=held)
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/tiles/facilities/0/0/0.mvt?type=other", headers=held)
    assert other.status_code == 200


def test_a_tile_is_compressed_for_those_who_accept_it(client):
    plain = client.get("/tiles/facilities/0/0/0.mvt")
    packed = client.get("/tiles/facilities/0/0/0.mvt", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_the_description_gives_addresses_that_answer(client):
    told = client.get("/tiles/facilities.json?type=nursing_home&beds=free&within=500").json
    assert told["tilejson"] == "3.0.0"
    assert told["bounds"] == [121.451, 31.23, 121.69, 31.23]
    assert "OpenStreetMap" in told["attribution"]
    (template,) = told["tiles"]
    assert template.startswith("http://localhost/tiles/facilities/{z}/{x}/{y}.mvt?")
    answer = client.get(template.replace("{z}/{x}/{y}", "0/0/0"))
    assert ids(answer) == ["a"]
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert parse_qs(urlsplit(template).query)["v"] == ["1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?adcode=310106", ["a", "b", "c"]),
        ("?adcode=310106&type=nursing_home", ["a", "c"]),
        ("?adcode=310106&beds=free", ["a"]),
        ("?adcode=310106&beds=free&unsure=1", ["b"]),
        ("?adcode=310115&unsure=1", []),
    ],
)
def test_style_and_description_lead_to_the_tiles_of_all_that_was_asked(client, query, expected):
    address = client.get(f"/tiles/facilities/style.json{query}").json["sources"]["facilities"]
    (template,) = client.get(address["url"]).json["tiles"]
    assert parse_qs(urlsplit(address["url"]).query) == parse_qs(query[1:])
    assert sorted(ids(client.get(template.replace("{z}/{x}/{y}", "0/0/0")))) == expected
    grouped = client.get(f"/tiles/clusters/0/0/0.json{query}").json["clusters"]
    assert sum(each["count"] for each in grouped) == len(expected)


@pytest.mark.parametrize(
    "kind", ["facilities/0/0/0.mvt", "facilities.json", "facilities/style.json"]
)
def test_what_is_held_of_one_division_is_not_taken_for_another(client, kind):
    tag = client.get(f"/tiles/{kind}?adcode=310106").headers["ETag"]
    other = client.get(f"/tiles/{kind}?adcode=310115", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_the_description_names_the_host_and_the_folder_that_it_is_served_under(client):
    at = {"SCRIPT_NAME": "/care", "HTTP_HOST": "map.example.org", "wsgi.url_scheme": "https"}
    told = client.get("/tiles/facilities.json", environ_overrides=at).json
    assert told["tiles"][0].startswith(
        "https://map.example.org/care/tiles/facilities/{z}/{x}/{y}.mvt"
    )
