"""What a message can hold: a case's number, its deadline's dates, and nothing of who brings it or what they told."""

from __future__ import annotations

from core.law.instrument import Text
from core.templates.fields import TemplateField

NUMBER, TENANT_NAME, TODAY = "number", "tenant", "today"
_TITLES = {
    NUMBER: Text(zh="事项编号", en="The case's number"),
    "kind": Text(zh="事项类型", en="The kind of case"),
    "unit": Text(zh="收信单位", en="The unit that is written to"),
    "deadline": Text(zh="期限名称", en="What the deadline is called"),
    "due_on": Text(zh="到期日", en="The last local day of the deadline"),
    "overdue": Text(zh="已逾期时间", en="How long it is overdue, in the unit of its term"),
    "clause": Text(zh="条款", en="The clause that it rests on"),
    "level": Text(zh="预警级别", en="The level of the warning"),
    "step": Text(zh="步骤", en="The step that was taken"),
    "todo": Text(zh="待办步骤", en="The steps that would meet the deadline"),
    TENANT_NAME: Text(zh="本机构名称", en="The tenant's name"),
    TODAY: Text(zh="今日日期", en="The local day on which the message is written"),
}
MESSAGE_FIELDS = tuple(TemplateField(name, title, "message") for name, title in _TITLES.items())
OF_CONFIDENTIAL = frozenset({NUMBER, TENANT_NAME, TODAY})
"""What alone is told of a confidential case; in the place of the rest stands a dash."""
ABSENT = "－"
"""In the place of what there is not: a message must not fail where a text could be asked about."""
