"""The ids of imported annotations."""

import uuid


def imported_id(format: str, image: str, subject: object) -> str:
    """The same at each reading, so that a second import of a file does not double subjects.

    Args:
        format: Its name in the table of formats.
        image: As the file calls it.
        subject: What tells subjects of one image apart in the file.
    """
    name = f"kpstudio:{format}:{image}:{subject}"
    return uuid.uuid5(uuid.NAMESPACE_URL, name).hex
