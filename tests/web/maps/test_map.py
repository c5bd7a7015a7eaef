"""The map document: strict CSP, the finder's parameters, nobody's text as script."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

PAYLOAD = "</script><script>alert(1)</script>{{7*191}}${1}`\\'\""


def config_of(script: str) -> dict:
    return json.loads(json.loads(re.search(r'"geomap": (".*"),\n', script)[1]))


def layers_of(script: str) -> list[list[dict]]:
    added = re.findall(r"geo_json_\d+_add\((\{.*\})\);", script)
    return [json.loads(each)["features"] for each in added]


def script_of(client, query: str = "") -> str:
    return client.get(f"/map/script.js?lang=zh&{query}").text


def test_the_document_has_no_script_or_style_of_its_own(client):
    page = BeautifulSoup(client.get("/map").text, "html.parser")
    assert all(each.get("src") and not each.string for each in page.find_all("script"))
    assert page.find_all("style") == []
    assert page.select("[style], [onclick], [onload]") == []
    assert page.html["lang"] == "zh-CN"
    assert page.title.string == page.h1.string == "养老机构地图"


def test_every_address_in_the_document_is_ours(client):
    page = BeautifulSoup(client.get("/map").text, "html.parser")
    addresses = [node.get("src") or node.get("href") for node in page.select("[src], [href]")]
    assert [each for each in addresses if not each.startswith("/") or each.startswith("//")] == []
    assert [a for a in addresses if client.get(a).status_code != 200] == []


def test_the_script_belongs_to_the_element(client):
    page = BeautifulSoup(client.get("/map").text, "html.parser")
    element = page.select_one(".folium-map")["id"]
    assert f'L.map(\n                "{element}"' in script_of(client)


def test_results_are_listed_in_the_order_of_their_distance(client):
    listed, point = layers_of(script_of(client, "lon=121.45&lat=31.23"))
    assert [f["properties"]["number"] for f in listed] == [1, 2, 3, 4]
    assert [f["properties"]["id"] for f in listed] == ["a", "b", "c", "d"]
    assert point[0]["geometry"]["coordinates"] == [121.45, 31.23]
    assert point[0]["properties"]["farthest"] == pytest.approx(22_865, rel=0.01)


def test_a_feature_says_what_the_card_says(client):
    (listed, _point) = layers_of(script_of(client, "lon=121.45&lat=31.23"))
    first, second = (each["properties"] for each in listed[:2])
    assert first["far"] == "直线 100 米"
    assert first["beds"]["state"] == "stale"
    assert first["href"].startswith("/facilities/a")
    assert (first["closed"], second["closed"]) == (False, True)


def test_without_a_place_all_are_in_groups_and_none_is_listed(client):
    script = script_of(client)
    assert layers_of(script) == []
    assert config_of(script)["bounds"] == [[31.23, 121.451], [31.23, 121.69]]


def test_one_facility_can_stand_in_focus(client):
    script = script_of(client, "focus=c")
    assert [f["properties"]["id"] for f in layers_of(script)[0]] == ["c"]
    assert config_of(script)["focus"] == "c"
    assert client.get("/map?focus=nobody").status_code == 404


def test_types_are_chosen_as_on_the_list(client):
    script = script_of(client, "lon=121.45&lat=31.23&type=nursing_home")
    assert [f["properties"]["id"] for f in layers_of(script)[0]] == ["a", "c"]
    assert config_of(script)["selected"] == ["nursing_home"]


def test_features_come_in_the_order_asked_for_with_distances(client):
    answer = client.get("/map/features.json?id=c&id=nobody&id=e&id=a&lon=121.45&lat=31.23&lang=en")
    found = [each["properties"] for each in answer.json["features"]]
    assert [each["id"] for each in found] == ["c", "a"]
    assert found[1]["far"] == "100 m in a straight line"


@pytest.mark.parametrize(
    "query", ["", "id=a&lon=999&lat=0", "id=a&lon=nan&lat=0", "&".join(["id=a"] * 51)]
)
def test_bad_questions_for_features_are_refused(client, query):
    assert client.get(f"/map/features.json?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/map", "/map/script.js"])
def test_bad_parameters_get_a_page_that_says_so(client, path):
    assert client.get(f"{path}?lon=999&lat=31").status_code == 400


def test_nobodys_text_becomes_script(make_client, facilities_of):
    row = {"id": PAYLOAD, "name": PAYLOAD, "type": "other", "lon": 121.45, "lat": 31.23}
    client = make_client(facilities_of([row]))
    script = script_of(client, "lon=121.45&lat=31.23")
    listed, _point = layers_of(script)
    assert listed[0]["properties"]["name"] == PAYLOAD
    assert "</script" not in script.lower()
    assert "1337" not in script
    page = BeautifulSoup(client.get("/map", query_string={"q": PAYLOAD}).text, "html.parser")
    assert page.script["src"].startswith("/static/")


def test_the_map_speaks_english_too(client):
    config = config_of(client.get("/map/script.js?lang=en").text)
    assert config["words"]["reset"] == "Reset"
    assert BeautifulSoup(client.get("/map?lang=en").text, "html.parser").html["lang"] == "en"


def test_street_maps_of_others_are_there_only_if_switched_on(make_client, town, client):
    assert config_of(script_of(client))["online"] == []
    policy = client.get("/map").headers["Content-Security-Policy"]
    assert "http" not in policy
    online = make_client(town, online_maps=True, tianditu_key="a b")
    offered = config_of(script_of(online))["online"]
    assert [each["datum"] for each in offered] == ["wgs84", "wgs84", "gcj02"]
    assert "tk=a%20b" in offered[0]["urls"][0]
    assert all("审图号" in each["attribution"] for each in (offered[0], offered[2]))
    policy = online.get("/map").headers["Content-Security-Policy"]
    for host in ("https://tile.openstreetmap.org", "https://t7.tianditu.gov.cn"):
        assert host in policy


def test_an_empty_workspace_has_a_map(make_client, facilities_of):
    client = make_client(facilities_of([]))
    assert client.get("/map").status_code == 200
    assert config_of(script_of(client))["bounds"] is None
    assert client.get("/tiles/clusters/0/0/0.json").json == {"clusters": []}
