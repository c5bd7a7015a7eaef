from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.store.naming import take_apart


def taken(name):
    return [each[0] for each in take_apart(pd.Series([name], dtype="str"))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺北市私立上美老人長期照顧中心(養護型)", "上美养护中心"),
        ("北京市海淀区金色年华养老院有限责任公司", "金色年华老年公寓"),
        ("上海市浦东新区　三林镇 敬老院", "三林敬老院"),
        ("財團法人台灣基督教附設臺北市私立道生院老人長期照顧中心", "道生院长照中心"),
        ("医療法人社団松田会　介護老人保健施設　うぶすな", "松田会老健うぶすな"),
        ("ＡＢＣ（养老）院", "abc养老院"),
    ],
)
def test_county_legal_form_kind_and_script_leave_one_core(one, other):
    assert taken(one)[1] == taken(other)[1] != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第一敬老院", "第二敬老院"),
        ("阳光养老院东区", "阳光养老院西区"),
        ("阳光养老院", "阳光养老院分院"),
        ("阳光养老院A区", "阳光养老院B区"),
        ("阳光养老院3号楼", "阳光养老院4号楼"),
        ("阳光养老院（一期）", "阳光养老院（二期）"),
    ],
)
def test_numbers_wings_and_branches_are_marks(one, other):
    assert taken(one)[2] != taken(other)[2]


def test_a_number_is_one_mark_however_it_is_written():
    marks = {taken(name)[2] for name in ("第十二敬老院", "第12敬老院", "第１２敬老院")}
    assert marks == {"12"}
    assert taken("第二十敬老院")[2] == "20"


@pytest.mark.parametrize(
    ("home", "service"),
    [
        ("阳光养老院", "阳光日间照料中心"),
        ("阳光敬老院", "阳光幸福院"),
        ("阳光护理院", "阳光卫生院"),
        ("介護老人保健施設あおば", "小規模多機能ホームあおば"),
    ],
)
def test_services_of_one_name_are_of_different_kinds(home, service):
    kinds = taken(home)[3], taken(service)[3]
    assert kinds[0]
    assert kinds[1]
    assert not kinds[0] & kinds[1]


def test_a_name_of_its_kind_only_has_no_core():
    assert [taken(name)[1] for name in ("敬老院", "幸福院", "社会福利院")] == ["", "", ""]
    assert taken("朝阳区敬老院")[1] == ""
    assert taken("佛堂镇敬老院")[1] == "佛堂"


def test_a_missing_name_has_nothing():
    names = take_apart(pd.Series([None, "甲院"], dtype="str"))
    assert names.core[0] == names.whole[0] == names.marks[0] == ""


@given(st.text(max_size=30))
def test_any_text_is_taken_apart(text):
    whole, _, _, kinds, signs = taken(text)
    assert isinstance(whole, str)
    assert kinds >= 0
    assert signs >= 0
