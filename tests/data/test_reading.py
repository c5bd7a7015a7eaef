from __future__ import annotations

import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geomap as gm
from geomap.data.files.table import read_in_process
from geomap.data.reading import Options, check, read_facilities, read_table
from geomap.errors import DataError, ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES
from geomap.model.tables import TABLES

HEADER = ["机构名称", "地址", "床位数", "联系电话", "经度", "纬度"]


def write(folder, rows, name="a.csv", encoding="utf-8", header=HEADER):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path = folder / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def lines(folder, *rows, **options):
    return write(folder, [row.split(",") for row in rows[1:]], header=rows[0].split(","), **options)


# -- the real files, each with its traps ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "table", "rows", "needs_location"),
    [
        ("taipei/homes.csv", "facilities", 94, 0),
        ("taipei/community_stations.csv", "facilities", 505, 0),
        ("japan/jigyosho_520.csv", "facilities", 4121, 1),
        ("japan/jigyosho_730.csv", "facilities", 5451, 6),
        ("japan/jigyosho_760.csv", "facilities", 1466, 2),
        ("usa/NH_ProviderInfo_Aug2021.csv", "facilities", 15283, 15283),
        ("census2020/census_city_2010-2020_v1.csv", "areas", 369, 0),
        ("census2020/census_county_2020_v1.xlsx", "areas", 3358, 3358),
        ("messy/derived_gbk_areas.csv", "areas", 2978, 2978),
        ("messy/townships_null_geometry.geojson", "areas", 1114, 743),
        ("division/streets.csv", "areas", 41352, 41352),
        ("taipei/districts.geojson", "areas", 12, 0),
        ("taipei/villages_population.geojson", "demand", 456, 0),
        ("saopaulo/spo_hexgrid.csv", "demand", 323, 0),
    ],
)
def test_real_files_are_read_whole_and_their_totals_add_up(
    data_folder, name, table, rows, needs_location
):
    reading = read_table(data_folder / name, TABLES[table])
    report = reading.report
    assert (report.outcome, report.rows, report.accepted) == ("accepted", rows, rows)
    assert report.needs_location == needs_location == reading.frame.geometry.isna().sum()
    assert TABLES[table].schema.validate(reading.frame, lazy=True).id.is_unique
    assert json.loads(json.dumps(report.to_dict("en")))["rows"] == rows


def test_taipei_homes_are_read_with_beds_and_whom_they_accept(data_folder):
    homes = read_facilities(data_folder / "taipei/homes.csv")
    assert homes.beds_total.sum() == 5192
    assert homes.iloc[1]["accepts"] == ["self_care", "partly_disabled", "disabled"]
    owners = {"private": 89, "public_private": 3, "public": 2}
    assert homes.ownership.value_counts().to_dict() == owners
    report = check(data_folder / "taipei/homes.csv")
    shared = [each for each in report.findings if each.code == "duplicate_location"]
    assert (len(shared), sum(len(each.rows) for each in shared)) == (6, 12)
    assert [each.row for each in report.findings if each.code == "bad_phone"] == [19]
    assert "核定床數-養護床數" in report.columns_unused


def test_japan_has_its_points_at_zero_and_in_ireland(data_folder):
    report = check(data_folder / "japan/jigyosho_730.csv")
    rows = {
        code: [each.row for each in report.findings if each.code == code]
        for code in ("zero_coordinates", "far_from_others")
    }
    assert len(rows["zero_coordinates"]) == 6
    assert len(rows["far_from_others"]) == 8
    (none,) = [each for each in report.findings if each.code == "zero_capacity"]
    assert len(none.rows) == 2211
    homes = read_facilities(data_folder / "japan/jigyosho_730.csv")
    assert (homes.beds_total == 0).sum() == 2211
    assert homes.id.str.len().eq(10).all()
    assert homes.id.str.startswith("0").any()


def test_american_ids_keep_their_zeros_and_residents_are_rounded_and_told(data_folder):
    path = data_folder / "usa/NH_ProviderInfo_Aug2021.csv"
    homes = read_facilities(path)
    assert homes.id.iloc[0] == "015009"
    assert homes.residents.iloc[0] == 51
    assert homes.rating.isna().sum() == 235
    assert homes.name.str.contains("GOVERNOR’S").any()
    report = check(path)
    assert report.details["encoding"] == "Windows-1252"
    assert set(report.codes) == {"needs_location", "rounded"}


