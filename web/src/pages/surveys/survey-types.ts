import type { Routes } from '$lib/api/routes';

export type Survey = Routes['GET /api/v1/surveys/{id}']['answer'];
export type SurveyMode = Survey['mode'];

/** One entry of a report, as far as its simple picture needs it. */
export interface ReportQuestion {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  readonly answered: number;
  readonly not_shown: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly mean?: number;
  readonly nps?: number;
  readonly promoters?: number;
  readonly passives?: number;
  readonly detractors?: number;
  readonly parts?: readonly ReportPart[];
}

/** A row of a matrix, an item of a ranking. */
export interface ReportPart {
  readonly name: string;
  readonly title: string;
  readonly answered: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly mean?: number;
}
