"""What every test may ask for: the real files, and a town that was checked by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of a law.
settings.register_profile("geomap", deadline=None)
settings.load_profile("geomap")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real files that nobody on this project wrote."""
    named = os.environ.get("GEOMAP_TEST_DATA")
    if not named:
        pytest.skip("GEOMAP_TEST_DATA is not set: tests on real files need the folder it names")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"GEOMAP_TEST_DATA names {named}, which is not a folder")
    return folder
