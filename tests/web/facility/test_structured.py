"""What search engines read of a facility."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup


def thing(client, url: str) -> dict:
    page = BeautifulSoup(client.get(url).data, "html.parser")
    (script,) = page.select("script[type='application/ld+json']")
    return json.loads(script.string)


def test_what_is_known_stands_in_the_words_of_schema_org(client):
    found = thing(client, "/facilities/a")
    assert found["@context"] == "https://schema.org"
    assert found["@type"] == "LocalBusiness"
    assert found["name"] == "江宁路颐养院"
    assert found["telephone"] == "021-6200 0000"
    assert found["url"] == "http://localhost/facilities/a"
    assert found["address"]["streetAddress"] == "江宁路 1 号"
    assert found["geo"] == {"@type": "GeoCoordinates", "latitude": 31.23, "longitude": 121.451}
    assert found["priceRange"] == "3,200–5,600 元"
    assert found["award"] == "国标四级（共五级）"
    beds = {each["propertyID"]: each for each in found["additionalProperty"]}
    assert beds["beds_available"]["value"] == 6
    assert beds["beds_available"]["description"] == "2025-07-01"


def test_nothing_unknown_is_written(client):
    found = thing(client, "/facilities/e")
    assert set(found) == {"@context", "@type", "@id", "url", "name", "description", "address"}
    assert set(found["address"]) == {"@type", "addressRegion"}


def test_a_rough_place_is_not_given_as_a_point(client):
    assert "geo" not in thing(client, "/facilities/d")


def test_official_ratings_are_no_reviews(client):
    assert "aggregateRating" not in thing(client, "/facilities/a")


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "data:text/html,x", "//a.b", "ftp://a"])
def test_only_plain_web_addresses_are_named(make_client, facilities_of, bad):
    row = {"id": "x", "name": "某院", "type": "other", "website": bad, "photo": bad}
    found = thing(make_client(facilities_of([row])), "/facilities/x")
    assert not {"sameAs", "image"} & set(found)


def test_the_address_is_the_public_one(make_client, town):
    client = make_client(town, public_url="https://yl.example.org")
    assert thing(client, "/facilities/a?q=静安区")["@id"] == "https://yl.example.org/facilities/a"
