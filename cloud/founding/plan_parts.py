"""What the parts of a plan have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from cloud.founding.plan_values import mistake

EVERY_BRANCH: Literal["*"] = "*"


class Part(BaseModel):
    """An element of a plan: fields that nobody knows are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def in_languages(field: str) -> Any:
    """Let a name be one text, or a text for each language: `name = {es = "Efectivo", en = "Cash"}`."""

    def parted(data: Any) -> Any:
        said = data.get(field) if isinstance(data, Mapping) else None
        if not isinstance(said, Mapping):
            return data
        if not said:
            raise mistake("plan.empty")
        return {**data, field: next(iter(said.values())), "names": said}

    return model_validator(mode="before")(parted)
