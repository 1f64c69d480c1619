"""The types of ``dashboards.yaml``, the source of the dashboards. Everything in the file is checked when it is read."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML

from pipeline.events.errors import ConfigurationError

COLUMNS = 48


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataView(_Model):
    """A data view. ``index`` is an alias without the installation's prefix, ``time`` the field of the time picker."""

    index: str
    name: str
    time: str


class Search(_Model):
    """A saved search: a table of documents, newest first."""

    title: str
    about: str
    data_view: str
    columns: tuple[str, ...] = Field(min_length=1)
    where: str = ""


class Number(_Model):
    """One number computed from documents by exactly one of the functions."""

    title: str | None = None
    count: Literal["all"] | None = None
    unique: str | None = None
    sum: str | None = None
    average: str | None = None
    latest: str | None = None
    where: str = ""

    @model_validator(mode="after")
    def _one_function(self) -> Self:
        if len([name for name in self.functions if getattr(self, name) is not None]) != 1:
            raise ValueError(f"name exactly one of {', '.join(self.functions)}")
        return self

    @property
    def functions(self) -> tuple[str, ...]:
        return ("count", "unique", "sum", "average", "latest")


class OverTime(_Model):
    split: str | None = None
    size: int = Field(8, ge=1, le=20)


class Top(_Model):
    field: str
    size: int = Field(10, ge=1, le=100)


class Table(_Model):
    by: str
    size: int = Field(20, ge=1, le=1000)
    numbers: tuple[Number, ...] = Field(min_length=1)


class Map(_Model):
    """Circles on a map, by the number of documents; the other numbers are shown when a circle is pointed at."""

    field: str
    numbers: tuple[Number, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _counts_documents(self) -> Self:
        if self.numbers[0].count is None or any(number.where or not number.title for number in self.numbers):
            raise ValueError("numbers of a map have a title and no condition, and the first one is {count: all}")
        return self


class Panel(_Model):
    """One panel of exactly one kind. ``data_view`` replaces the dashboard's; ``where`` is added to the dashboard's."""

    title: str | None = None
    width: int | None = Field(None, ge=4, le=COLUMNS)
    data_view: str | None = None
    where: str = ""
    metric: Number | None = None
    time: OverTime | None = None
    top: Top | None = None
    table: Table | None = None
    map: Map | None = None
    search: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.metric, self.time, self.top, self.table, self.map, self.search)
        if len([kind for kind in kinds if kind is not None]) != 1:
            raise ValueError("name exactly one of metric, time, top, table, map, search")
        if self.search is None and not self.title:
            raise ValueError("a panel needs a title")
        return self


class Row(_Model):
    height: int = Field(ge=3, le=40)
    panels: tuple[Panel, ...] = Field(min_length=1)

    def widths(self) -> list[int]:
        """Width of each panel in columns: as given, and the rest divided evenly.

        Raises:
            ValueError: the panels do not fill the row.
        """
        left = COLUMNS - sum(panel.width or 0 for panel in self.panels)
        free = len([panel for panel in self.panels if panel.width is None])
        if left < 0 or (free and left % free) or (not free and left):
            raise ValueError(f"the panels do not fill {COLUMNS} columns evenly")
        return [panel.width or left // free for panel in self.panels]


class Control(_Model):
    field: str
    title: str


class Dashboard(_Model):
    title: str
    about: str
    data_view: str
    where: str = ""
    from_: str = Field(alias="from")
    refresh_seconds: int | None = Field(None, ge=5)
    controls: tuple[Control, ...] = ()
    rows: tuple[Row, ...] = Field(min_length=1)


class Specification(_Model):
    """The contents of ``dashboards.yaml``."""

    data_views: dict[str, DataView]
    searches: dict[str, Search]
    dashboards: dict[str, Dashboard]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name, search in self.searches.items():
            self._require(search.data_view, self.data_views, f"searches.{name}")
        for name, dashboard in self.dashboards.items():
            self._require(dashboard.data_view, self.data_views, f"dashboards.{name}")
            for row in dashboard.rows:
                row.widths()
                for panel in row.panels:
                    self._require(panel.data_view, self.data_views, f"dashboards.{name}")
                    self._require(panel.search, self.searches, f"dashboards.{name}")
        return self

    @staticmethod
    def _require(name: str | None, known: object, where: str) -> None:
        if name is not None and name not in known:  # type: ignore[operator]
            raise ValueError(f"{where}: {name!r} is not defined")


def load_specification() -> Specification:
    """Read the specification of this release.

    Raises:
        ConfigurationError: the file is not valid; the message names the place.
    """
    text = files("pipeline.kibana").joinpath("dashboards.yaml").read_text(encoding="utf-8")
    try:
        return Specification.model_validate(YAML(typ="safe").load(text))
    except ValidationError as error:
        raise ConfigurationError(f"pipeline/kibana/dashboards.yaml: {error}") from error
