"""Scenarios that are kept with a workspace: what is done to them, and that nothing is lost."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.store import scenario_rows, scenarios
from geomap.data.store import tables as database
from geomap.data.store.difference import Origin
from geomap.data.store.scenarios import Scenarios
from geomap.data.store.workspace import Workspace
from geomap.errors import (
    ConflictError,
    DataError,
    NotFoundError,
    ParameterError,
    TooLargeError,
)
from geomap.model.facility import FACILITIES
from geomap.model.scenario import Change

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BY = {"who": "李", "at": NOON}
SHUT = Change("close", "n1")
MORE = Change("enlarge", "n2", beds=120, cost=2e6)
NEW = Change("add", "", name="新苑", type="nursing_home", lon=121.5, lat=25.0)


@pytest.fixture
def folder(tmp_path):
    Workspace.create(tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture
def kept(folder):
    return Scenarios(folder)


def query(folder, sql):
    with closing(sqlite3.connect(folder / "workspace.db")) as opened:
        return opened.execute(sql).fetchall()


# What is done to them


def test_a_scenario_is_made_changed_and_found_again(folder, kept):
    made = kept.create(" 关一家 ", note="为什么\r\n", changes=[SHUT], **BY)
    assert (made.name, made.note, made.changes, made.can_undo) == (
        "关一家",
        "为什么",
        (SHUT,),
        False,
    )
    later = {"who": "陈", "at": NOON + timedelta(days=1)}
    changed = kept.change(made.id, [MORE, NEW], expected=made.revision, **later)
    assert changed.changes[:2] == (SHUT, MORE)
    assert (changed.changes[2].facility_id, changed.changes[2].name) == ("new-1", "新苑")
    assert (changed.who, changed.made_at[:10], changed.changed_at[:10]) == (
        "陈", "2026-03-01", "2026-03-02",
    )  # fmt: skip
    assert changed.revision > made.revision
    assert Scenarios(folder).get(made.id) == changed
    assert Workspace.open(folder).revision == 0  # nothing that is published has changed


def test_the_one_changed_last_is_listed_first(kept):
    one, two = kept.create("一", **BY), kept.create("二", **BY)
    assert [each.id for each in kept.all()] == [two.id, one.id]
    early = {"who": "李", "at": NOON - timedelta(days=9)}  # revisions count, not clocks
    renamed = kept.rename(one.id, "壹", "改名", **early)
    assert kept.all() == [renamed, two]
    assert (renamed.name, renamed.note) == ("壹", "改名")


def test_steps_are_taken_back_one_by_one_to_how_it_was_made(kept):
    made = kept.create("一", changes=[SHUT], **BY)
    kept.change(made.id, [MORE, NEW], **BY)
    kept.drop(made.id, [0, 2], **BY)
    renamed = kept.rename(made.id, "壹", "", **BY)
    assert renamed.changes == (MORE,)
    assert [each.kind for each in kept.undo(made.id, **BY).changes] == ["close", "enlarge", "add"]
    last = kept.undo(made.id, **BY)
    assert (last.changes, last.can_undo, last.name) == ((SHUT,), False, "壹")
    with pytest.raises(ConflictError, match="nothing to take back"):
        kept.undo(made.id, **BY)


def test_a_new_facility_that_later_changes_are_of_stays_until_they_are_taken_out(kept):
    new = Change("add", "x", type="other", lon=1.0, lat=2.0)
    moved, larger = Change("move", "x", lon=1.0, lat=3.0), Change("enlarge", "x", beds=9)
    made = kept.create("一", changes=[SHUT, new, moved, larger], **BY)
    with pytest.raises(ConflictError, match="change 2 adds a facility that change 3, 4 is of"):
        kept.drop(made.id, [1], **BY)
    with pytest.raises(ConflictError, match="change 2 adds a facility that change 4 is of"):
        kept.drop(made.id, [0, 1, 2], **BY)
    assert kept.get(made.id) == made
    assert kept.drop(made.id, [1, 2, 3], **BY).changes == (SHUT,)


def test_a_copy_has_a_list_of_its_own(kept):
    one = kept.create("一", note="注", changes=[SHUT, NEW], **BY)
    two = kept.copy(one.id, "二", **BY)
    assert (two.name, two.note, two.changes) == ("二", "注", one.changes)
    kept.change(two.id, [MORE], **BY)
    assert kept.get(one.id) == one


def test_a_removed_one_is_brought_back_as_it_was(kept):
    made = kept.create("一", **BY)
    kept.change(made.id, [SHUT], **BY)
    with pytest.raises(ConflictError, match="is not removed"):
        kept.restore(made.id, **BY)
    kept.remove(made.id, **BY)
    assert kept.all() == []
    for use in (
        lambda: kept.get(made.id),
        lambda: kept.change(made.id, [SHUT], **BY),
        lambda: kept.undo(made.id, **BY),
        lambda: kept.rename(made.id, "二", "", **BY),
        lambda: kept.remove(made.id, **BY),
        lambda: kept.copy(made.id, "二", **BY),
    ):
        with pytest.raises(NotFoundError, match="was removed; restore it"):
            use()
    assert kept.create("二", **BY).id != made.id
    back = kept.restore(made.id, **BY)
    assert (back.changes, back.can_undo) == ((SHUT,), True)


def test_a_change_of_what_somebody_else_changed_is_refused(kept):
    seen = kept.create("一", changes=[SHUT], **BY).revision
    now = kept.change("s1", [MORE], expected=seen, **BY)
    for late in (
        lambda: kept.change("s1", [NEW], expected=seen, **BY),
        lambda: kept.drop("s1", [0], expected=seen, **BY),
        lambda: kept.undo("s1", expected=seen, **BY),
    ):
        with pytest.raises(ConflictError, match="was changed meanwhile"):
            late()
    assert kept.get("s1") == now


def test_added_facilities_get_ids_that_nothing_in_the_scenario_has(kept):
    named = Change("add", "new-1", name="甲", type="other", lon=1.0, lat=2.0)
    made = kept.create("一", changes=[NEW, named, NEW], **BY)
    assert [each.facility_id for each in made.changes] == ["new-2", "new-1", "new-3"]
    with pytest.raises(ParameterError, match="two facilities are added by the id 'new-3'"):
        kept.change(made.id, [Change("add", "new-3", type="other", lon=1.0, lat=2.0)], **BY)
    assert kept.get(made.id) == made


@pytest.mark.parametrize(
    "refused",
    [
        lambda kept: kept.create("", **BY),
        lambda kept: kept.create("长" * 81, **BY),
        lambda kept: kept.create("两\n行", **BY),
        lambda kept: kept.create("半\ud800", **BY),
        lambda kept: kept.create("建\u202e家一关", **BY),
        lambda kept: kept.create("一", note="长" * 2001, **BY),
        lambda kept: kept.create("一", changes=[Change("close", "")], **BY),
        lambda kept: kept.create("一", who="两\n行", at=NOON),
        lambda kept: kept.create("一", who="李", at=NOON.replace(tzinfo=None)),
        lambda kept: kept.change("s1", [], **BY),
        lambda kept: kept.change("s1", [SHUT, Change("move", "n1")], **BY),
        lambda kept: kept.drop("s1", [0, 1], **BY),
        lambda kept: kept.drop("s1", [-1], **BY),
        lambda kept: kept.drop("s1", [], **BY),
        lambda kept: kept.rename("s1", " ", "", **BY),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(folder, kept, refused):
    kept.create("一", changes=[SHUT], **BY)
    before = query(folder, "SELECT * FROM scenario_edit")
    with pytest.raises(ParameterError) as told:
        refused(kept)
    assert told.value.zh is not None or "time zone" in str(told.value)
    assert query(folder, "SELECT * FROM scenario_edit") == before


@pytest.mark.parametrize("id_", ["s2", "", "s1 ", "\0", "\ud800", "s" * 5000])
def test_what_is_not_there_is_said(kept, id_):
    kept.create("一", **BY)
    for use in (
        lambda: kept.get(id_),
        lambda: kept.undo(id_, **BY),
        lambda: kept.restore(id_, **BY),
    ):
        with pytest.raises(NotFoundError, match="there is no scenario"):
            use()


def test_no_more_are_kept_than_a_workspace_holds(kept, monkeypatch):
    monkeypatch.setattr(scenarios, "MOST_SCENARIOS", 2)
    monkeypatch.setattr(scenario_rows, "MOST_CHANGES", 2)
    kept.create("一", changes=[SHUT, MORE], **BY)
    with pytest.raises(TooLargeError, match="at most 2 changes, got 3"):
        kept.change("s1", [NEW], **BY)
    kept.create("二", **BY)
    with pytest.raises(TooLargeError, match="at most 2 scenarios"):
        kept.copy("s1", "三", **BY)
    kept.remove("s2", **BY)
    assert kept.copy("s1", "三", **BY).id == "s3"
    with pytest.raises(TooLargeError, match="at most 2 scenarios"):
        kept.restore("s2", **BY)


# The law: every scenario is what a plain list would be

VERBS = st.sampled_from(["create", "change", "drop", "undo", "rename", "copy", "remove", "restore"])
STEPS = st.tuples(VERBS, st.integers(1, 3), st.lists(st.sampled_from([SHUT, MORE]), max_size=2))


def imitate(state, verb, number, changes):  # noqa: C901 (one branch a verb)
    """Do it to plain lists: by number, name, standing lists (the last is current), removed."""
    one = state.get(number)
    if verb in {"create", "copy"}:
        past = changes if verb == "create" else one and not one["gone"] and one["past"][-1]
        if past is None or past is False:
            return False
        state[len(state) + 1] = {"name": verb, "past": [past], "gone": False}
        return True
    if one is None or one["gone"] is not (verb == "restore"):
        return False
    past = one["past"]
    if verb == "change" and changes:
        past.append(past[-1] + changes)
    elif verb == "drop" and past[-1]:
        past.append(past[-1][1:])
    elif verb == "undo" and len(past) > 1:
        past.pop()
    elif verb == "rename":
        one["name"] = f"name {len(changes)}"
    elif verb in {"remove", "restore"}:
        one["gone"] = verb == "remove"
    else:
        return False
    return True


def act(kept, verb, number, changes):
    id_ = f"s{number}"
    if verb == "create":
        kept.create(verb, changes=changes, **BY)
    elif verb == "copy":
        kept.copy(id_, verb, **BY)
    elif verb == "change":
        kept.change(id_, changes, **BY)
    elif verb == "drop":
        kept.drop(id_, [0], **BY)
    elif verb == "rename":
        kept.rename(id_, f"name {len(changes)}", "", **BY)
    else:
        getattr(kept, verb)(id_, **BY)


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=14))
def test_a_scenario_is_what_a_plain_list_would_be(steps):
    with tempfile.TemporaryDirectory() as place:
        Workspace.create(Path(place, "w"))
        kept, state = Scenarios(Path(place, "w")), {}
        seen = 0
        for verb, number, changes in steps:
            if imitate(state, verb, number, changes):
                act(kept, verb, number, changes)
            else:
                with pytest.raises((NotFoundError, ConflictError, ParameterError)):
                    act(kept, verb, number, changes)
            found = kept.all()
            assert {each.id: (each.name, list(each.changes), each.can_undo) for each in found} == {
                f"s{id_}": (one["name"], one["past"][-1], len(one["past"]) > 1)
                for id_, one in state.items()
                if not one["gone"]
            }
            newest = query(kept.folder, "SELECT max(rev), count(*) FROM scenario_edit")[0]
            assert (newest[0] or 0) == newest[1] >= seen  # every revision once, none lost
            seen = newest[1]


# Earlier and damaged databases


def make_earlier(folder):
    """Turn a database back into what version 2 made."""
    with closing(sqlite3.connect(folder / "workspace.db")) as opened:
        opened.execute("DROP TABLE scenario_edit")
        opened.execute("UPDATE meta SET value = '2'")
        opened.commit()


def dumped(folder):
    """Everything in a database but what scenarios need."""
    with closing(sqlite3.connect(folder / "workspace.db")) as opened:
        return [line for line in opened.iterdump() if "scenario_edit" not in line]


def test_a_workspace_of_an_earlier_geomap_has_none_until_one_is_written(folder, kept):
    row = gpd.GeoDataFrame(
        {"id": ["n1"], "name": ["甲"], "type": ["other"]},
        geometry=[shapely.Point(121.5, 25)],
        crs=4326,
    )
    workspace = Workspace.open(folder)
    workspace.apply(FACILITIES.conform(row), FACILITIES, origin=Origin("a.csv", "aa"), **BY)
    workspace.edit("n1", "phone", "010-1", source="s", **BY)
    make_earlier(folder)
    before = dumped(folder)
    assert kept.all() == []
    with pytest.raises(NotFoundError, match="there is no scenario"):
        kept.get("s1")
    assert dumped(folder) == before  # reading changes nothing
    made = kept.create("一", **BY)
    assert Scenarios(folder).all() == [made]
    version = "INSERT INTO \"meta\" VALUES('schema_version','{}');".format
    own = version(database.SCHEMA_VERSION)
    assert [version(2) if line == own else line for line in dumped(folder)] == before
    with pytest.raises(sqlite3.IntegrityError):
        query(folder, "DELETE FROM scenario_edit")


def test_opening_an_earlier_workspace_makes_room_for_scenarios(folder, kept):
    make_earlier(folder)
    Workspace.open(folder)
    assert query(folder, "SELECT count(*) FROM scenario_edit") == [(0,)]
    assert kept.create("一", **BY).id == "s1"


def test_a_database_of_a_newer_geomap_is_neither_read_nor_written(folder, kept):
    with closing(sqlite3.connect(folder / "workspace.db")) as opened:
        opened.execute("UPDATE meta SET value = '999'")
        opened.commit()
    for use in (kept.all, lambda: kept.get("s1"), lambda: kept.create("一", **BY)):
        with pytest.raises(DataError, match="schema version 999"):
            use()


def test_where_there_is_no_workspace_there_is_none_and_none_is_kept(tmp_path):
    kept = Scenarios(tmp_path / "missing")
    assert kept.all() == []
    with pytest.raises(NotFoundError, match="not a workspace"):
        kept.create("一", **BY)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told(folder, kept):
    path = folder / "workspace.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 50_000)
    with pytest.raises(DataError, match="restore the folder from a copy"):
        kept.all()


def test_what_was_done_is_never_changed_or_removed(folder, kept):
    kept.create("一", **BY)
    for verb in ("UPDATE scenario_edit SET who = 'nobody'", "DELETE FROM scenario_edit"):
        with pytest.raises(sqlite3.IntegrityError, match="never changed or removed"):
            query(folder, verb)


READ_ONLY = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from geomap.data.store.scenarios import Scenarios
from geomap.errors import DataError
folder = Path(sys.argv[1])
for each in [folder, *folder.rglob("*")]:
    each.chmod(0o555 if each.is_dir() else 0o444)
if os.geteuid() == 0:
    os.setuid(65534)
kept = Scenarios(folder)
print([each.name for each in kept.all()], kept.get("s1").name, sorted(os.listdir(folder)))
try:
    kept.create("two", who="x", at=datetime.now(UTC))
except DataError as error:
    print(error)
"""


