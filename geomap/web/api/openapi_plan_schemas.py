"""The documents of the planner's verbs as JSON Schema 2020-12, for OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from geomap.data.job_state import State
from geomap.model.area import LEVELS
from geomap.model.facility import TYPES
from geomap.model.scenario import KIND_LABELS
from geomap.plan.review import WEIGHTS
from geomap.plan.siting.answer import MODELS, Status
from geomap.web.api.fields import labelled
from geomap.web.api.openapi_parts import (
    ADDRESS,
    COUNT,
    NUMBER,
    TEXT,
    YES_NO,
    array_of,
    choice_of,
    collection,
    feature,
    object_of,
    or_null,
    paged,
    reference,
    said,
)
from geomap.web.plan.ask import LINE, WALK

if TYPE_CHECKING:
    Document = dict[str, Any]

_SHARE: Final = {"type": ["number", "null"], "minimum": 0, "maximum": 1}


def plan_schemas() -> Document:
    """Write every schema of the planner's verbs, by its name."""
    return {
        "Standard": _standard(), "Cut": _cut(), "Counts": _counts(),
        "AreaCoverage": _area_coverage(), "Coverage": _coverage(),
        "Gap": _ground_feature(_gap()), "Gaps": collection("Gap", **_told()),
        "Indicators": _ground_feature(_indicators()),
        "AreaIndicators": collection("Indicators", **_told()),
        "Job": _job(), "Site": feature(_site(), reference("Point")), "Sites": _sites(),
        "Scenario": _scenario(), "Scenarios": _scenarios(),
        "ScenarioWithChanges": _with_changes(), "Figures": _figures(), "Effect": _effect(),
    }  # fmt: skip


def _ground_feature(properties: Document) -> Document:
    """Write a Feature that is ground."""
    ground = {"oneOf": [reference("Polygon"), {"type": "null"}]}
    return object_of(type=choice_of(["Feature"]), geometry=ground, properties=properties)


def _standard() -> Document:
    return object_of(
        standard_m=or_null(NUMBER), minutes=or_null(NUMBER), speed_mps=NUMBER,
        weight=said(or_null(choice_of(WEIGHTS)), "Who is counted"),
        types=array_of(choice_of(TYPES)),
        on=said(or_null(TEXT), "The day that `this year` ends on"),
        pack=said(or_null(TEXT), "The rules that areas are held against"), rule=or_null(TEXT),
    )  # fmt: skip


def _cut() -> Document:
    told = object_of(step=TEXT, done=COUNT, of=COUNT)
    return said(told, "A step that did not end in its time")


def _counts() -> Document:
    told = {"type": "object", "additionalProperties": COUNT}
    return said(told, "Facilities: in the list, serving, not in service, without a place")


def _told() -> Document:
    return {"standard": reference("Standard"), "cut": array_of(reference("Cut")),
            "facilities": reference("Counts")}  # fmt: skip


def _area() -> Document:
    """Write what areas are called by, where it is known."""
    level = said(or_null(choice_of(LEVELS)), labelled(LEVELS))
    return {**{each: or_null(TEXT) for each in ("id", "name", "adcode")}, "level": level}


def _covered() -> Document:
    counted = {each: or_null(NUMBER) for each in ("people", "covered", "uncovered")}
    return {**_area(), **counted, "share": _SHARE, "unknown_rows": or_null(NUMBER)}


def _area_coverage() -> Document:
    """Write what is told of the people of an area."""
    return object_of(maybe=_covered())


def _coverage() -> Document:
    rows = "Rows of the demand"
    return object_of(
        **_told(), share=said(_SHARE, "covered / (covered + uncovered)"),
        covered=said(or_null(NUMBER), "People within the standard of a facility"),
        uncovered=or_null(NUMBER), unknown_rows=said(COUNT, f"{rows} without a number of people"),
        without_place=said(or_null(NUMBER), "People whose place is not known"),
        without_place_rows=said(COUNT, f"{rows} without a place"),
        evenly=said(YES_NO, "People were taken to live evenly over the areas: no demand is here"),
        **paged(by_area=array_of(reference("AreaCoverage"))),
    )  # fmt: skip


