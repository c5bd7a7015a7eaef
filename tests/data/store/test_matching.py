"""What may be the same: hand-made pairs, and real lists that were written anew by another office.

The recall is measured on the homes of Taipei, written in simplified characters, with shortened
names, other telephone formats and moved places; false pairs on Japanese lists that hold several
services of one operator at one address.
"""

from __future__ import annotations

import csv
import random
import re

import numpy as np
import opencc
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.store.matching import possible_pairs

#: 100 m east at 30° N.
STEP = 0.001037


def things(*rows) -> pd.DataFrame:
    names = ["name", "phone", "address", "adcode", "type", "location_precision", "lon", "lat"]
    frame = pd.DataFrame(rows, columns=names[:2] + ["lon", "adcode"][: len(rows[0]) - 2])
    frame["lat"] = 30.0
    for name in names:
        if name not in frame:
            frame[name] = None
    texts = {name: frame[name].astype("str") for name in names[:-2]}
    return frame.assign(**texts, lon=frame["lon"].astype(float))[names]


def told(one, other):
    """Whether two things are possibly the same, and why."""
    found = possible_pairs(things(one), things(other))
    return found["why"].tolist()


def test_one_home_in_two_scripts_is_found_by_name_place_and_phone():
    one = ("台北市私立上美老人长照中心", "(02) 2812-2366", 120.0)
    assert told(
        one, ("臺北市私立上美老人長期照顧中心(養護型)", "02-28122366#12", 120 + STEP / 2)
    ) == ["name, place, phone"]


@pytest.mark.parametrize(
    "other", ["+86 10 8812 3456", "010-88123456转8", "88123456", "13800000000/01088123456"]
)
def test_a_telephone_agrees_however_it_is_written(other):
    assert told(("朝阳养老院", "010-88123456", None), ("朝阳老年公寓", other, None)) == [
        "name, phone"
    ]


def test_branches_do_not_match_by_the_telephone_of_their_head_office():
    assert (
        told(
            ("红日望京养老院", "400-1234567", 120.0),
            ("红日回龙观养老院", "400-1234567", 120 + 50 * STEP),
        )
        == []
    )
    assert told(("红日养老院", "4001234567", 120.0), ("安康养老院", "4001234567", None)) == []


def test_a_number_that_many_share_says_nothing():
    many = [(f"第{number}服务点", "12345678", None) for number in range(60)]
    assert possible_pairs(things(("安康养老院", "12345678", None)), things(*many)).empty


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第一敬老院", "第二敬老院"),
        ("东区敬老院", "西区敬老院"),
        ("阳光养老院", "阳光养老院分院"),
        ("上庄敬老院", "下庄敬老院"),
        ("阳光养老院", "阳光日间照料中心"),
        ("福寿三村养老院", "福寿四村养老院"),
    ],
)
def test_what_tells_two_homes_apart_outweighs_place_and_phone(one, other):
    assert told((one, "010-88123456", 120.0), (other, "010-88123456", 120.0)) == []


def test_a_name_without_a_core_needs_the_place_or_the_phone():
    assert told(("幸福院", None, 120.0), ("幸福院", None, 120 + 10 * STEP)) == []
    assert told(("幸福院", None, None, "410105"), ("幸福院", None, None, "410105")) == []
    assert told(("幸福院", None, 120.0), ("幸福院", None, 120 + STEP)) == ["name, place"]


def test_unknown_neither_confirms_nor_denies():
    both = possible_pairs(
        things(("金色年华养老院", None, 120.0)), things(("金色年华养老院", "010-88123456", 120.0))
    )
    against = possible_pairs(
        things(("金色年华养老院", "010-66666666", 120.0)),
        things(("金色年华养老院", "010-88123456", 120.0)),
    )
    assert both["why"].tolist() == against["why"].tolist() == ["name, place"]
    assert both["score"][0] > against["score"][0]
    assert told(("金色年华养老院", None, None), ("金色年华养老院", None, 120.0)) == ["name"]


def test_a_name_that_stands_twice_in_a_county_is_no_evidence_alone():
    others = things(
        ("阳光养老院", None, None, "410105"),
        ("阳光养老院", None, None, "410105"),
        ("阳光养老院", None, None, "410181"),
    )
    assert possible_pairs(things(("阳光养老院", None, None, "410105")), others).empty
    found = possible_pairs(things(("阳光养老院", None, None, "410181")), others)
    assert found["other"].tolist() == [2]


def test_the_same_name_far_away_is_another_home_unless_the_phone_says_it_moved():
    assert told(("金色年华养老院", None, 120.0), ("金色年华养老院", None, 120 + 60 * STEP)) == []
    moved = (
        ("金色年华养老院", "010-88123456", 120.0),
        ("金色年华养老院", "010-88123456", 120 + 60 * STEP),
    )
    assert told(*moved) == ["name, phone"]


def test_a_renamed_home_is_shown_by_place_and_phone():
    assert told(("夕阳红养老院", "010-88123456", 120.0), ("朝霞养老院", "010-88123456", 120.0)) == [
        "place, phone"
    ]


def test_a_place_known_to_the_township_only_is_no_place():
    rough = things(("金色年华养老院", "010-1234567", 120.0)).assign(location_precision="township")
    other = things(("金色年代养老院", None, 120.0))
    assert possible_pairs(rough, other).empty


