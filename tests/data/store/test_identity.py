"""Which record a row is: what a reviewer says, lists numbered anew, several files at once."""

from __future__ import annotations

import csv
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.reading import read_table
from geomap.data.store.difference import Incoming, Origin, origin_of
from geomap.data.store.workspace import Workspace
from geomap.errors import ConflictError, ParameterError
from geomap.model.facility import FACILITIES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BY = {"who": "li", "at": NOON}
A, B = Origin("a.csv", "aa"), Origin("b.csv", "bb")
NAMES = ["甲乙", "丙丁", "戊己", "庚辛", "壬癸", "子丑", "寅卯", "辰巳"]


def homes(*rows, **columns) -> gpd.GeoDataFrame:
    """Facilities from (id, name) pairs; each name has a place of its own, a kilometre apart."""
    frame = pd.DataFrame(rows, columns=["id", "name"]).assign(type="nursing_home", **columns)
    if "geometry" in frame:
        places = frame.pop("geometry")
    else:
        known = {name: place for place, name in enumerate(NAMES)}
        at = [known.get(name[:2], 50) for name in frame["name"]]
        places = [shapely.Point(121 + 0.01 * place, 25) for place in at]
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=list(places), crs=4326))


def called(*names, start=1):
    return [(str(number), f"{name}养老院") for number, name in enumerate(names, start)]


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "w")


def bring(workspace, frame, origin=A, **answers):
    return workspace.apply_all([Incoming(frame, FACILITIES, origin, **answers)], **BY)[0]


def kept(workspace) -> dict[str, str]:
    rows = workspace.read("facilities")
    return dict(zip(rows["id"], rows["name"], strict=True))


def told(difference) -> dict[str, int]:
    return {name: count for name, count in difference.counts.items() if count}


# Possibly the same


def test_a_new_row_is_shown_beside_the_record_that_it_may_be(workspace):
    bring(workspace, homes(("1", "甲乙养老院"), phone=["010-88123456"]))
    found = bring(workspace, homes(("x", "甲乙老年公寓"), phone=["88123456"]), B)
    [pair] = found.to_dict()["possibly_same"]
    assert (pair["id"], pair["other_id"], pair["other_file"]) == ("x", "1", "a.csv")
    assert (pair["why"], pair["certain"], pair["distance_m"]) == ("name, place, phone", True, 0)
    assert found.certain == {"x": "1"}
    assert len(kept(workspace)) == 2, "shown, not decided"


def test_a_list_under_new_ids_is_shown_beside_what_is_gone(workspace):
    bring(workspace, homes(*called(*NAMES[:4])))
    renamed = [(f"H{id_}", name) for id_, name in called(*NAMES[:4])]
    found = workspace.compare(homes(*renamed), FACILITIES, origin=A)
    assert told(found) == {"new": 4, "gone": 4, "possibly_same": 4}
    assert found.certain == {f"H{number}": str(number) for number in range(1, 5)}


