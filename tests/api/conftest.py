"""Towns for the tests of this wing."""

from __future__ import annotations

from tests.acceptance.conftest import open_town as open_town
