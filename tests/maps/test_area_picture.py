"""Maps of areas for paper: valid pictures, texts stay texts, what is drawn is in the legend."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from geomap.maps.area_frame import Frame
from geomap.maps.area_picture import coverage_picture, measure_picture

WORDS = {"title": "标题", "facility": "机构", "reach": "直线 1,000 米之内", "gap": "空白区",
         "area": "界线"}  # fmt: skip
#  two squares side by side, 0.1° wide
AREAS = np.array([shapely.box(105, 35, 105.1, 35.1), shapely.box(105.1, 35, 105.2, 35.1)])
NONE = np.array([], dtype=object)


def coverage(areas=AREAS, names=("甲区", "乙区"), **more):
    given = {"service": NONE, "gaps": NONE, "facilities": NONE, "walked": False, "reach_m": 1000,
             "words": WORDS, "language": "zh"}  # fmt: skip
    return coverage_picture(areas, names=names, **given | more)


def parsed(picture: bytes) -> ET.Element:
    root = ET.fromstring(picture)
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


def texts(picture: bytes) -> set[str]:
    return {each.text for each in parsed(picture).iter("text")}


def test_only_what_is_drawn_stands_in_the_legend():
    bare = texts(coverage())
    assert {"甲区", "乙区", "界线"} <= bare
    assert not {"机构", "空白区", "直线 1,000 米之内"} & bare
    everything = texts(coverage(
        gaps=AREAS[:1], service=AREAS[1:], facilities=np.array([shapely.Point(105.15, 35.05)])
    ))  # fmt: skip
    assert {"机构", "空白区", "直线 1,000 米之内"} <= everything


def test_a_straight_circle_is_dashed_and_a_walk_is_not():
    for walked in (True, False):
        (reach,) = [each for each in parsed(coverage(service=AREAS[:1], walked=walked)).iter("path")
                    if each.get("stroke") == "#0B5C80"]  # fmt: skip
        assert (reach.get("stroke-dasharray") is None) == walked


def test_circles_too_small_for_dashes_have_a_thin_whole_line():
    (reach,) = [each for each in parsed(coverage(service=AREAS[:1], reach_m=50)).iter("path")
                if each.get("stroke") == "#0B5C80"]  # fmt: skip
    assert reach.get("stroke-dasharray") is None
    assert float(reach.get("stroke-width")) < 1


def test_without_shapes_there_is_no_picture():
    nothing = np.array([None, shapely.Polygon()], dtype=object)
    assert coverage(nothing) is None
    assert Frame.around(NONE) is None


def test_names_that_are_markup_stay_texts():
    root = parsed(coverage(names=("<b>", "\x00乙")))
    assert {"<b>", "乙"} <= {each.text for each in root.iter("text")}
    assert not list(root.iter("b")) + list(root.iter("script"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_figure_is_hatched_and_named(language):
    picture = measure_picture(
        AREAS, labels=[["甲", "78.1"], ["乙", ""]], colours=["#253494", None], title="占比",
        legend=[("0–100", "#253494"), ("没有数据", None)], language=language,
    )  # fmt: skip
    root = parsed(picture)
    fills = [each.get("fill") for each in root.iter("path")]
    assert fills.count("#253494") == fills.count("url(#unknown)") == 1
    assert {"甲", "78.1", "没有数据", "km" if language == "en" else "北"} & texts(picture)


def test_everything_lies_within_the_picture():
    root = parsed(coverage(facilities=np.array([shapely.Point(105.15, 35.05)])))
    width, height = (float(each) for each in root.get("viewBox").split()[2:])
    for each in root.iter("circle"):
        assert 0 <= float(each.get("cx")) <= width
        assert 0 <= float(each.get("cy")) <= height
    for each in root.iter("text"):
        assert 0 <= float(each.get("x")) <= width
        assert 0 <= float(each.get("y")) <= height
