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


@ANY
@given(st.data())
def test_water_and_air_sentences_fit_any_figures(data):
    positive = st.one_of(st.integers(1, 60), st.decimals("0.1", 300, places=1)).map(str)
    some = st.one_of(positive, positive, st.just(""))
    days, sections = st.integers(0, 28).map(str), st.integers(0, 3).map(str)
    units = {"PM2.5": "微克/立方米", "SO2": "微克/立方米", "CO": "毫克/立方米", "综合指数": "", "重污染天数": "天"}
    places = data.draw(
        st.lists(st.sampled_from(["甲镇", "乙镇", "丙镇", "丁镇", "戊镇", "己镇", "庚镇", "辛镇"]), unique=True)
    )
    told = [
        (place, name, unit, *((days, days) if unit == "天" else (positive, some)))
        for place in ("全域", *places)
        for name, unit in units.items()
        if name == "综合指数" or data.draw(st.booleans())
    ]
    told += [(place, "水质指数", "", positive, some) for place in ("全域", *places) if data.draw(st.booleans())]
    if data.draw(st.booleans()):
        classes = ("Ⅰ类断面", "Ⅱ类断面", "Ⅲ类断面", "Ⅳ类断面", "Ⅴ类断面", "劣Ⅴ类断面")
        told += [("全域", name, "个", sections, sections) for name in classes]
    rows = [
        {
            "期间": "2026-05",
            "范围": place,
            "指标": name,
            "单位": unit,
            "本期": data.draw(now),
            "上年同期": data.draw(year),
        }
        for place, name, unit, now, year in told
    ]
    month = Period("2026-05", date(2026, 5, 1), date(2026, 5, 31))
    require_fitting_words(blocks_of("environment-monthly", rows, month))


@ANY
@given(st.data())
def test_drinking_water_sentences_fit_any_figures(data):
    rows = []
    for quarter in ("2026-Q3", "2026-Q2", "2025-Q3"):
        for segment in ("水源水", "出厂水", "用户水龙头水"):
            for point in data.draw(st.lists(st.sampled_from("甲乙丙"), min_size=int(segment == "水源水"), unique=True)):
                samples = data.draw(st.integers(1, 40))
                failed = data.draw(st.one_of(st.just(0), st.integers(0, samples)))
                items = data.draw(st.sampled_from(["", "38", "43"]))
                water = (
                    data.draw(st.sampled_from([("", ""), ("9.5", "9.5"), ("9.5", "2")]))
                    if segment == "水源水"
                    else ("", "")
                )
                rows.append(
                    {"期间": quarter, "环节": segment, "点位": point, "类型": "地下水" if segment == "水源水" else "",
                     "监测样品数": samples, "达标样品数": samples - failed, "监测项目数": items,
                     "不达标项目": "余氯" if failed else "", "取水量": water[0], "达标取水量": water[1], "执行标准": "标准甲"}
                )  # fmt: skip
    third = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
    require_fitting_words(blocks_of("drinking-water-quarterly", rows, third))


@ANY
@given(st.data())
def test_grain_sentences_fit_any_figures(data):
    amount = st.one_of(st.integers(0, 90), st.decimals(0, 900, places=1)).map(str)
    some = st.one_of(amount, amount, st.just(""))
    price = st.sampled_from(["", "2.4", "2.44", "3"])
    dates = st.lists(st.sampled_from(["2026-06-25", "2025-06-30"]), unique=True)
    rows = [
        {"截止日期": day, "品种": variety, "收购地区": place, "单位": "万吨", "累计收购量": data.draw(amount),
         "上年同期累计": data.draw(some), "平均收购价": data.draw(price), "上年同期价格": data.draw(price),
         "价格单位": "元/公斤", "全季收购量": "900" if day.startswith("2025") else ""}
        for variety in data.draw(st.lists(st.sampled_from(["小麦", "油菜籽", "最低收购价小麦"]), min_size=1, unique=True))
        for place in ("合计", *data.draw(st.lists(st.sampled_from(["甲县", "乙县", "丙县"]), unique=True)))
        for day in ("2026-06-30", *data.draw(dates))
    ]  # fmt: skip
    june = Period("2026-06-30", date(2026, 6, 26), date(2026, 6, 30))
    require_fitting_words(blocks_of("grain-purchase-five-daily", rows, june))


