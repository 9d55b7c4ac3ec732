/**
 * Carries what was typed over to the same form in another language, or to the one for a forgotten password: only what
 * may be remembered on a device, in this tab alone, and until the next page has it.
 */

const KEY = "onecontact-typed";
/** Milliseconds within which the next page has to have it: later, somebody else may sit here. */
const GOOD_FOR = 10_000;

/** Puts what was typed on the previous page into `form`, and takes it along when a link of that kind is followed. */
export function carryTyped(form: HTMLFormElement): void {
  for (const [id, value] of brought()) {
    const field = fields(form).find((field) => field.id === id);
    if (field?.type === "checkbox") field.checked = value !== "";
    else if (field) field.value = value;
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".languages a, a[data-takes-typed]")) {
    link.addEventListener("click", (event) => {
      // In another tab the link opens a page other than this one.
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) take(form);
    });
  }
}

function fields(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>("#instance, #username, #extension, #remember")];
}

function take(form: HTMLFormElement): void {
  const typed = fields(form).map(({ id, type, value, checked }) => [id, type === "checkbox" ? (checked ? "1" : "") : value]);
  const { instance } = form.dataset;
  const values = instance ? [["instance", instance], ...typed] : typed;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // A browser that stores nothing makes the agent type it again.
  }
}

function brought(): [string, string][] {
  try {
    const { at, values } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    sessionStorage.removeItem(KEY);
    return Date.now() - at < GOOD_FOR ? values : [];
  } catch {
    return [];
  }
}
