"""How the images of a project are divided into train, val and test."""

from sqlalchemy import func, select

from kpstudio.core.dataset import Split
from kpstudio.store import annotations, images, searching, splitting
from kpstudio.store.database import Database
from kpstudio.store.grouping import Grouping
from kpstudio.store.tables import images as image_table


class Splits:
    """The parts of a project, and which images belong together in one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = database.path.parent

    def divide(
        self,
        val_fraction: float,
        seed: int = 0,
        *,
        test_fraction: float = 0.0,
        group_by: str | None = None,
        is_anew: bool = False,
    ) -> dict[Split, int]:
        """Give every image without a split one, whole groups at a time.

        Args:
            val_fraction: Of the labelled images, as `splitting.Fractions`.
            seed: Decides which groups are drawn.
            test_fraction: Of the labelled images, to be kept aside.
            group_by: A rule as of `Grouping`, which is that of the project from now on.
            is_anew: Forget first which split images have.

        Returns:
            How many images each part has now.

        Raises:
            UserProblem: A fraction or the rule is not possible, or it could not be stored.
        """
        fractions = splitting.Fractions(val_fraction, test_fraction)
        with self._database.writing("The split was") as connection:
            if group_by is not None:
                grouping = Grouping(group_by)
                grouping.write(connection)
                grouping.check(images.read_images(connection, self._folder))
            if is_anew:
                splitting.forget_split(connection)
            return splitting.write_split(
                connection,
                images.read_images(connection, self._folder),
                annotations.labelled_image_ids(connection),
                fractions=fractions,
                seed=seed,
            )

    def grouping(self) -> Grouping:
        """Which images belong together."""
        with self._database.reading() as connection:
            return Grouping.read(connection)

    def count(self) -> dict[str, int]:
        """How many images each part has, in alphabetical order, without those in none."""
        column = image_table.c.split
        counts = select(column, func.count().label("number")).group_by(column)
        counts = counts.where(column.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(counts.order_by(column))
            return {row.split: row.number for row in rows}

    def count_labelled(self) -> dict[Split | None, int]:
        """How many labelled images each part has."""
        labelled = searching.LABELLED_IMAGES.subquery()
        counts = select(image_table.c.split, func.count().label("number")).join_from(
            labelled, image_table, labelled.c.image_id == image_table.c.id
        )
        with self._database.reading() as connection:
            return {
                row.split: row.number
                for row in connection.execute(counts.group_by(image_table.c.split))
            }
