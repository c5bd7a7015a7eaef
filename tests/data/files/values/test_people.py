from __future__ import annotations

from math import nan

import pytest

from geomap.data.reading import Options, check, read_table
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND


def write(folder, *rows):
    path = folder / "a.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_age_groups_are_summed_for_both_sexes(tmp_path):
    header = "名称,男_55到59岁,女_55到59岁,男_60到64岁,女_60到64岁,男_65岁以上,女_65岁以上"
    frame = read_table(write(tmp_path, header, "甲区,1,2,3,4,5,6"), AREAS).frame
    assert (frame.aged_60.item(), frame.aged_65.item()) == (18, 11)
    assert frame.population.isna().item()


def test_a_gap_between_groups_or_one_sex_alone_is_not_summed(tmp_path):
    header = "名称,男_60到64岁,男_65岁以上,女_60到64岁,女_70岁以上"
    assert read_table(write(tmp_path, header, "甲区,1,2,3,4"), AREAS).frame.aged_60.isna().item()


def test_a_missing_group_makes_the_sum_unknown(tmp_path):
    header = "名称,60-64岁,65岁及以上"
    frame = read_table(write(tmp_path, header, "甲区,1,NA", "乙区,1,2"), AREAS).frame
    assert frame.aged_60.isna().tolist() == [True, False]


def test_the_groups_of_taiwan_statistics_give_the_population_too(tmp_path):
    header = "V_ID,VILLAGE,A0A14_CNT,A0A14_M_CNT,A15A64_CNT,A65UP_CNT"
    frame = read_table(write(tmp_path, header, "1,甲里,10,5,20,30"), DEMAND).frame
    assert (frame.population.item(), frame.aged_65.item()) == (60, 30)


def test_shares_are_turned_into_people_where_the_header_says_so(tmp_path):
    path = write(tmp_path, "名称,常住人口,人口比重_65岁及以上（%）", "甲区,2000,12.5")
    assert read_table(path, AREAS).frame.aged_65.item() == 250
    assert check(path, table=AREAS).codes == {"computed_from_percent": 1}


def test_counts_that_can_only_be_shares_are_left_out_until_the_office_says_so(tmp_path):
    path = write(tmp_path, "city,popu_2020,age_60_2020", "甲市,2000000,19.6", "乙市,900000,21.5")
    report = check(path, table=AREAS)
    assert report.codes == {"looks_like_percent": 1}
    assert read_table(path, AREAS).frame.aged_60.isna().all()
    told = Options(columns={"age_60_2020": "aged_60_percent"})
    assert read_table(path, AREAS, told).frame.aged_60.tolist() == pytest.approx([392_000, 193_500])


def told(path, table=AREAS):
    found = check(path, table=table).findings
    return [(each.code, each.field, each.row) for each in found if each.row is not None]


def test_a_share_that_cannot_be_one_is_told(tmp_path):
    header = "名称,常住人口,人口比重_65岁及以上（%）"
    rows = ["甲区,2000,abc", "乙区,2000,150", "丙区,2000,５％", "丁区,2000,-1", "戊区,2000,未知"]
    path = write(tmp_path, header, *rows)
    frame = read_table(path, AREAS).frame
    assert frame.aged_65.tolist() == pytest.approx([nan, nan, 100, nan, nan], nan_ok=True)
    of = "aged_65_percent"
    assert told(path) == [("bad_number", of, 2), ("bad_range", of, 3), ("negative_value", of, 5)]


def test_a_group_that_is_no_number_is_told_once(tmp_path):
    rows = ["甲区,许多,2,3", "乙区,1,-2,3", "丙区,1,2,3"]
    path = write(tmp_path, "名称,0-59岁,60-64岁,65岁及以上", *rows)
    frame = read_table(path, AREAS).frame
    assert frame.population.tolist() == pytest.approx([nan, nan, 6], nan_ok=True)
    assert frame.aged_65.tolist() == [3, 3, 3]
    assert told(path) == [("bad_number", "population", 2), ("negative_value", "population", 3)]
