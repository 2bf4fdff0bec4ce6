"""A house with providers, a provider, and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from leadline.store.database import Database
from tests.console.oidc.house import SignOnHouse, house_of
from tests.console.signin.test_sign_in import new_browser
from tests.openid import OpenIdProvider, providing


@pytest.fixture
async def house(store: Database) -> AsyncIterator[SignOnHouse]:
    async with house_of(store) as house:
        yield house


@pytest.fixture
async def acme() -> AsyncIterator[OpenIdProvider]:
    async with providing() as provider:
        yield provider


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """Anybody's, with its own cookies."""
    async with new_browser() as browser:
        yield browser


@pytest.fixture
async def invited(house: SignOnHouse, acme: OpenIdProvider) -> SignOnHouse:
    """Where an honest sign-in would lead in."""
    await house.connect(acme)
    await house.invite("ann@example.com")
    return house
