from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pandera.errors
import pytest
from shapely import Point, box

from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES, TYPES, infer_types, value_source

INTERFACE_COLUMNS = (
    "id name name_en type address adcode township phone website operator operator_model brand "
    "parent_id ownership beds_total beds_nursing beds_available beds_updated residents accepts "
    "medical services price_min price_max inclusive_price admits_private prepay_escrow "
    "fire_cert rating rating_scheme demo_tag inspected_on inspection_result risk_listed "
    "rectified_on caregivers fire_station photo steward_name steward_phone steward_photo "
    "land_m2 floor_m2 opened_on status source source_url verified_on licence location_precision"
).split()


def facility(**values: object) -> gpd.GeoDataFrame:
    columns = {"id": ["a"], "name": ["甲"], "type": ["nursing_home"]}
    columns |= {name: [value] for name, value in values.items()}
    return FACILITIES.conform(gpd.GeoDataFrame(columns, geometry=[Point(121, 31)], crs=4326))


def test_the_published_column_names_are_all_there_in_order():
    assert [name for name in FACILITIES.names if name != "provenance"] == INTERFACE_COLUMNS


@pytest.mark.parametrize("table", [FACILITIES, DEMAND, AREAS, CANDIDATES])
def test_an_empty_frame_fits_its_own_schema(table):
    frame = table.schema.validate(table.empty(), lazy=True)
    assert [*table.names, "geometry"] == list(frame.columns)


@pytest.mark.parametrize("table", [FACILITIES, DEMAND, AREAS, CANDIDATES])
def test_every_field_is_labelled_in_both_languages(table):
    for each in table.fields:
        labels = [each.label, *each.choices.values(), *([each.unit] if each.unit else [])]
        assert all(label.of("zh") and label.of("en") for label in labels), each.name


def test_what_a_row_does_not_say_stays_unknown():
    row = FACILITIES.schema.validate(facility(), lazy=True).iloc[0]
    unknown = row.drop(["id", "name", "type", "geometry"])
    assert unknown.isna().all()


def test_all_faults_of_a_table_are_reported_at_once():
    bad = facility(beds_total=-3, rating=9, medical="maybe", accepts=["everyone"])
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        FACILITIES.schema.validate(bad, lazy=True)
    faulty = set(caught.value.failure_cases["column"])
    assert faulty == {"beds_total", "rating", "medical", "accepts"}


def test_a_polygon_is_no_place_of_a_facility():
    bad = facility()
    bad["geometry"] = box(121, 31, 122, 32)
    with pytest.raises(pandera.errors.SchemaErrors):
        FACILITIES.schema.validate(bad, lazy=True)


def test_conform_keeps_the_callers_index_and_drops_foreign_columns():
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "name": ["甲", "乙"], "type": ["other"] * 2, "foreign": [1, 2]},
        geometry=[None, None],
        crs=4326,
        index=[7, 3],
    )
    result = FACILITIES.conform(frame)
    assert list(result.index) == [7, 3]
    assert "foreign" not in result


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("北京市海淀区金山敬老院", "rural_welfare_home"),
        ("龙江镇旺岗村农村幸福院", "rural_mutual_aid_home"),
        ("新塘街道居家养老服务中心", "community_center"),
        ("滨湖社区养老服务驿站", "community_center"),
        ("徐家汇街道综合为老服务中心", "street_center"),
        ("保良局黃竹坑護理安老中心", "nursing_home"),
        ("臺北市私立上美老人長期照顧中心(養護型)", "nursing_home"),
        ("BURNS NURSING HOME, INC.", "nursing_home"),
        ("社團法人某某協會", "other"),
    ],
)
def test_the_type_is_read_from_the_name(name, expected):
    assert infer_types(pd.Series([name])).item() == expected


def test_a_stated_kind_speaks_only_where_the_name_is_silent():
    names = pd.Series(["某某協會", "三汇敬老院"])
    kinds = pd.Series(["社區照顧關懷據點 10個時段", "社区养老服务中心"])
    assert infer_types(names, kinds).tolist() == ["community_center", "rural_welfare_home"]
    assert set(TYPES) >= set(infer_types(names, kinds))


def test_a_value_with_its_own_source_does_not_borrow_the_rows():
    own = '{"phone": {"source": "家属反馈", "verified_on": null}}'
    row = facility(source="名录", verified_on="2026-01-02", provenance=own).iloc[0]
    assert value_source(row, "phone").verified_on is None
    assert value_source(row, "address").verified_on.isoformat() == "2026-01-02"
