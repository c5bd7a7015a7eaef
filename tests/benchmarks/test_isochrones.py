"""Isochrones of 1,000 facilities on 100,000 nodes, beside networkx; run by ``pytest -s``.

The peer is what OSMnx documents for isochrones (networkx ``ego_graph`` by length, the edges
buffered and joined by ``union_all``), on the same streets in a metric plane, from the nearest
node instead of the nearest point of a street. It walks a sample of the facilities, one by one,
and its time is scaled up. Wall time on 2 processors; the line says how busy they were before.

One isochrone of the peer is held against ours: the ground differs by what lies between the door
and the peer's node, and by the street that the peer leaves out beyond its last node.
"""

from __future__ import annotations

import os
import time

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

import geomap as gm
from geomap.data.walking.extract import Parts
from geomap.data.walking.strokes import network_of
from tests.plan.conftest import degrees

SIDE, BLOCK_M, FACILITIES, SAMPLE = 317, 100, 1_000, 10


@pytest.fixture(scope="module")
def town():
    """A grid of crooked streets: corners moved by some metres, one bend a block."""
    rng = np.random.default_rng(2)
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    x, y = (each.ravel() * float(BLOCK_M) + rng.normal(0, 8, SIDE**2) for each in (column, row))
    number = np.arange(SIDE**2).reshape(SIDE, SIDE)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    two = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    bend = SIDE**2 + np.arange(len(one))
    x = np.concatenate([x, (x[one] + x[two]) / 2 + rng.normal(0, 3, len(one))])
    y = np.concatenate([y, (y[one] + y[two]) / 2 + rng.normal(0, 3, len(one))])
    lon, lat = degrees(x, y)
    key = np.stack([one, bend, two], axis=1).ravel()
    part = np.repeat(np.arange(len(one)), 3)
    network = network_of(Parts(lon[key], lat[key], key, part, np.zeros(len(one), bool)), {})
    at = rng.uniform(1000, (SIDE - 11) * BLOCK_M, (FACILITIES, 2))
    facilities = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*degrees(*at.T)), crs=4326)
    lines = shapely.linestrings(np.stack([x, y], axis=1)[np.stack([one, bend, two], axis=1)])
    graph = nx.Graph()
    metres = shapely.length(lines)
    graph.add_weighted_edges_from(zip(one.tolist(), two.tolist(), metres, strict=True), "length")
    nx.set_edge_attributes(
        graph, dict(zip(zip(one.tolist(), two.tolist(), strict=True), lines, strict=True)), "line"
    )
    return network, facilities, graph, at, np.stack([x, y], axis=1)[: SIDE**2]


def test_a_thousand_isochrones_on_a_hundred_thousand_nodes(town):
    network, facilities, graph, at, corners = town
    assert network.nodes > 100_000
    busy = os.getloadavg()[0]
    start, cpu = time.perf_counter(), time.process_time()
    found = gm.isochrones(facilities, network)
    spent_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    assert found.geometry.notna().all()

    start, peers = time.perf_counter(), time.process_time()
    grounds = []
    for place in at[:SAMPLE]:
        centre = int(np.hypot(*(corners - place).T).argmin())
        near = nx.ego_graph(graph, centre, radius=720, distance="length")
        lines = [line for _, _, line in near.edges(data="line")]
        grounds.append(shapely.union_all(shapely.buffer(np.array(lines), 30)))
    peer_s = (time.perf_counter() - start) * FACILITIES / SAMPLE
    peer_cpu_s = (time.process_time() - peers) * FACILITIES / SAMPLE
    ours = found.geometry[:SAMPLE].to_crs(32650).area.to_numpy() / 0.9996**2
    share = np.array([each.area for each in grounds]) / ours
    print(
        f"\n{network.nodes:,} nodes, {FACILITIES:,} facilities, load {busy:.1f}: {spent_s:.1f} s"
        f" ({cpu_s:.1f} s CPU); networkx + union_all {peer_s:.0f} s ({peer_cpu_s:.0f} s CPU),"
        f" {peer_cpu_s / cpu_s:.1f}x; its ground {share.mean():.2f} of ours"
    )
