"""How a report's numbers came about, and what they cannot say, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.web.plan.beyond import beyond_streets
from geomap.web.plan.page import without_ground

if TYPE_CHECKING:
    from geomap.plan.review import PlanReview


def methods(found: PlanReview) -> list[str]:
    """Say how it was worked out."""
    way = _("距离是地球椭球面上的直线距离，正好等于标准也算够得到。")
    if found.question.minutes is not None:
        way = _("沿步行道路走到机构的最短路程；阶梯、私家路和障碍按规则处理，走不到的路段不算。")
    people = _("人口按需求点或地块落在服务范围内的面积比例计算，不用中心点代替。")
    if found.evenly:
        people = _("没有需求点：各地区的人口按面积平均分布估算。")
    said = [
        way,
        _("按几何位置选机构，不按行政区：界外邻近的机构也算。"),
        people,
        _("空白区 = 地区 − 服务范围，在等积投影下量面积；碎片计入合计，不列入清单。"),
        _("够得到的床位用两步移动搜寻法（E2SFCA，高斯衰减）：近的算得多，同一张床位不重复算。"),
        _("指标只用已知的值；未知的不当作“没有”，从基数里去掉，并在旁边写出个数。"),
        _("停办、在建、规划的机构不算；没有位置的机构只计数，不参与够得到的计算。"),
    ]
    return [str(each) for each in said]


def caveats(found: PlanReview) -> list[str]:
    """Say what to keep in mind."""
    said = []
    if found.question.minutes is None:
        said.append(_("直线会高估能走到的范围：在方格街道上，直线圈比实际走得到的大约大 84%。"))
    missing = found.counts.get("without_place", 0)
    if missing:
        said.append(_("%(n)s 家机构没有位置，够得到的人可能更多。", n=f"{missing:,}"))
    off = found.counts.get("off_network", 0)
    if off:
        said.append(_("%(n)s 家机构离路网太远，没有算它们的步行范围。", n=f"{off:,}"))
    if found.unknown_rows:
        said.append(_("%(n)s 处需求点的人数未知，没有算进去。", n=f"{found.unknown_rows:,}"))
    if found.without_place_rows:
        said.append(_("%(n)s 处需求点没有位置，没有算进去。", n=f"{found.without_place_rows:,}"))
    said += beyond_streets(found)
    undrawn = without_ground(found)
    if undrawn:
        said.append(_("%(n)s 个地区没有界线，里面的空白区未知。", n=f"{undrawn:,}"))
    if found.on is None:
        said.append(_("数据里没有日期，凡是“今年”的指标都没有算。"))
    return [str(each) for each in said]
