"""What ``/docs`` says in the reader's language: how the API is used, and the definition."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from geomap.find.filters import GROUPS, NOT_KNOWN
from geomap.model.area import LEVELS
from geomap.model.facility import FACILITIES, TYPES
from geomap.model.scenario import KIND_LABELS
from geomap.web.api.docs_chinese import CHINESE
from geomap.web.api.facility_parameters import FacilitiesParameters
from geomap.web.api.fields import labelled, types_field
from geomap.web.api.openapi_schemas import of_field
from geomap.web.query import FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.find.filters import Group
    from geomap.model.table import Field, Label

#: The members of a definition that are sentences.
_SENTENCES = ("summary", "description")


def use() -> Sequence[tuple[str, str]]:
    """Say how the API is used: headings with a paragraph each, code between back quotes."""
    return [
        (_("读取"), _(
            "几何按 RFC 7946 的 GeoJSON，经度在前，纬度在后，WGS 84。不知道的值是 `null`，"
            "不写成 0 或“没有”。列表用 `limit` 和 `offset` 分页，跟着链接 `next` 走。编号不"
            "会变。机构还可以要逐行 GeoJSON、CSV 和 GeoParquet：写 `f=ndjson`、`f=csv`、"
            "`f=parquet`，或者用 `Accept`。地址最长 65,536 字节，再长回答 414。"
        )),
        (_("错误"), _(
            "错误按 RFC 9457 的格式说明。参数没有定义或者超出范围，回答 400，写明参数名和允"
            "许的值；参数互相矛盾，或者与这里的数据矛盾，回答 409。"
        )),
        (_("缓存"), _(
            "回答带 `ETag`；再问时带上 `If-None-Match`，没有变化就回答 304。"
        )),
        (_("时间长的计算"), _(
            "先回答 202 和一个任务：按 `Location` 查进度，状态变成 `done` 后读 `result`。"
        )),
        (_("次数限制"), _(
            "管理员设了限制时，回答带 `RateLimit-Limit`、`RateLimit-Remaining` 和 "
            "`RateLimit-Reset`（秒）；429 在 `Retry-After` 里写明多久后再来。在 `X-API-Key`"
            " 里或作为 bearer 令牌带上密钥，可以问得更多。没有设限制时不需要密钥。"
        )),
        (_("变更"), _(
            "第 1 版里参数和成员只增加，不删除，也不改含义：遇到不认识的成员请忽略。要停用"
            "的至少提前 12 个月预告：写在 `Deprecation`（RFC 9745）和 `Sunset`（RFC 8594）"
            "里、这一页和变更记录里。"
        )),
    ]  # fmt: skip


def in_chinese(told: Any) -> Any:  # noqa: ANN401 (JSON)
    """Say a definition in Chinese; examples stay as programs get them.

    Parameters
    ----------
    told : a definition in English, or a part of it. A sentence without a translation stays.
    """
    if isinstance(told, list):
        return [in_chinese(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        name: _sentences().get(each, each) if name in _SENTENCES and isinstance(each, str)
        else each if name == "example" else in_chinese(each)
        for name, each in told.items()
    }  # fmt: skip


@cache
def _sentences() -> Mapping[str, str]:
    """Translate what is said, with what is put together of labels."""
    fields = FacilitiesParameters().fields
    return {
        **CHINESE,
        types_field().metadata["description"]:
            f"机构类型，可重复给出或用逗号隔开：{_labelled(TYPES)}",
        **{fields[name].metadata["description"]: _filter(GROUPS[name]) for name in FILTERS},
        **{of_field(each)["description"]: _column(each) for each in FACILITIES.fields},
        **{labelled(each): _labelled(each) for each in (LEVELS, KIND_LABELS)},
    }  # fmt: skip


def _labelled(choices: Mapping[str, Label]) -> str:
    return "、".join(f"`{name}`（{each.zh}）" for name, each in choices.items())


def _filter(group: Group) -> str:
    """Say what the parameter of a group of filters takes."""
    besides = CHINESE.get(group.besides, "")
    offered = "、".join(
        filter(None, (_labelled(group.choices), besides, f"`{NOT_KNOWN}`（不知道）"))
    )
    fits = "要全部符合" if group.needs == "all" else "符合任何一个就行"
    return f"{group.label.zh}：{offered}；给出几个时，{fits}"


def _column(field: Field) -> str:
    """Say what a column of facilities holds."""
    unit = "" if field.unit is None else f"（{field.unit.zh}）"
    return f"{field.label.zh}{unit}" + (f"：{_labelled(field.choices)}" if field.choices else "")
