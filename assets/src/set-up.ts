/** Draws the key of an authenticator app as a QR code. Without script it is typed: it stands on the page as text. */

import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";
/** Modules of blank around the code (ISO/IEC 18004 wants four). */
const QUIET = 4;

for (const place of document.querySelectorAll<HTMLElement>("[data-picture]")) {
  place.append(picture(place.dataset["picture"] ?? "", place.dataset["label"] ?? ""));
  place.hidden = false;
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
