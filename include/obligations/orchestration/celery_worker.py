"""What a Celery worker does once, before it starts its processes, so that no task has to: import, read fonts.

Named by ``celery_settings``; nobody else imports it. A task forked from a worker that has not done so spends about a second
of CPU time on libraries and on the fonts' tables of characters, several times what gathering and drafting take. Nothing
here may start a thread or open a connection: a fork has neither.
"""

from __future__ import annotations

import logging

# ruff: noqa: F401 - importing is what this module is for
import holidays.countries  # the working calendar asks for one country, and this loads all
import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib.figure
import openpyxl
import pandera.backends.pandas.builtin_checks
import pandera.backends.pandas.builtin_hypotheses
import pandera.backends.pandas.register
from celery.signals import worker_init

import obligations.orchestration.callbacks  # what a DAG's deadlines name
import obligations.orchestration.dags  # what a DAG file imports
import obligations.orchestration.sources.material
import obligations.rules.tabular
import obligations.rules.workbook
from obligations.steps import draft
from obligations.steps.rendering import charts, fonts
from obligations.words.errors import FontFault

log = logging.getLogger(__name__)


def read_fonts(**_: object) -> None:
    """Read which characters each font has, and make ours known to the charts; never keeps a worker from starting."""
    try:
        for typeface in fonts.font_set().typefaces.values():
            for face in typeface.faces:
                for copy in face.copies:
                    fonts.glyphs(*copy)
        charts.library()
    except FontFault:
        log.exception("drafts will fail until the fonts are there")


worker_init.connect(read_fonts)
