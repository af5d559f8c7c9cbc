"""What the pages of single calls need from the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ivr.core.ids import Language
from ivr.workflows.call_story import TellStory
from ivr.workflows.find_calls import FindCalls
from ivr.workflows.hear_recording import HearRecording
from ivr.workflows.report_abandons import ReportAbandons
from ivr.workflows.share_call import ShareCall


@dataclass(frozen=True, kw_only=True)
class StoryDoors:
    find: FindCalls
    tell: TellStory
    hear: HearRecording
    share: ShareCall
    abandons: ReportAbandons
    path: Callable[[str, Sequence[str], Language], tuple[str, ...]]
    """A topic path in the words of the menu of that version."""
