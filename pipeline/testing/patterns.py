"""A proof that a regular expression runs in linear time in Python's backtracking engine.

The engine tries one way after another, so that its time is the number of ways in which an automaton of the pattern
reads a text that does not match. That number grows without bound only where the automaton is ambiguous (A. Weber and
H. Seidl, "On the degree of ambiguity of finite automata", 1991; N. Weideman et al., "Analyzing matching time behavior
of backtracking regular expression matchers by using ambiguity of NFA", 2016):

- exponentially: some word leads from a state back to itself in two ways;
- polynomially: some word leads from a state to itself, from it to another state, and from that one to itself.

A search begins anew at each character, which is one more state before the pattern that every character leads back to.
The proof is conservative: it treats assertions as if they always held, so that it may refuse a pattern that is safe,
never the reverse. What an assertion reads is examined like the rest; where that has no end, each place where it is
asked may cost the whole text. Repeats of at most ``BOUNDED`` times are written out; longer ones count as unbounded.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from re import _compiler, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

#: A repeat of more than so many times is taken as one without end.
BOUNDED = 520
_OPS = _parser
#: Characters that stand for all others: where sets of the patterns in use differ, they differ on some of these.
_SAMPLES = (
    "".join(map(chr, range(0x180)))
    + "ΑλАяᾶ\u0301\u05d0\u0660\u0e01–—―‘’“”„…\u2028\u2003\u3000\u4e00가\ufeff\ud800\U0001f600"
)
_BYTES = bytes(range(256))
_ONE_CHARACTER = frozenset({_OPS.LITERAL, _OPS.NOT_LITERAL, _OPS.ANY, _OPS.IN})
_REPEATS = frozenset({_OPS.MAX_REPEAT, _OPS.MIN_REPEAT, _OPS.POSSESSIVE_REPEAT})
_START = -1
_AFTER_NEWLINE = -2


class UnsupportedError(ValueError):
    """The pattern has a construct of which nothing is proved, such as a backreference."""


@dataclass
class _Part:
    """A part of a pattern as an automaton without empty steps.

    Attributes:
        first: states that it begins with, and what must come before: nothing, ``line`` or ``text``.
        last: states that it ends with, and whether it may end there whatever follows.
        nullable: whether it may match nothing.
        free: whether it may match nothing without an assertion.
        anchor: what an empty match asserts of what comes before.
    """

    first: list[tuple[int, str]] = field(default_factory=list)
    last: list[tuple[int, bool]] = field(default_factory=list)
    nullable: bool = True
    free: bool = True
    anchor: str = ""


class _Automaton:
    """The states of a pattern (one for each place of a character), what each reads, and how they follow."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._samples: str | bytes = _SAMPLES if isinstance(pattern, str) else _BYTES
        tree = _parser.parse(pattern, flags)
        self.reads: list[frozenset[int]] = []
        self.edges: Counter[tuple[int, int]] = Counter()
        self._sets: dict[str, frozenset[int]] = {}
        self.asserts_without_end = False
        self.whole = self._sequence(tree, tree.state.flags)
        self.after: dict[int, list[int]] = defaultdict(list)
        for one, other in self.edges:
            self.after[one].append(other)

    def _sequence(self, nodes: Iterable[Any], flags: int) -> _Part:
        part = _Part()
        for node in nodes:
            part = self._joined(part, self._node(node, flags))
        return part

    def _joined(self, left: _Part, right: _Part) -> _Part:
        for one, _ in left.last:
            for other, _ in right.first:
                self.edges[one, other] += 1
        first = [*left.first]
        if left.nullable:
            first += [(state, left.anchor or anchor) for state, anchor in right.first]
        last = [*right.last]
        if right.nullable:
            last += [(state, free and right.free) for state, free in left.last]
        return _Part(
            first, last, left.nullable and right.nullable, left.free and right.free, left.anchor or right.anchor
        )

    def _node(self, node: Any, flags: int) -> _Part:
        kind, value = node
        if kind in _ONE_CHARACTER:
            self.reads.append(self._set(node, flags))
            state = len(self.reads) - 1
            return _Part([(state, "")], [(state, True)], nullable=False, free=False)
        if kind is _OPS.SUBPATTERN:
            _, added, removed, inner = value
            return self._sequence(inner, (flags | added) & ~removed)
        if kind is _OPS.ATOMIC_GROUP:
            return self._sequence(value, flags)
        if kind is _OPS.BRANCH:
            return self._branches([self._sequence(branch, flags) for branch in value[1]])
        if kind in _REPEATS:
            low, high, inner = value
            return self._repeat(low, high, inner, flags)
        if kind is _OPS.AT:
            return self._assertion(value, flags)
        if kind in {_OPS.ASSERT, _OPS.ASSERT_NOT}:
            self._sequence(value[1], flags)  # states that nothing leads to and that lead nowhere
            self.asserts_without_end |= any(True for _ in _unbounded(value[1]))
            return _Part(free=False)
        raise UnsupportedError(f"{kind}")

    @staticmethod
    def _branches(parts: list[_Part]) -> _Part:
        return _Part(
            [found for part in parts for found in part.first],
            [found for part in parts for found in part.last],
            any(part.nullable for part in parts),
            any(part.free for part in parts),
            "" if any(part.nullable and not part.anchor for part in parts) else parts[0].anchor,
        )

    def _repeat(self, low: int, high: Any, inner: Any, flags: int) -> _Part:
        part = _Part()
        endless = high is _OPS.MAXREPEAT or high > BOUNDED
        for _ in range(min(low, BOUNDED)):
            part = self._joined(part, self._sequence(inner, flags))
        if endless:
            loop = self._sequence(inner, flags)
            for one, _ in loop.last:
                for other, _ in loop.first:
                    self.edges[one, other] += 1
            part = self._joined(part, _optional(loop))
        else:
            rest = _Part()
            for _ in range(int(high) - low):
                rest = _optional(self._joined(self._sequence(inner, flags), rest))
            part = self._joined(part, rest)
        return part

    @staticmethod
    def _assertion(value: Any, flags: int) -> _Part:
        if value is _OPS.AT_BEGINNING:
            return _Part(free=False, anchor="line" if flags & re.MULTILINE else "text")
        return _Part(free=False, anchor="text" if value is _OPS.AT_BEGINNING_STRING else "")

    def _set(self, node: Any, flags: int) -> frozenset[int]:
        key = f"{node} {flags}"
        if key not in self._sets:
            state = _parser.State()
            state.flags = flags
            reader = _compiler.compile(_parser.SubPattern(state, [node]), flags)
            if isinstance(self._samples, bytes):
                found = [place for place in range(256) if reader.fullmatch(self._samples[place : place + 1])]
            else:
                found = [place for place, sample in enumerate(self._samples) if reader.fullmatch(sample)]
            self._sets[key] = frozenset(found)
        return self._sets[key]

    def newline(self) -> frozenset[int]:
        """The set that has only the line feed."""
        return frozenset({10})


