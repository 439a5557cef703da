"""What file, tills and cloud say side by side; the cloud is asked for the days of the sales alone, and patiently."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from shared.kernel.language import Language, Texts
from terminal.cli import ROOMS
from terminal.rehearsal.past_sales import PastSales, RejectedFigures
from terminal.rehearsal.report import BranchResult, Figures, Outcome, as_json, as_table, ask_cloud, periods
from tests.faults.web import Server, response

ReadPlain = Callable[[str], PastSales]
ROWS = "1,2025-01-02,Lomo,1,40.00\n1,2025-01-05,Pan,1,5.00\n1,2025-01-05,Pan,x,6.00\n"


def outcome(sales: PastSales, rate: float | None = 2.5, cloud: Figures | None = None) -> Outcome:
    said = Figures(2, 4500)
    return Outcome([BranchResult("Centro", said, said, cloud or said, sales.rejected_of("Centro"))], rate)


async def test_the_cloud_is_asked_for_the_days_of_the_sales_and_again_while_it_is_busy(read_plain: ReadPlain) -> None:
    asked: list[dict[str, list[str]]] = []
    troubles = [
        response("503 Service Unavailable", Retry_After="0"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut",
    ]

    async def answer(path: str, _body: bytes) -> bytes:
        if troubles:
            return troubles.pop()
        asked.append(parse_qs(urlsplit(path).query))
        report = {"branches": [], "groups": [{"key": "id", "checks": 2, "total_minor": 4500}], "token": "t"}
        return response("200 OK", json.dumps(report).encode(), "application/json")

    async with Server(answer) as server:
        said = await ask_cloud(
            server.url, "a@b.invalid", "secret", read_plain(ROWS), {"Centro": "id", "Norte": "other"}
        )
    assert said == {"Centro": Figures(2, 4500), "Norte": Figures()}
    assert asked[-1]["from"] == ["2025-01-02"]
    assert asked[-1]["to"] == ["2025-01-05"]


def test_long_times_are_asked_for_in_parts_without_the_empty_years_between() -> None:
    days = [date(2001, 1, 1), *(date(2024, 1, 1) + timedelta(days=at) for at in range(400))]
    found = list(periods(days))
    assert found == [
        (date(2001, 1, 1), date(2001, 1, 1)),
        (date(2024, 1, 1), date(2024, 12, 26)),
        (date(2024, 12, 27), date(2025, 2, 3)),
    ]


def test_the_money_of_rejected_rows_stands_beside_the_figures(read_plain: ReadPlain) -> None:
    sales = read_plain(ROWS)
    said = as_json(outcome(sales), sales, 1.0, Language.ENGLISH)
    (branch,) = said["branches"]
    assert branch["rejected"] == {"rows": 1, "total_minor": 600}
    assert [(row["branch"], row["amount_minor"]) for row in said["rejected_rows"]] == [("Centro", 600)]
    for language in Language:
        first, last = as_table(outcome(sales), sales, Texts(language, ROOMS))[1:]
        assert "S/ 6.00" in first
        assert "S/ 6.00" in last
        assert "✓" in first
    assert sales.rejected_of("Norte") == RejectedFigures(0, 0)


def test_rejected_rows_are_told_in_the_chosen_language(read_plain: ReadPlain) -> None:
    sales = read_plain(ROWS)
    sentences = {
        language: as_json(outcome(sales), sales, 1.0, language)["rejected_rows"][0]["sentence"] for language in Language
    }
    assert sentences == {language: sales.rejected[0].sentence(language) for language in Language}
    assert len(set(sentences.values())) == len(Language)


def test_no_speed_is_told_where_nothing_was_sold(read_plain: ReadPlain) -> None:
    sales = read_plain(ROWS)
    assert as_json(outcome(sales), sales, 1.0, Language.SPANISH)["tickets_per_second_and_till"] == 2.5
    assert "tickets_per_second_and_till" not in as_json(outcome(sales, None), sales, 1.0, Language.SPANISH)


def test_one_that_differs_is_marked(read_plain: ReadPlain) -> None:
    sales = read_plain(ROWS)
    differs = outcome(sales, cloud=Figures(1, 4000))
    assert as_json(differs, sales, 1.0, Language.SPANISH)["agree"] is False
    assert [line.count("✗") for line in as_table(differs, sales, Texts(Language.SPANISH, ROOMS))] == [0, 1, 1]
