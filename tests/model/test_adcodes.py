"""Division codes as ranges."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.errors import ParameterError
from geomap.model.adcodes import code_range, code_ranges

counties = st.tuples(st.integers(11, 82), st.integers(0, 99), st.integers(0, 99)).map(
    lambda parts: "".join(f"{part:02d}" for part in parts)
)


@pytest.mark.parametrize("code", ["31", "3100", "310000", "310000000", "310000000000"])
def test_zeros_at_the_end_name_the_division_above(code):
    assert code_range(code) == (310000000000, 319999999999)


@pytest.mark.parametrize("code", ["", "3", "310", "31010", "3101060", "031006", "31a106", "000000"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(ParameterError, match="adcode must be a division code"):
        code_range(code)


@given(counties, counties)
def test_ranges_lie_in_one_another_exactly_as_divisions_do(one, other):
    (first, last), (lowest, highest) = code_range(one), code_range(other)
    stems = [re.sub("(0000|00)$", "", code) for code in (one, other)]
    assert (lowest <= first and last <= highest) == stems[0].startswith(stems[1])
    assert (first <= lowest and highest <= last) == stems[1].startswith(stems[0])


@given(st.lists(counties))
def test_many_codes_have_the_ranges_of_each(codes):
    first, last = code_ranges(pd.Series(codes, dtype="str"))
    pairs = list(zip(first.tolist(), last.tolist(), strict=True))
    assert pairs == [code_range(code) for code in codes]


def test_an_unknown_code_may_be_anywhere():
    first, last = code_ranges(pd.Series([None, "", "上海", "31010６"], dtype="str"))
    assert set(first) == {0}
    assert set(last) == {10**12 - 1}
