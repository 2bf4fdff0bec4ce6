"""What is asked of Intercom's search, within its limits, and what its odd answers lead to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from leadline.intercom import account, attributes, contacts, merges, searches, teams, traces
from leadline.intercom.client import Client
from leadline.intercom.conversation_changes import changed_since, deleted_since
from leadline.intercom.outcomes import IntercomError, Unavailable

from .conftest import Script, contact, refusal


def page(*found: dict[str, Any], after: str = "") -> tuple[int, dict[str, Any]]:
    following = {"next": {"per_page": 50, "starting_after": after}} if after else {}
    return (200, {"type": "list", "data": list(found), "pages": {"type": "pages", **following}})


async def test_phone_search_asks_all_spellings_at_once_and_sorts(script: Script, client: Client) -> None:
    script.will(
        page(contact("b", updated_at=5), contact("a", updated_at=5), after="p2"),
        page(contact("c", "user", updated_at=9), contact("v", "visitor"), contact("a", updated_at=5)),
    )
    found = await searches.by_phone(client, ["+1", "1", "+1"], ["+1"], formatted=True)
    assert [candidate.contact_id for candidate in found] == ["c", "a", "b"]
    assert [type(candidate).__name__ for candidate in found] == ["Candidate"] * 3
    first, second = (asked.body for asked in script.asked)
    assert first["query"] == {
        "operator": "OR",
        "value": [
            {"field": "formatted_phone", "operator": "=", "value": "+1"},
            {"field": "phone", "operator": "=", "value": "+1"},
            {"field": "phone", "operator": "=", "value": "1"},
        ],
    }
    assert first["sort"] == {"field": "updated_at", "order": "descending"}
    assert second["query"] == first["query"]
    assert second["pagination"]["starting_after"] == "p2"


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (15, 1), (16, 1), (31, 1), (225, 1), (226, 2)])
async def test_phone_search_keeps_to_fifteen_filters_a_group(
    script: Script, client: Client, count: int, calls: int
) -> None:
    script.will(*[page()] * calls)
    numbers = [str(number) for number in range(count)]
    assert await searches.by_phone(client, numbers, numbers, formatted=False) == ()
    asked: list[str] = []
    for query in (each.body["query"] for each in script.asked):
        asked += _values(query, depth=0)
    assert sorted(asked) == sorted(numbers)


def _values(query: dict[str, Any], depth: int) -> list[str]:
    if query["operator"] == "=":
        return [query["value"]]
    assert depth < 2, "Intercom allows two nested levels"
    assert 1 < len(query["value"]) <= 15, "Intercom allows fifteen filters in a group"
    return [value for part in query["value"] for value in _values(part, depth + 1)]


async def test_search_ends_when_intercom_repeats_a_page(script: Script, client: Client) -> None:
    script.will(page(contact("a"), after="x"), page(contact("a"), after="x"))
    assert len(await searches.by_phone(client, ["1"], [], formatted=False)) == 1


async def test_attribute_search(script: Script, client: Client) -> None:
    script.will(page(contact("a", updated_at=1), contact("b", updated_at=2)))
    found = await searches.by_sender(client, (), (), {"telegram_id": "77"}, formatted=False)
    assert [candidate.contact_id for candidate in found] == ["b", "a"]
    query = {"field": "custom_attributes.telegram_id", "operator": "=", "value": "77"}
    assert script.asked[0].body["query"] == query


async def test_search_of_a_missing_attribute_creates_it(script: Script, client: Client) -> None:
    script.will((400, refusal("parameter_invalid", "no such field")), (200, {"data": []}), (200, {"id": 1}))
    assert await searches.by_sender(client, (), (), {"telegram_id": "77"}, formatted=False) == ()
    assert script.asked[2].body["name"] == "telegram_id"


async def test_search_refused_for_another_reason_is_not_an_empty_result(script: Script, client: Client) -> None:
    present = {"data": [{"id": 1, "name": "telegram_id", "data_type": "string"}]}
    script.will((400, refusal("parameter_invalid", "value is odd")), (200, present))
    with pytest.raises(IntercomError, match="value is odd"):
        await searches.by_sender(client, (), (), {"telegram_id": "77"}, formatted=False)


@pytest.mark.parametrize(("answer", "supported"), [(page(), True), ((400, refusal("parameter_invalid", "no")), False)])
async def test_formatted_phone_is_probed_once(
    script: Script, client: Client, answer: tuple[Any, ...], supported: bool
) -> None:
    script.will(answer)
    assert await searches.formatted_phone_supported(client) is supported
    assert await searches.formatted_phone_supported(client) is supported
    assert len(script.asked) == 1


async def test_formatted_phone_stays_unknown_when_the_plan_forbids_asking(script: Script, client: Client) -> None:
    script.will((403, refusal("api_plan_restricted", "Active subscription needed.")), page())
    with pytest.raises(IntercomError):
        await searches.formatted_phone_supported(client)
    assert await searches.formatted_phone_supported(client) is True


async def _by_sender(client: Client) -> object:
    return await searches.by_sender(client, ["+1"], ["+1"], {}, formatted=False)


async def _changed(client: Client) -> object:
    return [page async for page in changed_since(client, 0)]


LISTS: dict[str, Callable[[Client], Awaitable[object]]] = {
    "senders": _by_sender,
    "live": lambda client: searches.live(client, ["c1"]),
    "walk": contacts.page,
    "changes": _changed,
    "deleted": lambda client: deleted_since(client, 0),
    "history": lambda client: merges.merged_into(client, "c1"),
    "conversations": lambda client: merges.conversation_ids(client, "c1"),
    "lost conversation": lambda client: traces.find_conversation(client, "c1", "Hello", since=0, known=()),
    "attributes": attributes.names_of_contacts,
    "teams": teams.teams,
    "admins": account.admins,
}


@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("nothing", [b"", {}, {"type": "list"}, {"type": "list", "data": None, "conversations": {}}])
async def test_a_list_that_is_not_there_is_not_an_empty_one(
    script: Script, client: Client, ask: Callable[[Client], Awaitable[object]], nothing: object
) -> None:
    """Whoever took it for one would make a second lead, write a message twice or unlink a contact."""
    script.will((200, nothing))
    with pytest.raises(Unavailable):
        await ask(client)


async def _updated(client: Client) -> object:
    return [one async for one in searches.updated_since(client, 0)]


@pytest.mark.parametrize("ask", [_updated, *(LISTS[name] for name in ("walk", "changes", "conversations"))])
async def test_a_list_that_leads_to_the_same_page_again_is_not_over(
    script: Script, client: Client, ask: Callable[[Client], Awaitable[object]]
) -> None:
    """Whoever took it for over would call the directory complete, or leave a reply unsent."""
    again = {"data": [], "conversations": [], "pages": {"next": {"starting_after": "p2"}}}

    async def all_pages() -> None:
        await ask(client)
        await contacts.page(client, "p2")  # as the walk goes on

    script.will((200, again), (200, again))
    with pytest.raises(Unavailable):
        await all_pages()
