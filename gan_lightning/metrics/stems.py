"""What the figures of each measure are called and which way is better, known without torch."""

from typing import Any

INCEPTION = {"fd": "fid", "kd": "kid", "score": "inception_score"}
"""Names that differ in Inception's features; others get its name behind them."""

OF_SAMPLES: dict[str, dict[str, str]] = {
    "ModeCoverage": {"modes": "max", "share": "max", "reverse_kl": "min", "kl": "min"},
    "Wasserstein2": {"w2": "min"},
    "JensenShannon": {"jsd": "min", "jsd_discriminator": "min"},
    "Moments": {"mean_error": "min", "covariance_error": "min"},
    "CrossEntropy": {"cross_entropy_discriminator": "max", "cross_entropy_generator": "min"},
    "Recognition": {"recognition_accuracy": "max", "recognition_purity": "max", "recognition_matched": "max"},
    "StackedModes": {"modes_stacked": "max", "reverse_kl_stacked": "min"},
}
"""Stems by the metric's class; min or max, which is better."""

OF_FEATURES: dict[str, dict[str, str]] = {
    "FrechetDistance": {"fd": "min"},
    "KernelDistance": {"kd": "min"},
    "ClassifierScore": {"score": "max"},
    "Manifold": {"precision": "max", "recall": "max", "density": "max", "coverage": "max"},
    "LabelHistogram": {"label_kl": "min"},
    "Agreement": {"agreement": "max"},
    "Purity": {"purity": "max", "matched": "max"},
    "Memorisation": {"authenticity": "max", "nearest_distance": "max"},
}
"""The same of measures in a network's features, by the measure's class."""

FIRST_CHOICE = ("fid", "fd_classifier", "reverse_kl_stacked", "share", "mean_error", "w2")
"""What runs are compared by where nothing was asked for: the first of these that was measured."""


def stems_of(name: str, node: Any) -> dict[str, str]:
    """Stem and better direction of each figure of a metric's config node; none of a metric from elsewhere."""
    kind = node["_target_"].rpartition(".")[2]
    if kind in OF_SAMPLES:
        return OF_SAMPLES[kind]
    found = {}
    for measure in (node.get("measures") or {}).values():
        for stem, better in OF_FEATURES.get(measure["_target_"].rpartition(".")[2], {}).items():
            inception = INCEPTION.get(stem, f"{stem}_inception")
            found[inception if name == "inception" else f"{stem}_classifier"] = better
    return found


def better(stem: str) -> str | None:
    """min or max, of any figure's stem; None of one that isn't known."""
    for measures in (OF_SAMPLES, OF_FEATURES):
        for stems in measures.values():
            for known, direction in stems.items():
                if stem in (known, f"{known}_classifier", INCEPTION.get(known, f"{known}_inception")):
                    return direction
    return None
