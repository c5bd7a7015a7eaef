"""What is said of rows, their ids and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.data.files.findings.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

ROWS: Mapping[str, Message] = {
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
    "duplicate_locations": Message(
        "note",
        "坐标与另一名称的一行完全相同（文件里共有 {came} 处这样的位置）。"
        "同一楼宇属正常，否则请核对。",
        "The coordinates are exactly those of a row of another name (the file has {came} such "
        "places). Right in one building; otherwise check them.",
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
}
