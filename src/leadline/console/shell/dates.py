"""Days as addresses of pages name them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def day(text: str, after: int = 0) -> datetime | None:
    """Midnight UTC of a date like 2026-11-28, or of the one `after` it; None for what is no date."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
