from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.published import read_published
from geomap.data.store import tables as database
from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.errors import ConflictError, DataError, NotFoundError, ParameterError
from geomap.model.facility import FACILITIES, value_source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = Origin("a.csv", "aa"), Origin("b.csv", "bb")
BY = {"who": "li", "at": NOON}


def homes(*ids, **columns) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"id": ids}).assign(name="甲", type="other", **columns)
    places = [shapely.Point(121.5, 25)] * len(frame)
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=places, crs=4326))


def bring(workspace, frame, origin=A):
    return workspace.apply(frame, FACILITIES, origin=origin, at=NOON, who="chen")


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.create(tmp_path / "w")
    bring(workspace, homes("1", "2", beds_total=[3, 4], phone=["010-1", None]))
    return workspace


def query(folder, sql):
    with closing(sqlite3.connect(folder / "workspace.db")) as database:
        return database.execute(sql).fetchall()


def replayed(folder) -> dict[tuple[str, str], dict]:
    """What the edits add up to, in the order of their revisions."""
    records: dict[tuple[str, str], dict] = {}
    edits = "SELECT layer, facility_id, field, after FROM edit ORDER BY rev"
    for layer, id_, field, after in query(folder, edits):
        value = None if after is None else json.loads(after)
        if field == "*":
            records.pop((layer, id_), None)
            records |= {} if value is None else {(layer, id_): value}
        else:
            record = records[layer, id_]
            record.pop(field, None)
            record |= {} if value is None else {field: value}
    return records


def recorded(folder) -> dict[tuple[str, str], dict]:
    """What the table of records says."""
    rows = query(
        folder,
        "SELECT layer, id, coalesce(body, after) FROM record JOIN edit USING (rev, layer)",
    )
    return {(layer, id_): json.loads(body) for layer, id_, body in rows}


# Making and opening


