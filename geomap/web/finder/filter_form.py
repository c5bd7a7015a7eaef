"""The filter form of the finder: groups, counts, what is applied, and what to drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.find.filters import GROUPS, NOT_KNOWN, UNRATED
from geomap.find.walking import SENIOR_MPS
from geomap.model.facility import TYPES
from geomap.model.rating import scheme_of
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.finder.filters import DISTANCES_M, ORDERS, WALKS_MIN
from geomap.web.language import page_url
from geomap.web.query import FILTERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from geomap.web.finder.answer import FinderAnswer, FinderQuery

_NOT_STATED = Label("未说明", "Not stated")
_NOT_KNOWN = Label("未知", "Not known")
_ORDER_WORDS = {
    "distance": Label("距离最近", "Nearest first"),
    "price": Label("费用最低", "Lowest fee first"),
    "beds": Label("空床最多", "Most free beds first"),
    "rating": Label("评级最高", "Best rating first"),
}
#: Questions that nearly everybody has are open; the rest opens when asked, or when in use.
_OPEN = ("beds", "accepts")
_MORE = ("admits_private", "prepay_escrow", "fire_cert", "risk")
#: Drops of a filter that are offered where nothing fits.
_MOST_DROPS = 4


@dataclass(frozen=True)
class Option:
    """One choice, with what ticking it would leave."""

    name: str
    value: str
    label: str
    count: str | None
    chosen: bool


@dataclass(frozen=True)
class FilterGroup:
    """One block of the form: boxes, or dots where one answer excludes the others."""

    key: str
    label: str
    options: Sequence[Option]
    single: bool = False
    hint: str | None = None
    open: bool = False


@dataclass(frozen=True)
class Step:
    """A next step: a filter to take away, an order to choose."""

    label: str
    href: str
    chosen: bool = False


@dataclass(frozen=True)
class FilterForm:
    """Everything that the template writes of filters.

    Parameters
    ----------
    groups : the questions.
    hidden : (name, value) of what the form keeps: the place and the order.
    kept : (name, value) of what a new search keeps: types, choices, order.
    applied : what is in force, each with the list without it.
    clear_href : the list without any filter; None where nothing is in force.
    orders : how the list may be sorted.
    submit : the words of the button.
    """

    groups: Sequence[FilterGroup]
    hidden: Sequence[tuple[str, str]]
    kept: Sequence[tuple[str, str]]
    applied: Sequence[Step]
    clear_href: str | None
    orders: Sequence[Step]
    submit: str

    @property
    def order(self) -> str:
        """Name the order in force."""
        return next((each.label for each in self.orders if each.chosen), _("排序"))


def filter_form(answer: FinderAnswer, language: str) -> FilterForm:
    """Put the filters of an answer into words."""
    query = answer.query
    groups = [_group(name, answer, language) for name in GROUPS if name not in _MORE]
    if answer.point is not None:
        groups[4:4] = [
            _distance_group(answer, language),
            _walk_group(query, streets=answer.streets),
        ]
    groups.append(_more_group(answer, language))
    applied = list(_applied(query, language))
    submit = ngettext(
        "看 %(total)s 家结果", "看 %(total)s 家结果", answer.total, total=f"{answer.total:,}"
    )
    return FilterForm(
        groups=groups,
        hidden=_pairs(query, without=(*GROUPS, "within", "walk", "unsure", "page")),
        kept=_pairs(query, without=("q", "lon", "lat", "located", "unsure", "page")),
        applied=applied,
        clear_href=_without_all(query) if applied else None,
        orders=_orders(answer, language),
        submit=submit,
    )


def drops(answer: FinderAnswer, language: str) -> list[Step]:
    """Offer, where nothing fits, the single filters whose loss finds something, the most first."""
    query = answer.query
    steps = []
    for each in answer.relaxed[:_MOST_DROPS]:
        if each.count:
            label = GROUPS[each.name].label.of(language)
            said = _("不限%(group)s：有 %(count)s 家", group=label, count=f"{each.count:,}")
            steps.append(Step(said, _without(query, each.name)))
    wider = next((far for far, count in answer.within.items() if count), None)
    reach_m = query.filters.reach_m
    if wider is not None and reach_m is not None and wider > reach_m:
        far = wording.distance(wider, language)
        count = f"{answer.within[wider]:,}"
        said = _("距离放宽到 %(far)s：有 %(count)s 家", far=far, count=count)
        steps.append(Step(said, _here(query, within=wider, walk=None)))
    if answer.unsure and not query.filters.unsure:
        said = _("把信息不全、可能符合的也算上：有 %(count)s 家", count=f"{answer.unsure:,}")
        steps.append(Step(said, _here(query, unsure=1)))
    if len(list(_applied(query, language))) > 1:
        steps.append(Step(_("清除全部条件"), _without_all(query)))
    return steps


def _here(query: FinderQuery, **changes: object) -> str:
    """Give the address of the finder with some parameters changed, on its first page."""
    return page_url("pages.finder", **query.parameters(**{"page": None, **changes}))


def _without(query: FinderQuery, name: str) -> str:
    """Give the list without one criterion."""
    return _here(query, **{name: None})


def _without_all(query: FinderQuery) -> str:
    """Give the list without any filter."""
    names = (*FILTERS, "type", "within", "walk", "unsure")
    return _here(query, **dict.fromkeys(names))


def _pairs(query: FinderQuery, *, without: Collection[str]) -> list[tuple[str, str]]:
    """Write what a form keeps of the query."""
    return [
        (name, str(each))
        for name, value in query.parameters().items()
        if name not in without
        for each in (value if isinstance(value, list) else [value])
    ]


def _orders(answer: FinderAnswer, language: str) -> list[Step]:
    """Offer the orders; by distance only where there is a point."""
    query = answer.query
    now = query.filters.order or ("distance" if answer.point else None)
    offered = [each for each in ORDERS if each != "distance" or answer.point]
    return [
        Step(
            _ORDER_WORDS[each].of(language),
            _here(
                query,
                sort=None if each == "distance" else each,
                unsure=query.filters.unsure or None,
            ),
            chosen=each == now,
        )
        for each in offered
    ]


def _group(name: str, answer: FinderAnswer, language: str) -> FilterGroup:
    """Make the block of one question."""
    query = answer.query
    chosen = query.types if name == "type" else query.filters.chosen.get(name, ())
    single = name == "price"
    options = [
        Option(name, value, choice_label(name, value, language), f"{count:,}", value in chosen)
        for value, count in answer.counts[name].items()
        if _is_offered(name, value, count, chosen)
    ]
    if single:
        none = Option(name, "", _("不限"), None, chosen=not chosen)
        options = [none, *options]
    return FilterGroup(
        name,
        GROUPS[name].label.of(language),
        options,
        single=single,
        open=name in _OPEN or bool(chosen),
    )


def _is_offered(name: str, value: str, count: int, chosen: Sequence[str]) -> bool:
    """Leave out what nobody has: levels that do not occur; every home has a type."""
    if name == "type":
        return value != NOT_KNOWN
    return name != "rating" or count > 0 or value in chosen or value == NOT_KNOWN


def _more_group(answer: FinderAnswer, language: str) -> FilterGroup:
    """Gather the questions that are answered by yes or not known."""
    filters = answer.query.filters
    options = [
        Option(
            name,
            value,
            _more_label(name, value, language),
            f"{count:,}",
            value in filters.chosen.get(name, ()),
        )
        for name in _MORE
        for value, count in answer.counts[name].items()
    ]
    return FilterGroup("more", _("更多"), options, open=any(each.chosen for each in options))


def _more_label(name: str, value: str, language: str) -> str:
    """Name a choice among others of other questions."""
    group = GROUPS[name].label.of(language)
    if value == NOT_KNOWN:
        return Label(f"{group}：{_NOT_KNOWN.zh}", f"{group}: {_NOT_KNOWN.en.lower()}").of(language)
    if value == "yes":
        return group
    return Label(f"{group}：{GROUPS[name].choices[value].zh}", GROUPS[name].choices[value].en).of(
        language
    )


def _distance_group(answer: FinderAnswer, language: str) -> FilterGroup:
    """Make the block of the straight-line distance."""
    now = answer.query.filters.within_m
    offered = [*DISTANCES_M, *([now] if now and now not in DISTANCES_M else [])]
    options = [Option("within", "", _("不限"), None, chosen=now is None)]
    options += [
        Option(
            "within",
            str(far),
            wording.distance(far, language),
            f"{answer.within[far]:,}" if far in answer.within else None,
            chosen=far == now,
        )
        for far in sorted(offered)
    ]
    return FilterGroup(
        "within", _("直线距离"), options, single=True, hint=None, open=now is not None
    )


def _walk_group(query: FinderQuery, *, streets: bool) -> FilterGroup:
    """Make the block of the walk: an estimate, along the streets where these are known."""
    now = query.filters.walk_min
    offered = sorted({*WALKS_MIN, *([now] if now else [])})
    options = [Option("walk", "", _("不限"), None, chosen=now is None)]
    options += [
        Option("walk", str(each), _("%(minutes)s 分钟以内", minutes=each), None, chosen=each == now)
        for each in offered
    ]
    hint = _("估计：每秒走 %(speed)s 米，路比直线长三成。", speed=SENIOR_MPS)
    if streets:
        hint = _(
            "估计：每秒走 %(speed)s 米；有街道的地方沿街道算，别处按直线加三成。", speed=SENIOR_MPS
        )
    return FilterGroup("walk", _("步行时间"), options, single=True, hint=hint, open=now is not None)


def choice_label(name: str, value: str, language: str) -> str:
    """Name one choice of a group as the form does.

    Examples
    --------
    >>> choice_label("rating", "beijing|3", "zh"), choice_label("beds", "unknown", "en")
    ('北京三星（共五星）及以上', 'Not stated')
    """
    if value == NOT_KNOWN:
        return _NOT_STATED.of(language)
    choices = GROUPS[name].choices
    if value in choices:
        return choices[value].of(language)
    if name == "price":
        return Label(f"{int(value):,} 元以内", f"up to ¥{int(value):,}").of(language)
    scheme, _bar, level = value.partition("|")
    said = scheme_of(scheme).level(int(level), language)
    return said if level == "5" else Label(f"{said}及以上", f"{said} or better").of(language)


def applied_labels(query: FinderQuery, language: str) -> list[str]:
    """Name the types and filters in force."""
    return [each.label for each in _applied(query, language)]


def _applied(query: FinderQuery, language: str) -> Iterator[Step]:
    """Say what is in force."""
    filters = query.filters
    for kind in query.types:
        rest = [each for each in query.types if each != kind]
        yield Step(TYPES[kind].of(language), _here(query, type=rest))
    for name, chosen in filters.chosen.items():
        for value in chosen:
            rest = [each for each in chosen if each != value]
            yield Step(_applied_label(name, value, language), _here(query, **{name: rest}))
    if filters.within_m is not None:
        far = wording.distance(filters.within_m, language)
        yield Step(_("直线 %(far)s内", far=far), _here(query, within=None))
    if filters.walk_min is not None:
        said = _("步行 %(minutes)s 分钟内", minutes=filters.walk_min)
        yield Step(said, _here(query, walk=None))


def _applied_label(name: str, value: str, language: str) -> str:
    """Name a choice so that it says what is asked, alone."""
    if name in _MORE:
        return _more_label(name, value, language)
    said = choice_label(name, value, language)
    if value in (NOT_KNOWN, "none", UNRATED):
        group = GROUPS[name].label.of(language)
        return Label(f"{group}：{said}", f"{group}: {said.lower()}").of(language)
    return said
