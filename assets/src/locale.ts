/** How times of day are written on the page. */

/**
 * The tag to write them by: the browser's first language if it is also the page's, otherwise the page's. Plain English
 * is not taken to be that of the United States, with its 12-hour clock: most who read it elsewhere use 24 hours.
 */
export function locale(): string {
  const { lang } = document.documentElement;
  const [own = ""] = navigator.languages;
  const tag = own.split("-")[0] === lang ? own : lang;
  return tag === "en" ? "en-GB" : tag;
}

/** How the hour is written: a 12-hour clock has no leading zero. */
export function hour(tag: string): "numeric" | "2-digit" {
  const { hour12 } = new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  return hour12 ? "numeric" : "2-digit";
}
