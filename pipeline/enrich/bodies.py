"""Which body "the company", "the ministry" or "the agency" means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.enrich.entities.things import Thing

#: "the company" can be any body; these are what the word itself says.
BODY_NOUNS = frozenset(
    "company firm agency ministry department bank group union university commission committee council court party army"
    " maker giant carmaker drugmaker planemaker lender insurer police government organization organisation newspaper airline association federation institute regulator charity"
    " carrier retailer automaker manufacturer studio club team league bureau office board cabinet".split()
)
#: What stands before a body's name and says what it is: "the rights group Amnesty", "software maker Blue Sail".
KINDS_OF_BODY = BODY_NOUNS | frozenset(
    "movement militia network opposition broadcaster channel magazine website daily paper tank think-tank campaign watchdog"
    " faction alliance coalition lobby startup start-up subsidiary operator developer producer".split()
)
_COMPANY = frozenset(
    "company maker giant automaker carmaker drugmaker planemaker lender insurer firm carrier retailer manufacturer studio airline".split()
)
_PAPER = frozenset(("newspaper", "paper", "daily"))
_PUBLIC = frozenset("agency regulator bureau".split())
_ANY = frozenset("group organization organisation association charity".split())
#: Words in the names of newspapers.
_OF_A_PAPER = re.compile(
    r"\b(?:Times|Post|News|Herald|Tribune|Journal|Gazette|Guardian|Telegraph|Daily|Mail|Chronicle|Observer|Globe|Dispatch|Examiner"
    r"|Inquirer|Mirror|Standard|Courier|Independent|Register|Sentinel|Bulletin|Weekly|Mercury|Star|Sun|Zeitung|Monde)\b"
)
#: Words in the names of bodies that are no companies.
_OF_THE_STATE = re.compile(
    r"\b(?:Ministry|Department|Commission|Committee|Council|Court|Agency|Administration|Bureau|Authority|Service|Office|Party"
    r"|Parliament|Congress|Senate|House|University|Police|Army|Navy|Union|Nations|Treasury|Federation|Institute)\b"
)


def body_called(noun: str, bodies: Sequence[Thing], before: Sequence[Thing], spoke: Sequence[Thing]) -> Thing | None:
    """The body that a definite description means: by its name, else the only one it can mean.

    Args:
        noun: the description's head, in lower case: "company".
        bodies: all of the story.
        before: those named in this paragraph or the one before, agencies of the dateline left out.
        spoke: those that have spoken so far, the last one first.

    Returns:
        The body, or ``None`` where it is not clear.
    """
    named = [body for body in bodies if noun in body.name.lower()]
    if len(named) == 1:
        return named[0]
    if named or noun not in _COMPANY | _PUBLIC | _PAPER | _ANY:
        return None
    near = [body for body in _each_once(before) if _can_be(noun, body)]
    if len(near) == 1:
        return near[0]
    last = next((body for body in spoke if _can_be(noun, body)), None)
    return last if last is not None and last in near else None


def _can_be(noun: str, body: Thing) -> bool:
    if noun in _COMPANY:
        return not _OF_THE_STATE.search(body.name)
    if noun in _PAPER:
        return _OF_A_PAPER.search(body.name) is not None
    return noun not in _PUBLIC or bool(_OF_THE_STATE.search(body.name)) or body.name.isupper()


def _each_once(bodies: Sequence[Thing]) -> list[Thing]:
    return list({body.name: body for body in bodies}.values())
