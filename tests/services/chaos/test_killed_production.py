"""The same on production's topology, where databases, broker and workers are killed, too: each of its own, on free ports."""

from __future__ import annotations

import pytest
from chaos_findings import require_nothing_lost_or_doubled
from chaos_plan import MINUTES_MORE, storm
from chaos_production import embattled_production

pytestmark = [pytest.mark.airflow, MINUTES_MORE]


def test_the_same_holds_with_postgresql_redis_and_celery(tmp_path):
    with embattled_production(tmp_path, storm(whole_kills=50, kills=14)) as office:
        office.endure()
        require_nothing_lost_or_doubled(office, "production")
