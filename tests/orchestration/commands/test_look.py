"""The command that looks once at a published page, on a real site."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from public_pages import KEY, PERIOD, shown
from websites import Reply

from obligations.orchestration.commands.cli import main
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 10, 9, 16, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("reply", "outcome", "code"), [(shown(), "matches", 0), (shown("3.6%"), "differs", 1), (Reply(b"", 403), "blocked", 1)]
)  # fmt: skip
def test_it_prints_what_it_saw_and_records_nothing(public_office, site, capsys, reply, outcome, code):
    site.pages["/1.html"] = reply
    public_office.publish(NOW)
    before = len(public_office.events())
    assert main(["look", KEY, "--period", PERIOD, "--json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert (said["key"], said["period"], said["outcome"]) == (KEY, PERIOD, outcome)
    assert bool(said["missing"]) == (outcome == "differs")
    assert len(public_office.events()) == before


def test_people_read_it_in_words(public_office, site, capsys):
    site.pages["/1.html"] = shown("3.6%")
    public_office.publish(NOW)
    main(["look", KEY, "--period", PERIOD])
    assert "“收入增长3.5%。”在页面上是“收入增长3.6%。”" in capsys.readouterr().out


def test_what_was_not_published_or_not_at_an_address_cannot_be_looked_at(public_office, capsys):
    public_office.approve(NOW)
    assert main(["look", KEY, "--period", PERIOD]) == 2
    public_office.publish(NOW, "/srv/packages/county", version=2)
    assert main(["look", KEY, "--period", PERIOD]) == 2
    assert "不是网址" in capsys.readouterr().err
