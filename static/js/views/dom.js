/** Elements without HTML text: data only ever enters the page as text nodes and properties. */

import { splitName } from "../core/format.js";

const SVG = "http://www.w3.org/2000/svg";

/** The element of the template with this id. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] class, text, testid, title, on: {event: listener}, aria: {…},
 *   attrs: {…}; anything else is set as a property
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  const { class: names, text, testid, on, aria, attrs, ...properties } = props;
  if (names) element.className = names;
  if (text !== undefined) element.textContent = text;
  if (testid) element.dataset.testid = testid;
  for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(`aria-${name}`, value);
  for (const [name, value] of Object.entries(attrs ?? {})) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on ?? {})) element.addEventListener(name, listener);
  Object.assign(element, properties);
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/** One icon of the sprite in the template: in the page, so that it is there while the server is not. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Show another icon in an element that `icon` made. @param {Element} svg @param {string} name */
export function setIcon(svg, name) {
  const href = `#icon-${name}`;
  const use = svg.firstElementChild;
  if (use && use.getAttribute("href") !== href) use.setAttribute("href", href);
}

/** @param {string | null | undefined} key as the keymap shows it */
export const kbd = (key) => (key ? el("kbd", { text: key, aria: { hidden: "true" } }) : null);

/** Set text only if it changed: a selection or a screen reader is not disturbed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show a name whose end stays readable where room is short. @param {any} element @param {string} name */
export function setName(element, name) {
  if (element.dataset.shown === name) return;
  element.dataset.shown = name;
  const [head, tail] = splitName(name);
  element.replaceChildren(el("span", { class: "name-head", text: head }), el("span", { class: "name-tail", text: tail }));
}

/**
 * Children that follow a list: kept, moved, made and removed by key, so focus and hover survive.
 * @template T
 * @param {any} parent
 * @param {T[]} items
 * @param {{key: (item: T) => any, make: (item: T) => any, update: (node: any, item: T) => void}} how
 */
export function follow(parent, items, { key, make, update }) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const node = known.get(name) ?? make(item);
    node.dataset.key = name;
    known.delete(name);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
    update(node, item);
  }
  for (const node of known.values()) node.remove();
}
