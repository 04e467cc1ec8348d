"""Deeds on oneself: name, handle, introduction, invitations."""

from creator_tools.creators import service
from creator_tools.creators.models import Creator
from creator_tools.studio.deeds.doer import Doer, Step, offer_undo


def rename(doer: Doer, name: str) -> Creator:
    """Change the name that readers see; can be undone."""
    before = doer.creator.name
    creator = service.rename(doer.uow, creator_id=doer.creator.id, name=name)
    offer_undo(doer, f"笔名已改回「{before}」。", {"do": "pen_name", "before": before})
    return creator


def change_handle(doer: Doer, handle: str) -> Creator:
    """Change the last part of the address of one's page; can be undone."""
    before = doer.creator.handle
    creator = service.change_handle(doer.uow, creator_id=doer.creator.id, handle=handle)
    offer_undo(doer, f"主页名已改回 {before}。", {"do": "handle", "before": before})
    return creator


def introduce(doer: Doer, introduction: str) -> Creator:
    """Change what stands below the name; can be undone."""
    before = doer.creator.introduction
    creator = service.introduce(doer.uow, creator_id=doer.creator.id, introduction=introduction)
    offer_undo(doer, "简介已改回原来的。", {"do": "introduction", "before": before})
    return creator


def invite(doer: Doer) -> str:
    """Make one invitation code to give away."""
    return service.invite(doer.uow, by_creator_id=doer.creator.id)


def take_back(doer: Doer, step: Step) -> None:
    """Give a creator back the name, handle or introduction of before."""
    before, own = str(step["before"]), doer.creator.id
    if step["do"] == "pen_name":
        service.rename(doer.uow, creator_id=own, name=before)
    elif step["do"] == "handle":
        service.change_handle(doer.uow, creator_id=own, handle=before)
    else:
        service.introduce(doer.uow, creator_id=own, introduction=before)
