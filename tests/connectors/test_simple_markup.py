"""Simple HTML gets the same text and the same safe form without a reader of HTML as with one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import markup
from connectors.parsers import content
from connectors.parsers.draft import clean, one_line
from connectors.simple_markup import simple_markup

SIMPLE = [
    "<p>One</p><p>Two</p>", "<p>One</p>\n<p>Two</p>\n", " Bank&#8217;s rate ", "<b>A</b> and <em>b</em>", "<p></p><p>x</p>", "<p> x  y </p>",
    '<p>The post <a href="https://a.example/x?y=1" rel="nofollow">A  B</a> appeared.</p>', "<p>&ldquo;Yes,&rdquo; she said &ndash; \u201cno\u201d</p>",
    '<a class="x" href="https://a.example" target="_blank">x</a>', "&euro;5", "<p>Zeile \u00fc\U0001f600</p> <p>x</p>", "<i></i>x", "x &quot;y&quot;",
]  # fmt: skip
PIECES = st.sampled_from([
    *SIMPLE, "<p>", "</p>", "<b>", "</b>", "a", " ", "\n", "\t", "&amp;", "&lt;p&gt;", "&#8217;", "&#160;", "\xa0", "<br>", "&", "<", ">", "</a>",
    '<a href="https://a.example/">', '<a href="/x">', "<div>", "\u3000", "\u200b", "'", '"', "&#8232;", "&#8203;", "&#200;", "\x85", "<P>", "--", "]]>",
    "Line one of a text\n  indented", "&copy;", "\ud800", "&#8199;",
])  # fmt: skip


def without_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "simple_markup", lambda _: None)
    monkeypatch.setattr(content, "simple_markup", lambda _: None)


@pytest.mark.parametrize("written", SIMPLE)
def test_these_are_simple(written):
    assert simple_markup(written) is not None


@given(st.lists(PIECES, max_size=8).map("".join))
@settings(max_examples=1500, deadline=None)
def test_the_shortcut_changes_nothing(written):
    quick = content.html_body(written), markup.to_text(written)
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_shortcut(monkeypatch)
        assert (content.html_body(written), markup.to_text(written)) == quick


@given(st.text() | st.sampled_from(["\xa0a", "a\x7fb", "\u2028", "a\tb", " a  b ", "\ud800"]))
def test_plain_text_on_one_line_is_the_same_by_the_shorter_way(text):
    assert one_line(text) == " ".join(clean(text).split())
