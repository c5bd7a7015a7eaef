from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geomap.data.published import bundled, published_stamp, read_published
from geomap.data.store import publishing
from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.errors import DataError, NotFoundError
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A = Origin("a.csv", "aa", source="民政局", licence="CC-BY-4.0")


def homes(*ids, **columns) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"id": ids}).assign(name="甲", type="other", **columns)
    places = [None] + [shapely.Point(121.5, 25)] * (len(frame) - 1)
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=places, crs=4326))


def bring(workspace, frame, origin=A, table=FACILITIES):
    return workspace.apply(frame, table, origin=origin, at=NOON, who="chen")


def edit(workspace, beds, *, at=NOON, id_="1"):
    return workspace.edit(id_, "beds_total", beds, who="li", at=at, source="s")


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.create(tmp_path / "w")
    bring(workspace, homes("1", "2", beds_total=[3, 4]))
    return workspace


def pointer(workspace):
    return json.loads((workspace.folder / "published" / "current.json").read_text())


def test_what_is_published_is_what_the_pointer_names(workspace):
    published = workspace.publish()
    entry = pointer(workspace)["layers"]["facilities"]
    path = workspace.folder / "published" / entry["file"]
    assert entry["file"] == "facilities-2.parquet"
    assert entry["rows"] == 2
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert published.revision == pointer(workspace)["revision"] == 2
    assert_geodataframe_equal(published.read("facilities"), workspace.read("facilities"))


def test_a_text_beside_each_layer_says_what_it_is(workspace):
    workspace.publish()
    note = tomllib.loads((workspace.folder / "published" / "facilities-2.toml").read_text())
    assert note["rows"] == 2
    assert note["columns"] == list(FACILITIES.names)
    assert (note["source"], note["licence"], note["crs"]) == ("民政局", "CC-BY-4.0", "EPSG:4326")
    assert note["title"] == {"zh": "养老机构", "en": "Care facilities"}
    assert note["caveats"]["en"] == ["1 rows have no location and are not on the map."]
    assert note["sources"] == [
        {
            "file": "a.csv",
            "sha256": "aa",
            "source": "民政局",
            "licence": "CC-BY-4.0",
            "imported_on": "2026-03-01",
            "synthetic": False,
        }
    ]


def test_the_same_state_is_not_published_again(workspace):
    workspace.publish()
    stamp = published_stamp(workspace.folder)
    workspace.publish()
    assert published_stamp(workspace.folder) == stamp
    edit(workspace, 9)
    workspace.publish()
    assert published_stamp(workspace.folder) != stamp


def test_earlier_snapshots_stay_and_readers_of_them_are_not_disturbed(workspace):
    earlier = workspace.publish()
    edit(workspace, 9)
    later = workspace.publish()
    assert earlier.read("facilities").set_index("id")["beds_total"].to_dict() == {"1": 3, "2": 4}
    assert later.read("facilities").set_index("id")["beds_total"].to_dict() == {"1": 9, "2": 4}


def test_only_the_layers_that_changed_are_written_anew(workspace):
    workspace.publish()
    people = gpd.GeoDataFrame({"id": ["x"], "aged_60": [7.5]}, geometry=[None], crs=4326)
    bring(workspace, DEMAND.conform(people), Origin("d.csv", "dd"), DEMAND)
    published = workspace.publish()
    assert published.layers["facilities"].path.name == "facilities-2.parquet"
    assert published.layers["demand"].path.name == "demand-3.parquet"
    assert published.read("demand")["aged_60"].tolist() == [7.5]


@pytest.mark.parametrize("few", [20_000, 1, 0])
def test_putting_edits_into_the_last_snapshot_is_publishing_all_anew(workspace, monkeypatch, few):
    monkeypatch.setattr(publishing, "FEW", few)
    workspace.publish()
    edit(workspace, 9, id_="2")
    bring(workspace, homes("1", "0", "3", "2", beds_total=[5, None, 1, 4]))
    workspace.undo(int(workspace.history("3")["rev"].iloc[-1]), who="li", at=NOON)
    rows = workspace.publish().read("facilities")
    assert rows["id"].tolist() == ["0", "1", "2"]
    assert_geodataframe_equal(rows, workspace.read("facilities"))


def test_a_snapshot_that_was_damaged_is_not_built_upon(workspace):
    path = workspace.publish().layers["facilities"].path
    path.write_bytes(path.read_bytes()[:-100])
    edit(workspace, 9)
    assert workspace.publish().read("facilities")["beds_total"].tolist() == [9, 4]


def test_a_database_put_back_from_a_copy_is_not_mixed_with_what_was_published(workspace, tmp_path):
    shutil.copy(workspace.folder / "workspace.db", tmp_path / "copy.db")
    edit(workspace, 9)
    edit(workspace, 8, id_="2")
    workspace.publish()
    shutil.copy(tmp_path / "copy.db", workspace.folder / "workspace.db")
    later = datetime(2026, 4, 1, tzinfo=UTC)
    edit(workspace, 7, at=later)
    assert workspace.publish().read("facilities")["beds_total"].tolist() == [7, 4]
    edit(workspace, 6, at=later)
    assert workspace.publish().read("facilities")["beds_total"].tolist() == [6, 4]


def test_a_damaged_pointer_is_told_and_mended_by_publishing(workspace):
    workspace.publish()
    path = workspace.folder / "published" / "current.json"
    missing = b'{"revision": 2, "layers": {"facilities": {"file": "no-1.parquet"}}}'
    nameless = b'{"layers": {"facilities": {}}}'
    for damage in (b"", b"{", b"[]", b'{"layers": []}', nameless, missing):
        path.write_bytes(damage)
        with pytest.raises(DataError, match="publish again"):
            read_published(workspace.folder)
        assert len(workspace.publish().read("facilities")) == 2


def test_a_pointer_names_no_files_elsewhere(workspace):
    workspace.publish()
    path = workspace.folder / "published" / "current.json"
    document = pointer(workspace)
    document["layers"]["facilities"]["file"] = "../../elsewhere/facilities-2.parquet"
    path.write_text(json.dumps(document))
    assert read_published(workspace.folder).layers["facilities"].path.parent == path.parent


def test_where_nothing_is_published_it_says_so(workspace, tmp_path):
    for folder in (workspace.folder, tmp_path / "missing"):
        assert published_stamp(folder) is None
        with pytest.raises(NotFoundError, match=r"nothing is published in .* import a file first"):
            read_published(folder)
    with pytest.raises(NotFoundError, match="no records to publish"):
        Workspace.create(tmp_path / "empty").publish()
    with pytest.raises(NotFoundError, match="no layer 'areas'; there are: facilities"):
        workspace.publish().read("areas")


def test_the_layers_that_ship_are_read_the_same_way():
    published = bundled()
    assert published.revision == 0
    rows = published.read("facilities")
    assert list(rows.columns) == [*FACILITIES.names, "geometry"]
    assert (rows.dtypes == FACILITIES.empty().dtypes).all()
    assert len(rows) == published.layers["facilities"].rows
    assert published.read("hospitals").crs.to_epsg() == 4326
