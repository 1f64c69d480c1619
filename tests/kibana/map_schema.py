# ruff: noqa: N815 - the names are Kibana's
"""What Kibana's Maps demands of the panels that we write; unknown keys are refused.

By ``x-pack/platform/plugins/shared/maps/server/content_management/schema/v1`` of Kibana (layer, source and style schemas),
where ``indexPatternId`` is a reference in a stored object (``common/migrations/references.ts``).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class MapAttributes(_Strict):
    title: str
    description: str
    layerListJSON: str
    mapStateJSON: str
    uiStateJSON: str


class _Query(_Strict):
    query: str
    language: Literal["kuery"]


class _Center(_Strict):
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class _Times(_Strict):
    from_: str = Field(alias="from")
    to: str


class _Refresh(_Strict):
    isPaused: bool
    interval: int


class _Settings(_Strict):
    autoFitToDataBounds: bool


class MapState(_Strict):
    zoom: float = Field(ge=0, le=24)
    center: _Center
    timeFilters: _Times
    refreshConfig: _Refresh
    query: _Query
    filters: list[Any] = Field(max_length=0)
    settings: _Settings


class _Layer(_Strict):
    id: str
    label: str | None = None
    alpha: float = Field(ge=0, le=1)
    minZoom: int = Field(ge=0, le=24)
    maxZoom: int = Field(ge=0, le=24)
    visible: bool
    includeInFitToBounds: bool


class _World(_Strict):
    type: Literal["EMS_TMS"]
    isAutoSelect: bool
    lightModeDefault: Literal["road_map_desaturated"]


class _WorldStyle(_Strict):
    type: Literal["EMS_VECTOR_TILE"]
    color: str


class BaseMap(_Layer):
    type: Literal["EMS_VECTOR_TILE"]
    sourceDescriptor: _World
    style: _WorldStyle


class _Metric(_Strict):
    type: Literal["count", "cardinality", "sum", "avg", "max"]
    field: str | None = None
    label: str


class _Grid(_Strict):
    id: str
    type: Literal["ES_GEO_GRID"]
    indexPatternRefName: str
    geoField: str
    requestType: Literal["heatmap", "point", "grid", "hex"]
    resolution: Literal["COARSE", "FINE", "MOST_FINE", "SUPER_FINE"]
    metrics: list[_Metric] = Field(min_length=1)
    applyGlobalQuery: bool
    applyGlobalTime: bool
    applyForceRefresh: bool


class _Field(_Strict):
    name: str
    origin: Literal["source", "join"]


class _Meta(_Strict):
    isEnabled: bool
    sigma: int | None = None


class _Color(_Strict):
    color: Literal["Blues", "Greens", "Greys", "Reds"]
    type: Literal["ORDINAL"]
    field: _Field
    fieldMetaOptions: _Meta


class _SizeByField(_Strict):
    minSize: int
    maxSize: int
    field: _Field
    fieldMetaOptions: _Meta


class _OneColor(_Strict):
    color: str = Field(pattern="^#[0-9A-F]{6}$")


class _OneSize(_Strict):
    size: int


class _Label(_Strict):
    field: _Field


class _ByColor(_Strict):
    type: Literal["DYNAMIC"]
    options: _Color


class _BySize(_Strict):
    type: Literal["DYNAMIC"]
    options: _SizeByField


class _ByLabel(_Strict):
    type: Literal["DYNAMIC"]
    options: _Label


class _StaticColor(_Strict):
    type: Literal["STATIC"]
    options: _OneColor


class _StaticSize(_Strict):
    type: Literal["STATIC"]
    options: _OneSize


class _Properties(_Strict):
    fillColor: _ByColor
    lineColor: _StaticColor
    lineWidth: _StaticSize
    iconSize: _BySize
    labelText: _ByLabel
    labelSize: _StaticSize


class _VectorStyle(_Strict):
    type: Literal["VECTOR"]
    isTimeAware: bool
    properties: _Properties


class Circles(_Layer):
    type: Literal["GEOJSON_VECTOR"]
    sourceDescriptor: _Grid
    query: _Query
    style: _VectorStyle
    joins: list[Any] = Field(max_length=0)
