"""Alerts and dashboard ask only for what the service tells, in Prometheus's own language, and lead to a page that helps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY

from bot.app import installation
from tests.workshop.test_documents import ROOT

RULES = yaml.safe_load((ROOT / "ops/prometheus/alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
PANELS = json.loads((ROOT / "ops/grafana/komek.json").read_text("utf-8"))["panels"]
ASKED = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]


def selectors(expression: Any) -> Iterator[promql_parser.VectorSelector]:
    """Every series that an expression reads."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    elif isinstance(expression, promql_parser.MatrixSelector):
        yield from selectors(expression.vector_selector)
    elif isinstance(expression, promql_parser.Call):
        for one in expression.args:
            yield from selectors(one)
    else:
        for name in ("lhs", "rhs", "expr"):
            yield from selectors(inner) if (inner := getattr(expression, name, None)) is not None else ()


@pytest.mark.parametrize("expression", ASKED)
def test_an_expression_reads_only_what_is_told(expression: str) -> None:
    """Each name is a sample's that a process of ours exposes, each label one that it has."""
    found = list(selectors(promql_parser.parse(expression)))
    assert found
    for one in found:
        assert one.name in LABELS, one.name
        for matcher in one.matchers.matchers:
            assert matcher.name in LABELS[one.name], f"{one.name}: {matcher.name}"


def _labels() -> dict[str, set[str]]:
    """The samples of a process of ours, and their labels."""
    assert installation.__module__ == "bot.app"  # with it, all that counts is imported
    told: dict[str, set[str]] = {}
    for collector, names in list(REGISTRY._collector_to_names.items()):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in names:
            told[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return told


LABELS = _labels()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_and_where_to_read_on(rule: dict[str, Any]) -> None:
    """A summary, how urgent it is, and a section that is there."""
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(rule["annotations"]["summary"]) > 20
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_panels_do_not_lie_on_each_other() -> None:
    """Each has a place of its own and an id of its own."""
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS}
    assert len(places) == len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_the_rules_tests_name_alerts_that_exist() -> None:
    """`promtool test rules` runs where promtool is; here at least the names are right."""
    told = yaml.safe_load(Path(ROOT / "ops/prometheus/alerts.test.yaml").read_text("utf-8"))
    names = {one["alertname"] for test in told["tests"] for one in test["alert_rule_test"]}
    assert names <= {rule["alert"] for rule in RULES}
