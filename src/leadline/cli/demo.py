"""`leadline demo`."""


def demo() -> None:
    """Demo."""
