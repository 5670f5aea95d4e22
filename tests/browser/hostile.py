"""A workspace whose every text has broken out of pages elsewhere: names, labels, values, files, errors, logs, notes, …

Few objects hold many payloads each, so that a sweep of all pages sees all of them in a short time.
"""

from typing import Any

import yaml

from audit.models import AuditEntry
from common.canonical import loads
from jobs import services as jobs
from jobs.models import Job, StepRun
from jobs.models.job import Source
from jobs.previews import start_preview
from jobs.previews.kept import keep_pin
from jobs.storage import put_bytes, register
from tests.engine.lab import Lab
from tests.factories import make_invitation, make_member, make_user, make_workspace
from tests.pages.xss import XSS
from workflows import services as workflows
from workflows.models import ActivationRequest, Workflow
from workflows.preview_shown import PreviewShown
from workspaces.actors import Actor
from workspaces.models import Role, User
from workspaces.services import change_workspace, create_token

LINES = tuple(" ".join(text.split()).replace("{{", "{ {").replace("}}", "} }") for text in XSS)
"""As definitions take them: on one line, and no expressions."""


def packed(most: int) -> list[str]:
    """All payloads in texts of at most `most` characters; those that are dangerous as a beginning begin one each."""
    schemes = [line for line in LINES if line.lower().startswith(("java", "data:", "vbs"))]
    packs = [schemes[0]]
    for line in LINES:
        if len(packs[-1]) + 1 + len(line) > most:
            packs.append(schemes[len(packs) % len(schemes)])
        packs[-1] += f" {line}"
    return packs


NAMES = packed(200)
HELP = packed(2000)
EVERYTHING = " ".join(LINES)
FILE_NAME = " ".join(line for line in LINES if "/" not in line and "\\" not in line)[:180].strip()


