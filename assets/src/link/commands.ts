/**
 * What the agent has asked for and the desk has not yet answered. Each command is numbered once and keeps its number
 * across reconnects and changes of the leading tab, so that the desk applies it once.
 */

import type { Ask, Refusal } from "./protocol.ts";

/** A command on its way. */
export interface Command {
  /** Identifies it among the tabs before it has a number. */
  key: string;
  id: number;
  ask: Ask;
  /** Whether the desk may have received it. */
  sent: boolean;
}

/** A command that was answered: `null` if it was applied. */
export interface Answered {
  key: string;
  ask: Ask;
  refused: Refusal | null;
}

/** Answers kept for tabs that have not heard them. */
const REMEMBERED = 20;

export interface Outbox {
  /** The highest number ever used in this session. */
  last: number;
  pending: Command[];
  answered: Answered[];
}

export const EMPTY: Outbox = { last: 0, pending: [], answered: [] };

/** What a request is about. */
export function subject(ask: Ask): string {
  const name = typeof ask === "string" ? ask : (Object.keys(ask)[0] ?? "");
  return { ready: "state", not_ready: "state", accept: "offer", reject: "offer" }[name] ?? name;
}

/** Adds a command. It replaces one about the same subject that the desk cannot have received: the last word counts. */
export function asked(outbox: Outbox, key: string, ask: Ask): Outbox {
  const known = [...outbox.pending, ...outbox.answered].some((command) => command.key === key);
  if (known) return outbox;
  const sent = outbox.pending.filter((command) => command.sent);
  const unsent = outbox.pending.filter((command) => !command.sent);
  const waiting = [...unsent.filter((command) => subject(command.ask) !== subject(ask)), { key, ask }];
  // What the desk cannot have received is renumbered, so that the numbers have no gaps.
  const first = outbox.last - unsent.length + 1;
  const renumbered = waiting.map(({ key, ask }, index) => ({ key, ask, id: first + index, sent: false }));
  return { ...outbox, last: first + waiting.length - 1, pending: [...sent, ...renumbered] };
}

/** Everything that is pending has been handed to the socket. */
export function allSent(outbox: Outbox): Outbox {
  return { ...outbox, pending: outbox.pending.map((command) => ({ ...command, sent: true })) };
}

/** The desk has answered the command `id`. */
export function answered(outbox: Outbox, id: number, refused: Refusal | null): Outbox {
  const command = outbox.pending.find((command) => command.id === id);
  if (!command) return outbox;
  const answer = { key: command.key, ask: command.ask, refused };
  return {
    ...outbox,
    pending: outbox.pending.filter((other) => other !== command),
    answered: [...outbox.answered, answer].slice(-REMEMBERED),
  };
}

/** The desk has applied commands up to `applied`: no number up to that may be used again. */
export function numberedFrom(outbox: Outbox, applied: number): Outbox {
  const sent = outbox.pending.filter((command) => command.sent);
  const unsent = outbox.pending.filter((command) => !command.sent);
  const before = Math.max(outbox.last - unsent.length, applied);
  const renumbered = unsent.map((command, index) => ({ ...command, id: before + 1 + index }));
  return { ...outbox, last: before + unsent.length, pending: [...sent, ...renumbered] };
}
