"""Each message that a programmer may see has an entry in the guide, and no entry is of the past."""

from __future__ import annotations

import re
from pathlib import Path

from tests.documents.messages import made_elsewhere, messages

PAGE = Path(__file__).resolve().parents[2] / "migration_guide" / "troubleshooting.md"
ENTRY = re.compile(r"^- \*\*(`+)\s?(.+?)\s?\1\*\*(.+?)(?=^- |^$)", re.MULTILINE | re.DOTALL)


def test_every_message_has_an_entry_and_every_entry_a_message() -> None:
    entries = {" ".join(key.split()) for _, key, _ in ENTRY.findall(PAGE.read_text())}
    by_key = {message.key: message for message in messages()}
    missing = [f"{by_key[key].place}: - **`{key}`** ..." for key in by_key.keys() - entries]
    assert sorted(missing) == []
    assert sorted(entries - by_key.keys()) == []


def test_an_entry_says_what_to_do() -> None:
    for _, key, text in ENTRY.findall(PAGE.read_text()):
        assert len(text.split()) > 3, key


ELSEWHERE = {
    # They pass on what another exception says.
    "core/settings.py: UnknownSettingError(unknown_setting(key))",
    "core/settings.py: UnknownSettingError(unknown_setting(name))",
    "core/installed_versions.py: ImproperlyConfigured(complaint)",
    "mapping/model_config.py: PydanticKnownError(problem)",
    "migration/proof/contract_sources.py: ContractError(f'{source}: {complaint}')",
    "serializers/n_plus_one.py: NPlusOneError(message)",
    "services/celery_tasks.py: ContractMismatch(str(error))",
    "services/celery_tasks.py: TaskRevokedError(reason)",
    "services/signatures.py: TypeError(f'{self._where}(): {error}')",
    "testing/n_plus_one.py: NPlusOneError('\\n'.join(messages))",
    "testing/parity.py: ParityError(difference)",
    "validation/bound_fields.py: ProgrammingError(error)",
    "validation/hooks.py: ProgrammingError(error)",
    "views/services/errors.py: ContractError("
    "f'{action.where}: {error.title}: {problems_in(error)}')",
    # They add up what was printed before.
    "management/commands/nova_inventory.py: CommandError('\\n'.join(complaints))",
    "management/commands/nova_openapi_diff.py: "
    "CommandError(ran.stderr or 'There are breaking changes.')",
    "management/commands/nova_verify.py: CommandError(_complaint(report))",
    # A constant of hooks.py, where it is collected.
    "views/services/guards.py: ServiceDefinitionError(f'{self.where}: {NO_OBJECT}')",
    "views/services/guards.py: "
    "ServiceDefinitionError(f'{self.where}: {NO_BODY.format(hook=hook)}')",
    # Pydantic catches it, and makes the schema when it is used.
    "serializers/from_model.py: PydanticUndefinedAnnotation(self.model.__name__)",
    # It is no exception.
    "services/integrity_errors.py: Statement(str(sql))",
}


def test_no_message_is_made_where_the_collection_does_not_see_it() -> None:
    passed_on = "CommandError(str(error))"
    reasons = "migration/codegen/"  # they quote other reasons
    elsewhere = {
        text
        for text in made_elsewhere()
        if not (text.endswith(passed_on) or text.startswith(reasons))
    }
    assert elsewhere == ELSEWHERE
