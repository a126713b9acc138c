"""What a shell may put where the cursor is: verbs with their options, groups with theirs, and keys."""

from collections.abc import Sequence

from gan_lightning import schema
from gan_lightning.verbs.app import VERBS, command_of

SCRIPTS = {
    "bash": r"""_gan_lightning() {
  local line="${COMP_LINE:0:COMP_POINT}" word
  word="${line##* }"
  local IFS=$'\n'
  COMPREPLY=($(gan-lightning completion --words "${line#* }" 2>/dev/null))
  case "$word" in *=*) COMPREPLY=("${COMPREPLY[@]#"${word%=*}="}") ;; esac  # bash takes = for the end of a word
  case "${COMPREPLY[*]}" in *=) compopt -o nospace ;; esac
}
complete -o default -F _gan_lightning gan-lightning
""",
    "zsh": r"""_gan_lightning() {
  local -a found
  found=("${(@f)$(gan-lightning completion --words "${LBUFFER#* }" 2>/dev/null)}")
  if [[ -n "${found[*]}" ]]; then compadd -S '' -a found; else _files; fi
}
compdef _gan_lightning gan-lightning
""",
    "fish": r"""function __gan_lightning
  gan-lightning completion --words (string join " " -- (commandline -opc)[2..] (commandline -ct)) 2>/dev/null
end
complete -c gan-lightning -a '(__gan_lightning)'
""",
}
"""By shell: what its start-up file evaluates."""


def candidates(line: str) -> list[str]:
    """What the last word of a line may become, sorted; the line is without the command itself."""
    *before, word = line.split(" ")
    known = [one for one in before if one]
    if known and known[0] in VERBS:
        found = _options(known[0])
    elif "=" in word:
        group = word.partition("=")[0]
        found = [f"{group}={option}" for option in schema.options(group)] if group in schema.groups() else []
    else:
        found = [*(VERBS if not known else ()), *_keys()]
    return sorted(one for one in dict.fromkeys(found) if one.startswith(word))


def _options(verb: str) -> Sequence[str]:
    """A verb's flags, and `last` for a run; files and folders are the shell's own affair."""
    flags = [name for parameter in command_of(verb).params for name in parameter.opts if name.startswith("--")]
    return [*flags, "--help", "last"]


def _keys() -> list[str]:
    """`GROUP=` and `KEY=` of everything that a command line can set."""
    own = [group for group in schema.groups() if not group.startswith("hydra")]
    keys = {key for option in schema.files() for key in option.keys if not key.endswith(("_target_", "_partial_"))}
    inner = {key.rpartition(".")[0] for key in keys}
    return [f"{one}=" for one in (*own, *(keys - inner - schema.wiring()))]
