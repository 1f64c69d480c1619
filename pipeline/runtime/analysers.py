"""The analyser of an installation, for the enrich stage and for `wiredesk try`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.namesakes import read_namesakes
from pipeline.settings import EnrichSettings


def analyser_of(enrich: EnrichSettings) -> Callable[[], Analyser]:
    """What makes it, in whatever process that is called; can be pickled.

    Args:
        enrich: the settings of the enrich stage.

    Raises:
        ConfigurationError: the table of namesakes is wrong. A pipeline that is not there is told when it is made.
    """
    namesakes = read_namesakes(enrich.namesakes)
    return partial(Analyser, enrich.models, enrich.default_language, enrich.max_chars, enrich.languages, namesakes)
