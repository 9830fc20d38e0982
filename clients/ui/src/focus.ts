/**
 * Keeps the focus on the page: when what has it is taken away or disabled, what stands nearest gets
 * it. Browsers give it to nobody, and whoever presses Tab begins at the top of the page again.
 */

/** Fields are left out: on a phone they would bring up a keyboard that nobody asked for. */
const REACHABLE = "a[href], button:not(:disabled), summary";

/** Begin to look after the focus; once a page. */
export function keepFocus(): void {
  let focused: Element | null = null;
  addEventListener("focusin", ({ target }) => {
    focused = target instanceof Element ? target : null;
  });
  // Who points elsewhere wants the focus to be where they point.
  addEventListener("pointerdown", () => (focused = null), true);

  new MutationObserver((records) => {
    const lost = focused;
    if (lost === null || (lost.isConnected && !lost.matches(":disabled"))) return;
    const { activeElement } = document;
    if (activeElement !== null && activeElement !== document.body && activeElement !== lost) return;
    if (lost.isConnected) return void nearest(lost.parentNode, lost.nextSibling)?.focus();
    // Of nested removals the outermost comes last, and its place is still on the page.
    const gap = records.findLast(({ removedNodes }) =>
      [...removedNodes].some((node) => node.contains(lost)),
    );
    if (gap !== undefined) nearest(gap.target, gap.nextSibling)?.focus();
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
}

/** What can be reached next behind a gap before `next`, else the last before it, else further out. */
function nearest(parent: Node | null, next: Node | null): HTMLElement | undefined {
  let behind = next;
  for (let at = parent; at instanceof Element; at = at.parentElement) {
    const there = [...at.querySelectorAll<HTMLElement>(REACHABLE)].filter((each) =>
      each.checkVisibility(),
    );
    const found = there.find((each) => behind !== null && !precedes(each, behind)) ?? there.at(-1);
    if (found !== undefined) return found;
    behind = at.nextSibling;
  }
  return undefined;
}

/** Whether an element stands before a node, and not in it. */
function precedes(element: Element, node: Node): boolean {
  return (node.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
}
