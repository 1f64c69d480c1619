"""Fakes of the edges, for tests of what is between them: the publisher, the indexer and the fetcher.

They keep the promises of the real ones (order, refusals, a server that is away) without a server. What depends on
delivery itself is tested on the real servers.
"""

from pipeline.testing.fetcher import FakeFetcher
from pipeline.testing.indexer import FakeIndexer
from pipeline.testing.publisher import FakePublisher

__all__ = ["FakeFetcher", "FakeIndexer", "FakePublisher"]
