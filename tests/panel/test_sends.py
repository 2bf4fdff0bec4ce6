"""Messages begun in the panel: templates, other addresses, once; opt-outs and windows before anything is typed."""

from __future__ import annotations

import asyncio

from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.panel.teammate import Teammate, pressable
from tests.panel.test_home import conversation_with

PHONE = "353888888999"


async def whatsapp_wrote(town: Town, text: str = "Is it open?") -> str:
    """Aoife wrote by WhatsApp; her conversation."""
    assert await town.whatsapp_in((PHONE, text, "wamid.1")) == 200
    return await conversation_with(town, text)


async def received(town: Town, text: str) -> bool:
    return any(text in one.text for one in town.providers.phones.received())


async def test_a_template_is_chosen_filled_in_and_sent_once(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id = await whatsapp_wrote(town)
        maya = Teammate(town)
        home = await maya.opens(conversation_id)
        assert "Replies: Open for 23 h 59 min" in home
        listed = await maya.presses("templates")
        assert "order_update" in listed, listed
        number = next(
            line for line in pressable(maya.shown) if line.startswith("template:") and "order" in title(maya, line)
        )
        form = await maya.presses(number)
        assert "Value of {{first_name}}" in form, form
        assert "Fill in every variable" in await maya.presses("send", **{"variable:1": ""})
        looked = await maya.presses("look", **{"variable:0": "Aoife", "variable:1": "77"})
        assert "Aoife, order 77 is on its way." in looked, looked
        fields = {f"variable:{n}": f"value {n}" for n in range(form.count("Value of"))}
        first, second = await asyncio.gather(maya.presses("send", **fields), maya.presses("send", **fields))
        assert first.startswith("Message sent")
        assert second.startswith("Message sent")
        await until(lambda: received(town, "value 0"))
        assert sum("value 0" in one.text for one in town.providers.phones.received()) == 1

        async def told() -> bool:
            await maya.opens(conversation_id)
            shown = await maya.presses("sent")
            return "delivered, " in shown or "read, " in shown

        await until(told)


def title(teammate: Teammate, component_id: str) -> str:
    """The title of a row."""
    for one in teammate.shown.components:
        for item in getattr(one, "items", ()):
            if getattr(item, "id", "") == component_id:
                return str(item.title)
    return ""


async def test_a_closed_window_is_shown_and_only_a_template_goes(open_town: Open, store: Database) -> None:
    async with open_town() as town:
        conversation_id = await whatsapp_wrote(town)
        async with store.connection() as connection:
            await connection.execute("update arrival set arrived_at = now() - interval '30 hours'")
            await connection.execute("update conversation set last_inbound_at = now() - interval '30 hours'")
        assert "Replies: Closed: templates only" in await Teammate(town).opens(conversation_id)


async def test_another_address_of_the_contact_gets_a_message_in_a_conversation_of_its_own(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id = await whatsapp_wrote(town)
        maya = Teammate(town)
        assert "Write to another address | 1 other address of this contact" in await maya.opens(conversation_id)
        shown = await maya.presses("write")
        assert "SMS | +353 88 888 8999 | Open" in shown
        await maya.presses(next(name for name in pressable(maya.shown) if name.startswith("to:")))
        assert "Write a message first" in await maya.presses("send", text="   ")
        shown = await maya.presses("send_open", text="We *open* at nine")
        assert "It is in a new conversation in the Inbox" in shown
        await until(lambda: received(town, "We *open* at nine"))
        sent = [one for one in town.providers.phones.received() if "open" in one.text]
        assert [one.provider for one in sent] == ["twilio_sms"]
        opened = await conversation_with(town, "We *open* at nine")
        assert opened != conversation_id
        assert "We *open* at nine" in await maya.presses("sent")


async def test_an_opt_out_is_shown_and_nothing_can_be_written(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in(f"+{PHONE}", "Hello", 1) == 200
        conversation_id = await conversation_with(town, "Hello")
        assert await town.sms_in(f"+{PHONE}", "STOP", 2, OptOutType="STOP") == 200
        maya = Teammate(town)

        async def opted_out() -> bool:
            return "Replies: Opted out: nothing can be sent" in await maya.opens(conversation_id)

        await until(opted_out)
        assert await town.whatsapp_in((PHONE, "Over here", "wamid.1")) == 200
        other = await conversation_with(town, "Over here")
        await maya.opens(other)
        shown = await maya.presses("write")
        assert "SMS | +353 88 888 8999 | Opted out" in shown
        assert [name for name in pressable(maya.shown) if name.startswith("to:")] == []
