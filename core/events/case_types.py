"""The types of event that cases have: their steps, by what a step does, their deadlines, and what was read of them."""

from __future__ import annotations

from core.events.event_type import Audience, EventType
from core.law.instrument import Text

_STEP = ("case_id", "step_id", "step", "version")
_LATENESS = (*_STEP, "deadline_id")
_DEADLINE = ("case_id", "deadline_id", "deadline", "rung", "due_on", "reached_at")
_ITEM = ("case_id", "item_id", "rule", "deadline_id", "step_id")
_READING = ("case_id", "reading_id", "purpose")


def _case(name: str, zh: str, en: str, *refs: str, audience: Audience = Audience.CASE) -> EventType:
    return EventType(f"case.{name}", Text(zh=zh, en=en), audience, refs or _STEP)


def _deadline(name: str, zh: str, en: str, *refs: str) -> EventType:
    return EventType(f"deadline.{name}", Text(zh=zh, en=en), Audience.CASE, refs or _DEADLINE)


def _read(name: str, zh: str, en: str, *refs: str, audience: Audience = Audience.ADMINISTRATION) -> EventType:
    return EventType(name, Text(zh=zh, en=en), audience, refs)


CASE_TYPES: tuple[EventType, ...] = (
    _case("register", "登记", "A case was registered"),
    _case("accept", "受理", "It was accepted"),
    _case("refuse", "不予受理", "It was refused"),
    _case("classify", "分类", "It was classified"),
    _case("dispatch", "交办", "It was dispatched"),
    _case("sign", "签收", "A unit signed for it"),
    _case("pass-on", "转下级单位办理", "A unit passed it on to one below it"),
    _case("handle", "办理", "It was handled"),
    _case("record", "记录", "Something was put on record"),
    _case("ask", "提出申请", "A unit asked for something"),
    _case("grant", "同意申请", "A request was granted"),
    _case("decline", "不同意申请", "A request was declined"),
    _case("ask-justification", "申请认定逾期有正当理由", "It was asked that a lateness be found justified", *_LATENESS),
    _case("grant-justification", "认定逾期有正当理由", "A lateness was found justified", *_LATENESS),
    _case("decline-justification", "不予认定正当理由", "A lateness was not found justified", *_LATENESS),
    _case(
        "withdraw-justification", "撤销正当理由的认定", "It was taken back that a lateness was justified", *_LATENESS
    ),
    _case("inform", "告知", "Somebody was informed"),
    _case("reply", "答复", "It was replied to"),
    _case("feedback", "评价", "Somebody said what they think of the result", audience=Audience.STAFF),
    _case("send-back", "发回重办", "It was sent back to be done again"),
    _case("remind", "催办", "A unit was reminded"),
    _case("pause", "中止", "A deadline was paused"),
    _case("resume", "恢复", "A deadline runs again"),
    _case("extend", "延期", "A deadline was extended"),
    _case("split", "拆分", "It was split into parts"),
    _case("close", "办结", "It was closed"),
    # Of accountability cases, with references alone: never whom it is about.
    _case("charge", "登记追责对象和情形", "Subjects, acts, grounds or evidence were put on record"),
    _case("establish", "认定情形", "Grounds were found established, or not"),
    _case("apportion", "区分责任", "Responsibility was apportioned"),
    _case("hear", "听取陈述申辩", "Somebody was offered to be heard, or heard"),
    _case("decide", "作出问责决定", "It was decided"),
    _case("serve", "送达", "A written notice was served"),
    _case("appeal", "申诉", "An appeal came in"),
    _case("review", "处理申诉", "An appeal was answered"),
    _case("refer", "移送", "It was referred to another organ"),
    _case("copy", "抄送或回执", "A copy was sent, or received"),
    _case("measure", "其他机关的措施", "What another organ decided was recorded"),
    _case("report-back", "整改报告", "A written report on the correction came in"),
    _case("lift", "解除影响期", "What a sanction brought for a time ended early"),
    _case("consent", "公布意见", "It was said whether the result may be published"),
    _case("reopen", "重新办理", "It was opened again"),
    _case("withdraw", "撤回", "It was withdrawn"),
    _case("merge", "并案", "It was merged into another case", *_STEP, "other_case_id"),
    _case("unmerge", "撤销并案", "It was taken out of the other case again", *_STEP, "other_case_id"),
    _case("take-in", "并入其他事项", "A duplicate was merged into it", *_STEP, "other_case_id"),
    _case("let-go", "并入的事项撤出", "A duplicate was taken out of it", *_STEP, "other_case_id"),
    _case("add-petitioner", "增加诉求人", "One more petitioner joined"),
    _case("confirm-rendition", "确认脱敏文本", "The words that units read were confirmed"),
    _case("supplemented", "平台补充内容", "A platform sent more words", "case_id", "supplement_id", "version"),
    _case("recount", "期限重算", "The service itself counted its deadlines anew, the calendar being another"),
    _case("correct", "更正", "What was recorded wrongly was corrected", "case_id", "step_id", "correction_id", "version"),
    _case(
        "correction-asked", "申请更正", "A correction was asked for", "case_id", "correction_id", audience=Audience.STAFF
    ),
    _case(
        "correction-declined", "不同意更正", "A correction was declined", "case_id", "correction_id", audience=Audience.STAFF
    ),
    # Not to staff: who is recused is not told of the others, and least of all why somebody is.
    _case(
        "recusal-declared", "登记回避", "Somebody is recused from it", "case_id", "recusal_id",
        audience=Audience.ADMINISTRATION,
    ),
    _case(
        "recusal-withdrawn", "撤销回避", "A recusal was withdrawn", "case_id", "recusal_id",
        audience=Audience.ADMINISTRATION,
    ),
    _deadline("due-soon", "即将到期", "A deadline is due soon by the warning ladder"),
    _deadline("overdue", "逾期", "A deadline has run out, or passed a later rung of the ladder"),
    _deadline("key", "重点督办", "A deadline has come under key supervision"),
    # Not to units: what is to be supervised is told them by the step that supervises it.
    _read("supervision.found", "须督办事项", "A matter was found that must be supervised", *_ITEM, audience=Audience.STAFF),
    _read("supervision.ended", "须督办事项终结", "It was supervised, is over, or was departed from", *_ITEM, "ending",
          audience=Audience.STAFF),
    # What is attached can be an original, of which units are told nothing.
    _read("attachment.attached", "附件已关联事项", "Files were attached", "case_id", "attachments", "part", "step_id",
          audience=Audience.STAFF),
    _read("attachment.disclosed", "附件公开范围变更", "A file was opened to units, or closed again", "case_id",
          "attachment_id", "part", audience=Audience.STAFF),
    _read("attachment.read", "查阅附件", "Somebody opened a file", "case_id", "attachment_id", "part"),
    _read("narrative.read", "查阅诉求原文", "Somebody read a petitioner's own words", *_READING, "supplement_id",
          "feedback_id"),
    _read("petitioner.read", "查阅诉求人身份", "Somebody read a petitioner's identity", *_READING),
    _read("petitioner.looked-up", "查询来电人", "Somebody looked a caller up", "look_up_id", "by", "found"),
    _read("petitioner.erased", "诉求人身份已销毁", "A petitioner's identity was destroyed", "petitioner_id"),
)  # fmt: skip
