"""Finding addresses offline: how long it takes to load, and for each; run by ``pytest -s``."""

from __future__ import annotations

import time

import pytest

from geomap.data.gazetteer import shipped_gazetteer
from geomap.model.addresses import plain_addresses

MANY = 100_000


@pytest.fixture(scope="module")
def loaded():
    start = time.process_time()
    gazetteer = shipped_gazetteer()
    gazetteer.answer("河南省郑州市金水区文化路97号")
    return gazetteer, time.process_time() - start


def test_a_hundred_thousand_addresses_take_ten_seconds(loaded):
    gazetteer, load_s = loaded
    places = gazetteer.places
    paths = places.loc[places["adcode"].str.len() > 6, "path"].sample(
        MANY, replace=True, random_state=1
    )
    texts = [f"{path}人民路{nth % 400}号" for nth, path in enumerate(paths)]
    start = time.process_time()
    plain = plain_addresses(texts)
    found = sum(gazetteer.find(text).precision is not None for text in plain)
    spent_s = time.process_time() - start
    print(
        f"\nloaded in {load_s:.2f} s; {MANY:,} addresses in {spent_s:.1f} s of CPU, {found:,} found"
    )
    assert found > 0.97 * MANY
