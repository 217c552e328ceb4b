// Passkeys, with a Problem where none was made or used.
import * as browser from '$passkeys';

import { Problem } from './problem';
import { sentenceFor } from './problem-words';

/** Options as the server wrote them, or what the browser made of them. */
export type PasskeyJson = Record<string, unknown>;

/** A second factor as it is given: what was typed, or what a passkey signed. */
export interface Factor {
  code?: string;
  credential?: PasskeyJson;
}

export const hasPasskeys = browser.hasPasskeys();

const asked = async (ask: () => Promise<PasskeyJson>): Promise<PasskeyJson> => {
  try {
    return await ask();
  } catch {
    // The browser told the person why, and tells no page.
    throw new Problem(0, 'no_passkey', sentenceFor('no_passkey', ''));
  }
};

export const makePasskey = (options: PasskeyJson): Promise<PasskeyJson> =>
  asked(() => browser.makePasskey(options));
export const usePasskey = (options: PasskeyJson): Promise<PasskeyJson> =>
  asked(() => browser.usePasskey(options));

/** What the server asks a passkey for where it said `mfa_required`; nothing without any. */
export const optionsIn = (problem: Problem | undefined): PasskeyJson | undefined =>
  hasPasskeys ? (problem?.document['passkey'] as PasskeyJson | undefined) : undefined;
