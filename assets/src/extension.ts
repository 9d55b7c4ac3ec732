/**
 * The digits of an extension that was typed or pasted, as the domain's `Extension` reads it: blanks and punctuation fall away,
 * and full-width digits are digits. Nothing where there are none, or letters among them.
 */
export function digits(typed: string): string | undefined {
  const number = typed.normalize("NFKC").replace(/[^\p{Alphabetic}\p{N}]/gu, "");
  return /^[0-9]+$/.test(number) ? number : undefined;
}
