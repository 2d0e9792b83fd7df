"""The files of operation, checked for what they promise; no container engine runs where the tests do.

What was seen when they ran in containers stands in docs/operations.md; what was wrong then is held here.
"""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from worksttogether import gunicorn, settings
from worksttogether.celery import app

OURS = {"prepare", "web", "mail", "reports", "maintenance", "beat", "backup", "restore"}
TOOLS = {"backup", "restore"}
THEIRS = {"proxy", "database", "broker"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(Path("docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def seconds(text):
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def test_the_services_are_these(services):
    assert services.keys() == OURS | THEIRS


def test_every_anchor_of_the_file_is_used():
    text = Path("docker-compose.yml").read_text()

    assert set(re.findall(r"(?<=[ \[])&([\w-]+)", text)) == set(re.findall(r"(?<=[ \[])\*([\w-]+)", text)) | {
        "prepared"
    }


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_no_service_can_do_more_than_it_needs(services, name):
    service = services[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(place.startswith("/tmp") for place in service["tmpfs"])  # noqa: S108  within the container
    assert "privileged" not in service
    assert (name == "database") == ("cap_add" in service)


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_the_first_process_of_a_service_can_signal_those_it_started(services, name):
    changes_user = "SETUID" in services[name].get("cap_add", [])

    assert services[name].get("init", False) is not changes_user


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_every_service_has_limits_and_logs_that_end(services, name):
    assert services[name]["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert services[name]["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", sorted((OURS | THEIRS) - TOOLS - {"prepare"}))
def test_every_service_that_stays_is_restarted_and_asked_for_its_health(services, name):
    assert services[name]["restart"] == "unless-stopped"
    assert services[name]["healthcheck"]["test"]
    assert seconds(services[name]["stop_grace_period"]) >= 10


@pytest.mark.parametrize(
    ("name", "program"), [("web", "python"), ("proxy", "curl"), ("database", "pg_isready"), ("broker", "redis-cli")]
)
def test_a_service_is_asked_by_a_program_its_image_has(services, name, program):
    assert services[name]["healthcheck"]["test"][:2] == ["CMD", program]


def test_the_database_is_healthy_only_when_others_can_reach_it(services):
    test = services["database"]["healthcheck"]["test"]

    assert test[test.index("--host") + 1] == "127.0.0.1"


def test_the_database_keeps_the_order_of_its_words_and_quotes_none_in_its_log(services):
    assert services["database"]["image"].endswith("-bookworm")
    assert "log_min_error_statement=panic" in services["database"]["command"]
    assert "log_error_verbosity=terse" in services["database"]["command"]


def test_the_broker_answers_the_other_services(services):
    assert "--protected-mode no" in services["broker"]["command"]
    assert services["broker"]["networks"] == ["inside"]


def test_one_image_is_built_and_all_of_ours_run_it(services):
    assert [name for name, service in services.items() if "build" in service] == ["prepare"]
    assert {(services[name]["image"], services[name]["pull_policy"]) for name in OURS} == {("worksttogether", "never")}


def test_the_proxy_stays_when_the_web_servers_are_replaced(services):
    assert "depends_on" not in services["proxy"]


def test_a_worker_says_nothing_that_is_no_json(services):
    for name in ("mail", "reports", "maintenance", "beat"):
        assert services[name]["command"].startswith("celery --quiet ")


def test_a_worker_may_end_its_longest_task(services):
    app.loader.import_default_modules()
    limit = max(task.time_limit or 0 for task in app.tasks.values())

    assert seconds(services["maintenance"]["stop_grace_period"]) > limit
    assert seconds(services["reports"]["stop_grace_period"]) > settings.CELERY_TASK_TIME_LIMIT
    assert seconds(services["web"]["stop_grace_period"]) > gunicorn.graceful_timeout


def test_only_the_proxy_is_reached_from_outside(services, compose):
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert {name for name, service in services.items() if "outside" not in service["networks"]} == {
        "database",
        "broker",
    }


def test_everything_waits_for_the_database_to_be_up_to_date(services):
    for name in OURS - TOOLS - {"prepare"}:
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert services["prepare"]["command"] == "python manage.py prepare"


def test_tools_are_not_started_with_the_others(services):
    assert {name for name, service in services.items() if service.get("profiles") == ["tools"]} == TOOLS
    assert all("./backups:/backups" in services[name]["volumes"] for name in TOOLS)


def test_what_is_asked_of_worker_and_clock_is_what_they_touch(services):
    for name in ("mail", "reports", "maintenance", "beat"):
        assert services[name]["environment"]["ALIVE_FILE"] in services[name]["healthcheck"]["test"][1]


def test_the_page_of_commands_names_services_that_are_there(services):
    page = Path("docs/operations.md").read_text()
    named = re.findall(r"docker compose (?:exec|wait|run --rm|ps --quiet|up --detach) (\w+)", page)

    assert {"web", "prepare", "database", "backup", "restore", "proxy"} <= set(named) <= services.keys()


def test_prometheus_may_ask_a_web_server_by_the_name_of_its_service():
    example = Path("docs/operation/env.example").read_text()

    assert re.search(r"^ALLOWED_HOSTS=[\w.]+,web$", example, re.MULTILINE)


def test_no_secret_stands_in_the_file():
    text = Path("docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{(\w+)", text)) == {"POSTGRES_PASSWORD", "PROXIES"}
    assert "${POSTGRES_PASSWORD:-" not in text


def test_the_image_is_built_in_two_steps_and_runs_as_nobody_in_particular():
    last = Path("Dockerfile").read_text().rpartition("\nFROM ")[2]

    assert re.search(r"^USER portal$", last, re.MULTILINE)
    assert "COPY --from=build" in last
    assert "npm" not in last
    assert last.rstrip().endswith('CMD ["gunicorn", "--config", "python:worksttogether.gunicorn"]')


def test_the_proxy_takes_more_than_the_portal_so_that_its_page_can_say_what_is_wrong():
    config = Path("docs/operation/nginx.conf").read_text()

    assert int(re.search(r"client_max_body_size (\d+)m", config)[1]) * 1024**2 > settings.LARGEST_BODY
    assert re.findall(r"location = (/\w+) \{\n\s+return 404", config) == ["/metrics", "/readyz"]


def test_gunicorn_finds_nothing_wrong_with_its_configuration():
    command = [".venv/bin/gunicorn", "--config", "python:worksttogether.gunicorn", "--check-config"]
    subprocess.run(command, check=True, env={"DEMO": "true", "PATH": "/usr/bin:/bin"})
