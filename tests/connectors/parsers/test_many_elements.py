"""A document in which any one element comes a thousand times is read in linear time."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pipeline.testing.work import assert_linear
from tests.connectors.parsers.test_linear_time import WIRE, through

#: Makes the sample with one element so many times more, each a little different.
Make = Callable[[int], bytes]
SAMPLES = sorted(
    path for path in WIRE.iterdir() if path.name.endswith((".xml", ".json")) and "expected" not in path.name
)
MANY = 1200
#: What once took time that grew with the square.
SLOW = [
    ("all-fields.newsml_1.xml", "NewsItem/NewsComponent"), ("all-fields.newsml_1.xml", "NewsItem/NewsComponent/ContentItem"),
    ("sites.rss.xml", "channel/item/author"), ("superdesk.ninjs.json", "subject"),
    ("superdesk.ninjs.json", "associations"),
]  # fmt: skip


def repeated(sample: Path) -> dict[str, Make]:
    """By the place of an element in a sample: the sample with more of it."""
    data = sample.read_bytes()
    return dict(
        in_json(json.loads(data))
        if sample.suffix == ".json"
        else in_xml(etree.fromstring(data, etree.XMLParser(recover=True)))
    )


def in_xml(root: etree._Element) -> Iterator[tuple[str, Make]]:
    tree = root.getroottree()
    for element in root.iterdescendants(etree.Element):
        yield re.sub(r"\[\d+\]", "", tree.getelementpath(element)), functools.partial(more_xml, element)


def more_xml(element: etree._Element, count: int) -> bytes:
    root = copy.deepcopy(element.getroottree().getroot())
    first = root.find(element.getroottree().getelementpath(element))
    for number in range(count):
        another = copy.deepcopy(first)
        for part in another.iter(etree.Element):
            part.text = f"{part.text} {number}" if part.text and part.text.strip() else part.text
            for key, value in part.attrib.items():
                part.set(key, value if value.isdigit() or key.endswith("lang") else f"{value}{number}")
        first.addnext(another)
    return etree.tostring(root)


def in_json(root: Any, *path: str | int) -> Iterator[tuple[str, Make]]:
    here = functools.reduce(lambda value, key: value[key], path, root)
    if isinstance(here, list | dict) and here:
        yield "/".join(map(str, path)), functools.partial(more_json, root, path)
        for key in here if isinstance(here, dict) else [0]:
            yield from in_json(root, *path, key)


def more_json(root: Any, path: tuple[str | int, ...], count: int) -> bytes:
    root = copy.deepcopy(root)
    here = functools.reduce(lambda value, key: value[key], path, root)
    if isinstance(here, list):
        here.extend([varied(here[0], number) for number in range(count)])
    else:
        key, value = next(iter(here.items()))
        here.update({f"{key}{number}": varied(value, number) for number in range(count)})
    return json.dumps(root).encode()


def varied(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value if value[:4].isdigit() else f"{value}{number}"
    if isinstance(value, list):
        return [varied(one, number) for one in value]
    return {key: varied(one, number) for key, one in value.items()} if isinstance(value, dict) else value


def assert_many(sample: Path, make: Make) -> None:
    def work(text: str) -> None:
        through(sample.name.split(".")[-2], make(len(text)))

    assert_linear(work, "", ["x"], "", size=MANY)


@pytest.mark.parametrize(("sample", "where"), SLOW)
def test_elements_that_were_slow(sample: str, where: str) -> None:
    assert_many(WIRE / sample, repeated(WIRE / sample)[where])


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_element(sample: Path) -> None:
    for make in repeated(sample).values():
        assert_many(sample, make)
