"""What a template asks for, and what the contact answers by itself."""

from __future__ import annotations

import re

import pytest

from leadline.model import Candidate, Role, Template
from leadline.outbound.filling import completed, label, proposed, unfit
from leadline.outbound.templates import NoTemplate, choose

ANN = Candidate(contact_id="1", role=Role.USER, name="Ann Marie Lee", email="ann@example.com", phone="+353861234567")


@pytest.mark.parametrize(
    ("body", "variables", "values"),
    [
        ("Hello {{1}}, about {{2}}", ("1", "2"), ("Ann", "")),
        ("{{1}}, your order {{2}}", ("1", "2"), ("Ann", "")),
        ("Order {{1}} for {{2}}", ("1", "2"), ("", "")),
        ("Hallo {{1}}!", ("1",), ("Ann",)),
        ("*¡Hola {{1}}!*", ("1",), ("Ann",)),
        ("{{first_name}} {{last_name}}", ("first_name", "last_name"), ("Ann", "Marie Lee")),
        ("{{Name}}: {{email}}, {{phone}}", ("Name", "email", "phone"), (ANN.name, ANN.email, ANN.phone)),
        ("Dear {{header:1}}\n{{1}}", ("header:1", "1"), ("Ann", "")),
        (
            "[Shop: https://x.example/{{link:1}}] {{file:image}} {{code:2}}",
            ("link:1", "file:image", "code:2"),
            ("",) * 3,
        ),
    ],
)
def test_values_come_from_the_contact_where_it_is_plain_what_is_asked(
    body: str, variables: tuple[str, ...], values: tuple[str, ...]
) -> None:
    template = Template(name="n", body=body, variables=variables)
    assert proposed(template, ANN) == values
    assert proposed(template, None) == ("",) * len(variables)
    assert completed(template, ("given",), ANN) == ("given", *values[1:])


@pytest.mark.parametrize("name", ["+353 86 123", "ann@example.com", "", "Room 12"])
def test_what_is_no_name_greets_nobody(name: str) -> None:
    contact = Candidate(contact_id="1", role=Role.LEAD, name=name)
    assert proposed(Template(name="n", body="Hi {{1}}", variables=("1",)), contact) == ("",)


def test_each_variable_says_what_to_type() -> None:
    asked = ("1", "header:1", "file:image", "file:document", "link:2", "code:1")
    assert list(map(label, asked)) == [
        "Value of {{1}}",
        "Value of {{1}} in the header",
        "Address of the picture (https://…)",
        "Address of the document (https://…)",
        "End of the address behind button 2",
        "Code that button 1 copies",
    ]


def test_what_no_provider_would_take_is_told_before_it_is_sent() -> None:
    assert unfit("1", "x") == unfit("file:image", "https://x.example/1.jpg") == ""
    template = Template(name="sale", body="", variables=("file:image", "1"))
    words = "must be a public address; 'spring.jpg' is none. Value of {{1}} is missing"
    with pytest.raises(NoTemplate, match=re.escape(words)):
        choose((template,), "sale", values=("spring.jpg", " "))
