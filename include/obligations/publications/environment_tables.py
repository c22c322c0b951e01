"""The tables and the chart of a month's air and water quality. Computes nothing: every cell shows a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obligations.publications.environment_indicators import INDEX, POLLUTANTS, RATE
from obligations.publications.wording import NO_VALUE
from obligations.words.draft import ChartPlan, TableColumn, TablePlan

if TYPE_CHECKING:
    from obligations.publications.environment_indicators import Indicator
    from obligations.publications.environment_ranking import Ranking
    from obligations.publications.measuring import Measures

MOST_BARS = 20
Told = dict[str, Any]


def environment_tables(
    measures: Measures, words: Told, told: dict[str, dict[str, Told]], air: Ranking | None, water: Ranking | None
) -> dict[str, TablePlan]:
    """Return the tables that the month's figures fill, by name."""
    month, show = words["month"], measures.shown
    tables = {}
    if words["air"]:
        header = [TableColumn("指标", "left"), TableColumn("单位", "center"), TableColumn("本期")]
        header += [TableColumn("上年同期"), TableColumn("同比增减"), TableColumn("增减的单位", "center")]
        rows = [
            (item["short"], _unit(measures, item["now"]), show(item["now"]), show(item["year"]), show(item["yoy"]),
             _unit(measures, item["yoy"]))
            for item in words["air"]
        ]  # fmt: skip
        tables["air"] = TablePlan(f"{month}空气环境质量状况", "", tuple(header), tuple(rows))
    if words["parts"]:
        header = [TableColumn("污染物", "left"), TableColumn("单项指数"), TableColumn("上年同期"), TableColumn("增减")]
        shares = [(part["short"], *(show(part[name]) for name in ("now", "year", "change"))) for part in words["parts"]]
        tables["parts"] = TablePlan(f"{month}综合指数的构成和变化", "", tuple(header), tuple(shares))
    if air:
        by = tuple(dict.fromkeys((*air.by, INDEX, RATE)))
        tables["ranking"] = _ranked(measures, told, air, "air", by, f"{month}空气环境质量排名")
        if concentrations := _concentrations(measures, told, air, month):
            tables["places"] = concentrations
    if words["water"]:
        header = [TableColumn("水质类别", "left"), TableColumn("断面数（个）"), TableColumn("比例（%）")]
        header += [TableColumn("上年同期比例（%）"), TableColumn("同比增减（百分点）")]
        classes = [
            (each["name"], *(show(each[name]) for name in ("now", "share", "year_share", "shift")))
            for each in (*words["water"]["classes"], words["water"]["good"])
        ]
        tables["water"] = TablePlan(f"{month}断面水质类别", "", tuple(header), tuple(classes))
    if water:
        tables["water_ranking"] = _ranked(measures, told, water, "water", water.by, f"{month}水环境质量排名")
    return tables


def ranking_chart(
    measures: Measures, month: str, told: dict[str, dict[str, Told]], air: Ranking | None
) -> dict[str, ChartPlan]:
    """Return the bars of what air quality is ranked by, in order of rank; none where they would be too many to read."""
    if air is None or len(air.placings) > MOST_BARS:
        return {}
    by = air.by[0]
    columns = {"now": "本期", "year": "上年同期"}
    present = [name for name in columns if any(told[place][by.name][name] for place in air.placings)]
    header = (TableColumn("地区", "left"), *(TableColumn(columns[name]) for name in present))
    rows = tuple((place, *(measures.shown(told[place][by.name][name]) for name in present)) for place in air.placings)
    return {"ranking": ChartPlan("bar", TablePlan(f"{month}各地{by.header}", by.unit, header, rows))}


def _ranked(
    measures: Measures,
    told: dict[str, dict[str, Told]],
    ranking: Ranking,
    key: str,
    by: tuple[Indicator, ...],
    caption: str,
) -> TablePlan:
    """Return one row a place in order of rank: what it is ranked by, and the change on the year."""
    present = [each for each in by if any(each.name in told[place] for place in ranking.placings)]
    header = [TableColumn("名次"), TableColumn("地区", "left")]
    for each in present:
        header.append(TableColumn(f"{each.header}（{each.unit}）" if each.unit else each.header))
        header.append(TableColumn(f"{each.header}同比增减（{each.compared}）"))
    rows = [
        (
            measures.shown(f"rank.{key}.{place}"),
            place,
            *(_shown(measures, told[place], each, column) for each in present for column in ("now", "yoy")),
        )
        for place in ranking.placings
    ]
    return TablePlan(caption, "", tuple(header), tuple(rows))


def _concentrations(
    measures: Measures, told: dict[str, dict[str, Told]], ranking: Ranking, month: str
) -> TablePlan | None:
    present = [each for each in POLLUTANTS if any(each.name in told[place] for place in ranking.placings)]
    header = (TableColumn("地区", "left"), *(TableColumn(each.header) for each in present))
    rows = tuple(
        (place, *(_shown(measures, told[place], each, "now") for each in present)) for place in ranking.placings
    )
    unit = (
        "单位：微克/立方米，一氧化碳为毫克/立方米"
        if any(each.name == "CO" for each in present)
        else "单位：微克/立方米"
    )
    return TablePlan(f"{month}各地主要污染物浓度", unit, header, rows) if present else None


def _shown(measures: Measures, of_place: dict[str, Told], indicator: Indicator, column: str) -> Any:
    return measures.shown(of_place[indicator.name][column] if indicator.name in of_place else None)


def _unit(measures: Measures, measure_id: str | None) -> str:
    return (measures.by_id[measure_id].unit if measure_id else "") or NO_VALUE