def test_a_workspace_is_made_in_a_new_or_empty_folder_and_opened(tmp_path):
    Workspace.create(tmp_path / "new" / "deep")
    (tmp_path / "mount" / "lost+found").mkdir(parents=True)
    Workspace.create(tmp_path / "mount")
    assert Workspace.open(tmp_path / "new" / "deep").read("facilities").empty
    assert Workspace.open_or_create(tmp_path / "mount").read("demand").empty
    with pytest.raises(ConflictError, match="is a workspace already"):
        Workspace.create(tmp_path / "mount")


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ParameterError, match=r"must be new or empty .* holds 'letter.txt'"):
        Workspace.open_or_create(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(DataError, match="a file, not a folder"):
        Workspace.open_or_create(tmp_path / "letter.txt" / "w")


def test_what_is_no_workspace_is_not_opened(tmp_path):
    with pytest.raises(NotFoundError, match=r"not a workspace: it has no workspace\.db"):
        Workspace.open(tmp_path / "missing")
    (tmp_path / "workspace.db").write_bytes(b"a letter, not a database" * 50)
    with pytest.raises(DataError, match="it is not a database; restore the folder"):
        Workspace.open(tmp_path)


def test_a_foreign_database_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(DataError, match="is not geomap's: it holds songs"):
        Workspace.open(tmp_path)


def test_the_database_of_a_newer_geomap_is_not_opened(workspace):
    with closing(sqlite3.connect(workspace.folder / "workspace.db")) as database:
        database.execute("UPDATE meta SET value = '999'")
        database.commit()
    with pytest.raises(DataError, match=r"schema version 999, this geomap reads \d+; update"):
        Workspace.open(workspace.folder)


def test_the_database_of_an_earlier_geomap_is_brought_up_to_date(workspace):
    folder = workspace.folder
    with closing(sqlite3.connect(folder / "workspace.db")) as database:
        database.execute("UPDATE meta SET value = '1'")
        database.execute("DROP TABLE decision")
        database.commit()
    before = query(folder, "SELECT * FROM edit")
    opened = Workspace.open(folder)
    assert opened.decisions().empty
    assert query(folder, "SELECT * FROM edit") == before
    assert bring(opened, homes("1", "2", beds_total=[3, 4], phone=["010-1", None])).is_empty
    assert Workspace.open(folder).revision == opened.revision


def test_a_damaged_database_is_told(workspace):
    path = workspace.folder / "workspace.db"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(DataError, match="it is damaged; restore the folder from a copy"):
        Workspace.open(workspace.folder).read("facilities")


def test_an_interrupted_making_is_completed(tmp_path):
    for number, make in enumerate((Workspace.create, Workspace.open, Workspace.open_or_create)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "workspace.db").touch()
        make(folder)
        assert Workspace.open(folder).read("facilities").empty


def test_what_a_killed_publisher_left_is_removed_at_the_next_opening(workspace):
    workspace.publish()
    left = workspace.folder / "published" / ".unfinished-77-ab"
    left.write_bytes(b"half")
    Workspace.open(workspace.folder)
    assert not left.exists()


# Edits


def test_edits_are_never_changed_or_removed(workspace):
    for verb in ("UPDATE edit SET who = 'nobody'", "DELETE FROM edit"):
        with (
            closing(sqlite3.connect(workspace.folder / "workspace.db")) as database,
            pytest.raises(sqlite3.IntegrityError, match="never changed or removed"),
        ):
            database.execute(verb)


def test_a_whole_new_record_is_one_edit(workspace):
    assert query(workspace.folder, "SELECT rev, facility_id, field, before FROM edit") == [
        (1, "1", "*", None),
        (2, "2", "*", None),
    ]


def test_an_edit_changes_one_value_and_says_who_when_and_by_what_source(workspace):
    rev = workspace.edit("1", "phone", "010-2", **BY, source="电话核实")
    last = workspace.history("1").set_index("rev").loc[rev]
    assert last[["who", "field", "before", "after", "source", "file"]].tolist() == [
        "li", "phone", "010-1", "010-2", "电话核实", None,
    ]  # fmt: skip
    assert datetime.fromisoformat(last["at"]) == NOON
    home = workspace.read("facilities").iloc[0]
    assert home["phone"] == "010-2"
    assert value_source(home, "phone").source == "电话核实"
    assert value_source(home, "phone").verified_on == date(2026, 3, 1)
    assert value_source(home, "address").source is None


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("accepts", ["dementia", "self_care"], ["dementia", "self_care"]),
        ("accepts", [], []),
        ("opened_on", date(2020, 5, 1), pd.Timestamp("2020-05-01")),
        ("fire_cert", False, False),
        ("price_min", 2000, 2000.0),
        ("rating", 5, 5),
        ("medical", "both", "both"),
        ("geometry", shapely.Point(0.1, 0.2), shapely.Point(0.1, 0.2)),
    ],
)
def test_a_value_of_each_kind_can_be_edited_and_made_unknown_again(workspace, field, value, kept):
    workspace.edit("2", field, value, **BY, source="s")
    assert workspace.read("facilities").iloc[1][field] == kept
    workspace.edit("2", field, None, **BY, source="s")
    now = workspace.read("facilities").iloc[1][field]
    assert now is None or pd.isna(now)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("beds_total", -1, "beds_total must be at least 0, got -1"),
        ("rating", 6, "rating must be at most 5, got 6"),
        ("rating", True, "rating must be a whole number, got True"),
        ("price_min", float("inf"), "price_min must be a number, got inf"),
        ("medical", "maybe", "medical must be among inhouse, partner, both, none, got maybe"),
        ("accepts", ["all"], "accepts must be among .* got all"),
        ("accepts", "dementia", "accepts must be a list of its choices"),
        ("opened_on", "2020", "opened_on must be a date, got '2020'"),
        ("fire_cert", 1, "fire_cert must be True or False, got 1"),
        ("phone", 110, "phone must be text, got 110"),
        ("phone", "010\ud8001", "phone must be text"),
        ("services", ["meals\udfff"], "services must be a list"),
        ("opened_on", pd.NaT, "opened_on must be a date, got NaT"),
        ("beds_total", 10**400, "beds_total must be at most 1e.15"),
        ("price_min", 10**400, "price_min must be at most 1e.15"),
        ("name", "  ", "name must be known"),
        ("name", "\u3000", "name must be known"),
        ("name", None, "name must be known"),
        ("type", "", "type must be known"),
        ("id", "9", "no field 'id' that may be edited"),
        ("provenance", "{}", "no field 'provenance' that may be edited"),
        ("colour", "red", "no field 'colour' that may be edited"),
        ("geometry", shapely.box(0, 0, 1, 1), "geometry must be a point"),
        ("geometry", shapely.Point(25, 121), "geometry must be in degrees"),
        ("geometry", shapely.Point(float("nan"), 25), "geometry must be in degrees"),
    ],
)
def test_a_value_that_a_field_does_not_take_is_refused(workspace, field, value, fault):
    with pytest.raises(ParameterError, match=fault):
        workspace.edit("1", field, value, **BY, source="s")
    assert len(workspace.history("1")) == 1


