// Two people changed one questionnaire: what each of them did since both read it, what they did to
// the same thing, and the draft that comes of it once somebody has chosen.
import { freeName, rename } from './change.ts';
import {
  allOf,
  find,
  isSame,
  nameOf,
  textOf,
  type Draft,
  type Element,
  type Fields,
  type Json,
  type Kind,
} from './draft.ts';

export type Side = 'mine' | 'theirs';

/** One member both changed, differently. */
export interface Contest {
  /** "KEY member", or "KEY" alone where one took away what the other changed, or "order". */
  readonly id: string;
  readonly key: string;
  readonly member: string;
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
  readonly what: 'member' | 'removed-by-mine' | 'removed-by-theirs' | 'order';
}

/** What one side did to one element (or to the survey, whose key is empty). */
export interface Change {
  readonly key: string;
  readonly kind: Kind | 'survey';
  readonly name: string;
  readonly title: Json | undefined;
  readonly how: 'added' | 'removed' | 'changed' | 'moved';
  readonly members: readonly string[];
}

export interface Merge {
  readonly mine: readonly Change[];
  readonly theirs: readonly Change[];
  readonly contests: readonly Contest[];
}

const membersOf = (...all: readonly Fields[]): string[] => [
  ...new Set(all.flatMap((props) => Object.keys(props))),
];

const changedMembers = (before: Fields, after: Fields): string[] =>
  membersOf(before, after).filter((member) => !isSame(before[member], after[member]));

interface Stand {
  readonly element: Element;
  readonly parent: string;
  readonly before: string;
}
/** Every element with what stands around and right before it. */
const standsOf = (draft: Draft): Map<string, Stand> => {
  const stands = new Map<string, Stand>();
  const visit = (children: readonly Element[], parent: string): void => {
    let before = '';
    for (const element of children) {
      stands.set(element.key, { element, parent, before });
      before = element.key;
      visit(element.children, element.key);
    }
  };
  visit(draft.pages, '');
  return stands;
};

/** Keys of both drafts, each list in the other's order where they share elements. */
const orderOf = (draft: Draft, known: ReadonlySet<string>): string[] => {
  const order: string[] = [];
  const visit = (children: readonly Element[], parent: string): void => {
    for (const element of children) {
      if (known.has(element.key)) order.push(`${parent} ${element.key}`);
      visit(element.children, element.key);
    }
  };
  visit(draft.pages, '');
  return order;
};

/** The fewest elements whose moving explains the new order, and those under another parent. */
export const movedOf = (base: Draft, now: Draft): Set<string> => {
  const shared = new Set(allOf(now).map((one) => one.key));
  for (const key of shared) if (find(base, key) === undefined) shared.delete(key);
  const was = standsOf(base);
  const is = standsOf(now);
  const moved = new Set<string>();
  const parents = new Map<string, string[]>();
  for (const [key, stand] of is) {
    if (!shared.has(key)) continue;
    if (was.get(key)?.parent !== stand.parent) moved.add(key);
    else parents.set(stand.parent, [...(parents.get(stand.parent) ?? []), key]);
  }
  const place = new Map([...was.keys()].map((key, at) => [key, at]));
  for (const keys of parents.values()) {
    const kept = new Set(longestRising(keys, (key) => place.get(key) ?? 0));
    for (const key of keys) if (!kept.has(key)) moved.add(key);
  }
  return moved;
};

/** A longest part of the list that rises. */
const longestRising = (keys: readonly string[], at: (key: string) => number): string[] => {
  const best: string[][] = [];
  for (const key of keys) {
    const before = best.filter((run) => at(run.at(-1) ?? '') < at(key));
    const longest = before.reduce<string[]>((a, b) => (b.length > a.length ? b : a), []);
    best.push([...longest, key]);
  }
  return best.reduce<string[]>((a, b) => (b.length > a.length ? b : a), []);
};

const changeOf = (
  element: Element,
  how: Change['how'],
  members: readonly string[] = [],
): Change => ({
  key: element.key,
  kind: element.kind,
  name: nameOf(element),
  title: element.props['title'],
  how,
  members,
});

