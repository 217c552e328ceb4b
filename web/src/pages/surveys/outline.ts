export interface OutlineQuestion {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  /** What respondents read, by what is stored: its answers, and its rows or fields. */
  readonly answers: ReadonlyMap<string, string>;
  readonly parts: ReadonlyMap<string, string>;
}

export interface OutlinePage {
  readonly title: string;
  /** Number of its first question. */
  readonly first: number;
  readonly questions: readonly OutlineQuestion[];
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text, or of a translated one the default language, else the first. */
export const wordsOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const told = fieldsOf(value);
  const words = told['default'] ?? told['en'] ?? Object.values(told)[0];
  return typeof words === 'string' ? words : '';
};

/** Texts by values of what a question offers: "a", 1, { value, text }, { name, title }. */
const textsOf = (...lists: readonly unknown[]): Map<string, string> =>
  new Map(
    lists.flatMap(listOf).flatMap((one) => {
      const { value, text, name, title } = fieldsOf(one);
      const words = wordsOf(text) || wordsOf(title);
      return words === '' ? [] : [[String(value ?? name), words] as const];
    }),
  );

/** An answer in one line as respondents read it: lists by commas, matrices by rows. */
export const answerWords = (question: OutlineQuestion | undefined, value: unknown): string => {
  const one = (stored: unknown): string =>
    question?.answers.get(String(stored)) ?? String(stored);
  if (Array.isArray(value)) return value.map(one).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([part, stored]) => `${question?.parts.get(part) ?? part}: ${one(stored)}`)
      .join('; ');
  return one(value);
};

const levelsMax = 8;

/** The questions of a page in order; panels are looked into. */
const questionsOf = (elements: readonly unknown[]): OutlineQuestion[] => {
  const found: OutlineQuestion[] = [];
  let level: { element: Fields; depth: number }[] = elements.map((element) => ({
    element: fieldsOf(element),
    depth: 0,
  }));
  while (level.length > 0) {
    const [first, ...rest] = level;
    level = rest;
    if (first === undefined) break;
    const { element, depth } = first;
    const inner = listOf(element['elements']);
    if (element['type'] === 'panel' && depth < levelsMax) {
      level = [...inner.map((one) => ({ element: fieldsOf(one), depth: depth + 1 })), ...level];
    } else {
      const name = wordsOf(element['name']);
      found.push({
        name,
        title: wordsOf(element['title']) || name,
        type: wordsOf(element['type']),
        answers: textsOf(element['choices'], element['columns'], element['rateValues'], [
          { value: true, text: element['labelTrue'] },
          { value: false, text: element['labelFalse'] },
        ]),
        parts: textsOf(element['rows'], element['items']),
      });
    }
  }
  return found;
};

/** What a questionnaire asks, page by page. */
export const outlineOf = (questionnaire: unknown): OutlinePage[] => {
  const whole = fieldsOf(questionnaire);
  const pages = listOf(whole['pages']);
  const all = pages.length > 0 ? pages : [{ elements: whole['elements'] ?? whole['questions'] }];
  let first = 1;
  return all.map(fieldsOf).flatMap((page) => {
    const questions = questionsOf(listOf(page['elements'] ?? page['questions']));
    if (questions.length === 0) return [];
    const begin = first;
    first += questions.length;
    return [{ title: wordsOf(page['title']), first: begin, questions }];
  });
};
