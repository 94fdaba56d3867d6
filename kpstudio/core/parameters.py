"""Parameters that describe themselves, so that the studio can build forms without code."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kpstudio.core.errors import UserProblem

Made = TypeVar("Made")


class ParameterDescription(msgspec.Struct, frozen=True):
    """One parameter of a decoder or a network, as the engine tells it to the studio."""

    name: str
    default: float | int
    minimum: float | int
    maximum: float | int
    help: str


def parameter(
    default: float | int, *, minimum: float | int, maximum: float | int, help: str
) -> Any:
    """A dataclass field that is a described parameter."""
    return dataclasses.field(
        default=default,
        metadata={"default": default, "minimum": minimum, "maximum": maximum, "help": help},
    )


def describe_parameters(entry: type) -> tuple[ParameterDescription, ...]:
    """The described parameters of a dataclass, in the order of its fields."""
    return tuple(
        ParameterDescription(
            name=field.name,
            default=field.metadata["default"],
            minimum=field.metadata["minimum"],
            maximum=field.metadata["maximum"],
            help=field.metadata["help"],
        )
        for field in dataclasses.fields(entry)
        if "help" in field.metadata
    )


def make_with_parameters(entry: type[Made], values: Mapping[str, float | int]) -> Made:
    """An entry with the given parameters.

    Raises:
        UserProblem: A name that the entry does not have, or a value out of its range.
    """
    known = {description.name: description for description in describe_parameters(entry)}
    for name, value in values.items():
        if name not in known:
            raise UserProblem(
                f"{entry.__name__} has no parameter “{name}”.",
                f"Known: {', '.join(known) or 'none'}.",
            )
        limits = known[name]
        if not limits.minimum <= value <= limits.maximum:
            raise UserProblem(
                f"{name} = {value} is out of range.",
                f"Choose a value from {limits.minimum} to {limits.maximum}.",
            )
    return entry(**values)
