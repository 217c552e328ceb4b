// An open event stream of a member.
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
