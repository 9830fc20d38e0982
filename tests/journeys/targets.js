// What on the page in front can be operated: `window.targets` lists it, and finds what is too
// small to tap, cannot be reached, or comes in an order that jumps back. Screens of one size.
window.targets = (() => {
  const OPERABLE =
    "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=tab]";
  /** WCAG 2.2, 2.5.5; a rectangle may lie between two pixels. */
  const THUMB = 44;
  const SLACK = 1;

  const front = () => [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;

  const seen = (each) =>
    each.checkVisibility({ visibilityProperty: true }) && !each.closest("[inert]");

  const all = () =>
    [...front().querySelectorAll(OPERABLE)].filter((each) => seen(each) && !each.disabled);

  const name = (each) =>
    `<${each.localName} class="${each.className}"> ` +
    (each.ariaLabel ?? each.labels?.[0]?.textContent ?? each.textContent ?? "").trim().slice(0, 40);

  /** A box to tick is as big as its label. */
  const tapped = (each) =>
    (/^(radio|checkbox|file)$/.test(each.type) && each.labels?.[0]) || each;

  /** A link in a sentence is as tall as its line. */
  const inText = (each) =>
    each.localName === "a" && getComputedStyle(each).display === "inline" &&
    each.parentElement.textContent.trim() !== each.textContent.trim();

  function isSmall(each) {
    const target = tapped(each);
    if (inText(each) || each.matches(":not(a, button, input, select, textarea, summary)")) return false;
    if (getComputedStyle(target).pointerEvents === "none") return false; // For keys alone.
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, right, top, bottom } = target.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const reach = THUMB / 2 - SLACK;
    // Asked of the page, not of the rectangle: what lies over it takes its taps away.
    const hits = [[0, 0], [-reach, 0], [reach, 0], [0, -reach], [0, reach]].map(([dx, dy]) =>
      document.elementFromPoint(x + dx, y + dy));
    return !hits.every((hit) => hit && target.contains(hit));
  }

  /** Where Tab stops; of the choices of one group, at one. */
  function stops() {
    const groups = new Set();
    return all().filter((each) => {
      if (each.tabIndex < 0) return false;
      if (each.type !== "radio" || !each.name) return true;
      if (groups.has(each.name)) return false;
      return groups.add(each.name);
    });
  }

  /** Tab stops at each part of a moment (day, month, ..., the calendar): at seven places at most. */
  const PARTS = 7;
  const parts = (each) => (each.type === "datetime-local" ? PARTS : 1);

  const key = (each) => (each.type === "radio" && each.name ? `radio ${each.name}` : each);

  let walked = [];
  return {
    tooSmall: () => all().filter(isSmall).map(name),
    /** Stand on the first stop: a sheet had put the focus where it liked. */
    begin() {
      const [first, ...others] = stops();
      first?.focus();
      walked = first ? [first] : [];
      return [first, ...others].reduce((sum, each) => sum + (each ? parts(each) : 0), 0);
    },
    /** Note who has the focus; whether the walk came round. */
    step() {
      const at = document.activeElement;
      if (at === null || at === document.body || at.localName === "dialog") return walked.length > 0;
      if (at === walked.at(-1) && parts(at) > 1) return false;
      if (walked.some((each) => key(each) === key(at))) return true;
      walked.push(at);
      return false;
    },
    unreached() {
      const keys = new Set(walked.map(key));
      return stops().filter((each) => !keys.has(key(each))).map(name);
    },
    /** Steps that lead up again in the same column: nobody reads like that. */
    jumps() {
      const found = [];
      const box = (each) => tapped(each).getBoundingClientRect();
      const scrolled = (each) => each.closest(".sheet-scroll, .emoji-grid, .bag-list, ol");
      for (const [index, to] of walked.entries()) {
        const from = walked[index - 1];
        // What scrolls has moved since; inside it the order is the document's.
        if (!from || scrolled(from) || scrolled(to)) continue;
        const [a, b] = [box(from), box(to)];
        const sameColumn = b.left < a.right && a.left < b.right;
        if (sameColumn && b.bottom <= a.top) found.push(`${name(from)} -> ${name(to)}`);
      }
      return found;
    },
  };
})();
