// Made by tools/console_api of the server's OpenAPI document. Do not change it here.

export type Nothing = Record<string, never>;

/** Every route of the interface: what it takes, what it answers with when it works. */
export interface Routes {
  /** The security statement as a signed document;
   *  everyone. */
  'GET /.well-known/probity-statement.json': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      version: number;
      generated_at: string;
      test_mode: boolean;
      counts: {
        held: number;
        broken: number;
        off: number;
        unknown: number;
        not_built: number;
      };
      limits: readonly (string)[];
      promises: readonly ({
        id: string;
        chapter: string;
        sentence: string;
        clauses: readonly (string)[];
        method: string;
        status: 'held' | 'broken' | 'off' | 'unknown' | 'not_built';
        checked_at: string | null;
        next_due: string | null;
        evidence: Record<string, unknown>;
      })[];
    };
  };
  /** What waits, or waited, for a second person's approval;
   *  permission:surveys.read. */
  'GET /api/v1/approvals': {
    path: Nothing;
    query: { state?: string; after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      })[];
      next: string | null;
    };
  };
  /** One request for approval;
   *  permission:surveys.read. */
  'GET /api/v1/approvals/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Approve, which does what was asked for; never by whoever asked;
   *  permission:surveys.read. */
  'POST /api/v1/approvals/{id}/approve': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Refuse, or withdraw what one asked for oneself;
   *  permission:surveys.read. */
  'POST /api/v1/approvals/{id}/refuse': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Entries of the audit log, oldest first or back from `before`; on record;
   *  permission:audit.read. */
  'GET /api/v1/audit': {
    path: Nothing;
    query: { after?: string; before?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        seq: number;
        id: string;
        at: string;
        action: string;
        says: string;
        actor: string;
        object: string;
        outcome: string;
        detail: unknown;
        hash: string;
      })[];
      next: number | null;
    };
  };
  /** Stream of events: how many changes the tenant has seen;
   *  signed-in. */
  'GET /api/v1/events': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Files an evidence record;
   *  permission:evidence.manage. */
  'POST /api/v1/evidence': {
    path: Nothing;
    query: Nothing;
    body: {
      kind: string;
      sha256?: string;
      file?: string;
      issuer: string;
      owner: string;
      issued: string;
      expires: string;
    };
    answer: {
      id: string;
      kind: string;
      sha256: string;
      issuer: string;
      owner: string;
      issued: string;
      expires: string;
      filed_at: string;
    };
  };
  /** Evidence records, in order of filing;
   *  permission:evidence.read. */
  'GET /api/v1/evidence': {
    path: Nothing;
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        kind: string;
        sha256: string;
        issuer: string;
        owner: string;
        issued: string;
        expires: string;
        filed_at: string;
      })[];
      next: string | null;
    };
  };
  /** Deletes an evidence record;
   *  permission:evidence.manage. */
  'DELETE /api/v1/evidence/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** Ask for an archive of everything of the tenant;
   *  permission:tenant.export. */
  'POST /api/v1/export': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      job: {
        id: string;
        status: string;
        requested_at: string;
        expires_at: string;
        archive: string;
      };
    };
  };
  /** State of an export;
   *  permission:tenant.export. */
  'GET /api/v1/export/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      job: {
        id: string;
        status: string;
        requested_at: string;
        expires_at: string;
        archive: string;
      };
    };
  };
  /** The archive: gzip-compressed tar, made while it is read;
   *  permission:tenant.export. */
  'GET /api/v1/export/{id}/archive': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Log in; answers with the session cookie;
   *  everyone. */
  'POST /api/v1/login': {
    path: Nothing;
    query: Nothing;
    body: {
      tenant: string;
      email: string;
      password: string;
      otp?: string;
      credential?: Record<string, unknown>;
    };
    answer: {
      tenant: string;
      organisation?: string;
      user: {
        id: string;
        email: string;
        role: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
        permissions: readonly (string)[];
      };
      enrolment_due: boolean;
      password: {
        ends_at: string | null;
        reminder: boolean;
        expired: boolean;
      };
      csrf_token: string;
      session: {
        id: string;
        expires_at: string;
        idle_expires_at: string;
      };
    };
  };
  /** Log in by a passkey alone; answers with the session cookie;
   *  everyone. */
  'POST /api/v1/login/passkey': {
    path: Nothing;
    query: Nothing;
    body: {
      credential: Record<string, unknown>;
    };
    answer: {
      tenant: string;
      organisation?: string;
      user: {
        id: string;
        email: string;
        role: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
        permissions: readonly (string)[];
      };
      enrolment_due: boolean;
      password: {
        ends_at: string | null;
        reminder: boolean;
        expired: boolean;
      };
      csrf_token: string;
      session: {
        id: string;
        expires_at: string;
        idle_expires_at: string;
      };
    };
  };
  /** What a browser asks a passkey for, to log in by it alone;
   *  everyone. */
  'GET /api/v1/login/passkey/options': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      options: Record<string, unknown>;
    };
  };
  /** End this session;
   *  signed-in. */
  'POST /api/v1/logout': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** The signed-in member, its session and its CSRF token;
   *  signed-in. */
  'GET /api/v1/me': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      tenant: string;
      organisation?: string;
      user: {
        id: string;
        email: string;
        role: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
        permissions: readonly (string)[];
      };
      enrolment_due: boolean;
      password: {
        ends_at: string | null;
        reminder: boolean;
        expired: boolean;
      };
      csrf_token: string;
      session: {
        id: string;
        expires_at: string;
        idle_expires_at: string;
      };
    };
  };
  /** The member's own second factors;
   *  signed-in. */
  'GET /api/v1/me/factors': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        kind: 'totp' | 'passkey';
        name: string;
        created_at: string;
        used_at: string | null;
      })[];
      next: null;
      recovery_codes: number;
      is_required: boolean;
    };
  };
  /** Set up an app by its code or a passkey by its credential;
   *  signed-in. */
  'POST /api/v1/me/factors': {
    path: Nothing;
    query: Nothing;
    body: {
      ticket?: string;
      code?: string;
      credential?: Record<string, unknown>;
      name: string;
    };
    answer: {
      id: string;
      recovery_codes: readonly (string)[];
    };
  };
  /** What a browser makes a passkey from; nothing is stored yet;
   *  signed-in. */
  'POST /api/v1/me/factors/passkey': {
    path: Nothing;
    query: Nothing;
    body: {
      password: string;
      code?: string;
      credential?: Record<string, unknown>;
    };
    answer: {
      options: Record<string, unknown>;
    };
  };
  /** A secret for an authenticator app; nothing is stored yet;
   *  signed-in. */
  'POST /api/v1/me/factors/totp': {
    path: Nothing;
    query: Nothing;
    body: {
      password: string;
      code?: string;
      credential?: Record<string, unknown>;
    };
    answer: {
      ticket: string;
      secret: string;
      uri: string;
      qr_svg: string;
    };
  };
  /** Take one of the own second factors away; ends every other session;
   *  signed-in. */
  'POST /api/v1/me/factors/{id}/remove': {
    path: { id: string };
    query: Nothing;
    body: {
      password: string;
      code?: string;
      credential?: Record<string, unknown>;
    };
    answer: Nothing;
  };
  /** Change the own password; ends every session;
   *  signed-in. */
  'POST /api/v1/me/password': {
    path: Nothing;
    query: Nothing;
    body: {
      current: string;
      new: string;
    };
    answer: Nothing;
  };
  /** New recovery codes; the old ones die;
   *  signed-in. */
  'POST /api/v1/me/recovery-codes': {
    path: Nothing;
    query: Nothing;
    body: {
      password: string;
      code?: string;
      credential?: Record<string, unknown>;
    };
    answer: {
      recovery_codes: readonly (string)[];
    };
  };
  /** What the signed-in member has stored, and may;
   *  signed-in. */
  'GET /api/v1/me/storage': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      used: {
        files: number;
        bytes: number;
      };
      limit: {
        files: number;
        bytes: number;
      };
    };
  };
  /** The rules for passwords: those named, the own organisation's, or the default;
   *  everyone. */
  'GET /api/v1/policy/password': {
    path: Nothing;
    query: { profile?: string };
    body: undefined;
    answer: {
      profile: string;
      version: number;
      min_length: number;
      max_length: number;
      composition_rules: boolean;
      rotation_days: number | null;
      reminder_day: number | null;
      history: number;
      unique_among_members: boolean;
      rules: readonly ({
        name: string;
        text: string;
      })[];
      profiles: readonly (string)[];
    };
  };
  /** Every stored personal column with purpose and retention;
   *  permission:privacy.read. */
  'GET /api/v1/privacy/inventory': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      items: readonly ({
        module: string;
        table: string;
        column: string;
        what: string;
        purpose: string;
        retention: string;
        storage: string;
      })[];
      next: null;
    };
  };
  /** The member's own sessions;
   *  signed-in. */
  'GET /api/v1/sessions': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        started_at: string;
        last_active_at: string;
        network: string;
        is_current: boolean;
      })[];
      next: null;
    };
  };
  /** End all own sessions, and on request all own API tokens;
   *  signed-in. */
  'POST /api/v1/sessions/revoke-all': {
    path: Nothing;
    query: Nothing;
    body: {
      tokens?: boolean;
    };
    answer: Nothing;
  };
  /** End one of the own sessions;
   *  signed-in. */
  'DELETE /api/v1/sessions/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** Set a password with a set-up or invitation link; does not log in;
   *  link. */
  'POST /api/v1/setup': {
    path: Nothing;
    query: Nothing;
    body: {
      token: string;
      password: string;
    };
    answer: Nothing;
  };
  /** Create a survey from a questionnaire, or from a template;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys': {
    path: Nothing;
    query: { mode?: string; template?: string };
    body: Record<string, unknown>;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** List surveys;
   *  permission:surveys.read. */
  'GET /api/v1/surveys': {
    path: Nothing;
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        title: string;
        mode: 'anonymous' | 'confidential' | 'identified';
        status: 'draft' | 'open' | 'closed';
        version: number;
        published_version: number | null;
        responses: number;
        opens_at: string | null;
        closes_at: string | null;
        response_cap: number | null;
        retention_days: number | null;
        created_at: string;
        updated_at: string;
        updated_by?: string | null;
        token?: string;
        pages?: Record<string, unknown>;
        logo?: Record<string, unknown> | null;
        warnings?: readonly ({
          path: string;
          reason: string;
        })[];
        questionnaire?: Record<string, unknown>;
      })[];
      next: string | null;
    };
  };
  /** Make a survey from a table with responses, a SurveyJS document or a LimeSurvey structure;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/import': {
    path: Nothing;
    query: { title?: string; header_rows?: string; encoding?: string; missing?: string;
       joined?: string; dry_run?: string; mode?: string };
    body: undefined;
    answer: {
      survey: Record<string, unknown>;
      imported: number;
      refused: readonly ({
        row?: number;
        reason?: string;
      })[];
      refused_count?: number;
      questions: readonly (unknown)[];
      notes?: readonly (unknown)[];
    };
  };
  /** Read a survey and its questionnaire;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}': {
    path: { id: string };
    query: { version?: string };
    body: undefined;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** Replace the questionnaire of the draft;
   *  permission:surveys.edit. */
  'PUT /api/v1/surveys/{id}': {
    path: { id: string };
    query: Nothing;
    body: Record<string, unknown>;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** Delete a survey with its responses;
   *  permission:surveys.edit. */
  'DELETE /api/v1/surveys/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Take no more responses;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/{id}/close': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** Make a draft with the same questionnaire;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/{id}/duplicate': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** Export responses as CSV;
   *  permission:responses.read. */
  'GET /api/v1/surveys/{id}/export.csv': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Export responses as JSON Lines;
   *  permission:responses.read. */
  'GET /api/v1/surveys/{id}/export.jsonl': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Put a picture at the head of a survey's pages;
   *  permission:surveys.edit. */
  'PUT /api/v1/surveys/{id}/logo': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      path: string;
      type: 'image/png' | 'image/jpeg' | 'image/webp';
      width: number;
      height: number;
    };
  };
  /** The picture at the head of a survey's pages;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/logo': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Take the picture away;
   *  permission:surveys.edit. */
  'DELETE /api/v1/surveys/{id}/logo': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** A questionnaire as its respondents see it;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/preview': {
    path: { id: string };
    query: { lang?: string; version?: string };
    body: undefined;
    answer: string;
  };
  /** One page of a preview, filled in; nothing is stored;
   *  permission:surveys.read. */
  'POST /api/v1/surveys/{id}/preview': {
    path: { id: string };
    query: { lang?: string; version?: string };
    body: undefined;
    answer: string;
  };
  /** Publish the draft and open the survey;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/{id}/publish': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      token: string;
      path: string;
      id: string;
      status: string;
      version: number;
    };
  };
  /** The public link as a QR code;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/qr.png': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** The public link as a QR code;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/qr.svg': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: string;
  };
  /** Take responses again;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/{id}/reopen': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** Counts, shares, means and promoter scores;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report': {
    path: { id: string };
    query: { filter?: string; from?: string; to?: string; version?: string; weight?: string;
       compare?: string };
    body: undefined;
    answer: {
      survey?: string;
      version?: number;
      window?: {
        unit?: 'day' | 'hour';
        from?: string | null;
        to?: string | null;
      };
      responses: number | null;
      weight?: {
        question?: string;
        n?: number;
        n_weighted?: number;
        n_effective?: number;
        without_weight?: number;
      };
      questions: readonly ({
        name: string;
        title: string;
        type: string;
        answered: number | null;
        blank: number | null;
        not_shown?: number | null;
        skipped?: number | null;
        declared_missing?: number;
        undeclared?: number;
        counts: Record<string, unknown>;
        mean?: number;
        deviation?: number;
        median?: number;
        nps?: number;
        promoters?: number | null;
        passives?: number | null;
        detractors?: number | null;
        nps_interval?: {
          low: number;
          high: number;
        };
        shares?: readonly ({
          text: string;
          share?: number;
          low?: number;
          high?: number;
          weighted?: {
            share?: number;
            low?: number;
            high?: number;
          };
        })[];
        histogram?: readonly ({
          from: number;
          to: number;
          count: number;
        })[];
        weighted?: {
          n?: number;
          n_effective?: number;
          mean?: number;
          nps?: number;
          nps_interval?: {
            low: number;
            high: number;
          };
          estimated?: boolean;
        };
        pooled?: readonly ({
          values: readonly (string)[];
          count: number;
        })[];
        suppressed?: boolean;
        estimated?: boolean;
        parts?: readonly ({
          name: string;
          title: string;
          answered: number | null;
          blank: number | null;
          counts?: Record<string, unknown>;
          mean?: number;
          deviation?: number;
          median?: number;
          shares?: readonly ({
            text: string;
            share?: number;
            low?: number;
            high?: number;
            weighted?: {
              share?: number;
              low?: number;
              high?: number;
            };
          })[];
          pooled?: readonly ({
            values: readonly (string)[];
            count: number;
          })[];
          estimated?: boolean;
        })[];
      })[];
      methods?: {
        shares?: string;
        nps_interval?: string;
        weights?: string;
      };
      suppressed?: boolean;
      group_size_min?: number;
      reason?: string;
      compared?: {
        window?: Record<string, unknown>;
        responses?: number | null;
        questions?: readonly (unknown)[];
        suppressed?: boolean;
        group_size_min?: number;
        reason?: string;
      };
      comparison?: {
        level?: number;
        correction?: string;
        methods?: string;
        tests?: readonly ({
          question: string;
          part?: string;
          method: 'chi-square' | 'fisher' | 'welch' | 'nps';
          statistic?: number;
          freedom?: number;
          difference?: number;
          p: number;
          p_corrected: number;
          significant: boolean;
          approximate?: boolean;
        })[];
      };
    };
  };
  /** The report as PDF;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report.pdf': {
    path: { id: string };
    query: { filter?: string; from?: string; to?: string; version?: string; weight?: string;
       compare?: string; width?: string; label?: string; compare_label?: string };
    body: undefined;
    answer: string;
  };
  /** The report as a workbook;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report.xlsx': {
    path: { id: string };
    query: { filter?: string; from?: string; to?: string; version?: string; weight?: string;
       compare?: string; width?: string; label?: string; compare_label?: string };
    body: undefined;
    answer: string;
  };
  /** Read and search the texts of one question;
   *  permission:responses.read. */
  'GET /api/v1/surveys/{id}/report/comments': {
    path: { id: string };
    query: { question?: string; q?: string; after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        text?: string;
      })[];
      next: string | null;
      suppressed?: boolean;
      group_size_min?: number;
    };
  };
  /** Make a link to the report; shown this once;
   *  permission:surveys.edit. */
  'POST /api/v1/surveys/{id}/report/links': {
    path: { id: string };
    query: Nothing;
    body: {
      expires_in_hours: number;
      name?: string;
      filter?: string;
      from?: string;
      to?: string;
      compare?: string;
      weight?: string;
      label?: string;
      compare_label?: string;
      version?: number;
    };
    answer: {
      id: string;
      token: string;
      path: string;
      expires_at: string;
    };
  };
  /** Links to the report;
   *  permission:surveys.edit. */
  'GET /api/v1/surveys/{id}/report/links': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        name: string;
        created_at: string;
        expires_at: string;
        created_by: string;
        is_expired: boolean;
        filter?: string;
        from?: string;
        to?: string;
        compare?: string;
        weight?: string;
        label?: string;
        compare_label?: string;
        version?: number | null;
      })[];
      next: null;
    };
  };
  /** Take a link to the report away;
   *  permission:surveys.edit. */
  'DELETE /api/v1/surveys/{id}/report/links/{link}': {
    path: { id: string; link: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** Each question's picture, notes and table;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report/pictures': {
    path: { id: string };
    query: { filter?: string; from?: string; to?: string; version?: string; weight?: string;
       compare?: string; width?: string; label?: string; compare_label?: string;
          question?: string };
    body: undefined;
    answer: {
      survey?: string;
      version?: number;
      window?: {
        unit?: 'day' | 'hour';
        from?: string | null;
        to?: string | null;
      };
      responses: number | null;
      group_size_min?: number;
      suppressed?: boolean;
      reason?: string;
      compared?: {
        window?: Record<string, unknown>;
        responses: number | null;
        group_size_min?: number;
        suppressed?: boolean;
        reason?: string;
      };
      questions: readonly ({
        name: string;
        title: string;
        type: string;
        picture?: {
          width: number;
          height: number;
          title: string;
          description: string;
          shapes: readonly ({
            kind: 'rect' | 'line' | 'text';
            ink: string;
            x?: number;
            y?: number;
            width?: number;
            height?: number;
            x1?: number;
            y1?: number;
            x2?: number;
            y2?: number;
            text?: string;
            size?: number;
            anchor?: 'start' | 'middle' | 'end';
            bold?: boolean;
          })[];
        };
        notes: readonly (string)[];
        table?: {
          headings: readonly (string)[];
          rows: readonly (readonly (string)[])[];
        };
        filters: readonly ({
          text: string;
          filter: string;
        })[];
        variable?: string;
        input?: string;
        is_text?: boolean;
        comments?: string;
      })[];
    };
  };
  /** One picture: the question's name, .svg or .png;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report/pictures/{file}': {
    path: { id: string; file: string };
    query: { filter?: string; from?: string; to?: string; version?: string; weight?: string;
       compare?: string; width?: string; label?: string; compare_label?: string };
    body: undefined;
    answer: string;
  };
  /** The words said most in one question;
   *  permission:reports.read. */
  'GET /api/v1/surveys/{id}/report/words': {
    path: { id: string };
    query: { question?: string; limit?: string };
    body: undefined;
    answer: {
      answered?: number;
      words: readonly ({
        word?: string;
        responses?: number;
      })[];
      next?: null;
      suppressed?: boolean;
      group_size_min?: number;
    };
  };
  /** Read single responses;
   *  permission:responses.read. */
  'GET /api/v1/surveys/{id}/responses': {
    path: { id: string };
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        received_at: string;
        version: number;
        answers: Record<string, unknown>;
      })[];
      next: string | null;
    };
  };
  /** Erase one response;
   *  permission:responses.erase. */
  'DELETE /api/v1/surveys/{id}/responses/{rid}': {
    path: { id: string; rid: string };
    query: Nothing;
    body: undefined;
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Change when a survey is open, its cap, its retention and its pages;
   *  permission:surveys.edit. */
  'PATCH /api/v1/surveys/{id}/settings': {
    path: { id: string };
    query: Nothing;
    body: {
      opens_at?: string | null;
      closes_at?: string | null;
      response_cap?: number | null;
      retention_days?: number | null;
      pages?: {
        review?: boolean | null;
        receipt?: boolean | null;
        keep_locally?: boolean | null;
        trap?: boolean | null;
        kiosk?: boolean | null;
        seconds_min?: number | null;
        per_minute?: number | null;
        kiosk_idle_s?: number | null;
        colour?: string | null;
        logo_alt?: string | null;
        imprint?: string | null;
        imprint_url?: string | null;
        frame_origin?: string | null;
        thanks?: string | null;
        closed?: string | null;
        redirect?: string | null;
      };
    };
    answer: {
      id: string;
      title: string;
      mode: 'anonymous' | 'confidential' | 'identified';
      status: 'draft' | 'open' | 'closed';
      version: number;
      published_version: number | null;
      responses: number;
      opens_at: string | null;
      closes_at: string | null;
      response_cap: number | null;
      retention_days: number | null;
      created_at: string;
      updated_at: string;
      updated_by?: string | null;
      token?: string;
      pages?: Record<string, unknown>;
      logo?: Record<string, unknown> | null;
      warnings?: readonly ({
        path: string;
        reason: string;
      })[];
      questionnaire?: Record<string, unknown>;
    };
  };
  /** List the versions of a survey;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/versions': {
    path: { id: string };
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        version: number;
        is_draft: boolean;
        is_current: boolean;
        published_at: string | null;
      })[];
      next: string | null;
    };
  };
  /** What version b asks otherwise than version a;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/versions/{a}/differences/{b}': {
    path: { id: string; a: string; b: string };
    query: Nothing;
    body: undefined;
    answer: {
      survey: readonly ({
        member?: string;
        before?: unknown;
        after?: unknown;
        words?: string;
      })[];
      added: readonly (Record<string, unknown>)[];
      removed: readonly (Record<string, unknown>)[];
      moved: readonly (Record<string, unknown>)[];
      changed: readonly (Record<string, unknown>)[];
    };
  };
  /** The questionnaire of a version;
   *  permission:surveys.read. */
  'GET /api/v1/surveys/{id}/versions/{n}': {
    path: { id: string; n: string };
    query: Nothing;
    body: undefined;
    answer: {
      version: number;
      is_draft?: boolean;
      is_current?: boolean;
      published_at?: string | null;
      questionnaire: Record<string, unknown>;
    };
  };
  /** List the questionnaires to begin with;
   *  permission:surveys.read. */
  'GET /api/v1/templates': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        title: Record<string, unknown>;
        description: Record<string, unknown>;
        languages: readonly (string)[];
        questions: number;
        minutes: number;
      })[];
    };
  };
  /** Read a questionnaire to begin with;
   *  permission:surveys.read. */
  'GET /api/v1/templates/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      id: string;
      title: Record<string, unknown>;
      description: Record<string, unknown>;
      languages: readonly (string)[];
      questions: number;
      minutes: number;
      questionnaire: Record<string, unknown>;
    };
  };
  /** Settings of the tenant, with their version as ETag;
   *  permission:settings.read. */
  'GET /api/v1/tenant/settings': {
    path: Nothing;
    query: Nothing;
    body: undefined;
    answer: {
      session_idle_s: number;
      organisation_name: string;
      address_format: 'v4/24' | 'v4/16' | 'v4/8' | 'none';
      privacy_contact: string;
      group_size_min: number;
      approval_required: boolean;
      second_factor_roles: readonly ('none' | 'owner' | 'editor' | 'analyst' | 'auditor')[];
      password_profile: 'nist-r4' | 'vwo' | 'mindaclient';
      network_allow: readonly (string)[];
      network_deny: readonly (string)[];
      own_address: string;
    };
  };
  /** Change settings; with If-Match only if nobody else did;
   *  permission:settings.manage. */
  'PATCH /api/v1/tenant/settings': {
    path: Nothing;
    query: Nothing;
    body: {
      session_idle_s?: number;
      organisation_name?: string;
      address_format?: 'v4/24' | 'v4/16' | 'v4/8' | 'none';
      privacy_contact?: string;
      group_size_min?: number;
      approval_required?: boolean;
      second_factor_roles?: readonly ('none' | 'owner' | 'editor' | 'analyst' | 'auditor')[];
      password_profile?: 'nist-r4' | 'vwo' | 'mindaclient';
      network_allow?: readonly (string)[];
      network_deny?: readonly (string)[];
      network_force?: boolean;
    };
    answer: {
      approval: {
        id: string;
        action: string;
        object: string;
        number: number | null;
        state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
        asked_by: string;
        asked_by_email?: string;
        is_own: boolean;
        asked_at: string;
        expires_at: string;
        decided_by: string | null;
        decided_at: string | null;
      };
    };
  };
  /** Make an API token; its text is shown this once;
   *  permission:tokens.manage. */
  'POST /api/v1/tokens': {
    path: Nothing;
    query: Nothing;
    body: {
      name: string;
      scopes: readonly (string)[];
      expires_in_days?: number;
    };
    answer: {
      id: string;
      token: string;
    };
  };
  /** API tokens of the tenant;
   *  permission:tokens.manage. */
  'GET /api/v1/tokens': {
    path: Nothing;
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        name: string;
        scopes: readonly (string)[];
        made_by: string;
        created_at: string;
        expires_at: string | null;
        used_on: string | null;
      })[];
      next: string | null;
    };
  };
  /** Revoke an API token;
   *  permission:tokens.manage. */
  'DELETE /api/v1/tokens/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** Members of the tenant;
   *  permission:users.read. */
  'GET /api/v1/users': {
    path: Nothing;
    query: { after?: string; limit?: string };
    body: undefined;
    answer: {
      items: readonly ({
        id: string;
        email: string;
        role: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
        state: 'invited' | 'active' | 'disabled';
        created_at: string;
        last_login_at: string | null;
      })[];
      next: string | null;
    };
  };
  /** Add a member; answers with the path of its set-up link;
   *  permission:users.manage. */
  'POST /api/v1/users': {
    path: Nothing;
    query: Nothing;
    body: {
      email: string;
      role?: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
    };
    answer: {
      id: string;
      invite_path: string;
    };
  };
  /** Change a member's role or shut it out; ends its sessions;
   *  permission:users.manage. */
  'PATCH /api/v1/users/{id}': {
    path: { id: string };
    query: Nothing;
    body: {
      role?: 'none' | 'owner' | 'editor' | 'analyst' | 'auditor';
      disabled?: boolean;
    };
    answer: Nothing;
  };
  /** Delete a member with everything personal;
   *  permission:users.manage. */
  'DELETE /api/v1/users/{id}': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
  /** A new set-up link for a member; earlier ones die;
   *  permission:users.manage. */
  'POST /api/v1/users/{id}/invite': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: {
      id: string;
      invite_path: string;
    };
  };
  /** Take a member's second factors away, for one who has lost them; ends its sessions;
   *  permission:users.manage. */
  'POST /api/v1/users/{id}/reset-factors': {
    path: { id: string };
    query: Nothing;
    body: undefined;
    answer: Nothing;
  };
}
