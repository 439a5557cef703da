"""What became of the papers that were just asked for, and of the drawer, in a few words: pure.

No more is said than is known: a printer that only takes bytes has printed nothing as far as this device knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from terminal.printing.desk import Followed
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import NEVER_SENT, PaperState, PulseState
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.text_cells import width_of, wrap

Said = tuple[str, Tone]

_MARGIN = 4
"""Cells that a tone's sign and its edges take."""
_MOST_ROWS = 2

_WORST_FIRST = (
    State.UNKNOWN,
    State.FAILED,
    State.QUEUED,
    State.CLAIMED,
    State.SENDING,
    State.SENT,
    State.CANCELLED,
    State.CONFIRMED,
)
_TONES = {State.UNKNOWN: Tone.WARN, State.FAILED: Tone.WARN, State.CONFIRMED: Tone.READY}


def papers_said(followed: Followed | None, subject_id: UUID | None, voice: Voice) -> Said | None:
    """What became of the papers of an order: `cocina: impreso · barra: no salió (sin papel), se reintenta`.

    Several papers of one printer are said once, by the worst of them. None if nothing of this order is followed.
    """
    said = _each_paper(followed, subject_id, voice)
    return _joined(said) if said else None


def _each_paper(followed: Followed | None, subject_id: UUID | None, voice: Voice) -> list[tuple[str, State]]:
    if followed is None or subject_id is None or followed.subject_id != subject_id:
        return []
    worst: dict[str, PaperState] = {}
    for paper in followed.papers:
        if paper.asked_at < followed.since:
            continue
        name = _name(paper, voice)
        if name not in worst or _WORST_FIRST.index(paper.state) < _WORST_FIRST.index(worst[name].state):
            worst[name] = paper
    return [(f"{name}: {state_words(paper, voice)}", paper.state) for name, paper in worst.items()]


def pulse_said(pulse: PulseState | None, voice: Voice) -> Said | None:
    """What became of the drawer; None while nobody knows, and where there is none."""
    if pulse is None or pulse.error is PrinterFault.NO_DRAWER:
        return None
    match pulse.state:
        case State.CONFIRMED:
            return voice.texts("papers.drawer_open"), Tone.READY
        case State.SENT:
            return voice.texts("papers.drawer_sent"), Tone.PLAIN
        case State.FAILED:
            return voice.texts("papers.drawer_shut", fault=_fault(pulse.error, voice)), Tone.WARN
        case State.UNKNOWN:
            return voice.texts("papers.drawer_unknown"), Tone.WARN
    return None


def state_words(paper: PaperState, voice: Voice) -> str:
    """What is known of one paper."""
    fault = _fault(paper.error, voice)
    if paper.state is State.UNKNOWN and paper.error in NEVER_SENT:
        return voice.texts("papers.too_old", fault=fault)
    words = voice.texts(f"papers.{paper.state}", fault=fault)
    return voice.texts("papers.copy", words=words, copy=paper.copies) if paper.copies else words


def each_said(followed: Followed | None, subject_id: UUID | None, voice: Voice) -> list[Said]:
    """What became of the drawer and of each paper of an order."""
    if followed is None or followed.subject_id != subject_id:
        return []
    pulse = pulse_said(followed.pulse if _is_of_now(followed) else None, voice)
    papers = [_joined([paper]) for paper in _each_paper(followed, subject_id, voice)]
    return [*([] if pulse is None else [pulse]), *papers]


def in_rows(parts: Sequence[Said], width: int) -> list[Said]:
    """What there is to say, in one row where it fits; else in rows, most urgent first, none broken that fits whole."""
    if not parts:
        return []
    tones = [tone for _words, tone in parts]
    tone = Tone.WARN if Tone.WARN in tones else tones[0] if len(set(tones)) == 1 else Tone.PLAIN
    joined = " · ".join(words for words, _tone in parts)
    if width_of(joined) + _MARGIN <= width:
        return [(joined, tone)]
    rows: list[Said] = []
    for words, tone in sorted(parts, key=lambda said: said[1] is not Tone.WARN):
        longer = f"{rows[-1][0]} · {words}" if rows else ""
        if rows and rows[-1][1] is tone and width_of(longer) + _MARGIN <= width:
            rows[-1] = (longer, tone)
        else:
            rows.append((words, tone))
    return rows


def rows_of(parts: Sequence[Said], width: int) -> int:
    """How many rows these take."""
    return sum(len(wrap(words, width - _MARGIN, _MOST_ROWS)) for words, _tone in parts)


def _is_of_now(followed: Followed) -> bool:
    return followed.pulse is not None and followed.pulse.asked_at >= followed.since


def _name(paper: PaperState, voice: Voice) -> str:
    printer = voice.printer(paper.printer)
    if paper.kind is PaperKind.KITCHEN:
        if paper.instead_of:
            return voice.texts("papers.instead", printer=voice.printer(paper.instead_of), substitute=printer)
        return printer
    name = voice.texts("papers.receipt" if paper.kind is PaperKind.RECEIPT else "papers.other")
    return voice.texts("papers.instead", printer=name, substitute=printer) if paper.instead_of else name


def _fault(error: PrinterFault | None, voice: Voice) -> str:
    return "" if error is None else voice.texts(f"printing.fault_brief.{error}")


def _joined(said: list[tuple[str, State]]) -> Said:
    tones = [_TONES.get(state, Tone.PLAIN) for _words, state in said]
    tone = Tone.WARN if Tone.WARN in tones else Tone.READY if set(tones) == {Tone.READY} else Tone.PLAIN
    return " · ".join(words for words, _state in said), tone
