"""In which language a program is answered: `Accept-Language`, English unless Chinese is asked for first."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from forbear.core.base.problem import Problem

#: What is wrong with a field, in Chinese, by the type of the mistake; what stands in braces comes with it.
_MISTAKES = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项",
    "literal_error": "应为 {expected} 之一",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "含有不允许的字符或格式不符（{pattern}）",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数过大",
    "int_from_float": "应为整数，不能有小数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "date_type": "应为日期，如 2026-03-31",
    "date_parsing": "应为日期，如 2026-03-31",
    "date_from_datetime_parsing": "应为日期，如 2026-03-31",
    "date_from_datetime_inexact": "应为日期，不带时间",
    "datetime_type": "应为时间，如 2026-03-31T09:00:00+08:00",
    "datetime_parsing": "应为时间，如 2026-03-31T09:00:00+08:00",
    "datetime_from_date_parsing": "应为时间，如 2026-03-31T09:00:00+08:00",
    "timezone_aware": "时间须带时区，如 +08:00",
}


def in_chinese(request: HttpRequest) -> bool:
    """Whether the program asks for Chinese before English."""
    for language, weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        name = language.partition("-")[0]
        if weight > 0 and name in ("zh", "en"):
            return name == "zh"
    return False


def mistake(told: Mapping[str, object]) -> Problem:
    """One mistake that the check of a request found, with its place."""
    place = ".".join(str(part) for part in told["loc"])
    pattern, values = _MISTAKES.get(str(told["type"])), told.get("ctx") or {}
    zh = pattern.format(**values) if pattern else f"不符合要求：{told['msg']}"
    return Problem(f"{place}: {told['msg']}", f"{place}：{zh}")