def _gap() -> Document:
    return object_of(
        area_km2={"type": "number", "minimum": 0}, population=or_null(NUMBER),
        area_id=or_null(TEXT), area_name=or_null(TEXT), adcode=or_null(TEXT),
        nearest_id=said(or_null(TEXT), "The facility nearest to a point inside it"),
        distance_m=said(or_null(NUMBER), "How far that is"),
        maybe={"area": said({"type": ["string", "number"]}, "Where it stands in the areas"),
               "unknown_rows": said(or_null(NUMBER), "Rows of the demand without a number"),
               "lon": said(or_null(NUMBER), "Of that point"), "lat": or_null(NUMBER)},
    )  # fmt: skip


def _indicators() -> Document:
    told = object_of(rest=or_null(NUMBER), maybe=_covered())
    return said(told, "Each indicator by its name; `_base`: what it was worked out from; "
                       "`_unknown`: how many of these say nothing")  # fmt: skip


def _job() -> Document:
    return object_of(
        id=TEXT, state=choice_of(get_args(State)), step=said(TEXT, "What it does now"),
        step_number=COUNT, steps=COUNT,
        share=said({"type": "number", "minimum": 0, "maximum": 1}, "How much of it is done"),
        seconds_left=said(or_null(NUMBER), "A guess"),
        message=said(or_null(TEXT), "What went wrong"),
        maybe={
            "result": said(ADDRESS, "Where the answer is, once the state is done"),
            "objective": said(or_null(NUMBER), "Of the best sites so far"),
            "bound": said(or_null(NUMBER), "No sites can be better"),
            "objective_of": said(TEXT, "What both count; less is better"),
        },
    )  # fmt: skip


def _site() -> Document:
    sizes = ("land_m2", "floor_m2", "cost", "beds_fit", "yuan_per_person")
    subsidies = ("subsidy_low", "subsidy_high")
    loses = {f"next_best_loses_{each}": or_null(NUMBER)
             for each in ("people", "person_metres", "metres")}  # fmt: skip
    return object_of(
        id=TEXT, rank={"type": "integer", "minimum": 1},
        new_people=said(NUMBER, "Who are newly covered"),
        next_best_id=said(or_null(TEXT), "The next best in its place"),
        next_best_name=or_null(TEXT),
        maybe={
            "name": or_null(TEXT), "kind": or_null(TEXT), "type": choice_of(TYPES),
            **{each: or_null(NUMBER) for each in (*sizes, *subsidies)},
            "enough": said(or_null(YES_NO), "Whether land and floor are enough for the beds"),
            **loses,
        },
    )  # fmt: skip


def _sites() -> Document:
    share = said(or_null(NUMBER), "(bound - objective) / objective; 0 only where it is proven")
    numbers = {each: or_null(NUMBER) for each in ("objective", "bound", "standard_m", "spent")}
    names = ("people", "covered_before", "covered", "newly_covered", "still_uncovered", "equity",
             "seconds")  # fmt: skip
    one_type = object_of(
        type=choice_of(TYPES), p=COUNT, standard_m=or_null(NUMBER), covered_before=NUMBER,
        covered=NUMBER, newly_covered=NUMBER, still_uncovered=NUMBER,
    )  # fmt: skip
    notes = said(array_of(TEXT), "What a reader must know")
    return object_of(
        type=choice_of(["FeatureCollection"]), features=array_of(reference("Site")),
        model=choice_of(MODELS),
        status=choice_of(get_args(Status), "Proven, or the best when time ran out"),
        **numbers, gap=share, p=COUNT, weight=choice_of(WEIGHTS),
        **dict.fromkeys(names, NUMBER),
        unreachable=object_of(people=NUMBER, rows=COUNT, ids=array_of(TEXT)),
        by_type=array_of(one_type), distance=_distance(), money=_money(),
        candidates=COUNT, struck=_struck(), existing=COUNT,
        existing_without_beds=or_null(COUNT), curve=_curve(), money_curve=_money_curve(),
        notes=notes, maybe={"notes_zh": notes},
    )  # fmt: skip


def _distance() -> Document:
    names = ("mean_before_m", "mean_m", "farthest_before_m", "farthest_m")
    return or_null(object_of(**{each: or_null(NUMBER) for each in names}))


