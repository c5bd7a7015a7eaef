"""Headers, addresses and cookies of every answer."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

PAGES = [
    "/",
    "/?q=静安区",
    "/?q=鼓楼区",
    "/?q=xyz",
    "/places?q=静安",
    "/about",
    "/check",
    "/facilities/a",
    "/facilities/e",
    "/facilities/a/print",
    "/embed/new",
    "/ogc/?f=html",
    "/ogc/api?f=html",
    "/ogc/collections?f=html",
    "/ogc/collections/gaps?f=html",
    "/ogc/collections/facilities/queryables?f=html",
    "/ogc/collections/facilities/items?f=html&limit=2&offset=1",
    "/ogc/collections/facilities/items/a?f=html",
    "/?lon=x",
    "/nothing",
]
#: Parts of other sites' pages: without header, search and footer.
EMBEDS = ["/embed?adcode=310106&search=1", "/embed?zoom=x&lon=1&lat=1"]
OTHERS = [
    "/api/v1/facilities",
    "/api/v1/nothing",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/static/css/base.css",
]


@pytest.mark.parametrize("url", [*PAGES, *EMBEDS, *OTHERS])
def test_every_answer_carries_the_strict_policy(client, url):
    headers = client.get(url).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in str(policy)
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("url", [*PAGES, *EMBEDS])
def test_every_address_on_a_page_is_ours_and_answers(client, url):
    page = BeautifulSoup(client.get(url).data, "html.parser")
    loaded = [
        each.get("src") or each.get("href") for each in page.select("[src], link[href], use[href]")
    ]
    assert loaded
    for address in loaded:
        address = address.removeprefix("http://localhost")  # noqa: PLW2901 (oEmbed's are in full)
        assert address.startswith("/")
        assert not address.startswith("//")
        if not address.startswith("/map"):
            assert client.get(address).status_code == 200, address
    for link in page.select("a[href]"):
        ours = re.match(r"/(?!/)|tel:\+?\d+$|#\w+$", link["href"])
        assert ours or "external" in link.get("rel", []), link
        if link["href"].startswith("#"):
            assert page.select_one(link["href"]), link


@pytest.mark.parametrize("url", [*PAGES, *EMBEDS])
def test_pages_have_no_inline_script_or_style(client, url):
    page = BeautifulSoup(client.get(url).data, "html.parser")
    assert page.select("style, [style]") == []
    inline = [each for each in page.select("script") if not each.get("src")]
    assert [each for each in inline if each["type"] != "application/ld+json"] == []


@pytest.mark.parametrize("url", PAGES)
def test_pages_have_one_heading_one_of_each_landmark_and_unique_ids(client, url):
    page = BeautifulSoup(client.get(url).data, "html.parser")
    for landmark in ("h1", "main", "header", "footer", "form[role=search]", "title"):
        assert len(page.select(landmark)) == 1, landmark
    levels = [int(each.name[1]) for each in page.select("h1, h2, h3, h4")]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert page.select_one("body > a")["href"] == "#main"
    assert page.select_one("label[for=q]")


@pytest.mark.parametrize("url", PAGES)
def test_pages_say_nothing_that_only_programs_say(client, url):
    for language in ("zh", "en"):
        joined = f"{url}{'&' if '?' in url else '?'}lang={language}"
        page = BeautifulSoup(client.get(joined).data, "html.parser")
        text = page.get_text(" ")
        assert not re.search(
            r"\b(?:None|nan|NaN|null|undefined|NaT|<NA>|True|False)\b|[{}]|%\(", text
        )


def test_versioned_files_are_kept_for_a_year_others_are_asked_for(client):
    page = BeautifulSoup(client.get("/").data, "html.parser")
    versioned = client.get(page.select_one("link[rel=stylesheet]")["href"])
    assert versioned.cache_control.max_age == 31_536_000
    assert versioned.cache_control.immutable
    assert not client.get("/static/css/base.css").cache_control.max_age


def test_a_fault_of_ours_has_a_code_that_stands_in_the_log_too(client, monkeypatch, caplog):
    from geomap.web import pages

    def broken(*_):
        raise RuntimeError("secret of the server")

    monkeypatch.setattr(pages, "find_answer", broken)
    answer = client.get("/?q=静安区江宁路97号")
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 500
    assert page.h1.get_text() == "出了点问题，不是您的错"
    code = re.search(r"编号 ([0-9A-F]{4})", page.main.get_text())[1]
    (record,) = [each for each in caplog.records if each.name == "geomap.web.problems"]
    assert code in record.getMessage()
    assert "江宁路" not in unquote(record.getMessage())
    assert "secret" not in answer.get_data(as_text=True)
