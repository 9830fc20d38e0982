"""How large a run is: the aims are about the full one, the quick one shows that it works."""

from dataclasses import dataclass
from typing import Final

LEAST_VIEWERS: Final = 200


@dataclass(frozen=True, slots=True)
class Scale:
    """``share`` of the full number of viewers, for ``seconds`` a window, ``runs`` times."""

    runs: int
    share: float
    seconds: float

    @property
    def full(self) -> bool:
        """Whether the aims apply."""
        return self.share == 1.0

    def viewers(self, number: int) -> int:
        """Return how many stand for ``number``."""
        return max(LEAST_VIEWERS, round(number * self.share))

    def spread_s(self, seconds: float) -> float:
        """Return over how long stands for ``seconds``."""
        return seconds * max(self.share, 0.2)


FULL: Final = Scale(runs=3, share=1.0, seconds=5.0)
QUICK: Final = Scale(runs=1, share=0.2, seconds=2.0)
