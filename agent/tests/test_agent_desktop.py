"""The desktop around the agent: scheme, browser, folders, the card's commands in T=0 form."""

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from person_double import PersonDouble

from mynumber_card_agent import browser
from mynumber_card_agent.browser import RememberedBrowser, choose_browser
from mynumber_card_agent.card_commands import send_command
from mynumber_card_agent.desktop_entry import make_desktop_entry, register_scheme
from mynumber_card_agent.dialog_choice import guess_language
from mynumber_card_agent.issuers import FILE_NAME, IssuerFiles, read_issuers
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.places import administrator_directory, configuration_directory, runtime_directory
from mynumber_card_agent.terminal_layout import _wrap


def read_exec(entry: str) -> str:
    parsed = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # The documented way to keep the case of keys.
    parsed.read_string(entry)
    return parsed["Desktop Entry"]["Exec"]


def test_the_entry_hands_over_the_link_behind_a_double_dash() -> None:
    line = read_exec(make_desktop_entry(("/opt/a b/bin/mynumber-card-agent",)))
    assert line == '"/opt/a b/bin/mynumber-card-agent" open -- %u'


def test_a_path_with_special_characters_is_quoted_for_file_and_command() -> None:
    line = read_exec(make_desktop_entry(('/a"b\\c$d%e',)))
    # First the file's own escapes, then the command's: the Desktop Entry Specification's two rounds.
    argument = line.removesuffix('" open -- %u').removeprefix('"').replace("\\\\", "\\").replace("%%", "%")
    assert re.sub(r"\\(.)", r"\1", argument) == '/a"b\\c$d%e'


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")
def test_registering_makes_this_program_the_schemes_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    entry = register_scheme(tmp_path / "data")
    assert "MimeType=x-scheme-handler/mynumber-card;" in entry.read_text(encoding="utf-8")
    asked = subprocess.run(
        ["xdg-mime", "query", "default", "x-scheme-handler/mynumber-card"], capture_output=True, text=True, check=False
    )
    assert asked.stdout.strip() == entry.name


def test_the_browser_is_asked_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find_browsers", lambda: ("firefox", "chromium"))
    person, remembered = PersonDouble(), RememberedBrowser(tmp_path)
    person.choice = 2
    assert choose_browser("", remembered, person) == "chromium"
    person.choice = 1
    assert choose_browser("", remembered, person) == "chromium"
    assert choose_browser("other", remembered, person) == "other"
    remembered.forget()
    assert choose_browser("", remembered, person) == "firefox"


def test_where_nobody_can_be_asked_the_default_browser_is_used_and_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "find_browsers", lambda: ("firefox",))
    assert choose_browser("", RememberedBrowser(tmp_path), PersonDouble(asks_again=False)) == "default"
    assert RememberedBrowser(tmp_path).find() is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"command": 1}', "\x00", "[" * 5000])
def test_a_broken_memory_is_no_memory(tmp_path: Path, content: str) -> None:
    (tmp_path / "browser.json").write_text(content)
    assert RememberedBrowser(tmp_path).find() is None


@pytest.mark.parametrize(
    "content",
    [
        "issuers = 1", "issuers = [1]", "x = 1", 'issuers = []\nx = ""', "issuers = [", "\x00", "\ufffe",
        'issuers = ["https://a/"]', "a=" + "[" * 5000, "#" * 70_000,
    ],
)  # fmt: skip
def test_a_broken_file_of_issuers_is_a_fault_of_configuration(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-16" if content == "\ufffe" else "utf-8")
    with pytest.raises(AgentError) as failure:
        read_issuers(tmp_path / FILE_NAME)
    assert failure.value.outcome is Outcome.CONFIGURATION


def test_the_administrators_issuers_stay_when_a_person_adds_and_removes(tmp_path: Path) -> None:
    administrators = tmp_path / "administrator.toml"
    administrators.write_text(json.dumps(["https://a.example"]).join(["issuers = ", "\n"]))
    files = IssuerFiles(administrators, tmp_path / "own" / FILE_NAME)
    files.add("https://b.example")
    assert files.read() == ("https://a.example", "https://b.example")
    with pytest.raises(AgentError):
        files.remove("https://a.example")
    files.remove("https://b.example")
    assert files.read() == ("https://a.example",)


def test_folders_are_each_systems_own(tmp_path: Path) -> None:
    assert administrator_directory({}, "linux") == Path("/etc/mynumber-card-agent")
    assert administrator_directory({"PROGRAMDATA": "/P"}, "win32") == Path("/P/mynumber-card-agent")
    assert configuration_directory({"XDG_CONFIG_HOME": "/c"}, "linux") == Path("/c/mynumber-card-agent")
    assert configuration_directory({"XDG_CONFIG_HOME": "relative"}, "linux").is_absolute()
    assert configuration_directory({}, "darwin").name == "mynumber-card-agent"
    assert runtime_directory({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"), ({"LANG": "C"}, "en"), ({}, "ja"),
        ({"LC_ALL": "en_GB", "LANG": "ja_JP"}, "en"),
    ],
)  # fmt: skip
def test_the_language_before_a_transaction_is_the_desktops(environment: dict[str, str], language: str) -> None:
    assert guess_language(environment) == language


class ScriptedCard:
    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.commands: list[str] = []

    def transmit(self, command: bytes | bytearray) -> bytes:
        self.commands.append(command.hex())
        return self.answers.pop(0)


def test_a_t0_card_is_asked_for_the_rest_of_its_answer() -> None:
    card = ScriptedCard("01026102", "03049000")
    assert send_command(card, bytes.fromhex("802a00800100")) == (bytes.fromhex("01020304"), 0x9000)
    assert card.commands[1] == "00c0000002"


def test_a_t0_card_that_names_the_right_length_is_asked_again() -> None:
    card = ScriptedCard("6c03", "0102039000")
    assert send_command(card, bytes.fromhex("00b0000000")) == (bytes.fromhex("010203"), 0x9000)
    assert card.commands[1] == "00b0000003"


def test_lines_are_broken_by_columns_and_lose_nothing() -> None:
    text = "漢字とkanaとé" * 20
    parts = list(_wrap(text, 10))
    assert "".join(parts) == text
    assert all(len(part) <= 10 for part in parts)
