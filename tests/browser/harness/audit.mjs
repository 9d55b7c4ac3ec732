// What holds for every page in every state: axe-core finds nothing, nothing overflows the window, everything clickable
// is large enough, every text is filled in.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2 AA and everything before it, and axe-core's own best practices. */
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The rules that depend on colours, and those that depend on the window. The others look at markup. */
const OF_COLOUR = ["color-contrast", "link-in-text-block"];
const OF_SIZE = [...OF_COLOUR, "target-size", "scrollable-region-focusable", "bypass", "region"];
const WIDE = { width: 1280, height: 800 };
/** The narrowest window that nothing may overflow (WCAG 2.2, 1.4.10). */
const NARROW = { width: 320, height: 640 };
/** 1280 by 1024 at 400 % zoom. */
const ZOOMED = { width: 320, height: 256 };
/** How far apart a reader may want the text (WCAG 2.2, 1.4.12). */
const SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }";

/**
 * Everything that is wrong with the page as it is now, in words. What does not depend on the language, such as colours
 * and the rules of the window, is checked only when `isFirst`: in the first language.
 */
export async function audit(page, isFirst) {
  const found = [];
  const note = (where, faults) => found.push(...faults.map((fault) => `${where}: ${fault}`));
  note("not filled in", await unfilled(page));
  await page.evaluate(AXE);
  for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of isFirst ? ["light", "dark"] : size === "wide" ? ["light"] : []) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const rules = colorScheme === "dark" ? OF_COLOUR : size === "narrow" ? OF_SIZE : undefined;
      note(`${size}, ${colorScheme}`, await page.evaluate(violations, { standards: STANDARDS, rules }));
    }
    note(size, await page.evaluate(overflows));
    note(size, await page.evaluate(smallTargets));
  }
  await page.setViewportSize(ZOOMED);
  note("at 400 %", await page.evaluate(overflows));
  await page.evaluate(space, SPACED);
  note("spaced", await page.evaluate(overflows));
  return found;
}

/** Texts, including those only for screen readers, that still contain a placeholder. */
export async function unfilled(page) {
  const texts = await page.evaluate(() => {
    const elements = [...document.querySelectorAll("title, body, body *:not(script, style)")];
    const own = ({ childNodes }) => [...childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data);
    const names = (element) => ["aria-label", "title", "alt", "placeholder"].map((name) => element.getAttribute(name) ?? "");
    return elements.flatMap((element) => [...own(element), ...names(element)]);
  });
  return texts.filter((text) => /\{\w*\}/.test(text));
}

/** The page's policy keeps out style elements, but not a sheet that is made by script. */
function space(rules) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
}

async function violations({ standards, rules }) {
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: standards };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target}: ${node.failureSummary}`));
}

function overflows() {
  const { clientWidth } = document.documentElement;
  const beyond = [...document.body.querySelectorAll("*")].filter((element) => {
    const { right, width } = element.getBoundingClientRect();
    const unseen = element.closest(".unseen") || width === 0;
    return !unseen && (right > clientWidth + 0.5 || (element.matches("dialog") && element.scrollWidth > element.clientWidth));
  });
  return beyond.map((element) => `runs out of the window: ${element.outerHTML.slice(0, 120)}`);
}

/** WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, except for links within a sentence. */
function smallTargets() {
  const targets = document.querySelectorAll("a, button, input:not([type=hidden]), summary");
  const small = [...targets].filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    const isInSentence = target.matches("p a") && getComputedStyle(target).display === "inline";
    return target.checkVisibility() && !isInSentence && Math.min(width, height) < 24;
  });
  return small.map((target) => `too small to hit: ${target.outerHTML.slice(0, 120)}`);
}
