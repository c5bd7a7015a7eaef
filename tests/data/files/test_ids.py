from __future__ import annotations

import re

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.files.ids import make_ids, safe_id

TEXT = st.text(max_size=20)


def ids(names, stated=None, others=None):
    cells = pd.DataFrame({0: names, 1: others or [""] * len(names)}, dtype="str")
    own = None if stated is None else pd.Series(stated, dtype="str")
    return make_ids(own, lambda: [cells[0]], cells, np.arange(2, 2 + len(names)))


def test_ids_of_the_source_are_kept_with_their_leading_zeros():
    found, findings = ids(["甲", "乙"], ["015009", "A-1.b_~"])
    assert (found.tolist(), findings) == (["015009", "A-1.b_~"], [])


def test_the_first_row_keeps_an_id_that_comes_twice():
    found, findings = ids(["甲", "乙"], ["7", "7"])
    assert found[0] == "7" != found[1]
    assert (findings[0].code, findings[0].row, findings[0].values["expected"]) == (
        *("duplicate_id", 3),
        2,
    )


@given(st.lists(TEXT, min_size=1, max_size=12), st.randoms())
@settings(deadline=None)
def test_ids_are_unique_safe_and_independent_of_the_order_of_rows(names, dice):
    others = [str(nth) for nth in range(len(names))]
    found, _ = ids(names, others=others)
    assert found.is_unique
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]+", each) for each in found)
    rows = list(range(len(names)))
    dice.shuffle(rows)
    again, _ = ids([names[row] for row in rows], others=[others[row] for row in rows])
    assert again.tolist() == [found[row] for row in rows]


@given(st.lists(TEXT, min_size=2, max_size=12, unique=True))
@settings(deadline=None)
def test_different_ids_stay_different_when_they_are_made_safe(texts):
    safe = [safe_id(text) for text in texts]
    assert len(set(safe)) == len(texts)
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]+", each) for each in safe)
