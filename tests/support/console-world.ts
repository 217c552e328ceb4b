// A lived-in organisation for the console's tests: surveys in every state, members of every role.
import {
  Probity, goodPassword, sampleAnswers, sampleQuestionnaire, type Engine, type Member,
} from './probity.ts';

/** Markup and scripts where people type; nothing of it may come alive. */
export const hostile = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';

export interface World {
  readonly probity: Probity;
  readonly owner: Member;
  readonly tenant: string;
  /** Open, with responses. */
  readonly survey: { id: string; token: string };
  readonly draft: { id: string };
  readonly emails: Readonly<Record<'owner' | 'editor' | 'analyst' | 'auditor' | 'none', string>>;
}

const staff = {
  title: 'How do you like working here?',
  pages: [
    {
      name: 'team', title: 'Your team',
      elements: [
        { type: 'boolean', name: 'safe', title: 'Can you say openly what you think?' },
        {
          type: 'matrix', name: 'agree', title: 'How far do you agree?',
          columns: ['No', 'Partly', 'Yes'],
          rows: ['I know what is expected of me', 'My work is noticed'],
        },
        { type: 'text', name: 'years', title: 'Years with us', inputType: 'number' },
      ],
    },
    { name: 'end', elements: [{ type: 'comment', name: 'more', title: 'What should change?' }] },
  ],
};

const answer = (n: number) => ({
  ...sampleAnswers, recommend: [10, 9, 9, 8, 7, 10, 6, 9, 3, 10][n % 10] ?? 9,
  contact: ['In person', 'Remotely', 'Both'][n % 3] ?? 'Both',
  liked: n % 2 === 0 ? ['Advice', 'Speed'] : ['Price'],
  words: n % 4 === 0 ? 'Clear and calm throughout.\nA shorter report would be good.' : hostile,
});

const respond = async (probity: Probity, token: string, answers: unknown): Promise<void> => {
  const path = `/api/v1/public/${token}/responses`;
  const sent = await probity.ask('POST', path, { body: { answers } });
  if (sent.status !== 201) throw new Error(`response: ${sent.status} ${sent.text}`);
};

/** Pages of the console by their names: where each is, and what it says of this world. */
export const consolePages: readonly [name: string, path: (world: World) => string, says: RegExp][] =
  [
    ['surveys', () => '/surveys', /How do you like working here/],
    ['survey', ({ survey }) => `/surveys/${survey.id}`, /Link for respondents/],
    ['responses', ({ survey }) => `/surveys/${survey.id}/responses`, /Clear and calm/],
    ['versions', ({ survey }) => `/surveys/${survey.id}/versions`, /In use/],
    ['survey-settings', ({ survey }) => `/surveys/${survey.id}/settings`, /Delete survey/],
    ['members', () => '/members', /auditor@main\.example/],
    ['account', () => '/account', /Change password/],
    ['tokens', () => '/tokens', /Nightly export/],
    ['approvals', () => '/approvals', /Nothing waits/],
    ['settings', () => '/settings', /Privacy contact/],
    ['export', () => '/export', /not encrypted/],
    ['statement', () => '/statement', /cannot say/],
    ['evidence', () => '/evidence', /Penetration test/],
    ['privacy', () => '/privacy', /E-mail address of a member/],
    ['audit', () => '/audit', /a survey was published/],
    ['missing', () => '/nothing/here', /nothing at this address/],
  ];

export const startWorld = async (engine: Engine = 'sqlcipher'): Promise<World> => {
  const probity = await Probity.start({ engine, realClock: true });
  const owner = await probity.begin();
  const survey = await owner.survey(sampleQuestionnaire);
  for (let n = 0; n < 24; ++n) await respond(probity, survey.token, answer(n));
  await owner.must(200, 'PUT', `/api/v1/surveys/${survey.id}`, {
    ...sampleQuestionnaire, description: 'After the end of a project',
  });
  const closed = await owner.survey(staff, 'confidential');
  await respond(probity, closed.token, { safe: true, years: 3 });
  await owner.must(200, 'POST', `/api/v1/surveys/${closed.id}/close`);
  const hurtful = { ...sampleQuestionnaire, title: hostile };
  const draft = (await owner.must(201, 'POST', '/api/v1/surveys', hurtful)).json;
  const emails = {
    owner: 'owner@main.example', editor: 'editor@main.example', analyst: 'analyst@main.example',
    auditor: 'auditor@main.example', none: 'none@main.example',
  };
  for (const role of ['editor', 'analyst', 'auditor', 'none'] as const)
    await owner.colleague(emails[role], role);
  await owner.must(201, 'POST', '/api/v1/users', { email: 'new@main.example', role: 'editor' });
  await owner.must(201, 'POST', '/api/v1/tokens', {
    name: 'Nightly export to the warehouse', scopes: ['responses.read', 'surveys.read'],
    expires_in_days: 90,
  });
  await owner.must(201, 'POST', '/api/v1/evidence', {
    kind: 'penetration_test', issuer: 'Test house of the region', owner: 'Head of operations',
    sha256: 'ab'.repeat(32), issued: '2026-01-15', expires: '2027-01-15',
  });
  return { probity, owner, tenant: 'main', survey, draft, emails };
};

export { goodPassword };