def _optional(part: _Part) -> _Part:
    return _Part(part.first, part.last)


def _unbounded(nodes: Iterable[Any]) -> Iterator[Any]:
    for kind, value in nodes:
        if kind in _REPEATS:
            if value[1] is _OPS.MAXREPEAT or value[1] > BOUNDED:
                yield value
            yield from _unbounded(value[2])
        elif kind is _OPS.SUBPATTERN:
            yield from _unbounded(value[3])
        elif kind is _OPS.BRANCH:
            for branch in value[1]:
                yield from _unbounded(branch)
        elif kind in {_OPS.ASSERT, _OPS.ASSERT_NOT}:
            yield from _unbounded(value[1])
        elif kind is _OPS.ATOMIC_GROUP:
            yield from _unbounded(value)


@cache
def superlinear(pattern: str | bytes, flags: int = 0) -> str | None:
    """Why a pattern may take more than linear time; ``None`` where it cannot.

    Args:
        pattern: as given to ``re.compile``. It may be used to search, to match at the start or to match the whole.
        flags: of ``re``.

    Returns:
        The kind of growth and the part of the text that causes it.
    """
    try:
        automaton = _Automaton(pattern, flags)
    except UnsupportedError as error:
        return f"not proved: {error}"
    loops = _loops(automaton)
    for loop in loops:
        if any(automaton.edges[one, other] > 1 for one in loop for other in automaton.after[one] if other in loop):
            return f"exponential: a repeat of a repeat of {_shown(automaton, loop)}"
        if _returns_twice(automaton, loop):
            return f"exponential: two ways through the repeat of {_shown(automaton, loop)}"
    for one in loops:
        for other in loops:
            if one is not other and _reaches(automaton, one, other):
                return f"polynomial: the repeats of {_shown(automaton, one)} and {_shown(automaton, other)} overlap"
    if automaton.asserts_without_end:
        return "polynomial: a repeat without end within an assertion"
    ending = {state for state, free in automaton.whole.last if free}
    for loop in loops:
        if not ending & loop and _searched(automaton, loop):
            return f"polynomial in a search: it may begin anywhere within the repeat of {_shown(automaton, loop)}"
    return None


def _shown(automaton: _Automaton, loop: frozenset[int]) -> str:
    return " ".join(f"{chr(min(automaton.reads[state], default=0))!r}…" for state in sorted(loop)[:3])


