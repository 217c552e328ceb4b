// The console's editor as its tests use it: a survey with one of every kind, and words for what a
// person does.
import type { Locator, Page } from 'playwright-core';

import type { Chromium } from './browser.ts';
import type { World } from './console-world.ts';

/** One of every kind, in pages and groups, with conditions and a second language. */
export const whole = {
  title: { default: 'Moving office', de: 'Umzug' },
  pages: [
    {
      name: 'start', title: { default: 'About you', de: 'Über Sie' },
      elements: [
        { type: 'html', name: 'hello', html: '<p>Thank you for taking part.</p>' },
        { type: 'radiogroup', name: 'team', title: 'Which team are you in?',
          choices: ['Design', 'Research', { value: 'ops', text: 'Operations' }],
          showOtherItem: true },
        { type: 'checkbox', name: 'days', title: 'On which days are you in?',
          choices: ['Monday', 'Wednesday', 'Friday'], maxSelectedChoices: 2 },
        { type: 'panel', name: 'way', title: 'Your way to work', elements: [
          { type: 'dropdown', name: 'by', title: 'How do you come?',
            choices: ['On foot', 'By bicycle', 'By train'] },
          { type: 'text', name: 'minutes', title: 'How many minutes does it take?',
            inputType: 'number', min: 0, max: 300, visibleIf: "{by} anyof ['By train']" },
        ] },
      ],
    },
    {
      name: 'views', title: 'What you think',
      elements: [
        { type: 'rating', name: 'happy', title: 'How happy are you with the new place?',
          rateMin: 0, rateMax: 10 },
        { type: 'boolean', name: 'quiet', title: 'Is it quiet enough?' },
        { type: 'matrix', name: 'agree', title: 'How far do you agree?',
          columns: ['No', 'Partly', 'Yes'], rows: ['The light is good', 'The air is good'] },
        { type: 'ranking', name: 'first', title: 'What comes first?',
          choices: ['Light', 'Air', 'Quiet'] },
        { type: 'multipletext', name: 'contact', title: 'How do we reach you?',
          items: [{ name: 'room', title: 'Room' }, { name: 'phone', title: 'Telephone' }] },
        { type: 'tagbox', name: 'tools', title: 'What do you need?', choices: ['Desk', 'Screen'] },
        { type: 'comment', name: 'more', title: 'Anything else?',
          visibleIf: '{happy} < 7 and ({quiet} = false or {minutes} + 1 > 2)' },
      ],
    },
  ],
};

/** A survey made by the owner, and the editor's window on it. */
export class EditorPages {
  constructor(readonly world: World, readonly browser: Chromium) {}

  async make(questionnaire: unknown = whole): Promise<string> {
    const made = await this.world.owner.must(201, 'POST', '/api/v1/surveys', questionnaire);
    return made.json.id as string;
  }

  /** What is stored, read anew. */
  async stored(id: string): Promise<any> {
    return (await this.world.owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json.questionnaire;
  }

  async open(id: string, width = 1440): Promise<Page> {
    const { probity, tenant, emails } = this.world;
    const page = await this.browser.window(probity, { tenant, email: emails.editor }, { width });
    await page.goto(`/console/surveys/${id}/questions`);
    await list(page).waitFor();
    return page;
  }
}

export const list = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Pages and questions' });
export const entry = (page: Page, text: string | RegExp): Locator =>
  list(page).getByRole('button', { name: text }).first();
export const isSaved = (page: Page): Promise<void> =>
  page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
/** Does something and waits until it is stored. */
export const saves = async (page: Page, act: () => Promise<unknown>): Promise<void> => {
  const put = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await act();
  await put;
  await isSaved(page);
};
export const namesIn = (elements: any[]): string[] => elements.map((one) => one.name);
