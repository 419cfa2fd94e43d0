"""What the cases of a benchmark are about: some matters at some places, so that words are as frequent as in a city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

import msgspec

from core.cases.case import Case, Intake, Standing
from core.cases.rendition import RenditionState, has_rendition
from core.procedure import CaseKind
from core.search.indexing import grams_of

CATEGORIES = ("municipal.roads", "municipal.noise", "municipal.lifts", "housing.heating", "services.windows")
DIVISIONS = ("360702", "360703", "360704", "360781", "360722", "360723", "360724", "360725")
FACTS = {"form": "oral", "complained_of": "window", "urgent": False, "subject": "某县行政审批局"}
ANSWER = "经核实，已安排修复并恢复通行。"
_PLACES = (
    "红旗大道", "文明路", "长征路", "八一路", "解放街", "滨江东路", "章江北路", "客家大道", "兴国路", "赞贤路", "黄金大道",
    "迎宾路", "东阳山路", "青年路", "西津路", "水东镇",
)  # fmt: skip
_SUBJECTS = (
    ("人行道塌陷并渗水", "下方一直渗水，老人和孩子经过很危险"),
    ("夜间施工扰民", "凌晨仍在浇筑，居民无法休息"),
    ("老旧电梯多次故障", "本月已困人三次，物业迟迟不修"),
    ("窗口办理时间过长", "排队两小时仍未办成，工作人员反复要求补材料"),
    ("暖气温度不达标", "室内不足十六度，多次报修无人上门"),
    ("路灯长期不亮", "晚上出行看不清路面，已有人摔倒"),
    ("井盖缺失", "车辆经过有异响，存在安全隐患"),
    ("垃圾清运不及时", "堆放数日异味严重，蚊虫滋生"),
    ("公交线路调整不便", "换乘时间增加，学生上学要提早半小时"),
    ("占道经营影响通行", "摊贩占用盲道，城管离开后又回来"),
    ("自来水浑浊发黄", "放水十分钟仍不清，担心饮用安全"),
    ("违章搭建遮挡采光", "楼下加盖铁棚，多次劝说未果"),
    ("停车收费不透明", "出口显示金额与公示不一致"),
    ("绿化带杂草丛生", "半年无人修剪，遮挡路口视线"),
    ("燃气安检未上门", "预约三次均无人到场"),
    ("工资拖欠未发", "项目完工四个月，仍欠二十余人工资"),
    ("医保报销退回", "材料齐全仍被退回，未说明原因"),
    ("学区划分疑问", "同一小区被划入两所学校，请予解释"),
    ("物业服务收费争议", "停用的车位仍在收取管理费"),
    ("下水道堵塞反味", "一楼住户家中返水，墙面已经发霉"),
    ("快递柜占用通道", "消防通道变窄，担心影响救援"),
    ("噪声超标排放", "冷却塔昼夜运转，门窗紧闭也难入睡"),
    ("房产证办理拖延", "交房三年仍未办理，开发商推诿"),
    ("社保转移受阻", "两地经办机构互相推脱，已往返三次"),
    ("职权目录未按期公开", "一年未更新，群众无从查询，多次询问均答复正在整理"),
)
WORDS = ("塌陷", "电梯", "施工", "堵塞", "红旗", "客家", "核实", "井盖")
"""Words of two characters to be looked for: of one matter in 25, of one place in 16, and one in every case."""


@dataclass(frozen=True)
class Matter:
    """One matter at one place."""

    place: str
    subject: str
    detail: str

    @cached_property
    def title(self) -> str:
        """In a line."""
        return f"{self.place}{self.subject}"

    @cached_property
    def narrative(self) -> str:
        """As it was told."""
        told = f"来电人反映，{self.place}{self.subject}，{self.detail}"
        return f"{told}，此前两次向社区反映未果，希望有关部门尽快到现场核实，明确解决时间。"


MATTERS = tuple(Matter(place, subject, detail) for place in _PLACES for subject, detail in _SUBJECTS)


@dataclass(frozen=True, slots=True)
class Variant:
    """What of a case decides which words stand in it: which matter, and how far the case has come."""

    matter: int
    answered: bool

    @property
    def number(self) -> int:
        """Tells variants apart."""
        return 2 * self.matter + self.answered


def variants() -> Iterator[Variant]:
    """All there are."""
    return (Variant(matter, answered) for matter in range(len(MATTERS)) for answered in (False, True))


@dataclass(frozen=True, slots=True)
class Grams:
    """The grams that the service finds in the variants of a kind's cases, but for those of the case's own number."""

    texts: tuple[str, ...]
    """Each gram once."""
    variants: tuple[int, ...]
    """One entry for each variant and gram of it: the variant."""
    places: tuple[int, ...]
    """Which of the texts."""
    scopes: tuple[int, ...]


_known: dict[str, Grams] = {}


def grams_of_variants(kind: CaseKind) -> Grams:
    """Worked out once for a kind."""
    if kind.key not in _known:
        found = [(item.number, *gram) for item in variants() for gram in grams_of(kind, _case(kind, item)).items()]
        numbers, grams, scopes = zip(*found, strict=True)
        texts = {gram: place for place, gram in enumerate(dict.fromkeys(grams))}
        _known[kind.key] = Grams(tuple(texts), numbers, tuple(texts[gram] for gram in grams), scopes)
    return _known[kind.key]


def rendition(kind: CaseKind, variant: Variant) -> tuple[str | None, str | None]:
    """What units read, and how far it has come."""
    if not has_rendition(kind):
        return None, None
    state = RenditionState.CONFIRMED if variant.answered else RenditionState.MADE
    return MATTERS[variant.matter].narrative, state.value


def intake(variant: Variant) -> str:
    """The place in words, as a case keeps it."""
    return msgspec.json.encode(_intake(variant)).decode()


def _intake(variant: Variant) -> Intake:
    return Intake(address=MATTERS[variant.matter].place)


def _case(kind: CaseKind, variant: Variant) -> Case:
    """A case as far as its words go."""
    matter, at = MATTERS[variant.matter], datetime(2026, 11, 2, 1, tzinfo=UTC)
    (text, state), channel = rendition(kind, variant), kind.channels[0].key
    return Case(
        UUID(int=0), "", kind.key, kind.states[0].key, channel, None, matter.title, matter.narrative, at, at, None,
        True, None, FACTS, kind.facts_version, "", 1, Standing(at, at, answer=ANSWER if variant.answered else None),
        intake=_intake(variant), rendition=text, rendition_state=state,
    )  # fmt: skip
