"""One figure, or a few of one situation, a file: each a coroutine from a scale to figures."""
