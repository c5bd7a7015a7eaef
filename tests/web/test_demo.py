from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup

from geomap.data.demos.demo import demo_of
from geomap.web.app import create_app

STRIP = "演示数据：机构均为虚构，不能用于择院"


@pytest.fixture(scope="module")
def demo_client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "w"
    demo_of(folder, city=None, size=30, seed=1, today=date(2026, 7, 1))
    return create_app(folder).test_client()


@pytest.mark.parametrize(
    "url",
    ["/", "/?q=养老", "/?page=2", "/?type=nursing_home", "/places?q=人民", "/about",
     "/facilities/demo-30-000001"],
)  # fmt: skip
def test_every_page_of_data_says_that_the_homes_are_invented(demo_client, url):
    with demo_client.get(url) as answer:
        page = BeautifulSoup(answer.data, "html.parser")
    notice = page.select_one("section.notice")
    assert notice is not None
    assert STRIP in notice.text


def test_the_map_says_so_too(demo_client):
    with demo_client.get("/map") as answer:
        page = answer.get_data(as_text=True)
    script = next(
        each["src"]
        for each in BeautifulSoup(page, "html.parser").select("script[src]")
        if each["src"].startswith("/map/script.js")
    )
    with demo_client.get(script) as answer:
        text = answer.get_data(as_text=True)
    assert STRIP in text or STRIP.encode("unicode_escape").decode() in text
