import { call, keepWith } from './client';
import { type Factor, usePasskey } from './passkey';
import { asProblem, type Problem } from './problem';
import type { Routes } from './routes';

export type Me = Routes['GET /api/v1/me']['answer'];
export type Permission =
  | 'surveys.read'
  | 'surveys.edit'
  | 'reports.read'
  | 'responses.read'
  | 'responses.erase'
  | 'users.read'
  | 'users.manage'
  | 'settings.read'
  | 'settings.manage'
  | 'tokens.manage'
  | 'audit.read'
  | 'tenant.export'
  | 'evidence.read'
  | 'evidence.manage'
  | 'privacy.read';

/** How often a page that nobody touches looks whether its session still holds. */
const lookEveryMs = 30_000;

/** Who is logged in. `stage` decides what the whole window shows. */
class Session {
  stage: 'starting' | 'out' | 'in' | 'failed' = $state('starting');
  me: Me | null = $state(null);
  /** The session of `me` has ended: the page stays, and somebody must log in to go on. */
  hasEnded = $state(false);
  problem: Problem | null = $state(null);
  private waiting: ((loggedIn: boolean) => void)[] = [];

  constructor() {
    keepWith({ csrf: () => this.me?.csrf_token ?? '', ended: () => this.whenLoggedInAgain() });
  }

  may(permission: Permission): boolean {
    return this.me?.user.permissions.includes(permission) ?? false;
  }

  async start(): Promise<void> {
    this.stage = 'starting';
    try {
      this.me = (await call('GET /api/v1/me')).data;
      this.stage = 'in';
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.stage = this.problem.status === 401 ? 'out' : 'failed';
    }
  }

  /** Looks now and then, without counting as activity; at once when the window is shown again. */
  watch(): () => void {
    const look = (): void => {
      if (this.stage === 'in' && !this.hasEnded && !document.hidden) this.look();
    };
    const timer = setInterval(look, lookEveryMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  private look(): void {
    call('GET /api/v1/me', { background: true }).then(
      ({ data }) => {
        this.me = data;
      },
      () => undefined,
    );
  }

  /** `factor`: nothing unless the server asked for it (`mfa_required`). */
  async logIn(tenant: string, email: string, password: string, factor: Factor): Promise<void> {
    const { code: otp = '', credential } = factor;
    const body = { tenant, email, password, otp, ...(credential ? { credential } : {}) };
    this.enter((await call('POST /api/v1/login', { body })).data);
  }

  async logInByPasskey(): Promise<void> {
    const { options } = (await call('GET /api/v1/login/passkey/options')).data;
    const credential = await usePasskey(options);
    this.enter((await call('POST /api/v1/login/passkey', { body: { credential } })).data);
  }

  private enter(me: Me): void {
    const before = this.me?.user.id;
    // Somebody else must not go on with what the first person typed.
    if (before !== undefined && before !== me.user.id) return location.reload();
    this.me = me;
    this.stage = 'in';
    this.hasEnded = false;
    this.settle(true);
    // A log-in does not tell the organisation's name.
    this.look();
  }

  async logOut(): Promise<void> {
    try {
      await call('POST /api/v1/logout');
    } finally {
      location.assign('/');
    }
  }

  /** The person does not log in again: what waited for it fails. */
  giveUp(): void {
    this.settle(false);
    location.assign('/login');
  }

  private whenLoggedInAgain(): Promise<boolean> {
    if (this.stage !== 'in') return Promise.resolve(false);
    this.hasEnded = true;
    return new Promise((done) => this.waiting.push(done));
  }

  private settle(loggedIn: boolean): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const done of waiting) done(loggedIn);
  }
}

export const session = new Session();