def test_rows_of_the_file_itself_are_not_compared_with_each_other(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    found = bring(workspace, homes(("1", "甲乙养老院"), ("2", "甲乙老年公寓")))
    assert found.possibly_same.empty


# What a reviewer says


def test_a_row_that_is_the_same_updates_the_record_and_is_remembered(workspace):
    bring(workspace, homes(("1", "甲乙养老院"), beds_total=[10]))
    rows = homes(("x", "甲乙老年公寓"), beds_total=[12])
    found = bring(workspace, rows, B, same={"x": "1"})
    assert told(found) == {"changed": 1}
    assert set(found.changes["field"]) == {"name", "beds_total"}
    assert kept(workspace) == {"1": "甲乙老年公寓"}
    again = bring(workspace, rows, B)
    assert told(again) == {"same": 1}
    assert workspace.history("1")["file"].tolist() == ["a.csv", "b.csv", "b.csv"]
    [decision] = workspace.decisions().to_dict("records")
    assert (decision["given"], decision["record_id"], decision["verdict"]) == ("x", "1", "same")
    assert (decision["who"], decision["file"]) == ("li", "b.csv")


def test_the_first_file_still_knows_its_record_by_its_old_name(workspace):
    mine = homes(("1", "甲乙养老院"))
    bring(workspace, mine)
    bring(workspace, homes(("x", "甲乙老年公寓")), B, same={"x": "1"})
    found = bring(workspace, mine)
    assert told(found) == {"same": 1, "kept": 1}
    assert kept(workspace) == {"1": "甲乙老年公寓"}


def test_saying_the_same_twice_decides_once(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    rows = homes(("x", "甲乙养老院"))
    assert bring(workspace, rows, B, same={"x": "1"}).is_empty
    assert len(workspace.decisions()) == 1, "remembered though no value changed"
    bring(workspace, rows, B, same={"x": "1"})
    assert len(workspace.decisions()) == 1


def test_what_is_distinct_is_not_asked_again(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    rows = homes(("x", "甲乙老年公寓"))
    origin = Incoming(rows, FACILITIES, B, distinct={"x": "1"})
    assert workspace.compare_all([origin])[0].possibly_same.empty
    workspace.apply_all([origin], **BY)
    made = workspace.history("x")["rev"].iloc[0]
    workspace.undo(made, **BY)
    assert told(bring(workspace, rows, B)) == {"new": 1}


@pytest.mark.parametrize("answer", ["same", "distinct"])
def test_a_row_is_named_by_the_id_that_it_is_shown_under(workspace, answer):
    bring(workspace, homes(("1", "甲乙养老院"), ("2", "丙丁养老院")))
    rows = homes(("2", "甲乙老年公寓"))
    [found] = workspace.compare_all([Incoming(rows, FACILITIES, B)])
    [(given, shown, _)] = found.id_taken.itertuples(index=False, name=None)
    [(row, other)] = found.possibly_same[["id", "other_id"]].itertuples(index=False, name=None)
    assert (given, row, other) == ("2", shown, "1")
    assert shown != "2"
    found = bring(workspace, rows, B, **{answer: {shown: "1"}})
    assert found.possibly_same.empty
    assert workspace.decisions()[["given", "record_id", "verdict"]].to_numpy().tolist() == [
        ["2", "1", answer]
    ]
    assert bring(workspace, rows, B).is_empty


def test_the_contrary_takes_a_decision_back(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    rows = homes(("x", "甲乙老年公寓"))
    bring(workspace, rows, B, same={"x": "1"})
    found = bring(workspace, rows, B, distinct={"x": "1"})
    assert told(found) == {"new": 1, "gone": 1}
    assert sorted(kept(workspace)) == ["1", "x"]
    assert bring(workspace, rows, B).is_empty
    assert workspace.decisions()["verdict"].tolist() == ["same", "distinct"]


def test_a_record_made_too_early_is_merged_when_the_answer_comes(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    rows = homes(("x", "甲乙老年公寓"), ("y", "丙丁养老院"), parent_id=[None, "x"])
    bring(workspace, rows, B)
    found = bring(workspace, rows, B, same={"x": "1"})
    assert found.to_dict()["merged"] == [{"id": "x", "name": "甲乙老年公寓", "into": "1"}]
    assert kept(workspace) == {"1": "甲乙老年公寓", "y": "丙丁养老院"}
    assert workspace.read("facilities").set_index("id").loc["y", "parent_id"] == "1"
    assert bring(workspace, rows, B).is_empty
    removed = workspace.history("x")
    assert removed["after"].iloc[-1] is None
    workspace.undo(int(removed["rev"].iloc[-1]), **BY)
    assert "x" in kept(workspace)


def test_a_record_that_was_corrected_by_hand_is_not_merged_away(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    rows = homes(("x", "甲乙老年公寓"))
    bring(workspace, rows, B)
    workspace.edit("x", "phone", "010-1", who="li", at=NOON, source="电话核实")
    with pytest.raises(ConflictError, match="'x' was corrected by hand"):
        bring(workspace, rows, B, same={"x": "1"})
    assert workspace.decisions().empty


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"same": {"q": "1"}}, "no row with the id 'q'"),
        ({"same": {"x": "q"}}, "no record 'q'"),
        ({"same": {"x": "1", "y": "1"}}, "another row of the file is '1'"),
        ({"distinct": {"q": "1"}}, "no row with the id 'q'"),
    ],
)
def test_an_answer_about_what_is_not_there_is_refused(workspace, answers, said):
    bring(workspace, homes(("1", "甲乙养老院")))
    with pytest.raises(ParameterError, match=said):
        bring(workspace, homes(("x", "甲乙老年公寓"), ("y", "丙丁养老院")), B, **answers)
    assert workspace.decisions().empty


def test_a_row_with_the_old_id_of_an_aliased_record_is_a_thing_of_its_own(workspace):
    bring(workspace, homes(("1", "甲乙养老院")))
    bring(workspace, homes(("9", "甲乙老年公寓")), same={"9": "1"})
    rows = homes(("9", "甲乙老年公寓"), ("1", "丙丁养老院"))
    found = bring(workspace, rows)
    [(given, made, name)] = found.id_taken.itertuples(index=False, name=None)
    assert (given, name) == ("1", "丙丁养老院")
    assert kept(workspace) == {"1": "甲乙老年公寓", made: "丙丁养老院"}
    assert bring(workspace, rows).is_empty


# Lists numbered anew


def test_a_row_inserted_into_a_numbered_list_moves_no_home_to_another_record(workspace):
    bring(workspace, homes(*called(*NAMES[:6])))
    workspace.edit("3", "phone", "010-3", who="li", at=NOON, source="电话核实")
    rows = homes(*called("辰巳", *NAMES[:6]))
    found = bring(workspace, rows)
    assert told(found) == {"new": 1, "same": 6, "renumbered": 6, "id_taken": 1}
    after = workspace.read("facilities").set_index("id")
    assert after.loc["3", "name"] == "戊己养老院"
    assert after.loc["3", "phone"] == "010-3"
    assert bring(workspace, rows).is_empty


def test_a_list_in_another_order_changes_nothing(workspace):
    bring(workspace, homes(*called(*NAMES)))
    found = bring(workspace, homes(*called(*reversed(NAMES))))
    assert told(found) == {"same": 8, "renumbered": 8}


def test_neighbours_in_one_street_are_told_apart_when_the_list_moves(workspace):
    near = [shapely.Point(121 + 0.0005 * place, 25) for place in range(9)]
    bring(workspace, homes(*called(*NAMES), geometry=near[:8]))
    rows = homes(*called("新来", *NAMES), geometry=[near[8], *near[:8]])
    assert told(bring(workspace, rows)) == {"new": 1, "same": 8, "renumbered": 8, "id_taken": 1}


def test_a_home_renamed_where_it_stands_keeps_its_record(workspace):
    bring(workspace, homes(("1", "甲乙养老院"), ("2", "丙丁养老院")))
    place = [shapely.Point(121, 25), shapely.Point(121.01, 25)]
    found = bring(workspace, homes(("1", "甲乙康养中心"), ("2", "丙丁养老院"), geometry=place))
    assert told(found) == {"changed": 1, "same": 1}


def test_homes_that_exchange_their_names_are_the_ones_at_their_places(workspace):
    bring(workspace, homes(("1", "甲乙养老院"), ("2", "丙丁养老院")))
    swapped = [shapely.Point(121.3, 25), shapely.Point(121.4, 25)]
    found = bring(workspace, homes(("1", "丙丁养老院"), ("2", "甲乙养老院"), geometry=swapped))
    assert found.renumbered.empty, "names alone, far from where they stood, move nothing"
    assert told(found) == {"changed": 2}


# Several files


def test_files_are_compared_with_the_state_after_the_one_before(workspace):
    files = [
        Incoming(homes(("1", "甲乙养老院")), FACILITIES, A),
        Incoming(homes(("x", "甲乙老年公寓")), FACILITIES, B),
    ]
    compared = workspace.compare_all(files)
    assert [told(each) for each in compared] == [{"new": 1}, {"new": 1, "possibly_same": 1}]
    assert workspace.revision == 0
    assert kept(workspace) == {}
    applied = workspace.apply_all(files, **BY)
    assert [each.counts for each in applied] == [each.counts for each in compared]


def test_all_files_are_written_or_none(workspace):
    bring(workspace, homes(*called(*NAMES[:4])), B)
    far = [shapely.Point(113, 34)] * 4
    strange = homes(*called("子丑", "寅卯", "辰巳", "壬癸"), geometry=far)
    files = [
        Incoming(homes(("n", "新来养老院")), FACILITIES, A),
        Incoming(strange, FACILITIES, B),
    ]
    before = workspace.revision
    with pytest.raises(ConflictError, match="another name"):
        workspace.apply_all(files, **BY)
    assert workspace.revision == before
    assert "n" not in kept(workspace)


def test_what_was_shown_is_what_is_written(workspace):
    files = [Incoming(homes(("1", "甲乙养老院")), FACILITIES, A)]
    seen = workspace.revision
    workspace.compare_all(files)
    bring(workspace, homes(("2", "丙丁养老院")), B)
    with pytest.raises(ConflictError, match="changed since it was compared"):
        workspace.apply_all(files, **BY, seen=seen)
    assert "1" not in kept(workspace)


def test_a_waiting_writer_is_told_how_far_it_is(workspace, monkeypatch):
    from geomap.data.store import importing

    monkeypatch.setattr(importing, "CHUNK", 2)
    done = []
    files = [Incoming(homes(*called(*NAMES[:5])), FACILITIES, A)] * 2
    workspace.apply_all(files, **BY, tell=done.append)
    assert done == [2, 4, 5, 7, 9, 10]


# Laws


identities = st.sampled_from(["1", "2", "3", "x"])
lists = st.dictionaries(identities, st.sampled_from(NAMES[:4]), min_size=1, max_size=4)
imports = st.lists(st.tuples(st.sampled_from([A, B]), lists, st.booleans()), max_size=4)


def tried(workspace, origin, listed, decide):
    rows = homes(*((id_, f"{name}养老院") for id_, name in listed.items()))
    item = Incoming(rows, FACILITIES, origin)
    try:
        if decide:
            certain = workspace.compare_all([item])[0].certain
            item = Incoming(rows, FACILITIES, origin, same=certain)
        workspace.apply_all([item], **BY)
    except ConflictError:
        return None
    return Incoming(rows, FACILITIES, origin)


@settings(max_examples=10)
@given(imports)
def test_whatever_was_imported_the_last_file_again_changes_nothing(steps):
    with tempfile.TemporaryDirectory() as place:
        workspace = Workspace.create(Path(place, "w"))
        for origin, listed, decide in steps:
            last = tried(workspace, origin, listed, decide)
            if last is not None:
                again = workspace.compare_all([last])[0]
                assert again.is_empty, again.to_dict()
        with closing(sqlite3.connect(workspace.folder / "workspace.db")) as database:
            edits = database.execute(
                "SELECT facility_id, field, after FROM edit ORDER BY rev"
            ).fetchall()
            ids = {row[0] for row in database.execute("SELECT id FROM record")}
        whole = {}
        for id_, field, after in edits:
            if field == "*":
                whole[id_] = after is not None and json.loads(after)
        assert ids == {id_ for id_, body in whole.items() if body}


# Real lists


def rewritten(source: Path, target: Path) -> Path:
    """The homes of Taipei a year later: one gone, one new, one changed, all numbered anew."""
    with source.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    gone = rows.pop(10)
    new = rows[0] | {"機構名稱": "臺北市私立朝陽老人養護所", "地址": "臺北市大安區和平東路1段1號"}
    new |= {"電話": "02-27000000", "lat": "25.0262", "lon": "121.5435"}
    rows.insert(3, new)
    rows[20]["核定床數-核定總床位數"] = "77"
    for number, row in enumerate(rows, 1):
        row["編號"] = str(number)
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(gone))
        writer.writeheader()
        writer.writerows(rows)
    return target


def test_the_homes_of_taipei_numbered_anew_keep_their_records(data_folder, tmp_path):
    source = data_folder / "taipei" / "homes.csv"
    workspace = Workspace.create(tmp_path / "w")
    first = Incoming(read_table(source, FACILITIES).frame, FACILITIES, origin_of(source))
    workspace.apply_all([first], **BY)
    before = kept(workspace)
    path = rewritten(source, tmp_path / "later" / "homes.csv")
    later = Incoming(read_table(path, FACILITIES).frame, FACILITIES, origin_of(path))
    [found] = workspace.apply_all([later], **BY)
    assert told(found) == {
        "new": 1, "changed": 1, "same": 92, "gone": 1, "id_taken": 1, "renumbered": 7
    }  # fmt: skip
    after = kept(workspace)
    assert all(after[id_] == name for id_, name in before.items())
    assert workspace.compare_all([later])[0].is_empty


def test_japanese_lists_of_three_services_import_twice_without_change(data_folder, tmp_path):
    workspace = Workspace.create(tmp_path / "w")
    files = []
    for number in (520, 730, 760):
        path = data_folder / "japan" / f"jigyosho_{number}.csv"
        files.append(Incoming(read_table(path, FACILITIES).frame, FACILITIES, origin_of(path)))
    found = workspace.apply_all(files, **BY)
    doubtful = sum(len(each.possibly_same) for each in found)
    assert 0 < doubtful < 60, "few of 11,000"
    answered = [
        Incoming(each.frame, FACILITIES, each.origin, same=difference.certain)
        for each, difference in zip(files, found, strict=True)
    ]
    merged = workspace.apply_all(answered, **BY)
    assert sum(len(each.merged) for each in merged) == sum(len(each.certain) for each in found)
    assert all(each.is_empty for each in workspace.compare_all(files))
