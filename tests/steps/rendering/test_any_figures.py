"""Whatever a department delivers that satisfies the contract, its template writes sentences that fit the figures."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import kind
from obligations.publications.wording import FALLING, RISING
from obligations.rules.delivery import Delivery
from obligations.rules.tabular import read_frame
from obligations.steps.rendering.compose import compose
from obligations.words.draft import NumberRun, Paragraph, TextRun
from obligations.words.occurrence import Period
from obligations.words.publication import Snapshot

DRAFTS = Path(__file__).parents[3] / "templates" / "drafts"
ANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AMOUNT = st.one_of(st.integers(-9_000, 90_000), st.integers(-2, 2), st.decimals(-99, 999, places=2)).map(str)
SOME = st.one_of(AMOUNT, AMOUNT, st.just(""))
PRICE = st.one_of(st.integers(1, 60), st.decimals("0.01", 99, places=2), st.sampled_from(["10", "10.001"])).map(str)
PERCENT = st.one_of(st.decimals(-100, 400, places=1).map(str), st.just(""))

FISCAL = (
    "一般公共预算总收入", "地方一般公共预算收入", "上划中央收入", "地方级税收收入", "地方级非税收入", "一般公共预算支出",
    "政府性基金收入", "政府性基金支出", "教育支出",
)  # fmt: skip
NEEDED = {"地方一般公共预算收入", "一般公共预算支出"}


def blocks_of(name, rows, period):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    found = kind(name)
    frame = read_frame(stream.getvalue().encode(), found.contract, Delivery("rows.csv"))
    analysis = found.analyse(frame, Snapshot("rows.csv", "", "0" * 64), period)
    source = (DRAFTS / f"{name}.j2").read_text("utf-8")
    words = {"region": analysis.words["region"] or "演示单位", "data_source": None, "publisher": "演示单位财政局"}
    return compose(f"{name}.j2", source, analysis, found.blanks, words, "演示单位财政局").blocks


def require_fitting_words(blocks):
    """Fail on a sign that contradicts its word, on doubled or stray punctuation, and on a sentence cut off."""
    for block in blocks:
        if not isinstance(block, Paragraph):
            continue
        before, text = "", ""
        for run in block.runs:
            if isinstance(run, NumberRun):
                word = re.sub(r"(序时进度|增幅)$", "", before)
                if word.endswith((*RISING, *FALLING)):
                    assert (Decimal(run.value) > 0) == word.endswith(RISING), f"{before}{run.printed}"
                    assert "-" not in run.printed, f"{before}{run.printed}"
            before = run.text if isinstance(run, TextRun) else ""
            text += run.text if isinstance(run, TextRun) else getattr(run, "printed", "甲")
        assert not re.search(r"[，；。、：][，；。、]|^[，；。、]|（）|占的|(?<!相)比，|nan|None|NaN", text), text
        assert text.endswith(("。", "）")), text


@ANY
@given(st.data())
def test_fiscal_sentences_fit_any_figures(data):
    month = data.draw(st.sampled_from([1, 2, 6, 12]))
    periods = [f"2017-{month:02}"] + ([f"2017-{month - 1:02}"] if month > 1 and data.draw(st.booleans()) else [])
    rows = [
        {"期间": period, "项目": item, "单位": "万元", "累计数": data.draw(AMOUNT), "年初预算数": data.draw(SOME),
         "同比增减额": data.draw(SOME), "同口径增幅(%)": data.draw(PERCENT)}
        for period in periods
        for item in FISCAL
        if (item in NEEDED and period == periods[0]) or data.draw(st.integers(0, 3))
    ]  # fmt: skip
    require_fitting_words(
        blocks_of("fiscal-monthly", rows, Period(periods[0], date(2017, month, 1), date(2017, month, 28)))
    )


@ANY
@given(st.data())
def test_land_sentences_fit_any_figures(data):
    items = [("国有建设用地供应总量", "")]
    items += [(name, "国有建设用地供应总量") for name in ("房地产用地", "工矿仓储用地", "基础设施用地")]
    items += [("住宅用地", "房地产用地"), ("商服用地", "房地产用地"), ("出让合同价款", "")]
    area = st.one_of(st.decimals(0, 99, places=2).map(str), st.just(""))
    rows = [
        {"期间": "2012-Q1", "项目": name, "上级项目": parent, "单位": "亿元" if "价款" in name else "万公顷",
         "数量": data.draw(area), "上年同期数量": data.draw(area), "同比(%)": data.draw(PERCENT),
         "占比(%)": data.draw(PERCENT)}
        for name, parent in items
        if name in {"国有建设用地供应总量", "房地产用地"} or data.draw(st.booleans())
    ]  # fmt: skip
    quarter = Period("2012-Q1", date(2012, 1, 1), date(2012, 3, 31))
    require_fitting_words(blocks_of("land-supply-quarterly", rows, quarter))


@ANY
@given(st.data())
def test_price_sentences_fit_any_figures(data):
    names = [("畜禽产品", f"禽{letter}") for letter in "甲乙丙"] + [("蔬菜", f"菜{letter}") for letter in "甲乙丙丁"]
    maybe = st.one_of(PRICE, PRICE, PRICE, st.just(""))
    chosen = data.draw(st.lists(st.sampled_from([*names, ("指数", "农产品批发价格200指数")]), min_size=1, unique=True))
    rows = [
        {"周期": "2020-W14", "起始日期": "2020-03-27", "截止日期": "2020-04-03", "类别": category, "品种": name,
         "单位": "点" if category == "指数" else "元/公斤", "上周": data.draw(maybe), "本周": data.draw(PRICE),
         "去年同期": data.draw(maybe)}
        for category, name in [names[0], *chosen]
    ]  # fmt: skip
    rows = list({row["品种"]: row for row in rows}.values())
    week = Period("2020-W14", date(2020, 3, 30), date(2020, 4, 5))
    require_fitting_words(blocks_of("wholesale-prices-weekly", rows, week))


def test_the_check_itself_finds_a_sign_that_contradicts_its_word():
    wrong = Paragraph("p", (TextRun("同比增长"), NumberRun("x", "8.0%", "-8"), TextRun("。")))
    with pytest.raises(AssertionError, match=r"同比增长8\.0%"):
        require_fitting_words([wrong])
