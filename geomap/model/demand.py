"""The demand table: people who need care, at points, in cells or in polygons."""

from __future__ import annotations

from geomap.model.table import Field, Label, Table

_PEOPLE = Label("人", "people")


def people(name: str, zh: str, en: str) -> Field:
    """Describe a number of people; census estimates need not be whole."""
    return Field(name, "number", Label(zh, en), unit=_PEOPLE, minimum=0)


DEMAND = Table(
    name="demand",
    label=Label("需求点", "Demand"),
    geometry="any",
    fields=(
        Field("id", "code", Label("编号", "Id"), required=True),
        Field("name", "text", Label("名称", "Name")),
        Field("adcode", "code", Label("行政区划代码", "Division code")),
        people("population", "常住人口", "Population"),
        people("aged_60", "60 岁及以上", "Aged 60 and over"),
        people("aged_65", "65 岁及以上", "Aged 65 and over"),
        people("aged_80", "80 岁及以上", "Aged 80 and over"),
        people("disabled", "失能老人", "Disabled seniors"),
        Field(
            "households",
            "number",
            Label("户数", "Households"),
            unit=Label("户", "households"),
            minimum=0,
        ),
        people("enrolled", "线上登记人数", "Enrolled online"),
    ),
)
