"""What is said of a periodic task, wherever it is said."""

from collections.abc import Iterable

from windsock.collector.calls.tasks import TaskRow, says_in_words, what_in_words
from windsock.collector.notify.notice import LABELS, Line, Notice


def task_notice(task: TaskRow, now_us: int, transition: str, more: Iterable[Line] = ()) -> Notice:
    """Return the notice of a task, with *more* lines where they belong among its own."""
    lines = {
        "who": task.account,
        "what": what_in_words(task),
        "situation": says_in_words(task),
        "playbook": task.playbook or "",
    } | {line.key: line.text for line in more}
    return Notice(
        kind="task",
        case=None,
        transition=transition,
        rule=task.kind,
        subject=task.account,
        severity=0,
        headline=f"{task.account}: {what_in_words(task)}",
        lines=[Line(key, lines[key]) for key in LABELS if lines.get(key)],
        account=task.account,
        due_us=task.due_us,
        created_us=now_us,
    )