def test_a_folder_that_may_only_be_read_shows_them_and_takes_none():
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        Workspace.create(Path(place, "w"))
        Scenarios(Path(place, "w")).create("one", **BY)
        command = [sys.executable, "-c", READ_ONLY, Path(place, "w")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        shown, said = done.stdout.splitlines()
        assert shown == "['one'] one ['workspace.db']"
        assert "workspace.db cannot be used: its folder" in said


# Others at work


def test_a_writer_that_waits_in_vain_is_told_and_readers_do_not_wait(folder, monkeypatch):
    monkeypatch.setattr(scenarios, "_BUSY_MS", 50)
    kept = Scenarios(folder)
    made = kept.create("一", **BY)
    with closing(sqlite3.connect(folder / "workspace.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="another process; try again"):
            kept.change(made.id, [SHUT], **BY)
        assert kept.all() == [made]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from geomap.data.store.difference import Origin
from geomap.data.store.scenarios import Scenarios
from geomap.model.scenario import Change
kept, name, most = Scenarios(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
by = {"who": name, "at": datetime.now(UTC)}
for number in range(most):
    kept.change("s1", [Change("close", f"{name}-{number}")], **by)
    if number % 3 == 2:
        kept.undo("s1", **by)
        kept.change("s1", [Change("close", f"{name}-{number}")], **by)
    print(number, flush=True)
"""


def test_two_that_write_at_once_lose_nothing_of_each_other(folder, kept):
    kept.create("一", **BY)
    script = WRITER.replace("if number % 3 == 2", "if False")
    command = [sys.executable, "-c", script, folder]
    writers = [
        subprocess.Popen([*command, name, "40"], stdout=subprocess.DEVNULL) for name in ("a", "b")
    ]
    assert [each.wait(timeout=120) for each in writers] == [0, 0]
    ids = [each.facility_id for each in kept.get("s1").changes]
    for name in ("a", "b"):
        assert [id_ for id_ in ids if id_[0] == name] == [f"{name}-{n}" for n in range(40)]


def test_what_was_said_to_be_done_is_there_after_a_kill(tmp_path):
    for number, lines in enumerate((1, 2, 7, 20)):
        folder = tmp_path / str(number)
        Workspace.create(folder)
        kept = Scenarios(folder)
        kept.create("一", **BY)
        command = [sys.executable, "-c", WRITER, folder, "a", "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            told = [writer.stdout.readline() for _ in range(lines)]
            writer.send_signal(signal.SIGKILL)
            told += writer.stdout.readlines()
        said = int([line for line in told if line.endswith("\n")][-1])
        ids = [each.facility_id for each in kept.get("s1").changes]
        assert ids == [f"a-{n}" for n in range(len(ids))]
        assert said < len(ids) <= said + 2
        assert query(folder, "PRAGMA integrity_check") == [("ok",)]


def test_bodies_are_json_that_says_what_was_done(folder, kept):
    kept.create("一", changes=[MORE], **BY)
    ((verb, body),) = query(folder, "SELECT verb, body FROM scenario_edit")
    assert verb == "create"
    more = {"kind": "enlarge", "facility_id": "n2", "beds": 120, "cost": 2e6}
    assert json.loads(body) == {"name": "一", "note": "", "changes": [more]}
