"""The area table: administrative areas by level; geometry may be missing."""

from __future__ import annotations

from geomap.model.demand import people
from geomap.model.table import Field, Label, Table

LEVELS = {
    "nation": Label("全国", "Nation"),
    "province": Label("省", "Province"),
    "city": Label("市", "City"),
    "county": Label("区县", "County"),
    "township": Label("乡镇街道", "Township"),
    "community": Label("社区、村", "Community"),
}

AREAS = Table(
    name="areas",
    label=Label("行政区", "Areas"),
    geometry="polygon",
    fields=(
        Field("id", "code", Label("编号", "Id"), required=True),
        Field("name", "text", Label("名称", "Name"), required=True),
        Field("level", "choice", Label("级别", "Level"), choices=LEVELS),
        Field("adcode", "code", Label("行政区划代码", "Division code")),
        Field("parent_adcode", "code", Label("上级代码", "Parent code")),
        people("population", "常住人口", "Population"),
        people("aged_60", "60 岁及以上", "Aged 60 and over"),
        people("aged_65", "65 岁及以上", "Aged 65 and over"),
    ),
)
