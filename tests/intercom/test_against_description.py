"""What the client sends fits Intercom's own OpenAPI description (2.16), and the description's examples can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from leadline.intercom import account, contacts, conversations, searches, traces
from leadline.intercom.client import Client
from leadline.intercom.conversations import File
from leadline.model import Candidate, Role

from .conftest import Asked, Script, contact, refusal


@pytest.fixture(scope="session")
def description(shared: Path) -> dict[str, Any]:
    text = (shared / "specs" / "intercom" / "intercom-2.16.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded


def _problems(description: dict[str, Any], asked: Asked) -> list[str]:
    """What is wrong with a request; a method or path that the description does not have is wrong too."""
    fitting = [path for path in description["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/{}]+", path), asked.path)]
    exact = asked.path if asked.path in fitting else next(iter(fitting), "")
    operation = description["paths"].get(exact, {}).get(asked.method.lower())
    if operation is None:
        return [f"there is no {asked.method} {asked.path}"]
    queries = {each["name"] for each in operation.get("parameters", []) if each.get("in") == "query"}
    wrong = [f"no query {name}" for name in asked.query if name not in queries]
    if asked.body is None:
        return wrong
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": description["components"]})
    return wrong + [error.message for error in validator.iter_errors(asked.body)]


async def test_every_request_fits(description: dict[str, Any], script: Script, client: Client) -> None:
    part = {"id": "1", "author": {"type": "lead", "id": "c1"}, "body": "Hi", "part_type": "comment"}
    note = {"id": "2", "author": {"type": "admin", "id": "7"}, "body": "Hi", "part_type": "note"}
    conversation = {"id": "499", "conversation_parts": {"conversation_parts": [part, note]}}
    empty: dict[str, Any] = {"data": [], "conversations": [], "pages": {}}
    asleep = {"data": [{"id": 4, "name": "b", "archived": True}]}
    archived = refusal("conflict", "An archived contact matching those details already exists with id=c1")
    lead = Candidate(contact_id="6762f0dd1bb69f9f2193bb83", role=Role.LEAD)
    file = File("a.txt", "text/plain", b"a")

    script.will((200, {"id": "7", "app": {"id_code": "x"}}), (200, {"admins": []}))
    await account.me(client)
    await account.admins(client)
    script.will((200, empty), (200, empty), (200, empty), (200, empty))
    await searches.by_phone(client, ["1"], [], formatted=False)
    await searches.by_phone(client, [str(number) for number in range(40)], ["+1"], formatted=True)
    await searches.by_sender(client, (), (), {"telegram_id": "77"}, formatted=False)
    await searches.formatted_phone_supported(client)
    script.will((200, contact("c1")), (409, archived), (200, {}), (200, contact("c1")), (200, contact("c1")))
    profile = {"name": "Cara", "phone": "+1", "avatar_url": "https://a.b/c.png", "language": "de"}
    await contacts.create_lead(client, external_id="e", **profile, attributes={"telegram_id": "77"})
    await contacts.create_lead(client, external_id="e")
    await contacts.update(client, "c1", role="user", custom_attributes={"a": "b"})
    script.will((200, asleep), (200, {"id": 3}), (200, {"id": 4}))
    await contacts.ensure_attributes(client, {"a": "first", "b": "second"})
    script.will((200, {"conversation_id": "499"}), (200, conversation), (200, conversation))
    await conversations.open_conversation(client, lead, "Hi", ["https://a.b/c.png"])
    await conversations.reply(client, "499", "c1", "Hi", [file])
    await conversations.note(client, "499", "7", "Hi")
    script.will((200, {"data": []}), (200, {"id": "5"}), (200, {}))
    await conversations.tag(client, "499", "sms", "7")
    script.will((200, conversation), (200, empty), (200, empty))
    await conversations.get_conversation(client, "499")
    await traces.find_conversation(client, "c1", "Hi", since=0, known=())

    wrong = [
        (asked.method, asked.path, problems) for asked in script.asked if (problems := _problems(description, asked))
    ]
    assert wrong == []
    assert len({(asked.method, re.sub(r"\d+|c1", "1", asked.path)) for asked in script.asked}) == 18


def test_a_wrong_request_is_seen(description: dict[str, Any]) -> None:
    opening = {"from": {"type": "admin", "id": "c1"}}
    for asked in (
        Asked("POST", "/conversations", {}, {}, opening),
        Asked("POST", "/contacts", {}, {}, {"name": "x"}),
        Asked("GET", "/contacts/1/conversations", {}, {}, None),
        Asked("GET", "/conversations", {"order": "x"}, {}, None),
    ):
        assert _problems(description, asked)


def _examples(description: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == kind and isinstance(node.get("id"), str):
                found.append(node)
            node = list(node.values())
        for each in node if isinstance(node, list) else ():
            walk(each)

    walk(description["paths"])
    return found


def test_contacts_of_the_description_can_be_read(description: dict[str, Any]) -> None:
    full = [each for each in _examples(description, "contact") if "role" in each]
    read = [contacts.read(each) for each in full]
    assert len(read) > 5
    for raw, found in zip(full, read, strict=True):
        assert found is not None
        assert (found.contact_id, found.role, found.phone) == (raw["id"], raw["role"], raw.get("phone") or "")
        assert found.updated_at == raw["updated_at"]


async def test_conversations_of_the_description_can_be_read(
    description: dict[str, Any], script: Script, client: Client
) -> None:
    full = [each for each in _examples(description, "conversation") if "conversation_parts" in each]
    assert len(full) > 10
    for raw in full:
        script.will((200, raw))
        found = await conversations.get_conversation(client, raw["id"])
        assert found is not None
        assert found.source is not None
        assert found.state == raw["state"]
        assert {part.part_id for part in found.parts} == {
            str(part["id"]) for part in raw["conversation_parts"]["conversation_parts"]
        }
        assert not any("<" in part.text for part in (*found.parts, found.source))
