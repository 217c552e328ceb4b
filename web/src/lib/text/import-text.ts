// Words of the page that imports surveys; loaded with it and not before.
import { counted } from './counted';

export const importText = {
  title: 'Import a survey',
  intro:
    'A table of answers (CSV or tab-separated), a LimeSurvey structure (.lss) or a SurveyJS ' +
    'questionnaire (JSON). You see what becomes of it before anything is stored.',
  file: 'File',
  fileHint: '.csv, .tsv, .lss or .json, also packed as .gz; at most 64 MiB.',
  fileKind: 'This is none of .csv, .tsv, .lss and .json.',
  fileLarge: 'The file is larger than 64 MiB.',
  name: 'Title of the survey',
  nameHint: 'Empty: as the file says, or “Imported survey”.',
  headerRows: 'Rows of headings',
  headers: [
    ['1', 'One'],
    ['2', 'Two: a question and its parts'],
    ['3', 'Three: names, questions, a row for machines'],
  ] as const,
  joined: 'Join columns that belong together into one question',
  missing: 'Words that mean “no answer”',
  missingHint: 'One on each line, as they stand in the cells: “No answer”, “99”.',
  mode: 'What is known about respondents',
  modeHint: 'This cannot be changed later: it is a promise to those who answer.',
  reading: (percent: number) =>
    percent < 100 ? `Sending the file: ${percent} %` : 'The server reads the file…',
  found: 'What was recognised',
  responses: (n: number) => counted(n, 'response', 'responses'),
  questions: (n: number) => counted(n, 'question', 'questions'),
  refusedRows: (n: number) =>
    n === 1 ? '1 row is refused' : `${n.toLocaleString('en')} rows are refused`,
  noneRefused: 'No row is refused.',
  refusedMore: (n: number) => `The first ${n.toLocaleString('en')} are shown.`,
  refusedCaption: 'Rows that are not imported',
  row: 'Row',
  reason: 'Why',
  notes: 'Worth knowing',
  telling: 'These questions may tell who answered',
  tells: (title: string, what: string) => `“${title}”: ${what}`,
  identifies: {
    email: 'e-mail addresses',
    phone: 'telephone numbers',
    network_address: 'network addresses',
    name: 'names',
  } as Readonly<Record<string, string>>,
  tellingRemedy:
    'Nobody may be recognised in an anonymous survey. Leave them out, or choose what else is ' +
    'known about respondents.',
  warnings: 'What is not carried over',
  answered: (n: number, blank: number) =>
    `${n.toLocaleString('en')} answered, ${blank.toLocaleString('en')} blank`,
  columns: (columns: readonly number[]) =>
    columns.length === 1
      ? `column ${(columns[0] ?? 0) + 1}`
      : `columns ${columns.map((one) => one + 1).join(', ')}`,
  questionTitle: (n: number) => `Title of question ${n}`,
  kind: (n: number) => `Kind of question ${n}`,
  leaveOut: 'Leave out',
  split: 'Split into single columns',
  join: 'Join with the next',
  reset: 'As recognised',
  of: (title: string) => ` “${title}”`,
  leftOut: 'Left out',
  takeBack: 'Take it back',
  more: (n: number) => `and ${counted(n, 'more value', 'more values')}`,
  statements: (n: number) => counted(n, 'statement', 'statements'),
  types: {
    comment: 'Long text',
    text: 'Short text',
    number: 'Number',
    radiogroup: 'One of a list',
    dropdown: 'One of a long list',
    rating: 'Scale',
    checkbox: 'Several of a list',
    matrix: 'Table of scales',
  } as Readonly<Record<string, string>>,
  submit: 'Import',
  submitCount: (n: number) => `Import ${counted(n, 'response', 'responses')}`,
  submitDraft: 'Make the draft',
  done: (title: string, n: number) =>
    n === 0
      ? `“${title}” was made as a draft.`
      : `“${title}” with ${counted(n, 'response', 'responses')}.`,
  nothing: 'Nothing would be imported.',
  backTo: 'Surveys',
};
