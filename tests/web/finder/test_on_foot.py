"""Walks along the streets of an extract, against networkx over the same file; else the estimate."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import osmium
import pytest
from bs4 import BeautifulSoup
from pyproj import Geod

from geomap.settings import Settings

GEOD = Geod(ellps="WGS84")
#: A corner of streets in the extract, and homes that stand at other corners of it.
START = (116.3300, 39.9920)
HOMES = 40


@pytest.fixture(scope="module")
def corners(data_folder):
    """The street graph of the extract as networkx has it: ways that anybody may walk."""
    graph = nx.Graph()
    walked = {"residential", "service", "footway", "tertiary", "secondary", "primary", "path",
              "pedestrian", "living_street", "unclassified", "cycleway"}  # fmt: skip
    file = str(data_folder / "osm" / "beijing_tsinghua.osm")
    for way in osmium.FileProcessor(file).with_locations():
        if not way.is_way() or way.tags.get("highway") not in walked:
            continue
        if {way.tags.get("access"), way.tags.get("foot")} & {"no", "private"}:
            continue
        spots = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
        for (a, *from_), (b, *to) in itertools.pairwise(spots):
            graph.add_edge(a, b, metres=GEOD.inv(*from_, *to)[2])
            graph.nodes[a]["at"], graph.nodes[b]["at"] = tuple(from_), tuple(to)
    return graph


@pytest.fixture(scope="module")
def walked(data_folder, corners, tmp_path_factory, geomap_import):
    """A client over homes at street corners, with the streets; and the true walks by id."""
    from geomap.web.app import create_app

    folder = tmp_path_factory.mktemp("walks")
    start = min(corners, key=lambda node: math.dist(corners.nodes[node]["at"], START))
    known = nx.single_source_dijkstra_path_length(corners, start, weight="metres")
    nodes = sorted(known)[:: max(1, len(known) // HOMES)]
    lines = ["id,name,type,lon,lat"]
    lines += [
        f"n{node},某院{node},养老院,{corners.nodes[node]['at'][0]},{corners.nodes[node]['at'][1]}"
        for node in nodes
    ]
    (folder / "homes.csv").write_text("\n".join(lines), encoding="utf-8")
    streets = data_folder / "osm" / "beijing_tsinghua.osm"
    geomap_import(folder / "homes.csv", "--into", folder / "ours")
    geomap_import(streets, "--as", "network", "--into", folder / "ours")
    client = create_app(folder / "ours", Settings()).test_client()
    return client, corners.nodes[start]["at"], {f"n{node}": known[node] for node in nodes}


def found(client, url: str) -> dict[str, str]:
    cards = {}
    for page in range(1, 6):
        answer = BeautifulSoup(client.get(f"{url}&page={page}").data, "html.parser")
        for card in answer.select(".card"):
            walk = card.select_one(".walk")
            cards[card["data-id"]] = walk.get_text() if walk else ""
    return cards


@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_a_walk_is_as_long_as_the_streets_make_it(walked, minutes):
    client, (lon, lat), true = walked
    cards = found(client, f"/?lon={lon:.3f}&lat={lat:.3f}&walk={minutes}")
    slack = 150 + 60  # the spot is rounded to about 100 m, and stands beside its street
    limit = minutes * 60 * 0.8
    assert {each for each, metres in true.items() if metres < limit - slack} <= set(cards)
    assert set(cards) <= {each for each, metres in true.items() if metres < limit + slack}
    assert all("沿街道" in said for said in cards.values() if said)


def test_the_home_s_own_page_says_the_walk_that_the_list_says(walked):
    client, (lon, lat), _ = walked
    asked = f"lon={lon:.3f}&lat={lat:.3f}"
    cards = found(client, f"/?{asked}&walk=30")
    for own_id, said in itertools.islice(cards.items(), 5):
        page = client.get(f"/facilities/{own_id}?{asked}").get_data(as_text=True)
        assert said
        assert said in page


def test_where_the_streets_are_not_known_the_walk_is_an_estimate(walked):
    client, _, _ = walked
    cards = found(client, "/?lon=116.40&lat=39.90&walk=600")
    assert cards
    assert not any("沿街道" in said for said in cards.values())


def test_the_walk_to_the_hospital_is_along_the_streets_where_they_reach_both(walked):
    client, _start, true = walked
    said = []
    for home in list(true)[:8]:
        page = BeautifulSoup(client.get(f"/facilities/{home}").data, "html.parser")
        near = page.select_one(".nearby").get_text()
        assert "（估计）" not in near or "沿街道" in near
        said.append(page.select_one(".hospital").get_text() if page.select(".hospital") else "")
    assert any("沿街道" in each for each in said)


def test_away_from_the_streets_the_walk_to_the_hospital_is_an_estimate(walked, monkeypatch):
    client, _start, true = walked
    data = client.application.extensions["geomap"].snapshot()
    monkeypatch.setitem(data.__dict__, "network", None)
    page = BeautifulSoup(client.get(f"/facilities/{next(iter(true))}").data, "html.parser")
    assert "沿街道" not in page.select_one(".hospital").get_text()