def test_blank_text_is_unknown_and_what_surrounds_a_text_is_no_part_of_it(workspace):
    assert workspace.edit("1", "phone", " 010-1 ", **BY, source="s") is None
    workspace.edit("1", "phone", " \t", **BY, source="s")
    assert pd.isna(workspace.read("facilities").iloc[0]["phone"])


def test_heights_are_no_part_of_a_place(workspace):
    workspace.edit("1", "geometry", shapely.Point(121.5, 31.2, 4), **BY, source="s")
    assert not workspace.read("facilities").geometry.iloc[0].has_z


def test_the_same_value_again_is_no_edit(workspace):
    assert workspace.edit("1", "phone", "010-1", **BY, source="s") is None
    assert len(workspace.history("1")) == 1


def test_what_is_not_there_cannot_be_edited(workspace):
    with pytest.raises(NotFoundError, match="no record '9'"):
        workspace.edit("9", "phone", "1", **BY, source="s")
    with pytest.raises(NotFoundError, match="no layer 'homes'"):
        workspace.edit("1", "phone", "1", **BY, source="s", layer="homes")
    with pytest.raises(NotFoundError, match="no record '9'"):
        workspace.history("9")
    with pytest.raises(NotFoundError, match="no edit 99"):
        workspace.undo(99, **BY)
    with pytest.raises(ParameterError, match="must state its time zone"):
        workspace.edit("1", "phone", "1", who="li", at=datetime(2026, 1, 1), source="s")


def test_undoing_restores_the_value_and_its_source_and_can_be_undone(workspace):
    before = workspace.read("facilities")
    first = workspace.edit("1", "phone", "010-2", **BY, source="家属")
    edited = workspace.read("facilities")
    second = workspace.edit("1", "phone", "010-3", **BY, source="院方")
    workspace.undo(second, **BY)
    assert_geodataframe_equal(workspace.read("facilities"), edited)
    with pytest.raises(ConflictError, match=f"edit {first} of 1 cannot be taken back"):
        workspace.undo(first, **BY)
    last = workspace.history("1")["rev"].iloc[-2]
    again = workspace.undo(int(last), **BY)
    assert workspace.read("facilities").iloc[0]["phone"] == "010-3"
    assert again > last
    assert before.iloc[0]["phone"] == "010-1"


def test_undoing_one_edit_leaves_later_edits_of_other_values(workspace):
    phone = workspace.edit("1", "phone", "010-2", **BY, source="家属")
    workspace.edit("1", "beds_total", 9, **BY, source="院方")
    workspace.undo(phone, **BY)
    home = workspace.read("facilities").iloc[0]
    assert (home["phone"], home["beds_total"]) == ("010-1", 9)
    assert json.loads(home["provenance"]) == {
        "beds_total": {"source": "院方", "verified_on": "2026-03-01"}
    }


