"""What the scripts answer to attempts, read into outcomes; an answer of theirs is a few words."""

from typing import Final

from commerce.ids import HoldId
from commerce.offers.outcomes import (
    Closed,
    Crowded,
    Held,
    InLine,
    KeyReused,
    LimitReached,
    LineFull,
    NoLine,
    NotAdmitted,
    NotOpen,
    Outcome,
    Place,
    SoldOut,
    Turn,
)

CROWDED_MS: Final = 2_000
"""Somebody pays or gives up every few seconds; the screen says when units are gone."""


def outcome(answer: str, hold: HoldId, left: int, version: int) -> Outcome:
    """Read an answer of `reserve.lua`."""
    match answer.split(" "):
        case ["held", expires_at]:
            return Held(hold=hold, expires_at=int(expires_at), left=left, version=version)
        case ["intent", expires_at]:
            return Held(
                hold=hold,
                expires_at=int(expires_at),
                left=left,
                version=version,
                first_paid=True,
            )
        case ["sold_out"]:
            return SoldOut()
        case ["crowded"]:
            return Crowded(retry_after_ms=CROWDED_MS)
        case ["limit_reached", held]:
            return LimitReached(held=int(held))
        case ["not_open", wait_ms]:
            return NotOpen(retry_after_ms=int(wait_ms))
        case ["closed"]:
            return Closed()
        case ["key_reused"]:
            return KeyReused()
        case ["not_admitted" | "turn_over" | "turn_used" as why]:
            return NotAdmitted(why=why)
        case _:
            raise AssertionError(f"reserve.lua answered {answer!r}")


def place(answer: str, hold: HoldId, left: int, version: int) -> Place:
    """Read an answer of `wait.lua`."""
    match answer.split(" "):
        case ["waiting", place, quantity]:
            return InLine(place=int(place), quantity=int(quantity))
        case ["held", expires_at, quantity]:
            held = Held(hold=hold, expires_at=int(expires_at), left=left, version=version)
            return Turn(held=held, quantity=int(quantity))
        case ["limit_reached", held]:
            return LimitReached(held=int(held))
        case ["not_open", wait_ms]:
            return NotOpen(retry_after_ms=int(wait_ms))
        case ["closed"]:
            return Closed()
        case ["full"]:
            return LineFull()
        case ["not_admitted"]:
            return NotAdmitted(why="not_admitted")
        case ["no_line"]:
            return NoLine()
        case ["key_reused"]:
            return KeyReused()
        case _:
            raise AssertionError(f"wait.lua answered {answer!r}")
