import type { Routes } from '$lib/api/routes';

export type Survey = Routes['GET /api/v1/surveys/{id}']['answer'];
export type SurveyMode = Survey['mode'];

export type Pictures = Routes['GET /api/v1/surveys/{id}/report/pictures']['answer'];
export type PicturedQuestion = Pictures['questions'][number];

/** What a report is asked for; members of the query of its calls. */
export interface ReportQuery {
  filter?: string;
  from?: string;
  to?: string;
  compare?: string;
  label?: string;
  compare_label?: string;
}
