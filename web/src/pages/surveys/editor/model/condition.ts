// Conditions as they are chosen: groups of rules, of which all or any must hold. What cannot be
// said so stays the text it is. The language is that of src/form/expression.hpp.

export type Operator =
  | '='
  | '<>'
  | '>'
  | '<'
  | '>='
  | '<='
  | 'contains'
  | 'notcontains'
  | 'anyof'
  | 'allof'
  | 'noneof'
  | 'empty'
  | 'notempty';

export type Constant = string | number | boolean;

export interface Rule {
  /** What stands between the braces. */
  readonly question: string;
  readonly operator: Operator;
  /** One for comparisons, several for sets, none for empty and notempty. */
  readonly values: readonly Constant[];
}
export interface Group {
  readonly how: 'all' | 'any';
  readonly parts: readonly (Rule | Group)[];
}

export const isGroup = (part: Rule | Group): part is Group => 'parts' in part;
export const takesNoValue = (operator: Operator): boolean =>
  operator === 'empty' || operator === 'notempty';
export const takesSeveral = (operator: Operator): boolean =>
  operator === 'anyof' || operator === 'allof' || operator === 'noneof';

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'word' | 'sign';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const spaces = /[ \t-\r]/;
const letter = /[a-zA-Z_\u0080-\uffff]/;
const signs = ['<=', '=<', '>=', '=>', '<>', '!=', '==', '&&', '||', '*=', '=', '<', '>'];

const readQuoted = (text: string, from: number): Token | null => {
  const quote = text[from];
  let content = '';
  for (let at = from + 1; at < text.length; ++at) {
    const c = text[at] ?? '';
    if (c === quote) return { kind: 'text', text: content, from, to: at + 1 };
    const next = text[at + 1] ?? '';
    if (c === '\\' && next !== '' && '\'"\\'.includes(next)) {
      content += next;
      at += 1;
    } else content += c;
  }
  return null;
};

const readWhile = (text: string, from: number, fits: (c: string) => boolean): number => {
  let to = from;
  while (to < text.length && fits(text[to] ?? '')) to += 1;
  return to;
};

const readToken = (text: string, from: number): Token | null => {
  const c = text[from] ?? '';
  if (c === '{') {
    const end = text.indexOf('}', from);
    const name = text.slice(from + 1, end).trim();
    return end < 0 ? null : { kind: 'name', text: name, from, to: end + 1 };
  }
  if (c === "'" || c === '"') return readQuoted(text, from);
  if (/[0-9.-]/.test(c)) {
    const to = readWhile(text, from + 1, (one) => /[0-9.]/.test(one));
    const number = text.slice(from, to);
    const isNumber = /^-?(\d+\.?\d*|\.\d+)$/.test(number);
    return { kind: isNumber ? 'number' : 'sign', text: number, from, to };
  }
  if (letter.test(c)) {
    const to = readWhile(text, from + 1, (one) => letter.test(one) || /[0-9]/.test(one));
    return { kind: 'word', text: text.slice(from, to), from, to };
  }
  const sign = signs.find((one) => text.startsWith(one, from)) ?? c;
  return { kind: 'sign', text: sign, from, to: from + sign.length };
};

/** The parts of a condition with their places; null when a quote or a brace is not closed. */
export const tokensOf = (text: string): Token[] | null => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (spaces.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const token = readToken(text, at);
    if (token === null) return null;
    tokens.push(token);
    at = token.to;
  }
  return tokens;
};

const operators: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  equal: '=',
  '<>': '<>',
  '!=': '<>',
  notequal: '<>',
  '>': '>',
  greater: '>',
  '<': '<',
  less: '<',
  '>=': '>=',
  '=>': '>=',
  greaterorequal: '>=',
  '<=': '<=',
  '=<': '<=',
  lessorequal: '<=',
  '*=': 'contains',
  contains: 'contains',
  contain: 'contains',
  notcontains: 'notcontains',
  notcontain: 'notcontains',
  anyof: 'anyof',
  allof: 'allof',
  noneof: 'noneof',
  empty: 'empty',
  notempty: 'notempty',
};
const turned: Readonly<Partial<Record<Operator, Operator>>> = {
  '=': '=',
  '<>': '<>',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};
