// Where in a draft a message of the server belongs: it names "/pages/0/elements/2/choices/1".
import { type Draft, type Element } from './draft.ts';

export interface PlacedProblem {
  /** Key of the element; empty for the survey as a whole. */
  readonly key: string;
  /** The rest of the path within it: "choices/1", "visibleIf"; may be empty. */
  readonly member: string;
  readonly reason: string;
}

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** The element a path leads to, as far as it leads to one, and what is left of the path. */
export const placed = (draft: Draft, path: string, reason: string): PlacedProblem => {
  const steps = path.replace(/^\//, '').split('/').map(unescaped);
  let children: readonly Element[] | undefined;
  let key = '';
  let at = 0;
  while (at + 1 < steps.length) {
    const list = steps[at] ?? '';
    const inner = key === '' ? (list === 'pages' ? draft.pages : undefined) : children;
    if (inner === undefined || (key !== '' && list !== 'elements')) break;
    const element = inner[Number(steps[at + 1])];
    if (element === undefined) break;
    key = element.key;
    children = element.kind === 'question' ? undefined : element.children;
    at += 2;
  }
  return { key, member: steps.slice(at).join('/'), reason };
};

/** The server names members as documents do: "minSelectedChoices". People read their labels. */
export const inWords = (reason: string, labels: Readonly<Record<string, string>>): string =>
  reason.replace(/"?\b([a-z]+[A-Z]\w*|min|max|choices|columns|rows|items)\b"?/g, (all, name) => {
    const label = labels[String(name)];
    return label === undefined ? all : `“${label}”`;
  });
