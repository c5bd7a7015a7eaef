"""Sets within others, held to Python's own sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geomap.plan.siting.nested import largest_within, nested

FAMILIES = st.integers(1, 6).flatmap(
    lambda members: st.lists(
        st.frozensets(st.integers(0, members - 1), min_size=1), min_size=1, max_size=12
    ).map(lambda family: (family, members))
)


def rows_of(family, members):
    held = [[float(each in one) for each in range(members)] for one in family]
    return sparse.csr_array(np.array(held))


@settings(max_examples=200, derandomize=True)
@given(FAMILIES)
def test_a_set_is_within_another_where_all_its_members_are_and_of_equals_the_later(given_):
    family, members = given_
    inner, outer = nested(rows_of(family, members))
    assert sorted(zip(inner.tolist(), outer.tolist(), strict=True)) == [
        (i, j)
        for i, one in enumerate(family)
        for j, other in enumerate(family)
        if one < other or (one == other and i > j)
    ]


@settings(max_examples=100, derandomize=True)
@given(FAMILIES)
def test_the_largest_set_within_a_set_is_no_smaller_than_any_other_within_it(given_):
    family, members = given_
    for j, i in enumerate(largest_within(rows_of(family, members)).tolist()):
        within = [
            len(one)
            for k, one in enumerate(family)
            if one < family[j] or (one == family[j] and k > j)
        ]
        assert (i < 0) == (not within)
        assert i < 0 or (len(family[i]) == max(within) and family[i] <= family[j])


def test_where_nothing_is_shared_nothing_is_within():
    assert largest_within(sparse.csr_array(np.eye(3))).tolist() == [-1, -1, -1]
    assert nested(sparse.csr_array((0, 4)))[0].size == 0
