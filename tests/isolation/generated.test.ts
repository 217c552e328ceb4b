// Thousands of generated requests under two tenants, with the ids of both mixed: never a byte of
// the other, never an internal error, and what a tenant holds stays as it was.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { isDeep, quickOrDeep, Random } from '../support/deep.ts';
import { type Ask, type Engine, engines, Probity } from '../support/probity.ts';
import { fillSides, roles, Side } from './world.ts';

const together = 24;
const requests: Record<Engine, number> = {
  sqlcipher: quickOrDeep(20_000, 1_000_000),
  postgres: quickOrDeep(2_000, 100_000),
};

interface Template {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly isPublic: boolean;
}

/** Calls that would take something from the caller's own tenant, or cost a password hash. */
const isCostly = (method: string, path: string): boolean =>
  /login|setup|password|logout|revoke-all|events|test\/|import|export$|evidence/.test(path) ||
  (method === 'POST' && /\/users|\/tokens|\/surveys$/.test(path));

const isChange = (method: string): boolean => method !== 'GET';

class Generator {
  readonly statuses = new Map<number, number>();
  readonly wrong: string[] = [];
  private left: number;

  constructor(
    readonly random: Random,
    readonly sides: readonly [Side, Side],
    readonly templates: readonly Template[],
    count: number,
  ) {
    this.left = count;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: together }, () => this.worker()));
  }

  private async worker(): Promise<void> {
    while (this.left > 0 && this.wrong.length < 10) {
      --this.left;
      await this.one();
    }
  }

  private other(side: Side): Side {
    return side === this.sides[0] ? this.sides[1] : this.sides[0];
  }

  /** A value for `{name}`: usually of the right kind, of either tenant, sometimes spoilt. */
  private value(name: string, of: Side): string {
    const ids: Record<string, string[]> = {
      id: [of.survey.id, of.survey.id, of.survey.id, of.userId, of.tokenId, of.owner.me.session.id],
      rid: [of.responseId],
      token: [of.survey.token],
      receipt: [of.receipt],
      tenant: [of.slug],
      n: ['1', '2', '1.json'],
    };
    const all = ids[name] ?? [of.slug];
    const right = this.random.pick(this.random.next() < 0.9 ? all : Object.values(ids).flat());
    if (this.random.next() < 0.95) return encodeURIComponent(right);
    const at = this.random.between(0, right.length);
    const letter = this.random.pick([...'0123456789abcdefghjkmnpqrstvwxyz']);
    return encodeURIComponent(right.slice(0, at) + letter + right.slice(at + 1));
  }

  private query(names: readonly string[], of: Side): string {
    const parts: string[] = [];
    const texts = [
      "{recommend} > 2", "{contact} = 'Both'", '1', '1000', '-1', of.survey.id, of.responseId,
      '2026-01-01T00:00:00Z', of.slug, "' OR 1=1 --", '%00', '', of.userId, of.owner.me.user.id,
    ];
    for (const name of names)
      if (this.random.next() < 0.4)
        parts.push(`${name}=${encodeURIComponent(this.random.pick(texts))}`);
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
  }

  private body(): unknown {
    return this.random.pick<unknown>([
      {}, { answers: {} }, { answers: { recommend: 4 } }, { role: 'owner' }, { disabled: true },
      { title: 'Neutral', pages: [] }, { session_idle_s: 900 }, { response_cap: 1 }, [], 'x',
    ]);
  }

  private async one(): Promise<void> {
    const { random } = this;
    const caller = random.pick(this.sides);
    const target = random.next() < 0.6 ? this.other(caller) : caller;
    const template = random.pick(this.templates);
    // Changes are aimed at the other tenant only, so that both stay as they were.
    const of = isChange(template.method) ? this.other(caller) : target;
    const filled = template.path.replace(/\{(\w+)\}/g, (_, name: string) => this.value(name, of));
    const path = filled + this.query(template.query, target);
    const member = caller.member(random.pick(roles));
    const ask: Ask = random.next() < 0.1
      ? { bearer: caller.token }
      : { cookie: member.cookie, csrf: member.csrf };
    if (isChange(template.method)) ask.body = this.body();
    const got = await this.sides[0].probity.ask(template.method, path, ask);
    this.statuses.set(got.status, (this.statuses.get(got.status) ?? 0) + 1);
    const told = `${template.method} ${path} by ${caller.slug}: ${got.status} ${got.text}`;
    if (got.status >= 500) this.wrong.push(told.slice(0, 400));
    // What is public about a link or a tenant belongs to that tenant, whoever asks; a page of
    // nobody's tells at most its reader's own.
    const isOfSomebody = template.isPublic && template.path.includes('{');
    const silent = this.other(isOfSomebody ? of : caller);
    if (got.text.includes(silent.canary)) this.wrong.push(told.slice(0, 400));
    const isForeign = !template.isPublic && of !== caller && template.path.includes('{');
    if (isForeign && got.status < 300) this.wrong.push(`foreign: ${told.slice(0, 400)}`);
  }
}