def test_the_census_counts_are_those_of_the_yearbook(data_folder):
    path = data_folder / "census2020/census_county_2020_v1.xlsx"
    counties = read_table(path, AREAS).frame.set_index("name")
    nation = counties.loc["全国"]
    assert (nation.population, nation.aged_65) == (1_409_778_724, 190_635_280)
    assert nation.aged_65 / nation.population == pytest.approx(0.1352, abs=5e-5)
    assert counties.level.value_counts().to_dict() == {
        "county": 2943,
        "city": 338,
        "province": 31,
        "nation": 1,
    }
    assert counties.level.isna().sum() == 45


def test_taipei_villages_sum_to_what_the_city_counts(data_folder):
    villages = read_table(data_folder / "taipei/villages_population.geojson", DEMAND).frame
    assert (villages.aged_65.sum(), villages.population.sum()) == (574_458, 2_490_869)


@pytest.mark.parametrize(
    ("name", "encodings"),
    [
        ("taipei/homes.csv", ["utf-8-sig", "utf-16", "gb18030", "big5hkscs"]),
        ("taipei/community_stations.csv", ["utf-16", "gb18030"]),
        ("japan/jigyosho_760.csv", ["utf-16", "cp932"]),
    ],
)
def test_a_real_file_reads_the_same_in_every_encoding(data_folder, tmp_path, name, encodings):
    text = (data_folder / name).read_text(encoding="utf-8-sig")
    for encoding in encodings:
        data = text.encode(encoding, errors="replace")
        plain, coded = tmp_path / "plain.csv", tmp_path / "coded.csv"
        plain.write_bytes(data.decode(encoding).encode())
        coded.write_bytes(data)
        assert read_facilities(coded).equals(read_facilities(plain)), encoding


# -- laws ----------------------------------------------------------------------------------------


def read_here(path, **options):
    """Read in this process, as the reader of :mod:`geomap.data.sandbox` does in its own."""
    return read_in_process(path, FACILITIES, Options(**options)).frame


WORDS = st.text(alphabet="静安养老院敬幸福中心一二三四五六", min_size=2, max_size=6)
ROWS = st.lists(
    st.tuples(
        WORDS.map(lambda word: word + "敬老院"),
        WORDS,
        st.integers(0, 900).map(str),
        st.integers(10_000_000, 99_999_999).map(lambda number: f"021-{number}"),
        st.floats(100, 110).map("{:.6f}".format),
        st.floats(25, 35).map("{:.6f}".format),
    ),
    min_size=1,
    max_size=12,
)


@given(rows=ROWS, encoding=st.sampled_from(["utf-8-sig", "utf-16", "gbk", "gb18030"]))
@settings(deadline=None, max_examples=10)
def test_the_encoding_changes_nothing(tmp_path_factory, rows, encoding):
    folder = tmp_path_factory.mktemp("law")
    coded = read_here(write(folder, rows, "coded.csv", encoding))
    assert coded.equals(read_here(write(folder, rows, "plain.csv")))


@given(rows=ROWS, dice=st.randoms())
@settings(deadline=None, max_examples=10)
def test_the_order_of_rows_does_not_change_an_id(tmp_path_factory, rows, dice):
    folder = tmp_path_factory.mktemp("law")
    one = read_here(write(folder, rows))
    shuffled = list(rows)
    dice.shuffle(shuffled)
    other = read_here(write(folder, shuffled))
    columns = ["name", "address", "phone", "beds_total"]
    assert set(one.set_index("id")[columns].itertuples(name=None)) == set(
        other.set_index("id")[columns].itertuples(name=None)
    )


