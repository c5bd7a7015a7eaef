"""What the tests of finding share: all that ships, indexed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from geomap.data.layers import TABLES, read_layer
from geomap.find.places import SearchIndex


@pytest.fixture(scope="session")
def shipped():
    folder = Path(__file__).parents[2] / "layers"
    return {each: read_layer(folder, each) for each in TABLES}


@pytest.fixture(scope="session")
def everything(shipped):
    return SearchIndex(**shipped)
