"""The custom attributes of contacts that hold channel ids. Called through contacts.py and at start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError, listed
from leadline.intercom.routes import path
from leadline.intercom.wire import text

DESCRIPTION = "Set by Leadline: this person's id on a messaging channel"


async def ensure_attributes(client: Client, descriptions: Mapping[str, str]) -> tuple[str, ...]:
    """Create the text attributes of contacts that are missing, revive archived ones; returns those it touched.

    Raises IntercomError when one exists with another type, which Intercom cannot change. They are not writable from
    the Messenger, where a visitor could claim somebody else's channel id. Source: data attributes, API 2.16.
    """
    answer = await client.call("GET", "/data_attributes", params={"model": "contact", "include_archived": "true"})
    known = {text(item.get("name")): item for item in listed(answer, "data") if item.get("custom") is not False}
    touched = []
    for name, description in descriptions.items():
        if name not in known:
            await _create(client, name, description)
        elif known[name].get("archived") is True:
            await client.call("PUT", path("/data_attributes/{}", text(known[name]["id"])), body={"archived": False})
        else:
            _check_type(known[name])
            continue
        touched.append(name)
    return tuple(touched)


async def names_of_contacts(client: Client) -> frozenset[str]:
    """The custom attributes that contacts have, without archived ones. Source: data attributes, API 2.16."""
    answer = await client.call("GET", "/data_attributes", params={"model": "contact"})
    return frozenset(text(item.get("name")) for item in listed(answer, "data") if item.get("custom") is not False)


async def _create(client: Client, name: str, description: str) -> None:
    attribute = {
        "name": name,
        "model": "contact",
        "data_type": "string",
        "description": description or DESCRIPTION,
        "messenger_writable": False,
    }
    try:
        await client.call("POST", "/data_attributes", body=attribute)
    except IntercomError as refused:
        # Another worker may have made it in between; Intercom then answers that there already is one.
        if refused.code != "parameter_invalid" or "already" not in refused.message.lower():
            raise


def _check_type(attribute: Mapping[str, Any]) -> None:
    kind = text(attribute.get("data_type")) or "string"
    if kind != "string":
        name = text(attribute.get("name"))
        raise IntercomError(
            400,
            "attribute_type",
            f"the contact attribute '{name}' is of type {kind}, but channel ids are text. "
            "Archive it in Intercom (Settings, People data) and start again.",
        )
