"""What a search may choose, checked before a sweep begins; imports no torch."""

from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.knobs import FLAG, RULES
from gan_lightning.rules import Number, shown

_NAMES = {"key", "low", "high", "log"}
_HOW = "write {key: optimizer.generator.lr, low: 1e-4, high: 1e-2, log: true}"


def check_space(config: DictConfig) -> None:
    """Check each node of `sweep.search` of a composed config. Raises UsageError."""
    for name, node in config.sweep.search.items():
        _check(f"sweep.search.{name!s}", node, config)


def _check(path: str, node: object, config: DictConfig) -> None:
    if not isinstance(node, DictConfig) or set(node) != _NAMES:
        raise UsageError(f"{path}={shown(node)}: must have key, low, high and log: {_HOW}")
    for end in ("low", "high"):
        if not Number().accepts(node[end]):
            raise UsageError(f"{path}.{end}={shown(node[end])}: must be {Number()}")
    if not FLAG.accepts(node.log):
        raise UsageError(f"{path}.log={shown(node.log)}: must be {FLAG}")
    if not node.low <= node.high:
        raise UsageError(f"{path}.low={node.low} is above its high={node.high}: lower it")
    if node.log and node.low <= 0:
        raise UsageError(f"{path}.low={node.low}: must be above 0 where log=true")
    if OmegaConf.select(config, str(node.key), default=_HOW) == _HOW:
        raise UsageError(f"{path}.key={node.key}: no such key; --cfg job lists every key")
    rule = RULES.get(str(node.key).rpartition(".")[2])
    for end in ("low", "high"):
        if rule is not None and not rule.accepts(node[end]):
            raise UsageError(f"{path}.{end}={node[end]}: {node.key} must be {rule}")
