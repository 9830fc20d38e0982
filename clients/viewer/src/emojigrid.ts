/** More of them, by what they show; fetched when somebody wants to see them. */

export const GRID = {
  emoji_faces:
    "😀 😄 😁 😅 🤣 😊 😇 🙂 😉 😌 🥰 😘 😋 😜 🤪 🤗 🤩 🥳 😎 🤓 😏 😴 🥺 😢 😤 😡 🤯 😳 🥵 🥶 😱 🙄 🤭 🤫 🫣 🫠 🤷 🙈",
  emoji_hands: "👋 🙌 👐 🤝 👌 🤞 ✌️ 🤟 🤘 👈 👉 👆 👇 ☝️ ✊ 👊 💪 🫶 ✍️ 💅",
  emoji_hearts: "🧡 💛 💚 💙 💜 🖤 🤍 🤎 💔 💕 💖 💘 💝 ✨ ⭐ 🌟 💫 ⚡ 💥 🎈 🎊 🎁 🏆 🥇",
  emoji_things: "🛍️ 🛒 💸 💰 💳 📦 🚚 ⏰ ⏳ 👗 👕 👖 👟 👠 👜 🎒 🧢 💄 💍 🕶️ 🫖 ☕ 🍵 🍽️ 🕯️ 🪴 🛋️ 📷 🎧 📱",
  emoji_nature: "🌹 🌸 🌼 🌿 🍀 🍂 🌈 ☀️ 🌙 ☔ ❄️ 🐶 🐱 🐰 🦊 🐼 🐣 🦋 🍓 🍉 🍑 🍋 🍰 🍪 🍫 🍜",
} as const;
