"""Passwords that everybody tries first: a short list of ours, and what people make of it.

Guessers begin with lists of passwords that others used. Such a list of a length that we take is mostly made of few
words with digits behind them, of keys beside each other, and of one thing said again and again; so that is what is
refused, rather than a million lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache

_COMMON = """
    abc abcd adios admin administrador administrator amigo amigos amor amore angel angela animal argentina
    bailando barcelona baseball basketball batman beautiful bienvenida bienvenido bogota bolivia boss butterfly
    caja cajero camila carlos carolina casa cevicheria change changeme chef chile chocolate clave cocina
    colombia comanda comida computer contra contrasena corazon cristo cusco daniel daniela david default
    diana diego dios dragon ecuador enter entrar estrella familia family felicidad feliz fernando flower
    football forever freedom futbol gabriel garcia gerencia gerente gonzalez guest hello hermosa hola hunter
    iloveyou internet invitado is jesucristo jesus jose juan killer king lima limaperu linda login lopez love
    lovely lucia luis madrid manager maria mariana martin master me mexico mi michael minecraft monkey mono
    mundo my naruto negocio ninja nombre nueva nuevo orange papa pass passw passwd password patricia pedro peru
    pizza pokemon princesa princess prueba queen querido real restaurant restaurante ricardo rodriguez rosa
    samsung sanchez santiago secret secreto secure seguro sergio server shadow soccer sofia sol starwars summer
    sunshine super superman te teamo temp temporal tequiero test the user usuario valentina verano victoria vida
    welcome winter world yo you your
"""
_WORDS = frozenset(_COMMON.split())
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "asdfghjklqwertyuiopzxcvbnm",
)
_SHORTEST_RUN = 4
_LONGEST_UNIT = 5
_LOOKS_LIKE = str.maketrans("4@310$578!", "aaeiosstbi")


def is_common(password: str, own_words: Collection[str] = ()) -> bool:
    """Whether a guesser would try it early.

    Args:
        own_words: the person's name, e-mail address and the like: no password either, with or without digits.
    """
    plain = _plain(password)
    mine = frozenset(word for text in own_words for word in re.split(r"\W+", _plain(text)) if len(word) > 1)
    letters = re.sub(r"[^a-z0-9]+", "", plain)
    return (
        _is_repeated(plain)
        or _is_made_of(letters, mine)
        or _is_made_of(re.sub(r"\d+$", "", letters).translate(_LOOKS_LIKE), mine)
        or _is_made_of(re.sub(r"[\W\d]+$", "", plain).translate(_LOOKS_LIKE), mine)
    )


def _plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))


def _is_repeated(text: str) -> bool:
    """Whether it is one short thing said again and again: `aaaaaaaaaa`, `12121212121`."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, _LONGEST_UNIT + 1))


def _is_made_of(text: str, own_words: frozenset[str]) -> bool:
    """Whether nothing is left of it without common words, own words, runs of keys and digits."""

    @cache
    def rest_is(begin: int) -> bool:
        if begin == len(text):
            return True
        if text[begin].isdigit() and rest_is(begin + 1):
            return True
        return any(
            rest_is(end)
            for end in range(begin + 2, len(text) + 1)
            if text[begin:end] in _WORDS or text[begin:end] in own_words or _is_run(text[begin:end])
        )

    return len(text) <= _LONGEST_LOOKED_AT and rest_is(0)


def _is_run(text: str) -> bool:
    return len(text) >= _SHORTEST_RUN and any(text in row or text[::-1] in row for row in _ROWS)


_LONGEST_LOOKED_AT = 64
"""Whoever types more than that has not typed a common word."""