for (const engine of engines) {
  describe(`generated requests on ${engine}`, () => {
    const random = new Random();
    let probity: Probity;
    let sides: [Side, Side];
    let templates: Template[];

    before(async () => {
      probity = await Probity.start({ engine });
      const first = new Side(probity, 'acme', random);
      await probity.serve();
      const second = new Side(probity, 'zebra', random);
      await fillSides(probity, first, second);
      sides = [first, second];
      const document = (await probity.ask('GET', '/api/openapi.json')).json;
      templates = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
        Object.entries<any>(methods).map(([verb, operation]) => ({
          method: verb.toUpperCase(),
          path,
          query: operation.parameters.filter((one: any) => one.in === 'query')
            .map((one: any) => one.name),
          isPublic: ['everyone', 'link', 'test-mode'].includes(operation['x-probity-access']),
        }))).filter((one) => !isCostly(one.method, one.path))
        .filter((one) => !(one.isPublic && isChange(one.method)))
        .filter((one) => one.path.includes('{') || !isChange(one.method))
        .filter((one) => !one.path.startsWith('/security'));
    });
    after(() => probity?.stop());

    const holdings = async (side: Side): Promise<string> => {
      const read = async (path: string) => (await side.owner.must(200, 'GET', path)).json;
      const { id } = side.survey;
      const users = (await read('/api/v1/users')).items.map(
        (user: any) => [user.id, user.email, user.role, user.state, user.disabled]);
      const tokens = (await read('/api/v1/tokens')).items.map((one: any) => one.id);
      const survey = await read(`/api/v1/surveys/${id}`);
      const surveys = (await read('/api/v1/surveys')).items.map((one: any) => one.id);
      const report = await read(`/api/v1/surveys/${id}/report`);
      return JSON.stringify([users, tokens, survey, surveys, report,
        await read('/api/v1/tenant/settings')]);
    };

    test(`${requests[engine]} requests tell nothing of the other tenant`, async (t) => {
      const before = [await holdings(sides[0]), await holdings(sides[1])];
      // A control: the words looked for are told to those they belong to.
      assert.ok(before[0]?.includes(sides[0].canary) && before[1]?.includes(sides[1].canary));
      const generator = new Generator(random, sides, templates, requests[engine]);
      await generator.run();
      t.diagnostic(`seed ${random.seed}: ${JSON.stringify([...generator.statuses])}`);
      assert.deepEqual(generator.wrong, [], `seed ${random.seed}`);
      const reached = (status: number) => generator.statuses.get(status) ?? 0;
      assert.ok(reached(200) > requests[engine] / 50, 'hardly anything was answered');
      assert.ok(reached(404) > requests[engine] / 50, 'hardly anything was foreign');
      assert.deepEqual([await holdings(sides[0]), await holdings(sides[1])], before);
    });

    if (isDeep) {
      test('the audit chain is intact after them', () => {
        const said = probity.commandOnData('verify', '--audit');
        assert.equal(said.status, 0, said.out + said.err);
      });
    }
  });
}
