"""What is said of places: a row is kept; one whose place cannot be waits for a location."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.data.files.findings.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES: Mapping[str, Message] = {
    "bad_coordinate": Message(
        "warning",
        "“{field}”需要以度为单位的数字，这里是“{came}”。这一行待定位；请改正坐标。",
        "{field} needs a number of degrees, got “{came}”. The row needs a location: correct it.",
    ),
    "incomplete_coordinates": Message(
        "warning",
        "只有一个坐标值（{came}）。这一行待定位；请补全经度和纬度。",
        "Only one of the two coordinates is there ({came}). The row needs a location: "
        "give longitude and latitude.",
    ),
    "coordinate_column_missing": Message(
        "warning",
        "有“{came}”列，却没有找到“{field}”列，坐标没有使用。请{state:map 列名={name}}。",
        "There is a column “{came}” but none was recognised as {field}; the coordinates were not "
        "used. Please {state:map COLUMN={name}}.",
    ),
    "out_of_range": Message(
        "warning",
        "经度应在 ±180、纬度应在 ±90 以内，这里是 {came}。这一行待定位；请改正坐标。",
        "Longitude must lie within ±180 and latitude within ±90, got {came}. "
        "The row needs a location: correct it.",
    ),
    "swapped_lat_lon": Message(
        "warning",
        "经度和纬度像是写反了：{came}（{why}）。没有替您调换，这一行待定位；"
        "请调换两个值；整列都反时，也可{state:map}。",
        "Longitude and latitude seem to be swapped: {came} ({why}). They were not exchanged; "
        "the row needs a location. Exchange them; where whole columns are, {state:map}.",
    ),
    "zero_coordinates": Message(
        "warning",
        "坐标是 (0, 0)，通常表示没有填。这一行待定位；请填真实坐标或留空。",
        "The coordinates are (0, 0), which mostly means not filled in. "
        "The row needs a location: give the real ones or leave them empty.",
    ),
    "looks_like_metres": Message(
        "warning",
        "坐标 {came} 像是以米为单位的投影坐标。这一行待定位；请{state:crs}"
        "（问提供数据的单位，如 CGCS2000 3 度带 117°）。",
        "The coordinates {came} look like metres in a projection. The row needs a location: "
        "{state:crs} (ask whoever made the data: "
        "CGCS2000, 3-degree zone, meridian 117°, for example).",
    ),
    "outside_crs": Message(
        "warning",
        "坐标 {came} 不在坐标系 {expected} 的范围内。这一行待定位；"
        "请核对坐标；坐标系不对请{state:crs}。",
        "The coordinates {came} do not lie within {expected}. The row needs a location: "
        "check them; if the system is wrong, {state:crs}.",
    ),
    "outside_district": Message(
        "warning",
        "坐标 {came} 不在所写的{expected}，而在{where}，相距约 {distance} 米。位置已保留；"
        "请核对坐标或区县。",
        "The point {came} is not in {expected} as stated but in {where}, about {distance} m away. "
        "It was kept: check the coordinates or the district.",
    ),
    "far_from_others": Message(
        "warning",
        "坐标 {came} 离本文件的其他地点约 {distance} 公里。位置已保留；请核对坐标。",
        "The point {came} lies about {distance} km from the other places of this file. "
        "It was kept: check the coordinates.",
    ),
    "located_by_address": Message(
        "note",
        "没有坐标，按地址“{came}”定位，{expected}。有坐标时请补上经度和纬度。",
        "Without coordinates; located by its address “{came}”: {expected}. "
        "Add longitude and latitude where they are known.",
    ),
    "place_assumed": Message(
        "note",
        "“{came}”的上级区划是推定的：{why}。请核对，最好写全省、市、区县。",
        "Where “{came}” belongs is assumed: {why}. Check it; best write province, city and "
        "district in full.",
    ),
    "place_ambiguous": Message(
        "warning",
        "“{came}”可能是 {expected}：{why}。没有替您选，这一行待定位；请写全省、市、区县。",
        "“{came}” may be {expected}: {why}. None was chosen; the row needs a location: "
        "write province, city and district in full.",
    ),
    "needs_location": Message(
        "note",
        "没有坐标，地址“{came}”也无法定位：{why}。这一行待定位；请补全地址或坐标。",
        "Without coordinates, and the address “{came}” cannot be located: {why}. "
        "The row needs a location: complete the address or add coordinates.",
    ),
    "located_online": Message(
        "note",
        "由{came}在线定位，{expected}。",
        "Located online by {came}: {expected}.",
    ),
    "located_elsewhere": Message(
        "warning",
        "{came}给出的位置不在地址所在的区县，没有采用。请核对地址。",
        "The place that {came} gave is not in the district of the address and was not taken. "
        "Check the address.",
    ),
    "not_located_online": Message(
        "note",
        "{came}也没有更准的位置。请补全地址或坐标。",
        "{came} knows no better place either. Complete the address or add coordinates.",
    ),
    "geocoder_stopped": Message(
        "warning",
        "{came}：{why}，还有 {count} 个地址没有问到。请稍后再导入一次，已有的答案不会重问。",
        "{came}: {why}; {count} addresses were not asked about. Import again later; answers "
        "already there are not asked for again.",
    ),
    "bad_geometry": Message(
        "warning",
        "位置无法使用：{came}；需要 {expected}。这一行待定位；请重新导出。",
        "The geometry cannot be used: {came}; expected {expected}. "
        "The row needs a location: export it again.",
    ),
    "invalid_geometry": Message(
        "note",
        "边界自相交或有重叠，已按同一范围修复（{came}）。",
        "The outline crosses itself or overlaps and was repaired to the same ground ({came}).",
    ),
    "point_in_polygon": Message(
        "note",
        "位置是一个范围（{came}），取其内部一点。",
        "The location is an outline ({came}); a point inside it was taken.",
    ),
    "xy_as_degrees": Message(
        "note",
        "“{came}”列按经度、纬度（度）读取。若是投影坐标（米），请{state:crs}。",
        "The columns “{came}” were read as longitude and latitude in degrees. "
        "If they are projected (metres), {state:crs}.",
    ),
    "crs_contradicts": Message(
        "warning",
        "文件写明的坐标系是 {came}，已按您指定的 {expected} 读取。请确认哪个对。",
        "The file states {came}; it was read as {expected}, as you said. Make sure which is right.",
    ),
    "crs_rough": Message(
        "note",
        "{came}换算到 WGS-84 的误差：{expected} 米。",
        "The conversion of {came} to WGS-84 is off by this many metres: {expected}.",
    ),
    "datum_in_header": Message(
        "warning",
        "列名“{column}”表明坐标是 {came}，却按 {expected} 读取，会偏 100–700 米。"
        "若属实请{state:datum {option}}。",
        "The column name “{column}” says {came}, but it was read as {expected}: "
        "places are 100–700 m off. If so, {state:datum {option}}.",
    ),
    "looks_like_other_datum": Message(
        "warning",
        "坐标像是 {came} 而不是 {expected}：与所写区县比对，按 {came} 有 {fits} 处更合，"
        "按 {expected} 有 {misfits} 处更合。没有替您转换；若属实请{state:datum {option}}。",
        "The coordinates look like {came}, not {expected}: against the stated districts, {fits} "
        "fit better as {came} and {misfits} as {expected}. Nothing was converted; "
        "if so, {state:datum {option}}.",
    ),
}
