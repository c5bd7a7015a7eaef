"""What is read of an extract: which ways, where they are cut, and in which order files may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.walking.extract import read_parts
from geomap.data.walking.strokes import network_of


@dataclass
class Extract:
    """An .osm file in the making: nodes on a row, 0.001 degrees apart, and ways between them."""

    ways: list = field(default_factory=list)
    nodes: dict = field(default_factory=dict)
    relations: list = field(default_factory=list)
    missing: set = field(default_factory=set)

    def way(self, *refs, **tags):
        self.ways.append((refs, {"highway": "residential", **tags}))
        return self

    def write(self, path, *, ways_first=False):
        refs = {ref for each, _ in self.ways for ref in each} - self.missing
        nodes = [
            f'<node id="{ref}" version="1" lon="{116 + ref % 10 / 1000}"'
            f' lat="{40 + ref // 10 / 1000}">'
            f"{_tags(self.nodes.get(ref, {}))}</node>"
            for ref in sorted(refs)
        ]
        ways = [
            f'<way id="{number}" version="1">'
            + "".join(f'<nd ref="{ref}"/>' for ref in refs)
            + f"{_tags(tags)}</way>"
            for number, (refs, tags) in enumerate(self.ways, 1)
        ]
        relations = [
            f'<relation id="{number}" version="1">'
            + "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in refs)
            + f"{_tags(tags)}</relation>"
            for number, (refs, tags) in enumerate(self.relations, 1)
        ]
        body = [*ways, *nodes] if ways_first else [*nodes, *ways]
        text = "".join([*body, *relations])
        path.write_text(f'<?xml version="1.0"?><osm version="0.6">{text}</osm>')
        return path


def _tags(tags):
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


@pytest.fixture
def read(tmp_path):
    def run(extract, **how):
        parts, counts = read_parts(extract.write(tmp_path / "town.osm", **how))
        return network_of(parts, counts)

    return run


def test_ways_meet_where_they_share_a_node(read):
    network = read(Extract().way(1, 2, 3).way(12, 2, 22))
    assert (network.nodes, len(network.steps), len(network.component_m)) == (5, 2, 1)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "construction"},
        {"highway": "platform"},
        {"foot": "no"},
        {"foot": "private"},
        {"foot": "use_sidepath"},
        {"access": "private"},
        {"access": "no"},
        {"motorroad": "yes", "highway": "trunk"},
        {"route": "ferry"},
    ],
    ids=str,
)
def test_what_nobody_may_walk_is_left_out(read, tags):
    network = read(Extract().way(1, 2).way(2, 3, **tags))
    assert network.nodes == 2


@pytest.mark.parametrize(
    "tags",
    [
        {"oneway": "yes"},
        {"access": "private", "foot": "yes"},
        {"access": "customers"},
        {"highway": "motorway", "foot": "designated"},
        {"highway": "cycleway"},
        {"sidewalk": "separate"},
    ],
    ids=str,
)
def test_what_may_be_walked_is_walked_both_ways(read, tags):
    network = read(Extract().way(1, 2).way(2, 3, **tags))
    here, there = network.node_place[0].min(), network.node_place[0].max()
    ways = network.walk_m(there, 40.0, [[here, 40.0]])
    assert ways == pytest.approx(network.walk_m(here, 40.0, [[there, 40.0]]))
    assert ways == pytest.approx([network.length_m.sum()])


@pytest.mark.parametrize(
    ("tags", "parts"),
    [
        ({"barrier": "bollard"}, 1),
        ({"barrier": "gate"}, 1),
        ({"barrier": "fence"}, 3),
        ({"barrier": "gate", "access": "private"}, 3),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, 1),
        ({"barrier": "gate", "locked": "yes"}, 3),
        ({"barrier": "kissing_gate", "foot": "no"}, 3),
        ({"access": "private"}, 1),
    ],
    ids=str,
)
def test_a_node_that_nobody_passes_cuts_every_way_through_it(read, tags, parts):
    network = read(Extract(nodes={2: tags}).way(1, 2, 3).way(2, 12))
    assert len(network.component_m) == parts
    assert network.counts["blocked"] == (parts > 1)
    assert network.length_m.sum() == pytest.approx(3 * 100, rel=0.2)


def test_stairs_are_marked_and_never_one_street_with_level_ground(read):
    network = read(Extract().way(1, 2).way(2, 3, highway="steps"))
    assert sorted(network.steps.tolist()) == [False, True]
    assert network.counts["steps"] == 1


def test_squares_are_walked_along_their_rim(read):
    square = Extract().way(1, 2, 12, 11, 1, highway="pedestrian", area="yes").way(2, 3)
    rim = read(square)
    assert (rim.counts["squares"], len(rim.component_m)) == (1, 1)
    several = Extract(relations=[((1, 2), {"type": "multipolygon", "highway": "pedestrian"})])
    several.ways = [((1, 2, 12), {}), ((12, 11, 1), {"source": "x"}), ((2, 3), {"highway": "path"})]
    joined = read(several)
    assert (joined.counts["squares"], len(joined.component_m)) == (1, 1)
    assert joined.length_m.sum() == pytest.approx(rim.length_m.sum())


def test_a_segment_of_two_ways_counts_once_and_level_ground_goes_before_stairs(read):
    network = read(Extract().way(1, 2, 3, highway="steps").way(3, 2).way(2, 3, 4))
    assert network.length_m.sum() == pytest.approx(3 * 85.4, rel=0.01)
    assert network.length_m[network.steps].sum() == pytest.approx(85.4, rel=0.01)


def test_at_the_edge_of_an_extract_the_known_parts_are_kept(read):
    network = read(Extract(missing={3}).way(1, 2, 3, 4, 5).way(3, 13))
    assert network.counts["cut_off"] == 2
    assert len(network.component_m) == 2


def test_a_file_may_name_its_ways_before_its_nodes(read):
    extract = Extract().way(1, 2, 3).way(2, 12)
    one, other = read(extract), read(extract, ways_first=True)
    assert other.length_m.sum() == pytest.approx(one.length_m.sum())
    assert other.nodes == one.nodes


def test_a_street_repeating_a_node_or_ending_where_it_began_is_a_street(read):
    network = read(Extract().way(1, 1, 2, 12, 11, 1).way(5, 5))
    assert len(network.steps) == 1
    assert np.diff(network.first).tolist() == [5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<osm version='0.6'><way", "invalid_file"),
        ("<osm version='0.6'></osm>", "osm_nothing"),
        ("lon,lat\n1,2\n", "format_mismatch"),
        ("", "file_empty"),
    ],
)
def test_a_file_that_holds_no_streets_is_refused_with_the_reason(tmp_path, content, code):
    path = tmp_path / "town.osm"
    path.write_text(content)
    with pytest.raises(RefusedError) as refused:
        read_parts(path)
    assert refused.value.finding.code == code