/** What was done between two drafts of the same keys. */
export const changesOf = (base: Draft, now: Draft): Change[] => {
  const survey = changedMembers(base.props, now.props);
  const whole: Change[] =
    survey.length === 0
      ? []
      : [
          {
            key: '',
            kind: 'survey',
            name: '',
            title: now.props['title'],
            how: 'changed',
            members: survey,
          },
        ];
  const moved = movedOf(base, now);
  const is = allOf(now).flatMap((element) => {
    const before = find(base, element.key);
    if (before === undefined) return [changeOf(element, 'added')];
    const members = changedMembers(before.props, element.props);
    return [
      ...(members.length > 0 ? [changeOf(element, 'changed', members)] : []),
      ...(moved.has(element.key) ? [changeOf(element, 'moved')] : []),
    ];
  });
  const gone = allOf(base)
    .filter((element) => find(now, element.key) === undefined)
    .map((element) => changeOf(element, 'removed'));
  return [...whole, ...is, ...gone];
};

/** Members one side and the other changed differently. */
const contestsOf = (key: string, base: Fields, mine: Fields, theirs: Fields): Contest[] =>
  membersOf(base, mine, theirs)
    .filter((member) => {
      const before = base[member];
      return (
        !isSame(before, mine[member]) &&
        !isSame(before, theirs[member]) &&
        !isSame(mine[member], theirs[member])
      );
    })
    .map((member) => ({
      id: `${key} ${member}`,
      key,
      member,
      base: base[member],
      mine: mine[member],
      theirs: theirs[member],
      what: 'member',
    }));

/** Whether something within an element is not what it was. */
const isTouched = (base: Draft, now: Draft, element: Element): boolean => {
  const before = find(base, element.key);
  if (before === undefined || changedMembers(before.props, element.props).length > 0) return true;
  return element.children.some(
    (child) => find(base, child.key) === undefined || isTouched(base, now, child),
  );
};

/** Elements one side took away although the other one worked on them. */
const removals = (base: Draft, taker: Draft, worker: Draft, by: Side): Contest[] =>
  allOf(base).flatMap((element) => {
    const kept = find(worker, element.key);
    if (find(taker, element.key) !== undefined || kept === undefined) return [];
    if (!isTouched(base, worker, kept)) return [];
    const shown: Json = textOf(element.props['title']) || nameOf(element);
    return [
      {
        id: element.key,
        key: element.key,
        member: '',
        base: shown,
        mine: by === 'mine' ? undefined : shown,
        theirs: by === 'theirs' ? undefined : shown,
        what: by === 'mine' ? ('removed-by-mine' as const) : ('removed-by-theirs' as const),
      },
    ];
  });

const isOrderContested = (base: Draft, mine: Draft, theirs: Draft): boolean => {
  if (movedOf(base, mine).size === 0 || movedOf(base, theirs).size === 0) return false;
  const keys = new Set(
    allOf(mine)
      .map((one) => one.key)
      .filter((key) => find(theirs, key) !== undefined),
  );
  return orderOf(mine, keys).join() !== orderOf(theirs, keys).join();
};

/** What each side did, and what must be chosen. `mine` and `theirs` carry the keys of `base`. */
export const compare = (base: Draft, mine: Draft, theirs: Draft): Merge => {
  const contests = contestsOf('', base.props, mine.props, theirs.props);
  for (const element of allOf(mine)) {
    const other = find(theirs, element.key);
    const before = find(base, element.key);
    if (other === undefined) continue;
    contests.push(...contestsOf(element.key, before?.props ?? {}, element.props, other.props));
  }
  contests.push(...removals(base, mine, theirs, 'mine'));
  contests.push(...removals(base, theirs, mine, 'theirs'));
  if (isOrderContested(base, mine, theirs))
    contests.push({
      id: 'order',
      key: '',
      member: '',
      base: undefined,
      mine: undefined,
      theirs: undefined,
      what: 'order',
    });
  return { mine: changesOf(base, mine), theirs: changesOf(base, theirs), contests };
};

export type Choices = Readonly<Record<string, Side>>;

