"""The settings of one installation: types, reading them, logs."""

from __future__ import annotations

from pipeline.settings.loading import load_settings
from pipeline.settings.outputs import AlertsSettings, DeskSettings, LogSettings, MonitoringSettings
from pipeline.settings.section import Secret, Section, Tls
from pipeline.settings.servers import ElasticsearchSettings, KafkaSettings, Sasl
from pipeline.settings.settings import Settings
from pipeline.settings.stages import (
    ClusterSettings,
    ConnectorsSettings,
    EnrichSettings,
    IndexSettings,
    IntakeSettings,
    WorkerSettings,
)

__all__ = [
    "AlertsSettings",
    "ClusterSettings",
    "ConnectorsSettings",
    "DeskSettings",
    "ElasticsearchSettings",
    "EnrichSettings",
    "IndexSettings",
    "IntakeSettings",
    "KafkaSettings",
    "LogSettings",
    "MonitoringSettings",
    "Sasl",
    "Secret",
    "Section",
    "Settings",
    "Tls",
    "WorkerSettings",
    "load_settings",
]
