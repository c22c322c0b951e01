"""Files far larger than a publication's data: refused in one sentence, and never a load on the machine."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 600
"""What a process that reads any of these may take, the libraries included; it is stopped at 1.5 GB of addresses."""
READER = r"""
import json, re, resource, sys
from datetime import datetime
from pathlib import Path

resource.setrlimit(resource.RLIMIT_AS, (1536 * 1024 * 1024,) * 2)
from obligations.publications.registry import kind
from obligations.steps.gather import Sources, gather_file
from obligations.words.errors import BadInput
from obligations.words.times import SHANGHAI

file = Path(sys.argv[1])
sources = Sources(inbox=file.parent, quarantine=file.parent, store=file.parent / "store", engine_for=None)
try:
    kept = gather_file(file, kind("fiscal-monthly").contract, sources=sources, now=datetime(2100, 1, 1, tzinfo=SHANGHAI))
    problems = None
except BadInput as refused:
    problems = refused.problems
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps([problems, int(peak[1]) // 1024]))
"""
"""Its peak is read from /proc, for ``ru_maxrss`` starts with that of the process that started it."""
HEADER = "期间,地区,项目,单位,累计数,年初预算数,同比增减额,来源\n"
ROW = "2017-06,示例,项目{},万元,1,1,1,甲\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def text(megabytes: int) -> bytes:
    rows = "".join(ROW.format(number) for number in range(megabytes * MEGABYTE // 45))
    return (HEADER + rows).encode()


def package(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, part in {**BOOK, **parts}.items():
            archive.writestr(name, part)
    return stream.getvalue()


def bomb(name: str, *, declared: int | None = None) -> bytes:
    """Return a workbook one part of which is a gigabyte of zeros; ``declared`` is the size that its directory tells."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, data in BOOK.items():
            archive.writestr(part, data)
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(64):
                part.write(bytes(16 * MEGABYTE))
    data = bytearray(stream.getvalue())
    if declared is not None:
        directory = data.rindex(b"PK\x01\x02")
        struct.pack_into("<I", data, directory + 24, declared)
    return bytes(data)


def many_cells(rows: int, columns: int) -> str:
    row = f"<row>{'<c><v>1</v></c>' * columns}</row>"
    return SHEET.format(row * rows)


def read(tmp_path: Path, data: bytes, name: str) -> tuple[list[str] | None, int]:
    """Return the problems told and the megabytes taken by a process of its own that gathers the file."""
    file = tmp_path / name
    file.write_bytes(data)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "include"), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", READER, str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    problems, megabytes = json.loads(done.stdout.splitlines()[-1])
    return problems, megabytes


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (lambda: text(50), "50MB.csv", "MB，超过 20 MB 的上限"),
        (lambda: package({"xl/media/a.png": os.urandom(50 * MEGABYTE)}, zipfile.ZIP_STORED), "50MB.xlsx", "MB，超过 20 MB 的上限"),
        (lambda: text(19), "19MB.csv", "行或单元格过多"),
        (lambda: (HEADER + "1\n" * (9 * MEGABYTE)).encode(), "short.csv", "行或单元格过多"),
        (lambda: (HEADER + "\n" * (19 * MEGABYTE)).encode(), "blank.csv", "行或单元格过多"),
        (lambda: (HEADER + "," * (19 * MEGABYTE)).encode(), "commas.csv", "行或单元格过多"),
        (lambda: bomb("xl/worksheets/sheet1.xml"), "bomb.xlsx", "展开后超过 50 MB 的上限"),
        (lambda: bomb("xl/sharedStrings.xml"), "strings.xlsx", "展开后超过 50 MB 的上限"),
        (lambda: bomb("xl/worksheets/sheet1.xml", declared=1000), "liar.xlsx", "不完整或已损坏"),
        (lambda: package({"xl/worksheets/sheet1.xml": many_cells(90_000, 20)}), "cells.xlsx", "行或单元格过多"),
        (lambda: package({"xl/worksheets/sheet1.xml": many_cells(110_000, 0)}), "rows.xlsx", "行或单元格过多"),
    ],
    ids=["CSV", "workbook", "rows", "short rows", "blank rows", "commas", "bomb", "bomb of strings", "lying bomb", "cells", "empty rows"],
)  # fmt: skip
def test_a_huge_file_is_refused_in_one_sentence_and_takes_little_memory(data, name, said, tmp_path):
    problems, megabytes = read(tmp_path, data(), name)
    assert problems is not None
    assert len(problems) == 1
    assert problems[0].startswith(f"文件 {name} ")
    assert said in problems[0]
    assert megabytes < MOST_MEGABYTES


def test_the_largest_file_that_is_read_fits_into_memory_too(tmp_path):
    rows = "".join(ROW.format(number) for number in range(20_000))
    needed = "2017-06,示例,地方一般公共预算收入,万元,1,1,1,甲\n2017-06,示例,一般公共预算支出,万元,1,1,1,甲\n"
    problems, megabytes = read(tmp_path, (HEADER + needed + rows).encode(), "20000.csv")
    assert problems is None
    assert megabytes < MOST_MEGABYTES
