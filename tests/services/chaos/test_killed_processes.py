"""Processes killed at random moments while an office works: nothing lost, nothing twice, every miss on record.

``OBLIGATIONS_TEST_CHAOS=whole`` (``make chaos``) does 27 occurrences and fifty faults, and as many on production's
topology; otherwise it does less. The moments are drawn from ``OBLIGATIONS_TEST_CHAOS_SEED``, what happens at them is the machine's.
"""

from __future__ import annotations

import pytest
from chaos_embedded import embattled
from chaos_findings import require_nothing_lost_or_doubled
from chaos_plan import storm
from mail_process import Mailbox
from servers import mail_server

pytestmark = pytest.mark.airflow


def test_an_office_whose_processes_are_killed_loses_nothing_and_does_nothing_twice(tmp_path):
    folder, plan = tmp_path / "mail", storm(whole_kills=50, kills=10)
    with (
        mail_server(folder) as mail,
        embattled(tmp_path, Mailbox(folder), mail.port, plan, servers=[mail]) as office,
    ):
        office.endure()
        require_nothing_lost_or_doubled(office, "embedded")
