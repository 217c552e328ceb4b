import type { FieldProblem } from './problem-words';
import { sentenceFor } from './problem-words';

/** What went wrong, in words for the person in front of the screen (RFC 9457 in, sentences out). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly requestId: string = '',
    readonly retryAfterS: number = 0,
    /** The whole of what the server said: a 412 has the present state as `current`. */
    readonly document: Readonly<Record<string, unknown>> = {},
    /** Version of that present state. */
    readonly etag: string = '',
  ) {
    super(sentence);
  }

  /** What the server said about one field; fields come as "name" or "/name". */
  of(field: string): string | undefined {
    return this.fields.find((one) => one.field.replace(/^\//, '') === field)?.reason;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fieldsOf = (value: unknown): FieldProblem[] =>
  (Array.isArray(value) ? value : []).filter(isObject).map((one) => {
    return { field: textOf(one['field']), reason: textOf(one['reason']) };
  });

/** The problem an answer tells of; an answer without a document still has its status. */
export const problemOf = async (answer: Response): Promise<Problem> => {
  let document: unknown;
  try {
    document = await answer.json();
  } catch {
    document = {};
  }
  const told = isObject(document) ? document : {};
  const code = textOf(told['code']) || `http_${answer.status}`;
  const sentence = sentenceFor(code, textOf(told['detail']) || textOf(told['title']));
  const retry = Number(answer.headers.get('retry-after') ?? 0) || 0;
  return new Problem(
    answer.status,
    code,
    sentence,
    fieldsOf(told['errors']),
    textOf(told['request_id']),
    retry,
    told,
    answer.headers.get('etag') ?? '',
  );
};

/** The server could not be asked at all. */
export const unreachable = (): Problem =>
  new Problem(0, 'unreachable', sentenceFor('unreachable', ''));

/** Whatever was thrown, as a Problem. */
export const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem
    ? thrown
    : new Problem(0, 'unexpected', sentenceFor('unexpected', ''));
