from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geomap.data.store.difference import Origin, origin_of
from geomap.data.store.workspace import Workspace
from geomap.errors import ConflictError, CRSError, DataError, ParameterError
from geomap.model.area import AREAS
from geomap.model.facility import FACILITIES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = Origin("a.csv", "aa"), Origin("b.csv", "bb")


def homes(*rows, **columns) -> gpd.GeoDataFrame:
    """Facilities from (id, name) pairs, with further columns as lists; at one place."""
    frame = pd.DataFrame(rows, columns=["id", "name"]).assign(type="other", **columns)
    places = (
        frame.pop("geometry") if "geometry" in frame else [shapely.Point(121.5, 25)] * len(frame)
    )
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=list(places), crs=4326))


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "w")


def bring(workspace, frame, origin=A, table=FACILITIES):
    return workspace.apply(frame, table, origin=origin, at=NOON, who="chen")


def shown(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def test_a_first_import_is_all_new(workspace):
    found = bring(workspace, homes(("1", "甲"), ("2", "乙")))
    assert shown(found.new) == [("1", "甲"), ("2", "乙")]
    assert {name: count for name, count in found.counts.items() if count} == {"new": 2}


def test_the_same_again_changes_nothing(workspace):
    rows = homes(("1", "甲"), ("2", "乙"), beds_total=[3, None], accepts=[["dementia"], None])
    bring(workspace, rows)
    before = workspace.history("1")
    found = bring(workspace, rows.sample(frac=1, random_state=1))
    assert found.is_empty
    assert found.same == 2
    assert workspace.history("1").equals(before)


def test_comparing_shows_what_applying_does_and_writes_nothing(workspace):
    bring(workspace, homes(("1", "甲"), beds_total=[3]))
    rows = homes(("1", "甲"), ("2", "乙"), beds_total=[4, 5])
    compared = workspace.compare(rows, FACILITIES, origin=A)
    assert workspace.read("facilities")["beds_total"].tolist() == [3]
    applied = bring(workspace, rows)
    assert compared.counts == applied.counts
    assert compared.changes.equals(applied.changes)


def test_a_changed_value_is_shown_before_and_after_and_is_one_edit(workspace):
    bring(workspace, homes(("1", "甲"), beds_total=[3], opened_on=[date(2020, 1, 1)]))
    found = bring(workspace, homes(("1", "甲"), beds_total=[4], opened_on=[date(2021, 1, 1)]))
    assert shown(found.changes) == [
        ("1", "甲", "beds_total", 3, 4, False),
        ("1", "甲", "opened_on", "2020-01-01", "2021-01-01", False),
    ]
    edits = workspace.history("1")
    assert edits["field"].tolist() == ["*", "beds_total", "opened_on"]
    assert edits["file"].tolist() == ["a.csv"] * 3


def test_a_record_that_the_file_no_longer_has_is_reported_and_stays(workspace):
    bring(workspace, homes(("1", "甲"), ("2", "乙")))
    found = bring(workspace, homes(("1", "甲")))
    assert shown(found.gone) == [("2", "乙")]
    assert found.is_empty
    assert workspace.read("facilities")["id"].tolist() == ["1", "2"]


def test_another_files_records_are_not_gone(workspace):
    bring(workspace, homes(("1", "甲")))
    assert bring(workspace, homes(("2", "乙")), B).gone.empty


def test_an_id_of_another_office_is_not_overwritten(workspace):
    bring(workspace, homes(("1", "甲"), beds_total=[3]))
    found = bring(workspace, homes(("1", "乙"), ("2", "丙"), beds_total=[9, 8]), B)
    [(given, made, name)] = shown(found.id_taken)
    assert (given, name) == ("1", "乙")
    assert made.startswith("1-")
    assert found.counts["new"] == 2
    kept = workspace.read("facilities").set_index("id")
    assert kept["name"].to_dict() == {"1": "甲", made: "乙", "2": "丙"}
    assert kept["beds_total"].to_dict() == {"1": 3, made: 9, "2": 8}


def test_a_made_id_is_the_same_at_the_next_import_even_of_a_renamed_file(workspace):
    bring(workspace, homes(("1", "甲")))
    first = bring(workspace, homes(("1", "乙")), B)
    again = bring(workspace, homes(("1", "乙")), B)
    assert again.is_empty
    assert again.id_taken.empty, "told once"
    renamed = bring(workspace, homes(("1", "乙")), Origin("b-2027.csv", "cc"))
    assert renamed.is_empty
    assert renamed.id_taken.equals(first.id_taken)


def test_the_same_id_and_name_far_away_are_another_thing(workspace):
    bring(workspace, homes(("1", "幸福院")))
    away = homes(("1", "幸福院"), geometry=[shapely.Point(113, 34)])
    assert len(bring(workspace, away, B).id_taken) == 1
    third = homes(("1", "幸福院"), geometry=[shapely.Point(100, 30)])
    bring(workspace, third, Origin("c.csv", "cc"))
    assert len(workspace.read("facilities")) == 3
    assert bring(workspace, third, Origin("c.csv", "cc")).is_empty


def test_without_places_the_division_tells_one_thing_from_another(workspace):
    bring(workspace, homes(("1", "幸福院"), geometry=[None], adcode=["410105"]))
    other = homes(("1", "幸福院"), geometry=[None], adcode=["410181"])
    assert len(bring(workspace, other, B).id_taken) == 1


def test_children_follow_a_parent_whose_id_was_taken(workspace):
    bring(workspace, homes(("1", "甲")))
    branch = homes(("1", "乙"), ("2", "乙分院"), parent_id=[None, "1"])
    [(_, made, _)] = shown(bring(workspace, branch, B).id_taken)
    assert workspace.read("facilities").set_index("id").loc["2", "parent_id"] == made


def test_another_file_on_the_same_home_changes_it_and_takes_nothing_back(workspace):
    bring(workspace, homes(("1", "甲"), beds_total=[3], phone=["010-1"]))
    found = bring(workspace, homes(("1", "甲"), beds_total=[4]), B)
    assert [each[2:5] for each in shown(found.changes)] == [("beds_total", 3, 4)]
    assert workspace.read("facilities").loc[0, "phone"] == "010-1"


def test_a_file_that_says_what_it_said_does_not_fight_another(workspace):
    mine, other = homes(("1", "甲"), beds_total=[3]), homes(("1", "甲"), beds_total=[4])
    bring(workspace, mine, A)
    bring(workspace, other, B)
    found = bring(workspace, mine, A)
    assert found.is_empty
    assert [each[2:] for each in shown(found.kept)] == [("beds_total", 4, 3, False)]
    assert bring(workspace, other, B).is_empty
    assert bring(workspace, homes(("1", "甲"), beds_total=[5]), A).counts["changed"] == 1


def test_a_value_that_the_file_withdraws_becomes_unknown(workspace):
    bring(workspace, homes(("1", "甲"), phone=["010-1"], beds_total=[3]))
    found = bring(workspace, homes(("1", "甲"), beds_total=[3]))
    assert [each[2:5] for each in shown(found.changes)] == [("phone", "010-1", None)]


def test_a_column_that_the_file_lacks_is_not_withdrawn(workspace):
    bring(workspace, homes(("1", "甲"), phone=["010-1"], beds_total=[3]))
    lacking = Origin("a.csv", "aa", fields=frozenset({"id", "name", "beds_total"}))
    assert bring(workspace, homes(("1", "甲"), beds_total=[3]), lacking).is_empty
    assert bring(workspace, homes(("1", "甲")), lacking).counts["changed"] == 1
    assert workspace.read("facilities").loc[0, "phone"] == "010-1"


def test_a_correction_by_hand_stands_until_the_file_says_something_new(workspace):
    bring(workspace, homes(("1", "甲"), phone=["010-1"]))
    workspace.edit("1", "phone", "010-2", who="li", at=NOON, source="电话核实")
    again = bring(workspace, homes(("1", "甲"), phone=["010-1"]))
    assert again.is_empty
    assert [each[2:] for each in shown(again.kept)] == [("phone", "010-2", "010-1", True)]
    newer = bring(workspace, homes(("1", "甲"), phone=["010-3"]))
    assert shown(newer.changes)[0][2:] == ("phone", "010-2", "010-3", True)
    home = workspace.read("facilities").iloc[0]
    assert home["phone"] == "010-3"
    assert pd.isna(home["provenance"])  # it named who corrected the old number


def test_source_and_licence_of_the_file_go_to_rows_that_state_none(workspace):
    origin = Origin("a.csv", "aa", source="台北市社会局", licence="CC-BY-4.0")
    bring(workspace, homes(("1", "甲"), ("2", "乙"), source=[None, "院方"]), origin)
    rows = workspace.read("facilities")
    assert rows["source"].tolist() == ["台北市社会局", "院方"]
    assert rows["licence"].tolist() == ["CC-BY-4.0"] * 2


def test_projected_rows_are_kept_in_degrees(workspace):
    rows = homes(("1", "甲")).to_crs(32651)
    bring(workspace, rows)
    point = workspace.read("facilities").geometry[0]
    assert (point.x, point.y) == pytest.approx((121.5, 25), abs=1e-7)


def test_rows_that_cannot_be_kept_are_refused_and_change_nothing(workspace):
    with pytest.raises(DataError, match="an id of its own, got again: '1'"):
        bring(workspace, homes(("1", "甲"), ("1", "乙")))
    with pytest.raises(DataError, match="every row needs an id"):
        bring(workspace, homes((None, "甲")))
    with pytest.raises(CRSError):
        bring(workspace, homes(("1", "甲")).set_crs(None, allow_override=True))
    assert workspace.read("facilities").empty


def test_areas_use_the_same_way(workspace):
    frame = gpd.GeoDataFrame(
        {"id": ["410105"], "name": ["金水区"], "population": [1.5e6]},
        geometry=[shapely.box(113, 34, 114, 35)],
        crs=4326,
    )
    rows = AREAS.conform(frame)
    assert bring(workspace, rows, table=AREAS).counts["new"] == 1
    assert bring(workspace, rows, table=AREAS).is_empty
    assert workspace.read("areas").geometry[0].equals(shapely.box(113, 34, 114, 35))
    assert workspace.read("facilities").empty


def test_more_rows_than_one_step_are_compared_alike(workspace, monkeypatch):
    from geomap.data.store import importing

    monkeypatch.setattr(importing, "CHUNK", 3)
    names = [(f"{number:03}", f"第{number}院") for number in range(10)]
    bring(workspace, homes(*names, beds_total=range(10)))
    bring(workspace, homes(("003", "另一院"), ("007", "别院")), B)
    found = bring(workspace, homes(*names[:9], beds_total=[*range(8), 80]))
    counts = {name: count for name, count in found.counts.items() if count}
    assert counts == {"changed": 1, "same": 8, "gone": 1}
    assert len(workspace.read("facilities")) == 12


def test_the_origin_of_a_file_is_its_name_and_checksum(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_bytes(b"abc")
    origin = origin_of(path, options={"datum": "gcj02"}, fields=["id"])
    assert origin.file == "名单.csv"
    assert origin.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert origin.fields == {"id"}
    with pytest.raises(ParameterError, match="a name without its folder"):
        Origin("/home/chen/a.csv", "aa")


def test_the_files_own_sources_of_values_stay_with_them(workspace):
    own = '{"beds_total": {"source": "年检", "verified_on": null}}'
    bring(workspace, homes(("1", "甲"), beds_total=[3], provenance=[own]))
    found = bring(workspace, homes(("1", "甲"), beds_total=[4], provenance=[own]))
    assert [each[2:5] for each in shown(found.changes)] == [("beds_total", 3, 4)]
    assert workspace.read("facilities").loc[0, "provenance"] == own


def test_another_offices_list_of_the_same_name_is_refused(workspace):
    here = [(str(number), f"甲县第{number}院") for number in range(1, 7)]
    there = [(str(number), f"乙县第{number}院") for number in range(1, 7)]
    bring(workspace, homes(*here, beds_total=range(6)))
    away = homes(*there, geometry=[shapely.Point(113, 34)] * 6)
    with pytest.raises(ConflictError, match=r"a\.csv: its ids belong to other .* another name"):
        bring(workspace, away)
    assert workspace.read("facilities")["name"].tolist() == [name for _, name in here]
    assert len(bring(workspace, away, B).id_taken) == 6


def test_homes_that_were_renamed_where_they_stand_are_changed(workspace):
    bring(workspace, homes(("1", "甲"), ("2", "乙")))
    assert bring(workspace, homes(("1", "甲院"), ("2", "乙院"))).counts["changed"] == 2
