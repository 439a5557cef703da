"""Every sentence of the demo in both languages, with the same parameters."""

from __future__ import annotations

import re
from pathlib import Path

from shared.kernel.language import Language, catalogue

HERE = Path(__file__).parents[3] / "terminal" / "demo"


def test_both_languages_say_the_same_things_with_the_same_parameters() -> None:
    spanish, english = (catalogue("terminal.demo", language) for language in Language)

    assert spanish.keys() == english.keys()
    for code, sentence in spanish.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", english[code])), code


def test_every_trouble_and_finding_has_a_sentence() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))
    known = set(catalogue("terminal.demo", Language.SPANISH))
    used = set(re.findall(r'DemoTrouble\(\s*"(\w+)"', source))
    used |= {f"demo.check.{code}" for code in re.findall(r'_findings\.\w+\(\s*"(\w+)"', source)}
    used |= {f"demo.wait.{code}" for code in re.findall(r'_patience\("(\w+)"', source)}
    used |= set(re.findall(r'texts\(\s*"(demo\.[\w.]+)"', source))

    assert len(used) > 40
    assert used - known == set()
