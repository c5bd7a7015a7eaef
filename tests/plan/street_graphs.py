"""An oracle for walks: networkx on graphs of its own, read with osmium or an XML parser.

Imports nothing from geomap. Every vertex of every way is a node, so that a way's shape is kept;
a place in the middle of a segment is a node of its own.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import networkx as nx
import osmium
from pyproj import Geod

if TYPE_CHECKING:
    from pathlib import Path

GEOD = Geod(ellps="WGS84")
OPEN = set(
    "footway path pedestrian living_street residential service unclassified road track bridleway"
    " cycleway corridor elevator primary primary_link secondary secondary_link tertiary"
    " tertiary_link trunk trunk_link".split()
)
CLOSED = set(
    "no private agricultural forestry delivery military permit restricted emergency"
    " use_sidepath".split()
)
WALLS = {"fence", "wall", "hedge", "city_wall", "retaining_wall", "guard_rail", "ditch"}


def walked(tags: dict[str, str], *, stairs: bool) -> bool:
    kind = tags.get("highway")
    if not (kind in OPEN or (stairs and kind == "steps")) or tags.get("motorroad") == "yes":
        return False
    return (tags.get("foot") or tags.get("access") or "") not in CLOSED


def stops(tags: dict[str, str]) -> bool:
    if "foot" in tags:
        return tags["foot"] in CLOSED
    if "barrier" not in tags:
        return False
    wall = tags["barrier"] in WALLS and tags.get("access") not in {"yes", "permissive"}
    return tags.get("access") in CLOSED or tags.get("locked") == "yes" or wall


def read_xml(path: Path):
    """Nodes (lon, lat, tags), ways (refs, tags), relations (way refs, tags) of an .osm file."""
    nodes, ways, relations = {}, {}, []
    for each in ElementTree.parse(path).getroot():
        tags = {tag.get("k"): tag.get("v") for tag in each.iter("tag")}
        if each.tag == "node":
            nodes[each.get("id")] = float(each.get("lon")), float(each.get("lat")), tags
        elif each.tag == "way":
            ways[each.get("id")] = [nd.get("ref") for nd in each.iter("nd")], tags
        elif each.tag == "relation":
            members = [m.get("ref") for m in each.iter("member") if m.get("type") == "way"]
            relations.append((members, tags))
    return nodes, ways, relations


def read_pbf(path: Path):
    """The same of a .pbf file."""
    nodes, ways, relations = {}, {}, []
    for each in osmium.FileProcessor(str(path)):
        tags = {tag.k: tag.v for tag in each.tags}
        if each.is_node():
            nodes[each.id] = each.location.lon, each.location.lat, tags
        elif each.is_way():
            ways[each.id] = [node.ref for node in each.nodes], tags
        elif each.is_relation():
            relations.append(([m.ref for m in each.members if m.type == "w"], tags))
    return nodes, ways, relations


def street_graph(path: Path, *, stairs: bool = False) -> nx.Graph:
    """Every segment of every way that is walked; nodes have x and y, edges have metres."""
    nodes, ways, relations = (read_xml if path.suffix == ".osm" else read_pbf)(path)
    kept = {key: refs for key, (refs, tags) in ways.items() if walked(tags, stairs=stairs)}
    for members, tags in relations:
        if tags.get("type") == "multipolygon" and walked(tags, stairs=stairs):
            kept |= {
                key: ways[key][0]
                for key in members
                if key in ways and (stairs or ways[key][1].get("highway") != "steps")
            }
    graph = nx.Graph()
    for key, refs in kept.items():
        names = [
            (ref, key, nth) if ref in nodes and stops(nodes[ref][2]) else ref
            for nth, ref in enumerate(refs)
        ]
        for nth, (one, two) in enumerate(pairwise(refs)):
            if one == two or one not in nodes or two not in nodes:
                continue
            (x1, y1, _), (x2, y2, _) = nodes[one], nodes[two]
            metres = GEOD.inv(x1, y1, x2, y2)[2]
            # A node that stops ends the way on both sides: each side has a node of its own.
            a = names[nth] if names[nth] == one else (*names[nth], "on")
            b = names[nth + 1] if names[nth + 1] == two else (*names[nth + 1], "back")
            graph.add_node(a, x=x1, y=y1)
            graph.add_node(b, x=x2, y=y2)
            add_edge(graph, a, b, metres)
    return graph


def add_edge(graph: nx.Graph, a, b, metres: float) -> None:
    if not graph.has_edge(a, b) or graph[a][b]["metres"] > metres:
        graph.add_edge(a, b, metres=metres)


def put_place(graph: nx.Graph, name, a, b, share: float) -> tuple[float, float]:
    """Put a place on an edge; give its longitude and latitude."""
    one, two, metres = graph.nodes[a], graph.nodes[b], graph[a][b]["metres"]
    x = one["x"] + share * (two["x"] - one["x"])
    y = one["y"] + share * (two["y"] - one["y"])
    graph.remove_edge(a, b)
    graph.add_node(name, x=x, y=y)
    graph.add_edge(a, name, metres=share * metres)
    graph.add_edge(name, b, metres=(1 - share) * metres)
    return x, y


def distances(graph: nx.Graph, source, limit_m: float = math.inf) -> dict:
    return nx.single_source_dijkstra_path_length(graph, source, cutoff=limit_m, weight="metres")


def walked_m(graph: nx.Graph, source, limit_m: float) -> float:
    """Metres of street within a walk from a node."""
    far = distances(graph, source)
    total = 0.0
    for a, b, metres in graph.edges(data="metres"):
        left = sum(max(0.0, limit_m - far.get(end, math.inf)) for end in (a, b))
        total += min(metres, left)
    return total
