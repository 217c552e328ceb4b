// A survey's spreadsheet as such programs write them: two header rows, options in columns of their
// own, windows-1252, commas and quotes within cells. Made by a seed, so that its counts are known.
import { Random } from './deep.ts';

export interface Sheet {
  /** The file: CSV in windows-1252 with two header rows. */
  readonly bytes: Buffer;
  readonly rows: number;
  /** Title of a question of one column -> how often each answer was given. */
  readonly counts: ReadonlyMap<string, Record<string, number>>;
}

/** The characters of windows-1252 that Latin-1 has not, as far as the sheet uses them. */
const special: Record<string, number> = {
  '€': 0x80, '’': 0x92, '“': 0x93, '”': 0x94, '–': 0x96,
};

const inWindows1252 = (text: string): Buffer =>
  Buffer.from([...text].map((letter) => special[letter] ?? letter.charCodeAt(0)));

const cell = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const piers = ['Old Quay', 'Königsufer', 'Saint-Éloi', 'North Pier, upper deck', 'Dock 5'];
const boats = ['The “Lark”', 'Heron', 'Petrel'];
const views = ['Very favorably', 'Somewhat favorably', 'Neither', 'Unfamiliar (N/A)'];

const used = 'Have you used the ferry in the last year?';
const first = 'Which boat was first, in your opinion?';
const income = 'Household income';
const age = 'Age';
const choices: Record<string, readonly string[]> = {
  [used]: ['Yes', 'No'],
  [first]: ['Heron', 'Petrel', 'I don’t understand this question'],
  [age]: ['18-29', '30-44', '45-60', '> 60'],
  [income]: ['€0 – €24,999', '€25,000 – €49,999', '€50,000+'],
};

const headings = (): string[] => {
  const empty = (number: number) => Array.from({ length: number }, () => '');
  const titles = [
    'RespondentID', used,
    'Which of these piers have you used? Please select all that apply.', ...empty(piers.length - 1),
    'Please say how you view the following boats, “old” or new.', ...empty(boats.length - 1),
    first, 'What should we know?', age, income,
  ];
  const names = ['', 'Response', ...piers, ...boats, 'Response', 'Open-Ended Response', 'Response',
    'Response'];
  return [titles, names].map((row) => row.map(cell).join(','));
};

export const ferrySheet = (rows = 400, seed = 20_231): Sheet => {
  const random = new Random(seed);
  const counts = new Map(Object.entries(choices).map(([title, all]) =>
    [title, Object.fromEntries(all.map((one) => [one, 0]))]));
  const given = (title: string, share: number): string => {
    if (random.next() > share) return '';
    const one = random.pick(choices[title] ?? []);
    const kept = counts.get(title);
    if (kept !== undefined) kept[one] = (kept[one] ?? 0) + 1;
    return one;
  };
  const lines = headings();
  for (let row = 0; row < rows; ++row) {
    const words = random.next() < 0.7 ? '' : `Row ${row}: “calm”, a "late" boat, 5 € – twice`;
    lines.push([
      String(3_290_000_000 + row * 7), given(used, 1),
      ...piers.map((pier) => (random.next() < 0.4 ? pier : '')),
      ...boats.map(() => (random.next() < 0.8 ? random.pick(views) : '')),
      given(first, 0.7), words, given(age, 0.9), given(income, 0.75),
    ].map(cell).join(','));
  }
  return { bytes: inWindows1252(`${lines.join('\r\n')}\r\n`), rows, counts };
};
