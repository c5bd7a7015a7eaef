"""The abstract tests of OGC 17-069r4, annex A: core, GeoJSON, HTML and OpenAPI 3.0.

Each test names in its first line the abstract tests that it carries out.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from openapi_spec_validator import validate
from shapely.geometry import box, shape

COLLECTIONS = ("facilities", "areas", "gaps")
CLASSES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
GEOJSON = "application/geo+json"
ROOT = "http://localhost/ogc"
STYLE = {"in": "query", "required": False, "style": "form", "explode": False}


def got(client, address, kind="application/json", **options):
    answer = client.get(address, **options)
    assert answer.status_code == 200, answer.json
    assert answer.content_type == kind
    return answer.json


def links_of(document, rel) -> list[dict]:
    return [each for each in document["links"] if each["rel"] == rel]


def require_links(client, document, *relations):
    """Every link says its relation and type, and leads to a document of that type."""
    for each in document["links"]:
        assert each["href"].startswith("http")
        assert each["rel"]
        answer = client.get(each["href"])
        assert answer.status_code == 200
        assert answer.content_type.startswith(each["type"])
    assert set(relations) <= {each["rel"] for each in document["links"]}
    (alternate,) = links_of(document, "alternate")
    assert alternate["type"] == "text/html"


@pytest.fixture(scope="module")
def api(client):
    return got(client, "/ogc/api", "application/vnd.oai.openapi+json;version=3.0")


def parameter_of(api, collection, name):
    said = api["paths"][f"/collections/{collection}/items"]["get"]["parameters"]
    (found,) = [each for each in said if each["name"] == name]
    assert {each: found[each] for each in STYLE} == STYLE
    return found["schema"]


def test_landing_page(client):
    """/conf/core/root-op, /conf/core/root-success."""
    page = got(client, "/ogc/")
    assert page["title"]
    require_links(client, page, "self", "service-desc", "service-doc", "conformance", "data")
    assert got(client, "/ogc") == page  # what people type


def test_api_definition(client):
    """/conf/core/api-definition-op, -success, /conf/oas30/oas-definition-1."""
    page = got(client, "/ogc/")
    for link in links_of(page, "service-desc"):
        document = got(client, link["href"], link["type"])
        assert link["type"].endswith(document["openapi"][:3])
    (doc,) = links_of(page, "service-doc")
    assert doc["type"] == "text/html"
    assert client.get(doc["href"]).mimetype == "text/html"


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_definition_is_valid_openapi(client, version):
    """/conf/oas30/oas-definition-2; and of 3.1."""
    kind = f"application/vnd.oai.openapi+json;version={version}"
    document = got(client, "/ogc/api", kind, headers={"Accept": kind})
    assert document["openapi"].startswith(version)
    assert document == got(client, f"/ogc/api?version={version}", kind)
    validate(document)
    assert ("nullable" in json.dumps(document)) == (version == "3.0")


def test_every_operation_is_described_and_answers(client, api):
    """/conf/oas30/oas-impl, /conf/oas30/completeness, /conf/oas30/exceptions-codes."""
    (server,) = api["servers"]
    assert server["url"] == ROOT
    for path, item in api["paths"].items():
        own = path.replace("{featureId}", _an_id(client, path))
        answer = client.get(server["url"] + own)
        said = item["get"]["responses"]
        assert answer.mimetype in {each.partition(";")[0] for each in said["200"]["content"]}
        for asked, status in (("?x=1", 400), ("?f=xml", 400), ("?f=json&f=json", 400)):
            refused = client.get(server["url"] + own + asked)
            assert refused.status_code == status
            assert refused.mimetype in said[str(status)]["content"]
        assert {"200", "304", "404", "406", "503", "default"} <= set(said)


def _an_id(client, path):
    if "{featureId}" not in path:
        return ""
    items = client.get(f"{ROOT}{path.removesuffix('/{featureId}')}?limit=1").json
    return items["features"][0]["id"]


def test_no_security_scheme_is_needed(api):
    """/conf/oas30/security."""
    assert "security" not in json.dumps(api)


def test_conformance(client):
    """/conf/core/conformance-op, /conf/core/conformance-success."""
    (link,) = links_of(got(client, "/ogc/"), "conformance")
    declared = got(client, link["href"])["conformsTo"]
    assert {f"{CLASSES}/{each}" for each in ("core", "geojson", "html", "oas30")} <= set(declared)
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in declared


def test_collections(client):
    """/conf/core/fc-md-op, fc-md-success, fc-md-links, fc-md-items, fc-md-items-links."""
    document = got(client, "/ogc/collections")
    require_links(client, document, "self")
    assert [each["id"] for each in document["collections"]] == list(COLLECTIONS)
    for each in document["collections"]:
        assert each["title"]
        assert {link["type"] for link in links_of(each, "items")} == {GEOJSON, "text/html"}
        assert all(link["rel"] and link["type"] for link in each["links"])


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collection(client, name):
    """/conf/core/sfc-md-op, /conf/core/sfc-md-success."""
    client.get(f"/ogc/collections/{name}/items")
    document = got(client, f"/ogc/collections/{name}")
    require_links(client, document, "self", "items", "describedby")
    (same,) = [e for e in got(client, "/ogc/collections")["collections"] if e["id"] == name]
    for member in ("id", "title", "description", "extent", "crs", "storageCrs", "itemType"):
        assert document.get(member) == same.get(member)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_extent_holds_every_feature(client, name):
    """/conf/core/fc-md-extent."""
    items = got(client, f"/ogc/collections/{name}/items", GEOJSON)["features"]
    extent = got(client, f"/ogc/collections/{name}")["extent"]
    (bounds,) = extent["spatial"]["bbox"]
    around = box(*bounds).buffer(1e-6)
    assert all(around.covers(shape(each["geometry"])) for each in items)
    days = [each["properties"].get("verified_on") for each in items]
    days = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in days if each]
    if days:
        ((first, last),) = extent["temporal"]["interval"]
        assert datetime.fromisoformat(first) <= min(days)
        assert max(days) <= datetime.fromisoformat(last)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_parameters_of_items_are_defined(api, name):
    """/conf/core/fc-bbox-definition, fc-limit-definition, fc-time-definition."""
    bbox = parameter_of(api, name, "bbox")
    assert (bbox["type"], bbox["items"]) == ("array", {"type": "number"})
    assert (bbox["minItems"], bbox["maxItems"]) == (4, 6)
    assert [each["minItems"] for each in bbox["oneOf"]] == [4, 6]
    limit = parameter_of(api, name, "limit")
    assert limit == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}
    days = parameter_of(api, name, "datetime")
    assert (set(days), days["type"]) == ({"type", "pattern"}, "string")
    for text in ("2026-01-31", "2026-01-31T00:00:00.5Z", "2026-01-31/..", "/2026-01-31",
                 "2026-01-31/2026-02-28T23:59:59+08:00"):  # fmt: skip
        assert re.search(days["pattern"], text), text
    for text in ("", "..", "../..", "/", "2026-02-30", "0000-01-01", "2026-01-31T24:00:00Z", "x"):
        assert not re.search(days["pattern"], text), text


@pytest.mark.parametrize("name", COLLECTIONS)
def test_items(client, name):
    """/conf/core/fc-op, fc-response, fc-links, fc-numberMatched, -numberReturned, fc-timeStamp."""
    (link,) = [e for e in links_of(got(client, f"/ogc/collections/{name}"), "items")
               if e["type"] == GEOJSON]  # fmt: skip
    document = got(client, link["href"], GEOJSON)
    assert document["type"] == "FeatureCollection"
    assert document["numberReturned"] == len(document["features"]) > 1
    assert document["numberMatched"] == document["numberReturned"]
    require_links(client, document, "self", "collection")
    assert "timeStamp" not in document  # the answers of one revision are the same


@pytest.mark.parametrize("name", COLLECTIONS)
def test_limit_is_kept_and_clamped(client, name):
    """/conf/core/fc-limit-response."""
    whole = got(client, f"/ogc/collections/{name}/items", GEOJSON)["numberMatched"]
    for limit, returned in ((1, 1), (2, 2), (10_000, whole), (10_001, whole), (10**20, whole)):
        page = got(client, f"/ogc/collections/{name}/items?limit={limit}", GEOJSON)
        assert len(page["features"]) == page["numberReturned"] == returned
        assert page["numberMatched"] == whole
    assert client.get(f"/ogc/collections/{name}/items?limit=0").status_code == 400


def test_more_than_the_largest_page_is_never_given(make_client, facilities_of):
    """/conf/core/fc-limit-response."""
    rows = [{"id": f"r{n}", "name": "x", "type": "other", "lon": 121, "lat": 31}
            for n in range(10_001)]  # fmt: skip
    client = make_client(facilities_of(rows))
    page = got(client, "/ogc/collections/facilities/items?limit=20000", GEOJSON)
    assert (page["numberReturned"], page["numberMatched"]) == (10_000, 10_001)
    (following,) = links_of(page, "next")
    assert [each["id"] for each in got(client, following["href"], GEOJSON)["features"]] == [
        "r10000"
    ]


def test_box_and_days_choose(client):
    """/conf/core/fc-bbox-response, /conf/core/fc-time-response; all forms: test_choosing."""
    asked = {"bbox": "121.45,31.2,121.455,31.3", "datetime": "2026-01-01T00:00:00Z/.."}
    items = got(client, "/ogc/collections/facilities/items", GEOJSON, query_string=asked)
    assert [each["id"] for each in items["features"]] == ["b"]  # its day is not known
    for name in ("areas", "gaps"):  # no time at all: all match
        whole = got(client, f"/ogc/collections/{name}/items", GEOJSON)["features"]
        asked = {"datetime": "1999-01-01"}
        items = got(client, f"/ogc/collections/{name}/items", GEOJSON, query_string=asked)
        assert items["features"] == whole


@pytest.mark.parametrize("name", COLLECTIONS)
def test_one_feature(client, name):
    """/conf/core/f-op, /conf/core/f-success, /conf/core/f-links."""
    for each in got(client, f"/ogc/collections/{name}/items?limit=3", GEOJSON)["features"]:
        document = got(client, f"/ogc/collections/{name}/items/{each['id']}", GEOJSON)
        require_links(client, document, "self", "collection")
        assert {key: value for key, value in document.items() if key != "links"} == each


def test_only_facilities_with_a_place_are_there(client):
    ids = [e["id"] for e in client.get("/ogc/collections/facilities/items").json["features"]]
    assert ids == ["a", "b", "c", "d"]
    assert client.get("/ogc/collections/facilities/items/e").status_code == 404


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=", "bbox=1,50,2,40",
        "bbox=-181,1,2,3",
        "bbox=1,2,181,3", "bbox=1,-91,2,3", "bbox=nan,1,2,3", "bbox=1,2,inf,3", "bbox=1 2 3 4",
        "bbox=1,2,3,4,5,6,7", "bbox=1,2,3,4&bbox=1,2,3,4", "limit=0", "limit=-1", "limit=ten",
        "limit=1.5", "limit=٣", "offset=-1", "offset=x", "datetime=today", "f=xml", "lang=fr",
    ],
)  # fmt: skip
def test_invalid_parameter_is_refused(client, name, query):
    """/conf/core/query-param-invalid."""
    answer = client.get(f"/ogc/collections/{name}/items?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [each["parameter"] for each in answer.json["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize(
    "path", ["", "conformance", "api", "collections", "collections/areas",
             "collections/areas/queryables", "collections/areas/schema", "collections/areas/items",
             "collections/facilities/items/a"],
)  # fmt: skip
def test_unknown_parameter_is_refused(client, path):
    """/conf/core/query-param-unknown."""
    answer = client.get(f"/ogc/{path}?bboxx=1,2,3,4")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["errors"][0]["parameter"] == "bboxx"


def test_coordinates_are_longitude_and_latitude_unasked(client, town):
    """/conf/core/crs84."""
    items = got(client, "/ogc/collections/facilities/items", GEOJSON)["features"]
    points = town.set_index("id").geometry
    for each in items:
        point = points[each["id"]]
        assert each["geometry"] == {"type": "Point", "coordinates": [point.x, point.y]}


@pytest.mark.parametrize("name", COLLECTIONS)
def test_geojson(client, name):
    """/conf/geojson/definition, /conf/geojson/content."""
    accept = {"Accept": GEOJSON}
    page = got(client, f"/ogc/collections/{name}/items", GEOJSON, headers=accept)
    assert (page["type"], type(page["links"])) == ("FeatureCollection", list)
    for each in page["features"]:
        assert set(each) == {"type", "id", "geometry", "properties"}
        assert shape(each["geometry"]).is_valid
        one = got(client, f"/ogc/collections/{name}/items/{each['id']}", GEOJSON, headers=accept)
        assert (one["type"], type(one["links"])) == ("Feature", list)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_html(client, name):
    """/conf/html/definition, /conf/html/content; that it is valid HTML: test_markup.py."""
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    items = got(client, f"/ogc/collections/{name}/items?limit=2", GEOJSON)["features"]
    own = f"collections/{name}"
    feature = f"{own}/items/{items[0]['id']}"
    paths = ("", "conformance", "api", "collections", own, f"{own}/queryables", f"{own}/items")
    for path in (*paths, feature):
        answer = client.get(f"/ogc/{path}", headers=browser)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert client.get(f"/ogc/{path}?f=html").mimetype == "text/html"
        page = BeautifulSoup(answer.data, "html.parser")
        assert len(page.select("h1")) == 1
    page = BeautifulSoup(client.get(f"/ogc/{own}/items?limit=2&f=html").data, "html.parser")
    shown = [each["href"].partition("?")[0] for each in page.select("main ul.links a")]
    assert shown == [f"/ogc/{own}/items/{each['id']}" for each in items]
    following = page.select_one("a[rel=next]")["href"]
    assert "f=html" in following
    assert client.get(following).mimetype == "text/html"
