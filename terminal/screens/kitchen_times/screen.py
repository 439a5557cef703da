"""The screen of today's kitchen times: how long dishes take, where and when, and how much was late."""

from __future__ import annotations

from shared.kitchen.times import KitchenTimes, Times
from terminal.actions import ScreenName
from terminal.screens.today.screen import TodayScreen, Words
from terminal.screens.today.view import Figure, HourColumn, RankRow, TodayView, long_date
from terminal.screens.voice import Voice

MINUTE = 60


class TimesScreen(TodayScreen):
    """As the sales of today, with times in place of money."""

    SCREEN_NAME = ScreenName.KITCHEN_TIMES
    WORDS = Words(
        "kitchen_times.total",
        "kitchen_times.figures",
        "kitchen_times.methods",
        "kitchen_times.items",
        "kitchen_times.hours",
    )

    async def view(self) -> TodayView:
        """The view of the kitchen's times."""
        return times_view(await self.desk.kitchen.times(), Voice.of(self.desk))


def times_view(times: KitchenTimes, voice: Voice) -> TodayView:
    """Show the times of a business day."""
    texts, whole = voice.texts, times.all
    slowest = max(times.hours, key=lambda hour: hour.mean_seconds, default=None)
    return TodayView(
        title=long_date(times.day, texts),
        caption=texts("kitchen_times.total"),
        total=minutes_text(whole.mean_seconds),
        figures=(
            Figure(texts("kitchen_times.made"), f"{whole.count:,}"),
            Figure(texts("kitchen_times.late"), _late_text(whole)),
            Figure(texts("kitchen_times.half"), minutes_text(whole.median_seconds)),
            Figure(texts("kitchen_times.most"), minutes_text(whole.slow_seconds)),
            *_apart(times, voice),
        ),
        methods=_ranking(times.stations),
        items=_ranking(times.dishes),
        hours=tuple(HourColumn(each.key, minutes_text(each.mean_seconds), each.mean_seconds) for each in times.hours),
        best_hour=texts("kitchen_times.slowest", hour=slowest.key, time=minutes_text(slowest.mean_seconds))
        if slowest
        else "",
        note="" if whole.count else texts("kitchen_times.nothing_made"),
    )


def minutes_text(seconds: int) -> str:
    """`7:05`: minutes and seconds."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02d}"


def _apart(times: KitchenTimes, voice: Voice) -> tuple[Figure, ...]:
    """What is in no time: tickets that nothing received, and lines that were forgotten on the wall."""
    counts = (("kitchen_times.unreceived", times.unreceived), ("kitchen_times.forgotten", times.forgotten))
    return tuple(Figure(voice.texts(code), f"{count:,}") for code, count in counts if count)


def _late_text(times: Times) -> str:
    """`12 (8 %)`."""
    return f"{times.late:,} ({100 * times.late // times.count if times.count else 0} %)"


def _ranking(rows: tuple[Times, ...]) -> tuple[RankRow, ...]:
    """Each with how many were made, how many of them late, and the mean time."""
    return tuple(
        RankRow(each.key, f"{each.count}", f"{_late_sign(each)}{minutes_text(each.mean_seconds)}", each.mean_seconds)
        for each in rows
    )


def _late_sign(times: Times) -> str:
    return f"▲{times.late} " if times.late else ""
