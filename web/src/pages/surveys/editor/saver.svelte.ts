// Stores a draft by itself, a moment after each change, one call at a time, never over what
// somebody else stored meanwhile.
import { call } from '$lib/api/client';
import { asProblem, type Problem } from '$lib/api/problem';

import type { Survey } from '../survey-types';
import type { Fields } from './model/draft.ts';

export type SaveState =
  /** What is shown is what is stored. */
  | 'saved'
  /** Changed; stored in a moment. */
  | 'waiting'
  | 'saving'
  /** The server was not reached or could not; it is tried again. */
  | 'failed'
  /** The server refuses the document; `problem` says where. The next change is tried. */
  | 'refused'
  /** Somebody else stored something: nothing is stored until that is joined. */
  | 'contested';

const pauseMs = 700;
const againMs = [2000, 5000, 10_000, 30_000] as const;

/** What the saver needs of the one who edits. */
export interface Saved {
  /** The document as it is to be stored now. */
  document: () => Fields;
  /** It was stored. */
  done: (survey: Survey, etag: string, document: Fields) => void;
  /** The server does not take it: `problem` says where and why. */
  refused: (problem: Problem) => void;
  /** Somebody else stored something first. */
  contested: (current: Survey, etag: string, sent: Fields) => void;
}

export class Saver {
  state: SaveState = $state('saved');
  problem: Problem | undefined = $state.raw();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private isAgain = false;
  private failures = 0;
  private isOver = false;

  constructor(
    private readonly id: string,
    private etag: string,
    private readonly to: Saved,
  ) {}

  get isSettled(): boolean {
    return this.state === 'saved';
  }

  /** Something was changed. */
  changed(): void {
    if (this.state === 'contested') return;
    if (this.running) this.isAgain = true;
    else this.state = 'waiting';
    this.later(pauseMs);
  }

  /** Stores what waits now; resolves when the server has answered. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.state === 'saved' || this.state === 'contested') return;
    await this.running;
    if (this.isOver || this.stands !== 'waiting') return;
    this.running = this.store().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  /** As flush, also for what failed or was refused before. */
  async retry(): Promise<void> {
    if (this.state === 'failed' || this.state === 'refused') this.state = 'waiting';
    await this.flush();
  }

  /** Both changes were joined on top of the version with this tag. */
  joined(etag: string, isChanged: boolean): void {
    this.etag = etag;
    this.problem = undefined;
    this.state = isChanged ? 'waiting' : 'saved';
    if (isChanged) this.later(0);
  }

  /** The stored questionnaire is ours still, under another tag: the survey was published, say. */
  adopt(etag: string): void {
    if (this.state !== 'contested') this.etag = etag;
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** Read anew: other calls change the state while one waits. */
  private get stands(): SaveState {
    return this.state;
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.retry(), ms);
  }

  private async store(): Promise<void> {
    const document = this.to.document();
    this.state = 'saving';
    this.isAgain = false;
    try {
      const { data, etag } = await call('PUT /api/v1/surveys/{id}', {
        path: { id: this.id },
        body: document as Record<string, unknown>,
        ifMatch: this.etag,
      });
      this.etag = etag;
      this.failures = 0;
      this.problem = undefined;
      this.state = this.isAgain ? 'waiting' : 'saved';
      this.to.done(data, etag, document);
    } catch (thrown) {
      await this.failed(asProblem(thrown), document);
    }
  }

  private async failed(problem: Problem, document: Fields): Promise<void> {
    if (problem.status === 412) return this.meet(problem, document);
    this.problem = problem;
    const isRefused = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    if (isRefused) {
      this.state = this.isAgain ? 'waiting' : 'refused';
      this.to.refused(problem);
      if (this.isAgain) this.later(pauseMs);
      return;
    }
    this.state = 'failed';
    this.later(againMs[Math.min(this.failures, againMs.length - 1)] ?? pauseMs);
    this.failures += 1;
  }

  /** A 412 tells what is stored now; of two in one instant one is told without. */
  private async meet(problem: Problem, document: Fields): Promise<void> {
    this.state = 'contested';
    const told = problem.document['current'];
    if (typeof told === 'object' && told !== null && problem.etag !== '')
      return this.to.contested(told as Survey, problem.etag, document);
    try {
      const { data, etag } = await call('GET /api/v1/surveys/{id}', { path: { id: this.id } });
      this.to.contested(data, etag, document);
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = 'failed';
      this.later(againMs[1]);
    }
  }
}
