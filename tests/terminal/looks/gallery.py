"""Sample apps that wear our widgets with believable Spanish texts: what the snapshots and pictures are taken of."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical

from terminal.theme.palette import DARK, Palette, Tone
from terminal.theme.themes import ThemedApp
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckPanel, CheckView, CheckWords
from terminal.widgets.command_line import CommandLine
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.key_pad import ERASE, KeyPad
from terminal.widgets.pin_pad import PinPad
from terminal.widgets.status_line import Notice, Status, StatusLine
from terminal.widgets.ticket_card import CardWords, WallLine, WallTicket
from terminal.widgets.ticket_wall import TicketWall
from terminal.widgets.tile import Tile
from terminal.widgets.wall_layout import WallWords

STATUS = Status(
    branch="Miraflores",
    person="Rosa Quispe",
    clock="12:41",
    notices=(
        Notice(Tone.READY, "Nube hace 3 s", "Nube 3 s"),
        Notice(Tone.NEW, "12 por subir · 4 min", "12 · 4 min"),
        Notice(Tone.WARN, "Impresora cocina: 2 en espera", "Impresora"),
    ),
)
ORDER_KEYS = (
    BarKey("F1", "Mesas", "tables"),
    BarKey("F2", "Enviar", "send", leads=True),
    BarKey("F3", "Nota", "note"),
    BarKey("F4", "Cantidad", "quantity", short="Cant."),
    BarKey("F5", "Quitar", "remove"),
    BarKey("F8", "Precuenta", "precheck", enabled=False, short="Cuenta"),
    BarKey("F9", "Cobrar", "pay"),
    BarKey("F10", "Salir", "leave"),
)
CATEGORIES = (
    "Para picar",
    "Ceviches",
    "Sopas",
    "Fondos",
    "Parrilla",
    "Chifa",
    "Guarniciones",
    "Postres",
    "Bebidas",
    "Cocteles",
)
DISHES = (
    ("Lomo saltado", "38.00", "lom"),
    ("Ají de gallina", "32.00", "aji"),
    ("Arroz con pato a la chiclayana", "46.00", "arp"),
    ("Seco de cordero con frejoles", "44.00", "sec"),
    ("Tacu tacu con lomo", "42.00", "tac"),
    ("Carapulcra con sopa seca", "36.00", "car"),
    ("Arroz con mariscos", "45.00", "arm"),
    ("Causa limeña", "24.00", "cau"),
    ("Rocoto relleno", "34.00", "roc"),
    ("Pescado a lo macho", "48.00", "pes"),
    ("Chaufa de quinua", "33.00", "cha"),
    ("炒飯 Chaufa especial", "35.00", "che"),
    ("Anticuchos de corazón", "28.00", "ant"),
    ("Ñoquis al pesto", "31.00", "ñoq"),
    ("Tallarín verde con bistec", "39.00", "tal"),
    ("Pollo a la brasa entero con papas y ensalada", "72.00", "pol"),
    ("Chicharrón de calamar", "37.00", "chi"),
    ("Parihuela", "49.00", "par"),
    ("Sudado de corvina", "52.00", "sud"),
    ("Cau cau", "29.00", "cac"),
    ("Picante de cuy", "58.00", "pic"),
    ("Olluquito con charqui", "30.00", "oll"),
    ("Escabeche de pescado", "36.00", "esc"),
    ("Patita con maní", "27.00", "pat"),
)


def category_tiles() -> tuple[Tile, ...]:
    return tuple(
        Tile(id=name, title=name, hint="abcdefghij"[at], hue=at, selected=name == "Fondos")
        for at, name in enumerate(CATEGORIES)
    )


def dish_tiles(count: int = len(DISHES)) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            id=at,
            title=DISHES[at % len(DISHES)][0],
            detail="S/ " + DISHES[at % len(DISHES)][1],
            hint=DISHES[at % len(DISHES)][2],
            hue=3,
            badge={0: "×2", 4: "×1"}.get(at, ""),
            word="agotado" if at == 8 else "",
            tone=Tone.VOID if at == 8 else Tone.PLAIN,
            enabled=at != 8,
        )
        for at in range(count)
    )


def table_tiles() -> tuple[Tile, ...]:
    states = {
        1: (Tone.NEW, "ocupada", "S/ 84.00", "12 min"),
        2: (Tone.NEW, "ocupada", "S/ 212.50", "48 min"),
        5: (Tone.READY, "listo", "S/ 36.00", "21 min"),
        6: (Tone.WARN, "cuenta", "S/ 158.00", "1 h 05"),
        9: (Tone.LATE, "esperan", "S/ 97.00", "34 min"),
    }
    tiles = []
    for at in range(18):
        tone, word, detail, badge = states.get(at, (Tone.PLAIN, "", "4 sillas", ""))
        title = f"Mesa {at + 1}" if at < 15 else ("Barra 1", "Barra 2", "Terraza del jardín 1")[at - 15]
        tiles.append(Tile(id=at, title=title, detail=detail, badge=badge, word=word, tone=tone, hint=str(at + 1)))
    return tuple(tiles)


CHECK_WORDS = CheckWords(
    headings=((LineState.SENT, "Enviado"), (LineState.READY, "Listo"), (LineState.UNSENT, "Por enviar")),
    removed="anulado",
    empty="Sin productos todavía",
    more="{count} más",
    total="TOTAL",
)
CHECK = CheckView(
    title="Mesa 7 · 4 personas",
    number="A12",
    detail="Rosa Quispe · desde las 12:20",
    tone=Tone.NEW,
    word="abierta",
    lines=(
        CheckLine(
            1,
            "2",
            "Lomo saltado",
            "S/ 76.00",
            (Extra("Término medio"), Extra("sin cebolla", ExtraKind.WITHOUT)),
            LineState.SENT,
        ),
        CheckLine(2, "1", "Causa limeña", "S/ 24.00", (), LineState.REMOVED),
        CheckLine(3, "1", "Pollo a la brasa entero con papas y ensalada", "S/ 72.00", (), LineState.SENT),
        CheckLine(
            4,
            "3",
            "Chicha morada",
            "S/ 24.00",
            (
                Extra("Jarra grande", amount="S/ 6.00"),
                Extra("sin hielo, y una con limón aparte por favor", ExtraKind.NOTE),
            ),
        ),
        CheckLine(5, "1", "炒飯 Chaufa especial", "S/ 35.00"),
    ),
    sums=(("Subtotal", "S/ 180.51"), ("IGV 18 %", "S/ 32.49"), ("Descuento", "−S/ 6.00")),
    total="S/ 207.00",
)

WALL_WORDS = WallWords(
    card=CardWords("NUEVO", "EN MARCHA", "APURA", "TARDE", "LISTO", "CAMBIO", "sigue…"),
    more="{count} más esperan",
    empty="Nada pendiente",
)
NOW_S = 10_000


def wall_tickets() -> tuple[WallTicket, ...]:
    lomo = WallLine("2", "Lomo saltado", (Extra("Término medio"), Extra("sin cebolla", ExtraKind.WITHOUT)))
    pollo = WallLine("1", "Pollo a la brasa entero", (Extra("bien tostado, papas aparte", ExtraKind.NOTE),))
    small = (WallLine("1", "Causa limeña"), WallLine("3", "Ají de gallina"))
    long = tuple(WallLine(str(n % 3 + 1), DISHES[n][0], (Extra("ají aparte"),) if n % 2 else ()) for n in range(9))
    served = WallLine("1", "Causa limeña", done=True)
    away = (WallLine("2", "Chaufa de quinua"), WallLine("1", "Cau cau", take_off="QUITAR 1"))
    allergy, hurry = "ALERGIA: maní y mariscos", "Son apurados, salen juntos"
    return (
        WallTicket(1, "A12", "Mesa 7", NOW_S - 847, (lomo, pollo, served), Tone.COOKING, alert=allergy),
        WallTicket(2, "B3", "Llevar", NOW_S - 1132, away, Tone.COOKING),
        WallTicket(3, "A13", "Terraza del jardín 1", NOW_S - 640, long, Tone.COOKING),
        WallTicket(4, "A14", "Mesa 2", NOW_S - 302, (*small, lomo), Tone.COOKING, note=hurry),
        WallTicket(5, "C1", "Delivery", NOW_S - 75, (WallLine("1", "炒飯 Chaufa especial"), pollo)),
        WallTicket(6, "A15", "Mesa 11", NOW_S - 42, small),
        WallTicket(7, "A16", "Barra 2", NOW_S - 8, (WallLine("4", "Anticuchos de corazón"),)),
        WallTicket(8, "A17", "Mesa 1", NOW_S - 6, small),
        WallTicket(9, "A18", "Mesa 3", NOW_S - 2, small),
    )


class Sample(ThemedApp[None]):
    """A sample that wears one palette."""

    def __init__(self, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette

    def on_mount(self) -> None:
        self.wear(self._palette)


class OrderSample(Sample):
    """The till's order screen."""

    CSS = """
    #left { width: 1fr; padding: 0 1 0 0; }
    #categories { width: 18; margin-right: 1; }
    CheckPanel { width: 44; }
    .narrow #categories { width: 13; }
    .narrow CheckPanel { width: 30; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "narrow"), (100, "wide")]  # noqa: RUF012 Textual's own form

    def compose(self) -> ComposeResult:
        yield StatusLine(STATUS)
        with Horizontal():
            with Vertical(id="left"), Horizontal():
                yield ItemGrid(
                    category_tiles(), columns=1, tile_height=3 if self.size.height > 30 else 2, id="categories"
                )
                yield ItemGrid(dish_tiles(), id="items", least_width=18 if self.size.width > 100 else 15)
            yield CheckPanel(CHECK_WORDS)
        yield CommandLine("Plato, código o 2*código", id="line")
        yield KeyBar(ORDER_KEYS)

    def on_ready(self) -> None:
        self.query_one(CheckPanel).show(CHECK)
        line = self.query_one(CommandLine)
        for char in "2*lom":
            line.press(char, char)
        line.answer("2 × Lomo saltado  S/ 76.00")
        if self.size.height < 30:
            self.query_one(KeyBar).styles.height = 2


class TablesSample(Sample):
    """The floor."""

    def compose(self) -> ComposeResult:
        yield StatusLine(STATUS)
        yield ItemGrid(table_tiles(), least_width=17, tile_height=5)
        yield KeyBar(ORDER_KEYS[:4])


class PinSample(Sample):
    """The log-in."""

    CSS = "Screen { align: center middle; }"

    def compose(self) -> ComposeResult:
        yield StatusLine(STATUS)
        yield PinPad("Rosa Quispe")

    def on_ready(self) -> None:
        pad = self.query_one(PinPad)
        pad.tell("PIN incorrecto. Quedan 3 intentos.")
        if self.size.height > 30:
            for digit in "123":
                pad.press(digit)


class PaymentSample(Sample):
    """Taking money: what is due, what is given, the change."""

    CSS = """
    Horizontal { padding: 1 2; }
    #methods { width: 22; margin-right: 2; }
    #figures { width: 1fr; }
    KeyPad { width: 40; margin-left: 2; }
    BigDigits { margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        yield StatusLine(STATUS)
        with Horizontal():
            methods = ("Efectivo", "Tarjeta", "Yape", "Plin", "Transferencia")
            yield ItemGrid(
                [Tile(m, m, hint=str(n + 1), selected=n == 0) for n, m in enumerate(methods)], columns=1, id="methods"
            )
            with Vertical(id="figures"):
                yield BigDigits("S/ 207.00", caption="POR COBRAR")
                yield BigDigits("S/ 43.00", caption="VUELTO", tone=Tone.READY)
                yield ItemGrid(
                    [Tile(m, m) for m in ("Exacto", "S/ 210", "S/ 220", "S/ 250", "S/ 300")],
                    least_width=12,
                    tile_height=3,
                )
            yield KeyPad((("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", ERASE)))
        yield KeyBar((BarKey("Enter", "Cobrar", "pay", leads=True), BarKey("F12", "Volver", "back")))


class WallSample(Sample):
    """The kitchen display."""

    def compose(self) -> ComposeResult:
        yield TicketWall(WALL_WORDS)

    def on_ready(self) -> None:
        wall = self.query_one(TicketWall)
        wall.tick(NOW_S)
        wall.show(wall_tickets(), note="Lomo saltado 4 · Ají de gallina 9 · Causa limeña 3")


GALLERY: dict[str, Callable[[Palette], App[None]]] = {
    "order": OrderSample,
    "tables": TablesSample,
    "pin": PinSample,
    "payment": PaymentSample,
    "wall": WallSample,
}
