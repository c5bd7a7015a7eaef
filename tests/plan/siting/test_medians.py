"""The one form of p-median and MCLP: rows become one only where they are equal."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from geomap.plan.siting.matrix import site_from_matrix
from geomap.plan.siting.medians import medians_of


def test_rows_that_differ_in_a_number_of_few_bits_are_not_one():
    # 0.0 and 2.0 differ in one bit of sixty-four, the last that a product keeps.
    draw = np.random.default_rng(5)
    for _ in range(300):
        n, m = draw.integers(2, 7), draw.integers(1, 5)
        cost = draw.choice([0.0, 0.5, 1.0, 2.0, 4.0], (n, m))
        rows, columns = np.divmod(np.arange(n * m), m)
        offers = sparse.csc_array(sparse.coo_array((cost.ravel(), (rows, columns)), shape=(n, m)))
        base = np.full(n, 9.0)
        found = medians_of(offers, base, weights=np.ones(n), p=m, allowed=np.ones(m, dtype=bool))
        for some in (np.arange(m), np.arange(1), np.arange(m)[::2]):
            assert found.cost_of(some) == cost[:, some].min(axis=1).sum()


def test_no_more_sites_are_chosen_than_asked_for_where_more_than_that_cannot_be_missed():
    # The bound rules four columns in, of which two may be chosen: so nothing better is left.
    cost = np.array([[1.0, 0, 1, 2, 2], [1, 2, 1, 2, 0], [1, 2, 2, 0, 2], [1, 1, 1, 1, 1]])
    today = np.full((4, 1), 3.0)
    found = site_from_matrix(cost, [2, 2, 2, 1], model="p_median", p=2, existing=today)
    assert (len(found.chosen), found.objective, found.bound) == (2, 5, 5)
