"""Who must act: the governing bracket (牵头、责任、落实), the columns of a table, or the subject of a sentence.

Names are verbatim; what stands around them (按职责分工, 等部门) is cut away. Which clause they govern is ``candidates``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from obligations.rules.plans.stream import plain
from obligations.words.plans import Bodies

_GOVERNS = re.compile(r"牵头|责任单位|责任部门|负责|落实|配合单位|承办单位|主办单位|协办|配合")
_LEADS = re.compile(r"牵头单位|牵头部门|主办单位|牵头")
_ROLE = re.compile(
    r"(?:牵头|责任|配合|承办|主办|协办|落实|参加)(?:单位|部门|科室|处室)(?:和责任单位|及责任单位|、责任单位)?:?"
)
_TAIL = re.compile(
    r"(?:按(?:照)?(?:各自)?职责(?:分工)?)?(?:分别|共同)?(?:负责)?(?:牵头)?(?:组织)?(?:负责)?(?:抓好)?(?:落实|负责|配合|牵头|实施|会同)?$"
)
_ETC = re.compile(r"等(?:\d+个)?(?:部门|单位|部门单位|相关部门|有关部门|相关单位|有关单位)?$")
_EXPLAINED = re.compile(r"\((?:包括|含|不含|以下|下同|排名)[^()]{0,60}\)")
_STARRED = re.compile(r"\*.*$", re.DOTALL)
_SCOPE = re.compile(r"以下(?:各项|所有)?工作均需([^。,;]{2,60}?)(?:落实|负责|配合)")
_END = (
    r"(?:政府|部门|单位|机关|办公室|办公厅|委|局|厅|办|院|中心|管委会|管委|机构|各地|各级|地区|县\(市\)|县区|区县|镇街|街道|乡镇"
    r"|主要负责人|负责人|委员会|银行|支行|分行|公司|企业|各市|各县|各区|各市地|市|县|实验区|部门\(单位\)|行署|工作人员|国企|窗口|专班|小组)"
)
_BODY = re.compile(
    rf"(?!(?:在|对|以|按|将|把|为|经(?!济|信|开|发)|从|由|与|向|围绕|通过|根据|公开|推进|加强)).{{0,40}}{_END}(?:\([^()]{{1,20}}\))?"
)
_GENERAL = re.compile(
    r"(?:各|全|本|省|市|县|区|州|地|行政|行署|政府|部门|有关|相关|承办|牵头|国有|国务院|乡|镇|街道|基层|人民|主要|公共)"
)
_MODAL = re.compile(
    r"(?:也|都|均|还|就)?(?:(?<![主重需只])要(?!求|点|素|闻|件|么|害)|应当?(?!急|用|对|届)|须|必须|将(?!来)|负责(?!人)|年内|每年|每季度|每半年|每月|每周|于20|要在|要于|至少|制定|上报|起草|拟制|在(?=拟|制|办|起|20|\d)|结合|承担|严格|公开|公布|发布|完成|组织|开展|编制|做好|建立|报送|通报|汇总|明确)"
)
_BEFORE_SUBJECT = re.compile(
    r"同时,?|此外,?|其中,?|对此,?|(?:在|于)?(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日|底|末)?前,?|每年\d{1,2}月(?:\d{1,2}日|底)?前,?"
    r"|(?:第?[一二三四]季度(?:末|底)?|年底|年末|上半年)前,?"
)
_BY = re.compile(
    r"由([^,;。]{2,24}?(?:政府|部门\(单位\)|部门|单位|机关|局|厅|委|办))(?=向|在|于|汇总|负责|公布|公开|组织|编制|统一|按)"
)
_SEPARATORS = re.compile(
    r"[、,;]|(?<=部门)和|(?<=单位)和|(?<=政府)和|(?<=办公室)和|(?<=局)和|(?<=门)及(?=各)|特别是|及其所属(?=各)"
)


def is_governing(text: str) -> bool:
    """Say whether a bracket's words name who is responsible."""
    return bool(_GOVERNS.search(text)) and bool(re.search(_END, text) or re.search("各|省|市|县|区", text))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a list of bodies, verbatim and in order; brackets that are part of a name stay."""
    kept = _STARRED.sub("", text)
    plain_text = plain(kept)
    for explained in reversed(list(_EXPLAINED.finditer(plain_text))):
        kept = kept[: explained.start()] + kept[explained.end() :]
        plain_text = plain(kept)
    names, begun = [], 0
    cuts = list(_SEPARATORS.finditer(plain_text))
    depths = _depths(plain_text)
    for cut in [*cuts, None]:
        if cut is not None and depths[cut.start()]:
            continue
        end = cut.start() if cut is not None else len(kept)
        names.append(_bare(kept[begun:end]))
        begun = cut.end() if cut is not None else end
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= 60))


def _depths(text: str) -> list[int]:
    depth, found = 0, []
    for character in text:
        depth += (character == "(") - (character == ")")
        found.append(max(depth, 0))
    return found


def _bare(name: str) -> str:
    """Cut away what is said of a name: its role before it, 按职责分工 and 等部门 behind it."""
    name = "".join(name.split()).strip("。.:：;；,，")
    text = plain(name)
    role = _ROLE.match(text)
    if role:
        name, text = name[role.end() :], text[role.end() :]
    for pattern in (_TAIL, _ETC, _TAIL):
        found = pattern.search(text)
        if found:
            name, text = name[: found.start()], text[: found.start()]
    return name.strip("。.:：")


def bracket_bodies(text: str) -> tuple[Bodies, tuple[str, ...]]:
    """Read a governing bracket, without its marks; return its bodies, and those it adds to all that follows."""
    shape = plain(text)
    scope = _SCOPE.search(shape)
    added = split_names(text[scope.start(1) : scope.end(1)]) if scope else ()
    head_end = scope.start() if scope else len(text)
    leads: list[str] = []
    others: list[str] = []
    for piece in _pieces(text[:head_end], shape[:head_end]):
        words = plain(piece)
        target = leads if _LEADS.search(words) and not words.startswith(("责任", "配合")) else others
        target += split_names(piece)
    return Bodies(tuple(leads), tuple(others), text[:60]), added


def _pieces(text: str, shape: str) -> list[str]:
    """Part a bracket where another role begins: at 。and ;, before a role's name, and behind 牵头, 负责, 配合, 落实."""
    cuts = {match.end() for match in re.finditer(r"[。;]", shape)}
    cuts |= {match.start() for match in _ROLE.finditer(shape)}
    cuts |= {match.end() for match in re.finditer(r"(?:牵头|负责|配合|落实),", shape)}
    bounds = [0, *sorted(cuts), len(text)]
    return [text[start:end] for start, end in pairwise(bounds) if end > start]


