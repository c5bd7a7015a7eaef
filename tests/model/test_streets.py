"""Finding a house between others on its street."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.model.streets import SAME_NUMBER_M, Streets

DEGREE_M = 111_320.0


def street(*houses, key=("410105", "文化路")):
    """A street along the equator: number and metres from its beginning."""
    number = np.array([np.nan if each is None else each for each, _ in houses], dtype=float)
    lon = np.array([metres / DEGREE_M for _, metres in houses])
    return Streets.of([key] * len(houses), number, lon, np.zeros(len(houses)))


def metres(estimate):
    return estimate and round(estimate.lon * DEGREE_M)


def test_a_number_that_is_known_is_there():
    found = street((1, 0), (9, 400)).estimate("410105", "文化路", 9)
    assert (metres(found), found.by) == (400, "number")
    assert found.error_m < 100


def test_a_number_between_two_lies_between_them():
    found = street((1, 0), (11, 400)).estimate("410105", "文化路", 6)
    assert (metres(found), found.by) == (200, "number")


def test_a_number_beyond_all_is_at_the_nearest_and_less_sure():
    near, far = (street((1, 0), (9, 80)).estimate("410105", "文化路", each) for each in (11, 40))
    assert metres(near) == metres(far) == 80
    assert near.error_m < far.error_m


def test_without_a_number_the_middle_of_the_street_is_taken():
    found = street((None, 0), (None, 300), (None, 600)).estimate("410105", "文化路", None)
    assert (metres(found), found.by) == (300, "street")


@pytest.mark.parametrize("number", [None, 5])
def test_two_streets_of_one_name_far_apart_tell_nothing(number):
    far = street((5, 0), (5, 90_000))
    assert far.estimate("410105", "文化路", number) is None


def test_a_street_of_another_county_is_another_street():
    assert street((1, 0)).estimate("410103", "文化路", 1) is None


@given(
    houses=st.lists(st.tuples(st.integers(1, 90), st.integers(0, 1_000)), min_size=1, max_size=8),
    number=st.integers(1, 90),
)
def test_an_estimate_lies_where_the_street_is(houses, number):
    found = street(*houses).estimate("410105", "文化路", number)
    spread = [along for _, along in houses]
    if found is not None:
        assert min(spread) - 1 <= found.lon * DEGREE_M <= max(spread) + 1
        assert found.error_m > 0
    else:
        assert max(spread) - min(spread) > SAME_NUMBER_M
