"""The sheet to print, the still map and the QR code of a facility."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from geomap.settings import Settings

SVG = "{http://www.w3.org/2000/svg}"


def soup(client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def test_the_sheet_says_the_chief_things_in_their_order(client):
    sheet = soup(client, "/facilities/a/print").select_one(".sheet")
    order = [
        ".sheet-kind", "h1", ".sheet-phone", ".beds", ".sheet-facts", ".sheet-map", ".sheet-qr",
        ".sheet-questions", ".sheet-source",
    ]  # fmt: skip
    places = [sheet.find_all().index(sheet.select_one(each)) for each in order]
    assert places == sorted(places)
    assert sheet.select_one(".sheet-phone").get_text() == "电话 021-6200 0000"
    assert "7月1日更新" in sheet.select_one(".beds").get_text()
    assert len(sheet.select(".sheet-questions li")) == 4
    assert "扫码看最新空床" in sheet.select_one(".sheet-qr").get_text()
    source = sheet.select_one(".sheet-source").get_text()
    assert "家属反馈" in source
    assert "http://localhost/facilities/a" in source


def test_the_sheet_of_a_listed_home_says_so_before_the_facts(client):
    sheet = soup(client, "/facilities/c/print").select_one(".sheet")
    elements = sheet.find_all()
    risk = elements.index(sheet.select_one(".risk"))
    assert risk < elements.index(sheet.select_one(".sheet-facts"))
    assert "已住满" in sheet.select_one(".beds").get_text()


def test_the_sheet_of_a_home_without_a_place_or_telephone_says_so(client):
    sheet = soup(client, "/facilities/e/print").select_one(".sheet")
    assert not sheet.select(".sheet-map")
    assert "位置未知" in sheet.get_text()
    assert "请打 12345 问" in sheet.select_one(".sheet-phone").get_text()


def test_the_qr_code_reads_as_the_address_of_the_page(make_client, town):
    zxingcpp = pytest.importorskip("zxingcpp", reason="reads QR codes; not needed to run")
    for settings, site in (
        ({}, "http://localhost"),
        ({"public_url": "https://yl.example.org/map/"}, "https://yl.example.org/map"),
    ):
        answer = make_client(town, **settings).get("/facilities/a/qr.svg?lang=en")
        assert answer.mimetype == "image/svg+xml"
        (found,) = zxingcpp.read_barcodes(_pixels(answer.data))
        assert found.text == f"{site}/facilities/a?lang=en"


def _pixels(svg: bytes):
    """Draw segno's SVG, which holds runs of dark modules: M moves, m moves on, h draws."""
    import numpy as np

    root = ET.fromstring(svg)
    side = int(root.get("viewBox").split()[2])
    modules = np.full((side, side), 255, dtype=np.uint8)
    dark = next(each for each in root.iter(f"{SVG}path") if each.get("stroke"))
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([^Mmh]*)", dark.get("d")):
        values = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            modules[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        else:
            x, y = values if step == "M" else (x + values[0], y + values[1])
    return np.kron(modules, np.ones((8, 8), dtype=np.uint8))


@pytest.mark.usefixtures("without_boundaries")
def test_the_still_map_is_a_picture_with_its_symbol_scale_and_north(client):
    answer = client.get("/facilities/b/map.svg")
    assert answer.mimetype == "image/svg+xml"
    texts = [each.text for each in ET.fromstring(answer.data).iter(f"{SVG}text")]
    assert "浦东新区" in texts
    assert "北" in texts
    assert any(re.fullmatch(r"\d+ (?:米|公里)", each) for each in texts)
    again = client.get("/facilities/b/map.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("without_boundaries")
def test_the_printed_map_is_grey(client):
    answer = client.get("/facilities/a/map.svg?grey=1")
    colours = re.findall(rb"#([0-9A-Fa-f]{6})", answer.data)
    assert colours
    assert all(each[:2] == each[2:4] == each[4:] for each in colours)


def test_a_home_without_a_place_has_no_map(client):
    assert client.get("/facilities/e/map.svg").status_code == 404
    for part in ("print", "qr.svg", "map.svg", "report"):
        assert client.get(f"/facilities/nobody/{part}").status_code == 404


def test_a_page_and_its_sheet_reveal_no_cookie(client):
    for path in ("/facilities/a", "/facilities/a/print", "/facilities/a/qr.svg"):
        assert "Set-Cookie" not in client.get(path).headers


@pytest.fixture(scope="module")
def campus(data_folder, tmp_path_factory, geomap_import):
    """A client of a workspace that was given two homes and a street map on the command line."""
    from geomap.web.app import create_app

    folder = tmp_path_factory.mktemp("campus")
    homes = ["id,name,type,lon,lat", "in,甲,养老院,116.3222,39.9945", "out,乙,养老院,110.0,30.0"]
    (folder / "homes.csv").write_text("\n".join(homes), encoding="utf-8")
    streets = data_folder / "osm" / "beijing_tsinghua.osm"
    geomap_import(folder / "homes.csv", "--into", folder / "ours")
    geomap_import(streets, "--as", "basemap", "--into", folder / "ours")
    return create_app(folder / "ours", Settings()).test_client()


def test_the_printed_map_shows_the_streets_of_the_workspace_and_the_booklet_stays_small(campus):
    def names(url: str) -> set[str]:
        return {each.text for each in ET.fromstring(campus.get(url).data).iter(f"{SVG}text")}

    assert "日新路" in names("/facilities/in/map.svg?grey=1")
    assert "日新路" in names("/facilities/in/map.svg")
    assert "日新路" in names("/compare/map.svg?ids=in")
    assert "日新路" not in names("/facilities/out/map.svg?grey=1")
    one, two = (len(campus.get(f"/booklet?ids={ids}&f=html").data) for ids in ("out", "out,in"))
    assert two - one <= 40_000
