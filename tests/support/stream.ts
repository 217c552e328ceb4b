// Requests of a member that stay open: an event stream, a body that comes in parts.
import { request } from 'node:https';

import type { Member } from './probity.ts';

export interface Stream {
  readonly status: number;
  /** Everything received so far. */
  readonly text: () => string;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export const openStream = (member: Member): Promise<Stream> =>
  new Promise((done, failed) => {
    const headers = { cookie: `__Host-probity=${member.cookie}` };
    const where = { host: '127.0.0.1', port: member.probity.port, path: '/api/v1/events', headers };
    const sent = request({ ...where, agent: false, rejectUnauthorized: false }, (got) => {
      let text = '';
      const ended = new Promise<void>((over) => {
        got.once('end', over).once('close', over).once('error', () => over());
      });
      got.once('data', () => done({
        status: got.statusCode ?? 0, text: () => text, ended, close: () => sent.destroy(),
      }));
      got.on('data', (piece: Buffer) => { text += piece.toString(); });
    });
    sent.on('error', failed);
    sent.end();
  });

/** Status of a table sent in two parts; `between` runs while the server waits for the second. */
export const sendInTwoParts = (member: Member, between: () => Promise<unknown>): Promise<number> =>
  new Promise((done, failed) => {
    const text = `a,b\n${'1,2\n'.repeat(40_000)}`;
    const headers = {
      cookie: `__Host-probity=${member.cookie}`, 'x-csrf-token': member.csrf,
      'content-type': 'text/csv', 'content-length': String(text.length),
    };
    const sent = request({
      host: '127.0.0.1', port: member.probity.port, path: '/api/v1/surveys/import', headers,
      method: 'POST', agent: false, rejectUnauthorized: false,
    }, (got) => {
      got.resume();
      done(got.statusCode ?? 0);
    });
    sent.on('error', failed);
    sent.write(text.slice(0, 1000));
    setTimeout(() => {
      between().then(() => sent.end(text.slice(1000)), failed);
    }, 500);
  });
