"""What a page or a click may meet and must survive: it is said or logged, and the page stays open."""

from __future__ import annotations

import aiohttp
import psycopg

from leadline.errors import LeadlineError

TROUBLE = (LeadlineError, aiohttp.ClientError, TimeoutError, psycopg.Error)
"""What Leadline raises on purpose, and what breaks of the network or the database."""
