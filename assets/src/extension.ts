/**
 * The digits of a typed or pasted extension, as the domain's `Extension` reads it: blanks and punctuation are dropped,
 * and full-width digits are digits. `undefined` if there are no digits, or letters among them.
 */
export function digits(typed: string): string | undefined {
  const number = typed.normalize("NFKC").replace(/[^\p{Alphabetic}\p{N}]/gu, "");
  return /^[0-9]+$/.test(number) ? number : undefined;
}
