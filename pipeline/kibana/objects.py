"""The saved objects as Kibana imports them: one JSON object on each line. Pure: the same input gives the same bytes.

Versions are those of Kibana's own sample data, because Kibana migrates older objects on import and refuses newer ones:
they load in every Kibana from 8.9 to 9.x.
"""

from __future__ import annotations

from typing import Any

import orjson

from pipeline.index.fields import field_descriptions
from pipeline.index.mapping import Base, fields
from pipeline.kibana.lens import Json, kql, lens_attributes
from pipeline.kibana.maps import DATA_VIEW_REFERENCE, map_attributes
from pipeline.kibana.specification import Dashboard, DataView, Panel, Search, Specification

CORE_VERSION = "8.8.0"
TYPE_VERSIONS = {"index-pattern": "7.11.0", "search": "7.9.3", "dashboard": "8.7.0"}
_PANEL_VERSION = "8.11.0"
_NUMBERS = frozenset({"integer", "long", "float"})
#: Where the desk answers with the default settings.
DESK_URL = "http://127.0.0.1:8420"
#: Fields that hold the id of a story, which has a page on the desk.
_STORY_ID_FIELDS = ("story_id", "cluster_id", "duplicate_of")


def base_of(index: str) -> Base:
    """The index that a data view's alias, without prefix, belongs to."""
    name = index.removesuffix("-public")
    assert name in {"stories", "stories-history", "quotes"}, index
    return name  # type: ignore[return-value]


def saved_objects(specification: Specification, prefix: str = "", desk_url: str = DESK_URL) -> list[Json]:
    """All saved objects; an object comes after those that it refers to.

    Args:
        specification: data views, searches and dashboards.
        prefix: prefix of the installation's indices (``elasticsearch.prefix``).
        desk_url: address of the desk, for links to a story's page (``desk.url``).
    """
    return [
        *(_data_view(name, view, prefix, desk_url) for name, view in specification.data_views.items()),
        *(_search(name, search, specification) for name, search in specification.searches.items()),
        *(_dashboard(name, dashboard, specification) for name, dashboard in specification.dashboards.items()),
    ]


def ndjson(objects: list[Json]) -> bytes:
    """The objects as NDJSON: one on each line."""
    return b"".join(orjson.dumps(object_) + b"\n" for object_ in objects)


def _id(kind: str, name: str) -> str:
    return f"wiredesk-{kind}-{name}"


def _text(value: Any) -> str:
    """An attribute that Kibana stores as a string of JSON."""
    return orjson.dumps(value).decode()


def _object(type_: str, id_: str, attributes: Json, references: list[Json]) -> Json:
    return {
        "id": id_,
        "type": type_,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[type_],
        "managed": False,
    }


def _data_view(name: str, view: DataView, prefix: str, desk_url: str) -> Json:
    base = base_of(view.index)
    described = {
        field: {"customLabel": entry.label, "customDescription": entry.with_example}
        for field, entry in field_descriptions(base).items()
    }
    attributes = {
        "title": f"{prefix}{view.index}",
        "name": view.name,
        "timeFieldName": view.time,
        "fields": "[]",
        "fieldAttrs": _text(described),
        "fieldFormatMap": _text(_links(base, desk_url)),
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "typeMeta": "{}",
    }
    return _object("index-pattern", _id("data-view", name), attributes, [])


def _links(base: Base, desk_url: str) -> Json:
    """Formats that show a field as a link; ``{{value}}`` is Kibana's placeholder, percent-encoded in addresses."""
    story_page, event_page = (
        {"urlTemplate": f"{desk_url.rstrip('/')}/{page}/{{{{value}}}}", "labelTemplate": "{{value}}"}
        for page in ("story", "event")
    )
    formats = dict.fromkeys(_STORY_ID_FIELDS, story_page) | {
        "event_id": event_page,
        "link": {"urlTemplate": "{{rawValue}}"},
    }
    return {field: {"id": "url", "params": params} for field, params in formats.items() if field in fields(base)}


def _search(name: str, search: Search, specification: Specification) -> Json:
    index = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {
        "query": kql(search.where),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": index,
    }
    attributes = {
        "title": search.title,
        "description": search.about,
        "columns": list(search.columns),
        "sort": [[specification.data_views[search.data_view].time, "desc"]],
        "grid": {},
        "hideChart": False,
        "hits": 0,
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text(source)},
    }
    references = [{"id": _id("data-view", search.data_view), "name": index, "type": "index-pattern"}]
    return _object("search", _id("search", name), attributes, references)


