"""Time for the panel on a busy machine."""

from __future__ import annotations

import pytest

from leadline.panel import desk, facts


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the panel shows does not depend on the machine; the tests of its limits set them again."""
    for module, limit in ((desk, "LIMIT"), (facts, "LIMIT"), (facts, "SOON")):
        monkeypatch.setattr(module, limit, 60.0)
