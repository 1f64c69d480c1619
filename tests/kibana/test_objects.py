# ruff: noqa: N815 - the names are Kibana's
"""The saved objects without a Kibana: what Kibana's import and its readers demand of their form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.index.mapping import BASES, IndexNames, fields
from pipeline.kibana.objects import base_of, ndjson, saved_objects
from pipeline.kibana.specification import Map, Number, Panel, Row, Specification, load_specification
from tests.kibana.map_schema import BaseMap, Circles, MapAttributes, MapState

SHIPPED = Path(__file__).parents[2] / "deploy" / "kibana" / "wiredesk.ndjson"
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in SHIPPED.read_bytes().splitlines()]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Reference(_Strict):
    id: str
    name: str
    type: Literal["index-pattern", "search"]


class _Object(_Strict):
    """What stands at the top of a line, versions at most those of Kibana's own sample data."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    type: Literal["index-pattern", "search", "dashboard"]
    attributes: dict[str, Any] = Field(min_length=1)
    references: list[_Reference]
    coreMigrationVersion: Literal["8.8.0"]
    typeMigrationVersion: str
    managed: Literal[False]


class _Meta(_Strict):
    searchSourceJSON: str


class _Controls(_Strict):
    panelsJSON: str
    controlStyle: str
    chainingSystem: str
    ignoreParentSettingsJSON: str


class _Refresh(_Strict):
    pause: bool
    value: int


class _Dashboard(_Strict):
    """Dashboard attributes, schema v1: unknown keys are refused."""

    title: str
    description: str
    kibanaSavedObjectMeta: _Meta
    timeRestore: bool
    timeFrom: str
    timeTo: str
    refreshInterval: _Refresh
    controlGroupInput: _Controls
    panelsJSON: str
    optionsJSON: str
    version: int


class _Search(_Strict):
    title: str
    description: str
    columns: list[str]
    sort: list[list[str]]
    grid: dict[str, Any]
    hideChart: bool
    hits: int
    version: int
    kibanaSavedObjectMeta: _Meta


class _DataView(_Strict):
    title: str
    name: str
    timeFieldName: str
    fields: str
    fieldAttrs: str
    fieldFormatMap: str
    runtimeFieldMap: str
    sourceFilters: str
    typeMeta: str


ATTRIBUTES = {"dashboard": _Dashboard, "search": _Search, "index-pattern": _DataView}
VERSIONS = {"dashboard": "8.7.0", "search": "7.9.3", "index-pattern": "7.11.0"}
DASHBOARDS = [entry for entry in OBJECTS if entry["type"] == "dashboard"]


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dashboard["attributes"]["panelsJSON"])
    return found


def panels_of(kind: str) -> list[Any]:
    return [
        pytest.param(entry, panel, id=f"{entry['id']}-{panel['title']}")
        for entry in DASHBOARDS
        for panel in panels(entry)
        if panel["type"] == kind
    ]


