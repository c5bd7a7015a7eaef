"""The definition tells of every operation what it takes and gives, truly, and with examples."""

from __future__ import annotations

from itertools import chain
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator

METHODS = ("get", "delete", "post", "put")


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").get_json()


def operations(document):
    return [
        (path, method, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def schema_of(document, schema):
    return Draft202012Validator({**schema, "components": document["components"]})


def content_of(document, response):
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return response.get("content", {})


def test_it_is_valid_openapi_3_1(document):
    from openapi_spec_validator import validate

    validate(document)
    assert document["openapi"] == "3.1.0"


def test_every_route_of_the_api_is_told(client, document):
    rules = {
        str(each.rule).replace("<", "{").replace(">", "}")
        for each in client.application.url_map.iter_rules()
        if each.rule.startswith("/api/v1/")
    }
    assert rules == set(document["paths"])
    names = [told["operationId"] for _, _, told in operations(document)]
    assert len(names) == len(set(names))


def test_every_example_is_what_its_schema_says(document):
    shown = 0
    for path, method, told in operations(document):
        for parameter in told["parameters"]:
            assert parameter["description"] or parameter["in"] == "path", (path, parameter["name"])
            if "example" in parameter:
                schema_of(document, parameter["schema"]).validate(parameter["example"])
        for status, response in told["responses"].items():
            for content in content_of(document, response).values():
                if "example" in content:
                    schema_of(document, content["schema"]).validate(content["example"])
                    shown += status.startswith("2")
            assert status in ("304", *(["204"])) or content_of(document, response), (path, method)
    assert shown >= len(operations(document))


def bare_in(schema, where):
    """Where a schema, or one in it, says nothing of the kind of its values."""
    if not isinstance(schema, dict):
        return []
    typed = {"type", "$ref", "oneOf", "anyOf", "enum"} & schema.keys()
    parts = {part: schema.get(part) for part in ("items", "additionalProperties")}
    parts |= schema.get("properties", {})
    inside = [bare_in(each, f"{where}.{name}") for name, each in parts.items()]
    return [*([] if typed else [where]), *chain.from_iterable(inside)]


def test_nothing_is_untyped(document):
    found = [bare_in(each, name) for name, each in document["components"]["schemas"].items()]
    for path, _, told in operations(document):
        found += [bare_in(each["schema"], f"{path} {each['name']}") for each in told["parameters"]]
    assert list(chain.from_iterable(found)) == []


@pytest.mark.parametrize(
    ("url", "schema"),
    [
        ("/api/v1/facilities?limit=9", "Facilities"),
        ("/api/v1/facilities/a", "Facility"),
        ("/api/v1/facilities/e", "Facility"),
        ("/api/v1/nearest?lon=121.45&lat=31.23", "NearFacilities"),
        ("/api/v1/search?q=静安", "Found"),
        ("/api/v1/nearest?lon=181&lat=31.23", "Problem"),
        ("/api/v1/scenarios", "Scenarios"),
    ],
)
def test_answers_are_what_the_definition_says(client, document, url, schema):
    told = {"$ref": f"#/components/schemas/{schema}"}
    schema_of(document, told).validate(client.get(url).get_json(force=True))


def test_a_client_that_has_it_gets_it_not_again(client):
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_servers_address_is_the_one_it_was_asked_by(client):
    for host in ("a.example", "b.example:8000"):
        told = client.get("/openapi.json", headers={"Host": host}).get_json()
        assert told["servers"] == [{"url": f"http://{host}"}]


def test_the_page_shows_every_operation_and_works_without_a_script(client, document):
    page = BeautifulSoup(client.get("/docs").data, "html.parser")
    shown = [each.get_text() for each in page.select(".operation .route code")]
    assert shown == [path for path, _, _ in operations(document)] or set(shown) == {
        path for path, _, _ in operations(document)
    }
    assert not [each for each in page.select("script") if not each.get("src")]
    assert not page.select("[style], style")
    ids = {each["id"] for each in page.select("[id]")}
    lost = [
        each["href"] for each in page.select("main a[href^='#']") if each["href"][1:] not in ids
    ]
    assert lost == []


def test_the_addresses_that_the_page_shows_answer(client):
    page = BeautifulSoup(client.get("/docs").data, "html.parser")
    shown = [each.get_text() for each in page.select(".operation > pre")]
    tried = 0
    for each in shown:
        url = urlsplit(each.removeprefix("curl '").removesuffix("'"))
        if any(part in url.path for part in ("/facilities", "/nearest", "/search", "/scenarios")):
            assert client.get(f"{url.path}?{url.query}").status_code in (200, 404), each
            tried += 1
    assert tried >= 4
    assert client.get("/docs").status_code == 200
