"""API version 1 on the town."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.find.filters import GROUPS

FACILITIES = "/api/v1/facilities"
NEAREST = "/api/v1/nearest"
SEARCH = "/api/v1/search"


def ids(answer) -> list[str]:
    return [each["id"] for each in answer.get_json()["features"]]


def haversine_m(lon1, lat1, lon2, lat2):
    a1, a2 = math.radians(lat1), math.radians(lat2)
    h = math.sin((a2 - a1) / 2) ** 2
    h += math.cos(a1) * math.cos(a2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(h))


def test_every_facility_is_listed_those_without_a_place_too(client):
    answer = client.get(FACILITIES)
    body = answer.get_json(force=True)
    assert answer.content_type == "application/geo+json"
    assert body["type"] == "FeatureCollection"
    assert (body["numberMatched"], body["numberReturned"]) == (5, 5)
    assert [f["geometry"] for f in body["features"] if f["id"] == "e"] == [None]


def test_what_is_unknown_is_null_dates_are_iso_lists_are_arrays(client):
    known = json.loads(client.get(f"{FACILITIES}/a").data)["properties"]
    assert known["beds_updated"] == "2025-07-01"
    assert known["accepts"] == ["self_care", "dementia"]
    assert known["provenance"] == {"phone": {"source": "家属反馈", "verified_on": "2025-06-28"}}
    unknown = json.loads(client.get(f"{FACILITIES}/e").data)["properties"]
    assert {name for name, value in unknown.items() if value is not None} == {
        "id",
        "name",
        "type",
        "adcode",
    }


def test_pages_of_a_list_join_to_the_whole(client):
    whole = ids_of(client.get(FACILITIES))
    joined, url = [], f"{FACILITIES}?limit=2"
    while url:
        body = json.loads(client.get(url).data)
        joined += [each["id"] for each in body["features"]]
        url = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert joined == whole
    assert [link["rel"] for link in body["links"]] == ["self", "prev"]


def ids_of(answer) -> list[str]:
    return [each["id"] for each in json.loads(answer.data)["features"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=nursing_home", ["a", "c"]),
        ("type=nursing_home,other", ["a", "c", "d"]),
        ("type=nursing_home&type=other", ["a", "c", "d"]),
        ("bbox=121.45,31.2,121.46,31.3", ["a", "b"]),
        ("bbox=121.455,31.23,121.455,31.23", ["b"]),
        ("adcode=310115", ["d", "e"]),
        ("adcode=31", ["a", "b", "c", "d", "e"]),
        ("q=静安", ["b"]),
        ("q=VILLA", ["d"]),
        ("limit=2&offset=4", ["e"]),
        ("offset=99", []),
        ("limit=99999999999999999999", ["a", "b", "c", "d", "e"]),
    ],
)
def test_lists_are_filtered(client, query, expected):
    assert ids_of(client.get(f"{FACILITIES}?{query}")) == expected


def test_the_nearest_come_first_with_their_distance(client):
    answer = json.loads(client.get(f"{NEAREST}?lon=121.45&lat=31.23").data)
    found = [(each["id"], each["properties"]["distance_m"]) for each in answer["features"]]
    assert [each for each, _ in found] == ["a", "b", "c", "d"]
    for feature, (_, metres) in zip(answer["features"], found, strict=True):
        sphere = haversine_m(121.45, 31.23, *feature["geometry"]["coordinates"])
        assert metres == pytest.approx(sphere, rel=0.005)


def test_the_greatest_distance_includes_its_edge(client):
    first = json.loads(client.get(f"{NEAREST}?lon=121.45&lat=31.23&k=1").data)["features"][0]
    metres = first["properties"]["distance_m"]
    url = f"{NEAREST}?lon=121.45&lat=31.23&max_distance_m="
    assert ids_of(client.get(f"{url}{metres + 0.01:.2f}")) == ["a"]
    assert ids_of(client.get(f"{url}{metres - 0.01:.2f}")) == []


@pytest.mark.parametrize("path", [SEARCH, FACILITIES])
def test_the_wide_space_of_a_chinese_keyboard_is_a_space(client, path):
    wide, plain = (client.get(path, query_string={"q": q}) for q in ("静\u3000安", "静 安"))
    assert wide.status_code == 200
    found = [each.get_json() for each in (wide, plain)]
    for one in found:
        one.pop("links", None)
    assert found[0] == found[1]


def test_search_names_kind_and_place(client):
    results = client.get(f"{SEARCH}?q=静安").get_json()["results"]
    assert results[0].keys() == {
        "kind",
        "id",
        "name",
        "label",
        "lon",
        "lat",
        "precision",
        "score",
        "matched",
    }
    assert (results[0]["kind"], results[0]["name"]) == ("place", "静安区")
    assert results[0]["matched"] == [[0, 2]]
    assert {each["kind"] for each in results} == {"place", "facility"}
    assert [each["score"] for each in results] == sorted(
        (each["score"] for each in results), reverse=True
    )


def test_an_unknown_id_is_a_404_problem(client):
    answer = client.get(f"{FACILITIES}/nobody")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert "nobody" in json.loads(answer.data)["detail"]


def test_the_same_question_again_costs_nothing(client):
    first = client.get(f"{FACILITIES}?limit=2")
    again = client.get(f"{FACILITIES}?limit=2", headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(f"{FACILITIES}?limit=3", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, other.status_code) == (304, b"", 200)


BAD_NUMBERS = [
    "",
    " ",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "٣",
    "１",
    "1_0",
    "0x10",
    "abc",
    "1,5",
    "--1",
    "1 ",
]
REQUIRED = {NEAREST: "lon=121&lat=31", SEARCH: "q=a", FACILITIES: "", f"{FACILITIES}/a": ""}
BAD = [
    *[(NEAREST, f"lat=31&lon={bad}", "lon") for bad in [*BAD_NUMBERS, "181", "-180.1"]],
    *[(NEAREST, f"lon=121&lat={bad}", "lat") for bad in [*BAD_NUMBERS, "91", "-90.001"]],
    *[(NEAREST, f"lon=121&lat=31&k={bad}", "k") for bad in [*BAD_NUMBERS, "0", "-1", "1.5"]],
    *[
        (NEAREST, f"lon=1&lat=3&max_distance_m={bad}", "max_distance_m")
        for bad in [*BAD_NUMBERS, "-1"]
    ],
    *[(FACILITIES, f"limit={bad}", "limit") for bad in [*BAD_NUMBERS, "0", "-1", "1.5", "+1"]],
    *[(FACILITIES, f"offset={bad}", "offset") for bad in [*BAD_NUMBERS, "-1"]],
    *[
        (FACILITIES, f"bbox={bad}", "bbox")
        for bad in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,b,c,d",
            "181,1,182,2",
            "1,2,nan,4",
            "1,-91,2,0",
        ]
    ],
    *[
        (FACILITIES, f"type={bad}", "type")
        for bad in ["", "hotel", "nursing_home,", "NURSING_HOME"]
    ],
    *[(FACILITIES, f"adcode={bad}", "adcode") for bad in ["", "3", "abc", "31010", "٣١", "000000"]],
    *[(FACILITIES, f"q={bad}", "q") for bad in ["", "%20", "a%00b", "x" * 201]],
    *[(SEARCH, f"q={bad}", "q") for bad in ["", "%20", "a%0Ab", "x" * 201]],
    *[(SEARCH, f"q=a&limit={bad}", "limit") for bad in ["0", "-1", "abc", ""]],
    (NEAREST, "lat=31", "lon"),
    (NEAREST, "lon=121&lon=122&lat=31", "lon"),
    (SEARCH, "", "q"),
    *[(url, f"{needed}&foo=1", "foo") for url, needed in REQUIRED.items()],
    *[(url, f"{needed}&lang=fr", "lang") for url, needed in REQUIRED.items()],
    *[(url, f"{needed}&lang=en&lang=zh", "lang") for url, needed in REQUIRED.items()],
]


@pytest.mark.parametrize(("url", "query", "parameter"), BAD)
def test_a_bad_parameter_is_the_same_problem_everywhere(client, url, query, parameter):
    answer = client.get(f"{url}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    body = json.loads(answer.data)
    assert body.keys() == {"type", "title", "status", "detail", "instance", "errors"}
    assert (body["status"], body["instance"]) == (400, url)
    assert [each["parameter"] for each in body["errors"]] == [parameter]
    assert parameter in body["detail"]
    assert "Traceback" not in body["detail"]


def test_the_instance_of_a_problem_is_a_uri_reference(client):
    for path in ("/api/v1/facilities/%E5%85%BB%20x", "/api/v1/facilities/%00"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["instance"]) == (404, path)


def test_a_box_that_is_upside_down_contradicts_itself(client):
    answer = client.get(f"{FACILITIES}?bbox=1,9,3,4")
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    body = json.loads(answer.data)
    assert [each["parameter"] for each in body["errors"]] == ["bbox"]
    assert "south at or below north" in body["detail"]


def test_every_fault_is_named_at_once(client):
    body = json.loads(client.get(f"{NEAREST}?lon=x&k=0&foo=1").data)
    assert {each["parameter"] for each in body["errors"]} == {"lon", "lat", "k", "foo"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{NEAREST}?lat=31", "longitude, -180 to 180 degrees"),
        (SEARCH, "a name, address or code"),
        (f"{FACILITIES}?rating=4", r"unrated, unknown, SCHEME|LEVEL of 1 to 5 such as national|4"),
        (f"{FACILITIES}?price=cheap", "a whole number of yuan"),
    ],
)
def test_what_is_expected_is_said(client, url, said):
    assert said in json.loads(client.get(url).data)["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v2/facilities", 404),
        ("get", "/api", 404),
        ("post", FACILITIES, 405),
        ("delete", f"{FACILITIES}/a", 405),
        ("get", "/ogc/nothing", 404),
    ],
)
def test_programs_get_problem_documents_for_every_error(client, method, url, status):
    answer = getattr(client, method)(url)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert json.loads(answer.data)["status"] == status


@settings(max_examples=40, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.integers(1, 6))
def test_nearest_is_sorted_from_anywhere(client, lon, lat, k):
    answer = json.loads(
        client.get(NEAREST, query_string={"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "k": k}).data
    )
    metres = [each["properties"]["distance_m"] for each in answer["features"]]
    assert metres == sorted(metres)
    assert len(metres) == min(k, 4)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from(["q", "type", "bbox", "adcode", "limit", "offset", "lang"]),
)
def test_no_text_in_any_parameter_is_our_fault(client, text, name):
    answer = client.get(FACILITIES, query_string={name: text})
    assert answer.status_code in (200, 400)


def test_openapi_lists_the_same_parameters(client):
    paths = client.get("/openapi.json").get_json()["paths"]
    assert {FACILITIES, f"{FACILITIES}/{{facility_id}}", NEAREST, SEARCH} <= set(paths)
    named = {each["name"]: each for each in paths[NEAREST]["get"]["parameters"]}
    assert set(named) == {"lon", "lat", "k", "max_distance_m", "lang", "f", *GROUPS}
    assert named["lon"]["schema"]["minimum"] == -180
    assert named["k"]["schema"]["minimum"] == 1
