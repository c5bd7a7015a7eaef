"""Any site's page may read what is public, and nothing else; errors, crawlers, what is to go."""

from __future__ import annotations

from datetime import date
from email.utils import parsedate_to_datetime

import pytest

from geomap.errors import ParameterError
from geomap.web.api import openness
from geomap.web.api.deprecation import Deprecation

PUBLIC = ["/api/v1/facilities", "/api/v1/facilities/a", "/api/v1/nearest?lon=1&lat=2",
          "/api/v1/search?q=a", "/openapi.json", "/ogc", "/ogc/", "/tiles/facilities.json",
          "/tiles/basemap.json", "/embed.js"]  # fmt: skip
ORIGIN = {"Origin": "https://portal.example"}


@pytest.mark.parametrize("url", [*PUBLIC, "/api/v1/nearest", "/api/v1/nothing"])
@pytest.mark.parametrize("headers", [{}, ORIGIN])
def test_any_page_may_read_it_whoever_asks(client, url, headers):
    answer = client.get(url, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" not in answer.headers.get("Vary", "")
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "url", ["/", "/facilities/a", "/plan", "/healthz", "/check", "/favourites"]
)
def test_pages_are_for_this_site_alone(client, url):
    assert "Access-Control-Allow-Origin" not in client.get(url, headers=ORIGIN).headers


@pytest.mark.parametrize("url", ["/api/v1/facilities", "/ogc"])
def test_a_page_that_asks_first_may_read_and_not_write(client, url):
    asks = {**ORIGIN, "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "range, x-api-key"}  # fmt: skip
    answer = client.options(url, headers=asks)
    assert answer.status_code == 200  # browsers follow no redirect here
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert {"Range", "X-API-Key"} <= {*headers["Access-Control-Allow-Headers"].split(", ")}
    job = client.options(
        "/api/v1/jobs/1", headers={**asks, "Access-Control-Request-Method": "DELETE"}
    )
    assert "DELETE" not in job.headers["Access-Control-Allow-Methods"]
    assert (
        "Access-Control-Allow-Origin" not in client.delete("/api/v1/jobs/1", headers=ORIGIN).headers
    )


@pytest.mark.parametrize("url", PUBLIC)
def test_head_says_what_get_says_without_the_body(client, url):
    got, head = client.get(url), client.head(url)
    assert (head.status_code, head.data) == (got.status_code, b"")
    for name in ("Content-Type", "ETag", "Content-Length"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("url", ["/api/v1/facilities", "/api/v1/jobs/1", "/openapi.json"])
def test_options_names_the_methods_and_others_are_refused_with_them(client, url):
    allowed = set(client.options(url).headers["Allow"].split(", "))
    assert {"GET", "HEAD", "OPTIONS"} <= allowed
    refused = client.put(url)
    assert (refused.status_code, refused.mimetype) == (405, "application/problem+json")
    assert set(refused.headers["Allow"].split(", ")) == allowed


def test_crawlers_are_told_what_is_worth_reading(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.get_data(as_text=True).splitlines()
    assert "User-agent: *" in lines
    assert "Disallow: /api/" in lines
    assert "Sitemap: http://localhost/sitemap.xml" in lines


def test_the_old_place_of_the_small_picture_has_one(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\x00\x00\x01\x00")


def test_what_is_to_go_says_since_when_until_when_and_what_instead(client, monkeypatch):
    going = Deprecation(date(2026, 12, 1), date(2027, 12, 1), "https://map.example/docs#search")
    monkeypatch.setattr(openness, "DEPRECATED", {"/api/v1/search": going})
    headers = client.get("/api/v1/search?q=a").headers
    assert headers["Deprecation"] == "@1796083200"
    assert parsedate_to_datetime(headers["Sunset"]).date() == date(2027, 12, 1)
    assert headers["Link"].startswith('<https://map.example/docs#search>; rel="deprecation"')
    assert "Deprecation" not in client.get("/api/v1/facilities").headers


def test_nothing_goes_within_a_year_of_its_notice():
    with pytest.raises(ParameterError, match="365 days"):
        Deprecation(date(2026, 12, 1), date(2027, 11, 1), "https://map.example/docs")
