"""Streets under still maps: cut from the street maps of a workspace, small, and only there."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from geomap.data.basemap.store import StreetMaps, write_map
from geomap.data.sandbox.mapping import map_of
from geomap.maps.context import ContextIndex
from geomap.maps.drawing import SIZES
from geomap.maps.lettered import lettered_map
from geomap.maps.still_map import Spot, still_map
from geomap.maps.street_picture import ROADS, cut_streets, width_at

SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = Path(__file__).parents[2] / "static/js/map-streets.js"
#: On the campus of Tsinghua, and far from any street map.
HERE, ELSEWHERE = (116.3222, 39.9945), (110.0, 30.0)
NOTHING = ContextIndex({}, {})


@pytest.fixture(scope="module")
def tiles(data_folder, tmp_path_factory):
    """The tiles of the street map of a real extract."""
    folder = tmp_path_factory.mktemp("streets")
    with map_of(data_folder / "osm" / "beijing_tsinghua.osm") as made:
        write_map(folder, made)
    maps = StreetMaps(folder)
    yield maps.tile
    maps.close()


def spot(place: tuple[float, float], **more) -> Spot:
    return Spot(*place, "nursing_home", "某院", **more)


def names(picture: bytes) -> set[str]:
    return {each.text for each in ET.fromstring(picture).iter(f"{SVG}text")}


def test_roads_are_as_wide_as_on_the_moving_map():
    said = re.findall(r'kind: "(\w+)", widths: (\[\[.*?\]\])', SCRIPT.read_text(encoding="utf-8"))
    assert {kind: [list(each) for each in widths] for kind, widths in ROADS.items()} == {
        kind: [[float(x) for x in each.split(",")] for each in re.findall(r"\[([\d., ]+)\]", text)]
        for kind, text in said
    }


def test_streets_and_their_names_are_drawn_where_the_map_reaches(tiles):
    drawn = still_map(NOTHING, spot(HERE), language="zh", size=SIZES["small"], streets=tiles)
    plain = still_map(NOTHING, spot(HERE), language="zh", size=SIZES["small"])
    assert "成府路" in names(drawn)
    assert "成府路" not in names(plain)
    assert drawn.count(b'stroke="#FFFFFF"') > plain.count(b'stroke="#FFFFFF"')
    english = still_map(NOTHING, spot(HERE), language="en", size=SIZES["small"], streets=tiles)
    assert any("Chengfu" in each for each in names(english))


def test_a_picture_stays_small(tiles):
    for size in SIZES.values():
        drawn = still_map(NOTHING, spot(HERE), language="zh", size=size, grey=True, streets=tiles)
        assert len(drawn) * 4 / 3 <= 40_000  # as a booklet holds it


def test_lines_end_at_the_rim(tiles):
    drawn = still_map(NOTHING, spot(HERE), language="zh", size=SIZES["sheet"], streets=tiles)
    (pen,) = [each for each in ET.fromstring(drawn).iter(f"{SVG}g") if each.get("transform")]
    starts = [
        (int(x) / 2, int(y) / 2)
        for path in pen
        for x, y in re.findall(r"M(-?\d+) (-?\d+)", path.get("d"))
    ]
    width, height = SIZES["sheet"]
    assert starts
    assert all(-9 <= x <= width + 9 and -9 <= y <= height + 9 for x, y in starts)


def test_names_of_streets_read_from_left_to_right(tiles):
    drawn = still_map(NOTHING, spot(HERE), language="zh", streets=tiles)
    turns = [float(each) for each in re.findall(rb"rotate\((-?\d+)", drawn)]
    assert turns
    assert all(-90 <= each <= 90 for each in turns)


def test_where_no_street_map_reaches_the_picture_is_as_without(tiles):
    for place, more in ((ELSEWHERE, {}), (ELSEWHERE, {"rough": True})):
        with_streets = still_map(NOTHING, spot(place, **more), language="zh", streets=tiles)
        assert with_streets == still_map(NOTHING, spot(place, **more), language="zh")
    rough = still_map(NOTHING, spot(HERE, rough=True), language="zh", streets=tiles)
    assert any("公里" in each for each in names(rough))


@pytest.mark.parametrize("content", [b"no tile", b"\x1a\x7f", b"\x1a\x02\x0a\x7f"])
def test_a_damaged_street_map_costs_the_streets_only(content):
    whole = still_map(NOTHING, spot(HERE), language="zh")
    for tile in (content, gzip.compress(content)):
        assert still_map(NOTHING, spot(HERE), language="zh", streets=lambda *_, t=tile: t) == whole


def test_without_tiles_there_are_no_streets():
    assert not cut_streets(lambda *_: None, *HERE, 15, SIZES["wide"])


def test_homes_close_together_are_drawn_as_near_as_streets_allow(tiles):
    homes = {"A": spot(HERE), "B": spot((HERE[0] + 0.001, HERE[1]))}
    near = lettered_map(NOTHING, homes, language="zh", streets=tiles)
    assert "中关村东路" in names(near)
    assert any(re.fullmatch(r"\d+ 米", each or "") for each in names(near))
    far = {letter: spot(ELSEWHERE) for letter in homes}
    assert lettered_map(NOTHING, far, language="zh", streets=tiles) == lettered_map(
        NOTHING, far, language="zh"
    )


def test_a_width_is_in_proportion_between_those_that_are_stated():
    assert width_at(ROADS["minor"], 12) == 0
    assert width_at(ROADS["minor"], 15) == 4
    assert width_at(ROADS["minor"], 14.5) == 3
    assert width_at(ROADS["minor"], 20) == 13
