// The only place that asks the server for anything. Types are those of routes.ts.
import { Problem, problemOf, unreachable } from './problem';
import type { Routes } from './routes';

type Name = keyof Routes;
type Filled<T> = T extends Record<string, never> ? unknown : T;

export interface Ask<N extends Name> {
  path?: Filled<Routes[N]['path']>;
  query?: Filled<Routes[N]['query']>;
  /** Sent as JSON; a string is sent as it is, a file with its own type. */
  body?: Routes[N]['body'] | Blob;
  /** Does nothing unless the object still has this version. */
  ifMatch?: string | undefined;
  /** The version that is held: when it is still the one, the answer is `isSame` and has no data. */
  ifNoneMatch?: string | undefined;
  /** By a timer, not by a person: does not keep the session alive. */
  background?: boolean;
  signal?: AbortSignal;
  /** A form with files, sent instead of a body. */
  form?: FormData;
  /** Told how much of the form has been sent, from 0 to 1. */
  progress?: (share: number) => void;
}

export interface Answer<N extends Name> {
  readonly data: Routes[N]['answer'];
  readonly etag: string;
  /** Nothing changed since `ifNoneMatch`. */
  readonly isSame: boolean;
  /** It is not done yet: a second person has to approve it. */
  readonly waits: boolean;
}

/** What the client needs of the session, given by session.svelte.ts. */
export interface Keeper {
  csrf: () => string;
  /** The session has ended. Resolves true when somebody logged in again: the call is repeated. */
  ended: (problem: Problem) => Promise<boolean>;
}

let keeper: Keeper = { csrf: () => '', ended: () => Promise.resolve(false) };
export const keepWith = (given: Keeper): void => {
  keeper = given;
};

const callsThatEnd = new Set(['unauthenticated', 'session_expired']);
const limitMs = 60_000;
/** The server takes its time for large files, five minutes at most. */
const formLimitMs = 330_000;

/** The address of a route with its values filled in; for links that download. */
export const addressOf = <N extends Name>(name: N, ask: Ask<N> = {}): string => {
  const values = (ask.path ?? {}) as Record<string, string>;
  const path = name.slice(name.indexOf(' ') + 1).replace(/\{(\w+)\}/g, (_all, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name} needs ${key}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries((ask.query ?? {}) as Record<string, string>))
    if (value !== undefined && value !== '') query.set(key, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
};

const requestOf = <N extends Name>(name: N, ask: Ask<N>): RequestInit => {
  const method = name.slice(0, name.indexOf(' '));
  const headers: Record<string, string> = { accept: 'application/json' };
  let body: string | Blob | FormData | undefined = ask.form;
  if (typeof ask.body === 'string' || ask.body instanceof Blob) body = ask.body;
  else if (ask.body !== undefined) body = JSON.stringify(ask.body);
  if (body instanceof Blob) headers['content-type'] = body.type;
  else if (typeof body === 'string') headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-csrf-token'] = keeper.csrf();
  if (ask.ifMatch !== undefined) headers['if-match'] = ask.ifMatch;
  if (ask.ifNoneMatch !== undefined && ask.ifNoneMatch !== '')
    headers['if-none-match'] = ask.ifNoneMatch;
  if (ask.background === true) headers['x-probity-background'] = '1';
  const late = AbortSignal.timeout(ask.form === undefined ? limitMs : formLimitMs);
  const signal = ask.signal === undefined ? late : AbortSignal.any([ask.signal, late]);
  return {
    method,
    headers,
    signal,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body }),
  };
};

/** As fetch, told how much was sent: only the older interface of browsers knows. */
const sendWithProgress = (
  address: string,
  request: RequestInit,
  progress: (share: number) => void,
): Promise<Response> =>
  new Promise((done, failed) => {
    const sending = new XMLHttpRequest();
    sending.open(request.method ?? 'POST', address);
    for (const [name, value] of Object.entries(request.headers as Record<string, string>))
      sending.setRequestHeader(name, value);
    sending.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    sending.onload = () => {
      const headers = new Headers();
      for (const name of ['content-type', 'etag', 'retry-after']) {
        const value = sending.getResponseHeader(name);
        if (value !== null) headers.set(name, value);
      }
      done(new Response(sending.responseText, { status: sending.status, headers }));
    };
    sending.onerror = sending.onabort = () => failed(new Error('not sent'));
    request.signal?.addEventListener('abort', () => sending.abort());
    sending.send(request.body as FormData);
  });

const answerOf = <N extends Name>(name: N, ask: Ask<N>): Promise<Response> => {
  const request = requestOf(name, ask);
  const address = addressOf(name, ask);
  return ask.progress === undefined
    ? fetch(address, request)
    : sendWithProgress(address, request, ask.progress);
};

/**
 * Calls a route. Throws a Problem when it does not work. When the session has ended the person is
 * asked to log in, and then the same call is made once more: nothing typed is lost.
 */
export const call = async <N extends Name>(name: N, ask: Ask<N> = {}): Promise<Answer<N>> => {
  for (let attempt = 1; ; ++attempt) {
    let answer: Response;
    try {
      answer = await answerOf(name, ask);
    } catch (thrown) {
      if (ask.signal?.aborted) throw thrown;
      throw unreachable();
    }
    const isSame = answer.status === 304 && ask.ifNoneMatch !== undefined;
    if (answer.ok || isSame) {
      const isJson = (answer.headers.get('content-type') ?? '').includes('json');
      const told: unknown = answer.status !== 204 && isJson ? await answer.json() : {};
      const waits =
        answer.status === 202 && typeof told === 'object' && told !== null && 'approval' in told;
      return {
        data: told as Routes[N]['answer'],
        etag: answer.headers.get('etag') ?? '',
        isSame,
        waits,
      };
    }
    const problem = await problemOf(answer);
    const isOver = callsThatEnd.has(problem.code);
    if (!isOver || attempt > 1 || !(await keeper.ended(problem))) throw problem;
  }
};
