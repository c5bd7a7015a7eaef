"""Rule packs and claims are read strictly: what is unknown, missing or impossible is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geomap.data.claims import read_claim_file, read_claims
from geomap.data.standards import find_pack, read_pack, read_packs
from geomap.errors import DataError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

RULE = """
[[rule]]
key = "beds"
label = { zh = "床位", en = "Beds" }
measure = "beds_per_1000_aged_60"
unit = "beds/1000"
direction = "at_least"
number = 40
area_type = "any"
clause = { zh = "第一条", en = "Article 1" }
since = 2020-01-01
sureness = "official"
"""
HEAD = """
key = "town"
version = "1"
label = { zh = "镇", en = "Town" }
updated = 2026-01-01
"""
CLAIM = """
[[claim]]
key = "a"
said = { zh = "甲", en = "A" }
place = { zh = "甲", en = "A" }
adcode = "410102"
indicator = "occupancy"
sureness = "unverified"
[[claim.figure]]
part = "value"
published = 81
"""


def pack_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pack.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pack_is_read_as_it_is_written(tmp_path):
    pack = read_pack(pack_of(tmp_path, HEAD + RULE))
    rule = pack.rule("beds")
    assert (pack.key, pack.version, pack.adcode) == ("town", "1", None)
    assert (rule.number, rule.number_to, rule.clause.zh) == (40.0, None, "第一条")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("number = 40", "number = 0", "positive"),
        ("number = 40", "number = nan", "finite"),
        ("number = 40", "number = inf", "finite"),
        ("number = 40", "number = true", "finite"),
        ("number = 40", f"number = 1{'0' * 400}", "finite"),
        ("number = 40", f"number = 1{'0' * 5000}", "must be TOML"),
        ("number = 40", 'number = "40"', "finite"),
        ("number = 40", "", "got nothing"),
        ("number = 40", "number = 40\nnumbr = 1", "numbr is not known"),
        ("number = 40", "number = 40\nnumber_to = 50", "number_to goes with between"),
        ('"at_least"', '"between"', "number_to goes with between"),
        ('"at_least"', '"between"\nnumber_to = 30', "greater"),
        ('"at_least"', '"about"', "at_most"),
        ('"beds/1000"', '"m2"', "unit of beds_per_1000_aged_60"),
        ('"beds_per_1000_aged_60"', '"happiness"', "measure must be one of"),
        ("since = 2020-01-01", "since = 2020-01-01T00:00:00", "a date"),
        ("since = 2020-01-01", "since = 2020-01-01\nuntil = 2019-01-01", "until"),
        ("since = 2020-01-01", "since = 2020-01-01\ndue = 2019-01-01", "due"),
        ('"official"', '"changed"', "sureness"),
        ('{ zh = "第一条", en = "Article 1" }', '{ zh = "第一条" }', "in zh and one in en"),
        ('key = "beds"', 'key = "Beds!"', "small letters"),
        ('version = "1"', "", "version"),
        ("updated = 2026-01-01", 'updated = 2026-01-01\nadcode = "41"', "six digits"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, said):
    text = HEAD + RULE
    assert old in text
    with pytest.raises(DataError, match=said):
        read_pack(pack_of(tmp_path, text.replace(old, new)))


def test_all_faults_are_said_at_once(tmp_path):
    text = (HEAD + RULE).replace("number = 40", "number = -1").replace('"beds/1000"', '"m2"')
    with pytest.raises(DataError, match=r"positive.*unit of"):
        read_pack(pack_of(tmp_path, text))


def test_two_rules_or_packs_with_one_key_are_refused(tmp_path):
    with pytest.raises(DataError, match="stands twice"):
        read_pack(pack_of(tmp_path, HEAD + RULE + RULE))
    (tmp_path / "pack.toml").write_text(HEAD + RULE, encoding="utf-8")
    (tmp_path / "other.toml").write_text(HEAD + RULE, encoding="utf-8")
    with pytest.raises(DataError, match="again"):
        read_packs(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe", b"key = ", b"rule = 1", b"rule = [1]", b"claim = [1, [], 'a']",
        b"# " + b"x" * 300_000,
    ],
)  # fmt: skip
def test_what_is_no_pack_is_refused(tmp_path, content):
    path = tmp_path / "pack.toml"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_pack(path)
    with pytest.raises(DataError):
        read_claim_file(path)


def test_a_pack_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFoundError):
        read_pack(tmp_path / "none.toml")
    with pytest.raises(NotFoundError, match="national"):
        find_pack("none")
    assert find_pack("henan").adcode == "410000"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("published = 81", "", "published, or pack and rule"),
        ("published = 81", 'pack = "national"', "go together"),
        ("published = 81", "published = 81\ntolerance = -1", "tolerance"),
        ("published = 81", "published = 81\nabout = 1", "about is not known"),
        ('part = "value"', 'part = "all of it"', "part must be one of"),
        ('"unverified"', '"sure"', "sureness must be one of"),
        ('indicator = "occupancy"', "", "indicator"),
        ('sureness = "unverified"', 'sureness = "unverified"\ninputs = { beds = 1 }', "beds"),
    ],
)
def test_what_is_wrong_with_a_claim_is_said(tmp_path, old, new, said):
    assert old in CLAIM
    with pytest.raises(DataError, match=said):
        read_claim_file(pack_of(tmp_path, CLAIM.replace(old, new)))


def test_two_claims_with_one_key_are_refused(tmp_path):
    pack_of(tmp_path, CLAIM + CLAIM)
    with pytest.raises(DataError, match="twice"):
        read_claims(tmp_path)


def test_the_claims_that_ship_name_indicators_packs_and_rules_that_are_there():
    from geomap.plan.indicators.answer import INDICATORS

    packs = read_packs()
    claims = read_claims()
    assert len(claims) >= 12
    for claim in claims.values():
        assert claim.indicator in INDICATORS
        for figure in claim.figures:
            if figure.pack:
                assert packs[figure.pack].rule(figure.rule)
