"""The fakes of all providers, for the tests of what asks them."""

from __future__ import annotations

from tests.channels.conftest import town as town
