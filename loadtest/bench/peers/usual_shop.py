"""
The usual way to sell twenty units: an endpoint, one script call a request, one INSERT an order.

Starlette on uvicorn with uvloop, redis-py with hiredis, asyncpg with a pool: good parts, put
together as most services do. Told where Redis and PostgreSQL are: ``usual_shop SOCKET FOLDER``. It
knows no tokens, no holds that lapse and no retries, so an attempt is less work than liveshop's.
"""

import asyncio
import socket
import sys
from pathlib import Path
from typing import Final

import asyncpg
import uvicorn
import uvloop
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import UnixDomainSocketConnection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from loadtest.bench.publisher import obey

LEFT: Final = "{usual}:left"
BUYERS: Final = "{usual}:buyers"
CONNECTIONS: Final = 32

_RESERVE: Final = Path(__file__).with_suffix(".lua").read_text()
_CREATE: Final = """
    CREATE TABLE IF NOT EXISTS usual_orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        buyer text NOT NULL UNIQUE,
        placed_at timestamptz NOT NULL DEFAULT now()
    )
"""
_INSERT: Final = "INSERT INTO usual_orders (buyer) VALUES ($1) RETURNING id"


async def main(redis_socket: str, postgres_folder: str) -> None:
    """Sell, until standard input ends."""
    connections = BlockingConnectionPool(
        connection_class=UnixDomainSocketConnection,
        path=redis_socket,
        max_connections=CONNECTIONS,
        decode_responses=True,
    )
    async with (
        Redis(connection_pool=connections) as redis,
        asyncpg.create_pool(
            host=postgres_folder,
            user="postgres",
            database="postgres",
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
        ) as pool,
    ):
        await pool.execute(_CREATE)
        script = redis.register_script(_RESERVE)

        async def open_sale(request: Request) -> JSONResponse:
            await pool.execute("TRUNCATE usual_orders")
            await redis.delete(BUYERS)
            await redis.set(LEFT, request.path_params["units"])
            return JSONResponse({})

        async def reserve(request: Request) -> JSONResponse:
            buyer = request.path_params["buyer"]
            answer = await script(keys=[LEFT, BUYERS], args=[buyer])
            if answer != "reserved":
                return JSONResponse({"refused": answer}, status_code=409)
            order = await pool.fetchval(_INSERT, buyer)
            return JSONResponse({"order": order}, status_code=201)

        async def orders(request: Request) -> JSONResponse:
            return JSONResponse(await pool.fetchval("SELECT count(*) FROM usual_orders"))

        await _serve(
            Starlette(
                routes=[
                    Route("/open/{units:int}", open_sale, methods=["POST"]),
                    Route("/reserve/{buyer}", reserve, methods=["POST"]),
                    Route("/orders", orders),
                ]
            )
        )


async def _serve(application: Starlette) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=1,
        )
    )

    async def publish(line: bytes, control: bool) -> None:
        raise AssertionError("a shop without rooms has nobody to tell")

    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listener]))
            await obey(listener.getsockname()[1], publish)
            server.should_exit = True


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
