"""Words in six languages with the frequencies of real text (Zipf), and names of people in several scripts."""

# ruff: noqa: E501  tables of words

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate

VOCABULARY = 30_000
"""Different words of English; the others have a third of it. The frequent ones are real, the rare ones invented."""

_SHIFT, _SLOPE = 2.7, 1.05  # Zipf-Mandelbrot, as fitted to news text

_REAL = {
    "en": "the of to and a in that is was for it with as his on be at by i this had not are but from or have an they"
    " which one you were all her she there would their we him been has when who will no more if out so up said what"
    " its about than into them can only other new some could time these two may then do first any my now such like"
    " government people year war president minister country state security talks peace ceasefire agreement army"
    " parliament election economy energy border region city weapons sanctions support partners allies defence"
    " soldiers budget prices law court police crisis report officials statement decision proposal settlement"
    " negotiations territory attack missile drone front winter gas oil trade reform bank inflation workers hospital"
    " school children refugees aid million percent week month today tomorrow never always nothing must should",
    "uk": "і в не на що з у до як за це та ми для вони але від про було бути наші вже ще тільки коли якщо де країна"
    " війна мир уряд президент міністр армія народ люди місто область кордон зброя допомога партнери перемовини"
    " безпека рішення закон парламент вибори енергія газ ціни бюджет економіка удар ракета фронт зима діти біженці",
    "ru": "и в не на что с у до как за это мы для они но от о было быть наши уже еще только когда если где страна"
    " война мир правительство президент министр армия народ люди город область граница оружие помощь партнеры"
    " переговоры безопасность решение закон парламент выборы энергия газ цены бюджет экономика удар ракета фронт",
    "fr": "le la les de des du et un une à que qui dans pour sur pas ne nous vous ils elle est sont avec par plus ce"
    " gouvernement guerre paix président ministre pays armée peuple ville région frontière armes aide partenaires"
    " négociations sécurité décision loi parlement élections énergie gaz prix budget économie frappe missile hiver",
    "de": "der die das und in zu den nicht von sie ist des sich mit dem dass er es ein auf für an als auch wir nach"
    " regierung krieg frieden präsident minister land armee menschen stadt region grenze waffen hilfe partner"
    " verhandlungen sicherheit entscheidung gesetz parlament wahlen energie gas preise haushalt wirtschaft angriff",
    "ko": "그리고 우리는 이것은 그는 에서 대한 하지만 모든 정부는 대통령은 장관은 전쟁이 평화를 국가의 국민은 안보를 협상이"
    " 결정을 법안을 의회는 선거를 경제가 예산을 가격이 에너지 가스 군대는 국경에서 지원을 동맹국과 미사일 도시의 겨울에",
}
_SYLLABLES = {
    "en": "ba ber cal con dar den el fer gal har in jor ker lan mer nor ob per ran ser tal ul ven wes yor zan"
    " tion ment ing ers able ist",
    "uk": "ба вер гол дар жит зем кол лан мир нов оро пер рад сел тур хва чер ши яр ння ють ити ова",
    "ru": "ба вер гол дар жит зем кол лан мир нов оро пер рад сел тур хва чер ши яр ние ют ить ова",
    "fr": "bar cham dé eau fon ger lu mon nou pré ré sou ter val tion ment eur age ique",
    "de": "ab berg dorf ein feld ge heim ker lauf mach nach ort raus schlag trag ung heit lich keit en",
    "ko": "가 나 다 라 마 바 사 아 자 차 카 타 파 하 고 노 도 로 모 보 소 오 조 주 수 부 무 기 니 시 지",
}
SAID = {
    "en": ("said", "told", "stressed", "added", "announced", "insisted"),
    "uk": ("сказав", "заявив", "наголосив", "додав"),
    "ru": ("сказал", "заявил", "подчеркнул", "добавил"),
    "fr": ("a déclaré", "a dit", "a ajouté", "a souligné"),
    "de": ("sagte", "erklärte", "betonte", "fügte hinzu"),
    "ko": ("말했다", "밝혔다", "강조했다"),
}
MARKS = {"en": "“”", "uk": "«»", "ru": "«»", "fr": "«»", "de": "„“", "ko": "“”"}
LANGUAGES = tuple(_REAL)


