"""Start of commands, against ``import spacy``; the time until a worker's models are ready, against ``spacy.load``.

    python -m tests.benchmarks.commands

Processor time of whole processes, as the operating system counts it.
"""

from __future__ import annotations

import resource
import subprocess
import sys

from tests.benchmarks.figures import Contestant, faster, take_turns
from tests.benchmarks.show import show

_LOAD = "import spacy; from pipeline.enrich.models import model_path; spacy.load(model_path('en_wire'))"
_READY = (
    "from pipeline.enrich.analyse import Analyser; from pipeline.events import Content;"
    "Analyser({'en': 'en_wire'}).analyse([Content(body='Ready.', language='en')])"
)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def children_time() -> float:
    """Processor time of the processes that this one started and that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    imported = Contestant("import spacy", lambda: _python("-c", "import spacy"))
    helped = Contestant("wiredesk --help", lambda: _python("-m", "pipeline.cli", "--help"))
    searched = Contestant("wiredesk search --help", lambda: _python("-m", "pipeline.cli", "search", "--help"))
    loaded = Contestant("spacy.load of the same weights", lambda: _python("-c", _LOAD))
    ready = Contestant("models of a worker", lambda: _python("-c", _READY))
    take_turns([imported, helped, searched, loaded, ready], clock=children_time)
    show(
        "commands",
        [
            faster("wiredesk --help", helped, imported, goal="0.3 s"),
            faster("wiredesk search --help", searched, imported),
            faster("a worker's models ready, first story read", ready, loaded, goal="0.5 x (twice spaCy's load)"),
        ],
    )


if __name__ == "__main__":
    main()
