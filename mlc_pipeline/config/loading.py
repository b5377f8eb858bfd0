"""From the file to its connections: the sound ones are usable, and what is wrong with the others is listed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from mlc_pipeline.config.addresses import EXPENSIFY_URL, ZOHO_ACCOUNTS_URL, address_findings
from mlc_pipeline.config.explaining import explained
from mlc_pipeline.config.models import Connection
from mlc_pipeline.config.problems import (
    ConfigurationError,
    ConfigurationProblem,
    Finding,
    did_you_mean,
    listed,
    spelled,
)
from mlc_pipeline.config.yaml_document import Document, UnreadableDocument, Value, read_document


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says: its sound connections, in file order, and its problems, by line."""

    connections: tuple[Connection, ...]
    problems: tuple[ConfigurationProblem, ...]

    def connection(self, name: str) -> Connection:
        """The sound connection of this name; raises ConfigurationError that says why there is none.

        Where the name is given twice it is not known which of them is meant.
        """
        own = [one for one in self.problems if (one.connection or "").lower() == name.lower()]
        if own:
            raise ConfigurationError(f"The connection {name!r} cannot be used.\n{_lines(own)}")
        for connection in self.connections:
            if connection.name == name:
                return connection
        known = [connection.name for connection in self.connections]
        if not known:
            raise ConfigurationError(f"No connection can be used.\n{_lines(self.problems)}")
        raise ConfigurationError(
            f"There is no connection {name!r}{did_you_mean(name, known) or '.'} Known: {listed(known)}."
        )


def load_configuration(path: Path) -> Configuration:
    """Reads the file; whatever is wrong with it, or that it is missing, is a problem in the answer."""
    try:
        document = read_document(path)
    except UnreadableDocument as error:
        return Configuration((), (ConfigurationProblem(None, str(path), error.line, "", error.message),))
    entries, around = _entries(document.values)
    findings = [*document.findings, *around, *_names_given_before(entries, document)]
    connections = []
    for index, entry in enumerate(entries):
        place = ("connections", index)
        connection, wrong = _checked(entry)
        findings += [Finding((*place, *finding.path), finding.message) for finding in wrong]
        if connection and not any(finding.path[:2] == place for finding in findings):
            connections.append(connection)
    problems = [_located(finding, document, entries, path) for finding in findings]
    return Configuration(tuple(connections), tuple(sorted(problems, key=lambda problem: problem.line)))


def example_configuration() -> str:
    """The commented file that `mlc init` writes; it is complete and loads as it is."""
    return files("mlc_pipeline").joinpath("mlc.example.yaml").read_text(encoding="utf-8")


def _lines(problems: Iterable[ConfigurationProblem]) -> str:
    return "\n".join(str(problem) for problem in problems)


def _entries(values: Value) -> tuple[list[Value], list[Finding]]:
    """The unchecked connections, and what is wrong around them."""
    begin = "begin it with `connections:` and a list, as `mlc init` writes it."
    if values is None:
        return [], [Finding((), f"The file is empty; {begin}")]
    if not isinstance(values, dict):
        return [], [Finding((), f"The file holds no keys; {begin}")]
    findings = [
        Finding((key,), f"is not a known key{did_you_mean(key, ['connections']) or '; known is connections.'}")
        for key in values
        if key != "connections"
    ]
    entries = values.get("connections")
    if isinstance(entries, list) and entries:
        return entries, findings
    return [], [*findings, Finding(("connections",), f"names no connection; {begin}")]


def _names_given_before(entries: list[Value], document: Document) -> Iterator[Finding]:
    first_with: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = _name(entry)
        if name and (first := first_with.setdefault(name.lower(), index)) != index:
            line = document.line_of(("connections", first, "name"))
            message = f"{name!r} is already the name of the connection in line {line}; give each its own."
            yield Finding(("connections", index, "name"), message)


def _checked(entry: Value) -> tuple[Connection | None, list[Finding]]:
    try:
        return Connection.model_validate(entry), []
    except ValidationError as error:
        findings = list(explained(error, entry))
    # Pydantic compares sections with each other only once all of them are sound.
    seen = {finding.path for finding in findings}
    return None, findings + [finding for finding in _address_findings(entry) if finding.path not in seen]


def _address_findings(entry: Value) -> Iterator[Finding]:
    if not isinstance(entry, dict):
        return iter(())
    return address_findings(
        _text_in(entry.get("expensify"), "url") or EXPENSIFY_URL,
        (_text_in(entry.get("zoho"), "accounts_url") or ZOHO_ACCOUNTS_URL).rstrip("/"),
        sandbox=(_text_in(entry, "sandbox") or "").lower() == "true",
    )


def _located(finding: Finding, document: Document, entries: list[Value], path: Path) -> ConfigurationProblem:
    connection = None
    match finding.path:
        case ("connections", int(index), *_):
            connection = _name(entries[index])
    line = finding.line or document.line_of(finding.path)
    return ConfigurationProblem(connection, str(path), line, spelled(finding.path), finding.message)


def _name(entry: Value) -> str | None:
    return _text_in(entry, "name")


def _text_in(section: Value, key: str) -> str | None:
    value = section.get(key) if isinstance(section, dict) else None
    return value if isinstance(value, str) else None
