"""`python -m gan_lightning completion SHELL`: completion for `gan-lightning` in a shell."""

from typing import Annotated, Literal

import typer

_SHELL = "Whose start-up file evaluates what is printed."
_WORDS = "What stands on the line; print what its last word may become."


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help=_SHELL)] = "bash",
    words: Annotated[str | None, typer.Option(metavar="LINE", help=_WORDS, show_default=False)] = None,
) -> None:
    """Print what completes verbs, groups, options and keys of gan-lightning with the Tab key.

    In ~/.bashrc: eval "$(gan-lightning completion bash)"; in ~/.zshrc the same with zsh, after compinit; in fish:
    gan-lightning completion fish | source.
    """
    from gan_lightning.completion import SCRIPTS, candidates

    print(SCRIPTS[shell].rstrip() if words is None else "\n".join(candidates(words)))