@given(rows=ROWS)
@settings(deadline=None, max_examples=10)
def test_columns_may_have_any_name_if_the_office_says_what_they_are(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("law")
    fields = ["name", "address", "beds_total", "phone", "lon", "lat"]
    header = [f"列{nth}" for nth in range(6)]
    named = write(folder, rows, "b.csv", header=header)
    mapped = read_here(named, columns=dict(zip(header, fields, strict=True)))
    assert mapped.equals(read_here(write(folder, rows)))


@given(rows=ROWS)
@settings(deadline=None, max_examples=10)
def test_every_format_gives_the_same_frame(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("law")
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append(list(row))
    book.save(folder / "a.xlsx")
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(HEADER[:4], row[:4], strict=True)),
            "geometry": {"type": "Point", "coordinates": [float(row[4]), float(row[5])]},
        }
        for row in rows
    ]
    (folder / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    plain = read_here(write(folder, rows))
    assert read_here(folder / "a.xlsx").equals(plain)
    assert read_here(folder / "a.geojson").equals(plain)


@given(st.lists(st.lists(st.text(max_size=15), min_size=1, max_size=8), min_size=1, max_size=8))
@settings(deadline=None, max_examples=25)
def test_rows_are_kept_or_told_whatever_they_hold(tmp_path_factory, rows):
    header = ["名称", "类型", "经度", "纬度", "床位", "电话", "收费", "开业时间"]
    path = write(tmp_path_factory.mktemp("law"), rows, header=header)
    reading = read_in_process(path, FACILITIES)
    report = reading.report
    lost = [each for each in report.findings if each.level == "error"]
    assert report.rows == report.accepted + sum(len(each.rows) or 1 for each in lost) or not (
        report.accepted
    )
    FACILITIES.schema.validate(reading.frame, lazy=True)


# -- single rules --------------------------------------------------------------------------------


def test_a_row_without_a_name_is_not_kept_and_told(tmp_path):
    path = lines(tmp_path, "名称,电话", "甲敬老院,", ",62581234", "丙敬老院,")
    report = check(path)
    assert (report.outcome, report.rows, report.accepted) == ("partial", 3, 2)
    assert [(each.code, each.row) for each in report.findings] == [("missing_name", 3)]


def test_totals_remarks_and_repeated_headers_are_no_homes(tmp_path):
    rows = ["甲敬老院,10", "小 计,10", "名称,床位", "合计,10", "注：截至上月底,", "总计敬老院,3"]
    report = check(lines(tmp_path, "名称,床位", *rows))
    assert (report.outcome, report.rows, report.accepted) == ("partial", 6, 2)
    assert [(each.code, each.row) for each in report.findings if each.level == "error"] == [
        ("no_record", row) for row in (3, 4, 5, 6)
    ]


def test_a_file_without_a_name_column_is_refused_with_its_columns(tmp_path):
    report = check(lines(tmp_path, "代号,描述", "1,2"))
    assert (report.outcome, report.rows) == ("refused", 1)
    assert "代号、描述" in report.findings[0].message("zh")


def test_what_check_refuses_read_facilities_raises_in_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"a.csv: .*no rows"):
        read_facilities(lines(tmp_path, "名称,地址"))
    with pytest.raises(DataError, match=r"There is no file none.csv"):
        gm.read_facilities(tmp_path / "none.csv")
    assert gm.check(tmp_path / "none.csv").outcome == "refused"


@pytest.mark.parametrize(
    "options",
    [
        {"datum": "beijing54"},
        {"crs": "EPSG:1"},
        {"crs": "+proj=longlat"},
        {"encoding": "klingon"},
        {"columns": {"无此列": "name"}},
        {"columns": {"名称": "nonsense"}},
        {"default_type": "castle"},
    ],
)
def test_a_wrong_option_raises_whatever_the_file(tmp_path, options):
    path = lines(tmp_path, "名称,地址", "甲敬老院,一号")
    with pytest.raises(ParameterError):
        check(path, **options)


def test_the_type_is_stated_or_inferred_or_given_or_other(tmp_path):
    rows = ["名称,类型", "甲,敬老院", "乙,nursing_home", "丙居家养老服务中心,", "丁,", "戊,城堡"]
    path = lines(tmp_path, *rows)
    found = read_facilities(path)["type"].tolist()
    assert found == ["rural_welfare_home", "nursing_home", "community_center", "other", "other"]
    given = read_facilities(path, default_type="street_center")["type"].tolist()
    assert given[3:] == ["street_center", "street_center"]
    assert [(each.code, each.row) for each in check(path).findings] == [("bad_type", 6)]


def test_unknown_stays_unknown(tmp_path):
    frame = read_facilities(lines(tmp_path, "名称,床位数,消防验收,收住对象", "甲敬老院,,,"))
    row = frame.iloc[0].drop(["id", "name", "type"])
    assert row.isna().all()


