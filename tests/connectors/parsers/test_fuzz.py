"""Any bytes give items or a ParseError, never another exception; what is read can be sent on.

Seeds are small texts of each format and, where they are there, the public samples; they are mutated by tokens that
have broken parsers before. The long form runs 100,000 inputs for each parser, in a process that is killed where one of
them takes more than a second of processor time (``make test-long``).
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from connectors.identity import stable_id
from connectors.mapping import apply_mapping, load_mapping
from connectors.parsers import BUILT_IN, get_parser, guess_parser
from pipeline.broker.killable import KillablePool, ProcessLimits
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext, Parsed
from pipeline.intake.content import content_of

CONTEXT = ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC), max_bytes=200_000)
WIRE = Path(__file__).parents[4] / "shared" / "data" / "wire"

SMALL = {
    "newsml_g2": b'<newsItem guid="u" version="1"><itemMeta><versionCreated>2024-01-01T00:00:00Z</versionCreated>'
    b'<pubStatus qcode="stat:usable"/></itemMeta><contentMeta><headline>H</headline><dateline>X (Y) - </dateline>'
    b'<subject qcode="medtop:1"><name>n</name></subject></contentMeta><contentSet><inlineXML><html><body><p>T</p>'
    b"</body></html></inlineXML></contentSet></newsItem>",
    "newsml_1": b'<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>a</ProviderId><DateId>1</DateId>'
    b'<NewsItemId>2</NewsItemId></NewsIdentifier></Identification><NewsManagement><Status FormalName="Usable"/>'
    b"</NewsManagement><NewsComponent><NewsLines><HeadLine>H</HeadLine></NewsLines><ContentItem><DataContent><p>T</p>"
    b'</DataContent></ContentItem><NewsComponent><ContentItem Href="x"><MediaType FormalName="Photo"/></ContentItem>'
    b"</NewsComponent></NewsComponent></NewsItem></NewsML>",
    "nitf": b'<nitf><head><docdata management-status="usable"><doc-id id-string="1"/><urgency ed-urg="3"/>'
    b'<date.release norm="20240101T000000Z"/></docdata></head><body><body.head><hedline><hl1>H</hl1></hedline>'
    b"<dateline><location>C</location></dateline></body.head><body.content><p>T</p><media><media-caption>c"
    b"</media-caption></media></body.content></body></nitf>",
    "dpa": b'{"format":"digitalwires@0.9","urn":"u","version":1,"version_created":"2024-01-01","headline":"h",'
    b'"article_html":"<p>t</p>","notepad":{"public_html":"<p>n</p>"},"linkbox_html":"<a href=\'x\'>l</a>",'
    b'"categories":[{"type":"a:keyword","name":"k","qcode":null}],"associations":[{"type":"image","renditions":[{"url":"u"}]}]}',
    "jsonfeed": b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/a","title":"t","content_html":"<p>x</p>",'
    b'"date_published":"2024-01-01T00:00:00Z","authors":[{"name":"n"}],"tags":["a"],"attachments":[{"url":"u"}]}]}',
    "ninjs": b'{"uri":"u","type":"text","version":"1","versioncreated":"2024-01-01T00:00:00Z","headline":"h","body_html":"<p>t</p>",'
    b'"bodies":[{"role":"nitf","value":"<nitf><p>x</p></nitf>"}],"subject":[{"code":"1","scheme":"s","name":"n"}],'
    b'"renditions":{"a":{"href":"h","width":1}},"associations":{"b":{"uri":"v","associations":{}}},"located":{"name":"x"}}',
    "iptc7901": b"\x01abc0001 3 i 100 x 1\r\n\r\nA/b/\r\n\x021ST LEAD\r\nHead\r\nBy W =\r\n\r\nX (y) - Text\r\n\r\n# Notes\r\n"
    b'\x03\r\n211122 GMT Nov 18\r\n\x04\x01abc0002 1 i 9\n\x02KILL\nkill abc0001 "Head of it all"\n\x03',
    "anpa1312": b"\x16\x16\x01W1234\x1fasian\r\nr i\x13\x11 BC-AS--Slug 1st Ld   02-20 0500\r\n\x02^BC-AS--Slug, 1st Ld,4<\r\n"
    b"^Head<\r\n^By A=\r\n\t   CITY (XX) _ Text ``q''.\r\n\x03XX-WF-02-20-16 0337GMT<\r\n\x04ZCZC\nNNNN\n",
    "sitemap": b'<urlset xmlns:n="g"><url><loc>/a</loc><lastmod>2024</lastmod><n:news><n:title>t</n:title></n:news></url></urlset>',
    "email": b"From: =?utf-8?q?a?= <a@b.c>\nSubject: s\nDate: Tue, 02 Jan 2024 10:00:00 +0100\nMessage-ID: <1>\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nCITY (X) - t\n--x--\n",
    "rss": b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><ttl>5</ttl><item><guid>1</guid><title>t</title>'
    b"<pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate><description>&lt;p&gt;d&lt;/p&gt;</description></item></channel></rss>",
    "text": b"ZCZC 12\nslug: a\n\nBC-Slug-Word\n\nHeadline\n\nEds: note\n\nLONDON, Jan 4 (XX) - Text\nwrapped.\n\nNNNN\n",
}  # fmt: skip
SAMPLES = {
    "newsml_g2": "newsml-g2/examples/*.xml", "newsml_1": "ninjs/examples/NewsML/*.xml", "nitf": "nitf/*.xml",
    "dpa": "dpa-digitalwires/tests/data/input/*.json", "ninjs": "ninjs/examples/2.1/*.json", "rss": "feeds/*/**/*.xml",
    "text": "text/*.txt",
}  # fmt: skip
TOKENS = [
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<a:b>", b"</p>",
    b"<p>" * 300, b"{" * 50, b"[" * 2000, b'"', b"\\ud800", b"null", b"true", b"[]", b"{}", b"-1", b"1e999", b"9" * 30,
    b"&#x0;", b"&#xD800;", b"&#1114112;", b"&foo;", b"\x01", b"\x02", b"\x03", b"\x04", b"\x1f", b"\n", b"\r", b"\n\n", b"\t   ",
    b"^", b"=?utf-8?q?=ff?=", b"=?x?b?!!?=", b"charset=utf-7", b"charset=\xff", b"boundary=", b"encoding='x'", b'encoding="utf-16"',
    b"9999-99-99", b"0000-00-00T00:00:00Z", b"2024-02-30", b"-0001-01-01", b"99:99", b"31 Dec 9999 23:59:59 -1200",
    b"http://[::1", b"http://a:b/", b"//[", b"%%%", b"(" * 300, b"A" * 3000, b" " * 3000, b"\xe2\x80\xae", b"KILL", b"ZCZC", b"NNNN",
    b"1ST LEAD", b"xml:lang='", b"xmlns='x'", b"<svg>", b"<math><mi>", b"<table><tr>", b"\xf0\x9f\x98\x80", b"=", b"_ ", b"--x--",
]  # fmt: skip

Mutation = tuple[int, float, float, bytes]
MUTATIONS: st.SearchStrategy[list[Mutation]] = st.lists(
    st.tuples(
        st.integers(0, 4), st.floats(0, 1), st.floats(0, 1), st.one_of(st.sampled_from(TOKENS), st.binary(max_size=12))
    ),
    max_size=8,
)


@cache
def seeds(name: str) -> list[bytes]:
    found = [SMALL[name]]
    if WIRE.is_dir() and name in SAMPLES:
        files = sorted(path for path in WIRE.glob(SAMPLES[name]) if path.stat().st_size < 30_000)
        found += [path.read_bytes() for path in files[:: max(1, len(files) // 30)]]
    return found


def mutate(data: bytes, mutations: list[Mutation]) -> bytes:
    for kind, first, second, token in mutations:
        start, end = sorted((int(first * len(data)), int(second * len(data))))
        near = min(start + 1 + len(token), len(data))
        if kind == 0:
            data = data[:start] + token + data[start:]
        elif kind == 1:
            data = data[:start] + token + data[near:]
        elif kind == 2:
            data = data[:start] + data[end:]
        elif kind == 3:
            data = data[:end] + data[start:end][:5000] + data[end:]
        else:
            data = data[:start]
    return data


def check(name: str, data: bytes) -> None:
    parsed = Parsed()
    with contextlib.suppress(ParseError):
        parsed = get_parser(name).parse(data, CONTEXT)
    for item in parsed.items:
        again = type(item).model_validate_json(item.model_dump_json(exclude_defaults=True))
        assert again == item
        mapped = apply_mapping(item, load_mapping("wire"))
        content = content_of(mapped, default_language=None, priority=None, max_text_chars=50_000)
        assert content.model_dump_json().encode()
        assert stable_id(mapped)[0].encode()
        assert "<script" not in (item.body_html or "").lower()
    assert parsed.model_dump_json()


def fuzz(name: str, examples: int) -> Callable[[], None]:
    @seed(20261124)
    @settings(
        max_examples=examples, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(number=st.integers(0, 10_000), mutations=MUTATIONS)
    def run(number: int, mutations: list[Mutation]) -> None:
        from_samples = seeds(name)
        check(name, mutate(from_samples[number % len(from_samples)], mutations))

    return run


def make_check() -> Callable[[tuple[str, bytes]], tuple[float, int]]:
    for name in BUILT_IN:
        get_parser(name)
    return measured


def measured(request: tuple[str, bytes]) -> tuple[float, int]:
    """The seconds of processor time that a check took, and the most kilobytes that its process ever had."""
    began = time.process_time()
    check(*request)
    return time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("name", BUILT_IN)
def test_mutated(name):
    fuzz(name, 200)()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", BUILT_IN)
def test_mutated_100_000_times(name):
    """The same by a plain generator, which is faster: the input that fails is in the message, whole."""
    limits = ProcessLimits(processes=1, seconds=1, memory_bytes=1024**3, requests_per_process=200_000)
    pool = KillablePool(make_check, limits, "fuzz")
    chance = random.Random(f"{name} 20261124")
    from_samples = seeds(name)
    inputs, began = int(os.environ.get("WIREDESK_FUZZ_INPUTS", "100000")), time.monotonic()
    worst, first, peak = 0.0, 0, 0
    for _ in range(inputs):
        mutations = [
            (chance.randrange(4) if chance.random() < 0.97 else 4, chance.random(), _near(chance), _token(chance))
            for _ in range(chance.randrange(8))
        ]
        data = mutate(chance.choice(from_samples), mutations)
        try:
            seconds, kilobytes = pool.run((name, data))
        except Exception as error:
            raise AssertionError(f"{name}: {error!r} for {data!r}") from error
        worst, first, peak = max(worst, seconds), first or kilobytes, max(peak, kilobytes)
    pool.close()
    print(
        f"{name}: {inputs:,} inputs in {time.monotonic() - began:.0f} s; the slowest took {worst:.3f} s of processor "
        f"time; memory {first // 1024} MB at first, {peak // 1024} MB at most"
    )


def _near(chance: random.Random) -> float:
    return chance.random() if chance.random() < 0.2 else chance.random() * 0.05


def _token(chance: random.Random) -> bytes:
    return chance.choice(TOKENS) if chance.random() < 0.8 else chance.randbytes(chance.randrange(12))


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.binary(max_size=400))
def test_any_bytes(data):
    for name in BUILT_IN:
        check(name, data)
    with contextlib.suppress(ParseError):
        assert guess_parser(data, None) in BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_small_seeds_are_read_and_guessed(name, parse):
    assert parse(name, SMALL[name]).items
    assert guess_parser(SMALL[name], None) == name
