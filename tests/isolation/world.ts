// Two tenants that hold the same kinds of things, each marked with words only it knows.
import { Random } from '../support/deep.ts';
import {
  type Ask, goodPassword, type Member, type Probity, sampleQuestionnaire, type Tenant,
} from '../support/probity.ts';

export type Role = 'owner' | 'editor' | 'analyst' | 'auditor' | 'none';
export const roles: readonly Role[] = ['owner', 'editor', 'analyst', 'auditor', 'none'];

/** The permission matrix as documented, written down a second time on purpose. */
export const holders: Record<string, readonly Role[]> = {
  'surveys.read': ['owner', 'editor', 'analyst', 'auditor'],
  'surveys.edit': ['owner', 'editor'],
  'reports.read': ['owner', 'editor', 'analyst'],
  'responses.read': ['owner', 'editor', 'analyst'],
  'responses.erase': ['owner'],
  'users.read': ['owner', 'auditor'],
  'users.manage': ['owner'],
  'settings.read': ['owner', 'editor', 'auditor'],
  'settings.manage': ['owner'],
  'tokens.manage': ['owner'],
  'audit.read': ['owner', 'auditor'],
  'tenant.export': ['owner'],
  'evidence.read': ['owner', 'auditor'],
  'evidence.manage': ['owner'],
  'privacy.read': ['owner', 'editor', 'analyst', 'auditor'],
};

/** A tenant with people, a published survey, responses, tokens, all of it marked. */
export class Side {
  readonly people = new Map<Role, Member>();
  survey = { id: '', token: '' };
  receipt = '';
  approvalId = '';
  responseId = '';
  userId = '';
  tokenId = '';
  token = '';
  revokedToken = '';
  revoked: Ask = {};

  /** No answer to the other side may hold it. */
  readonly canary: string;
  private readonly tenant: Tenant;

  /** Makes the tenant, with the server running or not. */
  constructor(readonly probity: Probity, readonly slug: string, random: Random) {
    this.canary = random.word(14);
    this.tenant = probity.init(slug, this.mail('owner'), `Organisation ${this.canary}`);
  }

  get owner(): Member {
    return this.member('owner');
  }

  member(role: Role): Member {
    const found = this.people.get(role);
    if (found === undefined) throw new Error(`${this.slug} has no ${role}`);
    return found;
  }

  mail(name: string): string {
    return `${name}@${this.canary}.example`;
  }

  get questionnaire() {
    return { ...sampleQuestionnaire, title: `Title ${this.canary}` };
  }

  get answers() {
    return { recommend: 3, contact: 'Both', words: `Words ${this.canary}` };
  }

  /** One more response; answers its id. */
  async respond(survey = this.survey): Promise<{ id: string; receipt: string }> {
    const path = `/api/v1/public/${survey.token}/responses`;
    const ids = async (): Promise<string[]> =>
      (await this.owner.every(`/api/v1/surveys/${survey.id}/responses`)).map((one) => one.id);
    const known = new Set(await ids());
    const sent = await this.probity.ask('POST', path, { body: { answers: this.answers } });
    if (sent.status !== 201) throw new Error(`respond: ${sent.status} ${sent.text}`);
    // Ids of anonymous responses are random within the hour: the newest is not the last.
    const id = (await ids()).find((one) => !known.has(one)) ?? '';
    return { id, receipt: sent.json.receipt };
  }

  /** One more member, who never logs in. */
  async invite(name: string): Promise<string> {
    const body = { email: this.mail(name), role: 'analyst' };
    return (await this.owner.must(201, 'POST', '/api/v1/users', body)).json.id;
  }

  async makeToken(...scopes: string[]): Promise<{ id: string; token: string }> {
    const body = { name: `Token ${this.canary}`, scopes };
    return (await this.owner.must(201, 'POST', '/api/v1/tokens', body)).json;
  }

  logIn(role: Role): Promise<Member> {
    return this.probity.logIn(this.slug, this.mail(role), goodPassword);
  }

  /** Something that waits for a second person, where one decides alone again. */
  private async askForApproval(): Promise<void> {
    const second = await this.probity.logIn(this.slug, this.mail('second'), goodPassword);
    const settings = '/api/v1/tenant/settings';
    await this.owner.must(204, 'PATCH', settings, { approval_required: true });
    const waits = async (method: string, path: string, body?: unknown): Promise<string> =>
      (await this.owner.must(202, method, path, body)).json.approval.id;
    this.approvalId = await waits('POST', '/api/v1/export');
    const end = await waits('PATCH', settings, { approval_required: false });
    await second.must(200, 'POST', `/api/v1/approvals/${end}/approve`);
  }

  /** Its owners; the server must run. */
  async begin(): Promise<void> {
    const owner = await this.probity.setUp(this.tenant, goodPassword);
    await owner.colleague(this.mail('second'), 'owner');
  }

  /** Everything a tenant can hold, a day later. */
  async fill(): Promise<void> {
    this.people.set('owner', await this.logIn('owner'));
    await this.askForApproval();
    for (const role of roles.slice(1))
      this.people.set(role, await this.owner.colleague(this.mail(role), role));
    this.survey = await this.owner.survey(this.questionnaire);
    for (let i = 0; i < 5; ++i) await this.respond();
    const { id, receipt } = await this.respond();
    this.responseId = id;
    this.receipt = receipt;
    this.userId = await this.invite('waiting');
    const live = await this.makeToken('surveys.read');
    this.token = live.token;
    this.tokenId = live.id;
    const dead = await this.makeToken('surveys.read', 'users.manage');
    await this.owner.must(204, 'DELETE', `/api/v1/tokens/${dead.id}`);
    this.revokedToken = dead.token;
    const guest = await this.logIn('owner');
    await guest.must(204, 'POST', '/api/v1/logout');
    this.revoked = { cookie: guest.cookie, csrf: guest.csrf };
    await this.owner.must(204, 'PATCH', '/api/v1/tenant/settings', {
      privacy_contact: `Contact ${this.canary}`,
    });
  }
}

/** Lets both hold all there is; who approves something has been a member for a day. */
export const fillSides = async (probity: Probity, ...sides: readonly Side[]): Promise<void> => {
  for (const side of sides) await side.begin();
  await probity.advance(25 * 3600);
  for (const side of sides) await side.fill();
};
