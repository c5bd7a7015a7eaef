"""A town of two counties with idle shops, and real Taipei with its community stations.

30 people live 500 m from home h, 10 farther, 60 in the next county; shop s1 (100 yuan) is among
the 10 and s2 (200 yuan) among the 60.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from bs4 import BeautifulSoup

from tests.web.plan.conftest import AREAS, DEMAND, MARKUP, STATES, fill, make_planner

__all__ = ["make_planner"]


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory):
    shops = [
        {"id": f"s{n}", "name": f"{MARKUP}{n}", "cost": 100 * n,
         "geometry": shapely.Point(lon, 35.05)}
        for n, lon in ((1, 105.09), (2, 105.151))
    ]  # fmt: skip
    made = tmp_path_factory.mktemp("siting") / "town"
    day = "2025-07-01"
    layers = {"areas": [(day, AREAS)], "demand": [(day, DEMAND)], "facilities": STATES}
    fill(made, {**layers, "candidates": [(day, shops)]})
    return made


@pytest.fixture(scope="session")
def shops(make_planner, shop_folder):
    return make_planner(shop_folder)


#: So many villages, strewn over half a degree, keep the solver busy for longer than a test looks.
VILLAGES, SITES = 900, 45


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory):
    """Villages alone: where so many sites should stand among them is not proven soon."""
    made = tmp_path_factory.mktemp("siting") / "plain"
    rng = np.random.default_rng(7)
    places, people = rng.uniform(0, 0.5, (VILLAGES, 2)), rng.integers(1, 400, VILLAGES)
    rows = [
        {"id": f"d{n}", "aged_60": int(count),
         "geometry": shapely.Point(105 + place[0], 35 + place[1])}
        for n, (place, count) in enumerate(zip(places, people, strict=True))
    ]  # fmt: skip
    fill(made, {"demand": [("2025-07-01", rows)]})
    return made


@pytest.fixture(scope="session")
def taipei_folder(data_folder, tmp_path_factory):
    """Districts, villages with their people, and the community stations, all real."""
    from geomap.data.reading import Options, read_table
    from geomap.data.store.difference import Origin
    from geomap.data.store.workspace import Workspace
    from geomap.model.tables import TABLES

    folder = tmp_path_factory.mktemp("siting") / "taipei"
    workspace = Workspace.open_or_create(folder)
    files = {"areas": "districts.geojson", "demand": "villages_population.geojson",
             "facilities": "community_stations.csv"}  # fmt: skip
    for name, file in files.items():
        reading = read_table(data_folder / "taipei" / file, TABLES[name], Options())
        at = datetime(2025, 9, 1, tzinfo=UTC)
        origin = Origin(file, file, "臺北市政府", "政府資料開放授權", {})
        workspace.apply(reading.frame, TABLES[name], origin=origin, at=at, who="test")
    workspace.publish()
    return folder


def answered(client, address):
    """Ask a page and wait for its job: the page of the answer."""
    answer = client.get(address)
    end = time.monotonic() + 90
    while answer.status_code != 200 or "/jobs/" in answer.request.path:
        assert time.monotonic() < end, answer.text[:3000]
        if answer.status_code == 303:
            answer = client.get(answer.headers["Location"])
            continue
        assert answer.status_code == 200, answer.text[:3000]
        assert "progress" in answer.text, BeautifulSoup(answer.text, "html.parser").main.text
        time.sleep(0.3)
        answer = client.get(answer.request.full_path)
    return BeautifulSoup(answer.text, "html.parser")


def solved(client, address):
    """Ask the API and wait for its job: the states that were told, and the answer."""
    answer, told = client.get(address), []
    end = time.monotonic() + 90
    if answer.status_code == 202:
        where = answer.headers["Location"]
        while (job := client.get(where).get_json())["state"] not in ("done", "failed"):
            told.append(job)
            assert time.monotonic() < end
            time.sleep(0.1)
        told.append(job)
        if job["state"] == "failed":
            return told, None
        answer = client.get(job["result"])
    assert answer.status_code == 200, answer.text
    return told, answer.get_json()
