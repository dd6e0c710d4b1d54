# house: no verbs here, only what they are refused with, so nobody says by whom
"""What a verb is refused with: a sentence for the person, and the field of the form that it is about."""


class Refused(Exception):
    """The deed was not done, and why. Nothing of it was kept.

    Attributes:
        sentence: for the person.
        field: the field of the form that it is about, or empty.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Changed(Refused):
    """What was shown is no longer what is there."""


class NotAllowed(Refused):
    """This person may not do it, whatever the form says."""


class NotValid(Refused):
    """Something in the form does not fit this quote."""
