// What makes a respondent's page more comfortable; everything works without it.
'use strict';

const form = document.querySelector('form[data-page]');
const words = JSON.parse(document.body.dataset.words ?? '{}');
const say = (which, first = '', second = '') =>
  (words[which] ?? '').replace('%1', first).replace('%2', second);
const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

/** One place where changes are told to those who do not see them. */
const status = make('p', { className: 'unseen' });
status.setAttribute('role', 'status');
document.body.append(status);
const tell = (text) => { status.textContent = text; };

// --- Answers kept in this browser until they are sent ------------------------------------------

const place = 'probity:' + location.pathname;
const keptDays = 7;
const store = {
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(place));
      return kept !== null && Date.now() - kept.at < keptDays * 86400e3 ? kept : null;
    } catch { return null; }
  },
  write(value) {
    // A full or forbidden store is no reason to bother anybody.
    try { localStorage.setItem(place, JSON.stringify(value)); } catch { /* nothing is kept */ }
  },
  clear() {
    try { localStorage.removeItem(place); } catch { /* nothing was kept */ }
  },
};
const isSecret = (name) => form.elements[name]?.type === 'password';
const typed = () => [...new FormData(form)].filter(([name]) => name !== '_move' && !isSecret(name));

/** Sends kept fields as the page they came from; the server shows it with everything filled in. */
const resume = (kept) => {
  const again = make('form', { method: 'post', action: kept.action, hidden: true });
  for (const [name, value] of [...kept.fields, ['_move', 'page.' + kept.page]])
    again.append(make('input', { type: 'hidden', name, value }));
  document.body.append(again);
  again.submit();
};

const offerKept = (kept) => {
  const drop = make('button', { type: 'button', className: 'side', textContent: say('drop') });
  const go = make('button', { type: 'button', className: 'main', textContent: say('resume') });
  const box = make('section', { className: 'kept' }, make('p', { textContent: say('found') }),
    make('div', { className: 'moves' }, go, drop));
  go.addEventListener('click', () => resume(kept));
  drop.addEventListener('click', () => { store.clear(); box.remove(); });
  form.before(box);
};

const keepAnswers = () => {
  const kept = store.read();
  let isOn = kept?.off !== true;
  if (isOn && kept !== null && 'fresh' in form.dataset) offerKept(kept);
  const save = () => {
    if (!isOn) return;
    const page = form.dataset.page;
    store.write({ at: Date.now(), action: form.getAttribute('action'), page, fields: typed() });
  };
  let timer;
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  });
  form.addEventListener('submit', save);
  if (!('fresh' in form.dataset)) save();
  const box = make('input', { type: 'checkbox', id: 'keep', checked: isOn });
  const label = make('label', { htmlFor: 'keep', textContent: say('keep') });
  box.addEventListener('change', () => {
    isOn = box.checked;
    if (isOn) save();
    else store.write({ at: Date.now(), off: true });
  });
  form.append(make('div', { className: 'choice keep' }, box, label));
};

// --- Conditions --------------------------------------------------------------------------------

const questionOf = (key) => form.querySelector(`[data-k="${CSS.escape(key)}"]`);
const typedNumber = (text) => {
  const word = trimmed(text);
  const one = word.split(',').length === 2 && !word.includes('.') ? word.replace(',', '.') : word;
  return parseNumber(one) ?? text;
};
const fieldValue = (field) =>
  (field.inputMode === 'decimal' ? typedNumber(field.value) : field.value);

/** What the server would read from the controls of a question. */
const readers = {
  text: (box) => fieldValue(box.querySelector('input,textarea,select')),
  one: (box, choice) => {
    const chosen = box.querySelector('select') ?? box.querySelector('input[name^="a."]:checked');
    return chosen === null || chosen.value === '' ? null : choice(chosen.value);
  },
  many: (box, choice) =>
    [...box.querySelectorAll('input[name^="a."]:checked')].map((field) => choice(field.value)),
  rank: (box, choice) => [...box.querySelectorAll('select')]
    .map((field, at) => ({ rank: Number(field.value), at, key: field.dataset.v }))
    .filter((item) => item.rank > 0).sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((item) => choice(item.key)),
  rows: (box, choice) => Object.fromEntries([...box.querySelectorAll('[data-p]')]
    .map((row) => [row.dataset.p, row.querySelector('input:checked')?.value ?? ''])
    .filter(([, key]) => key !== '').map(([row, key]) => [row, choice(key)])),
  items: (box) => Object.fromEntries([...box.querySelectorAll('[data-p]')]
    .map((item) => [item.dataset.p, fieldValue(item.querySelector('input'))])
    .filter(([, value]) => !isBlank(value))),
};
const readAnswer = (name, key) => {
  const box = questionOf(key);
  if (name !== key) {
    const text = box.querySelector('textarea[name^="c."]')?.value ?? '';
    return trimmed(text) === '' ? null : text;
  }
  const values = new Map(JSON.parse(box.dataset.v ?? '[]').map((value) => [textOf(value), value]));
  const read = readers[box.dataset.kind];
  const answer = read === undefined ? null : read(box, (text) => values.get(text) ?? text);
  return isBlank(answer) ? null : answer;
};

