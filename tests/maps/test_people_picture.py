"""Maps of people for paper: circles by number, marks that hide nothing, texts stay texts."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from geomap.maps.people_picture import MOST_NUMBERED, Mark, People, people_picture

WORDS = {"title": "标题", "facility": "机构", "area": "界线", "mark": "选出的", "ring": "圈",
         "gap": "空白区"}  # fmt: skip
AREAS = np.array([shapely.box(105, 35, 105.1, 35.1), shapely.box(105.1, 35, 105.2, 35.1)])
NONE = np.array([], dtype=object)
SPOTS = [[105.05, 35.05, 400], [105.15, 35.05, 100]]


def drawn(**more) -> ET.Element:
    given = {"areas": AREAS, "names": ["甲", "乙"], "facilities": NONE, "words": WORDS,
             "language": "zh", "people": [People("reached", "够得到", SPOTS)]}  # fmt: skip
    given |= more
    picture = people_picture(given.pop("areas"), **given)
    if picture is None:
        return None
    root = ET.fromstring(picture)
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


def texts(root) -> list[str]:
    return [each.text for each in root.iter("text")]


def circles(root) -> list[float]:
    (ground,) = [each for each in root.iter("g") if each.get("clip-path")]
    return [float(each.get("r")) for each in ground.iter("circle")]


def test_four_times_the_people_have_a_circle_of_twice_the_width():
    large, small = circles(drawn())
    assert large == pytest.approx(2 * small, rel=0.05)


def test_circles_shrink_where_they_would_hide_the_ground():
    many = [[105.01 + n % 40 / 250, 35.01 + n // 40 / 250, 100] for n in range(800)]
    radii = circles(drawn(people=[People("reached", "够得到", many)]))
    assert len(radii) == 800
    assert max(radii) < max(circles(drawn()))


def test_a_changed_few_are_seen_beside_an_unchanged_many():
    people = [People("before", "原来", [[105.05, 35.05, 1_000_000]]),
              People("newly", "新", [[105.15, 35.05, 1]])]  # fmt: skip
    assert min(circles(drawn(people=people))) >= 3


def test_only_what_is_drawn_is_in_the_legend():
    bare = texts(drawn(people=[People("reached", "够得到", [])]))
    assert not {"够得到", "机构", "选出的", "圈", "空白区"} & set(bare)
    full = texts(drawn(marks=[Mark(105.05, 35.05, "1")], ring_m=1000, gaps=AREAS[:1],
                       facilities=np.array([shapely.Point(105.02, 35.02)])))  # fmt: skip
    assert {"够得到", "机构", "选出的", "圈", "空白区", "界线"} <= set(full)


def test_marks_at_one_place_all_keep_their_numbers_apart():
    root = drawn(marks=[Mark(105.05, 35.05, str(n)) for n in range(1, 7)], people=[])
    boxes = [(float(each.get("x")), float(each.get("y"))) for each in root.iter("rect")
             if each.get("fill") == "#14212B"][:6]  # fmt: skip
    assert len(set(boxes)) == 6
    for n, (x, y) in enumerate(boxes):
        assert all(abs(x - a) >= 20 or abs(y - b) >= 20 for a, b in boxes[:n])


def test_too_many_marks_are_drawn_without_numbers():
    marks = [Mark(105 + n / 1_000, 35.05, str(n)) for n in range(1, MOST_NUMBERED + 2)]
    root = drawn(marks=marks)
    assert not {"2", "61"} & set(texts(root))
    squares = [each for each in root.iter("rect") if each.get("fill") == "#14212B"]
    assert len(squares) >= len(marks)


def test_a_straight_ring_has_the_scale_of_its_place():
    (_people, ring) = [each for each in drawn(
        people=[People("reached", "够得到", SPOTS[:1])], marks=[Mark(105.05, 35.05, "1")],
        ring_m=2_000).iter("g") if each.get("stroke")]  # fmt: skip
    radius = float(ring.find("circle").get("r"))
    width_m = 0.2 * 111_320 * np.cos(np.radians(35.05))  # of both areas
    assert radius == pytest.approx(2_000 / width_m * (640 - 28), rel=0.01)


def test_without_shapes_the_people_themselves_are_the_picture():
    nothing = np.array([None], dtype=object)
    assert len(circles(drawn(areas=nothing, names=[""]))) == 2
    assert drawn(areas=nothing, names=[""], people=[]) is None
    fit = shapely.points([[100.0, 30.0], [110.0, 40.0]])
    both = [drawn(areas=nothing, names=[""], people=[People("reached", "a", SPOTS[n:])], fit=fit)
            for n in (0, 1)]  # fmt: skip
    assert both[0].get("viewBox") == both[1].get("viewBox")


def test_names_and_words_that_are_markup_stay_texts():
    root = drawn(names=["<s>", "\x00乙"], words=WORDS | {"area": "<b>"},
                 marks=[Mark(105.02, 35.08, "<i>")])  # fmt: skip
    assert {"<s>", "乙", "<b>", "<i>"} <= set(texts(root))
    assert not [each for each in root.iter() if each.tag in {"s", "b", "i"}]
