"""The indicators of air and water quality: units, decimals, how each is compared and which way is better. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

WHOLE = "全域"
_MICROGRAMS = ("微克/立方米", "μg/m³", "μg/m3", "µg/m³", "µg/m3", "ug/m3")
_MILLIGRAMS = ("毫克/立方米", "mg/m³", "mg/m3")
_INDEX = ("", "无量纲")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    Attributes:
        name: as departments write it in the column 指标; said: in sentences; header: in tables, without digits.
        units: spellings accepted, the first is printed ("" for an index).
        places: the most decimals printed; fixed: always as many.
        compared: unit of its change on the year: %, 百分点, or its own unit.
        words: for a rise and a fall.
        better_low: the lower the better; ranks go by it.
        limit: what a concentration is divided by for the composite index: grade 2 of GB 3095—2012, as HJ 663—2013 says.
    """

    name: str
    said: str
    header: str
    units: tuple[str, ...]
    places: int
    compared: str
    words: tuple[str, str] = ("上升", "下降")
    better_low: bool = True
    fixed: bool = False
    limit: Decimal | None = None

    @property
    def unit(self) -> str:
        """The unit as printed; empty for an index."""
        return self.units[0]

    @property
    def standard(self) -> Decimal:
        """The limit of a pollutant; raises ValueError for what has none."""
        if self.limit is None:
            raise ValueError(f"{self.name}没有标准限值")
        return self.limit


def _pollutant(name: str, said: str, units: tuple[str, ...], limit: int) -> Indicator:
    return Indicator(name, f"{said}（{name}）", said, units, 1, "%", limit=Decimal(limit))


def _days(name: str, *, better_low: bool) -> Indicator:
    return Indicator(name, name, name, ("天",), 1, "天", ("增加", "减少"), better_low)


POLLUTANTS = (
    _pollutant("PM2.5", "细颗粒物", _MICROGRAMS, 35),
    _pollutant("PM10", "可吸入颗粒物", _MICROGRAMS, 70),
    _pollutant("SO2", "二氧化硫", _MICROGRAMS, 60),
    _pollutant("NO2", "二氧化氮", _MICROGRAMS, 40),
    _pollutant("CO", "一氧化碳", _MILLIGRAMS, 4),
    _pollutant("O3", "臭氧", _MICROGRAMS, 160),
)
INDEX = Indicator("综合指数", "环境空气质量综合指数", "综合指数", _INDEX, 2, "%", fixed=True)
RATE = Indicator("优良天数比例", "优良天数比例", "优良天数比例", ("%",), 1, "百分点", better_low=False, fixed=True)
GOOD_DAYS = _days("优良天数", better_low=False)
VALID_DAYS = _days("有效监测天数", better_low=False)
POLLUTED_DAYS = _days("重污染天数", better_low=True)
WATER_INDEX = Indicator("水质指数", "城市水质指数", "水质指数", _INDEX, 4, "%")
CLASSES = ("Ⅰ类断面", "Ⅱ类断面", "Ⅲ类断面", "Ⅳ类断面", "Ⅴ类断面", "劣Ⅴ类断面")
GOOD_CLASSES = CLASSES[:3]
SECTIONS = "断面总数"
AIR = (*POLLUTANTS, INDEX, RATE, GOOD_DAYS, POLLUTED_DAYS)
_COUNTED = tuple(Indicator(name, name, name, ("个",), 0, "个", ("增加", "减少")) for name in (*CLASSES, SECTIONS))
INDICATORS = {each.name: each for each in (*AIR, VALID_DAYS, WATER_INDEX, *_COUNTED)}
RANKED_BY = tuple(each.name for each in (*AIR, WATER_INDEX))
UNITS = tuple(dict.fromkeys(unit for each in INDICATORS.values() for unit in each.units if unit))