def _loops(automaton: _Automaton) -> list[frozenset[int]]:
    """The strongly connected components that have an edge within, by two walks (S. R. Kosaraju, 1978)."""
    before: dict[int, list[int]] = defaultdict(list)
    for one, other in automaton.edges:
        before[other].append(one)
    done: set[int] = set()
    order = [state for start in range(len(automaton.reads)) for state in _finished(start, automaton.after, done)]
    done.clear()
    loops = [frozenset(_finished(start, before, done)) for start in reversed(order)]
    return [loop for loop in loops if len(loop) > 1 or any((state, state) in automaton.edges for state in loop)]


def _finished(start: int, after: Mapping[int, list[int]], done: set[int]) -> list[int]:
    """What is reached from a state and was not reached before, each after all that is reached from it."""
    if start in done:
        return []
    done.add(start)
    finished: list[int] = []
    todo = [(start, iter(after.get(start, ())))]
    while todo:
        following = todo[-1][1]
        found = next((one for one in following if one not in done), None)
        if found is None:
            finished.append(todo.pop()[0])
        else:
            done.add(found)
            todo.append((found, iter(after.get(found, ()))))
    return finished


def _together(automaton: _Automaton, *states: int) -> bool:
    """Whether one character can lead to all of these states."""
    common = automaton.reads[states[0]]
    for state in states[1:]:
        common &= automaton.reads[state]
    return bool(common)


def _walk(
    start: tuple[int, ...], steps: Callable[[tuple[int, ...]], Iterator[tuple[int, ...]]]
) -> set[tuple[int, ...]]:
    seen: set[tuple[int, ...]] = set()
    todo = [start]
    while todo:
        for found in steps(todo.pop()):
            if found not in seen:
                seen.add(found)
                todo.append(found)
    return seen


def _returns_twice(automaton: _Automaton, loop: frozenset[int]) -> bool:
    def steps(pair: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for one in automaton.after[pair[0]]:
            for other in automaton.after[pair[1]]:
                if one in loop and other in loop and _together(automaton, one, other):
                    yield one, other

    for state in loop:
        for one, other in _walk((state, state), steps):
            if one != other and (state, state) in _walk((one, other), steps):
                return True
    return False


def _reaches(automaton: _Automaton, first: frozenset[int], second: frozenset[int]) -> bool:
    """Whether one word leads around the first loop, from it to the second, and around the second."""

    def steps(three: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for one in automaton.after[three[0]]:
            if one in first:
                for other in automaton.after[three[2]]:
                    if other in second and _together(automaton, one, other):
                        for between in automaton.after[three[1]]:
                            if _together(automaton, one, between, other):
                                yield one, between, other

    return any((one, other, other) in _walk((one, one, other), steps) for one in first for other in second)


def _searched(automaton: _Automaton, loop: frozenset[int]) -> bool:
    """Whether a search that begins within the loop's word gets into the loop by it."""
    begins: dict[int, list[tuple[int, bool]]] = {_START: [], _AFTER_NEWLINE: []}
    for state, anchor in automaton.whole.first:
        if anchor == "":
            begins[_START].append((state, False))
        if anchor in {"", "line"}:
            begins[_AFTER_NEWLINE].append((state, False))

    def steps(pair: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        before, around = pair
        for inner in automaton.after[around]:
            if inner not in loop:
                continue
            if before < 0:
                yield _START, inner
                if automaton.reads[inner] & automaton.newline():
                    yield _AFTER_NEWLINE, inner
                following = [state for state, _ in begins[before]]
            else:
                following = automaton.after[before]
            for state in following:
                if _together(automaton, state, inner):
                    yield state, inner

    return any((state, state) in _walk((_START, state), steps) for state in loop)


def patterns_of(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns that a module compiles with ``re``, by name, and those it writes where they are used.

    Raises:
        ValueError: a pattern is put together where it is used, so that nothing can be proved of it.
    """
    for name, value in vars(module).items():
        for pattern in _compiled(value):
            yield name, pattern
    for call in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if not isinstance(call.func.value, ast.Name) or call.func.value.id != "re" or call.func.attr not in _CALLS:
            continue
        written = call.args[0]
        if isinstance(written, ast.Constant):
            yield f"line {call.lineno}", re.compile(written.value)
        elif call.func.attr != "compile":
            raise ValueError(f"{module.__name__}, line {call.lineno}: compile the pattern in the module.")


_CALLS = frozenset({"compile", "search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"})


def _compiled(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for found in value.values():
            yield from _compiled(found)
    elif isinstance(value, tuple | list | set | frozenset):
        for found in value:
            yield from _compiled(found)
