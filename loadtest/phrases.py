"""
What the people in a show say: a mood, a language, and the card on screen make a line.

A line fits in the chat's 300 characters, whatever the title is. The same draws give the same
lines. Nothing here waits.
"""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final, Literal

from loadtest.topics import kind_of, short

Language = Literal["en", "zh"]

MAX_CHARACTERS: Final = 300


class Mood(Enum):
    """Why somebody says something."""

    ARRIVED = "arrived"
    IDLE = "idle"
    CARD = "card"
    COUNTDOWN = "countdown"
    BOUGHT = "bought"
    MISSED = "missed"
    DECLINED = "declined"
    PRESENTING = "presenting"
    ANNOUNCING = "announcing"
    CLOSING = "closing"
    HOSTING = "hosting"


@dataclass(frozen=True, slots=True)
class Card:
    """The product on screen, as people talk about it."""

    title: str
    price: str
    left: int
    option: str = ""


EN: Final[dict[Mood, tuple[str, ...]]] = {
    Mood.ARRIVED: (
        "hi everyone 👋",
        "hello from Lisbon!",
        "just got here, what did I miss?",
        "good evening all",
        "back again, second night in a row",
        "hey hey",
        "finally made it in time",
        "watching from the train, hope the signal holds",
        "hi from rainy Manchester ☔",
        "first time here, how does this work?",
    ),
    Mood.IDLE: (
        "love this show",
        "the light in that room is lovely",
        "is there another one on Sunday?",
        "what music is that in the background?",
        "my order from last week arrived, so well packed",
        "do you ship to Norway?",
        "ordered two mugs last time, use them every day",
        "haha",
        "same",
        "so relaxing to watch",
        "who else is on their sofa with tea?",
        "can you show the backpack later?",
        "greetings to everybody from Oslo",
        "❤️❤️❤️",
        "ok my wallet is hiding",
        "how long are you on tonight?",
    ),
    Mood.CARD: (
        "ooh the {it}",
        "{price} is a really fair price",
        "ok I need the {it}",
        "is the {option} one still there?",
        "wait, only {left} left?",
        "thinking about the {it}… talk me into it",
        "that {it} would be perfect for my sister",
        "put it in the bag, put it in the bag",
        "does the {it} come gift wrapped?",
        "bought the {it} in spring, no regrets",
        "can we see the {it} from the side?",
    ),
    Mood.COUNTDOWN: (
        "here we go",
        "fingers ready",
        "ok nobody else click please 😂",
        "3… 2…",
        "how many are there?",
        "good luck all",
        "my heart rate",
        "I'm getting the {it} this time",
    ),
    Mood.BOUGHT: (
        "got one!!",
        "yesss the {it} is mine",
        "ordered ✅",
        "that went through so fast",
        "finally got one, third try",
        "paid, can't wait",
        "merry christmas to me",
        "got the {it} for my mum",
    ),
    Mood.MISSED: (
        "noooo",
        "gone already??",
        "missed it by a second",
        "sold out while I blinked",
        "will there be more?",
        "please do another round of the {it}",
        "well played everyone 😭",
        "how are you all so fast",
    ),
    Mood.DECLINED: (
        "my card was declined, how embarrassing",
        "wrong card, trying again",
        "payment didn't go through, one sec",
        "ugh, 3D secure",
    ),
    Mood.PRESENTING: (
        "Next up: the {it}, {price}. Have a look at it from all sides.",
        "Let me show you the {it}. It is {price} tonight, {left} in stock.",
        "This is one I use at home every day: the {it}, {price}.",
        "Somebody asked for it, so here it is: the {it}!",
        "The {it} is on your screen now. Questions? Put them in the chat.",
    ),
    Mood.ANNOUNCING: (
        "Flash sale! The {it} for {price}, only {left}, one each. Ready?",
        "Ten seconds to go: {left} × {it} at {price}. Fingers on the button!",
        "Here comes the one you waited for: the {it}, {price}. {left} units, one per person.",
    ),
    Mood.CLOSING: (
        "And that was it for the {it}. Well done to everyone who was quick!",
        "Gone! If yours is reserved, please pay before the time runs out.",
        "That was fast. Unpaid ones come back in a minute, so keep an eye on the bag.",
    ),
    Mood.HOSTING: (
        "Welcome to everyone who just joined!",
        "Thank you for all the hearts ❤️",
        "We pack everything by hand, orders leave tomorrow morning.",
        "Shipping is free tonight if you order two things.",
        "I read every question, give me a moment.",
        "Everything you have seen is in the bag at the bottom of the screen.",
        "Keep the questions coming, I love them.",
        "Another flash sale very soon, stay with me.",
    ),
}

