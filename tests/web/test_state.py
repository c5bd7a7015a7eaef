"""A new revision takes the old one's place without dropping a request."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import partial

import geopandas as gpd
import pytest

from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.errors import DataError, NotFoundError
from geomap.find.nearest_index import Among
from geomap.find.selection import Selection
from geomap.model.facility import FACILITIES, TYPES
from geomap.settings import Settings
from geomap.web.app import create_app
from geomap.web.loading import _revision
from geomap.web.once import once
from geomap.web.state import Service, Site, Snapshot


def wait_for(condition) -> bool:
    deadline = time.monotonic() + 60  # a busy machine takes its time
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


class Published:
    """What a workspace would publish."""

    def __init__(self, town, context):
        self.town, self.context, self.revision, self.fault = town, context, "1", None

    def load(self) -> Snapshot:
        if self.fault:
            raise self.fault
        rows = self.town if self.revision == "1" else self.town.iloc[:2].reset_index(drop=True)
        return Snapshot(self.revision, rows, Site(), self.context.__getitem__)


@pytest.fixture
def published(town, context, monkeypatch):
    monkeypatch.setattr("geomap.web.state._LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("geomap.web.state._AGAIN_AFTER_S", 0.0)
    return Published(town, context)


def test_a_new_revision_is_noticed_and_served(published):
    service = Service(published.load, lambda: published.revision)
    before = service.snapshot()
    published.revision = "2"
    assert wait_for(lambda: service.snapshot().revision == "2")
    assert len(service.snapshot().facilities) == 2
    assert len(before.facilities) == 5


def test_the_old_data_is_served_while_the_new_cannot_be_read(published, caplog):
    service = Service(published.load, lambda: published.revision)
    published.fault, published.revision = DataError("damaged"), "2"
    service.snapshot()
    assert wait_for(lambda: "cannot be read" in caplog.text)
    assert service.snapshot().revision == "1"
    published.fault = None
    assert wait_for(lambda: service.snapshot().revision == "2")


def test_a_vanished_folder_keeps_the_data(published):
    revisions = iter(["1", *[""] * 100])
    service = Service(published.load, partial(next, revisions, ""))
    for _ in range(5):
        assert service.snapshot().revision == "1"


def test_streets_alone_are_nothing_published(tmp_path):
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "streets.npz").touch()
    assert _revision(tmp_path) == ""


def test_readers_never_see_half_of_a_revision(published):
    service = Service(published.load, lambda: published.revision)
    faults = []

    def read():
        for _ in range(200):
            snapshot = service.snapshot()
            rows, _ = snapshot.nearest.query(121.45, 31.23, k=9)
            if len(rows) != (4 if snapshot.revision == "1" else 2):
                faults.append((snapshot.revision, len(rows)))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for each in readers:
        each.start()
    published.revision = "2"
    for each in readers:
        each.join()
    assert faults == []


def test_an_index_is_built_once_however_many_ask():
    class Thing:
        def __init__(self):
            self._locks, self.built = {}, 0

        @once
        def index(self):
            time.sleep(0.05)
            self.built += 1
            return object()

    thing, seen = Thing(), []
    threads = [threading.Thread(target=lambda: seen.append(thing.index)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert thing.built == 1
    assert len(set(map(id, seen))) == 1


def test_a_workspace_is_served_and_each_later_publication_too(tmp_path, town, monkeypatch):
    from geomap.data.store.difference import Origin
    from geomap.data.store.workspace import Workspace
    from geomap.model.facility import FACILITIES
    from geomap.web.loading import published_service
    from geomap.web.searching import shipped_names

    shipped_names()  # indexed once for all workspaces, which takes some seconds
    monkeypatch.setattr("geomap.web.state._LOOK_EVERY_S", 0.0)
    workspace = Workspace.create(tmp_path / "office")
    at = datetime(2025, 7, 1, tzinfo=UTC)

    def publish(rows, file: str) -> None:
        origin = Origin(file, "0" * 64, source="民政局", licence="CC-BY-4.0")
        workspace.apply(rows, FACILITIES, origin=origin, at=at, who="test")
        workspace.publish()

    publish(town.iloc[:2], "one.csv")
    service = published_service(tmp_path / "office")
    assert sorted(service.snapshot().facilities["id"]) == ["a", "b"]
    assert not service.snapshot().site.sample
    publish(town.iloc[2:], "two.csv")
    assert wait_for(lambda: len(service.snapshot().facilities) == 5)


def test_a_folder_where_nothing_is_published_is_refused(tmp_path):
    from geomap.web.loading import published_service

    with pytest.raises(NotFoundError):
        published_service(tmp_path)


@pytest.mark.parametrize("show", [False, True])
def test_officials_are_shown_only_where_they_are_published(tmp_path, show):
    columns = {"id": ["a"], "name": ["甲"], "type": ["other"], "steward_name": ["王某"]}
    frame = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([121], [31]), crs="EPSG:4326")
    workspace = Workspace.create(tmp_path / "ours")
    origin = Origin("list.csv", "0" * 64)
    rows = FACILITIES.conform(frame)
    workspace.apply(rows, FACILITIES, origin=origin, at=datetime(2026, 1, 1, tzinfo=UTC), who="x")
    workspace.publish()
    app = create_app(workspace.folder, Settings(show_stewards=show))
    client = app.test_client()
    assert ("王某" in client.get("/facilities/a").text) is show
    stated = client.get("/api/v1/facilities/a").json["properties"]["steward_name"]
    assert stated == ("王某" if show else None)


def test_choices_that_are_asked_for_again_are_made_ready_and_few_are_kept(town, context):
    data = Snapshot("1", town, Site(), context.__getitem__)
    homes = Selection(types=("nursing_home",), filters={"beds": ("free",)})
    assert data.among(Selection()) is None
    first, _, third = (data.among(homes) for _ in range(3))
    assert isinstance(third, Among)
    assert first.tolist() == third.wanted.tolist() == homes.mask(data.columns).tolist()
    assert data.among(homes) is third
    elsewhere = Selection(types=homes.types, filters=homes.filters, adcode="110000")
    assert data.among(elsewhere).tolist() == elsewhere.mask(data.columns).tolist()
    for number in range(40):
        data.among(Selection(filters={"price": ("4000", "6000", "unknown")[: 1 + number % 3]}))
        data.among(Selection(types=([*TYPES][number % len(TYPES)],)))
        assert len(data._asked) <= 12


def test_a_process_forked_while_data_are_renewed_renews_them_itself(published):
    service = Service(published.load, lambda: published.revision)
    service._renewing.acquire()  # by a thread that the new process does not have
    service.forget_locks()
    assert service._renewing.acquire(blocking=False)


def test_what_cannot_be_read_is_not_tried_each_second(published, caplog, monkeypatch):
    monkeypatch.setattr("geomap.web.state._AGAIN_AFTER_S", 60.0)
    service = Service(published.load, lambda: published.revision)
    published.fault, published.revision = DataError("damaged"), "2"
    service.snapshot()
    assert wait_for(lambda: "cannot be read" in caplog.text and not service._renewing.locked())
    for _ in range(50):
        service.snapshot()
    assert wait_for(lambda: not service._renewing.locked())
    assert caplog.text.count("the new revision cannot be read") == 1
