"""Work grows with the length of what is read, not with its square: every pattern by proof, every field by trial."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import connectors
import pipeline
from connectors.headline import with_headline
from connectors.mapping import apply_mapping, load_mapping, preset_names
from connectors.parsers import BUILT_IN, get_parser
from connectors.parsers.draft import Draft
from connectors.wording.tidying import tidied
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Subject
from pipeline.intake.content import content_of
from pipeline.testing.patterns import patterns_of, superlinear
from pipeline.testing.work import assert_linear

_ELSEWHERE = ("pipeline.enrich", "pipeline.evaluate", "pipeline.local", "pipeline.testing")
WIRE = Path(__file__).parents[1] / "wire"
CONTEXT = ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC), max_bytes=100_000_000)
SAMPLES = {
    "anpa1312": "all-fields.anpa1312.txt", "dpa": "all-fields.dpa.json", "email": "all-fields.email.eml",
    "iptc7901": "all-fields.iptc7901.txt", "jsonfeed": "feed.jsonfeed.json", "newsml_1": "all-fields.newsml_1.xml",
    "newsml_g2": "all-fields.newsml_g2.xml", "ninjs": "all-fields.ninjs.json", "nitf": "all-fields.nitf.xml",
    "rss": "sites.rss.xml", "sitemap": "all-fields.sitemap.xml", "text": "all-fields.text.txt",
}  # fmt: skip
#: Texts that have made readers slow: what is repeated, with what stands before and after.
PUMPS = [
    "_", "a", " ", "\n", "\n \t", "a@a.", "A-", "A ", "0", "(", "[", "<", "&", "<a", "&lt;p ", "- ", "/", "–", "“", "KILL ", "1st ",
    "e\u0301\u0316", "\u0316\u0301", ".", ",", ":", "=?", "http://", "A/", "(END)\n", "\t", "By A\n", "CITY, ", "item ", "Update 1-",
]  # fmt: skip
#: Whole documents of nothing but a repetition, by the sign that the document begins with.
DOCUMENTS = [
    "<a>", "<a ", "<p>", "<!--", "<![CDATA[", "<item>", "</a>", "&lt;", "<rss", "<link ", '{"a":', "[", '{"items":[', '"', "ZCZC\n", "NNNN\n",
    "ZCZC 1\nA\n", "\x01abc0001 4 i 1\n", "abc0001 4 i 1 ", "\x04", "W1234\nr i A 01-01 \n", "From: a\n", "Subject: =?utf-8?q?a?=\n",
    "--x\n", "Content-Type: multipart/mixed; boundary=x\n\n--x\n", "\n\n", "(LEAD)\n", "A: b\n", "^", "<^\n", "\t", "\x02", "=", "A (", "Eds: ",
]  # fmt: skip


def modules() -> Iterator[Any]:
    """All but those of the language work, which has a test of its own, and of what reads nothing from outside."""
    for package in (connectors, pipeline):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and not found.name.startswith(_ELSEWHERE):
                yield importlib.import_module(found.name)


def test_every_pattern_is_proved_to_run_in_linear_time() -> None:
    found = {
        f"{module.__name__}: {name}: {pattern.pattern!r}": why
        for module in modules()
        for name, pattern in patterns_of(module)
        if (why := superlinear(pattern.pattern, pattern.flags))
    }
    assert not found


@pytest.mark.parametrize(
    ("pattern", "flags", "linear"),
    [
        (r"a*b", 0, False), (r"\Aa*b", 0, True), (r"<[^<>]*>", 0, True), (r"<[^>]*>", 0, False), (r"\n\s*x", 0, False),
        (r"\A(?:a+)+b", 0, False), (r"\A(?:a|ab|b)*c", 0, False), (r"\A(?:a*)*", 0, False), (r"^[ \t]*N", re.MULTILINE, True),
        (r"^\s*N", re.MULTILINE, False), (r"[ \t]+", 0, True), (r"[ \t]+$", 0, False), (r"x{0,40}y", 0, True),
        (r"\A\w+\s\w+", 0, True), (r"\A\w+\s*\w+\Z", 0, False), (r"(?i)\n\s*(?:END)\s*\Z", 0, False), (r"(a)\1*b", 0, False),
        (r"\Aa*(?=b*c)", 0, False), (r"x{0,4000}y", 0, False), (r"(?:ab)+c", 0, False), (r"\b(?:ab)+\b", 0, False),
    ],
)  # fmt: skip
def test_the_proof_knows_the_shapes_that_are_slow(pattern: str, flags: int, linear: bool) -> None:
    assert (superlinear(pattern, flags) is None) is linear


@functools.cache
def slots(name: str) -> list[str]:
    """Templates of a sample in which ``\x00`` stands for each text in turn, the first one for all of them."""
    sample = (WIRE / SAMPLES[name]).read_bytes()
    if SAMPLES[name].endswith(".xml"):
        return list(_xml_slots(sample))
    if SAMPLES[name].endswith(".json"):
        return list(_json_slots(json.loads(sample)))
    return list(_line_slots(sample.decode()))


def _xml_slots(sample: bytes) -> Iterator[str]:
    root = etree.fromstring(sample)
    places = [
        (number, key)
        for number, element in enumerate(root.iter("*"))
        for key in (None, *element.attrib)
        if key or (element.text or "").strip()
    ]
    for chosen in (places, *([place] for place in places)):
        copied = etree.fromstring(sample)
        elements = list(copied.iter("*"))
        for number, key in chosen:
            if key is None:
                elements[number].text = "SLOT"
            else:
                elements[number].set(key, "SLOT")
        yield etree.tostring(copied, encoding="unicode").replace("SLOT", "\x00")


def _json_slots(document: Any) -> Iterator[str]:
    places = list(_strings(document, ()))
    for chosen in (places, *([place] for place in places)):
        copied = json.loads(json.dumps(document))
        for place in chosen:
            inner = copied
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = "SLOT"
        yield json.dumps(copied).replace("SLOT", "\x00")


def _strings(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(inner, (*path, key))


def _line_slots(text: str) -> Iterator[str]:
    lines = text.split("\n")
    words = [number for number, line in enumerate(lines) if len(line) > 3]
    yield "\n".join(f"{line} \x00" if number in words else line for number, line in enumerate(lines))
    for number in words:
        yield "\n".join([*lines[:number], lines[number] + "\x00", *lines[number + 1 :]])
        yield "\n".join([*lines[:number], "\x00", *lines[number + 1 :]])


def read(name: str, template: str, pumped: str) -> None:
    """Everything that happens to a text from a feed until it is clean content."""
    if SAMPLES[name].endswith(".xml"):
        written = pumped.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    else:
        written = json.dumps(pumped)[1:-1] if SAMPLES[name].endswith(".json") else pumped
    through(name, template.replace("\x00", written).encode("utf-8", "surrogatepass"))


def through(name: str, data: bytes) -> None:
    try:
        parsed = get_parser(name).parse(data, CONTEXT)
    except ParseError:
        return
    for item in parsed.items:
        mapped = apply_mapping(item, load_mapping("wire"))
        mapped = with_headline(tidied(mapped, name))
        content_of(mapped, default_language=None, priority=None, max_text_chars=200_000)


@pytest.mark.parametrize("name", BUILT_IN)
def test_all_fields_together(name: str) -> None:
    template = slots(name)[0]
    assert_linear(functools.partial(read, name, template), "x", PUMPS, "\x7f!", size=8000)


def test_a_byline_that_goes_on() -> None:
    head = "abc0001 4 i 120 Orbis\n\nSTORM/\n\x02\nStorm closes the port\nBy Ann Birch\n"
    assert_linear(functools.partial(through, "iptc7901"), head, ["Orbis\n"], "\n\nText\n\x03", encode=True)


def test_many_notes() -> None:
    def work(text: str) -> None:
        draft = Draft(CONTEXT)
        for number, note in enumerate(text.split("\n")):
            draft.also("ednote", f"{number} {note}")

    assert_linear(work, "Check ", ["the name\n"], "!", size=800_000)


def test_many_values() -> None:
    def work(text: str) -> None:
        draft = Draft(CONTEXT)
        for number, name in enumerate(text.split("\n")):
            draft.add("subjects", [Subject(name=f"{name} {number}")])

    assert_linear(work, "storm", ["\nstorm"], "!", size=40_000)


@pytest.mark.parametrize("preset", preset_names())
def test_all_mappings(preset: str) -> None:
    def work(text: str) -> None:
        fields = {"headline", "slugline", "ednote", "kicker", "body_text", "uri"}
        apply_mapping(Item.model_validate(dict.fromkeys(fields, text)), load_mapping(preset))

    assert_linear(work, "KILL (", PUMPS, "\x7f!", size=20_000)


@pytest.mark.long
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_field_by_itself(name: str) -> None:
    for template in slots(name)[1:]:
        assert_linear(functools.partial(read, name, template), "x", PUMPS, "\x7f!")


@pytest.mark.parametrize("name", BUILT_IN)
def test_documents_of_one_repetition(name: str) -> None:
    assert_linear(functools.partial(through, name), "", DOCUMENTS, "", encode=True)
