"""Rules: what JSON Schema cannot say of a catalogue. Each is a function of the whole catalogue.

To add one, write it in the file of its theme and name it in `RULES`. A rule says nothing of what
follows from a mistake that another rule, the builders or the schema have already named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.catalogue.model import Catalogue
from engine.catalogue.rules.advice import check_advice
from engine.catalogue.rules.asked_inputs import check_asked_circles, check_asking, check_limits
from engine.catalogue.rules.compared_schools import check_same_schools
from engine.catalogue.rules.concepts import check_concepts
from engine.catalogue.rules.cycles import check_cycles
from engine.catalogue.rules.examples import check_coverage, check_examples
from engine.catalogue.rules.forms import (
    check_form_cells,
    check_form_gaps,
    check_form_rows,
    check_form_shows,
    check_form_times,
)
from engine.catalogue.rules.inputs import (
    check_conditions,
    check_input_kinds,
    check_input_units,
    check_roll_ups,
    check_within,
)
from engine.catalogue.rules.names import (
    check_calls,
    check_groups,
    check_ids,
    check_levels,
    check_names,
    check_periods,
)
from engine.catalogue.rules.publication import check_people, check_publication
from engine.catalogue.rules.scales import (
    check_answers,
    check_chains,
    check_class_names,
    check_points,
    check_scaled,
    check_scales,
    check_unused,
)
from engine.catalogue.rules.scores import check_score_levels, check_score_sums, check_scores
from engine.catalogue.rules.sets import check_levels_read, check_own_levels, check_set_calls
from engine.catalogue.rules.tables import check_lookups, check_tables
from engine.catalogue.rules.targets import (
    check_accepted,
    check_comparators,
    check_degrees,
    check_order,
    check_targets,
    note_changes,
)
from engine.catalogue.rules.titles import (
    check_headings,
    check_long_titles,
    check_quotes,
    check_short_titles,
)
from engine.catalogue.rules.where import check_named_inputs, check_targets_by, check_where
from engine.problems import Problem

Rule = Callable[[Catalogue], Iterable[Problem]]

RULES: tuple[Rule, ...] = (
    check_ids,
    check_levels,
    check_groups,
    check_periods,
    check_short_titles,
    check_headings,
    check_long_titles,
    check_quotes,
    check_input_kinds,
    check_input_units,
    check_roll_ups,
    check_within,
    check_conditions,
    check_where,
    check_targets_by,
    check_asking,
    check_asked_circles,
    check_limits,
    check_names,
    check_calls,
    check_cycles,
    check_same_schools,
    check_targets,
    check_comparators,
    check_degrees,
    note_changes,
    check_order,
    check_accepted,
    check_examples,
    check_coverage,
    check_form_rows,
    check_form_cells,
    check_form_shows,
    check_form_times,
    check_form_gaps,
    check_advice,
    check_publication,
    check_people,
    check_concepts,
    check_scales,
    check_scaled,
    check_chains,
    check_unused,
    check_class_names,
    check_points,
    check_answers,
    check_set_calls,
    check_levels_read,
    check_own_levels,
    check_named_inputs,
    check_scores,
    check_score_levels,
    check_score_sums,
    check_tables,
    check_lookups,
)
