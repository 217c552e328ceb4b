// Conditions of a questionnaire, as the server has compiled them: steps for a stack machine. Says
// what src/form/expression.cpp says; tests/support/condition-cases.json holds both to it.
'use strict';

const trimmed = (text) => text.replace(/^[ \t-\r\u00a0\ufeff]+|[ \t-\r\u00a0\ufeff]+$/g, '');
const isText = (value) => typeof value === 'string';
const isTree = (value) => value !== null && typeof value === 'object';
const isBlank = (value) => {
  if (value === null || value === undefined) return true;
  if (isText(value)) return trimmed(value) === '';
  if (Array.isArray(value)) return value.length === 0;
  return isTree(value) && Object.values(value).every(isBlank);
};
const isEmpty = (value) => value === null || value === '' || (isTree(value) && isBlank(value));
const isTrue = (value) => isTree(value) || Boolean(value);
const finite = (number) => (Number.isFinite(number) ? number : null);

const parseNumber = (text) => {
  const word = trimmed(text);
  if (word.length > 64 || !/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return null;
  return finite(Number(word));
};
const toNumber = (value) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return isText(value) ? parseNumber(value) : null;
};
/** As form::number_text writes it: by exponent below 1e-4 and from 1e16 on. */
const numberText = (number) => {
  if (number === 0) return '0';
  if (Number.isSafeInteger(number)) return String(number);
  const [digits, exponent] = number.toExponential().split('e');
  if (exponent >= -4 && exponent < 16) return String(number);
  return digits + 'e' + exponent[0] + exponent.slice(1).padStart(2, '0');
};
const textOf = (value) => (isText(value) ? value
  : typeof value === 'number' ? numberText(value)
    : typeof value === 'boolean' ? String(value) : '');

const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const isAscii = (text) => !/[^\0-\x7f]/.test(text);
const fold = (text) => text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
const equalText = (left, right) => {
  const a = trimmed(left);
  const b = trimmed(right);
  if (a === b || lower(a) === lower(b)) return true;
  if (isAscii(a) || isAscii(b)) return false;
  const size = (text) => new TextEncoder().encode(text).length;
  return Math.max(size(a), size(b)) <= 1024 && fold(a) === fold(b);
};
const equalLists = (a, b) => {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((item) => {
    const at = left.findIndex((other) => equal(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
};
const equalTrees = (a, b) => {
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && equalLists(a, b);
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]));
};
const equal = (a, b) => {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (isTree(a) || isTree(b)) return isTree(a) && isTree(b) && equalTrees(a, b);
  if (isText(a) && isText(b) && equalText(a, b)) return true;
  if (typeof a === 'boolean' && isText(b)) return lower(trimmed(b)) === String(a);
  if (typeof b === 'boolean' && isText(a)) return lower(trimmed(a)) === String(b);
  const x = toNumber(a);
  return x !== null && x === toNumber(b);
};
/** By code points, as UTF-8 sorts. */
const before = (a, b) => {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < x.length && i < y.length; ++i)
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  return x.length - y.length;
};
/** Below, at or above 0; null when the two have no order. */
const order = (a, b) => {
  if (a === null || b === null) return null;
  if (isText(a) && isText(b)) return before(a, b);
  const x = toNumber(a);
  const y = toNumber(b);
  return x === null || y === null ? null : x - y;
};
const ordered = (a, b, test) => {
  const result = order(a, b);
  return result !== null && test(result);
};

const hasItem = (list, item) => list.some((value) => equal(value, item));
const contains = (a, b) => {
  if (a === null || a === '') return false;
  if (Array.isArray(a)) return Array.isArray(b) ? b.every((item) => hasItem(a, item)) : hasItem(a, b);
  if (isTree(a) || isTree(b) || isEmpty(b)) return false;
  return textOf(a).includes(textOf(b));
};
const anyOf = (a, b) => {
  if (isEmpty(a)) return isEmpty(b);
  if (isEmpty(b)) return true;
  if (!Array.isArray(a)) return contains(b, a) || equal(a, b);
  return Array.isArray(b) ? b.some((item) => contains(a, item)) : contains(a, b);
};
const allOf = (a, b) => {
  if (isEmpty(a)) return isEmpty(b);
  return Array.isArray(b) ? b.every((item) => contains(a, item)) : contains(a, b);
};

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
const quiet = (number) => (Number.isFinite(number) && !Number.isInteger(number)
  ? Number(number.toPrecision(12)) : number);
