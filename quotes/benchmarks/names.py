"""R15: is a speaker among the first ten when her name is typed with a slip, in another script, or romanised otherwise?

Five thousand people with names made of Russian parts (SPEED.md §2.5 measured as many). On file is each name as English
print has it, and, but for those asked in Cyrillic, as she writes it herself; German and French print are held out. Many
share a surname, as in a newsroom's file. Nothing of this touches a database.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from quotes.benchmarks.frame import Ratio, Tell
from quotes.search.names import Entry, Names

PEOPLE = 5_000
ASKED = 300
SEED = 20260204

FIRST = (
    "Александр Алексей Анатолий Андрей Анна Антон Борис Валентина Василий Виктор Виталий Владимир Вячеслав Галина "
    "Георгий Григорий Дарья Денис Дмитрий Евгений Екатерина Елена Иван Игорь Илья Ирина Константин Ксения Лариса "
    "Леонид Людмила Максим Марина Мария Михаил Надежда Наталья Николай Оксана Олег Ольга Павел Петр Полина Роман "
    "Светлана Сергей Станислав Степан Тамара Татьяна Федор Юлия Юрий Яков"
).split()
STEMS = (
    "Абрам Агап Баран Белоус Бондар Борис Буряк Василь Вишн Воробь Воронц Гаврил Голуб Гончар Горбач Гордей Григор "
    "Гриш Давыд Данил Дорош Дроб Ермол Ефим Жданов Жук Зайц Захар Зимин Игнат Калин Карп Ковал Козл Колес Конон Коро "
    "Костен Кравч Крив Кузнец Кулик Лазар Лебед Лещ Лисиц Лукаш Лысен Мазур Макар Мартын Матв Медвед Мельн Миронов "
    "Мороз Мухин Назар Никит Новик Носов Овчар Орл Осип Остап Павл Панас Пархом Петр Пилип Поляк Попов Прохор Радч "
    "Ревен Роман Руд Рябов Савч Семен Сидор Скор Смирн Сокол Степан Стец Сухов Тарас Тимош Тищ Ткач Троф Трусов "
    "Федор Филат Фом Харч Хмел Хомен Цветк Цыган Чайк Черн Чехов Чуб Шаповал Шевч Шишк Шульг Щерб Юрч Яким Яров Яц"
).split()
ENDS = "енко ев ов ский цев ин чук юк ак ич кин ников ян ец".split()

_SOUNDS = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch".split()
ENGLISH = dict(zip("абвгдеёжзийклмнопрстуфхцчшщ", _SOUNDS, strict=True))
ENGLISH |= {"ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya"}
GERMAN = ENGLISH | {"в": "w", "ж": "sch", "з": "s", "й": "j", "х": "ch", "ц": "z", "ч": "tsch", "ш": "sch",
                    "щ": "schtsch", "ю": "ju", "я": "ja", "ё": "jo"}  # fmt: skip
FRENCH = ENGLISH | {"ж": "j", "у": "ou", "ч": "tch", "ш": "ch", "щ": "chtch", "ю": "iou", "я": "ia", "й": "i",
                    "ё": "io"}  # fmt: skip


def printed(name: str, table: dict[str, str]) -> str:
    """A Cyrillic name as print in another language has it; French writes -ine for -ин."""
    if table is FRENCH and name.endswith("ин"):
        return printed(name.removesuffix("ин"), table) + "ine"
    return " ".join(
        "".join(table.get(char, char) for char in word.lower()).capitalize() for word in name.split()
    )


class OnFile(Names):
    """Names that are held in memory alone."""

    def __init__(self, entries: list[Entry]) -> None:
        self._given = entries
        super().__init__("bench")

    def _load(self) -> None:
        for entry in self._given:
            self._add(entry)
            for spelling in entry.spellings:
                self._index(entry, spelling)


def slip(name: str, chance: random.Random) -> str:
    """One letter of the surname left out, doubled, exchanged with the next, or wrong."""
    first, _, last = name.rpartition(" ")
    place = chance.randrange(1, len(last) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        last = last[:place] + last[place + 1 :]
    elif kind == 1:
        last = last[:place] + last[place] + last[place:]
    elif kind == 2:
        last = last[:place] + last[place + 1] + last[place] + last[place + 2 :]
    else:
        last = last[:place] + chance.choice("aeioutnrs") + last[place + 1 :]
    return f"{first} {last}".strip()


def run(tell: Tell) -> list[Ratio]:
    """Ask for people in four ways and say how often each is among the first ten."""
    chance = random.Random(SEED)
    people: dict[str, None] = {}
    while len(people) < PEOPLE:
        people[f"{chance.choice(FIRST)} {chance.choice(STEMS)}{chance.choice(ENDS)}"] = None
    names = list(people)
    chance.shuffle(names)
    entries = []
    for number, name in enumerate(names):
        english = printed(name, ENGLISH)
        # The first ones are asked in Cyrillic, so that spelling of theirs is not on file.
        spellings = [english] if number < ASKED else [english, name]
        entries.append(Entry("speaker", number + 1, f"p{number}", english, "person", number + 1, spellings))
    known = OnFile(entries)
    ways: list[tuple[str, float, int, Callable[[str], str]]] = [
        ("one slip", 0.98, ASKED, lambda name: slip(printed(name, ENGLISH), chance)),
        ("Cyrillic that is not on file", 0.95, 0, lambda name: name),
        ("a romanisation that is not on file, German", 0.80, ASKED, lambda name: printed(name, GERMAN)),
        ("a romanisation that is not on file, French", 0.80, ASKED, lambda name: printed(name, FRENCH)),
    ]
    lines = []
    for what, gate, start, typed in ways:
        first = ten = 0
        for number in range(start, start + ASKED):
            found = [entry.pk for entry in known.search("speaker", typed(names[number]), limit=10)]
            first += found[:1] == [number + 1]
            ten += number + 1 in found
        tell(f"{what:44} first {first / ASKED:.2f}   among ten {ten / ASKED:.2f}")
        lines.append(Ratio("R15", f"hit@10, {what}", ten / ASKED, gate, more_is_better=True))
    return lines
