"""Files for operators, generated from the code: the Grafana dashboard and the page of metrics."""

from __future__ import annotations

import json
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from pipeline.broker.monitoring import metrics
from pipeline.broker.monitoring.process import SCRAPED
from pipeline.events.tables import yaml_table

_COLUMNS, _WIDTH, _HEIGHT = 4, 6, 8

_PAGE = """\
# Metrics

Every long-lived process serves these at `/metrics` of its endpoint, with those of the process itself
(`process_resident_memory_bytes`, `process_cpu_seconds_total`, `process_open_fds`). Alert rules and
a Grafana dashboard are in `deploy/prometheus`.

This page is generated from `pipeline/broker/monitoring/metrics.py` by `python -m pipeline.cli.generate`.

"""


def grafana_dashboard() -> str:
    """The dashboard as JSON that Grafana imports (schema version 39)."""
    rows: list[dict[str, Any]] = yaml_table("pipeline.runtime", "grafana.yaml")
    panels: list[dict[str, Any]] = []
    top = 0
    for row in rows:
        panels.append({"type": "row", "id": len(panels) + 1, "title": row["row"], "collapsed": False,
                       "gridPos": {"x": 0, "y": top, "w": 24, "h": 1}, "panels": []})  # fmt: skip
        top += 1
        for place, panel in enumerate(row["panels"]):
            across, down = place % _COLUMNS, place // _COLUMNS
            position = {"x": across * _WIDTH, "y": top + down * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
            panels.append(_panel(len(panels) + 1, panel, position))
        top += -(-len(row["panels"]) // _COLUMNS) * _HEIGHT
    dashboard = {
        "title": "Wiredesk",
        "uid": "wiredesk",
        "tags": ["wiredesk"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}]
        },
        "panels": panels,
    }
    return json.dumps(dashboard, indent=2) + "\n"


def _panel(number: int, panel: dict[str, Any], position: dict[str, int]) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    queries = [(panel["query"], panel["legend"])]
    if "second" in panel:
        queries.append((panel["second"], panel["second_legend"]))
    return {
        "type": "timeseries",
        "id": number,
        "title": panel["title"],
        "datasource": source,
        "gridPos": position,
        "fieldConfig": {"defaults": {"unit": panel["unit"], "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": source, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(queries)
        ],
    }


def metrics_page() -> str:
    """A table of every metric: name, kind, labels, meaning."""
    lines = ["| metric | kind | labels | what it is |", "| --- | --- | --- | --- |"]
    for name, kind, labels, meaning in sorted([*_declared(), *((name, "gauge", *rest) for name, *rest in SCRAPED)]):
        lines.append(f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {meaning} |")
    return _PAGE + "\n".join(lines) + "\n"


def _declared() -> list[tuple[str, str, tuple[str, ...], str]]:
    kinds = {
        Counter: ("counter", "_total"),
        Gauge: ("gauge", ""),
        Histogram: ("histogram", ""),
        Info: ("info", "_info"),
    }
    found = []
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            described = next(iter(metric.describe()))
            kind, suffix = kinds[type(metric)]
            found.append((described.name + suffix, kind, tuple(metric._labelnames), described.documentation))  # noqa: SLF001
    return found