const reserved = new Set(['and', 'or', 'not', 'negate', 'power', 'null', 'undefined']);

class NotChosen extends Error {}

/** Reads what the builder can show; throws NotChosen at anything else. */
class Reader {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  read(): Rule | Group {
    const whole = this.either(0);
    if (this.at !== this.tokens.length) throw new NotChosen();
    return whole;
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }
  private take(...words: string[]): boolean {
    const token = this.peek();
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'sign')) return false;
    if (!words.includes(token.text.toLowerCase())) return false;
    this.at += 1;
    return true;
  }
  private must(word: string): void {
    if (!this.take(word)) throw new NotChosen();
  }

  private either(depth: number): Rule | Group {
    const parts = [this.both(depth)];
    while (this.take('or', '||')) parts.push(this.both(depth));
    return joined('any', parts);
  }
  private both(depth: number): Rule | Group {
    const parts = [this.part(depth)];
    while (this.take('and', '&&')) parts.push(this.part(depth));
    return joined('all', parts);
  }
  private part(depth: number): Rule | Group {
    if (depth > 4) throw new NotChosen();
    if (this.take('(')) {
      const inner = this.either(depth + 1);
      this.must(')');
      return inner;
    }
    return this.rule();
  }

  private rule(): Rule {
    const token = this.peek();
    if (token?.kind !== 'name') return this.turnedRule();
    this.at += 1;
    const operator = this.operator();
    const values = takesNoValue(operator) ? [] : this.values(operator);
    return { question: plainName(token.text), operator, values };
  }
  /** 5 < {age} */
  private turnedRule(): Rule {
    const value = this.constant();
    const operator = turned[this.operator()];
    const token = this.peek();
    if (operator === undefined || token?.kind !== 'name') throw new NotChosen();
    this.at += 1;
    return { question: plainName(token.text), operator, values: [value] };
  }
  private operator(): Operator {
    const token = this.peek();
    const operator = token === undefined ? undefined : operators[token.text.toLowerCase()];
    if (operator === undefined || token?.kind === 'text' || token?.kind === 'name')
      throw new NotChosen();
    this.at += 1;
    return operator;
  }
  private values(operator: Operator): Constant[] {
    if (!this.take('[')) return [this.constant()];
    const values: Constant[] = [];
    do values.push(this.constant());
    while (this.take(','));
    this.must(']');
    // A list that is compared as a whole, or of several that must be contained, says more.
    if (!takesSeveral(operator) && !(values.length === 1 && operator === 'contains'))
      throw new NotChosen();
    return values;
  }
  private constant(): Constant {
    const token = this.peek();
    if (token === undefined) throw new NotChosen();
    this.at += 1;
    if (token.kind === 'text') return token.text;
    if (token.kind === 'number') return Number(token.text);
    const word = token.text.toLowerCase();
    if (token.kind !== 'word' || reserved.has(word) || operators[word] !== undefined)
      throw new NotChosen();
    if (this.peek()?.text === '(') throw new NotChosen();
    return word === 'true' ? true : word === 'false' ? false : token.text;
  }
}

const plainName = (name: string): string => {
  // {#name} reads an answer without turning it into a number.
  if (name.startsWith('#') || name === '') throw new NotChosen();
  return name;
};

/** One part stands for itself; parts of the same kind become one group. */
const joined = (how: 'all' | 'any', parts: readonly (Rule | Group)[]): Rule | Group => {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return {
    how,
    parts: parts.flatMap((part) => (isGroup(part) && part.how === how ? part.parts : [part])),
  };
};

const depthOf = (part: Rule | Group): number =>
  isGroup(part) ? 1 + Math.max(0, ...part.parts.map(depthOf)) : 0;

/** How many groups within groups are shown. */
export const groupsMax = 2;

