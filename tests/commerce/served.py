"""An ASGI application on a real port, on the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from live.listener import listen


@asynccontextmanager
async def served(application: ASGIApp) -> AsyncIterator[str]:
    """Serve it for as long as the block lasts, and give its URL."""
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(
            application, lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:
            # `serve` without the signal handlers, which are pytest's here.
            serving = tasks.create_task(server._serve([listener]))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                await asyncio.wait([serving])
