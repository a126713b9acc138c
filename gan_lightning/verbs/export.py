"""`python -m gan_lightning export RUN`: a trained generator as a file for other programs."""

from enum import Enum
from typing import Annotated

import typer

from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, WeightsOption


class FormatName(str, Enum):
    """The formats, by the name on the command line."""

    onnx = "onnx"
    safetensors = "safetensors"
    torch = "torch"


_FORMAT = "onnx for any runtime; safetensors, weights alone; torch, a program that needs torch and not this package."
_LICENCE = "Of the weights, as the model card states it: an SPDX name, as cc-by-4.0."


def export(
    run: RunArgument,
    format: Annotated[FormatName, typer.Option("--format", help=_FORMAT)] = FormatName.onnx,
    weights: WeightsOption = None,
    licence: Annotated[str, typer.Option("--license", metavar="NAME", help=_LICENCE)] = "unknown",
    out: OutOption = None,
) -> None:
    """Write a generator with its model card into a folder, and compare the file's samples with the original's.

    The card says variant, data, hash of the config, figures with their protocol and floor, and licence.
    """
    found = find_run(run)
    check_target(found, out, [""])
    import_torch()
    from gan_lightning.export.export import FORMATS, export
    from gan_lightning.quiet import quieten
    from gan_lightning.runs.opened import open_run

    quieten()
    form = FORMATS[format.value]
    form.check()
    opened = open_run(found)
    chosen = opened.weights(weights)
    paths = targets(found, out, f"export_{opened.step:08d}_{chosen}_{format.value}", [""])
    with whole(paths) as (unfinished,):
        unfinished.mkdir()
        exported = export(found, opened, chosen, form, licence, unfinished)
    size = (paths[0] / form.file).stat().st_size / 1e6
    distance = f"{exported.difference:.2g} from the original's on {exported.compared} latents"
    print(f"{size:.2f} MB; its samples differ by at most {distance}")
    print(paths[0] / form.file)
