// The one place where offsets change their unit. Spans count code points of the article's text;
// JavaScript counts UTF-16 units, two for 😀 and for rare characters such as 𠮷.

/** How many code points the first `units` UTF-16 units of a text hold; half a pair counts as whole. */
export function codePoints(text, units) {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count++) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return count;
}

/** How many UTF-16 units the first `points` code points of a text take. */
export function utf16Units(text, points) {
  let at = 0;
  for (let count = 0; count < points && at < text.length; count++) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

const pieces = (root) => [...root.querySelectorAll("[data-at]")];
const startOf = (piece) => Number(piece.dataset.at);

/** The place in the article's text of a DOM position, null where there is no text before it. */
export function placeOf(root, node, offset) {
  if (node.nodeType === Node.TEXT_NODE) {
    const piece = node.parentElement.closest("[data-at]");
    return piece && root.contains(piece) ? startOf(piece) + codePoints(node.data, offset) : null;
  }
  const upTo = document.createRange();
  upTo.setStart(root, 0);
  upTo.setEnd(node, offset);
  const before = pieces(root).filter((piece) => upTo.comparePoint(piece.firstChild, piece.firstChild.length) <= 0);
  const last = before.at(-1);
  return last ? startOf(last) + codePoints(last.textContent, Infinity) : null;
}

/** The span that is selected in the article's text, null for none. */
export function selectedSpan(root) {
  const selection = getSelection();
  if (selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return null;
  const start = placeOf(root, range.startContainer, range.startOffset);
  const end = placeOf(root, range.endContainer, range.endOffset);
  return end === null || (start ?? 0) >= end ? null : { start: start ?? 0, end };
}

/** Select a span of the article's text. */
export function selectSpan(root, start, end) {
  const from = position(root, start);
  const to = position(root, end, true);
  getSelection().setBaseAndExtent(from.node, from.offset, to.node, to.offset);
  from.node.parentElement.scrollIntoView({ block: "nearest" });
}

/** The text node and UTF-16 offset of a place; of two pieces that meet there the first one if `ending`. */
function position(root, place, ending = false) {
  const all = pieces(root);
  let found = all[0];
  for (const piece of all) {
    if (ending ? startOf(piece) >= place : startOf(piece) > place) break;
    found = piece;
  }
  const node = found.firstChild;
  return { node, offset: utf16Units(node.data, place - startOf(found)) };
}