def map_layers(panel: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(panel["embeddableConfig"]["attributes"]["layerListJSON"])
    return found


def data_view_of(reference: str) -> dict[str, Any]:
    (found,) = [entry for entry in OBJECTS if entry["type"] == "index-pattern" and entry["id"] == reference]
    return found


def mapping_of(reference: str) -> dict[str, Any]:
    return fields(base_of(data_view_of(reference)["attributes"]["title"]))


def definition(mapping: dict[str, Any], path: str) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    found: dict[str, Any] = mapping[first]
    return definition(found["fields"], rest) if rest else found


def test_the_file_is_what_the_source_says() -> None:
    assert ndjson(saved_objects(load_specification())) == SHIPPED.read_bytes(), "run: wiredesk kibana generate -o …"


def test_five_data_views_four_searches_four_dashboards() -> None:
    types = [entry["type"] for entry in OBJECTS]
    assert types == ["index-pattern"] * 5 + ["search"] * 4 + ["dashboard"] * 4
    assert len({(entry["type"], entry["id"]) for entry in OBJECTS}) == len(OBJECTS)


@pytest.mark.parametrize("entry", OBJECTS, ids=lambda entry: entry["id"])
def test_form_and_versions(entry: dict[str, Any]) -> None:
    _Object.model_validate(entry)
    assert entry["typeMigrationVersion"] == VERSIONS[entry["type"]]
    ATTRIBUTES[entry["type"]].model_validate(entry["attributes"])


def test_the_check_of_form_can_fail() -> None:
    with pytest.raises(ValidationError):
        _Dashboard.model_validate({**DASHBOARDS[0]["attributes"], "sections": []})
    with pytest.raises(ValidationError):
        _Object.model_validate({key: value for key, value in OBJECTS[0].items() if key != "attributes"})


@pytest.mark.parametrize("entry", OBJECTS, ids=lambda entry: entry["id"])
def test_members_that_are_json_within_json(entry: dict[str, Any]) -> None:
    def walk(value: Any, name: str) -> int:
        if isinstance(value, dict):
            return sum(walk(inner, key) for key, inner in value.items())
        if name.endswith("JSON") or name in {"fields", "fieldAttrs", "fieldFormatMap", "runtimeFieldMap", "typeMeta"}:
            assert isinstance(value, str)
            json.loads(value)
            return 1
        return 0

    assert walk(entry["attributes"], "") > 0


@pytest.mark.parametrize("entry", OBJECTS, ids=lambda entry: entry["id"])
def test_references_are_there_named_and_used(entry: dict[str, Any]) -> None:
    known = {(other["type"], other["id"]) for other in OBJECTS}
    assert all((reference["type"], reference["id"]) in known for reference in entry["references"])
    given = [reference["name"] for reference in entry["references"]]
    assert len(given) == len(set(given))
    used: set[str] = set()
    meta = entry["attributes"].get("kibanaSavedObjectMeta")
    if meta and "indexRefName" in json.loads(meta["searchSourceJSON"]):
        used.add(json.loads(meta["searchSourceJSON"])["indexRefName"])
    if entry["type"] == "dashboard":
        for control in json.loads(entry["attributes"]["controlGroupInput"]["panelsJSON"]).values():
            used.add(f"controlGroup_{control['explicitInput']['id']}:optionsListDataView")
        for panel in panels(entry):
            if "panelRefName" in panel:
                used.add(f"{panel['panelIndex']}:{panel['panelRefName']}")
            elif panel["type"] == "map":
                for place, layer in enumerate(map_layers(panel)):
                    name = layer["sourceDescriptor"].get("indexPatternRefName")
                    assert name in {None, f"layer_{place}_source_index_pattern"}, "Kibana names it by the layer's place"
                    used |= {f"{panel['panelIndex']}:{name}"} if name else set()
            else:
                state = panel["embeddableConfig"]["attributes"]["state"]
                layers = state["datasourceStates"]["formBased"]["layers"]
                used |= {f"{panel['panelIndex']}:indexpattern-datasource-layer-{layer}" for layer in layers}
    assert set(given) == used


@pytest.mark.parametrize("entry", DASHBOARDS, ids=lambda entry: entry["id"])
def test_the_grid(entry: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(entry):
        grid = panel["gridData"]
        assert grid["i"] == panel["panelIndex"]
        assert grid["x"] >= 0
        assert grid["x"] + grid["w"] <= 48
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken
        taken |= cells
    assert len(taken) == 48 * (max(y for _, y in taken) + 1), "no holes"


@pytest.mark.parametrize(("entry", "panel"), panels_of("lens"))
def test_lens(entry: dict[str, Any], panel: dict[str, Any]) -> None:
    attributes = panel["embeddableConfig"]["attributes"]
    state, picture = attributes["state"], attributes["state"]["visualization"]
    assert set(state) == {
        "visualization",
        "query",
        "filters",
        "datasourceStates",
        "internalReferences",
        "adHocDataViews",
    }
    ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
    assert layer["columnOrder"] == list(layer["columns"])
    bucketed = [layer["columns"][name]["isBucketed"] for name in layer["columnOrder"]]
    assert bucketed == sorted(bucketed, reverse=True), "groups before numbers"
    for column in layer["columns"].values():
        order = column.get("params", {}).get("orderBy")
        assert order is None or not layer["columns"][order["columnId"]]["isBucketed"]
    kind = attributes["visualizationType"]
    if kind == "lnsXY":
        (data,) = picture["layers"]
        shown = [data["xAccessor"], *data["accessors"], *([data["splitAccessor"]] if "splitAccessor" in data else [])]
        assert data["layerId"] == layer_id
    elif kind == "lnsMetric":
        shown = [picture["metricAccessor"]]
    else:
        assert kind == "lnsDatatable"
        shown = [column["columnId"] for column in picture["columns"]]
    if kind != "lnsXY":
        assert picture["layerId"] == layer_id
        assert picture["layerType"] == "data"
    assert set(shown) == set(layer["columns"])


#: What a field must be for an operation.
ALLOWED = {
    "terms": {"keyword", "integer", "boolean"},
    "unique_count": {"keyword"},
    "date_histogram": {"date"},
    "max": {"date"},
    "sum": {"integer", "long", "float"},
    "average": {"integer", "long", "float"},
}


@pytest.mark.parametrize(("entry", "panel"), panels_of("lens"))
def test_every_field_is_in_the_mapping_with_a_fitting_type(entry: dict[str, Any], panel: dict[str, Any]) -> None:
    attributes = panel["embeddableConfig"]["attributes"]
    mapping = mapping_of(attributes["references"][0]["id"])
    for layer in attributes["state"]["datasourceStates"]["formBased"]["layers"].values():
        for column in layer["columns"].values():
            if column["operationType"] == "count":
                assert column["sourceField"] == "___records___"
                continue
            type_ = definition(mapping, column["sourceField"])["type"]
            assert type_ in ALLOWED[column["operationType"]]
            if column["operationType"] == "terms":
                assert column["dataType"] == ("number" if type_ == "integer" else "string")


@pytest.mark.parametrize(("entry", "panel"), panels_of("map"))
def test_a_map_is_of_the_form_that_kibana_reads_and_its_fields_are_in_the_mapping(
    entry: dict[str, Any], panel: dict[str, Any]
) -> None:
    attributes = MapAttributes.model_validate(panel["embeddableConfig"]["attributes"])
    MapState.model_validate_json(attributes.mapStateJSON)
    base, shown = map_layers(panel)
    BaseMap.model_validate(base)
    layer = Circles.model_validate(shown)
    assert base["id"] != layer.id
    reference = f"{panel['panelIndex']}:{layer.sourceDescriptor.indexPatternRefName}"
    (view,) = [given["id"] for given in entry["references"] if given["name"] == reference]
    mapping = mapping_of(view)
    assert definition(mapping, layer.sourceDescriptor.geoField)["type"] == "geo_point"
    for metric in layer.sourceDescriptor.metrics:
        assert metric.type == "count" or (metric.field and definition(mapping, metric.field)["type"] == "keyword")
    counted = [one["options"]["field"] for one in shown["style"]["properties"].values() if one["type"] == "DYNAMIC"]
    assert counted == [{"name": "doc_count", "origin": "source"}] * 3, "the only number that every layer has"


def test_there_is_a_map_on_two_dashboards() -> None:
    assert [param.id for param in panels_of("map")] == [
        "wiredesk-dashboard-wire-today-Where it happens",
        "wiredesk-dashboard-person-or-organisation-Named in stories about",
    ]


@pytest.mark.parametrize("entry", [entry for entry in OBJECTS if entry["type"] != "index-pattern"],
                         ids=lambda entry: entry["id"])  # fmt: skip
def test_columns_sorts_and_controls_are_in_the_mapping(entry: dict[str, Any]) -> None:
    if entry["type"] == "search":
        mapping = mapping_of(entry["references"][0]["id"])
        for name in entry["attributes"]["columns"]:
            assert name in mapping
        for name, direction in entry["attributes"]["sort"]:
            assert mapping[name]["type"] == "date"
            assert direction == "desc"
        return
    views = {reference["name"]: reference["id"] for reference in entry["references"]}
    for id_, control in json.loads(entry["attributes"]["controlGroupInput"]["panelsJSON"]).items():
        field = control["explicitInput"]["fieldName"]
        assert mapping_of(views[f"controlGroup_{id_}:optionsListDataView"])[field]["type"] == "keyword"


def test_data_views_are_our_aliases_and_their_times_are_dates() -> None:
    for prefix in ("", "news-"):
        names = IndexNames(prefix)
        aliases = {names.alias(base) for base in BASES} | {names.public(base) for base in BASES}
        for entry in saved_objects(load_specification(), prefix):
            if entry["type"] == "index-pattern":
                assert entry["attributes"]["title"] in aliases
                mapping = fields(base_of(entry["attributes"]["title"].removeprefix(prefix)))
                assert mapping[entry["attributes"]["timeFieldName"]]["type"] == "date"


def test_people_are_counted_under_one_name_whatever_the_spelling() -> None:
    """Lists of documents show the spelling of the story."""
    written = {"people", "speakers", "speaker", "speaker_id", "entity_ids"}
    for dashboard in load_specification().dashboards.values():
        panels = [panel for row in dashboard.rows for panel in row.panels]
        counted = {panel.top.field for panel in panels if panel.top} | {
            panel.table.by for panel in panels if panel.table
        }
        numbers = [number for panel in panels for number in (panel.table.numbers if panel.table else [panel.metric])]
        counted |= {number.unique for number in numbers if number} | {control.field for control in dashboard.controls}
        assert not counted & written, dashboard.title


def test_a_wrong_source_is_refused() -> None:
    with pytest.raises(ValidationError, match="exactly one of metric"):
        Panel(title="x")
    with pytest.raises(ValidationError, match="exactly one of count"):
        Number(count="all", sum="x")
    with pytest.raises(ValidationError, match="first one is"):
        Map(field="locations", numbers=(Number(title="Events", unique="event_id"),))
    with pytest.raises(ValueError, match="do not fill"):
        Row(height=5, panels=(Panel(title="x", width=40, metric=Number(count="all")),)).widths()
    good = load_specification().model_dump(by_alias=True)
    good["searches"]["quotations"]["data_view"] = "nowhere"
    with pytest.raises(ValidationError, match="nowhere"):
        Specification.model_validate(good)
