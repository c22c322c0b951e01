"""What must not go out with a draft: open blanks, spam, identifiers of people, marks of secrecy, traces of editing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.delivery import shown
from obligations.rules.drafts_check.findings import ERROR, HINT, WARNING, Finding, House
from obligations.rules.edited_word.pieces import BLANK, EditedWord, Line

_OPEN = re.compile(r"【待填写[：:]?([^】]*)】?")
_SPAM = re.compile(
    r"bet\s*365|beat\s*365|365\s*(?:娱乐|投注|体育|官网|亚洲)|比分365|娱乐[城场]投注|亚洲版官网|官方(?:登录|登陆)入口|"
    r"百家乐|时时彩|六合彩|北京赛车|真人荷官|老虎机|葡京|威尼斯人|皇冠(?:体育|现金|投注)|澳门.{0,4}赌场|"
    r"(?:注册|开户)(?:即?送|就送)|在线博彩|博彩(?:网|公司|平台)|足球投注|体育投注|棋牌(?:游戏|平台)|代开发票|办证刻章|"
    r"文秘网|范文网|一夜情|色情",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[\w\-./?=&%#:~+]+|(?<![\w\-@])[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,4}\.(?:com|net|cn|cc|xyz|top|vip)\b",
    re.IGNORECASE | re.ASCII,
)
_OFFICIAL = re.compile(r"(?:^|[/.])[\w\-]+\.gov\.cn\b|\.gov\.cn\b", re.IGNORECASE)
_CARD = re.compile(r"(?<!\d)(?:62|4\d|5[1-5]|35|60)\d{2}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{2,4}(?:[ \-]?\d{1,3})?(?!\d)")
_SECRET = re.compile(r"(?:绝密|机密|秘密)[★☆＊*]|(?:密级|定密)[：:]?(?:绝密|机密|秘密)|[★☆]\d+[年月日]|[★☆]长期")
_SECRET_ALONE = re.compile(r"(?:绝密|机密|秘密)(?:\d+年|长期|文件|件|级)?")
_INTERNAL = re.compile(r"(?:内部(?:资料|文件|使用|事项|掌握)|工作秘密|不予公开|注意保存|严禁外传)[★☆]?")
_DATE = re.compile(r"(?:\d{4}年)?(?:\d{1,2}[—–\-至])?\d{1,2}月(?:\d{1,2}日)?|\d{4}年|[一二三四]季度")
_SIGNED = {"signature", "签名"}
_BESIDE = "页眉页脚、属性、文本框或批注"
_WHY = {
    "tracked-change": "修订痕迹会随文件流出",
    "comment": "批注会随文件流出",
    "hidden-text": "看不见的文字会随文件和复制流出",
}


def secrecy_findings(word: EditedWord) -> tuple[Finding, ...]:
    """Return one finding where a mark of secrecy stands anywhere in the file, header and properties included.

    Its words are not quoted: nothing of such a file may be kept.
    """
    for text in word.all_text:
        for line in text.split("\n"):
            plain = re.sub(r"\s|\u3000", "", line)
            if _SECRET.search(plain) or _SECRET_ALONE.fullmatch(plain):
                said = (
                    "文件带有密级标志。本系统为非涉密系统，不予处理，未保留副本；请立即停止在本机处理和传输，"
                    "断开网络并报告本单位保密员，由保密员判断是否涉密、按规定处置"
                )
                return (Finding(ERROR, "classified", "文件", said),)
    return ()


def leftover_findings(
    word: EditedWord, house: House, drafted: frozenset[str], optional: frozenset[str]
) -> Iterator[Finding]:
    """Yield everything that must not go out.

    Args:
        word: the file as read.
        house: how identifiers look.
        drafted: lines that stood so in the draft, which brings its own addresses and telephone numbers.
        optional: labels of blanks that may stay open.
    """
    lines = word.lines()
    named = "\n".join(drafted)
    for line in lines:
        yield from _open_blanks(line, optional)
        yield from _spam(line.place, line.text)
        if line.text not in drafted:
            yield from _addresses(line)
            yield from _dates(line, named)
            yield from _identifiers(line.place, line.text, house)
        if _INTERNAL.fullmatch(line.text.strip()):
            said = "有内部管理标志，请确认可以公开；属于工作秘密的报告保密员"
            yield Finding(WARNING, "internal-mark", line.place, said, None, line.text.strip())
    for part in _beside(word, lines):
        yield from _spam(_BESIDE, part)
        yield from _identifiers(_BESIDE, part, house)
    for trouble in word.troubles:
        said = f"有{trouble.what}，{_WHY.get(trouble.code, '不能读回')}；请{trouble.fix}"
        yield Finding(ERROR, trouble.code, trouble.where, said, None, trouble.what)


def _beside(word: EditedWord, lines: tuple[Line, ...]) -> Iterator[str]:
    """Yield the texts of the package that are not in its body: headers, properties, text boxes, comments."""
    body = {re.sub(r"\s", "", line.text) for line in lines}
    whole = "\n".join(body)
    for text in word.all_text:
        for part in text.split("\n"):
            if part and re.sub(r"\s", "", part) not in whole:
                yield part


def _spam(where: str, text: str) -> Iterator[Finding]:
    for hit in _SPAM.finditer(text):
        said = f"有广告或其他网站的内容“{shown(hit[0])}”，请删去并查明来源"
        yield Finding(ERROR, "spam", where, said, None, hit[0])


def _addresses(line: Line) -> Iterator[Finding]:
    for hit in _ADDRESS.finditer(line.text):
        if not _OFFICIAL.search(hit[0]):
            said = f"有政府网站以外的网址“{shown(hit[0])}”，请确认需要"
            yield Finding(WARNING, "address", line.place, said, None, hit[0])


def _dates(line: Line, drafted: str) -> Iterator[Finding]:
    """Yield months and years that the draft does not name; a signature is dated by whoever signs."""
    if not drafted or line.style in _SIGNED:
        return
    blanks = [mark for mark in line.marks if mark.name.startswith(BLANK)]
    for hit in _DATE.finditer(line.text):
        in_blank = any(mark.start <= hit.start() and hit.end() <= mark.end for mark in blanks)
        if hit[0] not in drafted and not in_blank:
            said = f"“{hit[0]}”在原稿中没有，请核对时间"
            yield Finding(WARNING, "date-new", line.place, said, None, hit[0])


def _open_blanks(line: Line, optional: frozenset[str]) -> Iterator[Finding]:
    for hit in _OPEN.finditer(line.text):
        may_stay = any(hit[1].startswith(label) for label in optional)
        advice = "选填，不填的发布时自动删去" if may_stay else "填写实际内容后才能发布"
        said = f"“{shown(hit[1]) or '待填写'}”还没有填写；{advice}"
        yield Finding(HINT if may_stay else ERROR, "open-blank", line.place, said, None, shown(hit[0]))


def _identifiers(where: str, text: str, house: House) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for hit in house.identity.finditer(text):
        if house.is_identity_number(hit[0]):
            taken.append(hit.span())
            said = f"有身份证号（{masked(hit[0])}），属于个人信息，请删去"
            yield Finding(ERROR, "identity-number", where, said, None, masked(hit[0]))
    for hit in _CARD.finditer(text):
        digits = re.sub(r"\D", "", hit[0])
        if (
            16 <= len(digits) <= 19
            and _luhn(digits)
            and not any(start < hit.end() and hit.start() < end for start, end in taken)
        ):
            taken.append(hit.span())
            said = f"有银行卡号（{masked(digits)}），属于个人信息，请删去"
            yield Finding(ERROR, "bank-card", where, said, None, masked(digits))
    for hit in house.phone.finditer(text):
        if not any(start < hit.end() and hit.start() < end for start, end in taken):
            said = f"有手机号码（{masked(hit[0])}），请确认是可以公布的办公联系方式，否则删去"
            yield Finding(WARNING, "phone-number", where, said, None, masked(hit[0]))


def masked(number: str) -> str:
    """Return a number that nobody can use: its first three and last two characters."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def _luhn(digits: str) -> bool:
    """Say whether the check digit of a card fits (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
