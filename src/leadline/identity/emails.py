"""E-mail addresses as keys: equal whatever their case; other spellings of one mailbox are only a hint. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1000
"""Characters of an address, with spaces and a scheme around it: a longer text is none. RFC 5321 allows 254."""
DOTLESS = {"gmail.com", "googlemail.com"}
"""Domains whose mailboxes have no dots (Google help, "Dots don't matter in Gmail addresses", read 2026-11-27)."""


PROVIDERS = {
    "126", "163", "abv", "aliyun", "aol", "arcor", "att", "bellsouth", "bigpond", "bk", "bluewin", "bol", "btinternet",
    "centrum", "charter", "comcast", "cox", "daum", "docomo", "duck", "eircom", "ezweb", "fastmail", "foxmail", "free",
    "freenet", "gmail", "gmx", "googlemail", "hanmail", "hey", "hotmail", "hushmail", "icloud", "inbox", "interia",
    "laposte", "libero", "list", "live", "mac", "mail", "me", "msn", "naver", "nate", "nifty", "ntlworld", "o2", "onet",
    "optusnet", "orange", "outlook", "pm", "posteo", "privaterelay", "proton", "protonmail", "qq", "rambler",
    "rediffmail", "rogers", "sapo", "sbcglobal", "seznam", "sfr", "shaw", "sina", "skynet", "softbank", "sohu",
    "t-online", "talktalk", "telefonica", "telenet", "terra", "tiscali", "tuta", "tutanota", "ukr", "uol", "verizon",
    "virgilio", "virginmedia", "wanadoo", "web", "wp", "yahoo", "yandex", "ymail", "ziggo", "zoho",
}  # fmt: skip
"""First words of domains where anybody gets a mailbox, in every country: two addresses there share no firm."""
SHARED = {
    "accounting", "accounts", "accueil", "admin", "administracion", "administration", "amministrazione", "anfrage",
    "atencion", "atendimento", "bestellung", "billing", "biuro", "booking", "bookings", "buchhaltung", "buero",
    "careers", "clientes", "comercial", "commandes", "commercial", "compras", "comptabilite", "contabilidad",
    "contabilidade", "contabilita", "contact", "contacto", "contato", "contatti", "customercare", "customerservice",
    "donotreply", "einkauf", "empfang", "enquiries", "enquiry", "facturacion", "facturation", "faturamento", "finance",
    "financeiro", "finanzas", "hello", "help", "helpdesk", "hola", "hr", "info", "informacion", "informations",
    "inquiries", "invoices", "jobs", "kontakt", "kundenservice", "kundservice", "mail", "marketing", "news",
    "newsletter", "noreply", "office", "ola", "orders", "pedidos", "postmaster", "praxis",
    "prenotazioni", "presse", "rechnung", "reception", "recepcion", "recrutement", "reservas", "reservations",
    "rezeption", "sales", "secretaria", "secretariat", "segreteria", "sekretariat", "service", "servicio",
    "shop", "sklep", "soporte", "sprzedaz", "suporte", "support", "team", "techsupport", "vendas", "vendite", "ventas",
    "verkauf", "vertrieb", "verwaltung", "webmaster", "welcome", "zamowienia",
}  # fmt: skip
"""Names of mailboxes that belong to a firm and not to a person (RFC 2142, and what firms commonly use), without the
signs between their words.
"""


def shared(address: str) -> bool:
    """Whether several people are likely to read this mailbox, so that it tells nothing of a person."""
    return re.sub(r"[._-]", "", mailbox(address).partition("@")[0]) in SHARED


def firm(address: str) -> str:
    """The domain of an address (as `key` gives it) that belongs to a firm; empty for a provider's."""
    domain = address.rpartition("@")[2]
    return "" if domain.partition(".")[0] in PROVIDERS else domain


def key(address: str) -> str:
    """The address as it is compared; empty where it is none."""
    if len(address) > LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", address).strip().strip("<>").removeprefix("mailto:").casefold()
    name, at, domain = text.rpartition("@")
    return (
        f"{name}@{domain.rstrip('.')}"
        if name and at and "." in domain and " " not in text and text.isprintable()
        else ""
    )


def mailbox(address: str) -> str:
    """The mailbox it most likely ends in: without a plus-tag, and without dots where the provider has none.

    A hint and never a match: some providers take the plus sign for a letter like any other.
    """
    name, _, domain = key(address).rpartition("@")
    short = name.partition("+")[0] or name
    if domain in DOTLESS:
        short, domain = short.replace(".", "") or short, "gmail.com"
    return f"{short}@{domain}" if domain else ""
