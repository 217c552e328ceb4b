// Surveys as respondents meet them: every type of question, five languages, a brand, an end.
import { Probity, type Member } from './probity.ts';
import { hostile } from './console-world.ts';

export { hostile };

const all = (en: string, de: string, fr: string, es: string, ar: string) =>
  ({ default: en, de, fr, es, ar });

export const workshop = {
  title: all('Workshop', 'Werkstatt', 'Atelier', 'Taller', 'ورشة العمل'),
  description: all('Three minutes, ten questions.', 'Drei Minuten, zehn Fragen.',
    'Trois minutes, dix questions.', 'Tres minutos, diez preguntas.', 'ثلاث دقائق وعشرة أسئلة.'),
  pages: [
    {
      title: all('Your day', 'Ihr Tag', 'Votre journée', 'Su jornada', 'يومك'),
      elements: [
        {
          type: 'radiogroup', name: 'came', isRequired: true,
          title: all('Did you come?', 'Waren Sie da?', 'Êtes-vous venu ?', '¿Vino usted?',
            'هل حضرت؟'),
          choices: [
            { value: 'yes', text: all('Yes', 'Ja', 'Oui', 'Sí', 'نعم') },
            { value: 'no', text: all('No', 'Nein', 'Non', 'No', 'لا') },
          ],
        },
        {
          type: 'comment', name: 'why', visibleIf: "{came} = 'no'",
          title: all('What kept you?', 'Was hielt Sie ab?', 'Pourquoi ?', '¿Por qué?', 'لماذا؟'),
        },
        { type: 'rating', name: 'again', title: 'Would you come again?', rateMin: 0, rateMax: 10,
          minRateDescription: 'Never', maxRateDescription: 'Surely' },
        { type: 'checkbox', name: 'liked', title: 'What was good?',
          choices: ['Talks', 'Lunch', 'People'], hasOther: true },
        { type: 'text', name: 'mail', title: 'Where may we write to?', inputType: 'email' },
        { type: 'dropdown', name: 'from', title: 'How did you hear of it?',
          choices: ['A friend', 'A poster', 'The news'] },
      ],
    },
    {
      title: 'In detail',
      elements: [
        { type: 'matrix', name: 'rooms', title: 'How were the rooms?',
          columns: ['Poor', 'Fair', 'Good'], rows: ['Hall', 'Kitchen', 'Garden'] },
        { type: 'ranking', name: 'order', title: 'What matters most?',
          choices: ['Time', 'Place', 'Price'] },
        { type: 'multipletext', name: 'next', title: 'Next time',
          items: [{ name: 'month', title: 'Month' }, { name: 'place', title: 'Place' }] },
        { type: 'boolean', name: 'news', title: 'May we tell you of the next one?' },
        { type: 'comment', name: 'words', title: 'Anything else, {from}?', maxLength: 400 },
      ],
    },
  ],
};

/** Markup wherever an author types. */
const hurtful = {
  title: hostile, description: hostile,
  elements: [
    { type: 'radiogroup', name: 'a', title: hostile, description: hostile, isRequired: true,
      choices: [{ value: 'v', text: hostile }, 'w'] },
    { type: 'text', name: 'b', title: hostile, placeholder: hostile },
    { type: 'panel', title: hostile, visibleIf: "{a} = 'v'", elements: [
      { type: 'comment', name: 'c', title: `{b} ${hostile}` }] },
  ],
};

/** A page of 100 questions. */
export const hundred = {
  title: 'A hundred questions',
  elements: Array.from({ length: 100 }, (_, n) => ({
    type: n % 5 === 0 ? 'comment' : 'radiogroup', name: `q${n}`,
    title: `Question ${n + 1}: how often did this happen in the last four weeks?`,
    ...(n % 5 === 0 ? {} : { choices: ['Never', 'Rarely', 'Sometimes', 'Often', 'Always'] }),
  })),
};

export interface Place { readonly id: string; readonly token: string }
export interface RespondentWorld {
  readonly probity: Probity;
  readonly owner: Member;
  readonly plain: Place;
  readonly branded: Place;
  readonly closed: Place;
  readonly hurtful: Place;
  readonly hundred: Place;
}

export const setPages = (owner: Member, id: string, pages: Record<string, unknown>) =>
  owner.must(200, 'PATCH', `/api/v1/surveys/${id}/settings`, { pages });

export const startRespondents = async (logo: Buffer): Promise<RespondentWorld> => {
  const probity = await Probity.start({ realClock: true });
  const owner = await probity.begin();
  const plain = await owner.survey(workshop);
  await setPages(owner, plain.id, { review: true });
  const branded = await owner.survey(workshop);
  await setPages(owner, branded.id, {
    colour: '#8a1538', imprint: 'Bakery of the region, 12 Harbour Road',
    imprint_url: 'https://bakery.example/imprint', logo_alt: 'The bakery',
    thanks: 'Thank you.\n\nWe read every answer.', redirect: 'https://bakery.example/',
  });
  const put = await owner.ask('PUT', `/api/v1/surveys/${branded.id}/logo`, {
    body: logo, headers: { 'content-type': 'image/png' },
  });
  if (put.status !== 200) throw new Error(`logo: ${put.status} ${put.text}`);
  const closed = await owner.survey(workshop);
  await owner.must(200, 'POST', `/api/v1/surveys/${closed.id}/close`);
  const evil = await owner.survey(hurtful);
  await setPages(owner, evil.id, {
    imprint: hostile, imprint_url: 'https://a.example/"><script>', logo_alt: hostile,
    thanks: hostile, closed: hostile, review: true,
  }).catch(() => setPages(owner, evil.id, {
    imprint: hostile, logo_alt: hostile, thanks: hostile, closed: hostile, review: true,
  }));
  await owner.ask('PUT', `/api/v1/surveys/${evil.id}/logo`, {
    body: logo, headers: { 'content-type': 'image/png' },
  });
  return { probity, owner, plain, branded, closed, hurtful: evil,
    hundred: await owner.survey(hundred) };
};
