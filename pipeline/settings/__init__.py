"""The settings of one installation: types, reading them, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.events.lazy import lazy_names

if TYPE_CHECKING:
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
        MeaningSettings,
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
    "MeaningSettings",
    "MonitoringSettings",
    "Sasl",
    "Secret",
    "Section",
    "Settings",
    "Tls",
    "WorkerSettings",
    "load_settings",
]

#: Where each name is; a module is imported when one of its names is first used, so that a command's help does not wait
#: for the settings.
_MODULES = {
    "loading": ("load_settings",),
    "outputs": ("AlertsSettings", "DeskSettings", "LogSettings", "MonitoringSettings"),
    "section": ("Secret", "Section", "Tls"),
    "servers": ("ElasticsearchSettings", "KafkaSettings", "Sasl"),
    "settings": ("Settings",),
    "stages": (
        "ClusterSettings", "ConnectorsSettings", "EnrichSettings", "IndexSettings", "IntakeSettings",
        "MeaningSettings", "WorkerSettings",
    ),
}  # fmt: skip
__getattr__ = lazy_names(__name__, _MODULES)
