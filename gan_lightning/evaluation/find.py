"""What a path given to `evaluate` stands for."""

from pathlib import Path

from gan_lightning.data.listing import holds_pictures
from gan_lightning.errors import UsageError
from gan_lightning.evaluation.of_pictures import PicturesSubject
from gan_lightning.evaluation.of_run import RunSubject
from gan_lightning.evaluation.subject import Subject
from gan_lightning.runs.run import find_run, is_run


def find(path: Path) -> Subject:
    """A run's folder (its last checkpoint), a checkpoint within one, `last`, or a folder of pictures.

    Raises:
        UsageError: it is none of these, the run has no checkpoint, or the folder no picture.
    """
    folder = path.expanduser()
    if folder.is_dir() and not is_run(folder):
        if not holds_pictures(folder):
            raise UsageError(
                f"{folder} is no run, and holds no pictures: name a run, one of its checkpoints, or pictures"
            )
        return PicturesSubject(folder)
    return RunSubject(find_run(path))
