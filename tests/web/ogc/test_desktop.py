"""QGIS's and GDAL's driver, OWSLib and geopandas read a real server's every row and page.

Forty thousand rows: the care services of the Japanese open data, each four times, a few metres
apart. What the file leaves open is unknown in every reader.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from owslib.ogcapi.features import Features

ROWS = 40_000
FIRST_KNOWN = 1_500  # behind the features from which GDAL guesses, and behind its first page
NUMBERS = ["beds_total", "price_min", "admits_private"]


@pytest.fixture(scope="module")
def source(data_folder) -> pd.DataFrame:
    """What is imported, by id; the last columns are unknown in all of the first rows."""
    files = [data_folder / f"japan/jigyosho_{each}.csv" for each in (520, 730, 760)]
    real = pd.concat([pd.read_csv(each, dtype=str, encoding="utf-8-sig") for each in files])
    lat, lon = (pd.to_numeric(real[each], errors="coerce") for each in ("緯度", "経度"))
    real = real[lat.between(30, 45) & lon.between(129, 146)].reset_index(drop=True)
    rows = real.iloc[np.arange(ROWS) % len(real)].reset_index(drop=True)
    turn, number = np.arange(ROWS) // len(real), np.arange(ROWS)
    beds = pd.to_numeric(rows["定員"], errors="coerce")
    late = number >= FIRST_KNOWN
    frame = pd.DataFrame({
        "id": [f"jp-{each:05}" for each in number],
        "name": [f"{' '.join(e.split())} {n}" for e, n in zip(rows["事業所名"], turn, strict=True)],
        "type": np.where(number % 3 == 0, "nursing_home", "community_center"),
        "lon": rows["経度"].astype(float).round(6),
        "lat": (rows["緯度"].astype(float) + turn * 1e-4).round(6),
        "beds_total": beds.where((beds > 0) & (beds < 500) & late),
        "price_min": pd.Series(number % 7 * 100.5).where((number % 5 > 0) & late),
        "admits_private": pd.Series(number % 2 == 0).where((number % 3 > 0) & late),
        "verified_on": pd.Series(np.where((number % 4 > 0) & late, "2025-03-31", None)),
        "services": pd.Series(np.where((number % 6 == 0) & late, "meals,bathing", None)),
    })  # fmt: skip
    return frame.set_index("id", drop=False)


@contextmanager
def served(folder, log):
    command = [sys.executable, "-u", "-m", "geomap", "serve", str(folder), "--port", "0"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GEOMAP_")}
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=plain) as run:
        try:
            deadline = time.monotonic() + 90
            while "geomap: " not in log.read_text():
                assert run.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            line = next(e for e in log.read_text().splitlines() if e.startswith("geomap: "))
            yield line.removeprefix("geomap: ").rstrip("/") + "/ogc"
        finally:
            run.terminate()
            run.wait(timeout=60)


@pytest.fixture(scope="module")
def address(source, tmp_path_factory):
    """The address of a server over the imported file."""
    folder = tmp_path_factory.mktemp("desktop")
    source.to_csv(folder / "homes.csv", index=False)
    workspace = folder / "workspace"
    command = [sys.executable, "-m", "geomap", "import", str(folder / "homes.csv")]
    command += ["--into", str(workspace), "--as", "facilities"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    with served(workspace, folder / "log") as root:
        yield root


def require_same(read: gpd.GeoDataFrame, source: pd.DataFrame) -> None:
    """Every row of the source, in its order, every value and every unknown one."""
    assert read["id"].tolist() == source["id"].tolist()
    assert read.crs.name.startswith("WGS 84")
    read = read.set_index("id", drop=False)
    assert read.geometry.x.tolist() == source["lon"].tolist()
    assert read.geometry.y.tolist() == source["lat"].tolist()
    for each in ("name", "type"):
        assert read[each].tolist() == source[each].tolist()
    for each in NUMBERS:
        expected = pd.to_numeric(source[each]).astype(float).to_numpy()
        np.testing.assert_array_equal(pd.to_numeric(read[each]).astype(float), expected)
    days = pd.to_datetime(read["verified_on"]).dt.strftime("%Y-%m-%d")
    assert days.isna().tolist() == source["verified_on"].isna().tolist()
    assert set(days.dropna()) == {"2025-03-31"}
    services = [None if each is None else list(each) for each in map(_list, read["services"])]
    expected = [["meals", "bathing"] if isinstance(e, str) else None for e in source["services"]]
    assert services == expected


def _list(value):
    """A list as GDAL's or geopandas' way of reading gives it."""
    if value is None or (np.isscalar(value) and pd.isna(value)):
        return None
    return json.loads(value) if isinstance(value, str) else list(value)


def test_gdal_reads_every_row_and_knows_each_kind(address, source):
    layers = dict(pyogrio.list_layers(f"OAPIF:{address}").tolist())
    assert set(layers) == {"facilities", "areas", "gaps"}
    read = pyogrio.read_dataframe(f"OAPIF:{address}/collections/facilities")
    require_same(read, source)
    assert read["beds_total"].dtype.kind == read["price_min"].dtype.kind == "f"
    assert read["verified_on"].dtype.kind == "M"


def test_gdal_asks_by_box_and_by_property(address, source):
    box = (139.6, 35.5, 139.9, 35.8)
    read = pyogrio.read_dataframe(
        f"OAPIF:{address}", layer="facilities", bbox=box, where="type = 'nursing_home'"
    )
    inside = source["lon"].between(139.6, 139.9) & source["lat"].between(35.5, 35.8)
    expected = source[inside & (source["type"] == "nursing_home")]
    assert len(expected) > 100
    assert read["id"].tolist() == expected["id"].tolist()


def test_owslib_reads_every_page(address, source):
    service = Features(f"{address}/")
    assert set(service.feature_collections()) == {"facilities", "areas", "gaps"}
    assert service.api()["openapi"].startswith("3.0")
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in (service.conformance()["conformsTo"])
    )
    assert "beds_total" in service.collection_queryables("facilities")["properties"]
    features = []
    while len(features) < ROWS:
        page = service.collection_items("facilities", limit=7_000, offset=len(features))
        assert page["numberMatched"] == ROWS
        assert page["numberReturned"] == len(page["features"])
        features += page["features"]
    require_same(gpd.GeoDataFrame.from_features(features, crs="OGC:CRS84"), source)
    one = service.collection_item("facilities", "jp-00007")
    assert one["properties"] == features[7]["properties"]


def test_geopandas_reads_a_page_by_its_address(address, source):
    items = f"{address}/collections/facilities/items?limit=10000"
    require_same(gpd.read_file(f"{items}&offset=30000"), source.iloc[30_000:])


README = Path(__file__).parents[3] / "README.md"


def test_what_the_readme_shows_reads_the_facilities(address):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    shown = [each for each in blocks if "/ogc" in each]
    made = {}
    for each in shown:
        exec(each.replace("http://127.0.0.1:8000/ogc", address), made)  # noqa: S102 (our own text)
        assert all(len(line) < 100 for line in each.splitlines())
    assert len(shown) == 3
    assert len(made["homes"]) == ROWS
    assert set(made["page"]["type"]) == {"nursing_home"}


def test_every_system_holds_the_same_places(address):
    system = "http://www.opengis.net/def/crs/EPSG/0/3857"
    items = f"{address}/collections/facilities/items?limit=50"
    with urllib.request.urlopen(f"{items}&crs={system}", timeout=30) as answer:
        assert answer.headers["Content-Crs"] == f"<{system}>"
        metres = gpd.GeoDataFrame.from_features(json.load(answer)["features"], crs="EPSG:3857")
    plain = gpd.read_file(items)
    moved = metres.to_crs("EPSG:4326").get_coordinates() - plain.get_coordinates()
    assert moved.abs().to_numpy().max() < 1e-6