/** A condition as groups of rules; null when it must be shown as text. An empty one has none. */
export const readCondition = (text: string): Group | null => {
  if (text.trim() === '') return { how: 'all', parts: [] };
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  try {
    const whole = new Reader(tokens).read();
    const group: Group = isGroup(whole) ? whole : { how: 'all', parts: [whole] };
    return depthOf(group) <= groupsMax ? group : null;
  } catch (thrown) {
    if (thrown instanceof NotChosen) return null;
    throw thrown;
  }
};

export const writeConstant = (value: Constant): string => {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(String(value))) return String(value);
  return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
};

const writeRule = (rule: Rule): string => {
  const name = `{${rule.question}}`;
  if (takesNoValue(rule.operator)) return `${name} ${rule.operator}`;
  const values = rule.values.map(writeConstant);
  const right = takesSeveral(rule.operator) ? `[${values.join(', ')}]` : (values[0] ?? "''");
  return `${name} ${rule.operator} ${right}`;
};

/** A rule is whole when it names a question and a value. */
export const isWhole = (rule: Rule): boolean =>
  rule.question !== '' && (takesNoValue(rule.operator) || rule.values.length > 0);

/** The text of a group; rules that are not whole yet are left out. */
export const writeCondition = (group: Group): string => {
  const parts = group.parts.flatMap((part) => {
    if (!isGroup(part)) return isWhole(part) ? [writeRule(part)] : [];
    const inner = writeCondition(part);
    if (inner === '') return [];
    return [part.parts.length > 1 ? `(${inner})` : inner];
  });
  return parts.join(group.how === 'all' ? ' and ' : ' or ');
};

const replaced = (
  text: string,
  change: (token: Token, before: readonly Token[]) => string | null,
): string => {
  const tokens = tokensOf(text);
  if (tokens === null) return text;
  let out = '';
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    const now = change(token, tokens.slice(Math.max(0, index - 1000), index));
    if (now === null) continue;
    out += text.slice(at, token.from) + now;
    at = token.to;
  }
  return out + text.slice(at);
};

const isEqualName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The condition with a question called otherwise: {a}, {a.row}, {a[0]}, {a-Comment}, {#a}. */
export const renamed = (text: string, from: string, to: string): string =>
  replaced(text, (token) => {
    if (token.kind !== 'name') return null;
    const raw = token.text.startsWith('#') ? '#' : '';
    const name = token.text.slice(raw.length);
    const rest = name.slice(from.length);
    if (!isEqualName(name.slice(0, from.length), from)) return null;
    if (rest !== '' && rest !== '-Comment' && !/^[.[]/.test(rest)) return null;
    return `{${raw}${to}${rest}}`;
  });

/** The condition with a value of one question written otherwise, where it is compared with it. */
export const withValue = (text: string, question: string, from: string, to: string): string =>
  replaced(text, (token, before) => {
    if (token.kind !== 'text' && token.kind !== 'word') return null;
    if (token.text !== from || !isComparedWith(question, before)) return null;
    return writeConstant(to);
  });

/** Walks back from a constant over a list and an operator to the name it is compared with. */
const isComparedWith = (question: string, before: readonly Token[]): boolean => {
  let at = before.length - 1;
  const isOpen = (): boolean => {
    for (let back = at; back >= 0; --back) {
      const text = before[back]?.kind === 'sign' ? before[back]?.text : '';
      if (text === '[') return true;
      if (text === ']' || text === ')') return false;
    }
    return false;
  };
  if (isOpen()) {
    while (before[at]?.text !== '[') at -= 1;
    at -= 1;
  }
  const operator = before[at];
  const name = before[at - 1];
  if (operator === undefined || operators[operator.text.toLowerCase()] === undefined)
    return false;
  if (name?.kind !== 'name') return false;
  return isEqualName(name.text, question) || name.text.startsWith(`${question}.`);
};

/** Names of questions (with their parts) that a condition reads. */
export const readsOf = (text: string): string[] =>
  (tokensOf(text) ?? []).flatMap((token) =>
    token.kind === 'name' ? [token.text.replace(/^#/, '')] : [],
  );
