/** Base64url (RFC 4648, section 5), without padding. */

export function text(buffer: ArrayBuffer): string {
  const letters = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return letters.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function bytes(text = ""): Uint8Array<ArrayBuffer> {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
