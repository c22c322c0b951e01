"""Every page in a real browser, as the office and as two departments: what is seen, clicked, typed and reached by keyboard."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_office import (
    FISCAL,
    NARROW,
    NOW,
    PATIENCE,
    PRICES,
    REVIEWED,
    WIDE,
    BrowserOffice,
    browser_office,
    chromium,
)
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

CHROMIUM = chromium()
if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip(
        "no Chromium (make test-services installs one where it may): THE PAGES WERE NOT TESTED IN A BROWSER",
        allow_module_level=True,
    )

expect.set_options(timeout=PATIENCE)
ROOT = "/obligations"
REVIEW = f"{ROOT}/occurrences/{FISCAL}/{REVIEWED}"
PAGES = {
    "today": "/",
    "register": "/register",
    "calendar": "/calendar?month=2017-07",
    "calendar-year": "/calendar?year=2017",
    "item": f"/items/{FISCAL}",
    "occurrence": f"/occurrences/{FISCAL}/{REVIEWED}",
    "events": "/events",
    "punctuality": "/punctuality?month=2017-06",
    "system": "/system",
    "tables": "/tables",
    "feeds": "/feeds",
}
SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
IN_DOCS = (
    "in-airflow",
    "register-1440-light",
    "calendar-1440-light",
    "figure-hovered",
    "punctuality-1440-light",
    "today-390-dark",
)
"""What the READMEs show; ``make docs`` takes them anew."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserOffice]:
    assert CHROMIUM, "CI must have a Chromium"
    with browser_office(tmp_path_factory.mktemp("office"), CHROMIUM) as opened:
        yield opened


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for frame in page.frames:
        frame.wait_for_load_state()
    page.wait_for_timeout(500)  # what is framed is painted a little after it is loaded
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    if (folder := os.environ.get("OBLIGATIONS_TEST_SCREENSHOTS")) and name in IN_DOCS:
        shutil.copy(SHOTS / f"{name}.png", folder)


