"""How the room answers: as the reader takes it, from the cache, and with names full of markup."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

PATHS = (
    "", "conformance", "api", "collections", "collections/facilities", "collections/areas/schema",
    "collections/areas/queryables", "collections/facilities/items", "collections/areas/items",
    "collections/gaps/items", "collections/facilities/items/a",
)  # fmt: skip
HOSTILE = "</script><script>alert(1)</script>{{7*7}}`${x}\\ \u2028'\"&amp;"


@pytest.mark.parametrize("path", PATHS)
def test_a_document_that_is_held_already_is_not_sent_again(client, path):
    client.get("/ogc/collections/gaps/items")
    answer = client.get(f"/ogc/{path}")
    assert answer.headers["ETag"].startswith('W/"')
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    again = client.get(f"/ogc/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    page = [] if path.endswith("schema") else [{"Accept": "text/html"}]
    for other in ({"Accept-Language": "en"}, *page):
        headers = {"If-None-Match": answer.headers["ETag"], **other}
        assert client.get(f"/ogc/{path}", headers=headers).status_code == 200
    older = client.get(f"/ogc/{path}", headers={"If-None-Match": 'W/"x"'})
    assert older.data == answer.data


@pytest.mark.parametrize("path", PATHS)
def test_head_says_what_get_says_without_a_body(client, path):
    got, head = client.get(f"/ogc/{path}"), client.head(f"/ogc/{path}")
    assert (head.status_code, head.data) == (200, b"")
    kept = {name: value for name, value in got.headers.items() if name != "Date"}
    assert kept == {name: value for name, value in head.headers.items() if name != "Date"}


def test_a_page_is_not_cached_by_its_address_alone(client):
    """The reader's look is in a cookie."""
    answer = client.get("/ogc/?f=html")
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("", None, "application/json"),
        ("", "*/*", "application/json"),
        ("", "application/json", "application/json"),
        ("", "text/html", "text/html"),
        ("", "text/html;q=0.5,application/json;q=0.4", "text/html"),
        ("collections/areas/items", "application/geo+json", "application/geo+json"),
        ("collections/areas/items", "application/json", "application/geo+json"),
        ("collections/areas/queryables", "application/schema+json", "application/schema+json"),
        ("api", "application/vnd.oai.openapi+json;version=3.1", "application/vnd.oai.openapi+json"),
        ("api", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("collections", "image/png", 406),
        ("collections/areas/items", "application/gml+xml", 406),
        ("api", "application/yaml", 406),
    ],
)
def test_the_reader_gets_what_it_accepts_or_is_told_what_there_is(client, path, accept, kind):
    answer = client.get(f"/ogc/{path}", headers={} if accept is None else {"Accept": accept})
    if kind == 406:
        assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")
        assert "text/html" in answer.json["detail"]
    else:
        assert (answer.status_code, answer.mimetype) == (200, kind)


def test_the_address_wins_over_what_is_accepted(client):
    answer = client.get("/ogc/collections?f=json", headers={"Accept": "image/png"})
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize(
    "path",
    ["collections/x", "collections/x/items", "collections/x/queryables", "collections/x/schema",
     "collections/areas/items/nobody", "collections/facilities/items/e", "collections/", "x",
     "collections/facilities/items/", "collections/areas/items/../../..", "collections/%00/items"],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_document(client, path):
    answer = client.get(f"/ogc/{path}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_every_fault_is_reported_at_once(client):
    answer = client.get("/ogc/collections/areas/items?limit=0&x=1&datetime=q&bbox=1")
    named = {each["parameter"] for each in answer.json["errors"]}
    assert named == {"limit", "x", "datetime", "bbox"}


@pytest.mark.parametrize(
    "hostile",
    [HOSTILE, "a/b/../c", "?f=json", "#x", "%2e%2e", "养老 院", "养老\u3000院", " a", ".."],
)
def test_any_id_and_name_travel_as_text(make_client, facilities_of, hostile):
    rows = [
        {"id": hostile, "name": hostile, "type": "other", "lon": 121.4, "lat": 31.2},
        {"id": "z", "name": "z", "type": "other", "lon": 121.4, "lat": 31.2},
    ]
    client = make_client(facilities_of(rows))
    items = client.get("/ogc/collections/facilities/items").json["features"]
    assert [each["id"] for each in items] == [hostile, "z"]
    asked = {"name": hostile}
    found = client.get("/ogc/collections/facilities/items", query_string=asked)
    assert [each["id"] for each in found.json["features"]] == [hostile]
    page = BeautifulSoup(client.get("/ogc/collections/facilities/items?f=html").data, "html.parser")
    assert not any("alert" in each.text for each in page.select("script"))
    (link, _) = page.select("main ul.links a")
    assert link.text.split() == hostile.split()
    if ".." not in hostile:  # such segments of a path are resolved before it is sent
        one = client.get(f"/ogc/collections/facilities/items/{quote(hostile)}")
        assert one.json["properties"]["name"] == hostile
        shown = client.get(link["href"])
        assert BeautifulSoup(shown.data, "html.parser").h1.text.split() == hostile.split()
        assert b"<script>alert" not in shown.data


def test_language_is_kept_by_the_links(client):
    document = client.get("/ogc/collections/areas?lang=en").json
    assert document["title"] == "Areas"
    assert all("lang=en" in each["href"] for each in document["links"])
    english = client.get("/ogc/collections/areas", headers={"Accept-Language": "en"}).json
    assert english["title"] == "Areas"


def test_queryables_are_the_parameters_and_name_the_place(client):
    for name, place in (("facilities", "geometry-point"),
                        ("areas", "geometry-polygon-or-multipolygon")):  # fmt: skip
        document = client.get(f"/ogc/collections/{name}/queryables").json
        assert document["$id"] == f"http://localhost/ogc/collections/{name}/queryables"
        assert document["additionalProperties"] is False
        own = document["properties"]
        assert own.pop("geometry")["format"] == place
        api = client.get("/ogc/api").json["paths"][f"/collections/{name}/items"]["get"]
        assert set(own) < {each["name"] for each in api["parameters"]}
        for each in own:
            value = own[each].get("enum", own[each].get("items", {}).get("enum", ["1"]))[0]
            value = {"boolean": "true", "string": value}.get(own[each]["type"], value)
            value = "2025-01-01" if own[each].get("format") == "date" else value
            answer = client.get(f"/ogc/collections/{name}/items", query_string={each: value})
            assert answer.status_code == 200, answer.json


def test_the_schema_names_every_property_of_every_feature(client):
    for name in ("facilities", "areas", "gaps"):
        schema = client.get(f"/ogc/collections/{name}/schema").json
        known = schema["properties"]["properties"]["properties"]
        for each in client.get(f"/ogc/collections/{name}/items").json["features"]:
            assert set(each) == set(schema["required"])
            assert set(each["properties"]) == {"id", *known}
            for key, value in each["properties"].items():
                if key != "id":
                    assert fits(known[key], value), (key, value)


KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
         "object": dict}  # fmt: skip


def fits(schema, value) -> bool:
    if value is None:
        return schema.get("nullable", False)
    return isinstance(value, KINDS[schema["type"]]) and value in schema.get("enum", [value])
