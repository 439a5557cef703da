"""Device letters: read aloud without doubt, and never given twice."""

from __future__ import annotations

from shared.tenancy.commands import device_letter


def test_two_thousand_devices_have_two_thousand_letters() -> None:
    letters = [device_letter(index) for index in range(2_000)]
    assert len(set(letters)) == 2_000
    assert letters[0] == "A"
    assert (letters[23], letters[24], letters[25]) == ("Z", "AA", "AB")
    assert not {"I", "O"} & set("".join(letters))
    assert max(len(letter) for letter in letters) <= 4, "what the record holds"
