"""What every test may ask for: the real files, and a town that was checked by hand."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import settings

# A busy machine is no fault of a law.
settings.register_profile("geomap", deadline=None)
settings.load_profile("geomap")


#: Here other processes take part: browsers, servers, workers, jobs, imports that are killed.
_OTHERS_TAKE_PART = ("browser", "cli", "data", "web", "test_cli.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run once more what fails where other processes take part; the summary names it.

    A busy machine may let any of them wait for longer than a check has patience. What is wrong is
    wrong again; calculations have no second run.
    """
    places = [Path(__file__).with_name(each) for each in _OTHERS_TAKE_PART]
    for item in items:
        if any(item.path.is_relative_to(each) for each in places):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    """Take what was imported and collected, which stays to the end, out of every collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def town_extract(tmp_path_factory) -> Path:
    """An extract of a town around 121.45° E, 31.23° N.

    江宁路 runs east through all of it, 陕西北路 north across, the station where they meet; a house
    and a park with a lake in it stand in the north-west; 东方路 has lost its last point.
    """
    places = {
        1: (121.44, 31.23), 2: (121.48, 31.23), 3: (121.455, 31.22), 4: (121.455, 31.24),
        5: (121.45, 31.232), 6: (121.4502, 31.232), 7: (121.4502, 31.2322), 8: (121.45, 31.2322),
        11: (121.446, 31.232), 12: (121.449, 31.232), 13: (121.449, 31.235), 14: (121.446, 31.235),
        15: (121.447, 31.233), 16: (121.448, 31.233), 17: (121.448, 31.234), 18: (121.447, 31.234),
        21: (121.46, 31.232), 22: (121.465, 31.232),
    }  # fmt: skip
    ways = {
        1: ([1, 2], {"highway": "primary", "name": "江宁路", "name:en": "Jiangning Road"}),
        2: ([3, 4], {"highway": "residential", "name": "陕西北路"}),
        3: ([5, 6, 7, 8, 5], {"building": "yes", "name": "静安大楼"}),
        4: (
            [11, 12, 13, 14, 11],
            {"leisure": "park", "name": "静安公园", "name:en": "Jing'an Park"},
        ),
        5: ([15, 16, 17, 18, 15], {"natural": "water", "name": "小湖"}),
        6: ([21, 22, 99], {"highway": "secondary", "name": "东方路"}),
    }

    def tags(said: dict) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in said.items())

    nodes = [
        f'<node id="{n}" version="1" lon="{lon}" lat="{lat}"/>' for n, (lon, lat) in places.items()
    ]
    station = {"railway": "station", "name": "静安寺", "name:en": "Jing'an Temple"}
    nodes.append(f'<node id="30" version="1" lon="121.455" lat="31.23">{tags(station)}</node>')
    lines = []
    for n, (refs, said) in ways.items():
        of = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{n}" version="1">{of}{tags(said)}</way>')
    path = tmp_path_factory.mktemp("extract") / "town.osm"
    path.write_text(f'<osm version="0.6">{"".join([*nodes, *lines])}</osm>', encoding="utf-8")
    return path


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
