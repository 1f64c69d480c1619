"""How Faust's consumer asks the broker for messages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pipeline.broker.app import make_app
from pipeline.settings import Settings


def test_a_partition_waits_for_a_request_for_others_no_longer_than_200_ms(tmp_path: Path) -> None:
    async def wait_ms() -> int:
        app = make_app(Settings(), "index", tmp_path)
        app.finalize()
        consumer: Any = app.consumer
        client = consumer._thread._create_consumer(asyncio.get_running_loop())
        await client.stop()
        consumer._thread.thread_loop.close()
        return int(client._fetch_max_wait_ms)

    assert asyncio.run(wait_ms()) == 200
