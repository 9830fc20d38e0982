"""
The image, the compose file and the chart, as far as they can be held to anything without an engine.

The chart is rendered by Helm's own library and each object held to Kubernetes' schema; the compose
file is read by compose's rules. ``make .venv/chart`` installs what that takes, and
``LIVESHOP_TEST_CHART=required`` makes its absence a failure.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from live.config import SETTINGS, read

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
CHART: Final = DEPLOY / "helm" / "liveshop"
KUBERNETES: Final = ("1.29", "1.33")
DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text()

EVERYTHING: Final[dict[str, Any]] = {
    "webSecretName": "liveshop-pooled",
    "web": {"autoscaling": {"enabled": True}},
    "ingress": {"enabled": True},
    "media": {"addresses": "203.0.113.7"},
    "settings": {"LIVESHOP_CURRENCY": "EUR", "OTEL_TRACES_SAMPLER_ARG": 0.1},
}
LITTLE: Final[dict[str, Any]] = {"media": {"enabled": False}}


def needed(module: str) -> Any:
    """Import what only `make .venv/chart` installs."""
    if os.environ.get("LIVESHOP_TEST_CHART") == "required":
        return __import__(module)
    return pytest.importorskip(module, reason="make .venv/chart installs what the chart needs")


def rendered(values: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the objects of a release called shop, by kind and name."""
    helm = needed("helm_python")
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(values)
        texts = chart.render(values, name="shop", namespace="live")
    found = [each for text in texts.values() for each in yaml.safe_load_all(text) if each]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def container(objects: dict[tuple[str, str], dict[str, Any]], name: str) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment", name]["spec"]["template"]["spec"]["containers"][0]
    return found


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", [{}, LITTLE, EVERYTHING], ids=["usual", "little", "everything"])
def test_every_object_of_the_chart_is_what_kubernetes_takes(
    values: dict[str, Any], version: str
) -> None:
    validate = needed("kubernetes_validate").validate
    objects = rendered(values)

    for each in objects.values():
        validate(each, version, strict=True)
    assert ("Deployment", "shop-web") in objects
    assert ("Deployment", "shop-work") in objects
    assert (("Deployment", "shop-media") in objects) is (values is not LITTLE)
    assert (("HorizontalPodAutoscaler", "shop-web") in objects) is (values is EVERYTHING)


def test_helm_finds_nothing_to_say_about_the_chart() -> None:
    findings = needed("helm_python").lint(str(CHART))

    assert findings["errors"] == []
    assert [each["error"] for each in findings["messages"]] == ["icon is recommended"]


def test_the_chart_refuses_settings_that_are_none() -> None:
    helm = needed("helm_python")

    with helm.Chart.load(str(CHART)) as chart, pytest.raises(helm.HelmError):
        chart.validate_schema({"settings": {"SECRET": "x"}})


def test_a_pod_drains_before_it_is_killed_and_is_never_the_last_to_go() -> None:
    objects = rendered(EVERYTHING)
    spec = objects["Deployment", "shop-web"]["spec"]
    pod, web = spec["template"]["spec"], container(objects, "shop-web")
    env = {each["name"]: each.get("value") for each in web["env"]}

    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert web["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]
    assert pod["terminationGracePeriodSeconds"] >= 5 + int(env["LIVESHOP_DRAIN_SECONDS"]) + 20
    assert (web["livenessProbe"]["httpGet"]["path"], web["readinessProbe"]["httpGet"]["path"]) == (
        *("/healthz", "/readyz"),
    )
    budget = objects["PodDisruptionBudget", "shop-web"]["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == spec["selector"]
    scaled = objects["HorizontalPodAutoscaler", "shop-web"]["spec"]["metrics"]
    assert [each["pods"]["metric"]["name"] for each in scaled] == [
        *("liveshop_connections", "liveshop_loop_lag_seconds")
    ]
    assert pod["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize("part", ["web", "work", "media"])
def test_what_a_container_is_told_are_settings_that_liveshop_understands(part: str) -> None:
    known = {setting.variable for setting in SETTINGS}
    found = container(rendered(EVERYTHING), f"shop-{part}")
    told = {each["name"]: each.get("value", "203.0.113.9") for each in found["env"]}

    assert {name for name in told if name.startswith("LIVESHOP_")} <= known
    read({name: value for name, value in told.items() if name.startswith("LIVESHOP_")})


def test_work_goes_to_postgresql_itself_where_the_web_goes_through_a_pooler() -> None:
    objects = rendered(EVERYTHING)
    secrets = [
        container(objects, f"shop-{part}")["envFrom"][0]["secretRef"]["name"]
        for part in ("web", "work")
    ]

    assert secrets == ["liveshop-pooled", "liveshop"]


def test_the_compose_file_is_one() -> None:
    compose_spec = needed("compose_spec")
    # Variables have their defaults, as compose reads it; anchors are YAML's own.
    text = re.sub(
        r"\$\{\w+(?::([-?])([^}]*))?\}",
        lambda found: found[2] if found[1] == "-" else "something",
        (DEPLOY / "compose.yml").read_text(),
    )
    compose = yaml.safe_load(text)

    compose_spec.PyCompose.from_yaml(yaml.safe_dump(compose))
    services = compose["services"]
    assert {name for name in services if "profiles" not in services[name]} == {
        *("postgres", "redis", "migrate", "web", "work", "work-standby", "media", "nginx")
    }
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = str(volume).partition(":")[0]
            assert not source.startswith("./") or source == "./tls" or (DEPLOY / source).exists()


def test_compose_and_image_tell_settings_that_liveshop_understands() -> None:
    known = {setting.variable for setting in SETTINGS}
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    told = set(re.findall(r"\b(LIVESHOP_[A-Z_]+)=", DOCKERFILE)) | {
        name for service in services.values() for name in service.get("environment", ())
    }

    assert len(told) > 10
    assert {name for name in told if name.startswith("LIVESHOP_")} <= known


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody_special() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    copied = re.findall(r"^COPY ((?:\S+ )+)\./?$", stages[0], re.MULTILINE)

    assert len(stages) == 2
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
    assert "USER 10001:10001" in stages[1]
    assert "HEALTHCHECK" in stages[1]
    assert "COPY . ." not in stages[1]
