"""The map of the site, read as a search engine reads it: by lxml, against what is served."""

from __future__ import annotations

import pytest
from lxml import etree

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def read(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    return etree.fromstring(answer.data)


def addresses(answer):
    return read(answer).xpath("//s:loc/text()", namespaces=NAMES)


def test_the_index_leads_to_every_facility_and_page(client):
    (part,) = addresses(client.get("/sitemap.xml"))
    assert part == "http://localhost/sitemaps/1.xml"
    listed = addresses(client.get("/sitemaps/1.xml"))
    homes = [each for each in listed if "/facilities/" in each]
    assert homes == [f"http://localhost/facilities/{each}" for each in "abcde"]
    assert {"http://localhost/", "http://localhost/open-data"} <= set(listed)
    assert {client.get(each).status_code for each in listed} == {200}


def test_a_facility_changed_when_something_of_it_was_checked_last(client):
    root = read(client.get("/sitemaps/1.xml"))
    found = {
        each.findtext("s:loc", namespaces=NAMES): each.findtext("s:lastmod", namespaces=NAMES)
        for each in root.iterfind("s:url", NAMES)
    }
    assert found["http://localhost/facilities/a"] == "2025-07-01"
    assert found["http://localhost/facilities/b"] is None
    index = read(client.get("/sitemap.xml"))
    assert index.findtext("s:sitemap/s:lastmod", namespaces=NAMES) == "2025-07-01"


def test_a_day_to_come_is_no_day_of_a_change(make_client, facilities_of):
    rows = [{"id": "z", "name": "明天", "type": "other", "verified_on": "2999-01-01"}]
    client = make_client(facilities_of(rows))
    assert b"lastmod" not in client.get("/sitemaps/1.xml").data


def test_no_file_lists_more_than_the_protocol_lets_it(make_client, facilities_of, monkeypatch):
    rows = [{"id": f"h&{n}", "name": f"家 {n}", "type": "other"} for n in range(12)]
    client = make_client(facilities_of(rows), public_url="https://care.example.org/")
    monkeypatch.setattr("geomap.web.open_data.sitemap.MOST_ADDRESSES", 7)
    parts = addresses(client.get("/sitemap.xml"))
    assert parts == [f"https://care.example.org/sitemaps/{n}.xml" for n in (1, 2, 3)]
    assert b"Sitemap: https://care.example.org/sitemap.xml\n" in client.get("/robots.txt").data
    listed = [addresses(client.get(f"/sitemaps/{n}.xml")) for n in (1, 2, 3)]
    assert [len(each) for each in listed] == [7, 7, 3]
    homes = [each for part in listed for each in part if "/facilities/" in each]
    assert homes == [f"https://care.example.org/facilities/h%26{n}" for n in range(12)]
    assert client.get("/sitemaps/4.xml").status_code == 404


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemaps/1.xml"])
def test_a_list_that_is_held_is_not_sent_again(client, path):
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_there_is_no_part_nought(client):
    assert client.get("/sitemaps/0.xml").status_code == 404
