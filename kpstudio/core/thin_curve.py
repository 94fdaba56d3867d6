"""A curve that may grow for days and keeps its shape in some hundred points.

The steps are divided into stretches of equal length, a power of two, which grows with the curve;
each stretch has one point.
"""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar, runtime_checkable


@runtime_checkable
class Point(Protocol):
    """Anything that belongs to a step."""

    @property
    def step(self) -> int: ...


AnyPoint = TypeVar("AnyPoint", bound=Point)


class ThinCurve(Generic[AnyPoint]):
    """Points in the order of their steps, no more than `most` and one.

    Args:
        join: The one point for two neighbours of the same stretch, the earlier one first. Its step
            must be that of one of them.
        points: Of an earlier part, in order.
        most: How many points there may be.
    """

    def __init__(
        self,
        join: Callable[[AnyPoint, AnyPoint], AnyPoint],
        points: Iterable[AnyPoint] = (),
        *,
        most: int = 400,
    ) -> None:
        self._join, self._most = join, most
        self._width = 1
        self._points: list[AnyPoint] = []
        for point in points:
            self.add(point)

    @property
    def points(self) -> tuple[AnyPoint, ...]:
        return tuple(self._points)

    def add(self, point: AnyPoint) -> None:
        """Go on with a point; those from its step on are forgotten, because it is a new try."""
        self.forget_from(point.step)
        self._put(point)
        if point.step > self._most * self._width:
            while point.step > self._most * self._width:
                self._width *= 2
            dense, self._points = self._points, []
            for each in dense:
                self._put(each)

    def forget_from(self, step: int) -> None:
        """Forget the points at a step and after it."""
        while self._points and self._points[-1].step >= step:
            self._points.pop()

    def _put(self, point: AnyPoint) -> None:
        if self._points and self._points[-1].step // self._width == point.step // self._width:
            self._points[-1] = self._join(self._points[-1], point)
        else:
            self._points.append(point)
