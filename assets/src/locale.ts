/** How times of day are written on the page. */

/**
 * The tag to write them by: the browser's first language where that is the page's too, else the page's. English by itself
 * is not taken for that of the United States, where a day has twice twelve hours: most who read it elsewhere count to 24.
 */
export function locale(): string {
  const { lang } = document.documentElement;
  const [own = ""] = navigator.languages;
  const tag = own.split("-")[0] === lang ? own : lang;
  return tag === "en" ? "en-GB" : tag;
}

/** How the hour is written: a day of twice twelve hours has none that begins with a nought. */
export function hour(tag: string): "numeric" | "2-digit" {
  const { hour12 } = new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  return hour12 ? "numeric" : "2-digit";
}