def test_a_record_that_came_by_mistake_is_taken_back_and_brought_again(workspace):
    gone = workspace.undo(1, **BY)
    assert workspace.read("facilities")["id"].tolist() == ["2"]
    with pytest.raises(NotFoundError):
        workspace.edit("1", "phone", "1", **BY, source="s")
    workspace.undo(gone, **BY)
    home = workspace.read("facilities").iloc[0]
    assert (home["id"], home["phone"]) == ("1", "010-1")
    assert bring(workspace, homes("1", "2", beds_total=[3, 4], phone=["010-1", None])).is_empty


# Laws

tables = st.dictionaries(
    st.sampled_from("1234"),
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from(["010-1", "010-2"])),
)
actions = st.one_of(
    st.tuples(st.just("import"), st.sampled_from([A, B]), tables),
    st.tuples(st.just("edit"), st.sampled_from("1234"), st.none() | st.integers(0, 3)),
    st.tuples(st.just("undo"), st.integers(1, 30)),
    st.tuples(st.just("publish")),
)


def act(workspace, action):
    verb, *rest = action
    try:
        if verb == "import":
            origin, rows = rest
            beds, phones = zip(*rows.values(), strict=True) if rows else ((), ())
            frame = homes(*rows, beds_total=beds, phone=phones)
            bring(workspace, frame, origin)
            assert bring(workspace, frame, origin).is_empty
        elif verb == "edit":
            workspace.edit(rest[0], "beds_total", rest[1], **BY, source="s")
        elif verb == "undo":
            workspace.undo(rest[0], **BY)
        else:
            workspace.publish()
    except (NotFoundError, ConflictError):
        pass


@settings(deadline=None, max_examples=20)
@given(st.lists(actions, max_size=8))
def test_the_records_are_what_the_edits_add_up_to_and_published_as_they_are(steps):
    with tempfile.TemporaryDirectory() as place:
        workspace = Workspace.create(Path(place, "w"))
        for step in steps:
            act(workspace, step)
        folder = workspace.folder
        assert recorded(folder) == replayed(folder)
        assert query(folder, "PRAGMA foreign_key_check") == []
        if query(folder, "SELECT count(*) FROM edit") != [(0,)]:
            rows = workspace.publish().read("facilities")
            assert_geodataframe_equal(rows, workspace.read("facilities"))
            shutil.rmtree(folder / "published")
            assert_geodataframe_equal(workspace.publish().read("facilities"), rows)


def test_revisions_count_up_without_regard_to_the_clock(workspace):
    late, early = datetime(2030, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    workspace.edit("1", "phone", "late", who="li", at=late, source="s")
    workspace.edit("1", "phone", "early", who="li", at=early, source="s")
    assert workspace.read("facilities").iloc[0]["phone"] == "early"
    assert workspace.history("1")["rev"].is_monotonic_increasing


# Faults of the world around

PREFACE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import geopandas as gpd, pandas as pd, shapely
import pyarrow.json, pyarrow.parquet
from geomap.data.store.difference import Origin
from geomap.data.published import read_published
from geomap.data.store.workspace import Workspace
from geomap.model.facility import FACILITIES
from geomap.errors import GeomapError
folder = Path(sys.argv[1])
def homes(prefix, count):
    ids = [f"{prefix}{number}" for number in range(count)]
    frame = pd.DataFrame({"id": ids, "name": ids, "type": "other", "address": "路" * 200})
    places = gpd.points_from_xy([121.5] * count, [25.0] * count)
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=places, crs=4326))
def bring(prefix, count):
    workspace = Workspace.open_or_create(folder)
    origin = Origin(prefix + ".csv", "aa")
    workspace.apply(homes(prefix, count), FACILITIES, origin=origin, at=datetime.now(UTC), who="x")
    return workspace
