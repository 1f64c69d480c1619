"""A desk over a handful of invented stories in the real Elasticsearch: a copy, a correction, a kill, hostile text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.transports.base import Payload
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Mention, Quote
from pipeline.events.item import Link, Subject
from pipeline.settings import DeskSettings, Settings
from tests.desk.driving import open_chromium
from tests.indices import made_indices, write_stories

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
NAMES = {
    "PERSON": (
        "Honor Tressillian",
        "Odalys Penhallow",
        "Odalys J. Penhallow",
        "Ilsa Marrowen",
        "Solventry",
        "Lorcan Vantreight",
    ),
    "ORG": ("Talvek", "Ministry of Health", "Kestovian Rail Authority"),
    "GPE": ("Calvessa", "Kestovia", "Tarquenia"),
    "LOC": ("River Ossel",),
}
#: One person in two spellings; the others have no id.
IDS = dict.fromkeys(("Odalys Penhallow", "Odalys J. Penhallow"), "person:odalys-penhallow")
BRIDGE = """CALVESSA, November 23. /TALVEK/. A footbridge over the River Ossel collapsed in the centre of Calvessa on Monday \
morning, injuring {count} people, the city's fire brigade said.

"It went down like a folding chair," baker Honor Tressillian, who saw the collapse from her shop, told Talvek.

Mayor Odalys Penhallow said that all bridges of that age would be closed at once. "We will not wait for the second chair \
to fold," she told reporters at the scene.

