"""The accessibility statement: each claim stands in a table and names the tests that show it.

A test shows a claim by the mark ``shows`` with the claim's key; a claim without such a test, or a
mark without a claim, fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import render_template
from flask_babel import gettext as _

from geomap.web.pages import current_reader
from geomap.web.wording import day

if TYPE_CHECKING:
    from collections.abc import Sequence

accessibility = APIBlueprint("accessibility", __name__, enable_openapi=False)

#: The day on which somebody last compared the statement with the rules and the pages.
CHECKED_ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Claim:
    """One thing that is said to be met.

    Attributes
    ----------
    key : what the tests that show it are marked with.
    basis : the rule and clause it answers.
    said : the claim.
    """

    key: str
    basis: str
    said: str


def rules() -> Sequence[str]:
    """Name the rules."""
    return (
        _("WCAG 2.2（W3C 网页内容无障碍指南）AA 级；长辈版的文字对比度达到 AAA 级。"),
        _("工业和信息化部《互联网网站适老化通用设计规范》，下面写“网站规范”。"),
        _("工业和信息化部《移动互联网应用（APP）适老化通用设计规范》，下面写“APP 规范”。"),
    )


def all_pages() -> Sequence[Claim]:
    """Say what is met on all pages."""
    return (
        Claim("axe", "WCAG 2.2 A, AA", _("每一页、两种语言、亮色暗色，自动检查没有一处违反。")),
        Claim(
            "keyboard",
            _("WCAG 2.1.1、2.1.2；网站规范：全程键盘"),
            _("只用键盘能做完每一件事，焦点不会被困住。"),
        ),
        Claim("focus", "WCAG 2.4.7, 2.4.11", _("焦点在哪里看得清，不会被挡住。")),
        Claim(
            "target-44",
            _("WCAG 2.5.8；APP 规范 2.1"),
            _("按钮和链接至少 44×44 像素，正文里的链接除外。"),
        ),
        Claim("reflow", "WCAG 1.4.10", _("320 像素宽的屏幕不用左右滑动。")),
        Claim("spacing", "WCAG 1.4.12", _("加大行距、字距后，文字不会被截断。")),
        Claim(
            "colour",
            _("WCAG 1.4.1；APP 规范 1.4"),
            _("空床、住满、未知、风险都有文字和图形，不只靠颜色。"),
        ),
        Claim("language", "WCAG 3.1.1, 3.1.2", _("页面语言和夹在中间的外文都有标记。")),
        Claim(
            "no-script",
            "WCAG 2.2",
            _("关掉 JavaScript 也能搜索、看列表、看详情、收藏、对比、打印、开长辈版。"),
        ),
        Claim("help", "WCAG 3.2.6", _("每一页下面同一个位置都有求助电话。")),
    )


def elder_mode() -> Sequence[Claim]:
    """Say what is met in elder mode."""
    return (
        Claim(
            "entry",
            _("APP 规范 3.1"),
            _("每一页上面都有“长辈版”；搜索“长辈版”“关怀版”“亲情版”也能找到。"),
        ),
        Claim(
            "text-size",
            _("APP 规范 1.1；网站规范：大字"),
            _("正文 20、24 或 30 像素，最小的字不小于 18 像素。"),
        ),
        Claim("line-height", _("APP 规范 1.2"), _("行距 1.7 倍，段落间距不小于行距的 1.3 倍。")),
        Claim("contrast", _("WCAG 1.4.6；APP 规范 1.3"), _("白底和黑底的文字对比度都不小于 7:1。")),
        Claim(
            "target-60",
            _("WCAG 2.5.5；APP 规范 2.1"),
            _("按钮至少 60×60 像素，首页的大按钮高 84 像素。"),
        ),
        Claim(
            "read-aloud",
            _("网站规范：语音阅读"),
            _("浏览器有本地语音时可以朗读，同一个按钮停止；没有时不显示。"),
        ),
        Claim("pointer", _("网站规范：特大鼠标"), _("用鼠标时可以打开 64 像素的大指针和阅读线。")),
        Claim(
            "no-popup", _("APP 规范 2.4、5.1"), _("没有弹窗，没有广告，没有诱导下载或付款的按钮。")
        ),
        Claim("no-limit", _("WCAG 2.2.1；APP 规范 2.3"), _("没有时间限制，页面不会自己变。")),
        Claim("motion", "WCAG 2.3.3", _("没有会动的东西；系统要求减少动画时也照做。")),
        Claim("undo", _("WCAG 3.3.4；网站规范：撤销"), _("每次改动都能改回来，随时可以退出。")),
        Claim(
            "task", _("网站规范：全程键盘"), _("从一家机构的名字到“打电话”，按 Tab 键不超过 7 次。")
        ),
    )


def privacy() -> Sequence[Claim]:
    """Say what is met for the privacy of those who search."""
    return (
        Claim(
            "private",
            _("APP 规范 5.2"),
            _(
                "写下的住址不进入网址、标题、日志，也不发给别的网站；"
                "位置只保留三位小数，约 100 米。"
            ),
        ),
    )


def not_met() -> Sequence[str]:
    """Say what is not met, or not known to be."""
    return (
        _("地图本身看不见的人用不了；地图上的每一家机构都在列表里。"),
        _("地图上靠得很近的符号会互相遮住，放大后才分得开。"),
        _("机构自己写的名称和说明可能有错字，也可能不是大白话。"),
        _("朗读用的是浏览器的声音，有些地名、人名会念错；没有方言。"),
        _("“核对名单”的标注副本只保留几十分钟，“告诉我们”的表打开太久要再发一次。"),
        _("没有手语视频，没有一键接通的人工客服，只有求助电话。"),
        _("还没有请老人和残疾人成组试用过。"),
    )


def all_claims() -> Sequence[Claim]:
    """Give every claim of the statement."""
    return (*all_pages(), *elder_mode(), *privacy())


@accessibility.get("/accessibility")
def statement() -> str:
    """Show the statement."""
    reader = current_reader()
    groups = [
        (_("所有网页"), all_pages()),
        (_("长辈版"), elder_mode()),
        (_("隐私"), privacy()),
    ]
    return render_template(
        "accessibility.html",
        rules=rules(),
        groups=groups,
        not_met=not_met(),
        checked_on=day(CHECKED_ON, reader.language, today=reader.today),
    )
