"""
What the web process serves requests with, built once by ``live.app``.

Everything in it is open and running for as long as a request can reach it.
"""

import asyncio

from msgspec import Struct

from commerce.checkout import Checkout
from commerce.offers.batcher import Batcher
from commerce.offers.stock import Gate
from commerce.payments.sandbox import Sandbox
from commerce.store.pool import Pool
from commerce.tracing import Tracer
from live.auth import Passwords, Tokens, Tries
from live.config import Config
from live.line import Line
from live.media.backend import MediaBackend
from live.media.front import Front
from live.queue import Queues
from live.showcase import Showcase
from live.team.stagedoor import StageDoor
from live.telemetry import Metrics
from live.traffic import Traffic
from rooms.brokers import Broker
from rooms.node import Node


class Shop(Struct, frozen=True, kw_only=True):
    """The parts of one web process."""

    config: Config
    pool: Pool
    gate: Gate
    batcher: Batcher
    line: Line
    queues: Queues
    checkout: Checkout
    sandbox: Sandbox
    node: Node
    broker: Broker
    tokens: Tokens
    stage_door: StageDoor
    passwords: Passwords
    tries: Tries
    metrics: Metrics
    tracer: Tracer
    media: MediaBackend | None
    front: Front | None
    traffic: Traffic
    showcase: Showcase
    darkroom: asyncio.Semaphore
    """One picture at a time: decoded, it may take 200 MB, and a core that the rooms need."""