/** Three states of one member: who changed it has it, else who is chosen, else mine. */
const joinProps = (
  key: string,
  base: Fields,
  sides: { mine: Fields; theirs: Fields },
  chosen: Choices,
): Fields => {
  const joined: Record<string, Json> = {};
  for (const member of membersOf(sides.mine, sides.theirs)) {
    const { mine, theirs } = sides;
    const isMine = !isSame(base[member], mine[member]);
    const isTheirs = !isSame(base[member], theirs[member]);
    const side = isMine && isTheirs ? (chosen[`${key} ${member}`] ?? 'mine') : isMine;
    const value = side === 'mine' || side === true ? mine[member] : theirs[member];
    if (value !== undefined) joined[member] = value;
  }
  return joined;
};

/** Who has the element in the end: nothing that was worked on goes unless that is chosen. */
const isKept = (
  base: Draft,
  mine: Draft,
  theirs: Draft,
  key: string,
  chosen: Choices,
): boolean => {
  const isMine = find(mine, key) !== undefined;
  const isTheirs = find(theirs, key) !== undefined;
  if (isMine && isTheirs) return true;
  if (find(base, key) === undefined) return true;
  const worker = isMine ? mine : theirs;
  const kept = find(worker, key);
  if (kept === undefined || !isTouched(base, worker, kept)) return false;
  // Without a choice it stays: nobody's work is lost silently.
  const removedBy: Side = isMine ? 'theirs' : 'mine';
  return chosen[key] === undefined || chosen[key] !== removedBy;
};

/** The draft of both. `chosen` names a side for each contest; without one mine is kept, and what
    one took away and the other worked on stays. */
export const join = (base: Draft, mine: Draft, theirs: Draft, chosen: Choices): Draft => {
  const movedMine = movedOf(base, mine).size > 0;
  const movedTheirs = movedOf(base, theirs).size > 0;
  const leads =
    movedMine && movedTheirs ? (chosen['order'] ?? 'mine') : movedTheirs ? 'theirs' : 'mine';
  const first = leads === 'mine' ? mine : theirs;
  const second = leads === 'mine' ? theirs : mine;
  const lists = new Map<string, string[]>([['', []]]);
  const place = (from: Draft, isSecond: boolean): void => {
    for (const [key, stand] of standsOf(from)) {
      if (!isKept(base, mine, theirs, key, chosen) || lists.has(key)) continue;
      const isPage = stand.element.kind === 'page';
      // What stood in something that is gone comes to the end of the last page.
      const parent =
        isPage || lists.has(stand.parent) ? stand.parent : (lists.get('')?.at(-1) ?? '');
      const list = lists.get(parent) ?? [];
      const at = isSecond ? list.indexOf(stand.before) + 1 : list.length;
      const isElsewhere = parent !== stand.parent;
      list.splice(isElsewhere ? list.length : at, 0, key);
      lists.set(parent, list);
      lists.set(key, []);
    }
  };
  place(first, false);
  place(second, true);
  const build = (key: string): Element => {
    const ours = find(mine, key);
    const other = find(theirs, key);
    const one = ours ?? other;
    if (one === undefined) throw new Error('an element is on neither side');
    const before = find(base, key)?.props ?? {};
    const props =
      ours !== undefined && other !== undefined
        ? joinProps(key, before, { mine: ours.props, theirs: other.props }, chosen)
        : one.props;
    return { key, kind: one.kind, props, children: (lists.get(key) ?? []).map(build) };
  };
  return {
    props: joinProps('', base.props, { mine: mine.props, theirs: theirs.props }, chosen),
    pages: (lists.get('') ?? []).map(build),
  };
};

/** My additions under names that no addition of theirs has, so that both can stand side by side. */
export const withFreeNames = (base: Draft, mine: Draft, theirs: Draft): Draft => {
  const isNew = (element: Element): boolean => find(base, element.key) === undefined;
  const taken = new Set(allOf(theirs).map((one) => nameOf(one).toLowerCase()));
  let now = mine;
  for (const element of allOf(mine)) {
    const name = nameOf(element);
    if (!isNew(element) || name === '' || !taken.has(name.toLowerCase())) continue;
    if (find(theirs, element.key) !== undefined) continue;
    const both = { ...now, pages: [...now.pages, ...theirs.pages] };
    now = rename(now, element.key, freeName(both, name.replace(/\d+$/, '') || name));
  }
  return now;
};
