/** Small helpers for elements. Texts go in as text: nothing here turns a string into markup. */

type Child = Node | string | undefined;
type Attributes = Record<string, string | boolean>;

const SVG = "http://www.w3.org/2000/svg";

/** The element, which the page is certain to have. */
export function need<Kind extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): Kind {
  const element = within.querySelector<Kind>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** A new element. Attributes that are `false` are left out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A button that acts on this page. */
export function button(label: string, kind: string, press: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: kind }, label);
  made.addEventListener("click", press);
  return made;
}

/**
 * Keeps a dialog from being closed by whoever looks at it, for as long as `isKept`. Browsers that do not know `closedby`
 * let a page refuse this a few times, and then close it all the same.
 */
export function keepOpen(dialog: HTMLDialogElement, isKept: () => boolean): void {
  dialog.addEventListener("cancel", (event) => {
    if (isKept()) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    if (isKept() && !dialog.open) dialog.showModal();
  });
}

/** A decorative picture: strokes in the colour of the text. */
export function icon(...paths: string[]): SVGSVGElement {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    picture.append(path);
  }
  return picture;
}

/** Whatever reads as a telephone number: at least seven characters, which no time of day has. */
const NUMBERS = /(\+?\d[\d ()/.-]{5,22}\d)/;

/** A text whose telephone numbers are not broken across lines. */
export function unbroken(text: string): Child[] {
  return text.split(NUMBERS).map((part, index) => (index % 2 === 1 ? make("span", { class: "number" }, part) : part));
}

/** Writes a text if it has changed: an unchanged one is not read out again. */
export function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows a value in its place on the page. */
export function put(name: string, value: string | undefined): void {
  if (value === undefined) return;
  const place = need(`[data-value="${name}"]`);
  place.classList.remove("absent");
  write(place, value);
}

let news: string[] = [];

/** Makes screen readers say something, politely. What one event leads to is said in one go. */
export function announce(words: string): void {
  if (news.push(words) > 1) return;
  queueMicrotask(() => {
    write(need("#announcer"), news.join(" "));
    news = [];
  });
}

/** Makes screen readers say something at once. Only for what cannot wait. */
export function alarm(words: string): void {
  write(need("#alarm"), words);
}

/** Clears what was last said, so that it cannot be read any more. */
export function hush(): void {
  news = [];
  for (const place of ["#announcer", "#alarm"]) write(need(place), "");
}
