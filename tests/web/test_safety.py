"""Texts of the data stay texts: nothing of them becomes markup or script, on any page."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

from geomap.model.facility import FACILITIES
from tests.web.conftest import Client
from tests.web.page_list import DOCUMENTS, FILES
from tests.web.page_site import furnished, office

PAYLOADS = {
    "img": '<img src=x onerror=alert("{i}")>',
    "script": "</script><script>alert('{i}')</script>",
    "backtick": "`;alert(`{i}`);`",
    "template": "${{alert({i})}}",
    "quote": "\" onmouseover=\"alert('{i}')\" x='",
    "backslash": '\\";alert({i});//C:\\2024',
    "link": "javascript:alert({i})",
    "braces": "{{{{1337*7331}}}}{{%print(1337*7331)%}}",
    "svg": "<svg/onload=alert({i})><desc>",
}
KINDS = ("text", "url", "phone")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, context):
    """A site where every text of a home, a district, a shop and a scenario is a payload.

    Gives its application, the rows of the homes, and the names for `page_list`.
    """
    rows = [row_of(payload, n) for n, payload in enumerate(PAYLOADS.values())]
    plain = {"id": "plain", "name": "旁边的养老院", "type": "nursing_home", "lon": 121.47,
             "lat": 31.23}  # fmt: skip
    payloads = [text.format(i=0) for text in PAYLOADS.values()]
    app = office(tmp_path_factory.mktemp("safety") / "town", [*rows, plain], context.__getitem__,
                 called=payloads.__getitem__)  # fmt: skip
    app.test_client_class = Client
    ids = [quoted(row["id"]) for row in rows if "/" not in row["id"]]  # others have no page
    kinds = ("home", "planned", "listed", "far", "lost")
    names = dict(zip(kinds, ids, strict=False)) | {
        "place": "静安区", "word": "静安", "many": quoted(payloads[0]), "lon": "121.45",
        "lat": "31.23", "adcode": "310106", "county": "310106",
    }  # fmt: skip
    with furnished(app.test_client(), names, called=payloads[1]) as filled:
        yield app, rows, filled


def row_of(payload: str, number: int) -> dict:
    """A home all of whose texts are a payload."""
    texts = [
        each.name for each in FACILITIES.fields if each.kind in KINDS and each.name != "provenance"
    ]
    row = {name: payload.format(i=i) for i, name in enumerate(texts)}
    provenance = {name: {"source": row["source"], "verified_on": "2025-01-01"} for name in texts}
    return row | {
        "id": payload.format(i="id"),
        "type": "nursing_home",
        "lon": 121.451 + number / 1000,
        "lat": 31.23,
        "adcode": "310106",
        "provenance": json.dumps(provenance),
        "risk_listed": True,
        "rating": 3,
        "inspected_on": "2025-01-01",
    }


def quoted(text: str) -> str:
    """A text as it stands in an address, braces doubled for the page list."""
    return re.sub(r"[^A-Za-z0-9]", lambda m: f"%{ord(m[0]):02X}", text)


def is_inert(html: str, *, alone: bool = False) -> None:
    """No element or attribute that the templates did not write."""
    page = BeautifulSoup(html, "html.parser")
    for script in page.find_all("script"):
        if script.get("type") == "application/ld+json":
            assert isinstance(json.loads(script.string), dict)
            assert not set("<>&") & set(script.string)
            continue
        assert re.match(r"/static/|/[\w/]*script\.js\?", script.get("src", "")), script
        assert script.get_text() == ""
    for element in page.select("*"):
        assert not any(name.lower().startswith("on") for name in element.attrs), element
        assert "style" not in element.attrs, element
        for name in ("href", "src", "action"):
            address = element.get(name, "").lower().strip()
            assert not address.startswith("javascript:"), element
            assert alone or not address.startswith("data:"), element
    assert not page.find_all("img", src="x")
    assert not page.find_all("desc")
    assert str(1337 * 7331) not in page.get_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_shows_hostile_texts_as_texts(hostile, language):
    app, rows, names = hostile
    client = app.test_client()
    ids = [quoted(row["id"]) for row in rows]
    client.set_cookie("geomap_favourites", f"{'!'.join(ids)}!plain!gone{ids[0]}")
    own = [f"/facilities/{each}{more}" for each in ids for more in ("", "/print", "/report")]
    for path in (*DOCUMENTS, *own):
        url = path if path in own else path.format(**names)
        answer = client.get(f"{url}{'&' if '?' in url else '?'}lang={language}")
        expected = (200, 404) if path in own else (DOCUMENTS[path],)  # with a slash there is none
        assert answer.status_code in expected, url
        is_inert(answer.get_data(as_text=True), alone=path in FILES)
    cards = BeautifulSoup(client.get("/?q=静安区").data, "html.parser").select(".card h3")
    shown = {" ".join(card.get_text().split()) for card in cards}
    assert {" ".join(row["name"].split()) for row in rows} <= shown


def test_what_a_reader_types_is_shown_as_text(hostile):
    app, rows, _names = hostile
    client = app.test_client()
    for row in rows:
        for url in ("/", "/places", "/facilities/plain", "/facilities/" + row["name"], "/nothing"):
            given = dict.fromkeys(("q", "type", "lon", "page", "lang", "utm"), row["name"])
            for query in (given, {"q": row["name"]}):
                answer = client.get(url, query_string=query)
                assert answer.status_code < 500
                is_inert(answer.get_data(as_text=True))


def test_programs_get_the_text_itself_as_json(hostile):
    app, rows, _names = hostile
    client = app.test_client()
    texts = {row["id"]: row["name"] for row in rows}
    for url in ("/api/v1/facilities", "/api/v1/nearest?lon=121.45&lat=31.23"):
        answer = client.get(url)
        assert answer.content_type == "application/geo+json"
        found = {each["id"]: each["properties"]["name"] for each in answer.json["features"]}
        assert texts.items() <= found.items()
    answer = client.get("/api/v1/search", query_string={"q": rows[0]["name"]})
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