const watchConditions = () => {
  const carried = JSON.parse(form.elements['_answers']?.value ?? '{}');
  for (const name of JSON.parse(form.dataset.hidden ?? '[]')) delete carried[name];
  const here = new Set();
  const parts = [];
  const setUp = (root) => {
    for (const box of root.querySelectorAll('[data-k]')) here.add(box.dataset.k);
    for (const box of root.querySelectorAll('[data-when]')) {
      const part = { when: JSON.parse(box.dataset.when), place: document.createComment('') };
      part.isShown = box.localName !== 'template';
      part.node = part.isShown ? box : box.content.firstElementChild;
      if (part.isShown) box.before(part.place);
      else {
        box.replaceWith(part.place);
        setUp(box.content);
        if (part.node.dataset.k !== undefined) here.add(part.node.dataset.k);
      }
      parts.push(part);
    }
  };
  setUp(form);
  if (parts.length === 0) return;
  const find = (name, key) => {
    if (here.has(key)) return questionOf(key) === null ? null : readAnswer(name, key);
    return carried[name];
  };
  const decide = (part) => {
    const isWanted = holds(part.when, find);
    if (isWanted === part.isShown) return false;
    part.isShown = isWanted;
    if (isWanted) part.place.after(part.node);
    else part.node.remove();
    return true;
  };
  const update = () => {
    let shown = 0;
    // Each round settles at least one level of what depends on what.
    for (let round = 0; round <= parts.length; ++round) {
      const changed = parts.filter(decide);
      shown += changed.filter((part) => part.isShown).length;
      if (changed.length === 0) break;
    }
    const asked = [...form.querySelectorAll('[data-q]')].map((box) => box.dataset.q);
    form.elements['_asked'].value = asked.join(',');
    return shown;
  };
  update();
  form.addEventListener('input', () => { if (update() > 0) tell(say('more')); });
};

// --- How far one is, and how much room is left -------------------------------------------------

const countAnswers = () => {
  const line = make('p', { className: 'step', dir: 'auto' });
  const isAnswered = (box) => readAnswer(box.dataset.k, box.dataset.k) !== null;
  const update = () => {
    const boxes = [...form.querySelectorAll('[data-kind]')];
    const done = boxes.filter(isAnswered).length;
    line.textContent = boxes.length > 2 ? say('done', done, boxes.length) : '';
  };
  form.querySelector('.moves').before(line);
  form.addEventListener('input', update);
  update();
};

const countCharacters = () => {
  const notes = new Map();
  let timer;
  form.addEventListener('input', ({ target }) => {
    if (!(target.maxLength > 0)) return;
    const left = target.maxLength - target.value.length;
    const isNear = left <= Math.max(20, target.maxLength / 4);
    const note = notes.get(target) ?? make('p', { className: 'hint', dir: 'auto' });
    notes.set(target, note);
    note.textContent = isNear ? say('left', left) : '';
    target.after(note);
    clearTimeout(timer);
    if (isNear) timer = setTimeout(() => tell(note.textContent), 1000);
  });
};

// --- Ranking by buttons, keys and dragging -----------------------------------------------------

