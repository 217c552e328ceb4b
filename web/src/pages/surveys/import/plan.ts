// What a person decides about a table before it is stored. No Svelte here.

/** A question the server recognised. */
export interface Recognised {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  readonly input?: string;
  /** What its cells say of a person: "email", "phone", "network_address", "name". */
  readonly identifies?: string;
  readonly columns: readonly number[];
  readonly rows: readonly string[];
  readonly answered: number | null;
  readonly blank: number | null;
  readonly counts: readonly (readonly [text: string, count: number])[];
}

export interface Wish {
  readonly columns: readonly number[];
  readonly type?: string;
  readonly title?: string;
}

export interface Plan {
  readonly title: string;
  readonly headerRows: 1 | 2 | 3;
  readonly joined: boolean;
  readonly missing: readonly string[];
  readonly wishes: readonly Wish[];
  /** Titles of what is left out, by its columns: the server does not name it any more. */
  readonly leftOut: Readonly<Record<string, string>>;
}

export const freshPlan: Plan = {
  title: '',
  headerRows: 1,
  joined: true,
  missing: [],
  wishes: [],
  leftOut: {},
};

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The questions of an answer; what it does not say is empty. */
export const recognisedOf = (told: readonly unknown[]): Recognised[] =>
  told.map((one) => {
    const fields = fieldsOf(one);
    const input = textOf(fields['input']);
    return {
      name: textOf(fields['name']),
      title: textOf(fields['title']),
      type: input === 'number' ? 'number' : textOf(fields['type']),
      ...(textOf(fields['identifies']) && { identifies: textOf(fields['identifies']) }),
      columns: listOf(fields['columns']).flatMap((column) => numberOf(column) ?? []),
      rows: listOf(fields['rows']).map(textOf),
      answered: numberOf(fields['answered']),
      blank: numberOf(fields['blank']),
      counts: Object.entries(fieldsOf(fields['counts'])).map(
        ([text, count]) => [text, numberOf(count) ?? 0] as const,
      ),
    };
  });

/** Whether a second row of headings, as some tools write it, was read as the first answers. */
export const hasPartsRow = (questions: readonly Recognised[]): boolean =>
  questions.some(({ counts }) =>
    counts.some(
      ([cell, count]) => count === 1 && (cell === 'Response' || cell === 'Open-Ended Response'),
    ),
  );

export const idOf = (columns: readonly number[]): string => columns.join(',');

const overlaps = (a: readonly number[], b: readonly number[]): boolean =>
  a.some((column) => b.includes(column));

/** A wish in the place of those on any of its columns; what is only wished away is not kept. */
const wished = (plan: Plan, wish: Wish): Plan => {
  const others = plan.wishes.filter((one) => !overlaps(one.columns, wish.columns));
  const leftOut = Object.fromEntries(
    Object.entries(plan.leftOut).filter(
      ([id]) => !overlaps(id.split(',').map(Number), wish.columns),
    ),
  );
  return { ...plan, wishes: [...others, wish], leftOut };
};

const wishOn = (plan: Plan, columns: readonly number[]): Wish =>
  plan.wishes.find((one) => idOf(one.columns) === idOf(columns)) ?? { columns };

export const withType = (plan: Plan, columns: readonly number[], type: string): Plan =>
  wished(plan, { ...wishOn(plan, columns), type });

export const withTitle = (plan: Plan, columns: readonly number[], title: string): Plan => {
  const { title: _old, ...rest } = wishOn(plan, columns);
  return wished(plan, title.trim() === '' ? rest : { ...rest, title });
};

export const leftOut = (plan: Plan, question: Recognised): Plan => {
  const now = wished(plan, { columns: question.columns, type: 'none' });
  return { ...now, leftOut: { ...now.leftOut, [idOf(question.columns)]: question.title } };
};

const differingMin = 6;
/** Whether what was counted as choices reads as what people wrote, dates or amounts: nearly every
 * answer differs, or some have several lines. */
const areOddChoices = ({ type, counts, answered }: Recognised): boolean =>
  type === 'radiogroup' &&
  (counts.some(([text]) => text.includes('\n')) ||
    (counts.length >= differingMin && (answered ?? 0) < 2 * counts.length));

/** The plan that proposes a text where choices do not look like choices. A program that imports
 * has what the rule of the server says; a person looks, and can take it back. */
export const withoutOddChoices = (plan: Plan, questions: readonly Recognised[]): Plan =>
  questions
    .filter(areOddChoices)
    .reduce((now, { columns }) => withType(now, columns, 'comment'), plan);

/** Takes back what was wished of some columns: they are as recognised. */
export const asRecognised = (plan: Plan, columns: readonly number[]): Plan => {
  const { [idOf(columns)]: _gone, ...leftOut } = plan.leftOut;
  return {
    ...plan,
    wishes: plan.wishes.filter((one) => !overlaps(one.columns, columns)),
    leftOut,
  };
};

/** Each column a question of its own. */
export const split = (plan: Plan, columns: readonly number[]): Plan => {
  const without = asRecognised(plan, columns);
  return {
    ...without,
    wishes: [...without.wishes, ...columns.map((one) => ({ columns: [one] }))],
  };
};

/** Two questions as one: several of a list, or a table where the second does not fit that. */
export const joined = (plan: Plan, first: Recognised, second: Recognised): Plan => {
  const columns = [...first.columns, ...second.columns];
  const type = first.type === 'matrix' || second.type === 'matrix' ? { type: 'matrix' } : {};
  return wished(plan, { columns, ...type, title: first.title });
};

/** The plan as it is sent; tables alone have columns. */
export const sentPlan = (plan: Plan, isTable: boolean): Fields => ({
  ...(plan.title.trim() === '' ? {} : { title: plan.title.trim() }),
  ...(isTable
    ? {
        header_rows: plan.headerRows,
        joined: plan.joined,
        missing: plan.missing,
        questions: plan.wishes,
      }
    : {}),
});

/** Which question of the plan a message is about: "/questions/3/type". */
export const wishOfField = (plan: Plan, field: string): Wish | undefined => {
  const found = /^\/?questions\/(\d+)(\/|$)/.exec(field);
  return found === null ? undefined : plan.wishes[Number(found[1])];
};

/** Types several or single columns can have. */
export const typesFor = (columns: readonly number[]): readonly string[] =>
  columns.length > 1
    ? ['checkbox', 'matrix']
    : ['radiogroup', 'dropdown', 'checkbox', 'rating', 'number', 'text', 'comment'];

/** What a file is, by its name; null where it cannot be told. */
export const sourceOf = (name: string): 'table' | 'document' | null => {
  const plain = name.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|tab|txt)$/.test(plain)) return 'table';
  return /\.(json|lss)$/.test(plain) ? 'document' : null;
};