The bridge was built in {year}. It had been inspected in spring and found to be safe, according to city engineer Lorcan \
Vantreight."""
BRIDGE_QUOTES = (
    ("It went down like a folding chair,", "Honor Tressillian", "baker"),
    ("We will not wait for the second chair to fold,", "Odalys Penhallow", "mayor"),
)
HOSTILE = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'


def entities(body: str, extra: dict[str, tuple[str, ...]] | None = None) -> tuple[Entity, ...]:
    found = []
    for label, names in [*NAMES.items(), *(extra or {}).items()]:
        for name in names:
            start = body.find(name)
            if start >= 0:
                mention = Mention(start=start, end=start + len(name), text=name)
                found.append(Entity(label=label, name=name, id=IDS.get(name), mentions=(mention,), salience=0.5))  # type: ignore[arg-type]
    return tuple(found)


def quotations(body: str, said: tuple[tuple[str, str, str], ...]) -> tuple[Quote, ...]:
    return tuple(
        Quote(type="direct", text=words.rstrip(","), start=body.index(words) - 1, end=body.index(words) + len(words) + 1,
              speaker=speaker, speaker_id=IDS.get(speaker), role=role, resolved=True)
        for words, speaker, role in said
    )  # fmt: skip


def make(story_id: str, headline: str, body: str = "", **more: Any) -> EnrichedStory:
    """A story so many ``minutes`` old; ``said``: (words, speaker, role); ``versions``: (kind, headline, body), the oldest first."""
    time = NOW - timedelta(minutes=more.pop("minutes", 30))
    said, names = more.pop("said", ()), more.pop("names", None)
    copy_of = more.pop("copy_of", None)
    versions = more.pop("versions", (("new", headline, body),))
    content = Content(**({"headline": headline, "body": body, "language": "en"} | more.pop("content", {})))
    fields: dict[str, Any] = {
        "story_id": story_id,
        "provider": "Talvek",
        "item_id": story_id,
        "index_version": 1,
        "version_rank": len(versions),
        "first_seen": time,
        "first_created": time,
        "version_created": time,
        "received": time,
        "content": content,
        "history": tuple(
            HistoryEntry(story_id=story_id, version_id=f"v{n}", version_rank=n, version=str(n), kind=kind, received=time,
                         headline=title, body=text)
            for n, (kind, title, text) in enumerate(versions, 1)
        ),
        "cluster": Cluster(cluster_id=copy_of or story_id, duplicate_of=copy_of),
        "enrichment": Enrichment(language="en", entities=entities(body, names), quotes=quotations(body, said)),
    }  # fmt: skip
    return EnrichedStory(**(fields | more))


def bridge() -> list[EnrichedStory]:
    first, second, third = (
        BRIDGE.format(count=count, year=year) for count, year in (("three", 1911), ("five", 1911), ("five", 1931))
    )
    title = "Footbridge collapses in Calvessa, five people injured"
    content = {"slugline": "ARDELLE-BRIDGE/COLLAPSE", "urgency": 2, "byline": "By Una Blackwoode", "dateline": "CALVESSA",
               "subjects": (Subject(code="03000000", name="disaster"),), "link": "https://talvek.example/0101"}  # fmt: skip
    return [
        make(
            "talvek-0101", title, third, minutes=40, said=BRIDGE_QUOTES, correction=True, update_count=2,
            correction_note="Corrects year of construction in last paragraph to 1931, not 1911.", content=content,
            versions=(("new", title.replace("five", "three"), first), ("update", title, second), ("correction", title, third)),
        ),
        make(
            "meridian-77", "Bridge down in Calvessa: five hurt", third.replace("Odalys", "Odalys J."), minutes=35,
            provider="Meridian Wire", copy_of="talvek-0101",
            said=(BRIDGE_QUOTES[0], (BRIDGE_QUOTES[1][0], "Odalys J. Penhallow", "mayor")),
        ),
        make("dispatch-9", "Calvessa bridge falls", third, minutes=31, provider="Dispatch", copy_of="talvek-0101"),
    ]  # fmt: skip


def others() -> list[EnrichedStory]:
    rail = (
        "Kestovia will rebuild the whole of its northern rail line, Prime Minister Ilsa Marrowen announced.\n\n"
        '"We are done with patching a line that our grandparents laid," Marrowen told reporters.\n\n'
        "The Kestovian Rail Authority puts the cost at 4.1 billion crowns."
    )
    fever = "Tarquenia has recorded its first cases of marsh fever in ten years, the Ministry of Health said."
    return [
        make("quillon-1", "Kestovia to rebuild northern rail line", rail, minutes=60 * 26, provider="Quillon",
             said=(("We are done with patching a line that our grandparents laid,", "Ilsa Marrowen", "prime minister"),)),
        make("quillon-7", "Tarquenia reports first cases of marsh fever", fever, minutes=90, provider="Quillon"),
        make("talvek-0107", "Norvaine's health secretary resigns", "Please do not use this story. No substitute will follow.",
             minutes=20, killed=True, pubstatus="canceled", kind="kill", content={"slugline": "NORVAINE-MINISTER"},
             versions=(("new", "Norvaine's health secretary resigns", "Alban Crosswaithe has resigned."),
                       ("kill", "KILL Norvaine's health secretary resigns", "Please do not use this story."))),
        make("talvek-0110", "Kestovian audit office finds hole in rail budget", "The plan lacks 600 million crowns.",
             minutes=50, content={"embargoed": NOW + timedelta(hours=8)}),
        make("evil/1?x#y", HOSTILE, f"{HOSTILE} said the baker. Tap a name: {HOSTILE}.", minutes=5, provider="Evil & <b>Co</b>",
             names={"PERSON": (HOSTILE,)}, said=((HOSTILE, HOSTILE, HOSTILE),),
             content={"link": "javascript:document.title='owned'", "slugline": HOSTILE, "description": HOSTILE,
                      "links": (Link(rel="x", href="javascript:alert(1)"),), "ednote": HOSTILE, "body_html": HOSTILE,
                      "subjects": (Subject(code="x", name=HOSTILE),)}),
        *(make(f"filler-{n}", f"Council of Drosk meets, session {n}", "Nothing was decided.", minutes=300 + 60 * n,
               provider="Dispatch") for n in range(2, 32)),
    ]  # fmt: skip


@contextmanager
def filled(url: str, stories: Sequence[EnrichedStory]) -> Iterator[Settings]:
    """Settings of a desk on the loopback, on a free port, over indices of its own with these stories."""
    with made_indices(url) as (elasticsearch, _):
        write_stories(elasticsearch, *stories)
        yield Settings(elasticsearch=elasticsearch, desk=DeskSettings(port=0))


@pytest.fixture(scope="module")
def desk_settings(stack: Any) -> Iterator[Settings]:
    """A desk over all the stories of this file."""
    with filled(stack.elasticsearch, [*bridge(), *others()]) as settings:
        yield settings


@pytest.fixture
def tidy_settings(stack: Any) -> Iterator[Settings]:
    """A desk for pictures: the demonstration's stories as the pipeline enriches them."""
    from connectors.parse_pool import ParseInProcess
    from pipeline.local.demo.serve import SAMPLES
    from pipeline.runtime.dry_run import try_payload

    settings = Settings()
    reader, found = ParseInProcess(settings.connectors), []
    for file, provider in (("rss.xml", "Quillon Wire"), ("atom.xml", "Harbour and Vale Press")):
        payload = Payload((SAMPLES / file).read_bytes(), file)
        shown = try_payload(payload, settings, reader, parser="auto", now=NOW, limit=50)
        for number, tried in enumerate(shown.stories):
            time = NOW - timedelta(minutes=43 + 37 * number)
            moved = {
                "provider": provider,
                "first_seen": time,
                "first_created": time,
                "version_created": time,
                "received": time,
            }
            found.append(tried.enriched.model_copy(update=moved))
    invented = [one for one in others() if one.story_id.startswith("talvek")]
    with filled(stack.elasticsearch, [*bridge(), *invented, *found]) as settings:
        yield settings


@pytest.fixture
def add_story(desk_settings: Settings) -> Callable[..., None]:
    """Puts stories into the desk's index; the same arguments as :func:`make`."""
    return lambda *args, **more: write_stories(desk_settings.elasticsearch, make(*args, **more))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    yield from open_chromium()
