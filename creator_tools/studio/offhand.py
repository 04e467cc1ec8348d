"""What can be answered without a conversation: help, a greeting, words that mean nothing here.

Most messages of a chat come from fans who stand in no step. What they get then follows from
their words alone, so it can be written down before anything was read, and kept together with the
message in one statement (`exchanges`), which looks whether all that was supposed is true.
"""

from dataclasses import dataclass

from creator_tools.kernel import searching
from creator_tools.studio import fan_browse, front_desk, grammar, sentences
from creator_tools.studio.dialogs import Answer


@dataclass(frozen=True)
class Offhand:
    """An answer for a fan whose conversation waits for nothing.

    Attributes:
        unless_found: if any entry of the search has all of these grams, the answer may be another.
    """

    answer: Answer
    unless_found: tuple[str, ...] = ()


_MENU = Answer(sentences.FAN_MENU)
_BY_VERB = {
    "help": Offhand(_MENU),
    "greet": Offhand(sentences.greeting("", sentences.FAN_MENU)),
}
_WELCOME = Offhand(sentences.welcome(sentences.FAN_MENU))
_NOT_UNDERSTOOD = sentences.not_understood(sentences.FAN_MENU)


def answer_to(text: str) -> Offhand | None:
    """What a fan gets for these words in no step; None when it takes a conversation to know.

    The same as `service.answer` would say; a test asks both about every kind of words.
    """
    said = grammar.cleaned(text)
    if not said:
        return Offhand(_NOT_UNDERSTOOD)
    command = grammar.parse(said)
    if command is not None:
        return _BY_VERB.get(command.verb)
    if front_desk.looks_like_code(said):
        return None
    words = fan_browse.may_be_called(said)
    grams = searching.read_query(words).grams if words is not None else ()
    return Offhand(_NOT_UNDERSTOOD, tuple(grams))


def answer_to_key(key: str) -> Offhand | None:
    """What a fan gets for a tap on the menu, as if its words had been typed."""
    return answer_to(grammar.words_of_key(key))


def welcome() -> Offhand:
    """What a fan reads who came through a code of ours."""
    return _WELCOME
