"""
What people know about a product from its title: a word for it in Chinese, and what to ask.

Titles are the shop's own and in any language; one that is not recognised has the general topic.
Nothing here waits.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions and remarks that only make sense for one kind of thing."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


CERAMICS: Final = Topic(
    (
        "is it dishwasher safe?",
        "does the glaze feel rough or smooth?",
        "how many ml is that?",
        "every one of these must look a bit different, love that",
        "microwave ok?",
        "that glaze 😍",
        "is the {it} heavy?",
        "show us the bottom please",
    ),
    (
        "可以放洗碗机吗",
        "釉色也太好看了吧",
        "能放微波炉吗",
        "容量多少毫升呀",
        "每一只花纹都不一样吗",
        "这个{it}手感重不重",
        "看看底部",
    ),
)
KITCHEN: Final = Topic(
    (
        "does it work on induction?",
        "how do you look after it?",
        "my mum has had one of these for 20 years",
        "how big is it next to your hand?",
        "would the {it} make a good wedding present?",
        "does it rust?",
        "ok now I want to cook something",
    ),
    (
        "电磁炉能用吗",
        "平时怎么保养",
        "两个人用够大吗",
        "这个{it}送人合适吗",
        "会不会生锈",
        "看饿了哈哈",
        "拿在手里对比一下大小",
    ),
)
CLOTHING: Final = Topic(
    (
        "is it itchy?",
        "does it run small?",
        "what size are you wearing?",
        "can it go in the washing machine?",
        "I'm 178 cm, M or L?",
        "that colour would suit you",
        "any other colours for the {it}?",
        "looks so warm",
    ),
    (
        "扎不扎皮肤",
        "偏大还是偏小",
        "主播穿的什么码",
        "可以机洗吗",
        "165 100斤穿什么码",
        "还有别的颜色吗",
        "看着就好暖和",
        "这个{it}起球吗",
    ),
)
BAGS: Final = Topic(
    (
        "does a 14 inch laptop fit?",
        "is there a zip inside?",
        "how heavy is it empty?",
        "waterproof?",
        "can you show it on your shoulder?",
        "how many litres is the {it}?",
    ),
    (
        "放得下14寸电脑吗",
        "里面有拉链袋吗",
        "防水吗",
        "背一下看看上身效果",
        "空包重不重",
        "这个{it}能装多少",
    ),
)
DESK: Final = Topic(
    (
        "is it good for left-handers?",
        "does ink bleed through?",
        "that would look great on my desk",
        "refills available?",
        "how big is it exactly?",
        "perfect for my kid starting school",
    ),
    (
        "左撇子能用吗",
        "会洇墨吗",
        "放书桌上一定好看",
        "有替换芯吗",
        "具体尺寸是多少",
        "给孩子开学用正好",
    ),
)
LIGHT: Final = Topic(
    (
        "which bulb does it take?",
        "is it dimmable?",
        "how long is the cable?",
        "can you turn the lights off for a second?",
        "warm light or cold light?",
        "so cosy ✨",
        "does the {it} smell when it burns?",
    ),
    (
        "用什么灯泡",
        "可以调光吗",
        "线有多长",
        "关灯看看效果",
        "暖光还是白光",
        "氛围感拉满✨",
    ),
)
TEXTILES: Final = Topic(
    (
        "does it shed?",
        "can you wash it at 40?",
        "how big is it?",
        "is it cotton or wool?",
        "my cat will own this in a minute",
        "is there a king size of the {it}?",
    ),
    (
        "掉毛吗",
        "能机洗吗",
        "尺寸多大呀",
        "是纯棉的吗",
        "我家猫肯定霸占了",
        "这个{it}还有大号吗",
    ),
)
PLANTS: Final = Topic(
    (
        "how much light does it need?",
        "is it safe for cats?",
        "how often do you water it?",
        "I kill every plant, will this one survive me?",
        "does the pot come with it?",
        "how do you ship a plant??",
    ),
    (
        "需要多少光照",
        "猫咪啃了没事吧",
        "多久浇一次水",
        "植物杀手能养活吗",
        "花盆是一起的吗",
        "植物怎么发货呀",
    ),
)
SKIN: Final = Topic(
    (
        "does it have a strong scent?",
        "ok for sensitive skin?",
        "how long does one last?",
        "is it vegan?",
        "can I use it at night?",
        "my hands need the {it} so badly",
    ),
    (
        "味道重吗",
        "敏感肌能用吗",
        "一个能用多久",
        "孕妇可以用吗",
        "晚上用可以吗",
        "成分安全吗",
    ),
)
TOYS: Final = Topic(
    (
        "from what age?",
        "is the paint safe to chew on?",
        "my daughter would love this",
        "how many pieces is it?",
        "I don't have kids and I want the {it}",
        "does it come in a box?",
    ),
    (
        "几岁可以玩",
        "油漆安全吗 孩子爱啃",
        "闺女肯定喜欢",
        "一共多少块",
        "没有娃但是我想要",
        "有包装盒吗 想送人",
    ),
)
OUTDOOR: Final = Topic(
    (
        "does it leak in a bag?",
        "how long does it keep tea hot?",
        "would it survive a week of rain?",
        "how small does it pack?",
        "taking the {it} camping next weekend",
        "what does it weigh?",
    ),
    (
        "放包里漏不漏",
        "保温多久",
        "下雨天扛得住吗",
        "收起来有多大",
        "周末露营正好带上",
        "重量多少",
    ),
)
ANYTHING: Final = Topic(
    (
        "what is it made of?",
        "how long is delivery?",
        "is there a guarantee on the {it}?",
        "can you hold it closer to the camera?",
        "is it handmade?",
        "can I return it if I don't like it?",
    ),
    (
        "什么材质的",
        "几天能到",
        "有质保吗",
        "拿近一点看看",
        "是手工做的吗",
        "不喜欢可以退吗",
    ),
)

KINDS: Final[tuple[tuple[str, str, Topic], ...]] = (
    # Words of the title, the word in Chinese, the topic; the first match counts.
    ("teapot", "茶壶", CERAMICS),
    ("camp mug", "搪瓷杯", OUTDOOR),
    ("mug", "马克杯", CERAMICS),
    ("matcha", "抹茶碗", CERAMICS),
    ("vase", "花瓶", CERAMICS),
    ("tea in", "茶叶", ANYTHING),
    ("cups", "杯子", CERAMICS),
    ("bowl", "碗", CERAMICS),
    ("casserole", "铸铁锅", KITCHEN),
    ("board", "砧板", KITCHEN),
    ("kettle", "手冲壶", KITCHEN),
    ("knife", "厨刀", KITCHEN),
    ("apron", "围裙", KITCHEN),
    ("mill", "研磨器", KITCHEN),
    ("honey pot", "蜂蜜罐", CERAMICS),
    ("jumper", "毛衣", CLOTHING),
    ("scarf", "围巾", CLOTHING),
    ("hat", "毛线帽", CLOTHING),
    ("mitten", "手套", CLOTHING),
    ("shirt", "衬衫", CLOTHING),
    ("socks", "袜子", CLOTHING),
    ("raincoat", "雨衣", CLOTHING),
    ("tote", "帆布袋", BAGS),
    ("backpack", "双肩包", BAGS),
    ("satchel", "邮差包", BAGS),
    ("holdall", "旅行包", BAGS),
    ("basket", "编织篮", BAGS),
    ("notebook", "笔记本", DESK),
    ("pencil", "彩铅", DESK),
    ("pen", "钢笔", DESK),
    ("organiser", "收纳盒", DESK),
    ("globe", "地球仪", DESK),
    ("watercolour", "水彩", DESK),
    ("lamp", "台灯", LIGHT),
    ("pendant", "吊灯", LIGHT),
    ("lantern", "提灯", LIGHT),
    ("pillar", "蜡烛", LIGHT),
    ("throw", "盖毯", TEXTILES),
    ("cushion", "抱枕", TEXTILES),
    ("quilt", "拼布被", TEXTILES),
    ("towel", "浴巾", TEXTILES),
    ("rug", "地毯", TEXTILES),
    ("monstera", "龟背竹", PLANTS),
    ("snake plant", "虎尾兰", PLANTS),
    ("cactus", "仙人掌", PLANTS),
    ("vine", "藤蔓", PLANTS),
    ("watering can", "浇水壶", PLANTS),
    ("face oil", "护肤油", SKIN),
    ("soap", "手工皂", SKIN),
    ("hand cream", "护手霜", SKIN),
    ("mask", "面膜", SKIN),
    ("train", "小火车", TOYS),
    ("stacker", "彩虹塔", TOYS),
    ("rabbit", "兔子玩偶", TOYS),
    ("chess", "国际象棋", TOYS),
    ("kite", "风筝", TOYS),
    ("hamper", "野餐篮", OUTDOOR),
    ("flask", "保温杯", OUTDOOR),
    ("tent", "帐篷", OUTDOOR),
    ("binocular", "望远镜", OUTDOOR),
    ("bird house", "鸟屋", OUTDOOR),
)


def kind_of(title: str) -> tuple[str, Topic]:
    """Return the Chinese word for what ``title`` names, and its topic."""
    for word, chinese, topic in KINDS:
        # Whole words: a pendant is no pen.
        if re.search(rf"\b{word}s?\b", title, re.IGNORECASE):
            return chinese, topic
    return "宝贝", ANYTHING


def short(title: str) -> str:
    """Return the part of ``title`` that people would say: *moon glaze mug*."""
    for cut in (",", " in a ", " on a ", " & ", " (", " – "):
        title = title.split(cut)[0]
    return title.lower().strip()