@dataclass(slots=True)
class Language:
    """One language: its words with their summed weights, and sentences of no matter around quotes."""

    code: str
    words: list[str]
    weights: list[float]
    said: tuple[str, ...]
    opening: str
    closing: str
    filler: list[str] = field(default_factory=list)

    def sentence(self, chance: random.Random, least: int, most: int) -> str:
        """A line of `least` to `most` words, begun with a capital letter."""
        count = chance.randint(least, most)
        text = " ".join(chance.choices(self.words, cum_weights=self.weights, k=count))
        return text[0].upper() + text[1:]


def language(code: str, chance: random.Random) -> Language:
    """Make a language: real words first, invented ones of rising rarity behind them."""
    words = list(dict.fromkeys(_REAL[code].split()))
    syllables = _SYLLABLES[code].split()
    wanted = VOCABULARY if code == "en" else VOCABULARY // 3
    known = set(words)
    while len(words) < wanted:
        word = "".join(chance.choices(syllables, k=chance.randint(2, 4)))
        if word not in known:
            known.add(word)
            words.append(word)
    weights = list(accumulate(1 / (rank + _SHIFT) ** _SLOPE for rank in range(1, len(words) + 1)))
    made = Language(code, words, weights, SAID[code], MARKS[code][0], MARKS[code][1])
    made.filler = [made.sentence(chance, 6, 16) + "." for _ in range(800)]
    return made


# --- People ------------------------------------------------------------------------------------------------------

# Latin, Ukrainian, Russian, Korean; then German and French spellings where they differ.
_FIRST = """
Olena Олена Елена 올레나|Andrii Андрій Андрей 안드리|Mykola Микола Николай 미콜라|Serhii Сергій Сергей 세르히|Iryna Ірина Ирина 이리나
Anna Анна Анна 안나|Viktor Віктор Виктор 빅토르|Maria Марія Мария 마리아|Ivan Іван Иван 이반|Petro Петро Пётр 페트로
Emma Емма Эмма 엠마|Thomas Томас Томас 토마스|Marc Марк Марк 마르크|Julia Юлія Юлия 율리아|David Давид Давид 다비드
Nina Ніна Нина 니나|Roman Роман Роман 로만|Clara Клара Клара 클라라|Oscar Оскар Оскар 오스카르|Lena Лена Лена 레나
"""
_PARTS = """
ka ка ка 카|ro ро ро 로|me ме ме 메|li лі ли 리|dan дан дан 단|bo бо бо 보|shev шев шев 셰프|zel зел зел 젤|tar тар тар 타르|hry гри гри 흐리
mar мар мар 마르|kov ков ков 코프|sen сен сен 센|po по по 포|vel вел вел 벨|tymo тимо тимо 티모|ya я я 야|chu чу чу 추|ba ба ба 바|no но но 노
"""
_ENDINGS = """
enko енко енко 엔코|ov ов ов 오프|sky ський ский 스키|chuk чук чук 추크|mann ман ман 만|son сон сон 손|ier ’є ье 이에|in ін ин 인
"""


def _forms(table: str) -> list[tuple[str, str, str, str]]:
    found = []
    for entry in table.strip().replace("\n", "|").split("|"):
        latin, uk, ru, ko = entry.split()
        found.append((latin, uk, ru, ko))
    return found


FIRST, PARTS, ENDINGS = _forms(_FIRST), _forms(_PARTS), _forms(_ENDINGS)


def person(chance: random.Random) -> tuple[str, str, str, str]:
    """Names of one person in Latin, Ukrainian, Russian and Korean letters."""
    first = chance.choice(FIRST)
    parts = [*chance.choices(PARTS, k=chance.randint(1, 2)), chance.choice(ENDINGS)]
    last = ["".join(part[script] for part in parts) for script in range(4)]
    names = [f"{first[script]} {last[script][0].upper()}{last[script][1:]}" for script in range(4)]
    return names[0], names[1], names[2], names[3]


def transliterated(name: str, into: str) -> str:
    """A Latin name as German (`de`) or French (`fr`) papers spell it."""
    pairs = {
        "de": (("sh", "sch"), ("Sh", "Sch"), ("ch", "tsch"), ("Ch", "Tsch"), ("z", "s"), ("Z", "S"), ("v", "w"), ("y", "j")),
        "fr": (("sh", "ch"), ("Sh", "Ch"), ("ch", "tch"), ("u", "ou"), ("y", "i"), ("v", "v")),
    }  # fmt: skip
    for plain, spelt in pairs[into]:
        name = name.replace(plain, spelt)
    return name
