"""A browser for the tests of the operator's pages."""

from __future__ import annotations

from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import fresh_pages as fresh_pages
