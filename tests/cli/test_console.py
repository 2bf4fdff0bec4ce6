"""Tables of the CLI as people see them."""

from __future__ import annotations

import pytest

from leadline.channels import CHANNELS
from leadline.cli.channel_providers import providers
from leadline.cli.console import out


@pytest.mark.parametrize("width", [80, 120])
def test_what_people_copy_is_not_broken_across_lines(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "width", width)
    providers()
    lines = capsys.readouterr().out.splitlines()
    assert {line.split(" ")[0] for line in lines} >= CHANNELS.keys()
    assert max(map(len, lines)) <= width
    assert all("…" not in line for line in lines)


def test_where_words_do_not_fit_nothing_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "width", 50)
    providers()
    shown = "".join(capsys.readouterr().out.split())
    assert all(shown.count(key[:7]) for key in CHANNELS)
    assert shown.count("24hours") == sum(one.capabilities.window == 86400 for one in CHANNELS.values())
