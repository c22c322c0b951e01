"""Whether an answer is a site's defence against robots and not its page: such a one proves nothing either way. Pure.

Government sites stand behind firewalls that turn robots away by a status of their own or by a page that a script must
solve. Their scripts are on good pages, too, so they count only where hardly any text is to be seen.
"""

from __future__ import annotations

import re
from http import HTTPStatus

REFUSING = {401, 403, 405, 406, 407, 412, 418, 429, 431, 444, 451, 493, 499, 521, 567}
"""Statuses by which sites and the firewalls before them refuse: 412 and 521 are script challenges, 418 and 567 jokes."""
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_MOST_TEXT = 600
"""Characters that a challenge shows at most; a page of a site has more in its frame alone."""
_LEAST_TEXT = 20
_SIGNS = (
    "__jsl_clearance", "jsl_clearance_s", "acw_sc__v2", "acw_sc__v3", r"\$_ts\b", "_waf_", "waf_captcha", "yunsuo_session",
    "safeline", "cf-chl-", "challenge-platform", "Just a moment", "Incapsula", "aliyun_waf", "TencentCaptcha",
    "人机验证", "安全验证", "访问验证", "滑动验证", "请完成验证", "请输入验证码", "访问过于频繁", "访问被拒绝",
    "访问被阻断", "请求被拦截", "已被拦截", "安全狗", "云锁", "创宇盾", "网站防火墙", "Web应用防火墙", "非法访问",
)  # fmt: skip
_CHALLENGES = re.compile("|".join(_SIGNS), re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)


def is_challenge(markup: str, text: str) -> bool:
    """Whether a page asks to prove that one is no robot; ``text`` is what is to be seen of ``markup``."""
    return len("".join(text.split())) <= _MOST_TEXT and _CHALLENGES.search(markup) is not None


def is_made_by_script(markup: str, text: str) -> bool:
    """Whether there is next to nothing to be seen before a script has run."""
    return len("".join(text.split())) < _LEAST_TEXT and _SCRIPT.search(markup) is not None
