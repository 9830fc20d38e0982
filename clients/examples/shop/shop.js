/**
 * A shop with a cart of its own, and a live room in its page: what the room sells every day goes into
 * this cart; what a flash sale holds is shown in it, with its deadline, and paid for in the room.
 *
 * Serve this folder from an origin that the server's LIVESHOP_ORIGINS names, and open
 * `index.html?server=https://live.example&show=tea-time`.
 */

const asked = new URLSearchParams(location.search);
const server = asked.get("server") ?? "http://127.0.0.1:8000";

/** This shop's own catalogue, in cents. */
const PRODUCTS = [
  { sku: "TT-CER-102-MIDNIG", title: "Moon Glaze Mug", price_minor: 2400, picture: "moon-mug" },
  { sku: "TT-CER-101-OAT", title: "Speckled Stoneware Teapot", price_minor: 5800, picture: "speckled-teapot" },
];
const CURRENCY = "USD";

/** What is in the cart: how many by SKU. */
const lines = new Map(JSON.parse(localStorage.getItem("cart") ?? "[]"));
let held = [];

const room = document.querySelector("live-room");
const find = (selector) => document.querySelector(selector);
const money = (minor, currency = CURRENCY) =>
  new Intl.NumberFormat("en", { style: "currency", currency }).format(minor / 100);

function put(sku, quantity) {
  lines.set(sku, (lines.get(sku) ?? 0) + quantity);
  if (lines.get(sku) <= 0) lines.delete(sku);
  localStorage.setItem("cart", JSON.stringify([...lines]));
  draw();
  room.sync([...lines].map(([sku, quantity]) => ({ sku, quantity })));
}

function item(text, ...more) {
  const line = document.createElement("li");
  line.append(text, ...more);
  return line;
}

function button(text, label, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.ariaLabel = label;
  made.addEventListener("click", press);
  return made;
}

function draw() {
  const bought = PRODUCTS.filter(({ sku }) => lines.has(sku));
  const waiting = held.filter(({ state }) => state === "awaiting_payment");
  const total = bought.reduce((sum, { sku, price_minor }) => sum + price_minor * lines.get(sku), 0);
  const count = [...lines.values(), ...held.map(({ quantity }) => quantity)];
  find("#count").textContent = String(count.reduce((sum, quantity) => sum + quantity, 0));
  find("#total").textContent = money(total + waiting.reduce((sum, { total_minor }) => sum + total_minor, 0));
  find(".lines").replaceChildren(
    ...bought.map(({ sku, title, price_minor }) => {
      const quantity = lines.get(sku);
      const amount = Object.assign(document.createElement("span"), {
        textContent: money(price_minor * quantity),
      });
      const less = button("−", `One ${title} less`, () => put(sku, -1));
      return item(`${quantity} × ${title} `, amount, less);
    }),
  );
  find(".held").hidden = held.length === 0;
  find(".held ul").replaceChildren(
    ...held.map(({ title, quantity, total_minor, currency, state, pay_by }) => {
      const until = new Date(pay_by).toLocaleTimeString("en", { timeStyle: "short" });
      const note = Object.assign(document.createElement("small"), {
        textContent: state === "paid" ? "Paid" : `Pay in the show by ${until}`,
      });
      return item(`${quantity} × ${title} · ${money(total_minor, currency)} `, note);
    }),
  );
  find(".empty").hidden = lines.size + held.length > 0;
}

find(".products").append(
  ...PRODUCTS.map(({ sku, title, price_minor, picture }) => {
    const image = Object.assign(new Image(), { src: `${server}/sample/${picture}.svg`, alt: "" });
    const name = Object.assign(document.createElement("strong"), { textContent: title });
    return item(image, name, money(price_minor), button("Add", `Add ${title}`, () => put(sku, 1)));
  }),
);
find("#checkout").addEventListener("click", () => {
  find("#said").textContent = "Here this shop's own checkout begins.";
});

await import(new URL("/embed.js", server).href);
room.cart = {
  products: (skus) =>
    PRODUCTS.filter(({ sku }) => skus.includes(sku)).map(({ sku, price_minor }) => ({
      sku,
      price_minor,
      currency: CURRENCY,
      available: true,
    })),
  add: ({ sku, quantity }) => put(sku, quantity),
  sync(now) {
    held = now;
    draw();
  },
};
room.addEventListener("live-ready", () => room.sync([...lines].map(([sku, quantity]) => ({ sku, quantity }))));
room.setAttribute("server", server);
room.setAttribute("show", asked.get("show") ?? "tea-time");
draw();
