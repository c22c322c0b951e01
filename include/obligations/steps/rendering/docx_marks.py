"""Page number, header marks and watermark of a Word file: 送审稿 on drafts, 演示数据 wherever the jurisdiction says so."""

from __future__ import annotations

from typing import Any

from docx.document import Document as DocxDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from obligations.words.draft import DocumentModel

DRAFT_MARK = "送审稿"
_NAMESPACES = (
    nsdecls("w") + ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_WATERMARK = """<w:r {namespaces}><w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
 o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/>
<o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject1" o:spid="_x0000_s2049" type="#_x0000_t136" o:allowincell="f"
 fillcolor="#d0d0d0" stroked="f" style="position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:70pt;
rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin">
<v:fill opacity=".5"/><v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt"/></v:shape></w:pict></w:r>"""


def marks_of(document: DocumentModel) -> tuple[str, ...]:
    """Return the words a version is marked with; none for a final version of a real jurisdiction."""
    return tuple(mark for mark in (None if document.final else DRAFT_MARK, document.watermark) if mark)


def header_of(document: DocumentModel) -> str:
    """Return the marks as the header has them, with the number of a draft: 送审稿　第1稿　演示数据."""
    marks = marks_of(document)
    return "　".join(marks if document.final else (marks[0], f"第{document.version}稿", *marks[1:]))


def add_marks(file: DocxDocument, document: DocumentModel) -> None:
    """Write the marks into the header and across every page."""
    marks = marks_of(document)
    if not marks:
        return
    header: Any = file.sections[0].header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.style = file.styles["Header"]
    paragraph.add_run(header_of(document))
    words = "　".join(marks)
    run = parse_xml(_WATERMARK.format(namespaces=_NAMESPACES, width=70 * len(words)))
    for path in run.iter("{urn:schemas-microsoft-com:vml}textpath"):
        if path.getparent().tag.endswith("}shape"):
            path.set("string", words)
    paragraph._p.append(run)


def add_page_number(file: DocxDocument) -> None:
    """Write — 1 — at the center of the footer."""
    footer: Any = file.sections[0].footer
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = file.styles["Footer"]
    paragraph.add_run("— ")
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))
    paragraph.add_run(" —")