def test_an_address_is_a_place_too():
    one = things(("金色年代养老院", None, None)).assign(address="北京市海淀区清河路12号")
    other = things(("金色年华年代养老院", None, None)).assign(address="北京市 海淀区 清河路１２号")
    assert possible_pairs(one, other)["why"].tolist() == ["name, place"]
    elsewhere = other.assign(address="清河路")  # names no house
    assert possible_pairs(one.assign(address="清河路"), elsewhere).empty


def test_the_best_pair_of_a_row_is_shown_and_certain_only_if_it_is_alone():
    others = things(
        ("金色年华养老院", "010-88123456", 120.0), ("金色年华养老公寓", None, 120 + 2 * STEP)
    )
    found = possible_pairs(things(("金色年华养老院", "010-88123456", 120.0)), others)
    assert found[["other", "certain"]].to_numpy().tolist() == [[0, True]]
    twins = things(("金色年华养老院", None, 120.0), ("金色年华养老院", None, 120.0))
    found = possible_pairs(things(("金色年华养老院", None, 120.0)), twins)
    assert found["certain"].tolist() == [False, False]


names = st.sampled_from(["阳光养老院", "阳光第二养老院", "幸福院", "金色年华敬老院", "年华院", ""])
rows = st.tuples(
    names,
    st.sampled_from([None, "010-8812345", "8812345"]),
    st.sampled_from([None, 120.0, 120.001]),
)


@settings(max_examples=15)
@given(st.lists(rows, min_size=1, max_size=6), st.lists(rows, min_size=1, max_size=6))
def test_who_is_new_and_who_is_old_does_not_matter(one, other):
    here = possible_pairs(things(*one), things(*other))
    there = possible_pairs(things(*other), things(*one))
    pairs = {(row, other) for row, other in zip(here["row"], here["other"], strict=True)}
    assert pairs == {(other, row) for row, other in zip(there["row"], there["other"], strict=True)}
    assert here["score"].between(0, 1).all()


# Real lists


def taipei(data_folder) -> pd.DataFrame:
    frame = pd.read_csv(data_folder / "taipei" / "homes.csv", dtype="str")
    return pd.DataFrame(
        {
            "name": frame["機構名稱"],
            "phone": frame["電話"].str.strip(),
            "address": frame["地址"],
            "adcode": pd.Series(None, frame.index, dtype="str"),
            "type": "nursing_home",
            "location_precision": pd.Series(None, frame.index, dtype="str"),
            "lon": frame["lon"].astype(float),
            "lat": frame["lat"].astype(float),
        }
    )


def written_anew(frame: pd.DataFrame, *, phone="written", moved_m=50.0) -> pd.DataFrame:
    """The same homes as another office might list them."""
    simple = opencc.OpenCC("t2s")
    short = {"台北市": "", "私立": "", "老人长期照顾中心": "长照中心", r"[(（].*[)）]": ""}
    chance = random.Random(4)  # noqa: S311 (no secret)
    angles = [chance.uniform(0, 6.283) for _ in range(len(frame))]
    other = frame.assign(
        name=frame["name"].map(simple.convert).replace(short, regex=True).astype("str"),
        address=pd.Series(None, frame.index, dtype="str"),
        lon=frame["lon"] + moved_m * np.cos(angles) / 100_900,
        lat=frame["lat"] + moved_m * np.sin(angles) / 110_800,
    )
    if phone == "written":
        digits = [
            re.sub("^0", "+886 ", text).replace("-", " ") if isinstance(text, str) else text
            for text in frame["phone"]
        ]
        return other.assign(phone=pd.Series(digits, dtype="str"))
    if phone == "unknown":
        return other.assign(phone=pd.Series(None, frame.index, dtype="str"))
    return other.assign(phone=[f"09{chance.randrange(10**8):08}" for _ in range(len(frame))])


@pytest.mark.parametrize(
    ("changes", "recall"),
    [
        ({}, 0.99),
        ({"phone": "unknown"}, 0.98),
        ({"phone": "another"}, 0.98),
        ({"moved_m": 200.0}, 0.98),
        ({"moved_m": float("nan")}, 0.98),
    ],
)
def test_homes_of_taipei_are_found_again_in_another_offices_writing(data_folder, changes, recall):
    homes = taipei(data_folder)
    found = possible_pairs(written_anew(homes, **changes), homes)
    right = found["row"] == found["other"]
    assert found.loc[right, "row"].nunique() >= recall * len(homes)
    assert right.mean() >= 0.98
    assert right[found["certain"].astype(bool)].all()


def japan(data_folder, number) -> pd.DataFrame:
    with (data_folder / "japan" / f"jigyosho_{number}.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    columns = {"name": "事業所名", "phone": "電話番号", "address": "住所", "id": "事業所番号"}
    frame = pd.DataFrame(
        {name: [row[column] or None for row in rows] for name, column in columns.items()},
        dtype="str",
    )
    for name in ("adcode", "type", "location_precision"):
        frame[name] = pd.Series(None, frame.index, dtype="str")
    for name, column in (("lon", "経度"), ("lat", "緯度")):
        frame[name] = pd.to_numeric([row[column] for row in rows], errors="coerce")
    return frame.where(frame["lon"].ne(0))


@pytest.mark.parametrize(("one", "other", "most"), [(730, 520, 5), (760, 520, 5), (760, 730, 30)])
def test_different_services_at_one_address_are_not_taken_for_one(data_folder, one, other, most):
    mine, theirs = japan(data_folder, one), japan(data_folder, other)
    mine = mine[~mine["id"].isin(theirs["id"])].reset_index(drop=True)
    found = possible_pairs(mine, theirs)
    assert len(found) <= most < len(mine) / 40
