/** The pictures that a chat about things to buy needs; every system draws them itself. */

export const QUICK = ["❤️", "😂", "😍", "👏", "🔥", "😮", "🎉", "🙏", "👍", "😭", "🤔", "💯"];
