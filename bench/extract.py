"""Reading work plans: 100 plans of 10,000 characters, and one text of 2 MB that has no clause at all.

``python bench/extract.py`` prints the table; ``run()`` returns the figures. Target: ≤ 20 s for the hundred. The plans are
made of sentences as such plans have them, each with its own numbers, so that no cache can help.
"""

from __future__ import annotations

import random
import time
from typing import Any

from obligations.rules.plans.extract import extract
from obligations.words.plans import SourceText

PLANS, CHARACTERS, LONG = 100, 10_000, 2_000_000
SENTENCES = (
    "按月公开第{n}类财政收支情况,解读收支增减变化情况及原因。",
    "每周更新第{n}号价格信息,每季度向社会公开第{n}号水质状况。",
    "特别重大、重大突发事件最迟5小时内发布权威信息,24小时内举行新闻发布会,落实第{n}项约谈制度。",
    "{m}月底前汇总并公布第{n}批随机抽查事项清单,及时公开抽查结果和查处情况。",
    "各级、各部门要建立健全舆情收集、研判、处置、回应机制,切实加强第{n}项工作,不断提升水平。",
    "第{n}类规范性文件印发后{m}个工作日内面向社会公开,主要负责人每年至少听取一次工作汇报。",
    "深入推进第{n}领域信息公开,着力提高公开的及时性、准确性和完整性,激发社会参与热情。",
)
BODIES = "(省财政厅、省民政厅按职责分工分别牵头落实)"


def plan(number: int) -> str:
    """Make one plan of about 10,000 characters: chapters, sections, sentences, brackets."""
    dice = random.Random(number)  # noqa: S311 - repeatable sampling
    parts, length, section = [f"20{number % 30:02d}年政务公开工作要点\n一、加强信息公开\n"], 0, 0
    while length < CHARACTERS:
        section += 1
        said = "".join(
            dice.choice(SENTENCES).format(n=dice.randrange(10_000), m=dice.randrange(1, 13)) for _ in range(8)
        )
        parts.append(f"{section}.推进第{section}领域公开。{said}{BODIES}\n")
        length += len(parts[-1])
    return "".join(parts)


def run() -> dict[str, dict[str, Any]]:
    """Measure both and return the figures, with the target."""
    texts = [SourceText(f"{number}.txt", plan(number)) for number in range(PLANS)]
    begun = time.perf_counter()
    found = sum(len(extract(text).candidates) for text in texts)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    extract(SourceText("long.txt", "推进政务公开工作及时" * (LONG // 10)))
    long = time.perf_counter() - begun
    return {
        "100 plans of 10,000 characters": {
            "characters": sum(len(text.text) for text in texts),
            "candidates": found,
            "seconds": round(seconds, 2),
            "target seconds": 20,
        },
        "a text of 2 million characters": {"seconds": round(long, 2)},
    }


def main() -> None:
    """Print the measurements."""
    for measurement, figures in run().items():
        print(f"{measurement}:", "; ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
