"""Draft pages in a real browser, as narrow as a telephone: nothing of the page runs out of sight."""

from __future__ import annotations

import os

import pytest
from browser_office import FLAGS, NARROW, chromium
from playwright.sync_api import sync_playwright

from obligations.orchestration.documents.specimens import specimen
from obligations.steps.draft import COVER_NOTE_PAGE, draft
from obligations.steps.rendering.folder import PAGE

CHROMIUM = chromium()
if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("no Chromium: DRAFTS WERE NOT LOOKED AT IN A BROWSER", allow_module_level=True)


@pytest.mark.parametrize("name", ["fiscal-monthly", "soe-indicators"])
def test_a_draft_and_its_cover_note_fit_a_narrow_screen(name, tmp_path):
    made = specimen(name)
    draft(*made.arguments, version=1, out=tmp_path, created_at=made.occurrence.opens_at)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport=NARROW)
        for file in (PAGE, COVER_NOTE_PAGE):
            page.goto((tmp_path / file).as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], file
        browser.close()
