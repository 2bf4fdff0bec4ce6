"""Splink 5 on the same keys: its own comparisons, term frequencies on, trained on the workspace itself.

Set up as its documentation tells (u by random sampling, m by expectation maximisation on two blocks, clusters at 0.95).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

THRESHOLD = 0.95
PAIRS = 1_000_000


def groups(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Clusters of contacts. Splink and its dependencies are installed only for this."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("last", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("email"),
            block_on("first", "last"),
            block_on("name"),
        ],
        retain_matching_columns=False,
    )
    api = DuckDBAPI()
    linker = Linker(api.register(list(rows), dataset_display_name="contacts"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("phone", "name"), block_on("email")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first", "last"))
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLD)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=THRESHOLD
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in clusters.as_record_list():
        found[row["cluster_id"]].append(row["unique_id"])
    return [group for group in found.values() if len(group) > 1]


def named_pairs(rows: Sequence[dict[str, Any]], threshold: float) -> dict[tuple[int, int], float]:
    """Pairs with so much likelihood or more, by given and family name alone, each with its likelihood."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first").configure(term_frequency_adjustments=True),
            cl.NameComparison("last").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on("first"), block_on("last"), "l.first = r.last"],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(list(rows), dataset_display_name="names"), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("first", "last")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("last"))
    predicted = linker.inference.predict(threshold_match_probability=threshold).as_record_list()
    pairs = ((row["unique_id_l"], row["unique_id_r"], row["match_probability"]) for row in predicted)
    return {(min(one, other), max(one, other)): chance for one, other, chance in pairs}
