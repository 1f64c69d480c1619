"""The condition of a connector: one word for lists, metrics and alerts, and a sentence that says why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from connectors.config import ConnectorConfig
from connectors.usual_rate import is_quiet, missed_items
from pipeline.events import ConnectorState

ConditionName = Literal["ok", "new", "failing", "quiet", "disabled", "gone"]
CONDITIONS: tuple[ConditionName, ...] = get_args(ConditionName)


@dataclass(frozen=True)
class Condition:
    """How a connector is.

    Attributes:
        name: ok; new: not polled yet; failing: the last poll failed; quiet: it answers but has brought nothing new for
            much longer than usual; disabled: by its file; gone: the server said that the feed is gone.
        since: when that began, where known.
        reason: why, in a sentence; empty where nothing is wrong.
    """

    name: ConditionName
    since: datetime | None = None
    reason: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether somebody should look."""
        return self.name in {"failing", "quiet", "gone"}


def condition(config: ConnectorConfig, state: ConnectorState | None) -> Condition:
    """The condition of a connector as of its last poll."""
    if not config.enabled:
        return Condition("disabled")
    if state is None or (state.last_success is None and not state.last_error):
        return Condition("new")
    if state.gone:
        return Condition("gone", reason=state.last_error or "The server says that the feed is gone (410).")
    if state.last_error:
        return Condition("failing", state.failing_since, state.last_error)
    rate = state.usual_rate
    if is_quiet(rate) and rate.last_item is not None:
        still = (
            "Ready, but nothing new was pushed" if config.transport.type == "webhook" else "Answers, but nothing new"
        )
        reason = (
            f"{still} since {rate.last_item:%Y-%m-%d %H:%M} UTC; "
            f"usually {missed_items(rate):.0f} items would have come by now."
        )
        return Condition("quiet", rate.last_item, reason)
    return Condition("ok", state.last_success)
