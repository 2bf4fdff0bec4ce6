"""The words by which customers of phone channels refuse messages and take them again, by language.

Pure data and one question. A word counts only as the whole message; case, accents and punctuation do not matter.
Sources: CTIA Messaging Principles 2023 and Twilio's default keywords for English, the usual words of carriers for the
others, November 2026.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

from leadline.model import Struct

LONGEST = 40  # characters; no opt-out text is longer


class Words(Struct, frozen=True):
    """Words of one language. `casual`: only where a message of one word is a command, as it is in SMS."""

    out: tuple[str, ...]
    back: tuple[str, ...] = ()
    casual: tuple[str, ...] = ()


WORDS: dict[str, Words] = {
    "ar": Words(("توقف", "إيقاف", "إلغاء الاشتراك"), ("ابدأ", "اشتراك")),
    "cs": Words(("odhlásit", "zastavit"), ("přihlásit",)),
    "da": Words(("afmeld", "afmeld mig"), ("tilmeld",)),
    "de": Words(("stopp", "abmelden", "abbestellen"), ("anmelden",)),
    "en": Words(
        ("stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "opt-out"),
        ("start", "unstop", "subscribe", "opt in", "optin", "opt-in"),
        casual=("cancel", "end", "quit", "revoke"),
    ),
    "es": Words(("alto", "parar", "baja", "darme de baja", "cancelar suscripción"), ("alta", "suscribir")),
    "fi": Words(("peruuta tilaus", "lopeta"), ("aloita", "tilaa")),
    "fr": Words(("arrêt", "arrêter", "désabonner", "désinscrire"), ("reprendre", "abonner", "réabonner")),
    "he": Words(("הסר", "הסרה", "עצור"), ("הירשם",)),
    "hi": Words(("रोकें", "बंद करें"), ("शुरू", "चालू करें")),
    "hu": Words(("leiratkozás", "leiratkozom"), ("feliratkozás",)),
    "id": Words(("berhenti", "berhenti langganan"), ("mulai", "langganan")),
    "it": Words(("ferma", "disiscrivi", "cancellami", "annulla iscrizione"), ("inizia", "iscrivi")),
    "ja": Words(("停止", "配信停止", "解除"), ("開始", "再開")),
    "ko": Words(("수신거부", "중지", "거부"), ("수신동의", "시작")),
    "nl": Words(("afmelden", "uitschrijven"), ("aanmelden", "inschrijven")),
    "no": Words(("stopp", "avslutt"), ("meld på",)),
    "pl": Words(("wypisz", "rezygnuję"), ("zapisz",)),
    "pt": Words(("pare", "parar", "sair", "cancelar inscrição", "descadastrar"), ("iniciar", "inscrever")),
    "ro": Words(("dezabonare", "opriți"), ("abonare",)),
    "ru": Words(("стоп", "отписаться", "отписка"), ("старт", "подписаться")),
    "sv": Words(("stopp", "avsluta", "avregistrera"), ("börja", "starta")),
    "sw": Words(("acha", "sitisha", "jiondoe"), ("anza", "jiunge")),
    "tr": Words(("durdur", "iptal et", "abonelikten çık"), ("başlat",)),
    "uk": Words(("стоп", "відписатися"), ("старт", "підписатися")),
    "zh": Words(("退订", "退訂", "取消订阅", "取消訂閱", "停止"), ("订阅", "訂閱", "开始", "開始")),
}
AGAIN = ("yes",)  # takes a refusal back on SMS, as Twilio and the carriers do; means nothing without one


@lru_cache(maxsize=2)
def _table(casual: bool) -> dict[str, Literal["out", "in"]]:
    table: dict[str, Literal["out", "in"]] = {}
    for words in WORDS.values():
        table |= dict.fromkeys(map(plain, words.back), "in")
        table |= dict.fromkeys(map(plain, words.out + (words.casual if casual else ())), "out")
    return table | (dict.fromkeys(AGAIN, "in") if casual else {})


def meaning(text: str, *, sms: bool) -> Literal["out", "in"] | None:
    """What a whole message says about further ones; None for all ordinary messages."""
    if not text or len(text) > LONGEST:
        return None
    return _table(sms).get(plain(text))


def plain(text: str) -> str:
    """Lower case, without accents, punctuation and surplus spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i")  # Turkish I, either case
    letters = (char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(letters).split())