def scope_of(text: str) -> tuple[str, ...]:
    """Return the bodies that a note adds to all that follows: 以下工作均需…落实."""
    shape = plain(text)
    scope = _SCOPE.search(shape)
    return split_names(text[scope.start(1) : scope.end(1)]) if scope else ()


def is_only_names(text: str) -> bool:
    """Say whether a bracket holds nothing but names of bodies: (市教育局、市财政局)."""
    names = [plain(name) for name in split_names(text)]
    return bool(names) and all(_BODY.fullmatch(name) and _GENERAL.match(name) and len(name) >= 3 for name in names)


def subject_of(text: str, printed: str) -> tuple[str, ...]:
    """Return the bodies that a segment begins with as its subject, verbatim out of ``printed``; empty if it has none."""
    if by := _BY.search(text[:80]):
        return split_names(printed[by.start(1) : by.end(1)])
    modal = _MODAL.search(text[:260])
    end = modal.start() if modal else (len(text) if len(text) <= 240 else 0)
    head = text[:end]
    lead = _BEFORE_SUBJECT.match(head)
    start = lead.end() if lead else 0
    names = split_names(printed[start:end].removesuffix("的"))
    shapes = [plain(name) for name in names]
    if not names or not all(_BODY.fullmatch(shape) for shape in shapes):
        return ()
    alone = modal is None and len(names) < 3 and not re.match("各|.*负责人$", shapes[0])
    if alone or not _GENERAL.match(shapes[0]):
        return ()
    return tuple(named for name in names if (named := _without_people(name)))


def _without_people(name: str) -> str:
    """A government's 有关负责人 are that government's; 主要负责人 alone are those of the bodies named before."""
    shape = plain(name)
    if re.fullmatch(r"(?:主要|分管)?(?:负责人|负责同志|领导)", shape):
        return ""
    own = re.search(r"(?<=政府|部门|单位|机关)(?:主要|分管)(?:负责人|负责同志)$", shape)
    if own:
        return name[: own.start()]
    found = re.search(r"(?:的)?(?:有关|相关)(?:负责人|负责同志)$", shape)
    return name[: found.start()] if found and found.start() else name