ZH: Final[dict[Mood, tuple[str, ...]]] = {
    Mood.ARRIVED: (
        "来了来了",
        "晚上好呀👋",
        "刚进来 讲到哪了",
        "第一次来 请多关照",
        "又来蹲主播了",
        "上海的朋友在吗",
        "打卡",
        "地铁上看 信号别断",
    ),
    Mood.IDLE: (
        "主播声音好听",
        "上次买的收到了 包装很用心",
        "周末还播吗",
        "背景音乐叫什么",
        "发什么快递",
        "哈哈哈哈",
        "好治愈",
        "钱包已经空了",
        "❤️❤️❤️",
        "一会儿讲讲那个双肩包",
        "今天播到几点",
        "新粉报到",
        "港澳能寄吗",
        "前排出售瓜子",
    ),
    Mood.CARD: (
        "这个{it}好看",
        "{price}可以的",
        "想要这个{it}",
        "{option}还有吗",
        "只剩{left}个了？",
        "在犹豫 谁劝劝我",
        "{it}买过 回购了",
        "送妈妈正好",
        "这个{it}侧面看看",
        "已加购",
    ),
    Mood.COUNTDOWN: (
        "准备好了",
        "手已经放在按钮上了",
        "冲冲冲",
        "一共几个呀",
        "这次一定要抢到{it}",
        "紧张",
        "倒计时了家人们",
    ),
    Mood.BOUGHT: (
        "抢到了！！",
        "{it}到手",
        "已付款✅",
        "手速可以",
        "第三次终于抢到",
        "拍了 坐等发货",
    ),
    Mood.MISSED: (
        "没抢到😭",
        "这就没了？",
        "差一秒",
        "还补货吗",
        "再上一轮{it}吧",
        "你们手速太快了",
    ),
    Mood.DECLINED: (
        "付款失败 换张卡",
        "卡被拒了 尴尬",
        "等等我 重新付一下",
    ),
    Mood.PRESENTING: (
        "接下来看这个{it}，今天{price}，库存{left}件。",
        "{it}上屏幕了，有问题打在公屏上。",
        "这个{it}我自己家里也在用，{price}。",
    ),
    Mood.ANNOUNCING: (
        "秒杀来了！{it} {price}，只有{left}件，一人限一件，准备！",
        "十秒倒计时，{it}，{price}，一共{left}件！",
    ),
    Mood.CLOSING: (
        "{it}抢完了，抢到的朋友记得在时间内付款哦。",
        "没付款的一会儿会放回来，大家盯着购物袋。",
    ),
    Mood.HOSTING: (
        "欢迎刚进来的朋友！",
        "谢谢大家的爱心❤️",
        "今晚下单，明天一早发货。",
        "讲过的都在下面的购物袋里。",
        "马上还有一轮秒杀，别走开。",
    ),
}

PHRASES: Final[dict[Language, dict[Mood, tuple[str, ...]]]] = {"en": EN, "zh": ZH}

NAMES: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        *("Ada", "Tom", "Priya", "Mateo", "Ingrid", "Sam", "Noor", "Jules", "Kofi", "Elif"),
        *("Hannah", "Luca", "Maeve", "Oskar", "Zoe", "Ben", "Carmen", "Dev", "Freya", "Hugo"),
        *("teaforlena", "mikebakes", "plantmum88", "quietgeorge", "nora.k", "rainydayfinn"),
        *("Grandma Jo", "Ravi", "Sofia", "Theo", "Uma", "Will", "Yusuf", "Alba", "knitwit"),
    ),
    "zh": (
        *("小林", "阿May", "豆豆", "晚风", "西西", "大橘", "今天吃什么", "一只小鹿", "老张"),
        *("糖醋排骨", "棉花糖", "阿杰", "Momo酱", "橙子汽水", "不熬夜的猫", "婷婷", "小满"),
        *("云朵朵", "半糖去冰", "南山", "七七", "早睡冠军", "柠檬树", "阿宁"),
    ),
}


ANSWERS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        *(
            "same here 😄",
            "yes! 🙌",
            "was wondering that too 🤔",
            "@{who} haha 😂",
            "@{who} agreed 💯",
        ),
        *("@{who} I think so, yes", "@{who} thank you 🙏", "so true ❤️", "@{who} welcome 👋"),
    ),
    "zh": (
        *("我也是😄", "+1", "同问🤔", "@{who} 哈哈哈😂", "@{who} 说得对💯"),
        *("@{who} 应该可以的", "@{who} 谢谢🙏", "太真实了❤️", "@{who} 欢迎👋"),
    ),
}


def answer(language: Language, chance: Random, who: str) -> str:
    """Return something to say to a line of ``who``."""
    return chance.choice(ANSWERS[language]).format(who=who)


def name(language: Language, chance: Random) -> str:
    """Return a name to be called by."""
    return chance.choice(NAMES[language])


def line(mood: Mood, language: Language, chance: Random, card: Card | None = None) -> str:
    """Return something to say; about the card only if there is one."""
    choices = PHRASES[language][mood]
    if card is None:
        # What needs a card cannot be said without one.
        choices = tuple(text for text in choices if "{" not in text)
        return chance.choice(choices or PHRASES[language][Mood.IDLE])
    chinese, topic = kind_of(card.title)
    if mood is Mood.CARD:
        choices += topic.zh if language == "zh" else topic.en
    if not card.option:
        choices = tuple(text for text in choices if "{option}" not in text)
    said = chance.choice(choices).format(
        it=chinese if language == "zh" else short(card.title),
        price=card.price,
        left=card.left,
        option=card.option,
    )
    return said[:MAX_CHARACTERS]
