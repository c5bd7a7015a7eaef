"""The candidate table: sites where a facility could be opened."""

from __future__ import annotations

from geomap.model.table import Field, Label, Table

_M2 = Label("平方米", "m²")

CANDIDATES = Table(
    name="candidates",
    label=Label("候选地点", "Candidate sites"),
    geometry="any",
    fields=(
        Field("id", "code", Label("编号", "Id"), required=True),
        Field("name", "text", Label("名称", "Name")),
        Field("kind", "text", Label("类别", "Kind")),
        Field("land_m2", "number", Label("占地面积", "Land"), unit=_M2, minimum=0),
        Field("floor_m2", "number", Label("建筑面积", "Floor area"), unit=_M2, minimum=0),
        Field("cost", "number", Label("费用", "Cost"), unit=Label("元", "yuan"), minimum=0),
    ),
)