def serious(page: Page) -> list[str]:
    """Return what axe finds that keeps somebody from using the page; a sandboxed draft lets no script in and is opened alone."""
    found = Axe().run(page, options={"iframes": False}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def is_ours(said: ConsoleMessage) -> bool:
    """Whether a page complains; that the frame of a draft runs no script is meant, and axe tries."""
    return said.type == "error" and "Blocked script execution" not in said.text


def style_after(place: Locator) -> str:
    """Return what is shown beside an element by style alone."""
    return place.evaluate("each => getComputedStyle(each, '::after').content")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "390"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody_at_every_width(office, size, scheme):
    faults: list[str] = []
    with office.logged_in("office", size=size, scheme=scheme) as page:
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if is_ours(said) else None)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        for name, path in PAGES.items():
            answer = page.goto(f"{ROOT}{path}")
            assert answer.status == 200, (path, answer.status)
            expect(page.get_by_role("note")).to_contain_text("非涉密系统，严禁处理、存储、传输涉密信息")
            expect(page.get_by_role("note")).to_contain_text("演示数据")
            shoot(page, f"{name}-{size['width']}-{scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > size["width"]:
                faults.append(f"{path} is {wide} px wide")
            faults += [f"{path}: {said}" for said in serious(page)]
    assert faults == []
    assert office.foreign == []


def test_the_office_reaches_every_page_by_clicking(office):
    with office.logged_in("office") as page:
        page.goto(f"{ROOT}/")
        for label in ("台账", "时限日历", "突发事件", "按期率统计", "系统运行", "今日待办"):
            page.get_by_role("navigation", name="页面").get_by_role("link", name=label, exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(label)
        expect(page.get_by_role("link", name="演示路段交通事故").first).to_be_visible()
        page.get_by_role("link", name=re.compile("2017年6月")).first.click()
        expect(page).to_have_url(re.compile(re.escape(REVIEW)))


def test_what_is_due_is_counted_down(office):
    with office.logged_in("duty") as page:
        page.goto(f"{ROOT}/")
        page.clock.pause_at(NOW + timedelta(minutes=5))
        page.clock.fast_forward("00:15")
        clock = page.locator(".incident .clocks .left").first
        expect(clock).to_have_text("还剩4小时14分")
        page.clock.fast_forward("01:00:00")
        expect(clock).to_have_text("还剩3小时14分")


def test_the_register_is_searched_sorted_and_exported_as_shown(office, tmp_path):
    with office.logged_in("office") as page:
        page.goto(f"{ROOT}/register")
        page.get_by_label(re.compile("查找")).fill("批发市场价格")
        page.get_by_role("button", name="筛选").click()
        rows = page.locator("tbody tr")
        expect(rows.filter(has_not_text="价格")).to_have_count(0)
        assert rows.count() > 1
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("CSV")).click()
        file = tmp_path / "register.csv"
        download.value.save_as(file)
        lines = file.read_text("utf-8-sig").splitlines()
        assert len(lines) - 1 == rows.count()


def test_a_department_sees_its_own_and_not_the_others(office):
    for account, own, other in (("finance", FISCAL, PRICES), ("farming", PRICES, FISCAL)):
        with office.logged_in(account) as page:
            for path in ("/", "/register", "/calendar?month=2017-07"):
                page.goto(f"{ROOT}{path}")
                assert f"{ROOT}/occurrences/{other}/" not in page.content(), (account, path)
            page.goto(f"{ROOT}/register")
            assert f"{ROOT}/occurrences/{own}/" in page.content()
            period = REVIEWED if other == FISCAL else "2017-W27"
            assert page.goto(f"{ROOT}/occurrences/{other}/{period}").status in {403, 404}
            assert page.goto(f"{ROOT}/items/{other}").status in {403, 404}


def test_who_has_not_logged_in_is_sent_to_log_in_and_back(office):
    with office.anybody() as page:
        page.goto(REVIEW)
        page.wait_for_url(re.compile("/auth/login"))
        page.locator("input[name=username]").fill("reviewer")
        page.locator("input[name=password]").fill(office.passwords["reviewer"])
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(re.compile(re.escape(REVIEW)))
        expect(page.get_by_role("heading", name="时限与进展")).to_be_visible()


def test_every_figure_of_the_draft_says_where_it_comes_from_to_mouse_and_keyboard(office):
    with office.logged_in("finance") as page:
        page.goto(REVIEW)
        draft = page.frame_locator("iframe.preview")
        figure = draft.locator("data[data-source]").first
        before, source = style_after(figure), figure.get_attribute("data-source")
        assert "来源" in source
        said = source.split("\n")[0]
        for _ in range(60):  # no script runs in the frame, so that nothing there tells when it stands still
            figure.hover(force=True)
            if said in style_after(figure):
                break
            page.wait_for_timeout(500)
        assert said in style_after(figure) != before
        shoot(page, "figure-hovered")
    with office.logged_in("finance") as page:
        page.goto(REVIEW)
        draft = page.frame_locator("iframe.preview")
        draft.locator("data[data-source]").first.wait_for(state="attached")
        page.get_by_role("link", name="上传修改稿").focus()
        for _ in range(10):
            page.keyboard.press("Tab")
            if draft.locator("data:focus").count():
                break
        focused = draft.locator("data:focus")
        assert focused.get_attribute("data-source").split("\n")[0] in style_after(focused)
        described = draft.locator(f"#{focused.get_attribute('aria-describedby')}")
        assert described.text_content() == focused.get_attribute("data-source")


def test_the_department_uploads_the_edited_word_file_and_nothing_else(office, tmp_path):
    with office.logged_in("finance") as page:
        page.goto(REVIEW)
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("Word|DOCX", re.IGNORECASE)).first.click()
        file = tmp_path / "draft.docx"
        download.value.save_as(file)
        assert file.read_bytes()[:2] == b"PK"
        page.get_by_role("link", name="上传修改稿").click()
        page.locator("input[type=file]").set_input_files(
            {"name": "稿件.docx", "mimeType": "application/octet-stream", "buffer": b"not a document"}
        )
        page.get_by_role("button", name=re.compile("上传")).click()
        expect(page.get_by_role("alert")).to_contain_text("稿件.docx")
        assert len(office.events(FISCAL, REVIEWED, "drafted")) == 1


def test_an_incident_is_reported_after_its_facts_were_shown_again(office):
    with office.logged_in("duty") as page:
        page.goto(f"{ROOT}/events")
        page.get_by_role("link", name="登记突发事件").first.click()
        expect(page.get_by_text("北京时间").first).to_be_visible()
        shoot(page, "event-report")
        assert serious(page) == []


def test_the_reviewer_approves_by_keyboard_alone(office):
    with office.logged_in("reviewer") as page:
        page.goto(f"{ROOT}/")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("跳到正文")
        page.keyboard.press("Enter")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('href')") == REVIEW:
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(re.escape(REVIEW)))
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('form.answer button')"):
                break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("办理意见已提交")


def test_airflow_shows_the_pages_in_its_own_navigation(office):
    with office.logged_in("office") as page:
        page.goto("/")
        page.get_by_role("link", name="台账").first.click()
        inner = page.frame_locator("iframe").first
        expect(inner.get_by_role("heading", level=1)).to_have_text("今日待办")
        shoot(page, "in-airflow")
