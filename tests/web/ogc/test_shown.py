"""What the pages show besides their documents: filters, what is chosen, and a map of it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup

ITEMS = "/ogc/collections/facilities/items"


def page_of(answer):
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.data, "html.parser")


def test_what_a_form_leaves_empty_is_taken_out_of_the_address(client):
    answer = client.get(f"{ITEMS}?f=html&type=nursing_home&adcode=&bbox=+&limit=20&endpoint=x")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(
        f"{ITEMS}?f=html&type=nursing_home&limit=20&endpoint=x"
    )
    assert client.get(answer.headers["Location"]).status_code == 400
    assert client.get(f"{ITEMS}?bbox=").status_code == 400


def test_what_is_chosen_is_said_in_words_and_taken_away_by_one_press(client):
    page = page_of(client.get(f"{ITEMS}?f=html&type=nursing_home&admits_private=true"))
    said = [each.text.strip() for each in page.select(".applied a")]
    assert [each.partition(" ")[0] for each in said] == ["机构类型：养老院", "接收自费老人：是"]
    assert page.select_one(".applied a")["href"] == f"{ITEMS}?f=html&admits_private=true"
    assert page.select_one("select#type option[selected]")["value"] == "nursing_home"


def test_an_empty_list_says_what_to_do_and_draws_no_map(client):
    page = page_of(client.get(f"{ITEMS}?f=html&bbox=0,0,1,1"))
    assert "没有符合的" in page.main.text
    assert page.select(".ogc-map") == []


@pytest.mark.parametrize("path", [ITEMS, "/ogc/collections/gaps/items/1"])
def test_the_map_of_a_page_is_drawn_here_and_kept(client, path):
    (picture,) = page_of(client.get(f"{path}?f=html")).select(".ogc-map img")
    answer = client.get(picture["src"])
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "Accept-Language" in answer.vary
    assert ET.fromstring(answer.data).find("{http://www.w3.org/2000/svg}g") is not None
    again = client.get(picture["src"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_people_read_what_is_wrong_on_a_page_with_a_way_back(client):
    for address, status in (("/ogc/collections/x", 404), (f"{ITEMS}?limit=0", 400)):
        told = client.get(address, headers={"Accept": "text/html"})
        assert (told.status_code, told.mimetype) == (status, "text/html")
        page = BeautifulSoup(told.data, "html.parser")
        assert page.main.select_one("a[href^='/ogc/?f=html']")
        assert client.get(address).mimetype == "application/problem+json"
    faults = page.main.select_one("p[lang=en]").text
    assert faults.startswith("limit: ")
