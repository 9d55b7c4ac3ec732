/**
 * Draws the key of an authenticator app as a QR code, and lets recovery codes be copied or printed. Without script the
 * key is typed and the codes are written down: the page has all of it as text.
 */

import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";
/** Blank modules around the code (ISO/IEC 18004 requires four). */
const QUIET = 4;

for (const place of document.querySelectorAll<HTMLElement>("[data-picture]")) {
  place.append(picture(place.dataset["picture"] ?? "", place.dataset["label"] ?? ""));
  place.hidden = false;
}

for (const part of document.querySelectorAll<HTMLElement>(".recovery")) offer(part);

function offer(part: HTMLElement): void {
  const [copy, print] = [part.querySelector<HTMLElement>("[data-copies]"), part.querySelector("[data-prints]")];
  const said = part.querySelector<HTMLElement>("[role=status]");
  // Browsers provide it only to pages that nobody could have changed on the way.
  if (!("clipboard" in navigator)) copy?.remove();
  copy?.addEventListener("click", () => {
    const say = (text = ""): void => {
      if (said) said.textContent = text;
    };
    say();
    navigator.clipboard.writeText(written(part)).then(() => say(said?.dataset["copied"]), () => say(copy.dataset["failed"]));
  });
  print?.addEventListener("click", () => window.print());
  part.querySelector(".actions")?.removeAttribute("hidden");
}

/** The codes one below the other, and whose they are. */
function written(part: HTMLElement): string {
  const lines = [...part.querySelectorAll(".whose p, code")].map((line) => line.textContent?.trim() ?? "");
  return `${lines.join("\n")}\n`;
}

function picture(text: string, label: string): SVGElement {
  const rows = encodeQR(text, "raw", { border: QUIET });
  const svg = element("svg", { viewBox: `0 0 ${rows.length} ${rows.length}`, role: "img", "aria-label": label });
  const dark = rows.flatMap((row, y) => row.flatMap((module, x) => (module ? [`M${x} ${y}h1v1h-1z`] : [])));
  svg.append(element("path", { d: dark.join("") }));
  return svg;
}

function element(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
