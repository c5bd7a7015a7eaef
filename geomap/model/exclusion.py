"""The exclusion table: ground on which nothing may be built."""

from __future__ import annotations

from geomap.model.table import Field, Label, Table

EXCLUSIONS = Table(
    name="exclusions",
    label=Label("禁建区", "Exclusion areas"),
    geometry="polygon",
    fields=(
        Field("id", "code", Label("编号", "Id"), required=True),
        Field("name", "text", Label("名称", "Name")),
        Field("kind", "text", Label("类别", "Kind")),
    ),
)
