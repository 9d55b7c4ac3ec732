/** Counts down a wait that the page announces; when it is over, the button that it is for can be pressed. */

/** Milliseconds between two looks at the clock. */
const TICK = 1_000;

/** Counts down the wait that the page announces, if any. Screen readers announce its beginning and its end. */
export function countDown(): void {
  const told = document.querySelector<HTMLElement>("[data-over]");
  const number = told?.querySelector("[role=timer]");
  const button = document.querySelector<HTMLButtonElement>("button[data-waits]");
  if (!told || !number || !button) return;
  // By the clock, which goes on while a computer sleeps and while a background tab is throttled.
  const end = Date.now() + Number(number.textContent) * 1000;
  const count = (): void => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      number.textContent = String(left);
      return;
    }
    clearInterval(counting);
    told.textContent = told.dataset["over"] ?? "";
    button.removeAttribute("aria-disabled");
  };
  const counting = setInterval(count, TICK);
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  });
}
