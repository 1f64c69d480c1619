"""Converts a map of the specification to Kibana's Maps: a base map and one layer of circles. Pure.

The structure is that of Kibana's own sample map ("[Logs] Total Requests and Bytes"), with the names of layers that
every version from 8.9 to 9.x reads, and of the schemas in Kibana's
``x-pack/platform/plugins/shared/maps/server/content_management/schema/v1``.
"""

from __future__ import annotations

from typing import Any

import orjson

from pipeline.kibana.specification import Map, Number

Json = dict[str, Any]

#: The layer with the documents is the second one; the reference to its data view is named by its place.
DATA_VIEW_REFERENCE = "layer_1_source_index_pattern"
_METRICS = {"count": "count", "unique": "cardinality", "sum": "sum", "average": "avg", "latest": "max"}
#: Zoom at which the inhabited world fits a wide panel.
_WORLD = {"lat": 20, "lon": 10, "zoom": 1.3}
_ALL_ZOOMS = {"minZoom": 0, "maxZoom": 24}


def map_attributes(shown: Map, title: str, panel_id: str, query: Json, from_: str) -> Json:
    """The ``attributes`` of a map panel.

    Args:
        shown: field and numbers.
        title: of the panel.
        panel_id: id of the panel; the ids of layers are derived from it.
        query: condition in KQL on the documents of the layer.
        from_: start of the time range, if the map is opened without its dashboard.
    """
    state = {
        "zoom": _WORLD["zoom"],
        "center": {"lat": _WORLD["lat"], "lon": _WORLD["lon"]},
        "timeFilters": {"from": from_, "to": "now"},
        "refreshConfig": {"isPaused": True, "interval": 60000},
        "query": {"query": "", "language": "kuery"},
        "filters": [],
        "settings": {"autoFitToDataBounds": False},
    }
    return {
        "title": title,
        "description": "",
        "layerListJSON": _text([_base_map(panel_id), _circles(shown, title, panel_id, query)]),
        "mapStateJSON": _text(state),
        "uiStateJSON": _text({"isLayerTOCOpen": False, "openTOCDetails": []}),
    }


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _base_map(panel_id: str) -> Json:
    """Elastic's map of the world; Kibana leaves it out where it cannot reach Elastic's servers."""
    return {
        "id": f"{panel_id}-base",
        "type": "EMS_VECTOR_TILE",
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"},
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        "alpha": 1,
        "visible": True,
        "includeInFitToBounds": True,
        **_ALL_ZOOMS,
    }


def _circles(shown: Map, title: str, panel_id: str, query: Json) -> Json:
    """A circle for each cell of a grid, larger and darker with the number of documents in it."""
    source = {
        "id": f"{panel_id}-source",
        "type": "ES_GEO_GRID",
        "geoField": shown.field,
        "requestType": "point",
        "resolution": "FINE",
        "metrics": [_metric(number) for number in shown.numbers],
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "applyForceRefresh": True,
        "indexPatternRefName": DATA_VIEW_REFERENCE,
    }
    return {
        "id": f"{panel_id}-circles",
        "type": "GEOJSON_VECTOR",
        "label": title,
        "sourceDescriptor": source,
        "query": query,
        "style": {"type": "VECTOR", "isTimeAware": True, "properties": _style()},
        "joins": [],
        "alpha": 0.75,
        "visible": True,
        "includeInFitToBounds": True,
        **_ALL_ZOOMS,
    }


def _metric(number: Number) -> Json:
    function = next(name for name in number.functions if getattr(number, name) is not None)
    metric = {"type": _METRICS[function], "label": number.title}
    return metric if function == "count" else {**metric, "field": getattr(number, function)}


def _style() -> Json:
    def by_count(**options: Any) -> Json:
        field = {"name": "doc_count", "origin": "source"}
        return {
            "type": "DYNAMIC",
            "options": {**options, "field": field, "fieldMetaOptions": {"isEnabled": True, "sigma": 3}},
        }

    return {
        "fillColor": by_count(color="Blues", type="ORDINAL"),
        "lineColor": {"type": "STATIC", "options": {"color": "#FFFFFF"}},
        "lineWidth": {"type": "STATIC", "options": {"size": 1}},
        "iconSize": by_count(minSize=6, maxSize=26),
        "labelText": {"type": "DYNAMIC", "options": {"field": {"name": "doc_count", "origin": "source"}}},
        "labelSize": {"type": "STATIC", "options": {"size": 12}},
    }
