"""Converts a panel of the specification to Kibana's Lens: the columns of one layer and their visualization. Pure.

The structure is that of Kibana's own sample dashboards ("[eCommerce] Revenue Dashboard", core 8.8.0): form-based
layers, which every version from 8.9 to 9.x reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.kibana.specification import Number, OverTime, Panel, Table, Top

Json = dict[str, Any]

#: Label, Lens operation and data type of each function of a number.
_OPERATIONS = {
    "count": ("Count", "count", "number"),
    "unique": ("Distinct values", "unique_count", "number"),
    "sum": ("Sum", "sum", "number"),
    "average": ("Average", "average", "number"),
    "latest": ("Latest", "max", "date"),
}
_DOCUMENTS = "___records___"


@dataclass
class _Layer:
    """The columns of a layer in the order that Lens requires: groups first, then numbers."""

    columns: dict[str, Json] = field(default_factory=dict)

    def add(self, id_: str, column: Json) -> str:
        self.columns[id_] = column
        return id_

    def state(self) -> Json:
        return {
            "columns": self.columns,
            "columnOrder": list(self.columns),
            "incompleteColumns": {},
            "ignoreGlobalFilters": False,
            "sampling": 1,
        }


def lens_attributes(panel: Panel, panel_id: str, data_view_id: str, time_field: str, numeric: frozenset[str]) -> Json:
    """The ``attributes`` of a Lens panel.

    Args:
        panel: any kind except a saved search.
        panel_id: id of the panel; the ids of layer and columns are derived from it.
        data_view_id: id of the saved data view.
        time_field: time field of the data view.
        numeric: names of numeric fields (their top values are numbers too).
    """
    layer_id, layer = f"{panel_id}-layer", _Layer()
    if panel.metric:
        kind, visualization = "lnsMetric", _metric(layer, layer_id, panel.metric, panel.title or "")
    elif panel.time:
        kind, visualization = "lnsXY", _over_time(layer, layer_id, panel.time, time_field)
    elif panel.top:
        kind, visualization = "lnsXY", _top(layer, layer_id, panel.top, numeric)
    else:
        assert panel.table is not None
        kind, visualization = "lnsDatatable", _table(layer, layer_id, panel.table, numeric)
    return {
        "title": panel.title,
        "type": "lens",
        "visualizationType": kind,
        "references": [
            {"id": data_view_id, "name": f"indexpattern-datasource-layer-{layer_id}", "type": "index-pattern"}
        ],
        "state": {
            "visualization": visualization,
            "query": kql(panel.where),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {layer_id: layer.state()}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def kql(text: str) -> Json:
    """A query in KQL, Kibana's query language."""
    return {"query": text, "language": "kuery"}


def _number(number: Number, title: str) -> Json:
    function = next(name for name in number.functions if getattr(number, name) is not None)
    label, operation, kind = _OPERATIONS[function]
    column: Json = {
        "label": title or label,
        "customLabel": True,
        "dataType": kind,
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": _DOCUMENTS if function == "count" else getattr(number, function),
        "params": {"emptyAsNull": False} if kind == "number" and function != "average" else {},
    }
    if function == "average":
        column["params"] = {"format": {"id": "number", "params": {"decimals": 1}}}
    if number.where:
        column["filter"] = kql(number.where)
    return column


def _count() -> Json:
    return _number(Number(count="all"), "Count")


def _values(field_: str, size: int, order_by: str, numeric: frozenset[str], *, other: bool) -> Json:
    return {
        "label": field_,
        "dataType": "number" if field_ in numeric else "string",
        "operationType": "terms",
        "isBucketed": True,
        "scale": "ordinal",
        "sourceField": field_,
        "params": {
            "size": size,
            "orderBy": {"type": "column", "columnId": order_by},
            "orderDirection": "desc",
            "otherBucket": other,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _metric(layer: _Layer, layer_id: str, number: Number, title: str) -> Json:
    id_ = layer.add(f"{layer_id}-number", _number(number, title))
    return {"layerId": layer_id, "layerType": "data", "metricAccessor": id_}


def _over_time(layer: _Layer, layer_id: str, over: OverTime, time_field: str) -> Json:
    count = f"{layer_id}-count"
    split = None
    if over.split:
        values = _values(over.split, over.size, count, frozenset(), other=True)
        split = layer.add(f"{layer_id}-split", values)
    time = layer.add(
        f"{layer_id}-time",
        {
            "label": time_field,
            "dataType": "date",
            "operationType": "date_histogram",
            "isBucketed": True,
            "scale": "interval",
            "sourceField": time_field,
            "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
        },
    )
    layer.add(count, _count())
    return _chart(layer_id, "bar_stacked", time, count, split)


def _top(layer: _Layer, layer_id: str, top: Top, numeric: frozenset[str]) -> Json:
    count = f"{layer_id}-count"
    values = layer.add(f"{layer_id}-values", _values(top.field, top.size, count, numeric, other=False))
    layer.add(count, _count())
    return _chart(layer_id, "bar_horizontal", values, count, None)


def _chart(layer_id: str, series: str, x: str, y: str, split: str | None) -> Json:
    data: Json = {
        "layerId": layer_id,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": x,
        "accessors": [y],
        "position": "top",
        "showGridlines": False,
    }
    if split:
        data["splitAccessor"] = split
    shown = {"x": True, "yLeft": True, "yRight": True}
    return {
        "legend": {"isVisible": split is not None, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": shown,
        "gridlinesVisibilitySettings": shown,
        "preferredSeriesType": series,
        "layers": [data],
    }


def _table(layer: _Layer, layer_id: str, table: Table, numeric: frozenset[str]) -> Json:
    numbers = [(f"{layer_id}-number-{place}", number) for place, number in enumerate(table.numbers)]
    # A table is ordered by its count of documents, whichever column that is.
    order_by = next((id_ for id_, number in numbers if number.count and not number.where), numbers[0][0])
    by = layer.add(f"{layer_id}-by", _values(table.by, table.size, order_by, numeric, other=False))
    for id_, number in numbers:
        layer.add(id_, _number(number, number.title or ""))
    columns = [{"columnId": by}, *({"columnId": id_} for id_, _ in numbers)]
    return {"layerId": layer_id, "layerType": "data", "columns": columns, "rowHeight": "single", "rowHeightLines": 1}
