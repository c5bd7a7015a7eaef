"""Every sentence that reading a file can say, in Chinese and English, in one table.

A message names what was expected, what came and what to do. ``{came}`` and the other
values are quoted from the file: control characters are removed, long ones are cut.
``{state:encoding}`` asks for an option in the reader's words, see :mod:`geomap.data.files.asking`;
no message names an option of the command line itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from geomap.data.files.asking import Asking, Voice
from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Level = Literal["error", "warning", "note"]

#: Values quoted in a message are cut to this many characters.
QUOTED = 60
#: Row numbers that a message names before it says "and so on"; the finding has them all.
ROWS_NAMED = 10
#: An unknown word is the same finding in every row: it is told once with all rows.
GROUPED_BY_VALUE = frozenset({"bad_type", "bad_choice", "bad_yes_no"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class Message:
    """One kind of finding: how bad it is and how it is said."""

    level: Level
    zh: str
    en: str

    def of(self, language: str) -> str:
        """Give the template in `language`: English for "en", else Chinese."""
        return self.en if language == "en" else self.zh


_TABLES = (FACILITIES, DEMAND, AREAS, CANDIDATES)
#: What is read from columns but is no field of a table.
COLUMN_LABELS: Mapping[str, Label] = {
    "lon": Label("经度", "Longitude"),
    "lat": Label("纬度", "Latitude"),
    "x": Label("X 坐标", "X"),
    "y": Label("Y 坐标", "Y"),
    "lon_lat": Label("经纬度", "Longitude, latitude"),
    "lat_lon": Label("纬经度", "Latitude, longitude"),
    "geometry": Label("位置", "Location"),
    "province": Label("省", "Province"),
    "city": Label("市", "City"),
    "district": Label("区县", "District"),
    "price": Label("收费", "Price"),
}

MESSAGES: Mapping[str, Message] = {
    # The file cannot be used.
    "bad_option": Message(
        "error",
        "文件没有读取，选项有误：{came}。",
        "The file was not read; an option is wrong: {came}.",
    ),
    "not_imported": Message("error", "没有导入任何内容：{came}。", "Nothing was imported: {came}."),
    "file_missing": Message(
        "error",
        "找不到文件 {path}。请检查文件名和所在文件夹。",
        "There is no file {path}. Check its name and folder.",
    ),
    "file_unreadable": Message(
        "error",
        "无法打开 {path}：它是文件夹，或没有读取权限。请给出一个可读的文件。",
        "{path} cannot be opened: it is a folder or may not be read. Give a readable file.",
    ),
    "file_empty": Message(
        "error",
        "文件是空的。需要一行列名和至少一行数据。",
        "The file is empty. It needs a line of column names and at least one row of data.",
    ),
    "file_changed": Message(
        "error",
        "{path} 在读取时被改动。请等它写完或关闭正在编辑它的软件，再试一次。",
        "{path} changed while it was read. Wait until it is written, or close the program "
        "that edits it, and try again.",
    ),
    "took_too_long": Message(
        "error",
        "{expected} 秒内没有读完，已停止，文件没有使用。请在原来的软件里打开检查后重新导出，"
        "或分成几个较小的文件。",
        "Reading was stopped after {expected} seconds; the file was not used. Open it in the "
        "program it comes from and export it again, or split it into smaller files.",
    ),
    "too_much_memory": Message(
        "error",
        "读取所需的内存超过上限 {expected}，已停止，文件没有使用。请删去无关的列，"
        "或分成几个较小的文件。",
        "Reading needs more than {expected} of memory and was stopped; the file was not used. "
        "Delete columns that are not needed, or split it into smaller files.",
    ),
    "reader_failed": Message(
        "error",
        "文件内容无法处理，读取中断，文件没有使用。它可能已损坏："
        "请在原来的软件里打开检查，再另存或重新导出。",
        "The content cannot be processed: reading broke off and the file was not used. It may be "
        "damaged: open it in the program it comes from, and save or export it again.",
    ),
    "no_rows": Message(
        "error",
        "文件里没有数据行。表格请在列名下面填入数据，GeoJSON 请重新导出。",
        "The file has no rows. In a table, put the data below the column names; "
        "export GeoJSON again.",
    ),
    "too_large": Message(
        "error",
        "文件过大：{came}，上限 {expected}。请分成几个文件。",
        "The file is too large: {came}, at most {expected}. Split it into several files.",
    ),
    "too_many_columns": Message(
        "error",
        "有 {came} 列，上限 {expected} 列。请删去无关的列；表格最右边可能有误填的单元格。",
        "It has {came} columns, at most {expected} are read. Delete what is not needed; "
        "a stray cell may stand far to the right.",
    ),
    "format_unknown": Message(
        "error",
        "无法识别文件内容（{came}）。可接收：{expected}。请在原来的软件里另存为其中一种。",
        "The content is not recognised ({came}). Accepted: {expected}. "
        "Save it as one of these in the program it comes from.",
    ),
    "format_mismatch": Message(
        "error",
        "文件名以 {suffix} 结尾，内容却是 {came}。请把文件名改为以 {expected} 结尾，或重新导出。",
        "The name ends in {suffix}, but the content is {came}. "
        "Rename it to end in {expected}, or export it again.",
    ),
    "invalid_xlsx": Message(
        "error",
        "工作簿已损坏，无法打开（{came}）。请在表格软件里打开后另存为 .xlsx。",
        "The workbook is damaged and cannot be opened ({came}). "
        "Open it in a spreadsheet program and save it as .xlsx.",
    ),
    "invalid_json": Message(
        "error",
        "第 {line} 行起 JSON 不完整或有误（{came}）。文件可能没有传完，请重新导出。",
        "The JSON is incomplete or wrong from line {line} ({came}). "
        "The file may be cut short: export it again.",
    ),
    "not_geojson": Message(
        "error",
        "JSON 里没有 GeoJSON 的 FeatureCollection 或 Feature（这里是 {came}）。请导出为 GeoJSON。",
        "The JSON holds no GeoJSON FeatureCollection or Feature (it is {came}). "
        "Export it as GeoJSON.",
    ),
    "unclosed_quote": Message(
        "error",
        "第 {line} 行里的双引号没有配对，其后的内容无法分行。请补上或删去这个引号，或重新导出。",
        "A quotation mark opened in row {line} is never closed, so what follows cannot be split "
        "into rows. Close or delete it, or export the file again.",
    ),
    "encoding_unknown": Message(
        "error",
        "内容不是可识别的文字编码（试过 {expected}）。请另存为 UTF-8，或{state:encoding}。",
        "The content is in no known text encoding (tried {expected}). "
        "Save it as UTF-8, or {state:encoding}.",
    ),
    "encoding_wrong": Message(
        "error",
        "按指定的文字编码 {expected} 无法读取：第 {line} 行有它没有的字符。"
        "文件看起来是 {came}，请改用它。",
        "It cannot be read in the stated text encoding {expected}: line {line} has characters "
        "that it lacks. The file looks like {came}: use that.",
    ),
    "missing_column": Message(
        "error",
        "没有找到“{field}”列；文件里的列是：{came}。请{state:map 列名={name}}。",
        "No column was recognised as {field}; the file has: {came}. "
        "Please {state:map COLUMN={name}}.",
    ),
    "crs_link": Message(
        "error",
        "坐标系写成了网络链接（{came}），不会去访问。请{state:crs}。",
        "The coordinate system is given as a link ({came}), which is never fetched. "
        "Please {state:crs}.",
    ),
    "crs_unknown": Message(
        "error",
        "文件写明的坐标系 {came} 不在可接收之列。请{state:crs}，或导出为 WGS-84 经纬度。",
        "The coordinate system {came} stated in the file is not accepted. "
        "Please {state:crs}, or export it as WGS-84 longitude and latitude.",
    ),
    "crs_missing": Message(
        "error",
        "文件没有写明坐标系（第一个坐标是 {came}），不会替您猜。请{state:crs}；"
        "WGS-84 经纬度写 {expected}，高德或百度的坐标请{state:datum}。",
        "The file does not say in which system its coordinates are (the first is {came}), and it "
        "is never guessed. Please {state:crs}: {expected} for WGS-84 degrees; if they come from "
        "AMap or Baidu, {state:datum}.",
    ),
    "invalid_file": Message(
        "error",
        "文件已损坏或不完整，无法作为{expected}读取（{came}）。请重新导出。",
        "The file is damaged or incomplete and cannot be read as {expected} ({came}). "
        "Export it again.",
    ),
    "part_missing": Message(
        "error",
        "Shapefile 由几个文件组成，这里缺少 {came}。"
        "请把 {expected} 放在一起（或压缩成一个 .zip）再读。",
        "A shapefile consists of several files, and {came} is missing. "
        "Put {expected} together (or into one .zip) and read it again.",
    ),
    "unsafe_archive": Message(
        "error",
        "压缩文件里有不能安全解开的内容（{came}）。请只放需要的文件，重新压缩。",
        "The archive holds what cannot be unpacked safely ({came}). "
        "Pack it again with the needed files only.",
    ),
    "unsafe_database": Message(
        "error",
        "数据库里有不该有的内容（{came}），不会读取。请在 QGIS 里把图层另存为新的 GeoPackage。",
        "The database holds what a plain GeoPackage does not ({came}) and is not read. "
        "Save the layer as a new GeoPackage, in QGIS for example.",
    ),
    "unsafe_xml": Message(
        "error",
        "XML 里有文档类型声明（DOCTYPE），它能引入别的文件，不会读取。请重新导出。",
        "The XML has a document type declaration (DOCTYPE), which can draw in other files; "
        "it is not read. Export the file again.",
    ),
    "only_network_links": Message(
        "error",
        "文件里只有指向网络的链接（{came}），没有数据；不会去访问。请在原来的软件里打开后另存。",
        "The file holds only links to the network ({came}) and no data; they are never followed. "
        "Open it in the program it comes from and save the places themselves.",
    ),
    "no_layer": Message(
        "error",
        "文件里没有可读取的图层（{came}）。请导出含有数据的图层。",
        "The file has no layer that can be read ({came}). Export a layer that holds data.",
    ),
    "osm_nothing": Message(
        "error",
        "OpenStreetMap 数据里有 {came} 个带标签的对象，却没有{expected}。请核对范围和用途。",
        "The OpenStreetMap extract has {came} tagged objects but no {expected}. "
        "Check its extent and what it is read as.",
    ),
    "too_many_cells": Message(
        "error",
        "有 {came} 行、{count} 列，超过 {expected} 个单元格的上限。"
        "请分成几个文件，或删去无关的列。",
        "It has {came} rows and {count} columns, more than the {expected} cells that are read. "
        "Split it into several files, or delete what is not needed.",
    ),
    # How the file was read.
    "network_link": Message(
        "warning",
        "有 {came} 个指向网络的链接没有读取，也不会去访问。请把其中的地点一并保存到文件里。",
        "{came} links to the network were not read and are never followed. "
        "Save the places behind them in the file itself.",
    ),
    "osm_by_name": Message(
        "note",
        "这个对象没有养老机构的标签，只凭名称“{came}”认作养老机构。请核对。",
        "The object has no tag of a care home and was taken for one by its name “{came}”. "
        "Check it.",
    ),
    "header_rows": Message(
        "note",
        "列名占第 {came} 行，已合成一行，如“{expected}”。",
        "The column names stand in rows {came} and were joined, as in “{expected}”.",
    ),
    "merged_cells": Message(
        "note",
        "合并单元格的内容已填入它覆盖的 {count} 行：{came}。",
        "What stands in merged cells was filled into the {count} rows they cover: {came}.",
    ),
    "duplicate_key": Message(
        "warning",
        "同一个对象里“{came}”出现了不止一次；用了最后一个值“{expected}”。请重新导出。",
        "The key “{came}” stands more than once in one object; its last value “{expected}” was "
        "used. Export the file again.",
    ),
    "text_too_long": Message(
        "warning",
        "“{field}”有 {came} 个字，上限 {expected} 个，记为未知。请检查是否误填了别的内容。",
        "{field} has {came} characters, at most {expected} are kept; kept as unknown. "
        "Look whether something else stands there.",
    ),
    "text_cut": Message(
        "warning",
        "列宽不够，文字在一个字中间被截断：{came}。请从原始数据导出为 GeoPackage 或 CSV。",
        "The column was too narrow and the text is cut within a character: {came}. "
        "Export the original data as GeoPackage or CSV.",
    ),
    "empty_feature": Message(
        "error",
        "这个要素既没有属性也没有位置，没有保留。请删去或补上内容。",
        "The feature has neither properties nor a geometry and was not kept. "
        "Delete it or fill it in.",
    ),
    "encoding_ambiguous": Message(
        "warning",
        "按 {came} 读取，但也可能是 {expected}。请核对名称有无乱码；有则{state:encoding}。",
        "Read as {came}, but it may be {expected}. Look whether the names are right; "
        "if not, {state:encoding}.",
    ),
    "encoding_contradicts": Message(
        "warning",
        "指定的编码是 {expected}，文件开头却标明是 {came}；已按 {came} 读取。不用再指定编码。",
        "The encoding was given as {expected}, but the file begins with the mark of {came} "
        "and was read so. You need not give the encoding.",
    ),
    "cell_error": Message(
        "warning",
        "这一行有单元格是公式错误（{came}），按未知处理。请改正公式，或填入值。",
        "A cell of this row is the error of a formula ({came}); kept as unknown. "
        "Correct the formula or fill in the value.",
    ),
    "not_computed": Message(
        "warning",
        "有 {came} 个公式没有存下算出的值，按未知处理。请在表格软件里打开并保存一次，再读。",
        "{came} formulas are stored without the value they compute; kept as unknown. "
        "Open the file in a spreadsheet program, save it and read it again.",
    ),
    "undecodable": Message(
        "warning",
        "有无法还原的字符，已显示为 �：{came}。请在原文件里改正。",
        "Some characters could not be read and show as �: {came}. Correct them in the source.",
    ),
    "nul_bytes": Message(
        "warning",
        "文件里有 {came} 个不该有的空字符，已去掉。请检查数据，最好重新导出。",
        "The file has {came} stray null characters, which were removed. "
        "Check the data, better export it again.",
    ),
    "header_row": Message(
        "note",
        "列名在第 {came} 行；它上面的行没有作为数据读取。",
        "The column names stand in row {came}; the rows above it were not read as data.",
    ),
    "sheet_chosen": Message(
        "note",
        "读取了工作表或图层“{came}”；没有读取：{expected}。要读取其他的，请另存为单独的文件。",
        "The sheet or layer “{came}” was read; not read: {expected}. "
        "To read another, save it as a file of its own.",
    ),
    "duplicate_header": Message(
        "warning",
        "有 {count} 列同名“{came}”；只用了第一列。请改列名，或{state:map}。",
        "{count} columns are named “{came}”; only the first was used. Rename them, or {state:map}.",
    ),
    "column_ambiguous": Message(
        "note",
        "“{field}”取自“{came}”列；“{expected}”列也可能是，没有使用。"
        "不对请{state:map {expected}={name}}。",
        "{field} was read from “{came}”; “{expected}” could be meant too and was not used. "
        "If that is wrong, {state:map {expected}={name}}.",
    ),
    "ragged_row": Message(
        "warning",
        "这一行有 {came} 格，列名只有 {expected} 格；多出的没有读取。请检查是否多了分隔符。",
        "This row has {came} cells, the header {expected}; what is too much was not read. "
        "Look for a delimiter too many.",
    ),
    "short_row": Message(
        "note",
        "这一行只有 {came} 格，列名有 {expected} 格；缺少的当作未知。请检查是否少了分隔符。",
        "This row has {came} cells, the header {expected}; what is missing is unknown. "
        "Look for a delimiter too few.",
    ),
    "unit_converted": Message(
        "note",
        "“{column}”列的单位是 {came}，已乘以 {factor} 换算为“{field}”的单位 {expected}。",
        "The column “{column}” is in {came}; multiplied by {factor} to give {field} in {expected}.",
    ),
    "unit_unclear": Message(
        "warning",
        "“{column}”列的单位是 {came}，而“{field}”需要 {expected}；没有使用这一列。请换算后再读。",
        "The column “{column}” is in {came}, but {field} needs {expected}; it was not used. "
        "Convert it first.",
    ),
    "looks_like_percent": Message(
        "warning",
        "“{column}”列都不超过 100，像是占人口的百分比，而“{field}”需要人数；没有使用。"
        "若是百分比，请{state:map {column}={name}_percent}，会折算成人数。",
        "No value of “{column}” is over 100: it looks like a percentage of the population, but "
        "{field} needs people; it was not used. If it is, {state:map {column}={name}_percent}.",
    ),
    "computed_from_percent": Message(
        "note",
        "“{field}”由人口乘以“{column}”列的百分比得出。",
        "{field} was computed as population times the percentage in “{column}”.",
    ),
    "computed_from_bands": Message(
        "note",
        "“{field}”由 {came} 个年龄组相加得出：{expected}。",
        "{field} was computed as the sum of {came} age groups: {expected}.",
    ),
    "decimal_comma": Message(
        "note",
        "“{column}”列按小数逗号读取：{came} 读作 {expected}。",
        "The column “{column}” was read with decimal commas: {came} as {expected}.",
    ),
    "rounded": Message(
        "note",
        "“{field}”需要整数，{came} 已四舍五入为 {expected}。",
        "{field} is a whole number; {came} was rounded to {expected} (half up).",
    ),
    "date_incomplete": Message(
        "note",
        "“{field}”只写到年或月（{came}），记为 {expected}。知道日子的请补全。",
        "{field} gives only a year or month ({came}) and is kept as {expected}. "
        "Complete it where the day is known.",
    ),
    "url_completed": Message(
        "note",
        "“{field}”没有写 http://，{came} 记为 {expected}。",
        "{field} lacks http://; {came} is kept as {expected}.",
    ),
    "zero_capacity": Message(
        "note",
        "“{field}”为 0，按 0 保留。如果 0 表示“未填”，请把单元格留空。",
        "{field} is 0 and kept as 0. If 0 stands for “not stated”, leave the cell empty.",
    ),
    # Rows and ids.
    "missing_name": Message(
        "error",
        "没有名称，这一行没有保留。请补上“{field}”。",
        "The row has no name and was not kept. Fill in {field}.",
    ),
    "no_record": Message(
        "error",
        "“{came}”像是合计、注释或重复的列名，不是一条记录，没有保留。若是，请改名称。",
        "“{came}” looks like a total, a remark or the column names again, not a record, and was "
        "not kept. If it is one, change its name.",
    ),
    "bad_feature": Message(
        "error",
        "不是 GeoJSON 的 Feature（{came}），没有保留。请重新导出。",
        "It is no GeoJSON Feature ({came}) and was not kept. Export the file again.",
    ),
    "duplicate_id": Message(
        "warning",
        "编号 {came} 与第 {expected} 行相同；这一行另按内容编号。请给每行不同的编号。",
        "The id {came} is that of row {expected} too; this row got one made from its content. "
        "Give every row its own id.",
    ),
    "unsafe_id": Message(
        "note",
        "编号 {came} 含有网址不能用的字符，记为 {expected}。",
        "The id {came} has characters that a web address cannot hold; it is kept as {expected}.",
    ),
    "duplicate_row": Message(
        "warning",
        "与第 {expected} 行完全相同，两行都保留了。若是重复，请删去一行。",
        "It equals row {expected} in every cell; both were kept. "
        "If it is a repetition, delete one.",
    ),
    "possible_duplicate": Message(
        "warning",
        "名称和地址与第 {expected} 行相同，其他内容不同，两行都保留了。请确认是否同一家。",
        "Name and address are those of row {expected}, other cells differ; both were kept. "
        "Check whether it is the same place.",
    ),
    "duplicate_location": Message(
        "note",
        "{came} 个不同名称的坐标完全相同（{expected}）。同一楼宇属正常，否则请核对。",
        "{came} different names have exactly the same coordinates ({expected}). "
        "Right in one building; otherwise check them.",
    ),
    # Values.
    "bad_type": Message(
        "warning",
        "类型“{came}”不在可用之列（{expected}），名称也看不出，记为“{given}”。"
        "请改用其中之一，或{state:type}。",
        "The type “{came}” is none of {expected}, and the name does not tell; kept as {given}. "
        "Use one of these, or {state:type}.",
    ),
    "bad_choice": Message(
        "warning",
        "“{field}”不认识“{came}”，记为未知。可用：{expected}。",
        "{field} does not know “{came}”; kept as unknown. Use: {expected}.",
    ),
    "bad_yes_no": Message(
        "warning",
        "“{field}”需要“是”或“否”，这里是“{came}”，记为未知。请改为其中之一。",
        "{field} needs yes or no, got “{came}”; kept as unknown. Write one of them.",
    ),
    "bad_number": Message(
        "warning",
        "“{field}”需要数字，这里是“{came}”，记为未知。请只填数字。",
        "{field} needs a number, got “{came}”; kept as unknown. Write digits only.",
    ),
    "not_finite": Message(
        "warning",
        "“{field}”需要一个普通的数字，这里是“{came}”，记为未知。请改正或留空。",
        "{field} needs an ordinary number, got “{came}”; kept as unknown. "
        "Correct it or leave it empty.",
    ),
    "negative_value": Message(
        "warning",
        "“{field}”不能为负，这里是 {came}，记为未知。请改正。",
        "{field} cannot be negative, got {came}; kept as unknown. Correct it.",
    ),
    "bad_range": Message(
        "warning",
        "“{field}”应在 {expected} 之间，这里是 {came}，记为未知。请改正。",
        "{field} must lie within {expected}, got {came}; kept as unknown. Correct it.",
    ),
    "bad_date": Message(
        "warning",
        "“{field}”需要日期，如 2025-07-01，这里是“{came}”（{why}），记为未知。请改正。",
        "{field} needs a date such as 2025-07-01, got “{came}” ({why}); kept as unknown. "
        "Correct it.",
    ),
    "bad_phone": Message(
        "warning",
        "“{field}”不像电话号码：“{came}”，记为未知。请写区号和号码，如 021-62581234。",
        "{field} is no plausible telephone number: “{came}”; kept as unknown. "
        "Write area code and number, such as 021-62581234.",
    ),
    "bad_url": Message(
        "warning",
        "“{field}”不是网址：“{came}”，记为未知。请写成 https://… 。",
        "{field} is no web address: “{came}”; kept as unknown. Write it as https://… .",
    ),
    "bad_code": Message(
        "warning",
        "“{field}”应是 2 至 12 位数字，这里是“{came}”，记为未知。请改正。",
        "{field} must be 2 to 12 digits, got “{came}”; kept as unknown. Correct it.",
    ),
    "bad_price": Message(
        "warning",
        "看不懂收费“{came}”，记为未知。请写每月多少元，如 3000-5000。",
        "The price “{came}” is not understood; kept as unknown. "
        "Write yuan a month, such as 3000-5000.",
    ),
    "inconsistent": Message(
        "warning",
        "“{field}”是 {came}，超过了“{other}”的 {expected}；两者都保留了。请核对。",
        "{field} is {came}, more than the {expected} of {other}; both were kept. Check them.",
    ),
    # Places. The row is kept; where the place is impossible it waits for a location.
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
# One code for each datum, so that an office can look it up; the sentence is the same.
MESSAGES = dict(MESSAGES) | {
    f"looks_like_{datum}": MESSAGES["looks_like_other_datum"]
    for datum in ("wgs84", "gcj02", "bd09")
}


def phrase(  # noqa: PLR0913 (what is said, and to whom)
    code: str,
    field: str | None,
    values: Mapping[str, object],
    rows: Sequence[int],
    language: str,
    *,
    voice: Voice = "command",
) -> str:
    """Say one finding in `language`, quoting its values safely.

    Parameters
    ----------
    code, field, values, rows : of the finding.
    language : "zh" or "en".
    voice : to whom: someone at the command line, at the form, or an office that gets a reply.

    Examples
    --------
    >>> phrase("negative_value", "beds_total", {"came": "-3"}, (), "en")
    'Beds (beds_total) cannot be negative, got -3; kept as unknown. Correct it.'
    >>> phrase("zero_capacity", "beds_total", {}, (2, 5), "zh")
    '“床位总数（beds_total）”为 0，按 0 保留。如果 0 表示“未填”，请把单元格留空。（共 2 行：2、5）'
    >>> phrase("zero_capacity", "beds_total", {}, (), "zh", voice="form")
    '“床位总数”为 0，按 0 保留。如果 0 表示“未填”，请把单元格留空。'
    """
    texts: dict[str, object] = {key: shown(value, language) for key, value in values.items()}
    if field is not None:
        texts |= {"field": _label(field, language, voice), "name": field}
    sentence = MESSAGES[code].of(language).format_map(texts | {"state": Asking(language, voice)})
    example = texts.get("example")
    if example is not None:
        of_row = f"For example row {example}: " if language == "en" else f"如第 {example} 行："
        sentence = of_row + sentence
    return sentence + _all_rows(rows, language)


def _all_rows(rows: Sequence[int], language: str) -> str:
    """Say which rows are meant, where there are several."""
    if not rows:
        return ""
    named = (", " if language == "en" else "、").join(str(row) for row in rows[:ROWS_NAMED])
    more = " …" if len(rows) > ROWS_NAMED else ""
    if language == "en":
        return f" ({len(rows)} rows: {named}{more})"
    return f"（共 {len(rows)} 行：{named}{more}）"


def field_label(field: str, language: str) -> str:
    """Name a field, or what else is read from columns, as the reader calls it.

    Examples
    --------
    >>> field_label("beds_total", "zh"), field_label("lon", "en"), field_label("phone_source", "en")
    ('床位总数', 'Longitude', 'phone_source')
    """
    for table in _TABLES:
        if field in table.by_name:
            return table.by_name[field].label.of(language)
    return COLUMN_LABELS[field].of(language) if field in COLUMN_LABELS else field


def shown(value: object, language: str = "zh") -> str:
    r"""Quote a value: one line, no control characters, at most ``QUOTED`` characters.

    Examples
    --------
    >>> shown("甲\x00\n乙")
    '甲 乙'
    >>> len(shown("长" * 200))
    60
    """
    if isinstance(value, Label):
        return value.of(language)
    if isinstance(value, list | tuple):
        return (", " if language == "en" else "、").join(shown(each, language) for each in value)
    text = _CONTROL.sub(" ", str(value)).strip()
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


@cache
def _label(field: str, language: str, voice: Voice) -> str:
    """Name a field as the reader calls it; whoever types commands is told its geomap name too."""
    label = field_label(field, language)
    if voice != "command" or not any(field in table.by_name for table in _TABLES):
        return label
    return f"{label} ({field})" if language == "en" else f"{label}（{field}）"
