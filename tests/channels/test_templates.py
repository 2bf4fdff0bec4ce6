"""Templates with more than words in their body: a file or a value in the header, addresses and codes behind buttons.

Each provider's stand-in checks the shape as the provider does, and shows what reaches the phone.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.model import Outbound, Template, TemplateUse

from .conftest import Town
from .wire import settings_of

META = ("whatsapp_cloud", "whatsapp_360dialog", "vonage_whatsapp", "messagebird_whatsapp")
PICTURE = "https://files.example/spring.jpg"
SALE = ("spring_sale", ("file:image", "1", "link:1", "code:2"), (PICTURE, "Seán", "boilers", "TEN"))
INVOICE = ("invoice", ("file:document", "1"), ("https://files.example/a/Invoice%2077.pdf?x=1", "Seán"))
VISIT = ("appointment", ("header:1", "1", "2"), ("Monday", "Cork", "10:00"))
READ = {
    "spring_sale": (
        f"[Picture: {PICTURE}]\nSpring, Seán!\nUntil Sunday\n[Shop: https://shop.example/boilers]\n[Copy code: TEN]"
    ),
    "invoice": "[Document: https://files.example/a/Invoice%2077.pdf?x=1]\nHello Seán, here is your invoice.",
    "appointment": "Your visit on Monday\nAt 10:00 in Cork.\n[Fine]",
}


async def listed(town: Town, key: str, name: str) -> Template:
    found = await town.calls.perform(channel(key).templates(town.settings(key)))
    return next(template for template in found if template.name == name)


def use_of(template: Template, values: tuple[str, ...]) -> TemplateUse:
    return TemplateUse(
        name=template.name, language=template.language, ref=template.ref, variables=template.variables, values=values
    )


@pytest.mark.parametrize(("name", "variables", "values"), [SALE, INVOICE, VISIT], ids=READ)
@pytest.mark.parametrize("key", META)
async def test_a_template_of_meta_reaches_the_phone_as_its_preview_reads(
    town: Town, key: str, name: str, variables: tuple[str, ...], values: tuple[str, ...]
) -> None:
    template = await listed(town, key, name)
    assert (template.variables, template.status) == (variables, "approved")
    assert template.filled(values) == READ[name]
    sent = await town.send(key, to=type(town.providers.fakes[key]).customer(7), template=use_of(template, values))
    assert sent.outcome == "accepted", sent
    (delivery,) = town.providers.phones.received()
    file = values[0] if variables[0].startswith("file:") else ""
    assert delivery.media == ((file,) if file else ())
    assert "\n".join(filter(None, (delivery.text,))) == READ[name].partition(f"{file}]\n")[2] if file else READ[name]


@pytest.mark.parametrize(
    ("name", "missing", "code"),
    [
        ("spring_sale", "file:image", "132012"),
        ("spring_sale", "link:1", "131008"),
        ("appointment", "header:1", "132000"),
    ],
)
async def test_a_template_without_what_its_header_or_buttons_need_is_refused(
    town: Town, name: str, missing: str, code: str
) -> None:
    template = await listed(town, "whatsapp_cloud", name)
    given = {variable: "https://files.example/1" for variable in template.variables if variable != missing}
    use = use_of(msgspec.structs.replace(template, variables=tuple(given)), tuple(given.values()))
    sent = await town.send("whatsapp_cloud", template=use)
    assert (sent.outcome, sent.code) == ("refused", code)


@pytest.mark.parametrize(
    ("key", "address", "index"), [("whatsapp_cloud", "link", "0"), ("messagebird_whatsapp", "url", 0)]
)
def test_each_provider_has_its_own_words_for_a_file_and_a_button(key: str, address: str, index: Any) -> None:
    name, variables, values = SALE
    use = TemplateUse(name=name, language="en", variables=variables, values=values)
    call = channel(key).build(Outbound(id="a.1", to="353888888999", template=use), settings_of(key))
    body = msgspec.json.decode(call.body)
    content = body["template"] if key == "whatsapp_cloud" else body["content"]["hsm"]
    assert content["components"] == [
        {"type": "header", "parameters": [{"type": "image", "image": {address: PICTURE}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Seán"}]},
        {"type": "button", "sub_type": "url", "index": index, "parameters": [{"type": "text", "text": "boilers"}]},
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "1" if key == "whatsapp_cloud" else 1,
            "parameters": [{"type": "coupon_code", "coupon_code": "TEN"}],
        },
    ]


def test_a_document_has_the_name_its_address_ends_in() -> None:
    name, variables, values = INVOICE
    use = TemplateUse(name=name, language="en", variables=variables, values=values)
    call = channel("whatsapp_cloud").build(
        Outbound(id="a.1", to="353888888999", template=use), settings_of("whatsapp_cloud")
    )
    header = msgspec.json.decode(call.body)["template"]["components"][0]
    assert header["parameters"][0]["document"] == {"link": values[0], "filename": "Invoice 77.pdf"}


def test_numbered_values_go_by_their_number_not_by_where_they_stand() -> None:
    use = TemplateUse(name="n", language="en", variables=("2", "1"), values=("two", "one"))
    call = channel("whatsapp_cloud").build(Outbound(id="a.1", to="1", template=use), settings_of("whatsapp_cloud"))
    (body,) = msgspec.json.decode(call.body)["template"]["components"]
    assert [parameter["text"] for parameter in body["parameters"]] == ["one", "two"]


async def test_a_card_of_twilio_reaches_the_phone_with_its_file_and_addresses(town: Town) -> None:
    template = await listed(town, "twilio_whatsapp", "spring_sale")
    values = ("Seán", "spring.jpg", "boilers", "TEN")
    assert template.variables == ("1", "2", "3", "4")
    assert template.filled(values) == (
        "[File: https://files.example/spring.jpg]\nSpring, Seán!\nUntil Sunday\n"
        "[Shop: https://shop.example/boilers]\n[TEN]"
    )
    sent = await town.send("twilio_whatsapp", to="whatsapp:+353888888999", template=use_of(template, values))
    assert sent.outcome == "accepted", sent
    (delivery,) = town.providers.phones.received()
    assert delivery.media == ("https://files.example/spring.jpg",)
    assert delivery.text == "Spring, Seán!\nUntil Sunday\n[Shop: https://shop.example/boilers]\n[Copy code: TEN]"


def test_a_value_that_looks_like_a_variable_is_left_alone() -> None:
    template = Template(name="n", body="{{1}} and {{2}}, {{3}}", variables=("1", "2", "3"))
    assert template.filled(("{{2}}", "b", "")) == "{{2}} and b, {{3}}"
