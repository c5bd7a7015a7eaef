"""What swaps save, kept up to date, is what they save measured anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geomap.plan.siting.medians import medians_of
from geomap.plan.siting.swaps import Swaps, anneal, descend


def question(seed, *, covering, n=40, m=12, p=4):
    """A question where a third of the pairs is within reach."""
    random = np.random.default_rng(seed)
    offers = sparse.random_array((n, m), density=0.35, format="csc", rng=random)
    offers.data = np.zeros(offers.nnz) if covering else np.rint(offers.data * 9)
    base = np.full(n, 1.0 if covering else 12.0)
    weights = random.integers(1, 9, n).astype(float)
    return medians_of(offers, base, weights=weights, p=p, allowed=np.ones(m, dtype=bool))


@settings(max_examples=60, derandomize=True)
@given(seed=st.integers(0, 10_000), covering=st.booleans(), steps=st.integers(0, 6))
def test_each_swap_saves_what_the_costs_differ_by(seed, covering, steps):
    medians, random = question(seed, covering=covering), np.random.default_rng(seed)
    swaps = Swaps(medians, np.arange(4))
    for _ in range(steps):  # any swap but of a column for itself or another chosen one
        swaps.swap(int(random.choice(np.flatnonzero(np.isfinite(swaps.saved())))))
    before = medians.cost_of(swaps.chosen)
    assert swaps.cost + medians.offset == pytest.approx(before)
    saved = swaps.saved().reshape(medians.size, 5)
    assert np.isneginf(saved[swaps.chosen]).all()
    assert np.isneginf(saved[:, 4]).all()
    for new, place in zip(*np.nonzero(np.isfinite(saved)), strict=True):
        after = swaps.chosen.copy()
        after[place] = new
        assert saved[new, place] == pytest.approx(before - medians.cost_of(after), abs=1e-9)


@pytest.mark.parametrize("covering", [True, False])
def test_annealing_is_no_worse_than_where_it_began_and_repeats_itself(covering):
    medians = question(7, covering=covering, n=300, m=60, p=8)
    found = []
    for _ in range(2):
        swaps = Swaps(medians, np.arange(8))
        descend(swaps, until=np.inf)
        first = swaps.cost
        anneal(swaps, steps=200, random=np.random.default_rng(1), until=np.inf)
        assert swaps.cost <= first
        found.append(swaps.chosen.tolist())
    assert found[0] == found[1]


def test_where_time_is_over_the_choice_stays():
    medians = question(3, covering=True)
    swaps = Swaps(medians, np.arange(4))
    descend(swaps, until=0.0)
    assert swaps.chosen.tolist() == [0, 1, 2, 3]
