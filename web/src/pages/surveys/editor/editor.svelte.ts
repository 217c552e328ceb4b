// One questionnaire being edited: the draft with its history, what is chosen in it, what the server
// said of it, and what somebody else did to it meanwhile.
import { unsaved } from '$lib/route/unsaved.svelte';
import { editorText } from '$lib/text/editor-text';

import type { Survey } from '../survey-types';
import { restore, setMember, valueOf, type Made } from './model/change.ts';
import {
  allOf,
  find,
  isSame,
  listOf,
  placeOf,
  readDraft,
  textOf,
  writeDraft,
  type Draft,
  type Element,
  type Fields,
  type Json,
} from './model/draft.ts';
import { History } from './model/history.ts';
import { compare, join, withFreeNames, type Choices, type Merge } from './model/merge.ts';
import { inWords, placed, type PlacedProblem } from './model/problems.ts';
import { mainLanguage } from './model/texts.ts';
import { Saver } from './saver.svelte';

/** Somebody else stored something while this was edited. */
export interface Meeting {
  readonly base: Draft;
  readonly theirs: Draft;
  readonly merge: Merge;
  readonly by: string | null;
  readonly at: string;
  readonly etag: string;
}

/** Key of the survey itself among what can be chosen. */
export const surveyKey = '';

const valuesOf = (draft: Draft): Set<string> =>
  new Set(
    allOf(draft).flatMap((element) =>
      ['choices', 'rateValues', 'columns', 'rows', 'items'].flatMap((list) =>
        listOf(element.props[list]).map(
          (item) => `${element.key} ${list} ${textOf(valueOf(item))}`,
        ),
      ),
    ),
  );

export class Editor {
  history: History<Draft> = $state.raw(History.of(readDraft({})));
  /** What the properties shown belong to; null where nothing is chosen. */
  chosen: string | null = $state(null);
  meeting: Meeting | null = $state.raw(null);
  problems: readonly PlacedProblem[] = $state.raw([]);
  readonly saver: Saver;
  readonly draft = $derived(this.history.present);
  readonly language = $derived(mainLanguage(this.draft));
  /** What is stored, as far as is known here. */
  private stored: Draft;
  /** When that was stored, so that an older answer on its way is not taken for a newer one. */
  private storedAt: string;
  /** What was sent last; it is stored when the server says so. */
  private sent: Draft;
  private readonly guard = unsaved.handle(() => this.settle());

  constructor(
    survey: Survey,
    etag: string,
    private readonly told: (survey: Survey, etag: string) => void,
  ) {
    this.stored = readDraft(survey.questionnaire);
    this.storedAt = survey.updated_at;
    this.sent = this.stored;
    this.history = History.of(this.stored);
    this.hasAnswers = survey.published_version !== null;
    this.keptValues = this.hasAnswers ? valuesOf(this.stored) : new Set();
    this.saver = new Saver(survey.id, etag, {
      document: () => {
        this.sent = this.draft;
        return writeDraft(this.draft);
      },
      refused: (problem) => {
        this.problems = problem.fields.map((one) =>
          placed(this.sent, one.field, inWords(one.reason, editorText.members)),
        );
      },
      done: (now, tag, document) => this.saved(now, tag, document),
      contested: (current, tag, sent) => this.meet(current, tag, sent),
    });
  }

  /** Answers may carry the values of choices: they stay what they are unless somebody means it. */
  readonly hasAnswers: boolean;
  private readonly keptValues: ReadonlySet<string>;

  /** Whether answers may carry the value of this choice already. */
  isKept(key: string, list: string, item: Json): boolean {
    return this.keptValues.has(`${key} ${list} ${textOf(valueOf(item))}`);
  }

  get element(): Element | undefined {
    return this.chosen === null ? undefined : find(this.draft, this.chosen);
  }

  /** A step that can be undone. */
  do(draft: Draft, words: string, mark = ''): void {
    if (draft === this.draft) return;
    this.history = this.history.then(draft, words, mark, Date.now());
    this.wasChanged();
  }

  /** A step that made something, which is then chosen. */
  make(made: Made, words: string): void {
    this.do(made.draft, words);
    this.chosen = made.key;
  }

  /** Sets a member of an element (or of the survey); typing in one member is one step. */
  set(key: string, member: string, value: Json | undefined, words: string): void {
    this.do(setMember(this.draft, key, member, value), words, `${key} ${member}`);
  }

