"""Twenty situations: the connector's file, what the server answers and asks for, and a wrong value."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

RSS = "<rss version='2.0'><channel><title>News</title>{}</channel></rss>"
ITEM = "<item><guid>{0}</guid><title>{1}</title><link>https://feed.example/{0}</link><pubDate>{2}</pubDate>{3}</item>"
DATE = "Mon, 02 Mar 2026 06:00:00 GMT"
ISO = "2026-03-02T06:00:00Z"


def rss(*items: tuple[str, str], date: str = DATE, more: str = "") -> str:
    return RSS.format("".join(ITEM.format(number, title, date, more) for number, title in items))


@dataclass(frozen=True)
class Situation:
    """One section of docs/recipes.md.

    Attributes:
        title: the situation.
        yaml: the connector's file.
        answers: path → body.
        wrong: a text of the file, and what stands there by mistake.
        asks: header → value without which the server answers 401.
    """

    title: str
    yaml: str
    answers: dict[str, Any]
    wrong: tuple[str, str]
    asks: dict[str, str] = field(default_factory=dict)


SITUATIONS = [
    Situation(
        "A site with a feed",
        'transport: {type: http, url: "https://feed.example/rss"}\nprovider: Example News\n',
        {"/rss": rss(("1", "Bridge opens"))},
        ("url:", "uri:"),
    ),
    Situation(
        "A WordPress site, with full texts",
        'transport: {type: http, url: "https://feed.example/wp-json/wp/v2/posts?_embed=1"}\nparser: json\n'
        "parser_options: {preset: wordpress}\nprovider: Example Blog\n",
        {"/wp-json/wp/v2/posts?_embed=1": [{
            "guid": {"rendered": "https://feed.example/?p=7"}, "link": "https://feed.example/7", "date_gmt": "2026-03-02T06:00:00",
            "title": {"rendered": "Bridge &amp; road"}, "content": {"rendered": "<p>It is open.</p>"}, "_embedded": {"author": [{"name": "A. Writer"}]},
        }]},
        ("wordpress", "WordPress"),
    ),
    Situation(
        "A page without a feed",
        'transport: {type: http, url: "https://feed.example/press"}\nparser: html\nparser_options:\n  list: article\n'
        '  fields: {headline: h2, time: "time@datetime", body: .summary}\nprovider: Example Ministry\n',
        {"/press": f"<main><article><h2><a href='/press/1'>New minister</a></h2><time datetime='{ISO}'>today</time>"
                   "<div class=summary><p>She begins on Monday.</p></div></article><article><h2><a href='/press/2'>Budget</a></h2></article></main>"},
        ("list: article", "list: article["),
    ),
    Situation(
        "A JSON interface with a key in a header",
        'transport:\n  type: http\n  url: "https://feed.example/api"\n  headers: {X-Api-Key: {env: EXAMPLE_KEY}}\nparser: json\n'
        "parser_options:\n  list: data.items\n  fields: {id: uuid, headline: title, link: url, time: published_at}\nprovider: Example API\n",
        {"/api": {"data": {"items": [{"uuid": "u1", "title": "Strike ends", "url": "https://feed.example/u1", "published_at": ISO}]}}},
        ("data.items", "data[items"), {"x-api-key": "s3cret-s3cret-s3cret"},
    ),
    Situation(
        "A key in the query",
        'transport:\n  type: http\n  url: "https://feed.example/feed"\n  query: {token: {env: EXAMPLE_KEY}}\nprovider: Example Agency\n',
        {"/feed?token=s3cret-s3cret-s3cret": rss(("1", "Vote postponed"))},
        ("{env: EXAMPLE_KEY}", "{environment: EXAMPLE_KEY}"),
    ),
    Situation(
        "A GraphQL interface",
        'transport:\n  type: http\n  url: "https://feed.example/graphql"\n  post: {graphql: "{ stories { id title date } }"}\nparser: json\n'
        "parser_options: {list: data.stories, fields: {id: id, headline: title, time: date}}\nprovider: Example Graph\n",
        {"/graphql": {"data": {"stories": [{"id": "g1", "title": "Rates unchanged", "date": ISO}]}}},
        ("graphql:", "graphq:"),
    ),
    Situation(
        "A feed with user name and password",
        'transport:\n  type: http\n  url: "https://feed.example/rss"\n  basic_auth: {username: desk, password: {env: EXAMPLE_KEY}}\n'
        "provider: Example Agency\n",
        {"/rss": rss(("1", "Court rules on levy"))},
        ("{env: EXAMPLE_KEY}", "hunter2"), {"authorization": "Basic ZGVzazpzM2NyZXQtczNjcmV0LXMzY3JldA=="},
    ),
    Situation(
        "Access tokens (OAuth 2)",
        'transport:\n  type: http\n  url: "https://feed.example/rss"\n  oauth2: {token_url: "https://feed.example/token", client_id: desk, client_secret: {env: EXAMPLE_KEY}}\n'
        "provider: Example Agency\n",
        {"/rss": rss(("1", "Talks resume")), "/token": {"access_token": "t0ken-t0ken-t0ken"}},
        ("client_id: desk, ", ""), {"authorization": "Bearer t0ken-t0ken-t0ken"},
    ),
    Situation(
        "Warnings in XML, of which there may be none",
        'transport: {type: http, url: "https://feed.example/cap"}\nparser: xml\nparser_options:\n  list: "//cap:alert"\n'
        '  fields: {id: "cap:identifier", headline: "cap:info/cap:headline", time: "cap:sent", body: "cap:info/cap:description"}\n'
        '  namespaces: {cap: "urn:oasis:names:tc:emergency:cap:1.2"}\n  may_be_empty: true\nprovider: Example Weather\n',
        {"/cap": f'<alerts><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a1</identifier><sent>{ISO}</sent><info><headline>Storm warning</headline>'
                 "<description>Stay inside.</description></info></alert></alerts>"},
        ("may_be_empty: true", "may_be_empty: perhaps"),
    ),
    Situation(
        "A site that has only sitemaps",
        'transport: {type: http, url: "https://feed.example/sitemap.xml"}\nparser: sitemap\nprovider: Example Gazette\n',
        {
            "/sitemap.xml": "<sitemapindex><sitemap><loc>/pages.xml</loc><lastmod>2020-01-01</lastmod></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>",
            "/pages.xml": "<urlset></urlset>",
            "/news.xml": f'<urlset xmlns:n="g"><url><loc>https://feed.example/n1</loc><n:news><n:title>Harbour closed</n:title><n:publication_date>{ISO}</n:publication_date></n:news></url></urlset>',
        },
        ("parser: sitemap", "parser: sitemaps"),
    ),
    Situation(
        "A search in GDELT",
        'transport:\n  type: http\n  url: "https://feed.example/api/v2/doc/doc?mode=artlist&format=json"\n  query: {query: earthquake}\nparser: json\n'
        "parser_options: {preset: gdelt}\nprovider: GDELT\nidentify_by: link\n",
        {"/api/v2/doc/doc?mode=artlist&format=json&query=earthquake": {"articles": [{"url": "https://paper.example/1", "title": "Quake in Chile", "seendate": "20260302T060000Z", "domain": "paper.example"}]}},
        ("identify_by: link", "identify_by: url"),
    ),
    Situation(
        "NewsAPI",
        'transport:\n  type: http\n  url: "https://feed.example/v2/top-headlines?country=us"\n  headers: {X-Api-Key: {env: EXAMPLE_KEY}}\nparser: json\n'
        "parser_options: {preset: newsapi}\nprovider: NewsAPI\nidentify_by: link\n",
        {"/v2/top-headlines?country=us": {"status": "ok", "articles": [{"source": {"name": "Paper"}, "author": "A. Writer", "title": "Senate votes", "url": "https://paper.example/2", "publishedAt": ISO}]}},
        ("parser: json", "parser: newsapi"), {"x-api-key": "s3cret-s3cret-s3cret"},
    ),
    Situation(
        "A Mastodon account",
        'transport: {type: http, url: "https://feed.example/api/v1/accounts/1/statuses"}\nparser: json\nparser_options: {preset: mastodon}\nprovider: Mastodon\n',
        {"/api/v1/accounts/1/statuses": [{"uri": "https://feed.example/s/1", "url": "https://feed.example/@a/1", "content": "<p>The bridge is open again.</p>", "created_at": ISO, "account": {"display_name": "City"}, "language": "en"}]},
        ("preset: mastodon", "presets: mastodon"),
    ),
    Situation(
        "A podcast with transcripts",
        'transport: {type: http, url: "https://feed.example/podcast"}\nparser: rss\nprovider: Example Audio\nschedule: {interval_seconds: 3600}\n',
        {
            "/podcast": rss(("e1", "Rates on hold"), more="<i:duration>12:30</i:duration><enclosure url='https://feed.example/e1.mp3' type='audio/mpeg'/>"
                            "<podcast:transcript url='https://feed.example/e1.srt' type='application/x-subrip'/>")
            .replace("<rss ", "<rss xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:podcast='https://podcastindex.org/namespace/1.0' ")
        },
        ("interval_seconds: 3600", "interval_seconds: 1h"),
    ),
    Situation(
        "Only two languages, and no advertisements",
        'transport: {type: http, url: "https://feed.example/rss"}\nprovider: Example News\nlanguage: en\nrules:\n'
        "  - keep: {language: [en, de]}\n  - {name: advertisements, drop: {headline: '\\b(sponsored|advertorial)\\b'}}\n",
        {"/rss": rss(("1", "Bridge opens"), ("2", "Sponsored: buy now"))},
        ("advertorial)", "advertorial"),
    ),
    Situation(
        "Urgency and a tag for some stories",
        'transport: {type: http, url: "https://feed.example/rss"}\nprovider: Example News\nrules:\n'
        "  - {name: floods, when: {headline: flood}, set: {urgency: 2, tags: [floods]}}\n",
        {"/rss": rss(("1", "Flood warning for the coast"), ("2", "Budget passed"))},
        ("urgency: 2", "urgency: high"),
    ),
    Situation(
        "Through a proxy",
        'transport:\n  type: http\n  url: "http://inside.example/rss"\n  proxy: {url: "https://feed.example"}\nprovider: Example News\n',
        {"http://inside.example/rss": rss(("1", "Port reopens"))},
        ('{url: "https://feed.example"}', '{url: "feed.example"}'),
    ),
    Situation(
        "A session cookie and another user agent",
        'transport:\n  type: http\n  url: "https://feed.example/rss"\n  cookies: {session: {env: EXAMPLE_KEY}}\n  user_agent: Example Newsroom\nprovider: Example News\n',
        {"/rss": rss(("1", "Members only"))},
        ("user_agent: Example Newsroom", 'user_agent: "Zürich"'), {"cookie": "session=s3cret-s3cret-s3cret", "user-agent": "Example Newsroom"},
    ),
    Situation(
        "Times that name no zone",
        'transport: {type: http, url: "https://feed.example/rss"}\nprovider: Example News\ntimezone: America/New_York\n',
        {"/rss": rss(("1", "Markets open"), date="2026-03-02 01:00:00")},
        ("America/New_York", "New York"),
    ),
    Situation(
        "An interface with pages",
        'transport:\n  type: http\n  url: "https://feed.example/api?page=1"\n  paging: {next: next}\nparser: json\n'
        "parser_options: {list: items, fields: {id: id, headline: title}}\nprovider: Example API\n",
        {
            "/api?page=1": {"items": [{"id": "p1", "title": "First"}], "next": "/api?page=2"},
            "/api?page=2": {"items": [{"id": "p2", "title": "Second"}]},
        },
        ("paging: {next: next}", "paging: {max_pages: 5}"),
    ),
    Situation(
        "One story under two ids",
        'transport: {type: http, url: "https://feed.example/rss"}\nprovider: Example News\nidentify_by: link\n',
        {"/rss": RSS.format("".join(f"<item><guid>{number}</guid><title>Same story</title><link>https://feed.example/s?utm_source={number}</link></item>" for number in "12"))},
        ("identify_by: link", "identify_by: guid"),
    ),
]  # fmt: skip


def body(answer: Any) -> bytes:
    """An answer as bytes; what is not a text is JSON."""
    return (answer if isinstance(answer, str) else json.dumps(answer)).encode()
