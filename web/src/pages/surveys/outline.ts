export interface OutlinePage {
  readonly title: string;
  /** Number of its first question. */
  readonly first: number;
  readonly questions: readonly {
    readonly name: string;
    readonly title: string;
    readonly type: string;
  }[];
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

const levelsMax = 8;

/** The questions of a page in order; panels are looked into. */
const questionsOf = (
  elements: readonly unknown[],
): { name: string; title: string; type: string }[] => {
  const found: { name: string; title: string; type: string }[] = [];
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