"""


def run(script, *arguments):
    command = [sys.executable, "-c", PREFACE + script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_processes_that_import_at_once_wait_for_each_other_and_lose_nothing(tmp_path):
    together = """
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        try:
            bring(f"p{number}-", 300).publish()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    children.append(child)
sys.exit(max(os.waitpid(child, 0)[1] for child in children) and 1)
"""
    run(together, tmp_path / "w")
    rows = read_published(tmp_path / "w").read("facilities")
    assert len(rows) == 1200
    assert recorded(tmp_path / "w") == replayed(tmp_path / "w")
    assert list((tmp_path / "w" / "published").glob(".unfinished*")) == []


def test_a_writer_that_waits_in_vain_is_told_to_try_again(workspace, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MS", 50)
    slow = Workspace.open(workspace.folder)
    with closing(sqlite3.connect(workspace.folder / "workspace.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="another process; try again"):
            slow.edit("1", "phone", "1", **BY, source="s")
        assert len(slow.read("facilities")) == 2  # readers do not wait


def test_a_full_disk_is_told_and_the_workspace_stays_as_it_was(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk to fill")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    fill = """
bring("a", 300).publish()
try:
    bring("b", 30_000)
except GeomapError as error:
    print(error)
big = folder.parent / "big"
big.write_bytes(b"0" * (os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - 6000))
try:
    workspace = Workspace.open(folder)
    workspace.edit("a1", "phone", "1", who="x", at=datetime.now(UTC), source="s")
    workspace.publish()
except GeomapError as error:
    print(error)
print(len(read_published(folder).read("facilities")))
big.unlink()
print(len(bring("c", 10).publish().read("facilities")))
"""
    try:
        said = run(fill, disk / "w").splitlines()
        assert "the disk is full; free some space and try again" in said[0]
        assert "check its space" in said[1] or "free some space" in said[1]
        assert said[2:] == ["300", "310"]
        assert recorded(disk / "w") == replayed(disk / "w")
        assert query(disk / "w", "PRAGMA integrity_check") == [("ok",)]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_folder_that_may_only_be_read_is_served_but_not_changed():
    read_only = """
bring("a", 30).publish().read("facilities")
for each in [folder, *folder.rglob("*")]:
    each.chmod(0o555 if each.is_dir() else 0o444)
if os.geteuid() == 0:
    os.setuid(65534)
print(len(read_published(folder).read("facilities")))
try:
    workspace = Workspace.open(folder)
    workspace.edit("a1", "phone", "1", who="x", at=datetime.now(UTC), source="s")
except GeomapError as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        served, said = run(read_only, Path(place, "w")).splitlines()
        assert served == "30"
        assert "workspace.db cannot be used: its folder" in said


# A real list


def test_the_homes_of_taipei_are_kept_and_published_as_they_are(data_folder, tmp_path):
    rows = pd.read_csv(data_folder / "taipei" / "homes.csv")
    frame = FACILITIES.conform(
        gpd.GeoDataFrame(
            {
                "id": rows["編號"].astype(str),
                "name": rows["機構名稱"],
                "type": "nursing_home",
                "address": rows["地址"],
                "phone": rows["電話"],
                "beds_total": rows["核定床數-核定總床位數"],
            },
            geometry=gpd.points_from_xy(rows["lon"], rows["lat"]),
            crs=4326,
        )
    )
    workspace = Workspace.create(tmp_path / "w")
    origin = Origin("homes.csv", "aa", source="臺北市政府社會局")
    assert workspace.apply(frame, FACILITIES, origin=origin, **BY).counts["new"] == 94
    published = workspace.publish()
    kept = published.read("facilities").set_index("id").loc[frame["id"]]
    assert kept["beds_total"].sum() == 5192
    assert kept["address"].tolist() == rows["地址"].tolist()
    assert np.array_equal(kept.geometry.x, rows["lon"])
    assert published.layers["facilities"].source == "臺北市政府社會局"