  /** Puts back what was deleted some steps ago, where it stood or at the end. */
  bringBack(element: Element, key: string): void {
    const before = this.history.past
      .map((step) => step.state)
      .findLast((state) => find(state, key) !== undefined);
    const place = before === undefined ? undefined : placeOf(before, key);
    if (place === undefined || find(this.draft, key) !== undefined) return;
    this.make(
      { draft: restore(this.draft, element, place), key },
      editorText.did.add(editorText.did.back),
    );
  }

  undo(): void {
    this.history = this.history.undo();
    this.wasChanged();
  }
  redo(): void {
    this.history = this.history.redo();
    this.wasChanged();
  }

  /** What the server said of a member of an element. */
  said(key: string, member: string): string | undefined {
    return this.problems.find((one) => one.key === key && one.member === member)?.reason;
  }
  saidAbout(key: string): readonly PlacedProblem[] {
    return this.problems.filter((one) => one.key === key);
  }

  /** The page read the survey anew: after publishing, say. What somebody else did is shown when
      nothing was changed here; else the next saving meets it. */
  follow(survey: Survey, etag: string): void {
    const state = this.saver.state;
    if (survey.questionnaire === undefined || state === 'saving' || state === 'contested') return;
    const theirs = readDraft(survey.questionnaire, this.stored);
    const isOurs = isSame(writeDraft(theirs), writeDraft(this.stored));
    if (isOurs) this.saver.adopt(etag);
    else if (state === 'saved' && survey.updated_at > this.storedAt) {
      this.stored = theirs;
      this.history = this.history.replaced(theirs);
      this.keepChosen();
      this.saver.adopt(etag);
    }
  }

  /** Joins what both did, as it was chosen, and goes on saving. */
  joinWith(chosen: Choices): void {
    const meeting = this.meeting;
    if (meeting === null) return;
    const mine = withFreeNames(meeting.base, this.draft, meeting.theirs);
    const joined = join(meeting.base, mine, meeting.theirs, chosen);
    this.stored = meeting.theirs;
    this.meeting = null;
    // A step back would take away what somebody else did, so the steps begin anew.
    this.history = this.history.replaced(joined);
    this.keepChosen();
    this.saver.joined(meeting.etag, !isSame(writeDraft(joined), writeDraft(meeting.theirs)));
    this.guard.is(!this.saver.isSettled);
  }

  /** What would be stored with these choices. */
  joinedWith(chosen: Choices): Draft {
    const meeting = this.meeting;
    if (meeting === null) return this.draft;
    const mine = withFreeNames(meeting.base, this.draft, meeting.theirs);
    return join(meeting.base, mine, meeting.theirs, chosen);
  }

  async settle(): Promise<void> {
    await this.saver.flush();
    this.guard.is(!this.saver.isSettled);
  }

  stop(): void {
    this.saver.stop();
    this.guard.drop();
  }

  private wasChanged(): void {
    this.keepChosen();
    this.saver.changed();
    this.guard.is(!this.saver.isSettled);
  }

  private keepChosen(): void {
    const key = this.chosen;
    if (key === null || key === surveyKey) return;
    if (!allOf(this.draft).some((element) => element.key === key)) this.chosen = null;
  }

  private saved(survey: Survey, etag: string, document: Fields): void {
    this.stored = this.sent;
    this.storedAt = survey.updated_at;
    this.problems = [];
    this.guard.is(!this.saver.isSettled);
    this.told({ ...survey, questionnaire: document as Record<string, unknown> }, etag);
  }

  private meet(current: Survey, etag: string, sent: Fields): void {
    const document = current.questionnaire ?? {};
    // Only settings moved on, or the answer to our own saving was lost on its way.
    const isOurs = isSame(document as Json, sent);
    const isUntouched = isSame(
      writeDraft(readDraft(document, this.stored)),
      writeDraft(this.stored),
    );
    if (isOurs || isUntouched) {
      if (isOurs) this.stored = this.sent;
      const isChanged = !isSame(writeDraft(this.draft), writeDraft(this.stored));
      this.saver.joined(etag, isChanged);
      this.guard.is(!this.saver.isSettled);
      if (!isChanged) this.told(current, etag);
      return;
    }
    const base = this.stored;
    const theirs = readDraft(document, base);
    const mine = withFreeNames(base, this.draft, theirs);
    this.meeting = {
      base,
      theirs,
      merge: compare(base, mine, theirs),
      by: current.updated_by ?? null,
      at: current.updated_at,
      etag,
    };
  }
}
