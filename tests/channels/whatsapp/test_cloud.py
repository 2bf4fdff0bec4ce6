"""What only WhatsApp has: templates, changed numbers, wishes about marketing; and Meta's own examples of webhooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.errors import ProviderTrouble
from leadline.model import Consent, Inbound, Outbound, Template, TemplateUse
from leadline.sandbox.providers import WhatsAppFake

from ..conftest import CUSTOMER, Town
from ..wire import request_of, settings_of

HELLO = TemplateUse(name="hello_again", language="en", variables=("1", "2"), values=("Seán", "the boiler"))
ORDER = TemplateUse(name="order_update", language="en_US", variables=("first_name", "order"), values=("Seán", "77"))


@pytest.mark.parametrize("key", ["whatsapp_cloud", "whatsapp_360dialog"])
def test_metas_own_examples(key: str, shared: Path) -> None:
    examples = json.loads((shared / "specs/meta/webhook_examples_from_openapi.json").read_text("utf-8"))
    adapter, settings = channel(key), settings_of(key)
    parsed = {
        name: adapter.parse(request_of(key, json.dumps(example).encode()), settings)
        for name, example in examples.items()
    }
    groups = {name for name in parsed if name.startswith("Group")}
    assert len(parsed) == 16
    assert len(groups) == 3
    for name, found in parsed.items():
        assert len(found.messages) == (name not in groups), name
        assert (found.noise, found.unread) == (("account",) if name in groups else (), ()), name
        assert all(message.text or message.attachments for message in found.messages)
    assert parsed["Text Message"].messages[0].text == "Does it come in another color?"
    assert parsed["Image Message"].messages[0].attachments[0].ref == "1003383421387256"
    (moved,) = parsed["System Message"].messages
    assert [str(handle) for handle in (*moved.handles, *moved.former)] == ["tel:+12195555358", "tel:+16505551234"]


async def test_templates_are_listed_page_by_page(town: Town) -> None:
    settings = town.settings("whatsapp_cloud")
    found = await town.calls.perform(channel("whatsapp_cloud").templates(settings))
    assert [(template.name, template.language, template.status) for template in found] == [
        ("hello_again", "en", "approved"),
        ("hello_again", "de", "approved"),
        ("order_update", "en_US", "approved"),
        ("spring_sale", "en", "approved"),
        ("not_yet", "en", "pending"),
        ("invoice", "en", "approved"),
        ("appointment", "en", "approved"),
        ("sale_of_the_day", "en", "unsupported"),
    ]
    order = found[2]
    assert order.variables == ("first_name", "order")
    assert order.filled(("Seán", "77")) == "Your order\nSeán, order 77 is on its way.\nReply to talk to us\n[Thanks]"
    assert found[3].category == "marketing"


async def test_no_list_of_templates_is_no_empty_list(town: Town) -> None:
    adapter, settings = channel("whatsapp_cloud"), town.settings("whatsapp_cloud")
    for name in ("access_token", "business_account_id"):
        with pytest.raises(ProviderTrouble, match=r"HTTP 40[01]"):
            await town.calls.perform(adapter.templates(msgspec.structs.replace(settings, **{name: "wrong"})))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data":{}}', b"\xff", b'{"data":[{"language":"en"}]}'])
def test_any_other_answer_is_no_list_either(body: bytes) -> None:
    steps = channel("whatsapp_cloud").templates(settings_of("whatsapp_cloud"))
    assert "message_templates" in next(steps).url
    with pytest.raises(ProviderTrouble):
        steps.send(Response(status=200, body=body))


def test_a_list_without_end_is_given_up() -> None:
    steps = channel("whatsapp_cloud").templates(settings_of("whatsapp_cloud"))
    next(steps)
    page = Response(status=200, body=b'{"data":[{"name":"n"}],"paging":{"cursors":{"after":"x"},"next":"y"}}')
    for _ in range(99):
        assert steps.send(page).url.endswith("&after=x")
    with pytest.raises(ProviderTrouble, match="does not end"):
        steps.send(page)


@pytest.mark.parametrize(
    ("components", "variables", "status"),
    [
        ([{"type": "BODY", "text": "Hi {{1}} and {{2}}, {{1}}"}], ("1", "2"), "approved"),
        ([{"type": "BODY", "text": "For {{2}}: hi {{ 1 }}"}], ("1", "2"), "approved"),
        ([{"type": "BODY", "text": "{{name}}, your {{item}}"}], ("name", "item"), "approved"),
        ([{"type": "BODY", "text": "x"}, {"type": "HEADER", "text": "{{1}}"}], ("header:1",), "approved"),
        (
            [{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "{{1}}"}],
            ("file:document", "1"),
            "approved",
        ),
        (
            [{"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://a.example/{{1}}"}]}],
            ("link:1",),
            "approved",
        ),
        ([{"type": "BUTTONS", "buttons": [{"type": "URL"}, {"type": "COPY_CODE"}]}], ("code:2",), "approved"),
        ([{"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Book"}]}], (), "unsupported"),
        ([{"type": "HEADER", "format": "LOCATION"}], (), "unsupported"),
        ([{"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://a.example/1"}]}], (), "approved"),
        ([{"type": "CAROUSEL"}], (), "unsupported"),
        (None, (), "approved"),
    ],
)
def test_what_a_template_asks_for_and_whether_it_can_be_filled_in(
    components: Any, variables: tuple[str, ...], status: str
) -> None:
    listed = {"name": "n", "language": "en", "status": "APPROVED", "components": components}
    steps = channel("whatsapp_cloud").templates(settings_of("whatsapp_cloud"))
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(Response(status=200, body=msgspec.json.encode({"data": [listed]})))
    (template,) = done.value.value
    assert isinstance(template, Template)
    assert (template.variables, template.status) == (variables, status)


async def test_templates_reach_the_phone_filled_in(town: Town) -> None:
    for use in (HELLO, ORDER):
        assert (await town.send("whatsapp_cloud", text="shown only", template=use)).outcome == "accepted"
    assert [delivery.text for delivery in town.providers.phones.received()] == [
        "Hello Seán, is now a good time to talk about the boiler?",
        "Your order\nSeán, order 77 is on its way.\nReply to talk to us\n[Thanks]",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": "nope"}, "132001"), ({"values": ("Seán",)}, "132000"), ({"variables": ("a", "b")}, "132012")],
)
async def test_templates_that_do_not_fit_are_refused(town: Town, changes: dict[str, Any], code: str) -> None:
    sent = await town.send("whatsapp_cloud", template=msgspec.structs.replace(HELLO, **changes))
    assert (sent.outcome, sent.reason, sent.code) == ("refused", "template_rejected", code)


def test_a_template_is_one_message_however_long_it_reads() -> None:
    message = Outbound(id="a", to=CUSTOMER, text="x" * 5000, template=HELLO)
    (piece,) = channel("whatsapp_cloud").pieces(message, settings_of("whatsapp_cloud"))
    assert (piece.id, piece.template) == ("a.1", HELLO)


async def test_whatsapp_tells_of_new_numbers_and_wishes(town: Town) -> None:
    fake = town.providers.of(WhatsAppFake)
    await fake.change_number(CUSTOMER, "+353888888000")
    await fake.prefer(CUSTOMER, "stop")
    (moved,) = town.believed("whatsapp_cloud")
    assert isinstance(moved, Inbound)
    assert (moved.sender, str(moved.former[0])) == ("353888888000", "tel:+353888888999")
    parsed = channel("whatsapp_cloud").parse(town.requests[1], town.settings("whatsapp_cloud"))
    (wish,) = parsed.consents
    assert isinstance(wish, Consent)
    assert (wish.state, wish.about, wish.sender) == ("out", "marketing", "353888888999")


async def test_the_numbers_own_address_is_told_and_tried(town: Town) -> None:
    adapter, settings = channel("whatsapp_cloud"), town.settings("whatsapp_cloud")

    async def door(http: web.Request) -> web.Response:
        request = request_of("whatsapp_cloud", b"", method="GET", query=http.query_string)
        answer = adapter.handshake(request, settings)
        return web.Response(text=answer.body if answer else "")

    app = web.Application()
    app.router.add_get("/in/k", door)
    async with TestServer(app) as server:
        url = str(server.make_url("/in/k"))
        assert "from now on" in await town.calls.perform(adapter.register(url, settings))
    assert town.providers.of(WhatsAppFake).webhook_url == url
    with pytest.raises(ProviderTrouble, match="Callback verification failed"):
        await town.calls.perform(adapter.register(f"{town.url}/in", settings))
    wrong = msgspec.structs.replace(settings, access_token="wrong")
    with pytest.raises(ProviderTrouble, match="Invalid OAuth access token"):
        await town.calls.perform(adapter.register(url, wrong))
