// Writes LimeSurvey structure files for tests, with the tables and fields such files have.

type Row = Record<string, string | number>;

type Texts = Record<string, string>;

export interface LimePart {
  readonly code: string;
  readonly texts: Texts;
  readonly scale?: number;
}

export interface LimeQuestion {
  readonly code: string;
  readonly type: string;
  readonly texts?: Record<string, string>;
  readonly subs?: readonly LimePart[];
  readonly answers?: readonly LimePart[];
  readonly relevance?: string;
  readonly other?: boolean;
  readonly mandatory?: boolean;
  readonly attributes?: Record<string, string>;
}

const table = (name: string, rows: readonly Row[]): string => {
  const fields = (row: Row): string => Object.entries(row)
    .map(([field, value]) => `<${field}><![CDATA[${value}]]></${field}>`).join('');
  const all = rows.map((row) => `<row>${fields(row)}</row>`).join('\n');
  return `<${name}><rows>${all}</rows></${name}>`;
};

const spread = (texts: Texts, row: (language: string, text: string) => Row): Row[] =>
  Object.entries(texts).map(([language, text]) => row(language, text));

/** A structure as versions 4 to 6 write it: texts in tables of their own. */
export const limeFile = (title: Texts, questions: readonly LimeQuestion[]): string => {
  const [base = 'en'] = Object.keys(title);
  const rows: Record<string, Row[]> = {
    groups: [{ gid: 1, group_order: 1, grelevance: '' }],
    group_l10ns: spread(title, (language) => ({ gid: 1, group_name: 'First', language })),
    questions: [], subquestions: [], question_l10ns: [], answers: [], answer_l10ns: [],
    question_attributes: [], surveys: [{ sid: 7, language: base }],
    surveys_languagesettings: spread(title, (language, text) =>
      ({ surveyls_language: language, surveyls_title: text })),
  };
  let id = 100;
  const words = (qid: number, texts: Record<string, string>): void => {
    rows.question_l10ns?.push(...spread(texts, (language, text) =>
      ({ qid, question: `<p>${text}</p>`, language })));
  };
  questions.forEach((one, order) => {
    const qid = id++;
    rows.questions?.push({
      qid, parent_qid: 0, gid: 1, type: one.type, title: one.code, question_order: order,
      other: one.other === true ? 'Y' : 'N', mandatory: one.mandatory === true ? 'Y' : 'N',
      relevance: one.relevance ?? '1', scale_id: 0,
    });
    words(qid, one.texts ?? { [base]: one.code });
    one.subs?.forEach((sub, place) => {
      const sid = id++;
      rows.subquestions?.push({
        qid: sid, parent_qid: qid, gid: 1, type: 'T', title: sub.code, question_order: place,
        scale_id: sub.scale ?? 0,
      });
      words(sid, sub.texts);
    });
    one.answers?.forEach((answer, place) => {
      const aid = id++;
      rows.answers?.push({
        aid, qid, code: answer.code, sortorder: place, scale_id: answer.scale ?? 0,
      });
      rows.answer_l10ns?.push(...spread(answer.texts, (language, text) =>
        ({ aid, answer: text, language })));
    });
    for (const [attribute, value] of Object.entries(one.attributes ?? {}))
      rows.question_attributes?.push({ qid, attribute, value, language: '' });
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>630</DBVersion>
${Object.entries(rows).map(([name, list]) => table(name, list)).join('\n')}
</document>`;
};
