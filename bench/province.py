"""A generated province: one provincial government, 16 cities, 137 counties, each owing 45 of the real obligations.

Nothing is copied 7,000 times: a jurisdiction is one ``_document.yaml`` that adopts, and one DAG file of the same two lines.
``python -m bench.province FOLDER [JURISDICTIONS]`` writes it for anyone to try; benchmarks and tests write theirs. Nothing
is measured here. Equal arguments write equal files.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from obligations.rules.catalogue import load
from obligations.words.obligation import Obligation

REPOSITORY = Path(__file__).parents[1]
REAL = REPOSITORY / "include" / "obligations" / "catalogue"
DAG_FILE = REPOSITORY / "dags" / "demo.py"
CITIES, COUNTIES, OBLIGATIONS_EACH = 16, 137, 45
JURISDICTIONS = 1 + CITIES + COUNTIES
NAME = "示例省"
PERIODIC_FROM = {"province": "shandong", "city": "dingtao", "county": "dingtao"}
"""Whose weekly, monthly, quarterly and yearly publications a level takes whole; the others come from everywhere."""
PERIODIC = {"recurring", "quota"}
OWED_BY_ALL = ("demo/accountability-monthly", "demo/incident-followup")
"""What the seven documents do not order and every government of the province owes: to tell of punctuality, to follow up."""
PLACES = {"province": {}, "city": {"全省": "全市", "全区": "全市"}, "county": {"全省": "全县", "全区": "全县"}}


@dataclass(frozen=True)
class Place:
    """One government of the province; ``parent`` is the slug of the one above it."""

    slug: str
    name: str
    level: str
    parent: str | None


@dataclass(frozen=True)
class Province:
    """A province as written.

    Attributes:
        catalogue: its folder of YAML files, in which the adopted documents lie too.
        dags: its folder of DAG files, one a government.
        places: its governments.
    """

    catalogue: Path
    dags: Path
    places: tuple[Place, ...]

    def environment(self) -> dict[str, str]:
        """Return the settings of an installation that serves the province, and not the places it adopts from."""
        return {
            "OBLIGATIONS_CATALOGUE": str(self.catalogue),
            "OBLIGATIONS_JURISDICTIONS": ",".join(place.slug for place in self.places),
        }


def write_province(folder: Path, jurisdictions: int = JURISDICTIONS, each: int = OBLIGATIONS_EACH) -> Province:
    """Write catalogue and DAG files of a province into ``folder``; fewer ``jurisdictions`` keep the proportions."""
    province = Province(folder / "catalogue", folder / "dags", tuple(places(jurisdictions)))
    for path in (province.catalogue, province.dags):
        path.mkdir(parents=True)
    for slug in sorted({key.partition("/")[0] for key in real()}):
        shutil.copytree(REAL / slug, province.catalogue / slug)
    for place in province.places:
        (province.catalogue / place.slug).mkdir()
        text = yaml.safe_dump(document_of(place, each), allow_unicode=True, sort_keys=False, width=120)
        (province.catalogue / place.slug / "_document.yaml").write_text(text, "utf-8")
        shutil.copy(DAG_FILE, province.dags / f"{place.slug}.py")
    return province


def places(jurisdictions: int = JURISDICTIONS) -> Iterator[Place]:
    """Yield the provincial government, then cities and counties in the proportion of 16 to 137."""
    yield Place("province", NAME, "province", None)
    cities = min(jurisdictions - 1, max(1, round((jurisdictions - 1) * CITIES / (CITIES + COUNTIES))))
    for city in range(1, cities + 1):
        yield Place(f"city-{city:02}", f"{NAME}第{city:02}市", "city", "province")
    for county in range(1, jurisdictions - cities):
        city = (county - 1) % cities + 1
        yield Place(f"county-{county:03}", f"{NAME}第{city:02}市第{county:03}县", "county", f"city-{city:02}")


@cache
def real() -> Mapping[str, Obligation]:
    """Return every obligation of the shipped catalogue that is not itself adopted, by key."""
    return {key: one for key, one in load(REAL).obligations.items() if one.adopted_from is None}


def chosen_by(place: Place, each: int = OBLIGATIONS_EACH) -> list[Obligation]:
    """Choose ``each`` obligations: what is periodic, what incidents ask for, and a sample of all others, differing by place."""
    own = PERIODIC_FROM[place.level]
    of_own = [one for key, one in real().items() if key.startswith(f"{own}/")]
    owed = [one for one in of_own if one.clock.kind in PERIODIC or one.slug.startswith("incident-")]
    owed += [real()[key] for key in OWED_BY_ALL]
    taken = {one.slug: one for one in owed[-each:]}
    others: dict[str, Obligation] = {}
    for one in real().values():
        if one.slug not in taken:
            others.setdefault(one.slug, one)  # an adopting place owes one obligation of a name
    dice = random.Random(place.slug)  # noqa: S311 - repeatable sampling
    sample = dice.sample(sorted(others), each - len(taken))
    return [*taken.values(), *(others[slug] for slug in sorted(sample))]


def document_of(place: Place, each: int = OBLIGATIONS_EACH) -> dict[str, Any]:
    """Return what the ``_document.yaml`` of a place says; its departments are named as its model's are."""
    adopted: dict[str, list[Obligation]] = {}
    for one in chosen_by(place, each):
        adopted.setdefault(one.jurisdiction.slug, []).append(one)
    named = {slug: _departments(place, ones) for slug, ones in adopted.items()}
    places_here = PLACES[place.level]
    return {
        "jurisdiction": {
            "slug": place.slug,
            "name": place.name,
            "level": place.level,
            **({"parent": place.parent} if place.parent else {}),
            "watermark": "演示数据",
            "office": f"{place.name}人民政府办公室",
        },
        "departments": [
            {"name": name} for name in sorted({name for each_ in named.values() for name in each_.values()})
        ],
        "adopts": [
            {
                "from": slug,
                "obligations": [one.slug for one in ones],
                "departments": {theirs: ours for theirs, ours in named[slug].items() if theirs != ours},
                **({"places": dict(places_here)} if places_here else {}),
            }
            for slug, ones in sorted(adopted.items())
        ],
        "continued": {"basis": "示例：沿用已公布要点的公开事项", "approved_by": f"{place.name}人民政府办公室"},
    }


def _departments(place: Place, ones: list[Obligation]) -> dict[str, str]:
    """Name their departments as ours."""
    names = sorted({name for one in ones for name in one.department_names})
    return {name: name.replace(ones[0].jurisdiction.name, place.name) for name in names}


def main(folder: str, jurisdictions: str = str(JURISDICTIONS)) -> None:
    """Write a province and say what it is."""
    province = write_province(Path(folder), int(jurisdictions))
    print(f"{len(province.places)} jurisdictions of {OBLIGATIONS_EACH} obligations in {folder}")
    print("\n".join(f"{name}={value[:100]}" for name, value in province.environment().items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
