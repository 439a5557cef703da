"""The content of the list before opening: pure, from what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from terminal.printing.faults import PrinterFault
from terminal.screens.voice import Voice
from terminal.supervision.before_opening import Check, Outcome, Subject
from terminal.theme.palette import Tone

_TONES = {
    Outcome.TRYING: Tone.COOKING,
    Outcome.FINE: Tone.READY,
    Outcome.CANNOT_TELL: Tone.NEW,
    Outcome.SEE_TO_IT: Tone.WARN,
    Outcome.FAULT: Tone.LATE,
}
_AWAY = (PrinterFault.UNREACHABLE, PrinterFault.NOT_PLUGGED, PrinterFault.NO_ACCESS, PrinterFault.NO_DEVICE)
LONGEST_WORD_CHARACTERS = 44
"""As much as stands beside a name on the narrowest screen."""
_WORST_FIRST = (Outcome.FAULT, Outcome.SEE_TO_IT, Outcome.CANNOT_TELL, Outcome.TRYING, Outcome.FINE)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line: what was tried, how it is in a word, and the sentence on it."""

    name: str
    word: str
    tone: Tone
    sentence: str = ""


def check_lines(checks: Sequence[Check], voice: Voice) -> tuple[CheckLine, ...]:
    """What was tried, the worst first."""
    ranked = sorted(checks, key=lambda check: _WORST_FIRST.index(check.outcome))
    return tuple(_line(check, voice) for check in ranked)


def _line(check: Check, voice: Voice) -> CheckLine:
    """What works has no sentence below it, so that the list is short; a short one stands in place of the word."""
    name, word, sentence = _name(check, voice), voice.texts(f"before_opening.{check.outcome}"), _sentence(check, voice)
    if check.outcome is Outcome.FINE:
        is_word = check.report is None and 0 < len(sentence) <= LONGEST_WORD_CHARACTERS
        word, sentence = (sentence.rstrip("."), "") if is_word else (word, "")
    return CheckLine(name, word, _TONES[check.outcome], sentence)


def summary(checks: Sequence[Check], voice: Voice) -> tuple[str, Tone]:
    """The result in one sentence, with the names of what does not work, or of what somebody should look at."""
    texts = voice.texts
    if not checks or any(check.outcome is Outcome.TRYING for check in checks):
        return texts("before_opening.at_work"), Tone.PLAIN
    named = {
        outcome: ", ".join(dict.fromkeys(_name(check, voice) for check in checks if check.outcome is outcome))
        for outcome in (Outcome.FAULT, Outcome.SEE_TO_IT, Outcome.CANNOT_TELL)
    }
    if named[Outcome.FAULT]:
        return texts("before_opening.faults", names=named[Outcome.FAULT]), Tone.LATE
    look = ", ".join(names for names in named.values() if names)
    if look:
        return texts("before_opening.look", names=look), Tone.WARN
    return texts("before_opening.all_fine"), Tone.READY


def _name(check: Check, voice: Voice) -> str:
    if check.subject is Subject.PRINTER:
        return voice.texts("before_opening.a_printer", printer=voice.printer(check.name))
    if check.subject is Subject.DISPLAY and check.name:
        return voice.texts("before_opening.a_display", display=check.name)
    return voice.texts(f"before_opening.of_{check.subject}")


def _sentence(check: Check, voice: Voice) -> str:
    if check.report is not None:
        said = check.report.sentence(voice.texts.language, voice.printer(check.name))
        if check.outcome is not Outcome.FAULT:
            return said
        where = voice.texts("before_opening.address", address=check.params["address"]) if _is_away(check) else ""
        return " ".join(filter(None, (said, where, _substitute(check, voice))))
    if not check.code or not voice.texts.has(check.code):
        return ""
    return voice.texts(check.code, **_told(check.params, voice))


def _is_away(check: Check) -> bool:
    """Whether somebody must compare where the printer is with where it is looked for."""
    return "address" in check.params and check.report is not None and check.report.fault in _AWAY


def _substitute(check: Check, voice: Voice) -> str:
    """Who prints in place of a printer, and when; nothing without one."""
    if not (name := check.params.get("substitute")):
        return ""
    code = "before_opening.substitute" if check.params["after"] else "before_opening.substitute_asked"
    return voice.texts(code, printer=voice.printer(name), count=check.params["after"])


def _told(params: Mapping[str, Any], voice: Voice) -> dict[str, Any]:
    """Parameters as people read them."""
    return {name: voice.since(each) if isinstance(each, datetime) else each for name, each in params.items()}
