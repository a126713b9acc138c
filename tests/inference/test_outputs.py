"""Where verbs write."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.runs.run import Run

BOTH = [".png", ".gif"]


@pytest.fixture
def run(run_folder: Path) -> Run:
    return Run(run_folder, run_folder / "checkpoints" / "last.ckpt")


def test_files_lie_in_the_run_or_where_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    folder = run.folder / "inference"
    assert targets(run, None, "a_t0.5", BOTH) == [folder / "a_t0.5.png", folder / "a_t0.5.gif"]
    assert targets(run, None, "a_t0.5", [""]) == [folder / "a_t0.5"]
    assert targets(run, tmp_path / "b.c.png", "a", BOTH) == [tmp_path / "b.c.png", tmp_path / "b.c.gif"]
    assert targets(run, tmp_path / "b.c", "a", [""]) == [tmp_path / "b.c"]


@pytest.mark.parametrize("taken", ["b.png", "b.gif"])
def test_what_is_there_is_never_written_over(run: Run, tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).touch()
    with pytest.raises(UsageError, match=f"{taken} is there already: remove it"):
        check_target(run, tmp_path / "b.png", BOTH)


def test_a_link_that_leads_nowhere_is_there_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is there already"):
        check_target(run, tmp_path / "b.png", BOTH)


def test_another_suffix_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"end its name in \.png"):
        check_target(run, tmp_path / "b.jpg", BOTH)


def test_a_file_where_a_folder_should_be_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file is a file, no folder: choose another --out"):
        check_target(run, tmp_path / "file" / "deeper" / "b.png", BOTH)
    (run.folder / "inference").touch()
    with pytest.raises(UsageError, match="inference is a file, no folder: add --out"):
        check_target(run, None, BOTH)


def test_a_folder_that_cannot_be_written_to_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(UsageError, match="can't be written to: choose another --out"):
        check_target(run, tmp_path / "new" / "b.png", BOTH)


def test_nothing_is_made_while_looking(run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    check_target(run, tmp_path / "new" / "b.png", BOTH)
    check_target(run, None, BOTH)
    assert sorted(tmp_path.rglob("*")) == before


def test_files_get_their_names_at_the_end(tmp_path: Path) -> None:
    paths = [tmp_path / "new" / "folder" / name for name in ("a", "b")]
    with whole(paths) as unfinished:
        for path in unfinished:
            path.write_text("done")
        assert not any(path.exists() for path in paths)
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interruption_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    paths = [tmp_path / "new" / name for name in ("a", "b")]
    with pytest.raises(error), whole(paths) as unfinished:
        unfinished[0].write_text("half")
        unfinished[1].mkdir()
        (unfinished[1] / "file").touch()
        raise error
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="a can't be written .*: choose another --out"):
        with whole([tmp_path / "file" / "a"]):
            pytest.fail("nothing should be computed")


@pytest.mark.parametrize(("name", "second"), [("a_t0.7", "a_t0.7-2"), ("b.png", "b-2.png")])
def test_what_is_there_stays_and_the_new_is_numbered(name: str, second: str, tmp_path: Path) -> None:
    for content, expected in (
        ("old", name),
        ("new", second),
        ("new", second),
        ("old", name),
    ):  # the same again: no third
        paths = [tmp_path / name]
        with whole(paths) as (unfinished,):
            if name.endswith(".png"):
                unfinished.write_text(content)
            else:
                unfinished.mkdir()
                (unfinished / "a").write_text(content)
        assert paths == [tmp_path / expected]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, second])


def test_files_that_belong_together_get_the_same_number(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_text("another's")
    paths = [tmp_path / "a.png", tmp_path / "a.gif"]
    with whole(paths) as unfinished:
        for path in unfinished:
            path.write_text("mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.gif", "a-2.png", "a.gif"]
