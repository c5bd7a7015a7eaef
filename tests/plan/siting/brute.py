"""What every choice of sites comes to, one after the other: written without geomap."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import networkx as nx
import numpy as np

OUT = np.inf


@dataclass
class Case:
    """A small question: whole costs, infinite out of reach, and whole weights."""

    cost: np.ndarray
    weights: np.ndarray
    p: int
    standard: float
    existing: list = field(default_factory=list)  # columns that stand
    required: list = field(default_factory=list)
    excluded: list = field(default_factory=list)
    site_cost: np.ndarray | None = None
    budget: float | None = None
    capacity: np.ndarray | None = None

    @property
    def near(self):
        return np.where(self.cost <= self.standard, self.cost, OUT)

    @property
    def servable(self):
        """Rows that some column that may serve does reach."""
        may = [j for j in range(self.cost.shape[1]) if j not in self.excluded]
        return np.isfinite(self.near[:, may]).any(axis=1)

    def choices(self, sizes):
        """All new columns that may be chosen together."""
        closed = {*self.existing, *self.excluded}
        free = [j for j in range(self.cost.shape[1]) if j not in closed]
        for size in sizes:
            for some in combinations(free, size):
                paid = self.site_cost is None or self.site_cost[list(some)].sum() <= self.budget
                if paid and set(self.required) <= set(some):
                    yield list(some)

    def sizes(self, model):
        """How many columns a choice may have."""
        if model == "lscp" or self.budget is not None:
            most = self.cost.shape[1] if model == "lscp" else self.p
            return range(most + 1)
        return [self.p]


def best(case: Case, model: str) -> float | None:
    """The best objective of all choices; None: no choice will do."""
    values = [value_of(case, model, some) for some in case.choices(case.sizes(model))]
    values = [each for each in values if each is not None]
    if not values:
        return None
    return max(values) if model == "mclp" else min(values)


def value_of(case: Case, model: str, chosen: list) -> float | None:
    """The objective of one choice; None: it does not serve all that can be served."""
    columns = [*chosen, *case.existing]
    least = case.near[:, columns].min(axis=1, initial=OUT)
    if model == "mclp":
        return float(case.weights[np.isfinite(least)].sum())
    rows = case.servable
    if model == "p_median":
        rows = rows & (case.weights > 0)
    if not np.isfinite(least[rows]).all():
        return None
    if model == "lscp":
        return float(len(chosen))
    if model == "p_median":
        return float((case.weights[rows] * least[rows]).sum())
    return float(least[rows].max(initial=0.0))


def best_with_capacity(case: Case, model: str) -> float | None:
    """The same where each column serves no more than its capacity, rows in parts if need be."""
    values = [carried(case, model, some) for some in case.choices(case.sizes(model))]
    values = [each for each in values if each is not None]
    if not values:
        return None
    return max(values) if model == "mclp" else min(values)


def carried(case: Case, model: str, chosen: list) -> float | None:
    """The objective of one choice, by flows of whole people."""
    rows = np.flatnonzero(case.servable & (case.weights > 0))
    wanted = int(case.weights[rows].sum())
    columns = [*chosen, *case.existing]
    if model == "p_center":
        for radius in sorted({0.0, *case.near[np.isfinite(case.near)]}):
            if flow(case, rows, columns, radius)[0] == wanted:
                return float(radius)
        return None
    served, cost = flow(case, rows, columns, case.standard)
    if model == "mclp":
        return float(served)
    if served < wanted:
        return None
    return float(len(chosen)) if model == "lscp" else float(cost)


def flow(case: Case, rows, columns, radius):
    """The most people that can be served, and what that costs at the least."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for i in rows.tolist():
        graph.add_edge("from", ("row", i), capacity=int(case.weights[i]), weight=0)
        for j in columns:
            if case.near[i, j] <= radius:
                graph.add_edge(("row", i), ("site", j), weight=int(case.near[i, j]))
    for j in columns:
        graph.add_edge(("site", j), "to", capacity=int(case.capacity[j]), weight=0)
    carried_ = nx.max_flow_min_cost(graph, "from", "to")
    return sum(carried_["from"].values()), nx.cost_of_flow(graph, carried_)
