from pathlib import Path

from gan_lightning import command


def test_an_earlier_command_line_is_let_go_of(tmp_path: Path) -> None:
    lock = (tmp_path / "lock").open("w")
    command.held.append(lock)
    command.runs.append(1)
    for folders in (command.made, command.sweep, command.sweep_made):
        folders.append(tmp_path)
    command.forget()
    assert lock.closed and tmp_path.is_dir()
    assert not any((command.runs, command.made, command.sweep, command.sweep_made, command.held))
