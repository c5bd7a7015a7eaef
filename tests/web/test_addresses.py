"""Full addresses: the operator's `public_url` wins over what the request says its host is."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from geomap.web import addresses, unchanged

SITE = "https://care.example/map"
EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
DOCUMENTS = (
    "/api/v1/facilities?limit=2&offset=1",
    "/api/v1/facilities?limit=2&type=nursing_home&type=other",
    "/api/v1/nearest?lon=121.45&lat=31.23&k=2",
    "/ogc/?f=json",
    "/ogc/api?f=json",
    "/ogc/api?f=json&version=3.1",
    "/ogc/conformance?f=json",
    "/ogc/collections?f=json",
    "/ogc/collections/facilities?f=json",
    "/ogc/collections/facilities/queryables?f=json",
    "/ogc/collections/facilities/schema",
    "/ogc/collections/facilities/items?f=json&limit=2&offset=1",
    "/ogc/collections/facilities/items/a?f=json",
    "/tiles/facilities.json?type=nursing_home",
    "/tiles/facilities/style.json",
    "/tiles/basemap.json",
    "/openapi.json",
    "/oembed?url=https://care.example/map/facilities/a",
)
LISTS = ("/sitemap.xml", "/sitemaps/1.xml", "/robots.txt")
PAGES = ("/", "/facilities/a", "/open-data", "/ogc/")
#: Whose names, not addresses, they are; and what examples and other people's pages show.
FOREIGN = re.compile(
    r"https?://(www\.opengis\.net|json-schema\.org|schema\.org|example\.org|www\.example\.org"
    r"|www\.openstreetmap\.org|spdx\.org|care\.example|map\.example)[/\"]?"
)


@pytest.fixture(scope="module")
def named(make_client, town):
    """A site behind a proxy that cuts the path's first part off, and passes any host on."""
    return make_client(town, public_url=f"{SITE}/")


def strings(told):
    if isinstance(told, dict):
        return [each for value in told.values() for each in strings(value)]
    if isinstance(told, list):
        return [each for value in told for each in strings(value)]
    return [told] if isinstance(told, str) else []


def full(texts):
    found = [each for text in texts for each in re.findall(r"https?://[^\s\"<>)]+", text)]
    return [each for each in found if not FOREIGN.match(each) or each.startswith(SITE)]


def lead_somewhere(client, links):
    for each in sorted({*links}):
        assert each.startswith(SITE), each
        if "{" not in each and each != SITE:
            path = each.removeprefix(SITE)
            assert client.get(path).status_code in (200, 308), path


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_full_address_of_a_document_is_below_the_public_one_and_answers(named, path):
    for _ in range(2):  # the second may come by the short path
        answer = named.get(path, headers=EVIL)
        assert answer.status_code == 200
        assert b"evil" not in answer.data
        assert "evil" not in str(answer.headers)
        links = full(strings(json.loads(answer.data)))
        assert links or "conformance" in path
        lead_somewhere(named, links)


@pytest.mark.parametrize("path", LISTS)
def test_lists_for_search_engines_name_the_public_address(named, path):
    text = named.get(path, headers=EVIL).text
    assert "evil" not in text
    if path.endswith(".xml"):
        places = [each.text for each in ElementTree.fromstring(text).iter() if "loc" in each.tag]
        lead_somewhere(named, places)
    else:
        assert f"Sitemap: {SITE}/sitemap.xml" in text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_caches_share_takes_no_host_from_whoever_asks(named, path):
    answer = named.get(path, headers=EVIL)
    assert answer.status_code == 200
    assert "evil" not in answer.text + str(answer.headers)


def test_a_redirect_leads_below_the_public_address(named):
    answer = named.get("/ogc//collections?f=json", headers=EVIL)
    assert (answer.status_code, answer.location) == (308, f"{SITE}/ogc/collections?f=json")


def test_jobs_and_scenarios_are_found_below_the_public_address(named):
    with named.application.test_request_context("/api/v1/gaps?standard_m=500&area=310106"):
        asked = addresses.here_address()
    assert asked == f"{SITE}/api/v1/gaps?standard_m=500&area=310106"


@pytest.mark.parametrize("public_url", [None, "https://care.example/map"])
def test_a_prefix_that_the_proxy_tells_stands_once(make_client, town, public_url):
    client = make_client(town, public_url=public_url, proxies=1)
    told = {"X-Forwarded-Host": "care.example", "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/map"}  # fmt: skip
    answer = client.get("/api/v1/facilities?limit=1", headers=told).json
    assert answer["links"][0]["href"] == f"{SITE}/api/v1/facilities?limit=1"
    assert client.get("/openapi.json", headers=told).json["servers"] == [{"url": SITE}]
    page = client.get("/ogc/collections/facilities/items?f=html&limit=1", headers=told).text
    assert 'href="/map/ogc/collections/facilities/items?' in page


@pytest.mark.parametrize(
    "path",
    ["/api/v1/facilities?limit=1", "/ogc/collections?f=json", "/tiles/facilities/0/0/0.mvt",
     "/tiles/facilities.json", "/sitemap.xml", "/picture.png"],
)  # fmt: skip
def test_what_another_version_wrote_is_asked_for_again(client, monkeypatch, path):
    first = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": first}).status_code == 304
    monkeypatch.setattr(unchanged, "software", lambda: "another")
    again = client.get(path, headers={"If-None-Match": first})
    assert again.status_code == 200
    assert again.headers["ETag"] != first


def test_the_software_is_named_by_its_content(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text("<p>1</p>")
    monkeypatch.setattr(unchanged, "_ROOM", tmp_path)
    named = unchanged.software.__wrapped__
    first = named()
    assert named() == first
    (tmp_path / "page.html").write_text("<p>2</p>")
    assert named() != first