def _money() -> Document:
    yearly = {each: or_null(NUMBER) for each in ("subsidy_low", "subsidy_high")}
    return object_of(
        yuan=or_null(NUMBER), unknown=said(COUNT, "Sites whose cost is not known"),
        yuan_per_person=or_null(NUMBER), maybe={**yearly, "subsidy_unknown": COUNT},
    )  # fmt: skip


def _struck() -> Document:
    why = choice_of(("exclusion", "small", "unknown_size"))
    row = object_of(id=TEXT, name=or_null(TEXT), why=why, beds_fit=or_null(NUMBER))
    names = ("exclusions", "small", "unknown_size", "exclusion_areas", "kept_unknown",
             "kept_small")  # fmt: skip
    told = object_of(**dict.fromkeys(names, COUNT), rows=array_of(row))
    return said(told, "Candidates that take no part, and why")


def _curve() -> Document:
    point = object_of(p=COUNT, value=or_null(NUMBER), proven=YES_NO)
    return said(array_of(point), "The objective of so many sites")


def _money_curve() -> Document:
    point = object_of(budget=NUMBER, value=or_null(NUMBER), spent=or_null(NUMBER),
                    p=COUNT, proven=YES_NO)  # fmt: skip
    return said(array_of(point), "The objective of so much money")


def _summary() -> Document:
    return {
        "id": TEXT, "name": TEXT, "note": or_null(TEXT), "revision": COUNT,
        "changes_count": COUNT, "who": or_null(TEXT), "made_at": or_null(TEXT),
        "changed_at": or_null(TEXT), "href": ADDRESS, "effect": ADDRESS,
    }  # fmt: skip


def _scenario() -> Document:
    return object_of(**_summary())


def _scenarios() -> Document:
    return object_of(numberReturned=COUNT, scenarios=array_of(reference("Scenario")))


def _kind() -> Document:
    return choice_of(KIND_LABELS, labelled(KIND_LABELS))


def _with_changes() -> Document:
    change = object_of(
        kind=_kind(), facility_id=TEXT, name=or_null(TEXT), type=or_null(choice_of(TYPES)),
        **{each: or_null(NUMBER) for each in ("lon", "lat", "beds", "cost")},
    )  # fmt: skip
    return object_of(**_summary(), changes=array_of(change))


def _effect() -> Document:
    note = object_of(zh=TEXT, en=TEXT)
    closed = or_null(object_of(count=COUNT, people=or_null(NUMBER)))
    return object_of(
        **_summary(), standard_m=or_null(NUMBER), method=choice_of((LINE, WALK)),
        speed_mps=NUMBER, minutes=or_null(NUMBER), weight=choice_of(WEIGHTS),
        before=reference("Figures"), after=reference("Figures"), newly_covered=or_null(NUMBER),
        lost=or_null(NUMBER), gaps_closed=closed, changes=array_of(_changed()),
        **paged(by_area=array_of(_changed_area())), unknown_rows=COUNT,
        without_place=or_null(NUMBER), without_place_rows=COUNT, off_network=COUNT,
        people_off_network=or_null(NUMBER), evenly=YES_NO, notes=array_of(note),
        cut=array_of(reference("Cut")),
    )  # fmt: skip


def _figures() -> Document:
    names = ("covered", "uncovered", "gaps", "gap_people", "gap_km2", "beds", "beds_per_1000",
             "gini", "palma", "worst_mean")  # fmt: skip
    return object_of(
        **{each: or_null(NUMBER) for each in names}, share=_SHARE, beds_unknown=COUNT,
        facilities=COUNT, without_place=COUNT,
    )  # fmt: skip


def _changed() -> Document:
    numbers = ("newly", "lost", "beds", "cost", "yuan_per_person")
    told = object_of(
        n={"type": "integer", "minimum": 1}, kind=_kind(), facility_id=TEXT, name=or_null(TEXT),
        **{each: or_null(NUMBER) for each in numbers},
    )  # fmt: skip
    return said(told, "What one change alone adds and loses, given all the others")


def _changed_area() -> Document:
    counted = {each: or_null(NUMBER) for each in ("people", "newly", "lost")}
    told = object_of(rest=or_null(NUMBER), maybe={**_area(), **counted})
    return said(told, "Figures with `before_`, `after_` and `change_` before their names")
