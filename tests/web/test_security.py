"""Headers, addresses and cookies of every answer."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

#: Kinds of answers, and whether pages of other sites may load them.
SHARED = {
    "/": False, "/facilities/a": False, "/find": False, "/kept": False, "/map/script.js": False,
    "/nothing": False, "/api/v1/facilities": True, "/api/v1/nothing": True, "/embed": True,
    "/embed/new": False, "/embed.js": True, "/facilities/a/picture.png": True, "/ogc/": True,
    "/ogc": True, "/openapi.json": True, "/static/css/base.css": True,
    "/tiles/clusters/8/214/104.json": True,
}  # fmt: skip


@pytest.mark.parametrize("url", SHARED)
def test_every_answer_has_the_usual_headers_and_sets_no_cookie(client, url):
    headers = client.get(url).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    shared = "cross-origin" if SHARED[url] else "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == shared
    assert not {"Set-Cookie", "X-Frame-Options", "Strict-Transport-Security"} & {*headers.keys()}


def test_who_came_by_https_comes_by_https_again(client):
    headers = client.get("/about", base_url="https://localhost").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


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
