"""Pictures of views: what stands where, told from the picture's own marks."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from geomap.maps.clusters import Cluster
from geomap.maps.context import ContextIndex
from geomap.maps.drawing import Size
from geomap.maps.raster import png_of, symbol_image
from geomap.maps.view_picture import Facilities, View, share_picture, view_of, view_picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def index():
    return ContextIndex({}, {})


def one_home(lon, lat):
    def tile(tile):
        here = (int((lon + 180) / 360 * 2**tile.z)) == tile.x
        return [Cluster(lon, lat, 1, None, (0,))] if here else []

    return tile


def discs(picture):
    return ET.fromstring(picture).findall(f".//{SVG}circle")


def test_a_group_is_drawn_once_with_its_number(index):
    drawn = {}

    def tile(asked):
        if drawn.setdefault(asked.z, asked) == asked:
            return [Cluster(121.5, 31.2, 1240, 12, ())]
        return []

    facilities = Facilities(tile, lambda _row: ("other", False))
    view, size = View(121.5, 31.2, 10), Size(300, 200)
    picture = view_picture(index, view, facilities, title="<b>&", language="zh", size=size)
    (disc,) = discs(picture)
    assert (float(disc.get("cx")), float(disc.get("cy"))) == pytest.approx((150, 100), abs=0.1)
    texts = [each.text for each in ET.fromstring(picture).iter(f"{SVG}text")]
    assert "1.2k" in texts
    assert ET.fromstring(picture).findtext(f"{SVG}title") == "<b>&"


def test_bounds_fit_into_the_view_that_is_chosen_and_not_one_zoom_deeper():
    for bounds in ([[18, 73], [53, 135]], [[31.1, 121.2], [31.4, 121.9]], [[31.2, 121.4]] * 2):
        view, size = view_of(bounds, Size(600, 400)), Size(600, 400)
        wide = (bounds[1][1] - bounds[0][1]) / 360 * 256 * 2**view.zoom
        assert wide <= size.width or view.zoom == 3
        assert 3 <= view.zoom <= 15


def test_the_picture_of_a_link_is_a_png_of_the_size_that_pages_ask_for(index):
    facilities = Facilities(one_home(121.5, 31.2), lambda _row: ("nursing_home", False))
    said = {
        "title": "江宁路颐养院" * 9,
        "lines": ["养老院", "\x0b<script>"],
        "site": "养老服务地图",
    }
    svg = share_picture(index, View(121.5, 31.2, 10), facilities, **said, language="zh")
    with Image.open(io.BytesIO(png_of(svg, width=1200))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
        # the home's navy stands in the middle of the map, right of the panel
        near = [
            picture.getpixel((850 + dx, 315 + dy))[:3] for dx in (-20, 0, 20) for dy in (-8, 16)
        ]
    assert (11, 36, 114) in near


def test_a_page_without_a_place_has_a_picture_of_words(index):
    svg = share_picture(index, None, Facilities(lambda _t: [], lambda _r: ("other", False)),
                        title="没有位置", lines=[], site="s", language="zh")  # fmt: skip
    with Image.open(io.BytesIO(png_of(svg, width=1200))) as picture:
        assert picture.getpixel((1100, 300))[:3] == (255, 255, 255)


def test_a_closed_home_is_hollow():
    spot = (22, 33)  # beside the letter
    assert symbol_image("nursing_home", "en", closed=False, px=44).getpixel(spot)[:3] == (
        11,
        36,
        114,
    )
    assert symbol_image("nursing_home", "en", closed=True, px=44).getpixel(spot)[:3] == (
        255,
        255,
        255,
    )