const calculate = (work) => (a, b) => {
  const x = isEmpty(a) ? 0 : toNumber(a);
  const y = isEmpty(b) ? 0 : toNumber(b);
  return x === null || y === null ? null : finite(work(x, y));
};
const add = calculate((x, y) => quiet(x + y));
const plus = (a, b) => {
  if (!isText(a) && !isText(b)) return add(a, b);
  if (isTree(a) || isTree(b)) return null;
  const joined = textOf(a) + textOf(b);
  return new TextEncoder().encode(joined).length > 4096 ? null : joined;
};
const numbersOf = (values) => values.flat().map(toNumber).filter((number) => number !== null);
const total = (numbers) => numbers.reduce((sum, number) => quiet(sum + number), 0);
const functions = {
  iif: (values) => (values.length !== 3 ? null : isTrue(values[0]) ? values[1] : values[2]),
  round: ([value, digits = 0]) => {
    const number = toNumber(value ?? null);
    const places = toNumber(digits);
    if (number === null || places === null) return null;
    const scale = 10 ** Math.min(Math.max(Math.trunc(places), 0), 10);
    return finite(Math.sign(number) * Math.round(Math.abs(number) * scale) / scale);
  },
  sum: (values) => finite(total(numbersOf(values))),
  avg: (values) => {
    const numbers = numbersOf(values);
    return numbers.length === 0 ? 0 : finite(total(numbers) / numbers.length);
  },
  min: (values) => finite(Math.min(...numbersOf(values))),
  max: (values) => finite(Math.max(...numbersOf(values))),
};
const operators = {
  or: (a, b) => isTrue(a) || isTrue(b),
  and: (a, b) => isTrue(a) && isTrue(b),
  '=': equal,
  '<>': (a, b) => !equal(a, b),
  '<': (a, b) => ordered(a, b, (o) => o < 0),
  '>': (a, b) => ordered(a, b, (o) => o > 0),
  '<=': (a, b) => equal(a, b) || ordered(a, b, (o) => o < 0),
  '>=': (a, b) => equal(a, b) || ordered(a, b, (o) => o > 0),
  contains,
  notcontains: (a, b) => !contains(a, b),
  anyof: anyOf,
  allof: allOf,
  noneof: (a, b) => !anyOf(a, b),
  '+': plus,
  '-': calculate((x, y) => quiet(x - y)),
  '*': calculate((x, y) => quiet(x * y)),
  '/': calculate((x, y) => (y === 0 ? NaN : x / y)),
  '%': calculate((x, y) => (y === 0 ? NaN : x % y)),
  '^': calculate((x, y) => x ** y),
};

/** A text answer that reads as a number or a truth value counts as one; "0123" does not. */
const converted = (value) => {
  if (!isText(value)) return value;
  const word = lower(value);
  if (word === 'true' || word === 'false') return word === 'true';
  if (/^0[^.]/.test(value) || /e/i.test(value)) return value;
  return parseNumber(value) ?? value;
};
const valueOf = ([, key, part, name], find) => {
  const value = find(part === 'comment' ? key + '-Comment' : key, key) ?? null;
  if (part === 'item') return Array.isArray(value) ? value[name] ?? null : null;
  if (part !== 'member') return value;
  return isTree(value) && !Array.isArray(value) && Object.hasOwn(value, name) ? value[name] : null;
};

/** Whether the program holds; `find(name, question)` gives an answer, null for none or hidden. */
const holds = (program, find) => {
  const stack = [];
  for (const step of program) {
    const [op, operand, count] = Array.isArray(step) ? step : [step];
    if (op === 'value') stack.push(operand);
    else if (op === 'answer') stack.push(converted(valueOf(step, find)));
    else if (op === 'raw') stack.push(valueOf(step, find));
    else if (op === 'list') stack.push(operand === 0 ? [] : stack.splice(-operand));
    else if (op === 'call') stack.push(functions[operand](count === 0 ? [] : stack.splice(-count)));
    else if (op === 'not') stack.push(!isTrue(stack.pop()));
    else if (op === 'empty') stack.push(isEmpty(stack.pop()));
    else if (op === 'notempty') stack.push(!isEmpty(stack.pop()));
    else {
      const right = stack.pop();
      stack.push(operators[op](stack.pop(), right));
    }
  }
  return isTrue(stack.pop());
};
