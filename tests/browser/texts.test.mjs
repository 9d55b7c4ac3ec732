// The texts of the desktop's script: every language has every text, fills in the same values, and borrows from no
// other.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { DE } from "../../assets/src/texts/de.ts";
import { EN } from "../../assets/src/texts/en.ts";
import { ES } from "../../assets/src/texts/es.ts";
import { FR } from "../../assets/src/texts/fr.ts";
import { PT } from "../../assets/src/texts/pt.ts";

const LANGUAGES = { EN, PT, ES, FR, DE };

/** Every text with its place: `state.ready`. */
const flat = (texts) =>
  Object.entries(texts).flatMap(([group, texts]) => Object.entries(texts).map(([name, text]) => [`${group}.${name}`, text]));
const placeholders = (text) => [...text.matchAll(/\{(\w*)\}/g)].map(([, name]) => name).sort();

describe("the texts of the desktop", () => {
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    test(`in ${language} say all there is to say, with the values that English fills in`, () => {
      const expected = flat(EN).map(([name, text]) => [name, placeholders(text)]);
      assert.deepEqual(flat(texts).map(([name, text]) => [name, placeholders(text)]), expected);
      for (const [name, text] of flat(texts)) assert.match(text, /^\S(.*\S)?$/, name);
    });
  }

  test("tell the name of a browser or a microphone apart from the sentence, whose grammar fits any", () => {
    const apart = /^\{browser\},|:\s\{(browser|device)\}$|\s\(\{browser\}\)\.$|(microphone|microfone|micrófono|Mikrofon)\{device\}|^\{browser\} \S+ \{system\}$|^\S\s?\{device\}\s?\S$/;
    for (const [language, texts] of Object.entries(LANGUAGES)) {
      const naming = flat(texts).filter(([, text]) => /\{(browser|device)\}/.test(text));
      assert.ok(naming.length > 7, language);
      for (const [name, text] of naming) assert.match(text, apart, `${language}: ${name}`);
    }
  });

  test("keep French signs with the word that they belong to, on whichever line that is", () => {
    for (const [name, text] of flat(FR)) assert.doesNotMatch(text, /\S [:;?!»]|« |\u00a0[;?!]|\u202f[:»]|«\u202f/, name);
  });

  test("borrow no sentence from another language", () => {
    const seen = new Map();
    for (const [language, texts] of Object.entries(LANGUAGES)) {
      for (const [name, text] of flat(texts)) {
        if (text.replace(/\{\w+\}/g, "").trim().split(/\s+/).length < 3) continue;
        assert.equal(seen.get(text) ?? language, language, `${name}: ${text}`);
        seen.set(text, language);
      }
    }
    assert.ok(seen.size > 250, `${seen.size} sentences were compared`);
  });
});
