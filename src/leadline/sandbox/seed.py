"""Demo people that show each identity rule, and the teammates. Idempotent; run by `leadline demo` and the tests."""

from __future__ import annotations

import time
from typing import Any

from psycopg.types.json import Jsonb

from leadline.sandbox.contacts import formatted_phone
from leadline.sandbox.queries import queries
from leadline.store.database import Database

ADMINS = (
    (991267001, "Maya Lindqvist", "maya@sandbox.example", "Support lead"),
    (991267002, "Tom Okafor", "tom@sandbox.example", "Support specialist"),
)
TEAMS = ((5101, "Orders", [991267001, 991267002]),)
DAY = 86_400
KNOWN_USER = "65a0000000000000000000a1"
OLDER_TWIN = "65a0000000000000000000b1"
NEWER_TWIN = "65a0000000000000000000b2"
LEAD_TWIN = "65a0000000000000000000b3"
UNKNOWN_PHONE = "+353861234567"

# (id, role, external_id, email, phone, name, days since the last change)
PEOPLE = (
    (KNOWN_USER, "user", "cust-1001", "aoife.byrne@example.com", "+353 88 888 8999", "Aoife Byrne", 3),
    (OLDER_TWIN, "user", "cust-2001", "liam.murphy@example.com", "+447700900123", "Liam Murphy", 40),
    (NEWER_TWIN, "user", "cust-2002", "liam@murphy.example", "00447700900123", "Liam Murphy (work)", 2),
    (LEAD_TWIN, "lead", "lead-2003", None, "+44 7700 900123", "Liam M.", 1),
)


async def seed(database: Database) -> None:
    """Teammates and people; those already there stay as they are. Nobody has UNKNOWN_PHONE."""
    now = int(time.time())
    async with database.connection() as connection:
        for key, name, email, job_title in ADMINS:
            await queries.add_admin(connection, id=key, name=name, email=email, job_title=job_title, at=now)
        for key, name, members in TEAMS:
            await queries.add_team(connection, id=key, name=name, admin_ids=Jsonb(members))
        for person in PEOPLE:
            await queries.insert_contact(connection, **_row(person, now))


async def seed_admins(database: Database) -> None:
    """Only the teammates, without whom there is nobody to own a token."""
    async with database.connection() as connection:
        for key, name, email, job_title in ADMINS:
            await queries.add_admin(
                connection, id=key, name=name, email=email, job_title=job_title, at=int(time.time())
            )


def _row(person: tuple[str, str, str, str | None, str, str, int], now: int) -> dict[str, Any]:
    key, role, external_id, email, phone, name, days = person
    return {
        "id": key,
        "role": role,
        "external_id": external_id,
        "email": email,
        "phone": phone,
        "formatted_phone": formatted_phone(phone),
        "name": name,
        "at": now - days * DAY,
        "custom_attributes": Jsonb({}),
        "fields": Jsonb({"last_seen_at": now - days * DAY}),
    }
