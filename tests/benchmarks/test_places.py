"""Search over all names that ship, beside a scan of them by pandas; run by ``pytest -s``."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geomap.data.layers import TABLES, read_layer
from geomap.find.places import SearchIndex

FOLDER = Path(__file__).parents[2] / "layers"


@pytest.fixture(scope="module")
def layers():
    return {each: read_layer(FOLDER, each) for each in TABLES}


@pytest.fixture(scope="module")
def names(layers):
    return pd.concat([each["name"] for each in layers.values()], ignore_index=True)


def queries(names):
    """Whole names, two-character words, starts and single characters, as people type."""
    chance = random.Random(5)  # noqa: S311 (no secret)
    texts = []
    for name in chance.sample(names.tolist(), 1_000):
        start = chance.randrange(len(name))
        texts += [name, name[start : start + 2], name[: start + 1], name[start]]
    return [text[:200] for text in texts]


def timed_ms(ask, texts):
    spent = []
    for text in texts:
        start = time.process_time()
        ask(text)
        spent.append((time.process_time() - start) * 1e3)
    return np.percentile(spent, [50, 99])


def test_search_answers_within_15_ms_and_beats_a_scan(layers, names):
    start = time.process_time()
    index = SearchIndex(**layers)
    built_s = time.process_time() - start
    texts = queries(names)
    own = timed_ms(index.search, texts)
    meant = timed_ms(index.resolve, texts)
    scan = timed_ms(lambda text: np.flatnonzero(names.str.contains(text, regex=False)), texts[:200])
    rows = [
        f"{len(names):,} names, built in {built_s:.2f} s; p50, p99 of {len(texts)} queries in ms",
        f"search {own.round(2)}, resolve {meant.round(2)}",
        f"pandas str.contains, unranked {scan.round(2)}: {scan[0] / own[0]:.0f} times at p50",
    ]
    print("\n" + "\n".join(rows))
    assert own[1] <= 15
    assert own[0] < scan[0]
