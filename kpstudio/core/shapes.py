"""Element types and shapes of arrays, as signatures say them: `Float[np.ndarray, "N 2"]`.

They are jaxtyping's where something has imported it already, as the test run has, in which every
call is checked. Nothing reads them otherwise, and importing jaxtyping takes a window longer than
importing half of what is ours.
"""

import sys
from typing import TYPE_CHECKING, Any

__all__ = [
    "Bool",
    "Complex",
    "Float",
    "Float16",
    "Float32",
    "Int",
    "Int64",
    "Shaped",
    "UInt8",
]

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Complex, Float, Float16, Float32, Int, Int64, Shaped, UInt8
else:

    class _Unchecked:
        """Is the array type alone when it is given a shape."""

        def __class_getitem__(cls, words: tuple[Any, str]) -> Any:
            return words[0]

    Bool = Complex = Float = Float16 = Float32 = Int = Int64 = Shaped = UInt8 = _Unchecked
