"""What differs between texts about one event: numbers and names, with who says what when.

Precision first: a difference is told only where two texts say the same thing with another number or name. English only.

    sentences.py   words, and sentences of the same words but for one number or name
    numbers.py     numbers in words and digits
    counts.py      counts of the dead, the injured and others, however they are put
    compare.py     the differences of some texts
"""

from pipeline.events.differences.compare import Difference, Said, Text, differences

__all__ = ["Difference", "Said", "Text", "differences"]
