"""Pictures of views: what stands where, told from the picture's own marks."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geomap.maps.clusters import Cluster
from geomap.maps.context import ContextIndex
from geomap.maps.drawing import Size, text_width
from geomap.maps.raster import png_of, symbol_image
from geomap.maps.view_picture import (
    Facilities,
    View,
    fitted,
    share_picture,
    short,
    view_of,
    view_picture,
)

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


_TEXTS = st.one_of(
    st.text("aZ9.", max_size=60), st.text("aZ.江宁路 \u00a0\u3000\u0301", max_size=60), st.text()
)
_SIZES = st.integers(5, 40)


@given(_TEXTS, _SIZES, st.floats(1, 12), st.integers(1, 5))
def test_no_line_is_wider_than_its_room_where_one_sign_fits(text, size, signs, most):
    lines = fitted(text, size, size * signs, most=most)
    assert len(lines) <= most
    assert all(text_width(each, size) <= size * signs * (1 + 1e-9) for each in lines)


@given(_TEXTS, _SIZES, st.floats(1, 12))
def test_nothing_of_a_text_is_lost_where_there_are_lines_enough(text, size, signs):
    lines = fitted(text, size, size * signs, most=len(text) + 1)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_long_word_is_broken_where_it_must_be():
    word = "Zhonghuarenmingongheguoyanglaoyuan"
    lines = fitted(word, 25, 214, most=4)
    assert [len(each) for each in lines] == [14, 14, 6]
    assert "".join(lines) == word


@given(st.integers(0, 2_000_000), st.integers(0, 2_000))
def test_the_number_in_a_disc_never_falls_as_the_count_rises(count, more):
    shown = [
        float(text.rstrip("k")) * (1000 if text.endswith("k") else 1)
        for text in (short(count), short(count + more))
    ]
    assert shown[0] <= shown[1] <= count + more


@pytest.mark.parametrize(("count", "shown"), [(9_949, "9.9k"), (9_950, "9.9k"), (10_000, "10k")])
def test_the_number_in_a_disc_is_cut_not_rounded(count, shown):
    assert short(count) == shown


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