def _inputs() -> list[dict[str, Any]]:
    def told(number: int) -> dict[str, Any]:
        return {
            "label": NAMES[number % len(NAMES)],
            "help": HELP[number % len(HELP)],
            "section": NAMES[-1 - number // 4],
        }

    choices = [{"value": line, "label": f"{line} "} for line in LINES]
    columns: list[dict[str, Any]] = [
        {"key": f"c{n}", "label": name, "type": "text"} for n, name in enumerate(NAMES[:4])
    ]
    columns.append(
        {"key": "pick", "label": NAMES[4], "type": "choice", "choices": choices[:9], "required": False}
    )
    return [
        {"key": "anything", "type": "object", "required": False, **told(0)},
        {"key": "line", "type": "text", "default": EVERYTHING[:500], **told(1)},
        {"key": "note", "type": "text", "multiline": True, "default": "\n".join(LINES), **told(2)},
        {"key": "pick", "type": "choice", "choices": choices, "default": LINES[0], **told(3)},
        {"key": "few", "type": "choice", "choices": choices[:3], "default": LINES[1], **told(4)},
        {"key": "many", "type": "multiple_choice", "choices": choices, "default": list(LINES), **told(5)},
        {"key": "file", "type": "file", "required": False, **told(6)},
        {"key": "lines", "type": "table", "columns": columns, "required": False,
         "default": [{f"c{n}": line for n in range(4)} for line in LINES[:12]], **told(7)},
        {"key": "list", "type": "list", "default": list(LINES), **told(8)},
        {"key": "secret", "type": "text", "secret": True, "required": False, **told(9)},
        {"key": "exact", "type": "text", "pattern": "[a-z]*", "required": False, **told(10)},
    ]  # fmt: skip


def _steps() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [
        {"key": f"s{n}", "name": name, "description": EVERYTHING, "type": "set", "values": {"v": name}}
        for n, name in enumerate(NAMES)
    ]
    branches = [
        {"key": "one", "name": NAMES[0], "when": "False", "steps": [], "value": "1"},
        {"key": "two", "name": NAMES[1], "when": "True", "value": "inputs.list",
         "steps": [{"key": "taken", "name": NAMES[2], "type": "set", "values": {line: line for line in LINES[:20]}}]},
    ]  # fmt: skip
    steps += [
        {"key": "choose", "name": NAMES[3], "type": "branch", "branches": branches},
        {"key": "log", "name": NAMES[4], "type": "code", "inputs": {"x": "{{ inputs.list }}"},
         "source": f"for x in inputs['x']:\n    print(x)\n{EVERYTHING!r}\ninputs['x']"},
        {"key": "call", "name": NAMES[5], "type": "workflow", "workflow": "called", "on_error": "continue"},
        {"key": "loop", "name": NAMES[6], "type": "for_each", "items": "inputs.list", "as": "one", "on_item_error": "continue",
         "steps": [{"key": "refuse", "name": NAMES[7], "type": "code", "inputs": {"x": "{{ one }}"},
                    "source": "print(inputs['x'])\nraise ValueError(inputs['x'])"}]},
        {"key": "end", "name": NAMES[-1], "type": "fail", "message": "{{ ' '.join(inputs.list) }}",
         "details": {"all": "{{ inputs.list }}"}, "when": "inputs.exact != 'completes'"},
    ]  # fmt: skip
    return steps


def _definition(**fields: Any) -> dict[str, Any]:
    outputs = [
        {"key": f"o{n}", "label": name, "type": "text", "value": f"steps.s{n}.output.v"}
        for n, name in enumerate(NAMES)
    ]
    outputs.append({"key": "all", "label": NAMES[0], "type": "list", "value": "inputs.list"})
    return {
        "format": 1,
        "name": NAMES[0],
        "description": EVERYTHING,
        "inputs": _inputs(),
        "steps": _steps(),
        "outputs": outputs,
        **fields,
    }


def broken_definition() -> dict[str, Any]:
    """What no check lets pass: its problems name the payloads."""
    return {
        "format": 1,
        "name": NAMES[1],
        "description": EVERYTHING,
        **{line: line for line in LINES[:8]},
        "inputs": [{"key": LINES[8], "label": NAMES[2], "type": LINES[9], "default": LINES[10]}],
        "steps": [
            *({"key": line, "name": line, "type": line} for line in LINES[10:20]),
            *({"key": f"t{n}", "name": line, "type": "set", "values": {"x": f"{{{{ steps.{line} }}}}"}} for n, line in enumerate(LINES[20:30])),
            {"key": "w", "type": "workflow", "workflow": LINES[31], "inputs": {LINES[32]: 1}},
            *({"key": f"x{n}", "type": "set", "values": {}, line: 1} for n, line in enumerate(LINES[33:])),
        ],
    }  # fmt: skip


class HostilePlace:
    """The workspace, the person who looks at it (a superuser who is its admin), and what is in it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        workspace = lab.actor.workspace
        workspace.name = NAMES[0]
        workspace.save()
        names = {"first_name": NAMES[1][:150], "last_name": NAMES[2][:150]}
        self.person: User = make_user(is_superuser=True, is_staff=True, email="a@example.test", **names)
        make_member(Role.ADMIN, workspace=workspace, user=self.person)
        make_member(Role.VIEWER, workspace=make_workspace(name=NAMES[3]), user=self.person)
        self.actor = Actor(
            user=self.person, workspace=workspace, role=Role.ADMIN, sees_payloads=True, request_id=""
        )
        self.token, _ = create_token(
            user=self.person, workspace=workspace, role=Role.VIEWER, name=NAMES[4][:100], expiry=None, actor=self.actor
        )  # fmt: skip
        self.invitation, _ = make_invitation(workspace=workspace, note=XSS[7])
        self._make_workflows()
        self.file = register(
            workspace_id=workspace.pk,
            name=FILE_NAME,
            media_type="text/html",
            sha256=put_bytes(b"<script>alert(1)</script>"),
            size=25,
        )
        self.failed = self._start(anything=_value(), file=self.file.pk, exact="")
        self.completed = self._start(exact="completes")
        self.cancelled = self._start(exact="")
        jobs.cancel_job(actor=self.actor, job=self.cancelled, reason=NAMES[6])
        self.waiting = self._start(workflow="waits")
        lab.drain()
        self.queued = [self._start(workflow="waits", title=name, reference=name) for name in NAMES[1:]]
        self.subjob = Job.objects.get(parent=self.failed)
        for job in (self.failed, self.completed, self.cancelled, self.waiting):
            job.refresh_from_db()
        assert [job.status for job in (self.failed, self.completed, self.cancelled, self.waiting)] == [
            "failed", "completed", "cancelled", "waiting",
        ]  # fmt: skip
        self._ask_to_activate()

    def paths(self, job: Job) -> list[str]:
        """Of its steps, one of each kind."""
        chosen = {"s0", "choose", "choose/taken", "log", "call", "loop", "loop[0]", "loop[0].refuse", "end"}
        found = StepRun.objects.filter(job=job).order_by("ordinal").values_list("path", flat=True)
        return [path for path in found if path in chosen or "taken" in path]

    def entries(self) -> list[int]:
        """Of the audit log of the workspace, one of each kind."""
        found = AuditEntry.objects.filter(workspace=self.actor.workspace).order_by("-pk")
        return list(dict(found.values_list("action", "pk")).values())

    def _make_workflows(self) -> None:
        self.lab.actor = self.actor
        self.lab.workflow(_text({"name": NAMES[2], "description": EVERYTHING,
            "steps": [{"key": "no", "name": NAMES[3], "type": "fail", "message": EVERYTHING[:3000].replace("%", "")}]}), slug="called")  # fmt: skip
        self.lab.workflow(_text({"name": NAMES[4], "steps": [
            {"key": "wait", "name": NAMES[5], "description": EVERYTHING, "type": "delay", "duration": "9h"}]}), slug="waits")  # fmt: skip
        workspace = self.actor.workspace
        self.flow: Workflow = workflows.create_workflow(
            actor=self.actor, workspace=workspace, slug="hostile", definition=_definition(name=NAMES[7])
        )
        workflows.activate(actor=self.actor, workflow=self.flow, note=EVERYTHING[:500])
        self._edit(self.flow, _definition())
        workflows.activate(actor=self.actor, workflow=self.flow, note=EVERYTHING[-500:])
        self.preview = start_preview(actor=self.actor, workflow=self.flow, inputs={"exact": ""}).job
        keep_pin(actor=self.actor, workflow=self.flow, key="log", output=XSS[7])
        self._edit(
            self.flow, _definition(name=NAMES[3], description=NAMES[4], steps=_steps()[3:], outputs=[])
        )
        self.broken = workflows.create_workflow(
            actor=self.actor, workspace=workspace, slug="broken", definition=broken_definition()
        )
        self.archived = workflows.create_workflow(
            actor=self.actor, workspace=workspace, slug="archived", definition=_definition()
        )
        workflows.archive(actor=self.actor, workflow=self.archived)

    def _ask_to_activate(self) -> None:
        """A caller that is behind, and two requests to activate it: one that was refused, one that waits."""
        called = Workflow.objects.get(workspace=self.actor.workspace, slug="called")
        self._edit(called, {**loads(called.draft), "timeout": "1h"})
        workflows.activate(actor=self.actor, workflow=called)
        change_workspace(workspace=self.actor.workspace, four_eyes=True, actor=None)
        self.actor.workspace.refresh_from_db()
        other = make_member(Role.BUILDER, workspace=self.actor.workspace).user
        judge = Actor(user=other, workspace=self.actor.workspace, role=Role.BUILDER)
        self.refused = self._asked(EVERYTHING[:500])
        workflows.refuse(actor=judge, request=self.refused, comment=EVERYTHING[-500:].strip())
        self.asked = self._asked(EVERYTHING[:500])

    def _asked(self, note: str) -> ActivationRequest:
        preview = PreviewShown(
            id=1, workflow=self.flow.pk, status=XSS[5], at="2026-11-29T08:00:00Z", until=XSS[7], effects=True, draft=""
        )  # fmt: skip
        found = workflows.activate_or_ask(actor=self.actor, workflow=self.flow, note=note, preview=preview)
        assert isinstance(found, ActivationRequest)
        return found

    def _edit(self, workflow: Workflow, definition: dict[str, Any]) -> None:
        workflows.save_draft(
            actor=self.actor, workflow=workflow, definition=definition, expected_revision=None
        )
        workflow.refresh_from_db()

    def _start(
        self, workflow: str = "hostile", title: str = NAMES[0], reference: str = NAMES[1], **inputs: Any
    ) -> Job:
        return jobs.start_job(
            actor=self.actor, workflow=workflow, inputs=inputs, title=title, reference=reference, source=Source.UI
        ).job  # fmt: skip


def _value() -> dict[str, Any]:
    return {
        "texts": list(XSS),
        "keys": {text: text for text in XSS},
        "rows": [dict.fromkeys(LINES[:6], text) for text in XSS[:10]],
        "long": XSS[0] * 40,
    }


def _text(definition: dict[str, Any]) -> str:
    return yaml.safe_dump(definition)
