"""The finder's document: the same every time, and nobody's text is run, here or in a browser."""

from __future__ import annotations

import json
import re

import pytest

from geomap.maps.document import as_json, map_document
from geomap.maps.page import ELEMENT_ID, SCRIPTS, STYLES
from geomap.settings import static_dir

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "`;alert(1);`",
    "${alert(1)}",
    '";alert(1);"',
    "';alert(1);'",
    "C:\\2024\\u0041",
    "javascript:alert(1)",
    "{{7*191}}{% for x in y %}{# {{{{",
    "<svg onload=alert(1)>",
    "\u2028\u2029",
]


def feature(name: str) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [121.45, 31.23]},
        "properties": {"id": "a", "name": name},
    }


def test_the_same_input_gives_the_same_script():
    script = map_document({"a": 1}, [feature("x")])
    assert script == map_document({"a": 1}, [feature("x")])
    assert not re.search(r"[0-9a-f]{32}", script)
    assert ELEMENT_ID in script


def test_ids_of_facilities_that_look_like_folium_ids_stay():
    name = "0123456789abcdef" * 2
    assert name in map_document({}, [feature(name)])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_comes_out_as_it_went_in_and_is_not_executed(payload):
    script = map_document({"note": payload}, [feature(payload)], point=feature(payload))
    added = re.findall(r"geo_json_\d+_add\((\{.*\})\);", script)
    assert [json.loads(each)["features"][0]["properties"]["name"] for each in added] == [
        payload,
        payload,
    ]
    config = json.loads(json.loads(re.search(r'"geomap": (".*"),', script)[1]))
    assert config == {"note": payload}
    assert "</script" not in script.lower()
    assert "1337" not in script


@pytest.mark.parametrize("payload", PAYLOADS)
def test_json_means_the_same_and_is_no_template(payload):
    text = as_json({"x": [payload]})
    assert json.loads(text) == {"x": [payload]}
    assert not re.search(r"\{[{%#]", text)


def test_every_layer_is_put_on_the_map():
    script = map_document({}, [feature("x")], point=feature("y"))
    assert script.count(f".addTo({ELEMENT_ID});") == 2


def test_a_map_without_results_has_no_layer():
    assert "L.geoJson" not in map_document({}, [])


def test_every_script_and_style_ships():
    assert [name for name in (*SCRIPTS, *STYLES) if not (static_dir() / name).is_file()] == []
