"""What the wizard does, without Qt: where one stands, what may come next, and what is written down.

Nothing outside the draft is touched before `arm`, and `arm` refuses until an attempt has matched.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from mousegate.core.decision import OperatingPoint
from mousegate.core.events import Events, PointerDevice
from mousegate.core.outlook import OUTLOOK
from mousegate.core.probe import Probe
from mousegate.core.reference import Reference
from mousegate.core.rhythm import RhythmReference
from mousegate.embedding.manifest import load_manifest
from mousegate.errors import BadInput, MousegateError, UsageError
from mousegate.storage.config import Config
from mousegate.storage.references import check_label
from mousegate.wizard import trials
from mousegate.wizard.choices import Choices
from mousegate.wizard.draft import Draft
from mousegate.wizard.enrolment import LEAST_S, Learned, Teacher
from mousegate.wizard.findings import Findings
from mousegate.wizard.ports import Runner, View
from mousegate.wizard.protection import Protection
from mousegate.wizard.steps import Step
from mousegate.wizard.trials import Attempt, RepetitionTold

_LOG = logging.getLogger(__name__)
Translate = Callable[[str], str]


class Presenter:
    """The state machine behind the pages."""

    def __init__(
        self,
        *,
        draft: Draft,
        config: Config,
        protection: Protection,
        teacher: Teacher,
        run: Runner,
        find: Callable[[], Findings],
        translate: Translate = str,
    ) -> None:
        self.draft, self.config, self.protection = draft, config, protection
        self._teacher, self._run, self._find, self._tr = teacher, run, find, translate
        self.view: View | None = None
        self.choices = Choices.first(config)
        self.furthest = Step.WELCOME
        self.reference: Reference | None = None
        self.findings: Findings | None = None
        self.learned: Learned | None = None
        self.codes: tuple[str, ...] = ()
        self.codes_kept = False
        self.busy = False
        self.learning = False
        self.armed = False
        self.attempts: list[Attempt] = []
        self.repetitions: list[RepetitionTold] = []
        self.touched = False

    # ---- where one stands

    def start(self, view: View) -> None:
        """Show the first page, or the one where the last sitting ended. A damaged draft is put away."""
        self.view = view
        try:
            if self.draft.exists():
                self.choices = self.draft.load()
                self.reference = self.draft.reference()
                self.touched = True
        except MousegateError as error:
            self.draft.discard()
            self.choices = Choices.first(self.config)
            view.say_problem(str(error))
        if self.choices.step is Step.ARM:  # recovery codes are shown once, so they are made anew
            self.choices = replace(self.choices, step=Step.RECOVERY)
        self.furthest = self.choices.step
        if self.choices.step is Step.RECOVERY:
            self._make_codes()
        self._show()
        self.check()

    def next(self) -> None:
        """Go on, unless something is in the way (see obstacle)."""
        if not self.obstacle() and self.choices.step is not Step.ARM:
            self.go(self.choices.step.moved(1))

    def back(self) -> None:
        """Go back one step."""
        self.go(self.choices.step.moved(-1))

    def go(self, step: Step) -> None:
        """Go to a step that has been reached before, or to the next one."""
        if self.busy or self.armed or step.number > self.furthest.number + 1:
            return
        self.choices = replace(self.choices, step=step)
        if step.number > self.furthest.number:
            self.furthest = step
        if self.touched or step.number > Step.PERSON.number:
            self.touched = True
            self._keep()
        if step is Step.RECOVERY and not self.codes:
            self._make_codes()
        self._show()

    def obstacle(self) -> str:
        """Return what must still be done on this page before one may go on; empty where nothing must."""
        reference, step = self.reference, self.choices.step
        if step is Step.CHECKS:
            return self._check_obstacle()
        if step is Step.PERSON:
            return self._label_obstacle()
        lacking = {
            Step.MOVEMENT: reference is None or reference.motion is None,
            Step.RHYTHM: reference is None or reference.rhythm is None,
            Step.TRY: not self.choices.matched,
            Step.RECOVERY: not self.codes_kept,
        }
        return self._needs(step) if lacking.get(step, False) else ""

    def _needs(self, step: Step) -> str:
        return {
            Step.MOVEMENT: self._tr("Move for {0} seconds in all before you go on.").format(round(LEAST_S)),
            Step.RHYTHM: self._tr("Rehearse your rhythm five times before you go on."),
            Step.TRY: self._tr("One attempt of yours must match before anything can be armed."),
            Step.RECOVERY: self._tr("Print or save the codes, and say that you have them."),
        }[step]

    def _check_obstacle(self) -> str:
        if self.findings is None:
            return self._tr("Looking at this computer…")
        return self.findings.obstacle

    def _label_obstacle(self) -> str:
        try:
            check_label(self.choices.label)
        except BadInput as error:
            return str(error)
        return ""

    # ---- the pages' wishes

    def check(self) -> None:
        """Look at the system anew."""
        self.findings = None
        self._refresh()

        def found(findings: Findings) -> None:
            self.findings = findings
            self._refresh()

        self._run.run(self._find, found, self._fail)

    def choose(self, **changes: str | int | PointerDevice) -> None:
        """Change choices, such as `label` or `policy`."""
        self.choices = replace(self.choices, **changes)  # type: ignore[arg-type]
        if self.touched:
            self._keep()
        self._refresh()

    def learn(self, number: int, live: Events, device: PointerDevice) -> None:
        """Keep `live` as the recording `number`, enrol all movement so far, and tell how good it is."""
        if self.learning:
            return
        self.learning = True
        point, before = self.choices.operating_point, self.reference

        def work() -> Learned:
            if len(live):
                self.draft.keep_recording(number, live)
            return self._teacher.learn(self.draft, before, point)

        self._run.run(work, lambda learned: self._learned(learned, device), self._fail)

    def _learned(self, learned: Learned, device: PointerDevice) -> None:
        self.learning, self.learned = False, learned
        if learned.motion is not None:
            device = device or self.choices.device
            self.choices = replace(self.choices.untried(), device=device)
            now_s = time.time()
            base = self.reference or Reference(self.choices.label, device, None, None, now_s, now_s)
            self._enrolled(replace(base, motion=learned.motion, updated_s=now_s))
        self._refresh()

    def forget_movement(self) -> None:
        """Begin the movement anew."""
        self._attempt(self.draft.drop_recordings)
        self.learned = None
        if self.reference is not None:
            self._enrolled(replace(self.reference, motion=None))
        self._refresh()

    def rehearse(self, told: Callable[[RepetitionTold], None], ended: Callable[[], None]) -> None:
        """Take the rhythm five times on the rehearsal screen; `told` after each one, `ended` at the end."""
        if self.busy:
            return
        self.busy, self.repetitions = True, []

        def hear(repetition: RepetitionTold) -> None:
            self.repetitions.append(repetition)
            told(repetition)

        def work() -> tuple[list[Probe], RhythmReference]:
            with self.draft.store() as store:
                return trials.take_rhythm(
                    store.key, self.config.allow_synthetic, lambda one: self._run.post(lambda: hear(one))
                )

        def done(taken: tuple[list[Probe], RhythmReference]) -> None:
            ended()
            self._rehearsed(*taken)

        def failed(error: MousegateError) -> None:
            ended()
            self._fail(error)

        self._run.run(work, done, failed)

    def _rehearsed(self, probes: Sequence[Probe], rhythm: RhythmReference) -> None:
        """Keep the rhythm, and teach the head for the lock with how the person moves there."""
        self.busy = False
        assert self.reference is not None
        self.choices = self.choices.untried()
        with self.draft.store() as store:
            motion = self.reference.motion
            if motion is not None:
                motion = self._teacher.recogniser().rehearse(motion, probes, store.key)
        self._enrolled(replace(self.reference, rhythm=rhythm, motion=motion, updated_s=time.time()))
        self._refresh()

    def attempt(self, told: Callable[[Attempt], None], ended: Callable[[], None], by_owner: bool) -> None:
        """Try to pass on a copy of the lock screen: the owner three times, or somebody else once."""
        if self.busy:
            return
        self.busy = True
        config = self.choices.configured(self.config)

        def hear(attempt: Attempt) -> None:
            self._count(attempt)
            told(attempt)

        def work() -> int:
            with self.draft.store() as store:
                return trials.try_out(
                    store, config, self._teacher.recogniser().manifest, by_owner,
                    lambda one: self._run.post(lambda: hear(one)),
                )  # fmt: skip

        def done(count: int) -> None:
            ended()
            self.busy = False
            self._keep()
            self._refresh()

        def failed(error: MousegateError) -> None:
            ended()
            self._fail(error)

        self._run.run(work, done, failed)

    def _count(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        name = {
            (True, True): "matched", (True, False): "missed",
            (False, True): "others_let_in", (False, False): "others_kept_out",
        }[attempt.by_owner, attempt.passed]  # fmt: skip
        self.choices = replace(self.choices, **{name: getattr(self.choices, name) + 1})
        self._refresh()

    def keep_codes(self, kept: bool) -> None:
        """The person says that the codes are on paper or in a file (or takes it back)."""
        self.codes_kept = kept
        self._refresh()

    def _make_codes(self) -> None:
        """Make them beside the window: hashing all of them takes a second or so."""

        def work() -> tuple[str, ...]:
            with self.draft.store() as store:
                return tuple(store.recovery.renew())

        def made(codes: tuple[str, ...]) -> None:
            self.busy, self.codes = False, codes
            self._refresh()

        self.codes_kept, self.busy = False, True
        self._run.run(work, made, self._fail)

    def rates(self, point: str) -> OperatingPoint | None:
        """Return what was measured at an operating point for eight seconds; None without a model."""
        try:
            return load_manifest().lock.operating_point(point, OUTLOOK.attempt_s)
        except MousegateError as error:
            _LOG.info("%s", error)
            return None

    # ---- the end

    def arm(self) -> None:
        """Move the draft into the store, write config.toml, start lock and daemon: all or nothing."""
        if self.busy or self.armed:
            return
        try:
            self.refuse_to_arm()
        except UsageError as error:
            self._problem(str(error))
            return
        self.busy = True
        self._refresh()
        self._run.run(lambda: self.protection.arm(self.draft, self.choices), self._armed, self._fail)

    def refuse_to_arm(self) -> None:
        """Raise UsageError unless everything is there and an attempt has matched."""
        reference = self.reference
        if reference is None or reference.rhythm is None or reference.motion is None:
            raise UsageError(self._tr("Your rhythm and your movement must be enrolled first."))
        if self.choices.matched < 1:
            raise UsageError(self._tr("One attempt of yours must match before the lock may be armed."))
        if not self.codes or not self.codes_kept:
            raise UsageError(self._tr("Print or save your recovery codes first."))

    def _armed(self, done: None) -> None:
        self.busy, self.armed = False, True
        self._refresh()

    def stop_for_now(self) -> None:
        """Close, and go on here another time."""
        if self.touched and not self.armed:
            self._keep()
        self._leave()

    def discard(self) -> None:
        """Close, and leave everything as it was before."""
        if not self.armed:
            self._attempt(self.draft.discard)
        self._leave()

    def delete_everything(self, password: str) -> None:
        """Stop what runs, and delete references, history, configuration and draft, after the password."""
        if self.busy:
            return
        self.busy = True
        self._refresh()
        self._run.run(lambda: self.protection.delete_everything(password), self._deleted, self._fail)

    def _deleted(self, done: None) -> None:
        self.busy = False
        self._leave()

    # ---- pieces

    def _enrolled(self, reference: Reference) -> None:
        named = replace(reference, label=self.choices.label, device=self.choices.device)
        self.reference = named
        self._attempt(lambda: self.draft.keep(named))
        self.touched = True
        self._keep()

    def _keep(self) -> None:
        self._attempt(lambda: self.draft.save(self.choices))

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except MousegateError as error:
            self._problem(str(error))

    def _fail(self, error: MousegateError) -> None:
        self.busy = self.learning = False
        self._problem(str(error))
        self._refresh()

    def _problem(self, text: str) -> None:
        _LOG.info("%s", text)
        if self.view is not None:
            self.view.say_problem(text)

    def _show(self) -> None:
        if self.view is not None:
            self.view.show_step(self.choices.step)

    def _refresh(self) -> None:
        if self.view is not None:
            self.view.refresh()

    def _leave(self) -> None:
        if self.view is not None:
            self.view.leave()
