"""A workspace of two counties with people, homes, and three states of the list of homes.

A: 105-105.1° E   30 people 500 m from home h, 10 farther    B: 105.1-105.2° E   60 people
"""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.model.tables import TABLES

MARKUP = "<b>甲</b>{{7*7}}</script>"


def frame_of(name: str, rows: list[dict]) -> gpd.GeoDataFrame:
    """A frame of a table of ours; what a row does not name is unknown."""
    table = TABLES[name]
    columns = {each: [row.get(each) for row in rows] for each in table.names}
    shapes = [row["geometry"] for row in rows]
    raw = pd.DataFrame(columns, dtype=object)
    for each in table.fields:
        if each.kind == "date":
            raw[each.name] = pd.to_datetime(raw[each.name]).astype("datetime64[s]")
    return table.conform(gpd.GeoDataFrame(raw, geometry=shapes, crs="EPSG:4326"))


def home(number: str, lon: float, **more) -> dict:
    return {
        "id": number, "name": f"{number}养老院", "type": "nursing_home", "status": "open",
        "geometry": shapely.Point(lon, 35.05), "verified_on": "2025-06-30",
        "inspected_on": "2025-03-01", **more,
    }  # fmt: skip


AREAS = [
    {"id": code, "name": name, "level": "county", "adcode": code, "aged_60": aged,
     "population": 4 * aged, "geometry": shapely.box(west, 35, west + 0.1, 35.1)}
    for code, name, aged, west in (("410102", MARKUP, 40, 105.0), ("410103", "乙区", 60, 105.1))
]  # fmt: skip
DEMAND = [
    {"id": f"d{n}", "aged_60": people, "geometry": shapely.Point(lon, 35.05)}
    for n, (lon, people) in enumerate([(105.055, 30), (105.09, 10), (105.15, 60)])
]
STATES = [
    ("2024-01-01", [home("h", 105.05, beds_total=8, rating=2, rating_scheme="national")]),
    ("2025-01-01", [home("h", 105.05, beds_total=10, rating=3, rating_scheme="national",
                         risk_listed=False),
                    home("x", 105.02, status="closed")]),
    ("2025-07-01", [home("h", 105.05, beds_total=10, rating=3, rating_scheme="national",
                         risk_listed=True),
                    home("n", 105.14, status="building", beds_total=50)]),
]  # fmt: skip


def fill(folder, layers: dict[str, list[tuple[str, list[dict]]]]) -> None:
    workspace = Workspace.open_or_create(folder)
    for name, states in layers.items():
        for day, rows in states:
            origin = Origin(name, f"{name}{day}", "演示", "CC0-1.0", {})
            at = datetime.fromisoformat(day).replace(tzinfo=UTC)
            table = TABLES[name]
            workspace.apply(frame_of(name, rows), table, origin=origin, at=at, who="test")
            workspace.publish()


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan") / "town"
    fill(folder, {"areas": [("2024-01-01", AREAS)], "demand": [("2024-01-01", DEMAND)],
                  "facilities": STATES})  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def make_planner():
    """A client of the application over a workspace folder."""
    from geomap.settings import Settings
    from geomap.web.app import create_app

    def make(folder, **settings):
        app = create_app(folder, Settings(**settings))
        app.testing = True
        return app.test_client()

    return make


@pytest.fixture(scope="session")
def planner(make_planner, town_folder):
    return make_planner(town_folder)
