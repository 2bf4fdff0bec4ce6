"""A teammate asks with quick replies: buttons on WhatsApp, numbered lines on SMS, and the number is read back."""

from __future__ import annotations

from leadline.sandbox.providers import Delivery
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

ANN = "+353861234567"


async def ask(town: Town, conversation: str) -> Delivery:
    """Ask which size; returns what reached the phone."""
    [admin] = (await town.intercom("GET", "/admins"))["admins"][:1]
    options = [{"text": "Small", "uuid": "1"}, {"text": "Large", "uuid": "2"}]
    fields = {"message_type": "quick_reply", "type": "admin", "admin_id": admin["id"], "body": "Which size?"}
    await town.intercom("POST", f"/conversations/{conversation}/reply", fields | {"reply_options": options})

    async def there() -> list[Delivery]:
        return town.providers.phones.received()

    found: list[Delivery] = await until(there)
    return found[-1]


async def said(town: Town, conversation: str, count: int) -> list[str]:
    async def there() -> list[str]:
        texts = (await town.threads())[conversation]
        return texts if len(texts) >= count else []

    return list(await until(there))


async def test_a_number_answers_a_question_that_went_out_as_lines(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in(ANN, "Hello", 1) == 200
        conversation = str(next(iter(await until(town.threads))))
        assert (await ask(town, conversation)).text == "Which size?\n1. Small\n2. Large"
        assert await town.sms_in(ANN, "2", 2) == 200
        assert await town.sms_in(ANN, "3", 3) == 200
        assert await town.sms_in(ANN, "1.", 4) == 200
        assert await town.sms_in(ANN, "two", 6) == 200
        answered = ["2 (Large)", "3", "1. (Small)", "two (Large)"]
        assert (await said(town, conversation, 6))[2:] == answered
        await town.teammate("reply", conversation, "Thank you")

        async def thanked() -> bool:
            return len(town.providers.phones.received()) == 2

        await until(thanked)
        assert await town.sms_in(ANN, "2", 5) == 200
        assert (await said(town, conversation, 8))[-1] == "2", "nothing is offered any more"


async def test_whatsapp_shows_buttons(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.whatsapp_in((ANN.lstrip("+"), "Hello", "wamid.1")) == 200
        conversation = str(next(iter(await until(town.threads))))
        delivery = await ask(town, conversation)
        assert (delivery.text, delivery.choices) == ("Which size?", ("Small", "Large"))