def _dashboard(name: str, dashboard: Dashboard, specification: Specification) -> Json:
    panels, references = _panels(dashboard, specification)
    controls, control_references = _controls(dashboard)
    attributes: Json = {
        "title": dashboard.title,
        "description": dashboard.about,
        "panelsJSON": _text(panels),
        "optionsJSON": _text(
            {
                "useMargins": True,
                "syncColors": True,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "panelsJSON": _text(controls),
            "ignoreParentSettingsJSON": _text(
                {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
            ),
        },
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text({"query": kql(""), "filter": []})},
        "timeRestore": True,
        "timeFrom": dashboard.from_,
        "timeTo": "now",
        "refreshInterval": {
            "pause": dashboard.refresh_seconds is None,
            "value": 1000 * (dashboard.refresh_seconds or 60),
        },
        "version": 1,
    }
    return _object("dashboard", _id("dashboard", name), attributes, [*references, *control_references])


def _panels(dashboard: Dashboard, specification: Specification) -> tuple[list[Json], list[Json]]:
    panels: list[Json] = []
    references: list[Json] = []
    y = 0
    for row in dashboard.rows:
        x = 0
        for panel, width in zip(row.panels, row.widths(), strict=True):
            id_ = f"p{len(panels) + 1}"
            grid = {"x": x, "y": y, "w": width, "h": row.height, "i": id_}
            built, used = _panel(panel, id_, dashboard, specification)
            panels.append({"version": _PANEL_VERSION, "panelIndex": id_, "gridData": grid, **built})
            references += used
            x += width
        y += row.height
    return panels, references


def _panel(panel: Panel, id_: str, dashboard: Dashboard, specification: Specification) -> tuple[Json, list[Json]]:
    """A panel without its position, and the references that the dashboard needs for it."""
    if panel.search:
        reference = f"panel_{id_}"
        built: Json = {"type": "search", "embeddableConfig": {"enhancements": {}}, "panelRefName": reference}
        return built, [{"id": _id("search", panel.search), "name": f"{id_}:{reference}", "type": "search"}]
    name = panel.data_view or dashboard.data_view
    view = specification.data_views[name]
    # The dashboard's condition is written into each panel: the query bar stays free for the reader, and a panel on
    # another data view need not have the same fields.
    inherited = dashboard.where if panel.data_view is None else ""
    narrowed = panel.model_copy(update={"where": _both(inherited, panel.where)})
    if panel.map:
        return _map(narrowed, id_, name, dashboard.from_)
    mapping = fields(base_of(view.index))
    numeric = frozenset(field for field, definition in mapping.items() if definition.get("type") in _NUMBERS)
    attributes = lens_attributes(narrowed, id_, _id("data-view", name), view.time, numeric)
    references = [{**entry, "name": f"{id_}:{entry['name']}"} for entry in attributes["references"]]
    configuration = {"attributes": attributes, "enhancements": {}, "hidePanelTitles": panel.metric is not None}
    return {"type": "lens", "title": panel.title, "embeddableConfig": configuration}, references


def _map(panel: Panel, id_: str, data_view: str, from_: str) -> tuple[Json, list[Json]]:
    assert panel.map is not None
    attributes = map_attributes(panel.map, panel.title or "", id_, kql(panel.where), from_)
    reference = {"id": _id("data-view", data_view), "name": f"{id_}:{DATA_VIEW_REFERENCE}", "type": "index-pattern"}
    configuration = {"attributes": attributes, "enhancements": {}, "hidePanelTitles": False}
    return {"type": "map", "title": panel.title, "embeddableConfig": configuration}, [reference]


def _both(one: str, other: str) -> str:
    if one and other:
        return f"({one}) and ({other})"
    return one or other


def _controls(dashboard: Dashboard) -> tuple[Json, list[Json]]:
    controls: Json = {}
    references = []
    for order, control in enumerate(dashboard.controls):
        id_ = f"c{order + 1}"
        controls[id_] = {
            "order": order,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {"id": id_, "fieldName": control.field, "title": control.title, "enhancements": {}},
        }
        reference = f"controlGroup_{id_}:optionsListDataView"
        references.append({"id": _id("data-view", dashboard.data_view), "name": reference, "type": "index-pattern"})
    return controls, references
