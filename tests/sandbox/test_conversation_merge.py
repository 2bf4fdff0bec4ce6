"""Two conversations become one over HTTP (2.16): the one is closed and linked, the other goes on."""

from __future__ import annotations

import pytest

from .conftest import Api


async def test_one_is_closed_and_the_other_answered(api: Api) -> None:
    contact = await api.contact(role="lead")
    one, other = await api.conversation(contact, "One"), await api.conversation(contact, "Other")
    answer = await api.ok("POST", f"/conversations/{one}/merge", {"merge_into_conversation_id": int(other)})
    assert (answer["id"], answer["state"]) == (other, "open")
    assert (await api.ok("GET", f"/conversations/{one}"))["state"] == "closed"
    again = await api.call("POST", f"/conversations/{one}/merge", {"merge_into_conversation_id": int(other)})
    assert (again.status, again.code, again.message) == (
        422, "merge_failed", "Secondary conversation has already been merged",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("into", "status", "code"), [("itself", 422, "merge_failed"), (999, 422, "merge_failed"),
                                 ("x", 400, "parameter_invalid"), (None, 400, "parameter_invalid")],
)  # fmt: skip
async def test_what_cannot_be_merged(api: Api, into: object, status: int, code: str) -> None:
    one = await api.conversation(await api.contact(role="lead"))
    target = int(one) if into == "itself" else into
    answer = await api.call("POST", f"/conversations/{one}/merge", {"merge_into_conversation_id": target})
    assert (answer.status, answer.code) == (status, code)
    assert (await api.ok("GET", f"/conversations/{one}"))["state"] == "open"


async def test_before_2_16_there_is_no_such_call(api: Api) -> None:
    contact = await api.contact(role="lead")
    one, other = await api.conversation(contact), await api.conversation(contact)
    body = {"merge_into_conversation_id": int(other)}
    assert (await api.call("POST", f"/conversations/{one}/merge", body, Intercom_Version="2.15")).status == 404