const rankByMoving = (box) => {
  const list = make('ol', { className: 'ranks' });
  const rows = [...box.querySelectorAll('.place')].map((item) => {
    const select = item.querySelector('select');
    const name = item.querySelector('label').textContent;
    const up = make('button', { type: 'button', className: 'side', textContent: '↑' });
    const down = make('button', { type: 'button', className: 'side', textContent: '↓' });
    up.setAttribute('aria-label', say('up', name));
    down.setAttribute('aria-label', say('down', name));
    const rank = make('span', { className: 'rank' });
    const text = make('span', { className: 'name', textContent: name });
    const line = make('li', {}, rank, text, up, down);
    item.hidden = true;
    list.append(line);
    return { select, name, up, down, rank, line };
  });
  const inOrder = () => [...list.children].map((line) => rows.find((row) => row.line === line));
  const show = () => {
    for (const [at, row] of inOrder().entries()) {
      row.rank.textContent = row.select.value || '–';
      row.up.setAttribute('aria-disabled', String(at === 0 && row.select.value !== ''));
      row.down.setAttribute('aria-disabled', String(at === rows.length - 1));
    }
  };
  const settle = (moved) => {
    for (const [at, row] of inOrder().entries()) row.select.value = String(at + 1);
    show();
    tell(say('ranked', moved.name, moved.select.value));
    list.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const given = (row) => Number(row.select.value) || rows.length + 1;
  list.append(...[...rows].sort((a, b) => given(a) - given(b)).map((row) => row.line));
  for (const row of rows) {
    row.up.addEventListener('click', () => {
      row.line.previousElementSibling?.before(row.line);
      settle(row);
      row.up.focus();
    });
    row.down.addEventListener('click', () => {
      row.line.nextElementSibling?.after(row.line);
      settle(row);
      row.down.focus();
    });
    row.line.addEventListener('pointerdown', (event) => {
      if (event.target.closest('button') !== null || event.button !== 0) return;
      row.line.setPointerCapture(event.pointerId);
      row.line.classList.add('held');
    });
    row.line.addEventListener('pointermove', (event) => {
      if (!row.line.classList.contains('held')) return;
      const middle = (line) => line.getBoundingClientRect().top + line.offsetHeight / 2;
      const { previousElementSibling: above, nextElementSibling: below } = row.line;
      if (above !== null && event.clientY < middle(above)) above.before(row.line);
      else if (below !== null && event.clientY > middle(below)) below.after(row.line);
    });
    const drop = () => {
      if (!row.line.classList.contains('held')) return;
      row.line.classList.remove('held');
      settle(row);
    };
    row.line.addEventListener('pointerup', drop);
    row.line.addEventListener('pointercancel', drop);
  }
  const clear = make('button', { type: 'button', className: 'plain', textContent: say('clear') });
  clear.addEventListener('click', () => {
    for (const row of rows) row.select.value = '';
    show();
    list.dispatchEvent(new Event('input', { bubbles: true }));
  });
  box.querySelector('.place').before(list, clear);
  rows[0].line.id = rows[0].select.id;
  rows[0].line.tabIndex = -1;
  rows[0].select.removeAttribute('id');
  show();
};

// --- A server that cannot be reached -----------------------------------------------------------

/** Asked before each sending, so that a page full of answers never gives way to a browser's error. */
const sendWhenReachable = () => {
  const note = make('section', { className: 'errors', tabIndex: -1, hidden: true },
    make('p', { textContent: say('offline') }));
  note.setAttribute('role', 'alert');
  form.before(note);
  let isSure = false;
  form.addEventListener('submit', async (event) => {
    if (isSure) return;
    event.preventDefault();
    const pressed = event.submitter;
    if (pressed === null || pressed.ariaBusy === 'true') return;
    pressed.ariaBusy = 'true';
    // Whatever it answers, it is there.
    isSure = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(8000) })
      .then(() => true, () => false);
    pressed.ariaBusy = 'false';
    note.hidden = isSure;
    if (isSure) form.requestSubmit(pressed);
    else note.focus();
  });
  // The page may be shown again as it was left, by the button that goes back.
  addEventListener('pageshow', () => { isSure = false; });
};

// --- A shared screen, and a frame in another page ----------------------------------------------

const beginAnewWhenIdle = (seconds, address) => {
  let timer;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => location.replace(address), seconds * 1000);
  };
  for (const kind of ['input', 'keydown', 'pointerdown', 'scroll'])
    addEventListener(kind, restart, { passive: true });
  // An untouched first page may stay.
  if (form === null || !('fresh' in form.dataset)) restart();
};

/** The height alone, and only to the origin an editor has named. */
const tellHeight = (origin) => {
  const send = () =>
    parent.postMessage({ probityHeight: document.documentElement.offsetHeight }, origin);
  new ResizeObserver(send).observe(document.documentElement);
  send();
};

if (form !== null) {
  watchConditions();
  countAnswers();
  countCharacters();
  for (const box of form.querySelectorAll('[data-kind=rank][data-whole]')) rankByMoving(box);
  if ('keep' in form.dataset) keepAnswers();
  sendWhenReachable();
}
if (document.querySelector('[data-done]') !== null) store.clear();
const { idle, anew, frame } = document.body.dataset;
const thanked = document.querySelector('a[data-anew]');
if (thanked !== null) beginAnewWhenIdle(Number(thanked.dataset.anew), thanked.href);
else if (idle !== undefined) beginAnewWhenIdle(Number(idle), anew);
if (frame !== undefined && parent !== window) tellHeight(frame);
