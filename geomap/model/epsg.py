"""Which coordinate systems and datums are accepted, by their EPSG codes, and what each is worth.

PROJ left to itself turns a datum that it has no parameters for into WGS-84 by a "ballpark"
shift of nothing, 20-110 m off for Beijing 1954 and 850 m for TWD67, without a word. So each
datum here names its own shift and what that is known to be worth, in :data:`DATUMS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geomap.errors import CRSError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Datum:
    """How longitude and latitude on one geodetic datum become those on WGS-84.

    ``accuracy_m`` is what the result is worth, None where nobody published parameters; ``shift``
    is a PROJ step between geocentric coordinates, from ``ellipsoid``, "" where there is none.
    """

    en: str
    zh: str
    accuracy_m: float | None
    ellipsoid: str = ""
    shift: str = ""


#: By the EPSG code of their geographic CRS. Parameters and accuracies are those of the EPSG
#: operations named, but for CGCS2000 (the plates moved less than 1 m since 2000), TWD67 (in
#: common use in Taiwan; within 7 m of the affine formula of Academia Sinica) and Beijing 1954
#: (six sets are published, each for one basin: anywhere in China within 50 m of the one used).
#: Parameters of Xian 1980 were never published: it is left unshifted, 100 m off or so.
DATUMS: Final[Mapping[int, Datum]] = {
    4326: Datum("WGS 84", "WGS 84", 0.0),
    4490: Datum("CGCS2000", "CGCS2000", 1.0),
    4610: Datum("Xian 1980", "西安80", None),
    4214: Datum(
        "Beijing 1954", "北京54", 50.0, "krass", "+proj=helmert +x=15.8 +y=-154.4 +z=-82.3"
    ),  # EPSG:15921
    4611: Datum(
        "Hong Kong 1980", "香港1980", 1.0, "intl",
        "+proj=helmert +x=-162.619 +y=-276.959 +z=-161.764 +rx=-0.067753 +ry=2.243648 "
        "+rz=1.158828 +s=-1.094246 +convention=coordinate_frame",
    ),  # EPSG:1825
    8427: Datum("Hong Kong Geodetic CS", "香港大地坐标系", 1.0),
    8428: Datum(
        "Macao 1920", "澳门1920", 1.0, "intl",
        "+proj=molobadekas +x=-202.865 +y=-303.99 +z=-155.873 +rx=-34.079 +ry=76.126 +rz=32.66 "
        "+s=6.096 +px=-2361554.788 +py=5417536.177 +pz=2391608.926 +convention=coordinate_frame",
    ),  # Macao 1920 to WGS 84 (1)
    8431: Datum("Macao 2008", "澳门2008", 1.0),
    3824: Datum("TWD97", "TWD97", 1.0),
    3821: Datum("TWD67", "TWD67", 7.0, "aust_SA", "+proj=helmert +x=-752 +y=-358 +z=-179"),
    4757: Datum("SVY21", "新加坡SVY21", 1.0),
    6668: Datum("JGD2011", "日本JGD2011", 1.0),
    4612: Datum("JGD2000", "日本JGD2000", 1.0),
    4301: Datum(
        "Tokyo", "日本旧东京测地系", 9.0, "bessel",
        "+proj=helmert +x=-146.414 +y=507.337 +z=680.507",
    ),  # EPSG:15484
    4737: Datum("KGD2002", "韩国KGD2002", 1.0),
    4258: Datum("ETRS89", "欧洲ETRS89", 1.0),
    4269: Datum("NAD83", "北美NAD83", 4.0),
    4674: Datum("SIRGAS 2000", "南美SIRGAS 2000", 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class DatumName:
    """What a datum is called in definitions, without case and punctuation; and if it is shifted."""

    names: frozenset[str]
    shifted: bool


def _names(code: int, *names: str) -> tuple[int, DatumName]:
    datum = DATUMS[code]
    plain = "".join(char for char in datum.en.casefold() if char.isalnum())
    return code, DatumName(frozenset({plain, *names}), bool(datum.shift))


#: By the EPSG code of the datum's geographic CRS: how ESRI, GDAL, EPSG and offices call it.
DATUM_NAMES: Final[Mapping[int, DatumName]] = dict([
    _names(4326, "wgs1984", "worldgeodeticsystem1984", "worldgeodeticsystem1984ensemble"),
    _names(4490, "china2000", "cgcs2000", "chinageodeticcoordinatesystem2000",
           "chinesegeodeticcoordinatesystem2000"),
    _names(4610, "xian80", "xian1980"),
    _names(4214, "beijing54", "beijing1954"),
    _names(4611, "hongkong80"),
    _names(8427, "hongkonggeodetic"),
    _names(8428, "macau1920"),
    _names(8431, "macaogeodeticdatum2008", "macau2008"),
    _names(3824, "twd1997", "taiwandatum1997", "taiwan1997"),
    _names(3821, "twd1967", "taiwandatum1967", "taiwan1967", "hutzushan1950twd67"),
    _names(4757, "svy21wgs84"),
    _names(6668, "japanesegeodeticdatum2011"),
    _names(4612, "japanesegeodeticdatum2000"),
    _names(4301, "tokyo1918"),
    _names(4737, "korea2000", "korean2000", "koreageodeticdatum2002", "koreangeodeticdatum2002",
           "geocentricdatumofkorea"),
    _names(4258, "etrs1989", "europeanterrestrialreferencesystem1989",
           "europeanterrestrialreferencesystem1989ensemble"),
    _names(4269, "northamerican1983", "northamericandatum1983"),
    _names(4674, "sirgas2000", "sistemadereferenciageocentricoparalasamericas2000"),
])  # fmt: skip


@dataclass(frozen=True)
class AcceptedCRS:
    """A coordinate system that files and users may name."""

    code: int
    label: Label
    datum: int

    @property
    def accuracy_m(self) -> float | None:
        """What its conversion to WGS-84 is worth; None: unknown, perhaps off by 100 m."""
        return DATUMS[self.datum].accuracy_m


_ZONES_6, _ZONES_3 = range(13, 24), range(25, 46)
_MERIDIANS_6, _MERIDIANS_3 = range(75, 136, 6), range(75, 136, 3)
_JAPAN = (
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
    "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX",
)  # fmt: skip
#: Projected systems: first code, datum, English and Chinese name after the datum's, and what
#: numbers the series. Systems by zone have the zone in front of the easting, by meridian not.
_PROJECTED: Final[tuple[tuple[int, int, str, str, Sequence[object]], ...]] = (
    (4513, 4490, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (4534, 4490, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (4491, 4490, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (4502, 4490, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2349, 4610, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (2370, 4610, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (2327, 4610, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (2338, 4610, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2401, 4214, "3-degree Gauss-Kruger zone {}", "3度带 第{}带", _ZONES_3),
    (2422, 4214, "3-degree Gauss-Kruger CM {}E", "3度带 中央经线{}°", _MERIDIANS_3),
    (21413, 4214, "Gauss-Kruger zone {}", "6度带 第{}带", _ZONES_6),
    (21453, 4214, "Gauss-Kruger CM {}E", "6度带 中央经线{}°", _MERIDIANS_6),
    (2326, 4611, "Grid System", "方格网", " "),
    (8433, 8428, "Macao Grid", "方格网", " "),
    (3825, 3824, "TM2 zone {}", "二度分带 {}", (119, 121)),
    (3827, 3821, "TM2 zone {}", "二度分带 {}", (119, 121)),
    (3414, 4757, "Singapore TM", "平面", " "),
    (6669, 6668, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (2443, 4612, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (30161, 4301, "Japan Plane Rectangular CS {}", "平面 {}系", _JAPAN),
    (5179, 4737, "Unified CS", "统一平面", " "),
    (5181, 4737, "Central Belt", "中部", " "),
    (5186, 4737, "Central Belt 2010", "中部 2010", " "),
    (3857, 4326, "Pseudo-Mercator", "网络墨卡托", " "),
    (32601, 4326, "UTM zone {}N", "UTM 北{}带", range(1, 61)),
    (32701, 4326, "UTM zone {}S", "UTM 南{}带", range(1, 61)),
    (3035, 4258, "LAEA Europe", "欧洲等积", " "),
    (25828, 4258, "UTM zone {}N", "UTM 北{}带", range(28, 38)),
    (5070, 4269, "Conus Albers", "美国本土等积", " "),
    (31978, 4674, "UTM zone {}S", "UTM 南{}带", range(18, 26)),
)

#: Every coordinate system that may be named, by its EPSG code, in the order of a list to pick from.
ACCEPTED: Final[Mapping[int, AcceptedCRS]] = {
    code: AcceptedCRS(code, Label(f"{datum.zh} 经纬度", datum.en), code)
    for code, datum in DATUMS.items()
} | {
    first + place: AcceptedCRS(
        first + place,
        Label(
            f"{DATUMS[datum].zh} {zh.format(number)}", f"{DATUMS[datum].en} / {en.format(number)}"
        ),
        datum,
    )
    for first, datum, en, zh, numbers in _PROJECTED
    for place, number in enumerate(numbers)
}


def accepted(code: int) -> AcceptedCRS:
    """Look up an accepted coordinate system by its EPSG code.

    Raises
    ------
    CRSError : if it is not on the list.

    Examples
    --------
    >>> accepted(4548).label.zh, accepted(4548).accuracy_m
    ('CGCS2000 3度带 中央经线117°', 1.0)
    """
    if code not in ACCEPTED:
        raise CRSError(
            f"EPSG:{code} is not among the {len(ACCEPTED)} accepted coordinate systems (WGS 84, "
            "CGCS2000, Xian 1980, Beijing 1954, Hong Kong, Macao, Taiwan, Singapore, Japan, Korea, "
            "UTM and others): reproject the file to EPSG:4326",
            zh=f"EPSG:{code} 不在可接收的 {len(ACCEPTED)} 种坐标系之内（WGS 84、CGCS2000、"
            "西安 80、北京 54、港澳台、新加坡、日本、韩国、UTM 等）：请把文件转为 EPSG:4326",
        )
    return ACCEPTED[code]