@ANY
@given(st.data())
def test_enterprise_sentences_fit_any_figures(data):
    scopes = [("全部企业", "合计"), ("甲类", "企业类别"), ("乙类", "企业类别"), ("煤炭", "行业"), ("水务", "行业")]
    rows = [
        {"期间": period, "分组": group, "范围": scope, "指标": indicator, "单位": "%" if "率" in indicator else "亿元",
         "本期数": data.draw(AMOUNT if indicator == "利润总额" else PRICE), "上年同期数": data.draw(SOME if indicator == "利润总额" else st.one_of(PRICE, st.just(""))),
         "同比": data.draw(PERCENT)}
        for period in ("2017-10", *data.draw(st.lists(st.sampled_from(["2017-09", "2016-10", "2016-12", "2015-10", "2015-12"]), unique=True)))
        for scope, group in scopes
        for indicator in ("营业总收入", "利润总额", "资产总额", "负债总额", "资产负债率")
        if (group, indicator) == ("合计", "利润总额") or data.draw(st.booleans())
    ]  # fmt: skip
    october = Period("2017-10", date(2017, 10, 1), date(2017, 10, 31))
    require_fitting_words(blocks_of("soe-indicators", rows, october))


@ANY
@given(st.data())
def test_epidemic_sentences_fit_any_figures(data):
    count = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 400)).map(str)
    some = st.one_of(count, count, st.just(""))
    diseases = {
        "甲类": ["鼠疫", "霍乱"],
        "乙类": ["肺结核", "梅毒", "麻疹", "淋病", "狂犬病", "百日咳", "疟疾"],
        "丙类": ["手足口病", "风疹"],
    }
    rows = [
        {"期间": "2026-08", "类别": of, "病种": disease, "发病数": data.draw(count), "死亡数": data.draw(count),
         "上月发病数": data.draw(some), "上月死亡数": data.draw(some), "上年同期发病数": data.draw(some),
         "上年同期死亡数": data.draw(some)}
        for of in data.draw(st.lists(st.sampled_from(list(diseases)), min_size=1, unique=True))
        for disease in ("合计", *data.draw(st.lists(st.sampled_from(diseases[of]), unique=True)))
    ]  # fmt: skip
    august = Period("2026-08", date(2026, 8, 1), date(2026, 8, 31))
    require_fitting_words(blocks_of("epidemic-monthly", rows, august))


@ANY
@given(st.data())
def test_assistance_sentences_fit_any_figures(data):
    units = {"对象人数": "人", "退出人数": "人", "救助人次": "人次", "救助标准": "元/人·月", "资金支出": "万元"}
    amount = st.one_of(st.integers(0, 9), st.integers(0, 9_000), st.decimals(0, 99, places=1)).map(str)
    some = st.one_of(amount, amount, st.just(""))
    quarter = data.draw(st.integers(1, 4))
    rows = [
        {"期间": f"2026-Q{quarter}", "类别": category, "城乡": area, "指标": indicator, "单位": units[indicator],
         "本期数": data.draw(amount), "上季度数": data.draw(some), "上年同期数": data.draw(some)}
        for category in data.draw(st.lists(st.sampled_from(["最低生活保障", "临时救助"]), min_size=1, unique=True))
        for indicator in data.draw(st.lists(st.sampled_from(list(units)), min_size=1, unique=True))
        for area in data.draw(st.lists(st.sampled_from(["合计", "城市", "农村"]), min_size=1, unique=True))
    ]  # fmt: skip
    period = Period(f"2026-Q{quarter}", date(2026, 3 * quarter - 2, 1), date(2026, 3 * quarter, 28))
    require_fitting_words(blocks_of("social-assistance-quarterly", rows, period))


@ANY
@given(st.data())
def test_economic_sentences_fit_any_figures(data):
    units = {"地区生产总值": "亿元", "零售总额": "亿元", "收支差额": "亿元", "失业率": "%", "居民消费价格": ""}
    key = data.draw(st.sampled_from(["2018-01", "2018-02", "2018-Q1", "2018-Q3", "2018"]))
    before = {"2018-02": "2018-01", "2018-Q3": "2018-Q2"}.get(key)
    rows = []
    for period in (key, *([before] if before and data.draw(st.booleans()) else [])):
        for name in data.draw(st.lists(st.sampled_from(list(units)), min_size=1, unique=True)):
            value = SOME if name == "收支差额" else st.one_of(PRICE, st.just(""))
            parts = ["分项甲", "分项乙"] if name == "零售总额" else []
            rows += [
                {"期间": period, "指标": each, "上级指标": "" if each == name else name, "单位": units[name],
                 "本期数": data.draw(value) if units[name] else "", "本期同比": data.draw(PERCENT),
                 "累计数": data.draw(value) if units[name] else "", "上年同期累计数": data.draw(value) if units[name] else "",
                 "累计同比": data.draw(PERCENT)}
                for each in (name, *parts)
            ]  # fmt: skip
    period = Period(key, date(2018, 1, 1), date(2018, 12, 31))
    require_fitting_words(blocks_of("economic-indicators", rows, period))


def test_the_check_itself_finds_a_sign_that_contradicts_its_word():
    wrong = Paragraph("p", (TextRun("同比增长"), NumberRun("x", "8.0%", "-8"), TextRun("。")))
    with pytest.raises(AssertionError, match=r"同比增长8\.0%"):
        require_fitting_words([wrong])
