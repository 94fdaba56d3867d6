"""Making the copy of a video that is quick to jump in."""

import os
import uuid
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.recent_frames import RecentFrames
from kpstudio.imaging.video import Video
from kpstudio.imaging.video_proxy import FRAMES_A_SECOND, VideoProxy, proxy_tags

# The best of motion JPEG: 44 to 50 dB on videos of mice and people, 20 to 45 KB a frame.
_QUANTISER = 2
_PIXEL_FORMAT = "yuvj444p"


def write_proxy(path: Path, *, report: Callable[[int, int], None]) -> VideoProxy:
    """Copy all frames of a video, as they come when the whole of it is decoded.

    Args:
        path: Of the video; what it holds stays as it is.
        report: Told how many frames are copied, of about how many; what it raises ends the work,
            and nothing is left of it.

    Raises:
        UserProblem: The video cannot be read, or the copy not be written.
    """
    import av

    place = VideoProxy.place(path)
    temporary = place.with_name(f".{place.name}.{uuid.uuid4().hex[:8]}")
    try:
        _copy(Video(path, str(path), RecentFrames(0)), temporary, report)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(place)
    except (OSError, av.error.FFmpegError) as error:
        raise UserProblem(
            f"{place.name} was not written: {getattr(error, 'strerror', None) or error}.",
            f"Check that {place.parent} may be written and has free space; such a copy may be ten"
            " times as large as its video.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    made = VideoProxy.of(path)
    if made is None:
        place.unlink(missing_ok=True)
        raise UserProblem(
            f"{path.name} changed while it was copied.", "Make the copy again when it is complete."
        )
    return made


def _copy(video: Video, place: Path, report: Callable[[int, int], None]) -> None:
    import av

    with av.open(str(place), "w", format="matroska") as container:
        container.metadata.update(proxy_tags(video.path))
        stream = container.add_stream("mjpeg", rate=FRAMES_A_SECOND)
        stream.width, stream.height = video.size
        stream.pix_fmt = _PIXEL_FORMAT
        stream.codec_context.qmin = stream.codec_context.qmax = _QUANTISER
        for number, decoded in video.frames():
            report(number, max(len(video.index), number))
            # By the pixels that are shown: colours, range and rotation are theirs.
            frame = av.VideoFrame.from_ndarray(frame_pixels(decoded), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