def test_single_values_have_their_own_source(tmp_path):
    header = "名称,电话,电话来源,电话核实日期,来源,核实日期"
    row = "甲敬老院,021-62581234,家属反馈,2025-01-02,民政局名录,2025-02-03"
    home = read_facilities(lines(tmp_path, header, row)).iloc[0]
    assert json.loads(home.provenance) == {
        "phone": {"source": "家属反馈", "verified_on": "2025-01-02"}
    }
    assert (home.source, home.verified_on.date()) == ("民政局名录", date(2025, 2, 3))


def test_a_date_of_a_single_value_that_is_none_is_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("名称,电话,电话核实日期\n甲院,,2025-02-30\n乙院,,2025年\n丙院,,未知\n", "utf-8")
    reading = read_table(path, FACILITIES)
    told = [(each.code, each.field, each.row) for each in reading.report.findings]
    of = "phone_verified_on"
    assert [each for each in told if each[1] == of] == [
        ("bad_date", of, 2),
        ("date_incomplete", of, 3),
    ]
    kept = reading.frame.provenance
    assert kept.isna().tolist() == [True, False, True]
    assert json.loads(kept[1]) == {"phone": {"verified_on": "2025-01-01"}}


def test_dates_to_come_depend_on_the_day_that_is_given(tmp_path):
    path = lines(tmp_path, "名称,检查日期", "甲敬老院,2025-07-01")
    for today, bad in ((date(2025, 6, 30), 1), (date(2025, 7, 1), 0)):
        report = read_table(path, FACILITIES, Options(today=today)).report
        assert report.codes.get("bad_date", 0) == bad


def test_rows_that_are_equal_are_kept_and_told(tmp_path):
    rows = ["序号,名称,地址,床位", "1,甲敬老院,一号,5", "2,甲敬老院,一号,5", "3,甲敬老院,一号,6"]
    report = check(lines(tmp_path, *rows))
    assert report.accepted == 3
    told = [each for each in report.findings if each.code != "needs_location"]
    assert [(each.code, each.row, each.values["expected"]) for each in told] == [
        ("duplicate_row", 3, 2),
        ("possible_duplicate", 4, 2),
    ]


def test_a_part_that_is_more_than_its_whole_is_told_and_kept(tmp_path):
    path = lines(tmp_path, "名称,床位数,空床,收费", "甲敬老院,10,20,3000-5000元/月")
    (finding,) = check(path).findings
    assert (finding.code, finding.field) == ("inconsistent", "beds_available")
    home = read_facilities(path).iloc[0]
    assert (home.beds_available, home.price_min, home.price_max) == (20, 3000, 5000)


def test_what_geomap_writes_as_geojson_it_reads_back(tmp_path):
    header = "编号,名称,床位数,收住对象,服务项目,消防验收,开业时间,电话来源,经度,纬度"
    row = "007,甲敬老院,120,自理、失能,助餐、助浴,是,2020-05-01,名录,121.5,31.25"
    frame = read_facilities(lines(tmp_path, header, row))
    path = tmp_path / "out.geojson"
    path.write_text(frame.assign(opened_on=frame.opened_on.dt.strftime("%Y-%m-%d")).to_json())
    assert read_facilities(path).equals(frame)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_is_a_sentence_in_the_language_of_the_reader(tmp_path, language):
    rows = [
        "名称,经度,纬度,床位,电话,开业时间,性质,消防验收,网址,星级",
        "甲敬老院,31.2,121.4,-3,12,2025-02-30,什么,maybe,javascript:1,9",
        ",0,0,x,12345,2025,民办,是,www.example.org,五星",
    ]
    document = check(lines(tmp_path, *rows)).to_dict(language)
    assert len(document["findings"]) > 8
    for each in document["findings"]:
        assert each["message"].endswith(("。", ".", "）", ")"))
        assert any("一" <= char <= "鿿" for char in each["message"]) == (language == "zh") or (
            "什么" in each["message"]
        )


def test_a_price_range_fills_what_the_columns_of_its_ends_leave_open(tmp_path):
    path = lines(
        tmp_path, "机构名称,收费标准,最低收费", "甲院,2000-5000元/月,", "乙院,3000元起,3500"
    )
    homes = read_facilities(path)
    assert homes.price_min.tolist() == [2000, 3500]
    assert homes.price_max.iloc[0] == 5000


def test_numbers_beyond_all_bounds_are_told_without_a_warning(tmp_path):
    path = lines(tmp_path, "机构名称,床位数", "甲院,1e308", "乙院,1.2万")
    assert check(path).codes == {"bad_range": 1}
