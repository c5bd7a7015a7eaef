"""What is said of how a file was opened and its columns were understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.data.files.findings.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENED: Mapping[str, Message] = {
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
}
