"""Alerts in words, for mails and text messages: both languages, since nobody knows who reads them at night."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import FLAGS, IN_SECONDS, Figure, Level

LEVELS: Mapping[Level, tuple[str, str]] = {Level.AMBER: ("请留意", "Look"), Level.RED: ("请处理", "Act")}
FIGURES: Mapping[Figure, tuple[str, str]] = {
    Figure.WAITING: ("等待人数", "callers waiting"),
    Figure.LONGEST: ("最长等待（目标时间的倍数）", "longest wait, in times the target"),
    Figure.UNSERVED: ("有人等待而无空闲坐席", "callers waiting and nobody free"),
    Figure.UNSTAFFED: ("营业中无人签入", "open and nobody signed in"),
    Figure.SERVICE_LEVEL: ("今日服务水平（%）", "service level today, %"),
    Figure.ABANDONED: ("今日放弃率（%）", "abandoned today, %"),
    Figure.CALLBACKS_LATE: ("最迟回电已逾期（秒）", "latest callback overdue, seconds"),
    Figure.WRAP_UP: ("话后处理（秒）", "wrap-up, seconds"),
    Figure.TALK: ("通话时长（秒）", "on a call, seconds"),
    Figure.MISSED: ("漏接后未返回（秒）", "missed a call and not back, seconds"),
    Figure.ABSENT: ("班次已开始而未签入（秒）", "shift began and not signed in, seconds"),
    Figure.GUESSES: ("十分钟内验证失败次数", "failed identity checks in ten minutes"),
    Figure.AUDIT_BROKEN: ("审计记录链断裂", "the audit chain is broken"),
}


def number(figure: Figure, value: float) -> str:
    """A figure as people read it: whole seconds and counts, one decimal for shares and times."""
    return f"{value:.0f}" if figure in IN_SECONDS or float(value).is_integer() else f"{value:.1f}"


def sentence(alert: Alert, name: str) -> tuple[str, str]:
    """Chinese and English. `name`: of the queue or agent; empty for the hotline itself."""
    zh, en = FIGURES[alert.figure]
    level_zh, level_en = LEVELS[alert.level]
    where_zh, where_en = (f"{name}：", f"{name}: ") if name else ("", "")
    if alert.figure in FLAGS:
        return f"{level_zh} · {where_zh}{zh}", f"{level_en} · {where_en}{en}"
    value, limit = number(alert.figure, alert.value), number(alert.figure, alert.threshold)
    return (
        f"{level_zh} · {where_zh}{zh} {value}（阈值 {limit}）",
        f"{level_en} · {where_en}{en} {value} (threshold {limit})",
    )
