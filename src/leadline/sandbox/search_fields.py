"""Which fields of contacts and conversations can be searched, their types, and where they are in an index document."""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

from leadline.sandbox.attributes import Model, attribute_types
from leadline.sandbox.call import Call
from leadline.sandbox.search import Field, Kind

_KINDS: dict[str, Kind] = {
    "string": "string",
    "options": "string",
    "integer": "integer",
    "float": "float",
    "decimal": "float",
    "boolean": "boolean",
    "datetime": "date",
    "date": "date",
}


def text_field(name: str) -> Field:
    return Field("string", sql.SQL("(i.doc ->> {})").format(sql.Literal(name)))


def _typed(name: str, kind: Kind) -> Field:
    cast = {"date": "bigint", "integer": "bigint"}.get(kind)
    read = sql.SQL("(i.doc ->> {})").format(sql.Literal(name))
    return Field(kind, sql.SQL("{}::{}").format(read, sql.SQL("bigint")) if cast else read)


def _deep(*names: str, kind: Kind = "string") -> Field:
    return Field(kind, sql.SQL("(i.doc #>> {})").format(sql.Literal(list(names))))


CONTACT_TEXTS = [
    "id",
    "role",
    "name",
    "avatar",
    "owner_id",
    "email_domain",
    "phone",
    "external_id",
    "language_override",
    "browser",
    "browser_version",
    "browser_language",
    "os",
    "ios_app_version",
    "ios_device",
    "ios_app_device",
    "ios_os_version",
    "ios_app_name",
    "android_app_name",
    "android_app_version",
    "android_device",
    "android_sdk_version",
    "android_os_version",
]
CONTACT_DATES = [
    "created_at",
    "signed_up_at",
    "updated_at",
    "last_seen_at",
    "last_contacted_at",
    "last_replied_at",
    "last_email_opened_at",
    "last_email_clicked_at",
    "ios_last_seen_at",
    "android_last_seen_at",
]
_CONTACT_FLAGS = ("unsubscribed_from_emails", "marked_email_as_spam", "has_hard_bounced")
CONTACT_FIELDS: dict[str, Field] = {
    **{name: text_field(name) for name in CONTACT_TEXTS},
    **{name: _typed(name, "date") for name in CONTACT_DATES},
    **{
        name: Field("boolean", sql.SQL("coalesce(i.doc ->> {}, 'false')").format(sql.Literal(name)))
        for name in _CONTACT_FLAGS
    },
    "email": Field("string", sql.SQL("lower(i.doc ->> 'email')")),
    **{f"location.{name}": _deep("location", name) for name in ("country", "region", "city")},
    "tag_id": Field("keys", sql.SQL("(i.doc -> 'tags')")),
}
CONVERSATION_DATES = ("created_at", "updated_at", "waiting_since", "snoozed_until")
_SOURCE = ("type", "id", "delivered_as", "subject", "url")
CONVERSATION_FIELDS: dict[str, Field] = {
    **{name: text_field(name) for name in ("id", "state", "title", "priority")},
    **{name: Field("date", _typed(name, "date").read, day_only=False) for name in CONVERSATION_DATES},
    **{name: Field("boolean", sql.SQL("(i.doc ->> {})").format(sql.Literal(name))) for name in ("open", "read")},
    **{name: _typed(name, "integer") for name in ("admin_assignee_id", "team_assignee_id")},
    **{f"source.{name}": _deep("source", name) for name in _SOURCE},
    **{f"source.author.{name}": _deep("source", "author", name) for name in ("id", "type", "name", "email")},
    "source.body": _deep("source", "body", kind="words"),
    "contact_ids": Field("member", sql.SQL("(i.doc -> 'contact_ids')")),
    "teammate_ids": Field("member", sql.SQL("(i.doc -> 'teammate_ids')")),
    "tag_ids": Field("member", sql.SQL("(i.doc -> 'tags')")),
}


async def with_attributes(call: Call, fixed: dict[str, Field], model: Model) -> dict[str, Field]:
    """The fixed fields and one for every custom attribute, whose name stays a value."""
    fields = dict(fixed)
    for name, data_type in (await attribute_types(call, model)).items():
        fields[f"custom_attributes.{name}"] = _attribute(name, _KINDS[data_type])
    return fields


def _attribute(name: str, kind: Kind) -> Field:
    read: sql.Composable = sql.SQL("(i.doc -> 'custom_attributes' ->> %s)")
    cast: dict[str, LiteralString] = {"integer": "{}::numeric", "float": "{}::float", "date": "{}::numeric"}
    return Field(kind, sql.SQL(cast[kind]).format(read) if kind in cast else read, attribute=name)
