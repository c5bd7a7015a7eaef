"""Texts of the data stay texts: nothing of them becomes markup or script, on any page."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

from geomap.model.facility import FACILITIES

PAYLOADS = {
    "img": '<img src=x onerror=alert("{i}")>',
    "script": "</script><script>alert('{i}')</script>",
    "backtick": "`;alert(`{i}`);`",
    "template": "${{alert({i})}}",
    "quote": "\" onmouseover=\"alert('{i}')\" x='",
    "backslash": '\\";alert({i});//C:\\2024',
    "link": "javascript:alert({i})",
    "braces": "{{{{7*7}}}}{{%print(7*7)%}}",
    "svg": "<svg/onload=alert({i})><desc>",
}
KINDS = ("text", "url", "phone")


@pytest.fixture(scope="module", params=PAYLOADS)
def hostile(request, make_client, facilities_of):
    """A client over a town where every text of a home is the payload."""
    texts = [
        each.name for each in FACILITIES.fields if each.kind in KINDS and each.name != "provenance"
    ]
    row = {name: PAYLOADS[request.param].format(i=i) for i, name in enumerate(texts)}
    provenance = {name: {"source": row["source"], "verified_on": "2025-01-01"} for name in texts}
    row |= {
        "id": PAYLOADS[request.param].format(i="id"),
        "type": "nursing_home",
        "lon": 121.451,
        "lat": 31.23,
        "adcode": "310106",
        "provenance": json.dumps(provenance),
        "risk_listed": True,
        "rating": 3,
        "inspected_on": "2025-01-01",
    }
    plain = {
        "id": "plain",
        "name": "旁边的养老院",
        "type": "nursing_home",
        "lon": 121.452,
        "lat": 31.23,
    }
    return make_client(facilities_of([row, plain])), row


def is_inert(html: str) -> None:
    """No element or attribute that the templates did not write."""
    page = BeautifulSoup(html, "html.parser")
    for script in page.find_all("script"):
        if script.get("type") == "application/ld+json":
            assert isinstance(json.loads(script.string), dict)
            assert not set("<>&") & set(script.string)
            continue
        assert script.get("src", "").startswith(("/static/", "/map/script.js?"))
        assert script.get_text() == ""
    for element in page.select("*"):
        assert not any(name.lower().startswith("on") for name in element.attrs), element
        assert "style" not in element.attrs, element
        for name in ("href", "src", "action"):
            assert not element.get(name, "").lower().strip().startswith(("javascript:", "data:")), (
                element
            )
    assert not page.find_all("img", src="x")
    assert not page.find_all("desc")
    assert "49" not in page.get_text()


def test_pages_show_hostile_texts_as_texts(hostile):
    client, row = hostile
    quoted = re.sub(r"[^A-Za-z0-9]", lambda m: f"%{ord(m[0]):02X}", row["id"])
    path = f"/facilities/{quoted}"
    client.set_cookie("geomap_favourites", f"{quoted}!plain!gone{quoted}")
    for url in (
        "/",
        "/?q=静安区",
        "/?q=静安区&lang=en",
        "/about",
        "/facilities/plain",
        "/map?q=静安区",
        path,
        f"{path}?lang=en",
        f"{path}/print",
        f"{path}/report",
        f"/compare?ids={quoted}&ids=plain&q=静安区&removed=gone{quoted}",
        f"/compare?ids={quoted}&ids=plain&lang=en&full=gone{quoted}",
        f"/favourites?removed=gone{quoted}&full=plain",
        f"/booklet?ids={quoted}&ids=plain",
        "/booklet?adcode=310106&lang=en",
    ):
        answer = client.get(url)
        if answer.status_code == 404:  # an id with a slash has no page of its own
            assert "/" in row["id"]
            continue
        assert answer.status_code == 200, url
        is_inert(answer.get_data(as_text=True))
    shown = BeautifulSoup(client.get("/").data, "html.parser").select_one(".card h3").get_text()
    assert shown.split() == row["name"].split()


def test_what_a_reader_types_is_shown_as_text(hostile):
    client, row = hostile
    for url in ("/", "/places", "/facilities/plain", "/facilities/" + row["name"], "/nothing"):
        for name in ("q", "type", "lon", "page", "lang", "utm"):
            answer = client.get(url, query_string={name: row["name"]})
            assert answer.status_code < 500
            is_inert(answer.get_data(as_text=True))


def test_programs_get_the_text_itself_as_json(hostile):
    client, row = hostile
    for url in ("/api/v1/facilities", "/api/v1/nearest?lon=121.45&lat=31.23"):
        answer = client.get(url)
        assert answer.content_type == "application/geo+json"
        first = json.loads(answer.data)["features"][0]
        assert first["properties"]["name"] == row["name"]
        assert first["id"] == row["id"]
    answer = client.get("/api/v1/search", query_string={"q": row["name"]})
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/%2e%2e/README.md",
        "/facilities/..%2f..%2fetc%2fpasswd",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_static_folder(client, path):
    assert client.get(path, follow_redirects=True).status_code == 404
