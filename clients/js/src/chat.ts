/**
 * What was said: lines in their order, whom they call, and what they answer. Pure.
 *
 * Invariant: what was taken away is nowhere, not even where another line quotes it.
 */

import type { ChatLine, Mention, Excerpt, Sender, You } from "./messages.ts";

/** More than anyone scrolls back through in a room that talks. */
export const CHAT_KEPT = 200;

/** The server's own bounds. */
const MAX_MENTIONS = 5;
const EXCERPT_CHARACTERS = 80;

/** Lines keep their place when they are said again; new ones go to the end. */
export function withLine(chat: readonly ChatLine[], line: ChatLine): readonly ChatLine[] {
  const at = chat.findLastIndex(({ id }) => id === line.id);
  return at < 0 ? [...chat.slice(1 - CHAT_KEPT), line] : chat.with(at, line);
}

export function withLines(
  chat: readonly ChatLine[],
  lines: readonly ChatLine[],
): readonly ChatLine[] {
  return lines.reduce(withLine, chat);
}

/** Without the line `id`, and without what others quote of it. */
export function withoutLine(chat: readonly ChatLine[], id: string): readonly ChatLine[] {
  return without(chat, (line) => line.id === id, ({ reply_to }) => reply_to === id);
}

/** Without all that `sender` has said, and what others quote of it. */
export function withoutSender(chat: readonly ChatLine[], sender: string): readonly ChatLine[] {
  return without(chat, ({ from }) => from.id === sender, ({ quote }) => quote?.from.id === sender);
}

function without(
  chat: readonly ChatLine[],
  goes: (line: ChatLine) => boolean,
  quotes: (line: ChatLine) => boolean,
): readonly ChatLine[] {
  return chat.flatMap((line) => {
    if (goes(line)) return [];
    if (line.quote === undefined || !quotes(line)) return [line];
    const { quote: _gone, ...left } = line;
    return [left];
  });
}

/**
 * What was said before `first`. Who comes back to a snapshot has missed events: a line after
 * `first` that the server does not give again was taken away.
 */
export function before(
  chat: readonly ChatLine[],
  first: ChatLine | undefined,
): readonly ChatLine[] {
  return first === undefined ? chat : chat.filter(({ at }) => at < first.at);
}

/** How the line began, for a reply to it. */
export function quoteOf({ from, text }: ChatLine): Excerpt {
  const characters = [...text];
  if (characters.length <= EXCERPT_CHARACTERS) return { from, text };
  return { from, text: `${characters.slice(0, EXCERPT_CHARACTERS - 1).join("").trimEnd()}…` };
}

/** All of a recorded chat: what a reply answers, it quotes. */
export function withQuotes(chat: readonly ChatLine[]): readonly ChatLine[] {
  const known = new Map(chat.map((line) => [line.id, line]));
  return chat.map((line) => {
    const answered = line.reply_to === undefined ? undefined : known.get(line.reply_to);
    return answered === undefined ? line : { ...line, quote: quoteOf(answered) };
  });
}

/**
 * Whom `text` calls: `@` and a name of `people`, in any case. Of the same name the first is meant,
 * of two that fit the longer: "@Ann Lee" is not Ann.
 */
export function mentionsIn(
  text: string,
  people: readonly Pick<Sender, "id" | "name">[],
): readonly Mention[] {
  const found = new Map<string, Mention>();
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_])@/gu)) {
    let longest: Mention | undefined;
    for (const { id, name } of people) {
      const called = text.slice(index + 1, index + 1 + name.length);
      const fits = name !== "" && called.toLowerCase() === name.toLowerCase();
      if (!fits || goesOn(text, index + 1 + name.length)) continue;
      if (longest === undefined || name.length > longest.name.length) longest = { id, name: called };
    }
    if (longest !== undefined && found.size < MAX_MENTIONS) found.set(longest.id, longest);
  }
  return [...found.values()];
}

/** Whether a word goes on at `at`; where scripts write no spaces, nobody can tell. */
function goesOn(text: string, at: number): boolean {
  return /^\w\w$/.test(text.slice(at - 1, at + 1));
}

/** Whether the line calls `you` by name, or answers you. */
export function isFor(
  { from, mentions, reply_to }: ChatLine,
  you: Pick<You, "id" | "name"> | null,
): boolean {
  if (you === null || from.id === you.id) return false;
  const name = you.name.toLowerCase();
  return (
    reply_to?.startsWith(`${you.id}.`) === true ||
    mentions?.some((each) => each.id === you.id && each.name.toLowerCase() === name) === true
  );
}

export interface Piece {
  readonly text: string;
  /** Whom it calls. */
  readonly calls?: string;
}

/** The text of a line, cut where it calls someone. */
export function pieces({ text, mentions = [] }: Pick<ChatLine, "text" | "mentions">): Piece[] {
  return mentions.reduce<Piece[]>(
    (cut, { id, name }) =>
      cut.flatMap((piece) => (piece.calls === undefined ? cutAt(piece.text, `@${name}`, id) : piece)),
    [{ text }],
  );
}

function cutAt(text: string, called: string, calls: string): Piece[] {
  return text
    .split(called)
    .flatMap((part, index) => [...(index > 0 ? [{ text: called, calls }] : []), { text: part }])
    .filter((piece) => piece.text !== "");
}
