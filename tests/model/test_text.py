"""Writing texts alike, and finding a part in many texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.model.text import Haystack, normalise, normalise_all

texts = st.text(alphabet="安靜静a ABé，·\n（１é𠮷", max_size=8)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("臺北市 信義區", "台北市信义区"),
        ("ＡＢＣ１２３", "abc123"),
        ("Xi’an, Jing'an", "xianjingan"),
        ("Ürümqi", "urumqi"),
        ("上海市（静安）·养老", "上海市静安养老"),
        ("①㈱", "1株"),
        ("頤和園 乾隆 𠮷", "颐和园干隆𠮷"),
        ("…！", ""),
        ("", ""),
    ],
)
def test_texts_that_mean_the_same_are_written_alike(written, compared):
    assert normalise(written) == compared


def test_a_lone_surrogate_passes_through():
    assert normalise("a\ud800b") == "a\ud800b"


@given(st.lists(texts))
def test_many_at_once_are_written_as_one_by_one(many):
    assert normalise_all(many) == [normalise(each) for each in many]


@given(texts)
def test_writing_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(
    st.text(alphabet="臺灣後麵髮裡靜安养老AB·", max_size=12), st.integers(0, 12), st.integers(0, 12)
)
def test_a_part_of_a_name_stays_a_part_of_it(name, start, end):
    assert normalise(name[start:end]) in normalise(name)


@given(st.lists(texts, max_size=12), texts)
def test_exactly_the_lines_that_hold_a_text_are_found(lines, part):
    sought = normalise(part)
    plain = [normalise(each) for each in lines]
    found = Haystack.of(lines).find(part)
    expected = [row for row, each in enumerate(plain) if sought and sought in each]
    assert found.lines.tolist() == expected
    assert found.whole.tolist() == [plain[row] == sought for row in expected]
    assert found.at_start.tolist() == [plain[row].startswith(sought) for row in expected]


def test_an_empty_haystack_holds_nothing():
    assert Haystack.of([]).find("安").lines.tolist() == []
    assert len(Haystack.of([])) == 0
    assert len(Haystack.of(["", "安"])) == 2
