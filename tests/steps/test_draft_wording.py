"""What drafts say of zeros, losses, single items and years that are missing: no false word, no list of one, no range of nothing."""

from __future__ import annotations

import csv
import io

import pytest

from obligations.orchestration.documents.specimens import DATA, DELIVERED, DELIVERIES, DEMO, LINES, specimen
from obligations.steps.draft import draft
from obligations.steps.rendering.folder import model_in
from obligations.steps.rendering.text import plain_text


def delivered(name):
    """Return the specimen's rows of a kind, as text."""
    file = (DATA.get(name) or DELIVERED[name])[0]
    path = next(folder / file for folder in (DELIVERIES, DEMO, LINES) if (folder / file).is_file())
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.fixture
def said(tmp_path):
    """Return the draft of a kind made from these rows: its model and its text."""

    def write(name, rows):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        made = specimen(name, stream.getvalue().encode())
        draft(*made.arguments, version=1, out=tmp_path, created_at=made.occurrence.opens_at)
        model = model_in(tmp_path)
        return model, plain_text(model)

    return write


def of_profit(rows, change):
    """Return this month's rows with ``change`` made to every amount of profit."""
    return [{**row, **(change(row) if row["指标"] == "利润总额" else {})} for row in rows if row["期间"] == "2026-08"]


def test_what_was_more_than_all_is_never_told_to_have_fallen_by_times(said):
    rows = [
        {**row, "同比(%)": "-100" if row["项目"] == "工矿仓储用地" else row["同比(%)"]}
        for row in delivered("land-supply-quarterly")
    ]
    _, text = said("land-supply-quarterly", rows)
    assert "工矿仓储用地占31.2%，同比减少100.0%" in text
    assert "基础设施用地占总量的45.2%，同比增加1.6倍" in text


def test_a_profit_that_became_a_loss_is_not_told_as_a_loss_that_lessened(said):
    rows = of_profit(delivered("soe-indicators"), lambda row: {"本期数": f"-{row['本期数'].lstrip('-')}"})
    _, text = said("soe-indicators", rows)
    assert "利润总额为亏损498.9万元，上年同期为盈利490.3万元。" in text
    assert "城市建设亏损233.7万元，上年同期为盈利216.5万元；" in text
    assert "公共交通亏损42.8万元，上年同期为亏损51.3万元，同比减亏8.5万元。" in text


def test_an_industry_without_profit_or_loss_is_not_counted_as_profitable(said):
    def change(row):
        return {"本期数": "0"} if row["范围"] == "水务" else {}

    _, text = said("soe-indicators", of_profit(delivered("soe-indicators"), change))
    assert "盈利行业3个" in text
    assert "利润总额为零的行业1个：水务。亏损行业1个" in text


def test_equity_below_zero_is_negative_and_no_loss(said):
    rows = [
        {**row, **({"本期数": "-5", "上年同期数": "-8"} if row["指标"] == "所有者权益" else {})}
        for row in delivered("soe-indicators")
        if row["期间"] == "2026-08"
    ]
    _, text = said("soe-indicators", rows)
    assert "所有者权益为负5.0万元，上年同期为负8.0万元，同比增加3.0万元。" in text


def test_expenditure_that_was_taken_back_is_told_without_a_word_twice(said):
    rows = [
        {**row, "累计数": f"-{row['累计数']}"} if row["项目"] == "政府性基金支出" else row
        for row in delivered("fiscal-monthly")
        if row["期间"] == "2017-06"
    ]
    model, text = said("fiscal-monthly", rows)
    assert "政府性基金支出与收回相抵后净收回50,206万元" in text
    assert [each for each in model.warnings if "累计数为负" in each] == [
        "政府性基金支出累计数为负（-50,206万元），已按净收回表述，完成预算和同比百分比不列，请核实收回原因。"
    ]


def test_one_item_is_not_listed_in_an_order(said):
    _, water = said("drinking-water-quarterly", delivered("drinking-water-quarterly"))
    assert "不达标样品共1份：丙地下水源地1份" in water
    assert "不达标样品共3份，由多到少依次为：乙镇2份" in water
    _, land = said("land-price-quarterly", delivered("land-price-quarterly"))
    assert "降幅居前的为：演示戊市下降0.5%。" in land
    assert "增幅居前的依次为：演示甲市增长0.5%" in land


def test_an_order_says_what_it_goes_by(said):
    # Commercial land rose less than dwellings on last quarter, industrial land not at all.
    _, text = said("land-price-quarterly", delivered("land-price-quarterly"))
    assert "三季度，按环比变动由大到小，住宅地价水平为" in text


def test_shares_that_print_alike_are_no_range(said):
    _, text = said("economic-indicators", delivered("economic-indicators"))
    expected = "2024年、2025年社会消费品零售总额同期累计数均占全年的72.4%，按此推算，全年约151.78亿元"
    assert expected in text
    assert "（参考：2024年" in text


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("environment-monthly", ("上年同期",), "各项指标都没有上年同期数，不列同比。"),
        ("soe-indicators", ("上年同期数", "同比"), "各项指标都没有上年同期数和同比，不列同比。"),
    ],
)
def test_a_delivery_without_last_year_is_told_once(said, name, columns, expected):
    model, _ = said(name, [{**row, **dict.fromkeys(columns, "")} for row in delivered(name)])
    assert [each for each in model.warnings if "不列同比" in each] == [expected]


def test_a_place_without_last_year_is_told_once_with_its_indicators(said):
    rows = delivered("environment-monthly")
    model, _ = said("environment-monthly", [{**row, "上年同期": ""} if row["范围"] == "辛镇" else row for row in rows])
    (told,) = [each for each in model.warnings if "不列同比" in each]
    assert told.startswith("辛镇PM2.5、PM10、SO2、NO2、CO、O3、综合指数、优良天数")


def test_the_bulletin_on_punctuality_names_periods_in_words(said):
    _, text = said("accountability", delivered("accountability"))
    assert "2026年第31周" in text
    assert "2026年二季度" in text
    assert "2026-W31" not in text


@pytest.mark.parametrize("name", ["drinking-water-quarterly", "environment-monthly", "website-check-quarterly"])
def test_differences_of_printed_numbers_that_do_not_add_up_are_explained(said, name):
    # 64.5 less 58.1 prints as 6.5: both were rounded after the difference was taken.
    _, text = said(name, delivered(name))
    assert "按未取整的数据计算" in text


def test_prices_that_stayed_have_no_range_and_none_of_them_changed_much(said):
    rows = [{**row, "本周": row["上周"], "去年同期": row["上周"]} for row in delivered("wholesale-prices-weekly")]
    _, text = said("wholesale-prices-weekly", rows)
    assert "猪肉、羊肉、牛肉、鸡蛋、白条鸡环比基本持平。" in text
    assert "变化幅度" not in text
    assert "变化较大" not in text


def test_a_week_without_the_week_before_is_told_once(said):
    model, _ = said("wholesale-prices-weekly", [{**row, "上周": ""} for row in delivered("wholesale-prices-weekly")])
    assert [each for each in model.warnings if "不列环比" in each] == ["各品种都没有上周价格，不列环比。"]


@pytest.mark.parametrize("name", ["permits-and-penalties", "enforcement-decisions"])
def test_a_week_is_told_with_its_days(said, name):
    _, text = said(name, delivered(name))
    assert "2026年第37周（9月7日—9月13日），共公示" in text
